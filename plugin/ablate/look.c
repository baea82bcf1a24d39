/* What lies in the folder of results already, and whether it is this plan's. */
#include "plugin/ablate/ablate.h"
#include "plugin/ablate/json-read.h"

#include "core/error.h"
#include "core/regular-file.h"

#include <math.h>
#include <string.h>

enum { MAX_EVALUATION_BYTES = 64 << 20 };

static DkmAblateStep *step_of(const GArray *steps, guint i)
{
    return &g_array_index(steps, DkmAblateStep, i);
}

char *dkm_ablate_path(const DkmAblate *ablate, const DkmAblateStep *step, const char *ending)
{
    g_autofree char *name = dkm_ablate_step_name(ablate->plan, step);
    g_autofree char *file = g_strconcat(name, ending, NULL);
    return g_build_filename(ablate->out, file, NULL);
}

const DkmAblateRecipe *dkm_ablate_step_recipe(const DkmAblate *ablate, const DkmAblateStep *step)
{
    return step->kind == DKM_ABLATE_DM
               ? dkm_ablate_plan_diffusion(ablate->plan, (guint)step->diffusion)->recipe
               : dkm_ablate_plan_row(ablate->plan, (guint)step->row)->recipe;
}

const char *dkm_ablate_kind_name(DkmAblateKind kind)
{
    static const char *const names[] = {"dm", "sm", "evaluation"};
    return names[kind];
}

G_GNUC_PRINTF(2, 3)
static void fail(DkmAblateStep *step, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    g_free(step->why);
    step->why = g_strdup_vprintf(format, values);
    va_end(values);
    step->state = DKM_ABLATE_FAILED;
}

static gboolean is_there(const DkmAblate *ablate, const DkmAblateStep *step, const char *ending)
{
    g_autofree char *path = dkm_ablate_path(ablate, step, ending);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static DkmWeights *open_model(const DkmAblate *ablate, const DkmAblateStep *step, GError **error)
{
    g_autofree char *path = dkm_ablate_path(ablate, step, DKM_ABLATE_MODEL);
    return dkm_weights_open(path, error);
}

/* The hash of the model that step I needs; NULL where it needs none, or it cannot be read. */
static char *needed_sha256(const DkmAblate *ablate, const GArray *steps, guint i)
{
    const int needs = step_of(steps, i)->needs;
    g_autoptr(DkmWeights) weights =
        needs >= 0 ? open_model(ablate, step_of(steps, (guint)needs), NULL) : NULL;
    return weights ? g_strdup(dkm_weights_sha256(weights)) : NULL;
}

static DkmAblateRecord *load_record(const DkmAblate *ablate, const DkmAblateStep *step,
                                    GError **error)
{
    g_autofree char *path = dkm_ablate_path(ablate, step, DKM_ABLATE_RECORD);
    return dkm_ablate_record_load(path, error);
}

static gint64 seed_of(const DkmAblateRecipe *recipe)
{
    const char *text = dkm_ablate_recipe_get(recipe, "seed");
    return text ? g_ascii_strtoll(text, NULL, 10) : 0;
}

DkmAblateRecord *dkm_ablate_open_record(const DkmAblate *ablate, const GArray *steps, guint i,
                                        GError **error)
{
    const DkmAblateStep *step = step_of(steps, i);
    const DkmAblateRecipe *recipe = dkm_ablate_step_recipe(ablate, step);
    g_autoptr(GError) cause = NULL;
    DkmAblateRecord *record = load_record(ablate, step, &cause);
    if (cause) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return NULL;
    }
    if (!record)
        record = dkm_ablate_record_new();
    g_free(record->recipe);
    g_free(record->dm_sha256);
    record->recipe = dkm_ablate_recipe_text(recipe, dkm_ablate_kind_name(step->kind), step->fold);
    record->dm_sha256 = needed_sha256(ablate, steps, i);
    record->seed = seed_of(recipe);
    record->fold = step->fold;
    return record;
}

/* -- trainings */

static guint epochs_done(const DkmWeights *weights)
{
    g_autoptr(GArray) epochs = dkm_ablate_parse_history(dkm_weights_meta(weights, "history"));
    return epochs->len;
}

