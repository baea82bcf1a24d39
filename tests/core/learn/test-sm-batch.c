/* What the segmentation module is shown: the right phases in the right channels, and for an input
 * of any phases each subset as often as the others. */
#include "core/learn/sm-batch.h"
#include "synthetic.h"

enum { SIDE = 32, PIXELS = SIDE * SIDE };

typedef struct {
    GPtrArray *cases;
    DkmSample sample;
    DkmPreset preset;
    DkmSmBatch batch;
    float phase[DKM_PHASE_KINDS][PIXELS];
} Fixture;

static void set_up(Fixture *f, gconstpointer input)
{
    f->cases = synthetic_cases(1, 1, SIDE);
    f->sample = (DkmSample){g_ptr_array_index(f->cases, 0), 0};
    g_assert_true(dkm_preset_find("tiny-k2", &f->preset, NULL));
    f->preset.input = (DkmInput)GPOINTER_TO_INT(input);
    dkm_sm_batch_init(&f->batch, &f->preset, 1, SIDE);
    const DkmCrop crop = dkm_crop_centre(&f->sample, SIDE);
    for (int k = 0; k < DKM_PHASE_KINDS; k++)
        dkm_crop_read(&f->sample, (DkmPhaseKind)k, &crop, 1, f->phase[k]);
}

static void tear_down(Fixture *f, gconstpointer input)
{
    dkm_sm_batch_clear(&f->batch);
    g_ptr_array_unref(f->cases);
}

static void fill(Fixture *f, guint posts)
{
    const DkmSmDraw draw = {.crop = dkm_crop_centre(&f->sample, SIDE), .posts = posts};
    dkm_sm_batch_fill(&f->batch, 0, &f->sample, &draw);
}

/* CHANNEL of x is VALUES, or one value. */
static void check(const Fixture *f, int channel, const float *values, float one)
{
    const gsize inputs = (gsize)dkm_preset_sm_inputs(&f->preset);
    for (gsize i = 0; i < PIXELS; i++)
        g_assert_cmpfloat(f->batch.x[i * inputs + (gsize)channel], ==, values ? values[i] : one);
}

static void test_pre(Fixture *f, gconstpointer input)
{
    fill(f, 0);
    g_assert_cmpint(dkm_preset_sm_inputs(&f->preset), ==, 1);
    check(f, 0, f->phase[DKM_PHASE_PRE], 0);
}

static void test_post(Fixture *f, gconstpointer input)
{
    fill(f, DKM_POST_BOTH);
    for (int k = 0; k < DKM_PHASE_KINDS; k++)
        check(f, k, f->phase[k], 0);
    g_assert_cmpfloat(f->phase[DKM_PHASE_EARLY][PIXELS / 2], !=,
                      f->phase[DKM_PHASE_PRE][PIXELS / 2]);
}

static void test_any(Fixture *f, gconstpointer input)
{
    fill(f, DKM_POST_BOTH); /* nothing of it may be left over */
    for (guint posts = 0; posts <= DKM_POST_BOTH; posts++) {
        const gboolean early = (posts & DKM_POST_EARLY) != 0, late = (posts & DKM_POST_LATE) != 0;
        fill(f, posts);
        check(f, 0, f->phase[DKM_PHASE_PRE], 0);
        check(f, 1, early ? f->phase[DKM_PHASE_EARLY] : NULL, 0);
        check(f, 2, late ? f->phase[DKM_PHASE_LATE] : NULL, 0);
        check(f, 3, NULL, early);
        check(f, 4, NULL, late);
        for (int i = 0; i < PIXELS;
             i++) /* the code is the pre-contrast phase's, whatever is shown */
            g_assert_cmpfloat(f->batch.x_0[i], ==, f->phase[DKM_PHASE_PRE][i]);
    }
}

static void test_predicted(Fixture *f, gconstpointer input)
{
    fill(f, 0);
    for (int i = 0; i < 2 * PIXELS; i++)
        f->batch.codes.phases[i] = (float)i;
    dkm_sm_batch_add_predicted(&f->batch);
    check(f, 0, f->phase[DKM_PHASE_PRE], 0);
    for (int i = 0; i < PIXELS; i++) {
        g_assert_cmpfloat(f->batch.x[i * 3 + 1], ==, (float)(2 * i));
        g_assert_cmpfloat(f->batch.x[i * 3 + 2], ==, (float)(2 * i + 1));
    }
}

/* One brightness for what the module sees and what its code is made from. */
static void test_intensity(Fixture *f, gconstpointer input)
{
    DkmTrainOptions options = dkm_train_options_sm();
    options.preset = &f->preset;
    options.side = SIDE;
    options.augment_intensity = TRUE;
    const DkmSmDraw draw = dkm_sm_draw(&options, &f->sample, 5);
    dkm_sm_batch_fill(&f->batch, 0, &f->sample, &draw);
    check(f, 0, f->batch.x_0, 0);
    for (int k = 0; k < DKM_PHASE_KINDS; k++) {
        dkm_intensity_apply(&draw.intensity, &f->sample.c->normalisation, (DkmPhaseKind)k, SIDE, 1,
                            f->phase[k]);
        check(f, k, f->phase[k], 0);
    }
}

/* Small labels: 1 where half of the pixels or more are. */
static void test_deep_labels(Fixture *f, gconstpointer input)
{
    fill(f, 0);
    for (int i = 0; i < DKM_SM_DEEP; i++) {
        const int step = 2 << i, side = SIDE / step;
        int ones = 0;
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++) {
                int n = 0;
                for (int p = 0; p < step; p++)
                    for (int q = 0; q < step; q++)
                        n += f->batch.label[(y * step + p) * SIDE + x * step + q] > 0;
                g_assert_cmpfloat(f->batch.deep_label[i][y * side + x], ==, 2 * n >= step * step);
                ones += 2 * n >= step * step;
            }
        g_assert_cmpint(ones, >, 0);
        g_assert_cmpint(ones, <, side * side);
    }
}

static void test_subsets(Fixture *f, gconstpointer input)
{
    enum { N = 4000 };
    DkmTrainOptions options = dkm_train_options_sm();
    int seen[DKM_POST_BOTH + 1] = {0};
    options.preset = &f->preset;
    options.side = SIDE;
    for (guint64 i = 0; i < N; i++) {
        const guint posts = dkm_sm_draw(&options, &f->sample, i).posts;
        g_assert_cmpuint(posts, ==, dkm_sm_draw(&options, &f->sample, i).posts);
        seen[posts]++;
    }
    for (guint posts = 0; posts <= DKM_POST_BOTH; posts++) {
        g_assert_cmpint(seen[posts], >, N / 5);
        g_assert_cmpint(seen[posts], <, N * 3 / 10);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, input, test)                                                                     \
    g_test_add(path, Fixture, GINT_TO_POINTER(input), set_up, test, tear_down)
    ADD("/sm-batch/pre", DKM_INPUT_PRE, test_pre);
    ADD("/sm-batch/post", DKM_INPUT_POST, test_post);
    ADD("/sm-batch/predicted", DKM_INPUT_PREDICTED, test_predicted);
    ADD("/sm-batch/any", DKM_INPUT_ANY, test_any);
    ADD("/sm-batch/intensity", DKM_INPUT_POST, test_intensity);
    ADD("/sm-batch/deep-labels", DKM_INPUT_PRE, test_deep_labels);
    ADD("/sm-batch/subsets", DKM_INPUT_ANY, test_subsets);
    return g_test_run();
}
