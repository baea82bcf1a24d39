/* Of the training patients alone, and in the file that a training writes. */
#include "core/learn/input-statistics.h"
#include "core/learn/train.h"
#include "core/net/weights.h"
#include "synthetic.h"

#include <glib/gstdio.h>

static void test_training_patients(void)
{
    g_autoptr(GPtrArray) cases = synthetic_cases(12, 3, 32);
    const DkmSplit split = {0, 1};
    guint training = 0;
    for (guint i = 0; i < cases->len; i++) {
        DkmCase *c = g_ptr_array_index(cases, i);
        const gboolean counts = dkm_split_role(&split, c->name) == DKM_SPLIT_TRAINING;
        training += counts;
        c->acquisition.has_header = TRUE;
        c->acquisition.field_tesla = counts ? 3 : 1;
    }
    DkmTrainedOn trained;
    g_autofree char *text = dkm_input_statistics(cases, &split);
    g_assert_true(dkm_trained_on_parse(text, &trained));
    g_assert_cmpuint(training, <, cases->len);
    g_assert_cmpuint(trained.patients, ==, training);
    g_assert_cmpuint(trained.slices, ==, 3 * training);
    g_assert_cmpuint(trained.n_fields, ==, 1);
    g_assert_cmpfloat(trained.field_tesla[0], ==, 3);
    g_assert_cmpfloat(trained.pixel_mm.low, ==, 0.7);
    g_assert_cmpfloat(trained.high[DKM_TRAINED_EARLY].low, >, trained.high[DKM_TRAINED_PRE].high);
}

static void test_file(void)
{
    g_autoptr(GPtrArray) cases = synthetic_cases(8, 3, 32);
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("dkm-statistics-XXXXXX", &error);
    g_autofree char *path = g_build_filename(folder, "dm.safetensors", NULL);
    g_autofree char *checkpoint = g_strconcat(path, ".checkpoint", NULL);
    DkmPreset preset;
    DkmTrainOptions options = dkm_train_options_dm();
    g_assert_true(dkm_preset_find("tiny", &preset, &error));
    options.preset = &preset;
    options.cases = cases;
    options.out = path;
    options.device = "cpu";
    options.threads = 1;
    options.epochs = 0;
    options.batch = 2;
    options.side = 16;
    g_assert_true(dkm_train_dm(&options, NULL, &error));
    g_autoptr(DkmWeights) weights = dkm_weights_open(path, &error);
    g_assert_no_error(error);
    g_autofree char *wanted = dkm_input_statistics(cases, &options.split);
    g_assert_cmpstr(dkm_weights_meta(weights, DKM_TRAINED_ON_KEY), ==, wanted);
    g_unlink(path);
    g_unlink(checkpoint);
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/learn/input-statistics/training-patients", test_training_patients);
    g_test_add_func("/learn/input-statistics/file", test_file);
    return g_test_run();
}
