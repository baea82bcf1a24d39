/* Both trainings on made-up cases: they learn, and a run that is stopped and resumed gives the same
 * weights, bit for bit, as one that was not. */
#include "core/error.h"
#include "core/learn/evaluate.h"
#include "core/learn/train.h"
#include "core/model/model.h"
#include "core/net/weights.h"
#include "synthetic.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *folder;
    GPtrArray *cases;
    DkmPreset preset;
    GCancellable *cancel;
    gint64 cancel_at;             /* step after which the run is cancelled; 0: never */
    double first_loss, last_loss; /* means of the first and the last epoch */
    char *validation;             /* the last epoch's line */
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    f->folder = g_dir_make_tmp("dkm-train-XXXXXX", NULL);
    f->cases = synthetic_cases(8, 3, 32);
    f->cancel = g_cancellable_new();
    g_assert_true(dkm_preset_find("tiny", &f->preset, NULL));
}

static void tear_down(Fixture *f, gconstpointer data)
{
    g_autoptr(GDir) folder = g_dir_open(f->folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(folder));) {
        g_autofree char *path = g_build_filename(f->folder, name, NULL);
        g_unlink(path);
    }
    g_rmdir(f->folder);
    g_free(f->folder);
    g_free(f->validation);
    g_ptr_array_unref(f->cases);
    g_object_unref(f->cancel);
}

static void note(const DkmTrainProgress *progress, gpointer data)
{
    Fixture *f = data;
    f->last_loss = progress->loss;
    if (progress->epoch == 1)
        f->first_loss = progress->loss;
    if (progress->validation) {
        g_free(f->validation);
        f->validation = g_strdup(progress->validation);
    }
    if (f->cancel_at && progress->step == f->cancel_at)
        g_cancellable_cancel(f->cancel);
}

static char *path_of(const Fixture *f, const char *name)
{
    return g_build_filename(f->folder, name, NULL);
}

static DkmTrainOptions options_of(Fixture *f, gboolean dm, const char *out)
{
    DkmTrainOptions o = dm ? dkm_train_options_dm() : dkm_train_options_sm();
    o.preset = &f->preset;
    o.cases = f->cases;
    o.out = out;
    o.device = "cpu";
    o.threads = 1;
    o.batch = 4;
    o.side = 16;
    o.epochs = 3;
    o.seed = 1;
    o.split.seed = 1;
    o.rate = 2e-3f;
    o.cosine = TRUE;
    o.report = note;
    o.report_data = f;
    return o;
}

static char *weights_hash(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmWeights) weights = dkm_weights_open(path, &error);
    g_assert_no_error(error);
    return g_strdup(dkm_weights_sha256(weights));
}

/* The number that follows WORDS in the last epoch's line. */
static double validated(const Fixture *f, const char *words)
{
    const char *at = strstr(f->validation, words);
    g_assert_nonnull(at);
    return g_ascii_strtod(at + strlen(words), NULL);
}

static void check_meta(const char *path, const char *key, const char *value)
{
    g_autoptr(DkmWeights) weights = dkm_weights_open(path, NULL);
    g_assert_cmpstr(dkm_weights_meta(weights, key), ==, value);
}

/* Two fields of noise, one answer. */
static void check_ignores_noise(DkmModel *model)
{
    enum { N = 32 * 32 };
    float x_0[N], noise[N], probability[2][N];
    g_autoptr(DkmNetwork) network = dkm_model_make_network(model, 32, 32, NULL);
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < N; i++) {
            x_0[i] = (float)(i % 7) / 7;
            noise[i] = (float)(k * (i % 5));
        }
        g_assert_true(dkm_network_run(network, x_0, noise, NULL, NULL));
        g_assert_true(dkm_network_get_probability(network, probability[k], NULL));
    }
    g_assert_cmpmem(probability[0], sizeof probability[0], probability[1], sizeof probability[1]);
}

