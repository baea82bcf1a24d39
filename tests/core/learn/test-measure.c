#include "core/learn/measure.h"
#include "synthetic.h"

#include <math.h>
#include <string.h>

enum { SIDE = 32 };

static const DkmEvaluateWindows centred = {.side = SIDE};

/* A case of two or more slices whose label is a square of 8 pixels from (8, 8), but for the last
 * slice, which has none. */
static DkmCase *squares_of(const char *name, int slices, double pixel_mm)
{
    g_autoptr(GError) error = NULL;
    const DkmGrid grid = {.n = {slices, SIDE, SIDE},
                          .spacing_mm = {3, pixel_mm, pixel_mm},
                          .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    g_autoptr(DkmMask) mask = dkm_mask_new(&grid, &error);
    DkmVolume *phases[DKM_PHASE_KINDS];
    for (int z = 0; z + 1 < slices; z++)
        for (int y = 8; y < 16; y++)
            for (int x = 8; x < 16; x++)
                dkm_mask_slice(mask, z)[y * SIDE + x] = 1;
    for (int i = 0; i < DKM_PHASE_KINDS; i++) {
        guint16 *samples = g_new(guint16, dkm_grid_voxels(&grid));
        for (gsize k = 0; k < dkm_grid_voxels(&grid); k++)
            samples[k] = k % SIDE < 4 ? 0 : (guint16)(100 + k % 7); /* air at the left */
        phases[i] = dkm_volume_new_take(&grid, samples, FALSE, NULL, NULL);
    }
    DkmCase *c = dkm_case_new(name, phases, mask, DKM_NORMALISE_FOREGROUND, &error);
    g_assert_no_error(error);
    for (int i = 0; i < DKM_PHASE_KINDS; i++)
        dkm_volume_unref(phases[i]);
    return c;
}

static DkmCase *squares(const char *name, int slices)
{
    return squares_of(name, slices, 0.5);
}

static GArray *samples_of(const DkmCase *c)
{
    GArray *samples = g_array_new(FALSE, FALSE, sizeof(DkmSample));
    for (int z = 0; z < dkm_mask_grid(c->mask)->n[0]; z++)
        g_array_append_val(samples, ((DkmSample){c, z}));
    return samples;
}

/* Predicts the label moved by DX columns with probability 0.75, the rest with 0.25. */
typedef struct {
    int dx;
    gboolean nothing_at[8];
} Moved;

static gboolean predict_moved(gpointer data, const DkmSample *sample, const DkmCrop *crop,
                              float *value, GCancellable *cancel, GError **error)
{
    const Moved *moved = data;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const int from = x - moved->dx;
            const gboolean on = from >= 0 && from < SIDE && !moved->nothing_at[sample->z] &&
                                dkm_mask_get(sample->c->mask, sample->z, y, from);
            value[y * SIDE + x] = on ? 0.75f : 0.25f;
        }
    return TRUE;
}

static DkmPatientMeasure measure(const DkmCase *c, Moved *moved)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) samples = samples_of(c);
    const DkmPredictor predictor = {predict_moved, moved, 0.5f, TRUE};
    g_autoptr(GArray) measures = dkm_measure(&predictor, samples, &centred, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(measures->len, ==, 1);
    return g_array_index(measures, DkmPatientMeasure, 0);
}

static void test_overlap(void)
{
    g_autoptr(DkmCase) c = squares("a", 3);
    const DkmPatientMeasure m = measure(c, &(Moved){.dx = 2});
    g_assert_cmpuint(m.score.labelled, ==, 128);
    g_assert_cmpuint(m.score.both, ==, 96);
    g_assert_cmpfloat_with_epsilon(dkm_patient_score_dice(&m.score), 0.75, 1e-12);
    g_assert_cmpfloat_with_epsilon(dkm_patient_score_jaccard(&m.score), 0.6, 1e-12);
}

/* A square moved by two columns of half a millimetre: the sides lie 1 mm apart, top and bottom
 * overlap. A slice without label and prediction is nothing. */
