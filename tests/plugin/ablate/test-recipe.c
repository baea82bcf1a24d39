/* A recipe beside a file that was trained by it, in both kinds: what core/learn/loop.c writes is
 * what the comparison reads. */
#include "plugin/ablate/recipe.h"

#include "core/error.h"
#include "core/learn/train.h"
#include "tests/core/learn/synthetic.h"
#include "tests/support/says.h"

#include <glib/gstdio.h>

static DkmAblateRecipe *recipe_of(const char *json)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonParser) parser = json_parser_new();
    DkmAblateRecipe *recipe = dkm_ablate_recipe_new();
    g_assert_true(json_parser_load_from_data(parser, json, -1, &error));
    g_assert_true(dkm_ablate_recipe_read(recipe, json_node_get_object(json_parser_get_root(parser)),
                                         "here", &error));
    g_assert_no_error(error);
    return recipe;
}

/* The diffusion module of fold 2 that the recipe below asks for. */
static DkmWeights *train(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) cases = synthetic_cases(10, 1, 32);
    g_autofree char *path = NULL;
    const int file = g_file_open_tmp("dkm-XXXXXX.safetensors", &path, &error);
    DkmPreset preset;
    g_assert_true(dkm_preset_find("tiny", &preset, &error));
    g_assert_true(g_close(file, &error));
    DkmTrainOptions o = dkm_train_options_dm();
    o.preset = &preset;
    o.cases = cases;
    o.out = path;
    o.device = "reference";
    o.threads = 1;
    o.dtype = DKM_F32;
    o.epochs = 1;
    o.batch = 2;
    o.side = 16;
    o.rate = 4e-4f;
    o.cosine = TRUE;
    o.dropout = 0;
    o.split = (DkmSplit){0, 2};
    o.validation_slices = 0;
    g_assert_true(dkm_train_dm(&o, NULL, &error));
    g_assert_no_error(error);
    DkmWeights *weights = dkm_weights_open(path, &error);
    g_assert_no_error(error);
    g_autofree char *checkpoint = g_strconcat(path, ".checkpoint", NULL);
    g_unlink(checkpoint);
    g_unlink(path);
    return weights;
}

static const char *const as_trained =
    "{\"preset\": \"tiny\", \"epochs\": 1, \"batch\": 2, \"side\": 16, \"rate\": 4e-4,"
    "\"cosine\": true, \"dropout\": 0, \"precision\": \"f32\", \"validation\": 7}";

/* Each change of the recipe is found, with its name. */
static void test_matches(void)
{
    static const struct {
        const char *change, *says;
    } others[] = {{"{\"preset\": \"small\"}", "preset should be small"},
                  {"{\"reading\": \"A\"}", "reading should be A"},
                  {"{\"tap\": \"encoder\"}", "tap should be encoder"},
                  {"{\"normalisation\": \"volume\"}", "normalisation should be volume"},
                  {"{\"batch\": 4}", "--batch should be batch 4"},
                  {"{\"side\": 32}", "--side should be side 32"},
                  {"{\"rate\": 0.0005}", "--rate should be rate 0.0005 over 1 epochs"},
                  {"{\"cosine\": false}", "--rate should be rate 0.0004 constant"},
                  {"{\"epochs\": 2}", "over 2 epochs"},
                  {"{\"average\": 0.5}", "average 0.5"},
                  {"{\"dropout\": null}", "dropout 0.1"},
                  {"{\"weight-decay\": 1}", "decay 1"},
                  {"{\"no-augment\": true}", "centred"},
                  {"{\"precision\": null}", "bf16"},
                  {"{\"seed\": 3}", "seed 3"},
                  {"{\"colour\": \"red\"}", "colour should be red"}};
    g_autoptr(DkmWeights) weights = train();
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) recipe = recipe_of(as_trained);
    g_assert_true(dkm_ablate_recipe_matches(recipe, "dm", 2, weights, &error));
    g_assert_no_error(error);
    g_assert_false(dkm_ablate_recipe_matches(recipe, "dm", 1, weights, NULL));
    g_assert_false(dkm_ablate_recipe_matches(recipe, "sm", 2, weights, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(GError) why = NULL;
        g_autoptr(GArray) other = dkm_ablate_recipe_dup(recipe);
        g_autoptr(JsonParser) parser = json_parser_new();
        g_assert_true(json_parser_load_from_data(parser, others[i].change, -1, NULL));
        g_assert_true(dkm_ablate_recipe_read(
            other, json_node_get_object(json_parser_get_root(parser)), "here", NULL));
        g_assert_false(dkm_ablate_recipe_matches(other, "dm", 2, weights, &why));
        g_assert_error(why, DKM_ERROR, DKM_ERROR_INPUT);
        assert_says(why->message, others[i].says);
    }
}

static void test_options(void)
{
    g_autoptr(GArray) recipe =
        recipe_of("{\"rate\": 0.001, \"augment\": true, \"fusion\": \"f3\"}");
    g_autoptr(GArray) same = recipe_of("{\"fusion\": \"f3\", \"rate\": 1e-3, \"augment\": true}");
    g_autofree char *one = dkm_ablate_recipe_text(recipe, "sm", 1),
                    *two = dkm_ablate_recipe_text(same, "sm", 1);
    g_assert_cmpstr(one, ==, two);
    g_assert_cmpstr(dkm_ablate_recipe_get(recipe, "augment"), ==, "");
    g_assert_cmpstr(dkm_ablate_recipe_get(recipe, "fusion"), ==, "f3");
    g_assert_null(dkm_ablate_recipe_get(recipe, "batch"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ablate/recipe/matches", test_matches);
    g_test_add_func("/ablate/recipe/options", test_options);
    return g_test_run();
}