/* Whether what lies there was made as this plan asks; RECORD or WEIGHTS may be NULL. */
static gboolean is_ours(const DkmAblate *ablate, GArray *steps, guint i,
                        const DkmAblateRecord *record, const DkmWeights *weights)
{
    DkmAblateStep *step = step_of(steps, i);
    const char *kind = dkm_ablate_kind_name(step->kind);
    const DkmAblateRecipe *recipe = dkm_ablate_step_recipe(ablate, step);
    g_autofree char *wanted = dkm_ablate_recipe_text(recipe, kind, step->fold),
                    *dm = needed_sha256(ablate, steps, i);
    g_autoptr(GError) why = NULL;
    if (record && strcmp(record->recipe, wanted) != 0)
        fail(step, "a model of another recipe lies there (%s), this plan's is %s: move it away",
             record->recipe, wanted);
    else if (record && record->dm_sha256 && g_strcmp0(record->dm_sha256, dm) != 0)
        fail(step, "it was trained on another diffusion module than the one that lies there: "
                   "move it away");
    else if (!record && weights && step->kind == DKM_ABLATE_SM)
        fail(step, "a model lies there without a record of how it was trained: move it away");
    else if (!record && weights &&
             !dkm_ablate_recipe_matches(recipe, kind, step->fold, weights, &why))
        fail(step, "a model of another recipe lies there: %s; move it away", why->message);
    return step->state != DKM_ABLATE_FAILED;
}

/* The finished model's own words into its record. */
static void settle_record(const DkmAblate *ablate, GArray *steps, guint i,
                          const DkmWeights *weights)
{
    DkmAblateStep *step = step_of(steps, i);
    g_autoptr(GError) error = NULL;
    g_autofree char *path = dkm_ablate_path(ablate, step, DKM_ABLATE_RECORD);
    g_autoptr(DkmAblateRecord) record = dkm_ablate_open_record(ablate, steps, i, &error);
    if (record && !record->is_done) {
        record->is_done = TRUE;
        record->weights_sha256 = g_strdup(dkm_weights_sha256(weights));
        record->history = g_strdup(dkm_weights_meta(weights, "history"));
        record->trained_on = g_strdup(dkm_weights_meta(weights, "trained_on"));
        dkm_ablate_record_save(record, path, &error);
    }
    if (error)
        fail(step, "%s", error->message);
    else
        step->seconds = dkm_ablate_record_seconds(record);
}

static void look_at_training(const DkmAblate *ablate, GArray *steps, guint i, gboolean *resume)
{
    DkmAblateStep *step = step_of(steps, i);
    const guint epochs = (guint)dkm_ablate_recipe_epochs(dkm_ablate_step_recipe(ablate, step),
                                                         dkm_ablate_kind_name(step->kind));
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmWeights) weights =
        is_there(ablate, step, DKM_ABLATE_MODEL) ? open_model(ablate, step, &error) : NULL;
    g_autoptr(DkmAblateRecord) record = error ? NULL : load_record(ablate, step, &error);
    *resume = is_there(ablate, step, DKM_ABLATE_CHECKPOINT);
    if (error)
        fail(step, "%s", error->message);
    if (error || !is_ours(ablate, steps, i, record, weights))
        return;
    if (record && record->is_done &&
        (!weights || g_strcmp0(record->weights_sha256, dkm_weights_sha256(weights)) != 0)) {
        fail(step, "the model there is not the one that its record tells of: move both away");
    } else if (weights && epochs_done(weights) >= epochs) {
        step->state = DKM_ABLATE_DONE;
        settle_record(ablate, steps, i, weights);
    } else if (weights && !*resume) {
        fail(step, "a model lies there unfinished and without its checkpoint: move it away");
    }
}

/* -- evaluations */

static void look_at_evaluation(const DkmAblate *ablate, GArray *steps, guint i)
{
    DkmAblateStep *step = step_of(steps, i);
    g_autofree char *path = dkm_ablate_path(ablate, step, DKM_ABLATE_EVALUATION_FILE),
                    *sha256 = needed_sha256(ablate, steps, i);
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return;
    g_autofree char *text =
        dkm_regular_file_read(path, MAX_EVALUATION_BYTES, DKM_ERROR_INPUT, NULL);
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *root = text ? dkm_json_parse(parser, text) : NULL;
    JsonObject *model = root ? dkm_json_get_object(root, "model") : NULL;
    const char *of = model ? dkm_json_get_text(model, "weights_sha256") : NULL;
    if (!of)
        fail(step, "%s is no evaluation: move it away", path);
    else if (g_strcmp0(of, sha256) == 0)
        step->state = DKM_ABLATE_DONE;
    else
        fail(step, "%s is the evaluation of another model: move it away", path);
}

void dkm_ablate_look(const DkmAblate *ablate, GArray *steps, guint i, gboolean *resume)
{
    *resume = FALSE;
    if (step_of(steps, i)->kind == DKM_ABLATE_EVALUATION)
        look_at_evaluation(ablate, steps, i);
    else
        look_at_training(ablate, steps, i, resume);
}