static void test_hd95(void)
{
    g_autoptr(DkmCase) c = squares("a", 3);
    const DkmPatientMeasure m = measure(c, &(Moved){.dx = 2}), same = measure(c, &(Moved){0});
    g_assert_cmpfloat_with_epsilon(m.hd95_mm, 1, 1e-9);
    g_assert_cmpfloat(same.hd95_mm, ==, 0);
    g_assert_cmpuint(m.slices, ==, 3);
    g_assert_cmpuint(m.slices_both, ==, 2);
    g_assert_cmpuint(m.slices_one, ==, 0);
}

/* Missed in one slice: counted, no distance. Missed in all: no distance at all. */
static void test_hd95_of_misses(void)
{
    g_autoptr(DkmCase) c = squares("a", 3);
    const DkmPatientMeasure one = measure(c, &(Moved){.dx = 2, .nothing_at = {TRUE}}),
                            all = measure(c, &(Moved){.nothing_at = {TRUE, TRUE, TRUE}});
    g_assert_cmpfloat_with_epsilon(one.hd95_mm, 1, 1e-9);
    g_assert_cmpuint(one.slices_both, ==, 1);
    g_assert_cmpuint(one.slices_one, ==, 1);
    g_assert_true(isnan(all.hd95_mm));
    g_assert_cmpuint(all.slices_one, ==, 2);
    g_assert_cmpfloat(dkm_patient_score_dice(&all.score), ==, 0);
}

/* Predicted with 0.75: half of it labelled; air is left out. */
static void test_calibration(void)
{
    g_autoptr(DkmCase) c = squares("a", 2);
    const DkmPatientMeasure m = measure(c, &(Moved){.dx = 4});
    const gsize foreground = 2 * SIDE * (SIDE - 4);
    g_assert_cmpuint(m.bins[7].n, ==, 64);
    g_assert_cmpuint(m.bins[7].labelled, ==, 32);
    g_assert_cmpuint(m.bins[2].n, ==, foreground - 64);
    g_assert_cmpuint(m.bins[2].labelled, ==, 32);
    const double rest = (double)(foreground - 64),
                 expected = (64 * 0.25 + fabs(rest * 0.25 - 32)) / (double)foreground;
    g_assert_cmpfloat_with_epsilon(dkm_reliability_error(m.bins), expected, 1e-12);
    const DkmReliabilityBin none[DKM_RELIABILITY_BINS] = {{0}};
    g_assert_true(isnan(dkm_reliability_error(none)));
    DkmReliabilityBin sum[DKM_RELIABILITY_BINS] = {{0}};
    dkm_reliability_add(sum, m.bins);
    dkm_reliability_add(sum, m.bins);
    g_assert_cmpuint(sum[7].n, ==, 128);
    g_assert_cmpfloat_with_epsilon(dkm_reliability_error(sum), expected, 1e-12);
}

/* Picked slices have no lesions; a volume has. One voxel in ten finds a lesion; a part that touches
 * none is false. */
static void test_lesions(void)
{
    g_autoptr(DkmCase) c = squares("a", 3);
    g_assert_cmpuint(measure(c, &(Moved){.dx = 2}).lesions, ==, 0);
    c->is_volume = TRUE;
    const DkmPatientMeasure near = measure(c, &(Moved){.dx = 7}),
                            far = measure(c, &(Moved){.dx = 8});
    g_assert_cmpuint(near.lesions, ==, 1);
    g_assert_cmpuint(near.lesions_found, ==, 1);
    g_assert_cmpuint(near.false_positives, ==, 0);
    g_assert_cmpuint(far.lesions_found, ==, 0);
    g_assert_cmpuint(far.false_positives, ==, 1);
}

/* Two labelled slices of three, each by itself: squares of 31 mm^2; of 16 mm^2 they are none. */
static void test_slice_lesions(void)
{
    g_autoptr(DkmCase) c = squares_of("a", 3, 0.7), small = squares_of("a", 3, 0.5);
    const DkmPatientMeasure none = measure(small, &(Moved){.dx = 8});
    g_assert_cmpuint(none.slice_lesions, ==, 0);
    g_assert_cmpuint(none.slice_false_positives, ==, 0);
    const DkmPatientMeasure near = measure(c, &(Moved){.dx = 7}),
                            half = measure(c, &(Moved){.dx = 2, .nothing_at = {TRUE}}),
                            far = measure(c, &(Moved){.dx = 8});
    g_assert_cmpuint(near.slice_lesions, ==, 2);
    g_assert_cmpuint(near.slice_lesions_found, ==, 2);
    g_assert_cmpuint(near.slice_false_positives, ==, 0);
    g_assert_cmpuint(half.slice_lesions_found, ==, 1);
    g_assert_cmpuint(far.slice_lesions_found, ==, 0);
    g_assert_cmpuint(far.slice_false_positives, ==, 2);
}