/* Scores of the file are those of the last epoch, for each set of phases that it accepts. */
static void check_scores(const Fixture *f, DkmModel *model)
{
    g_autoptr(GArray) samples = dkm_cases_validation(f->cases, &(DkmSplit){1, DKM_NO_FOLD}, 100);
    g_autoptr(DkmNetwork) network = dkm_model_make_network(model, 32, 32, NULL);
    gboolean is_first = TRUE;
    for (guint posts = 0; posts <= DKM_POST_BOTH; posts++) {
        if (!dkm_network_accepts(network, posts))
            continue;
        dkm_network_show(network, posts);
        g_autofree char *words = g_strdup_printf("with %s ", dkm_posts_name(posts));
        g_autoptr(GArray) scores = dkm_evaluate_network(
            network, samples, &(DkmEvaluateWindows){.side = 32}, 0.5f, NULL, NULL);
        double mean, sd;
        dkm_scores_summarise(scores, &mean, &sd);
        g_assert_cmpfloat_with_epsilon(validated(f, is_first ? "Dice " : words), mean, 6e-5);
        is_first = FALSE;
    }
    g_assert_false(is_first);
}

typedef gboolean (*Train)(const DkmTrainOptions *, GCancellable *, GError **);

static void train_whole(Train train, const DkmTrainOptions *options)
{
    g_autoptr(GError) error = NULL;
    train(options, NULL, &error);
    g_assert_no_error(error);
}

/* The same recipe in two parts, stopped after STEP. */
static void train_in_parts(Fixture *f, Train train, DkmTrainOptions options, gint64 step)
{
    g_autoptr(GError) error = NULL;
    f->cancel_at = step;
    g_assert_false(train(&options, f->cancel, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_CANCELLED);
    f->cancel_at = 0;
    options.resume = TRUE;
    train_whole(train, &options);
}

static void check_resume(Fixture *f, Train train, DkmTrainOptions options, const char *out)
{
    train_whole(train, &options);
    g_autofree char *whole = weights_hash(out);
    train_in_parts(f, train, options, 6); /* in the middle of the second epoch */
    g_autofree char *parts = weights_hash(out);
    g_assert_cmpstr(whole, ==, parts);
}

static void test_resume_dm(Fixture *f, gconstpointer data)
{
    g_autofree char *out = path_of(f, "dm");
    DkmTrainOptions options = options_of(f, TRUE, out);
    options.dtype = (DkmDtype)GPOINTER_TO_INT(data);
    check_resume(f, dkm_train_dm, options, out);
}

/* Other images give other weights. */
static void test_resume_dm_intensity(Fixture *f, gconstpointer data)
{
    g_autofree char *out = path_of(f, "dm");
    DkmTrainOptions options = options_of(f, TRUE, out);
    train_whole(dkm_train_dm, &options);
    g_autofree char *plain = weights_hash(out);
    options.augment_intensity = TRUE;
    check_resume(f, dkm_train_dm, options, out);
    g_autofree char *changed = weights_hash(out);
    g_assert_cmpstr(plain, !=, changed);
}

static void test_resume_sm(Fixture *f, gconstpointer augment)
{
    g_autofree char *dm = path_of(f, "dm"), *out = path_of(f, "model");
    DkmTrainOptions first = options_of(f, TRUE, dm);
    train_whole(dkm_train_dm, &first);
    DkmTrainOptions options = options_of(f, FALSE, out);
    options.dm = dm;
    options.augment = GPOINTER_TO_INT(augment);
    check_resume(f, dkm_train_sm, options, out);
}

/* A regression has neither noise nor a timestep, and what predicts best says so. */
static void test_regression(Fixture *f, gconstpointer data)
{
    g_autofree char *dm = path_of(f, "dm"), *out = path_of(f, "model");
    f->preset.reading = DKM_READING_REGRESSION;
    DkmTrainOptions options = options_of(f, TRUE, dm);
    options.epochs = 12;
    options.cosine = FALSE;
    options.validation_slices = 8;
    train_whole(dkm_train_dm, &options);
    g_assert_cmpfloat(validated(f, "one-step error "), <, 0.5 * validated(f, "unchanged "));
    check_meta(dm, "reading", "regression");
    /* the segmentation module takes the reading from the file */
    f->preset.reading = DKM_READING_B1;
    options = options_of(f, FALSE, out);
    options.dm = dm;
    options.epochs = 1;
    train_whole(dkm_train_sm, &options);
    check_meta(out, "reading", "regression");
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmModel) model = dkm_model_open(out, "cpu", 1, "f32", &error);
    g_assert_no_error(error);
    check_ignores_noise(model);
}

