/* Measures whose value is known, and what the rules know. */
#include "core/learn/generation.h"
#include "synthetic.h"

#include <math.h>

enum { SIDE = 32, PIXELS = SIDE * SIDE };
static const DkmEvaluateWindows centred = {.side = SIDE};

static GArray *samples_of(const GPtrArray *cases)
{
    GArray *samples = g_array_new(FALSE, FALSE, sizeof(DkmSample));
    for (guint i = 0; i < cases->len; i++)
        for (int z = 0; z < 2; z++)
            g_array_append_val(samples, ((DkmSample){g_ptr_array_index(cases, i), z}));
    return samples;
}

/* The measured late phase and OFFSET, or the pre-contrast one and the label. */
typedef struct {
    float offset;
    gboolean label;
} Made;

static gboolean predict_made(gpointer data, const DkmSample *sample, const DkmCrop *crop,
                             float *late, GCancellable *cancel, GError **error)
{
    const Made *made = data;
    g_autofree float *label = g_new(float, PIXELS);
    dkm_crop_read_mask(sample, crop, label);
    dkm_crop_read(sample, made->label ? DKM_PHASE_PRE : DKM_PHASE_LATE, crop, 1, late);
    for (int i = 0; i < PIXELS; i++)
        late[i] += made->label ? label[i] : made->offset;
    return TRUE;
}

static GArray *measure(const DkmLatePredictor *predictor, const GArray *samples)
{
    g_autoptr(GError) error = NULL;
    GArray *measures = dkm_generation_measure(predictor, samples, &centred, NULL, &error);
    g_assert_no_error(error);
    return measures;
}

static const DkmGenerationMeasure *first_of(const GArray *measures)
{
    return &g_array_index(measures, DkmGenerationMeasure, 0);
}

static void test_known(void)
{
    g_autoptr(GPtrArray) cases = synthetic_cases(3, 2, SIDE);
    g_autoptr(GArray) samples = samples_of(cases);
    Made made = {.offset = 0.25f};
    const DkmLatePredictor predictor = {predict_made, &made};
    g_autoptr(GArray) off = measure(&predictor, samples);
    g_assert_cmpuint(off->len, ==, 3);
    for (guint i = 0; i < off->len; i++) {
        const DkmGenerationMeasure *m = &g_array_index(off, DkmGenerationMeasure, i);
        g_assert_true(m->c == g_ptr_array_index(cases, i));
        g_assert_cmpuint(m->slices, ==, 2);
        for (int r = 0; r < DKM_REGIONS; r++) {
            g_assert_cmpfloat_with_epsilon(m->psnr_db[r], 20 * log10(m->range / 0.25), 1e-3);
            g_assert_cmpfloat(m->ssim[r], <, 1);
        }
    }
    made.offset = 0;
    g_autoptr(GArray) exact = measure(&predictor, samples);
    g_assert_true(isinf(first_of(exact)->psnr_db[DKM_REGION_TUMOUR]));
    g_assert_cmpfloat_with_epsilon(first_of(exact)->ssim[DKM_REGION_BREAST], 1, 1e-6);
    g_assert_cmpfloat(first_of(exact)->auc, >, 0.99); /* the tumour takes up more */
    made.label = TRUE;
    g_autoptr(GArray) told = measure(&predictor, samples);
    g_assert_cmpfloat(first_of(told)->auc, ==, 1);
}

static void test_rules(void)
{
    g_autoptr(GPtrArray) cases = synthetic_cases(1, 2, SIDE);
    g_autoptr(GArray) samples = samples_of(cases),
                      nobody = g_array_new(FALSE, FALSE, sizeof(DkmSample));
    g_autoptr(DkmLateRules) rules = dkm_late_rules_new(samples, &centred);
    double breast[DKM_LATE_RULES], auc[DKM_LATE_RULES];
    for (int r = 0; r < DKM_LATE_RULES; r++) {
        const DkmLatePredictor predictor = dkm_late_rules_predictor(rules, (DkmLateRule)r);
        g_autoptr(GArray) measures = measure(&predictor, samples);
        breast[r] = first_of(measures)->psnr_db[DKM_REGION_BREAST];
        auc[r] = first_of(measures)->auc;
    }
    g_assert_cmpfloat(auc[DKM_LATE_COPY], ==, 0.5);
    g_assert_cmpfloat(auc[DKM_LATE_MEAN], ==, 0.5);
    g_assert_cmpfloat(auc[DKM_LATE_PLACE], >, 0.9); /* it was made from this very patient */
    g_assert_cmpfloat(breast[DKM_LATE_COPY], <, breast[DKM_LATE_MEAN]);
    g_assert_cmpfloat(breast[DKM_LATE_MEAN], <, breast[DKM_LATE_PLACE]);
    g_autoptr(DkmLateRules) empty = dkm_late_rules_new(nobody, &centred);
    const DkmLatePredictor predictor = dkm_late_rules_predictor(empty, DKM_LATE_PLACE);
    g_autoptr(GArray) measures = measure(&predictor, samples);
    g_assert_cmpfloat(first_of(measures)->psnr_db[DKM_REGION_BREAST], ==, breast[DKM_LATE_COPY]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/learn/generation/known", test_known);
    g_test_add_func("/learn/generation/rules", test_rules);
    return g_test_run();
}