/* The same numbers as the plain loop of evaluate.h, patient by patient. */
static void test_agrees_with_evaluate(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) cases = synthetic_cases(3, 2, 48);
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(DkmSample));
    for (guint i = 0; i < cases->len; i++)
        for (int z = 0; z < 2; z++)
            g_array_append_val(all, ((DkmSample){g_ptr_array_index(cases, i), z}));
    const DkmEvaluateWindows shifted = {.side = 32, .shifted = TRUE, .seed = 1};
    g_autoptr(GArray) plain = dkm_evaluate_nothing(all, &shifted);
    const DkmPredictor predictor = {predict_moved, &(Moved){.nothing_at = {TRUE, TRUE}}, 0.5f,
                                    FALSE};
    g_autoptr(GArray) measures = dkm_measure(&predictor, all, &shifted, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(measures->len, ==, plain->len);
    for (guint i = 0; i < plain->len; i++) {
        const DkmPatientMeasure *m = &g_array_index(measures, DkmPatientMeasure, i);
        const DkmPatientScore *s = &g_array_index(plain, DkmPatientScore, i);
        g_assert_cmpstr(m->score.name, ==, s->name);
        g_assert_cmpuint(m->score.labelled, ==, s->labelled);
        g_assert_cmpuint(m->bins[2].n, ==, 0);
    }
}

/* Half of 64 pixels of 0.75 is labelled, and 32 of 0.25 are. */
static void test_thresholds(void)
{
    g_autoptr(DkmCase) c = squares("a", 2);
    const DkmPatientMeasure m = measure(c, &(Moved){.dx = 4});
    const double all = 2.0 * SIDE * SIDE;
    g_assert_cmpuint(m.level[15], ==, 64);
    g_assert_cmpuint(m.level_labelled[15], ==, 32);
    g_assert_cmpuint(m.level_labelled[5], ==, 32);
    g_assert_cmpfloat(dkm_measure_dice_at(&m, 10), ==, dkm_patient_score_dice(&m.score));
    g_assert_cmpfloat(dkm_measure_dice_at(&m, 15), ==, 0.5);
    g_assert_cmpfloat(dkm_measure_dice_at(&m, 16), ==, 0);
    g_assert_cmpfloat_with_epsilon(dkm_measure_dice_at(&m, 5), 2 * 64 / (all + 64), 1e-12);
}

/* Where the mean is highest, which need not be where any one patient is best; else half. */
static void test_best_threshold(void)
{
    g_autoptr(GArray) measures = g_array_new(FALSE, TRUE, sizeof(DkmPatientMeasure));
    const DkmPatientMeasure sure = {.score = {.labelled = 10},
                                    .level = {[19] = 10, [8] = 10},
                                    .level_labelled = {[19] = 10}},
                            shy = {.score = {.labelled = 10},
                                   .level = {[6] = 10, [2] = 90},
                                   .level_labelled = {[6] = 10}};
    g_array_append_val(measures, sure);
    g_assert_cmpuint(dkm_measure_best_step(measures), ==, 10);
    g_array_append_val(measures, shy); /* 1 + 0 above 8, 2/3 + 1 at 3 to 6 */
    g_assert_cmpuint(dkm_measure_best_step(measures), ==, 6);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/measure/overlap", test_overlap);
    g_test_add_func("/measure/hd95", test_hd95);
    g_test_add_func("/measure/hd95-of-misses", test_hd95_of_misses);
    g_test_add_func("/measure/calibration", test_calibration);
    g_test_add_func("/measure/lesions", test_lesions);
    g_test_add_func("/measure/slice-lesions", test_slice_lesions);
    g_test_add_func("/measure/agrees-with-evaluate", test_agrees_with_evaluate);
    g_test_add_func("/measure/thresholds", test_thresholds);
    g_test_add_func("/measure/best-threshold", test_best_threshold);
    return g_test_run();
}