/* No epoch: weights as they are initialised, another for another seed. */
static void test_untrained(Fixture *f, gconstpointer data)
{
    g_autofree char *one = path_of(f, "one"), *two = path_of(f, "two");
    DkmTrainOptions options = options_of(f, TRUE, one);
    options.epochs = 0;
    train_whole(dkm_train_dm, &options);
    check_meta(one, "steps", "0");
    options.out = two;
    options.seed = 2;
    train_whole(dkm_train_dm, &options);
    g_autofree char *a = weights_hash(one), *b = weights_hash(two);
    g_assert_cmpstr(a, !=, b);
    options = options_of(f, FALSE, two);
    options.dm = one;
    options.epochs = 0;
    g_autoptr(GError) error = NULL;
    g_assert_false(dkm_train_sm(&options, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
}

/* A model that takes in no code is complete without a diffusion module. */
static void test_without_dm(Fixture *f, gconstpointer data)
{
    g_autofree char *out = path_of(f, "model");
    g_assert_true(dkm_fusion_parse("none", f->preset.fuse, NULL));
    check_resume(f, dkm_train_sm, options_of(f, FALSE, out), out);
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmWeights) weights = dkm_weights_open(out, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < dkm_weights_count(weights); i++)
        g_assert_false(g_str_has_prefix(dkm_weights_name(weights, i), "dm."));
    g_autoptr(DkmModel) model = dkm_model_open(out, "cpu", 1, "f32", &error);
    g_assert_no_error(error);
    const DkmCase *c = g_ptr_array_index(f->cases, 0);
    DkmSegmentOptions wanted = {0};
    g_autoptr(DkmResult) result =
        dkm_model_segment(model, c->phase[DKM_PHASE_PRE], &wanted, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_false(result->has_code);
    wanted.predict = TRUE;
    g_assert_null(dkm_model_segment(model, c->phase[DKM_PHASE_PRE], &wanted, NULL, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
    g_assert_nonnull(strstr(error->message, "no diffusion module"));
}

/* What a segmentation module is trained with beyond the paper's recipe. */
typedef struct {
    DkmInput input;
    gboolean plain, augment, best, intensity, deep;
    float average, boundary;
    int noise_fields;
} Variant;

/* Trained in two parts as in one, and what was trained can be read and scored. */
static void test_resume_variant(Fixture *f, gconstpointer data)
{
    const Variant *v = data;
    g_autofree char *dm = path_of(f, "dm"), *out = path_of(f, "model");
    DkmTrainOptions first = options_of(f, TRUE, dm);
    first.epochs = 1;
    train_whole(dkm_train_dm, &first);
    f->preset.input = v->input;
    if (v->plain)
        dkm_preset_set_network(&f->preset, DKM_NETWORK_PLAIN);
    DkmTrainOptions options = options_of(f, FALSE, out);
    options.dm = dkm_preset_uses_dm(&f->preset) ? dm : NULL;
    options.augment = v->augment;
    options.best = v->best;
    options.deep_supervision = v->deep;
    options.noise_fields = v->noise_fields;
    options.boundary_weight = v->boundary;
    options.augment_intensity = v->intensity;
    options.average_decay = v->average;
    check_resume(f, dkm_train_sm, options, out);
    if (v->noise_fields == DKM_NO_NOISE)
        check_meta(out, "noise_fields", "none");
    check_meta(out, "input", dkm_input_name(v->input));
    g_autofree char *accepted = dkm_preset_accepted(&f->preset);
    check_meta(out, "accepts", accepted);
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmModel) model = dkm_model_open(out, "cpu", 1, "bf16", &error);
    g_assert_no_error(error);
    if (!v->best)
        check_scores(f, model);
}

/* The loss enters: it is told, and other weights come out. */
static void test_boundary(Fixture *f, gconstpointer data)
{
    g_autofree char *out = path_of(f, "model");
    g_assert_true(dkm_fusion_parse("none", f->preset.fuse, NULL));
    DkmTrainOptions options = options_of(f, FALSE, out);
    options.epochs = 1;
    train_whole(dkm_train_sm, &options);
    g_autofree char *without = weights_hash(out);
    const double loss = f->last_loss;
    options.boundary_weight = 2;
    train_whole(dkm_train_sm, &options);
    g_autofree char *with = weights_hash(out);
    g_autoptr(DkmWeights) weights = dkm_weights_open(out, NULL);
    g_assert_cmpstr(with, !=, without);
    g_assert_cmpfloat(f->last_loss, !=, loss);
    g_assert_nonnull(strstr(dkm_weights_meta(weights, "trained_on"), "boundary loss 2"));
}

/* What is kept are the weights of a run that ends with the best epoch, also where a later one is
 * stopped and resumed. */
static void test_best(Fixture *f, gconstpointer data)
{
    g_autofree char *out = path_of(f, "model");
    g_assert_true(dkm_fusion_parse("none", f->preset.fuse, NULL));
    DkmTrainOptions options = options_of(f, FALSE, out);
    options.cosine = FALSE;
    options.epochs = 5;
    options.rate = 2e-2f; /* it wavers */
    options.best = TRUE;
    train_whole(dkm_train_sm, &options);
    g_autofree char *best = weights_hash(out);
    g_autoptr(DkmWeights) weights = dkm_weights_open(out, NULL);
    const int epoch = atoi(dkm_weights_meta(weights, "best_epoch"));
    const double dice = g_ascii_strtod(dkm_weights_meta(weights, "best_validation_dice"), NULL);
    g_test_message("epoch %d, Dice %f, of\n%s", epoch, dice, dkm_weights_meta(weights, "history"));
    g_assert_cmpint(epoch, >=, 1);
    g_assert_cmpint(epoch, <, 5); /* else this test shows nothing */
    g_auto(GStrv) lines = g_strsplit(dkm_weights_meta(weights, "history"), "\n", -1);
    for (int i = 0; i < 5; i++) {
        const double line = g_ascii_strtod(strstr(lines[i], "Dice ") + 5, NULL);
        g_assert_cmpfloat(line, <=, dice + 6e-5);
        g_assert_true(i + 1 != epoch || ABS(line - dice) < 6e-5);
    }
    train_in_parts(f, dkm_train_sm, options, 13); /* in the fifth epoch */
    g_autofree char *resumed = weights_hash(out);
    g_assert_cmpstr(best, ==, resumed);
    options.best = FALSE;
    options.epochs = epoch;
    train_whole(dkm_train_sm, &options);
    g_autofree char *same = weights_hash(out);
    g_assert_cmpstr(best, ==, same);
}

/* The best of no patients. */
static void test_best_of_none(Fixture *f, gconstpointer data)
{
    g_autofree char *out = path_of(f, "model");
    g_autoptr(GError) error = NULL;
    g_assert_true(dkm_fusion_parse("none", f->preset.fuse, NULL));
    DkmTrainOptions options = options_of(f, FALSE, out);
    options.best = TRUE;
    options.validation_slices = 0;
    g_assert_false(dkm_train_sm(&options, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
    g_assert_nonnull(strstr(error->message, "validation patients"));
}

/* The loss at the start is that of three heads, and what the heads are trained with reaches the
 * rest of the network. */
static void test_deep(Fixture *f, gconstpointer data)
{
    g_autofree char *out = path_of(f, "model");
    g_assert_true(dkm_fusion_parse("none", f->preset.fuse, NULL));
    DkmTrainOptions options = options_of(f, FALSE, out);
    options.epochs = 6;
    train_whole(dkm_train_sm, &options);
    const double single = f->first_loss;
    options.deep_supervision = TRUE;
    train_whole(dkm_train_sm, &options);
    g_assert_cmpfloat(f->first_loss, >, 2 * single);
    g_assert_cmpfloat(f->first_loss, <, 5 * single);
    g_assert_cmpfloat(f->last_loss, <, 0.8 * f->first_loss);
    g_autoptr(DkmWeights) weights = dkm_weights_open(out, NULL);
    g_assert_nonnull(strstr(dkm_weights_meta(weights, "trained_on"), "deep supervision"));
}

/* Averaged weights are others than the last step's, and a run that does not average has those. */
static void test_average(Fixture *f, gconstpointer data)
{
    g_autofree char *out = path_of(f, "model");
    g_assert_true(dkm_fusion_parse("none", f->preset.fuse, NULL));
    DkmTrainOptions options = options_of(f, FALSE, out);
    train_whole(dkm_train_sm, &options);
    g_autofree char *last = weights_hash(out);
    options.average_decay = 0.9f;
    train_whole(dkm_train_sm, &options);
    g_autofree char *averaged = weights_hash(out);
    g_assert_cmpstr(last, !=, averaged);
}

/* A diffusion module that has seen other patients would leak what they look like with contrast. */
static void test_foreign_split(Fixture *f, gconstpointer data)
{
    g_autofree char *dm = path_of(f, "dm"), *out = path_of(f, "model");
    g_autoptr(GError) error = NULL;
    DkmTrainOptions first = options_of(f, TRUE, dm), second = options_of(f, FALSE, out);
    first.split.fold = 1;
    train_whole(dkm_train_dm, &first);
    second.dm = dm;
    second.split.fold = 2;
    g_assert_false(dkm_train_sm(&second, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
    g_assert_nonnull(strstr(error->message, "trained on other patients"));
}

/* Stopped at once: a model of that name stays what it was, and no checkpoint is made. */
static void test_stopped_at_once(Fixture *f, gconstpointer data)
{
    g_autofree char *out = path_of(f, "dm"), *checkpoint = path_of(f, "dm.checkpoint");
    g_autofree char *content = NULL;
    g_autoptr(GError) error = NULL;
    DkmTrainOptions options = options_of(f, TRUE, out);
    g_assert_true(g_file_set_contents(out, "a good model", -1, NULL));
    g_cancellable_cancel(f->cancel);
    g_assert_false(dkm_train_dm(&options, f->cancel, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_CANCELLED);
    g_assert_true(g_file_get_contents(out, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, "a good model");
    g_assert_false(g_file_test(checkpoint, G_FILE_TEST_EXISTS));
}

/* Another recipe is no continuation. */
static void test_foreign_checkpoint(Fixture *f, gconstpointer data)
{
    g_autofree char *out = path_of(f, "dm");
    g_autoptr(GError) error = NULL;
    DkmTrainOptions options = options_of(f, TRUE, out);
    options.epochs = 1;
    train_whole(dkm_train_dm, &options);
    options.resume = TRUE;
    options.rate = 1e-3f;
    g_assert_false(dkm_train_dm(&options, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
}

/* Kinetics are learnt first, then the mask. */
static void test_learns(Fixture *f, gconstpointer data)
{
    g_autofree char *dm = path_of(f, "dm"), *out = path_of(f, "model");
    DkmTrainOptions options = options_of(f, TRUE, dm);
    options.epochs = 20;
    options.cosine = FALSE;
    options.validation_slices = 8;
    train_whole(dkm_train_dm, &options);
    g_assert_cmpfloat(validated(f, "one-step error "), <, 0.7 * validated(f, "unchanged "));
    options = options_of(f, FALSE, out);
    options.dm = dm;
    options.epochs = 12;
    train_whole(dkm_train_sm, &options);
    g_assert_cmpfloat(f->last_loss, <, 0.75 * f->first_loss);
}

static void test_refusals(Fixture *f, gconstpointer data)
{
    g_autofree char *out = path_of(f, "dm");
    const DkmTrainOptions good = options_of(f, TRUE, out);
    DkmTrainOptions bad[3] = {good, good, good};
    bad[0].side = 20;
    bad[1].batch = 0;
    bad[2].batch = 1000;
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(dkm_train_dm(&bad[i], NULL, &error));
        g_assert_true(error && error->domain == DKM_ERROR);
    }
    g_assert_false(g_file_test(out, G_FILE_TEST_EXISTS));
}

static const Variant post = {DKM_INPUT_POST}, predicted = {DKM_INPUT_PREDICTED},
                     predicted_augmented = {DKM_INPUT_PREDICTED, .augment = TRUE},
                     any_best = {DKM_INPUT_ANY, .augment = TRUE, .best = TRUE, .average = 0.9f},
                     any_intensity = {DKM_INPUT_ANY, .intensity = TRUE},
                     average = {DKM_INPUT_PRE, .average = 0.9f},
                     deep_fields = {DKM_INPUT_PRE, .deep = TRUE, .noise_fields = 2},
                     boundary = {DKM_INPUT_PRE, .augment = TRUE, .boundary = 0.5f},
                     no_noise = {DKM_INPUT_PRE, .noise_fields = DKM_NO_NOISE},
                     deep_plain = {DKM_INPUT_POST, .plain = TRUE, .deep = TRUE};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, data, test) g_test_add(path, Fixture, data, set_up, test, tear_down)
    ADD("/train/resume-dm/f32", GINT_TO_POINTER(DKM_F32), test_resume_dm);
    ADD("/train/resume-dm/bf16", GINT_TO_POINTER(DKM_BF16), test_resume_dm);
    ADD("/train/resume-sm/cached", GINT_TO_POINTER(FALSE), test_resume_sm);
    ADD("/train/resume-sm/augmented", GINT_TO_POINTER(TRUE), test_resume_sm);
    ADD("/train/regression", NULL, test_regression);
    ADD("/train/untrained", NULL, test_untrained);
    ADD("/train/without-dm", NULL, test_without_dm);
    ADD("/train/resume-sm/post", &post, test_resume_variant);
    ADD("/train/resume-sm/predicted", &predicted, test_resume_variant);
    ADD("/train/resume-sm/predicted-augmented", &predicted_augmented, test_resume_variant);
    ADD("/train/resume-sm/any-best", &any_best, test_resume_variant);
    ADD("/train/resume-sm/any-intensity", &any_intensity, test_resume_variant);
    ADD("/train/resume-sm/average", &average, test_resume_variant);
    ADD("/train/resume-sm/deep-fields", &deep_fields, test_resume_variant);
    ADD("/train/boundary", NULL, test_boundary);
    ADD("/train/resume-sm/boundary", &boundary, test_resume_variant);
    ADD("/train/resume-sm/no-noise", &no_noise, test_resume_variant);
    ADD("/train/resume-sm/deep-plain", &deep_plain, test_resume_variant);
    ADD("/train/resume-dm/intensity", NULL, test_resume_dm_intensity);
    ADD("/train/deep-supervision", NULL, test_deep);
    ADD("/train/best", NULL, test_best);
    ADD("/train/best-of-none", NULL, test_best_of_none);
    ADD("/train/average", NULL, test_average);
    ADD("/train/foreign-split", NULL, test_foreign_split);
    ADD("/train/stopped-at-once", NULL, test_stopped_at_once);
    ADD("/train/foreign-checkpoint", NULL, test_foreign_checkpoint);
    ADD("/train/learns", NULL, test_learns);
    ADD("/train/refusals", NULL, test_refusals);
    return g_test_run();
}
