#include "core/learn/evaluate.h"

#include <math.h>

double dkm_patient_score_dice(const DkmPatientScore *score)
{
    const gsize sum = score->predicted + score->labelled;
    return sum ? 2.0 * (double)score->both / (double)sum : 1;
}

double dkm_patient_score_jaccard(const DkmPatientScore *score)
{
    const gsize either = score->predicted + score->labelled - score->both;
    return either ? (double)score->both / (double)either : 1;
}

void dkm_scores_summarise(const GArray *scores, double *mean, double *sd)
{
    double sum = 0, squares = 0;
    for (guint i = 0; i < scores->len; i++)
        sum += dkm_patient_score_dice(&g_array_index(scores, DkmPatientScore, i));
    *mean = scores->len ? sum / scores->len : NAN;
    for (guint i = 0; i < scores->len; i++) {
        const double d = dkm_patient_score_dice(&g_array_index(scores, DkmPatientScore, i)) - *mean;
        squares += d * d;
    }
    *sd = scores->len > 1 ? sqrt(squares / (scores->len - 1)) : NAN;
}

int dkm_evaluate_side(const GPtrArray *cases)
{
    int side = G_MAXINT;
    for (guint i = 0; i < cases->len; i++) {
        const DkmGrid *grid = dkm_mask_grid(((const DkmCase *)g_ptr_array_index(cases, i))->mask);
        side = MIN(side, MIN(grid->n[1], grid->n[2]));
    }
    return side / 16 * 16;
}

DkmEvaluateKind dkm_evaluate_kind(int kind, int side)
{
    enum { SHIFTED_SHARE = 4, LATTICE = 16 };
    const int narrow = MAX(LATTICE, (side - side / SHIFTED_SHARE) / LATTICE * LATTICE);
    return kind == 0 ? (DkmEvaluateKind){"centred", {.side = side}}
                     : (DkmEvaluateKind){"shifted", {.side = narrow, .shifted = TRUE, .seed = 1}};
}

DkmCrop dkm_evaluate_window(const GArray *samples, guint i, const DkmEvaluateWindows *windows)
{
    const DkmSample *sample = &g_array_index(samples, DkmSample, i);
    return windows->shifted ? dkm_crop_random(sample, windows->side, FALSE, windows->seed, i)
                            : dkm_crop_centre(sample, windows->side);
}

/* The score of the patient of SAMPLE, made where it is a new one. */
static DkmPatientScore *score_of(GArray *scores, const DkmSample *sample)
{
    DkmPatientScore *last =
        scores->len ? &g_array_index(scores, DkmPatientScore, scores->len - 1) : NULL;
    if (last && last->name == sample->c->name)
        return last;
    g_array_append_val(scores, ((DkmPatientScore){.name = sample->c->name}));
    return &g_array_index(scores, DkmPatientScore, scores->len - 1);
}

static void count(DkmPatientScore *score, const float *predicted, float threshold,
                  const float *label, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        const gboolean p = predicted[i] >= threshold, l = label[i] > 0;
        score->both += p && l;
        score->predicted += (gsize)p;
        score->labelled += (gsize)l;
    }
}

/* The post-contrast phases that NETWORK is shown, of the same window. */
static void show_posts(DkmNetwork *network, const DkmSample *sample, const DkmCrop *crop,
                       float *values)
{
    static const DkmPhaseKind kinds[] = {DKM_PHASE_EARLY, DKM_PHASE_LATE};
    for (guint k = 0; k < G_N_ELEMENTS(kinds); k++)
        if (dkm_network_shown(network) >> k & 1u) {
            dkm_crop_read(sample, kinds[k], crop, 1, values);
            dkm_network_set_post(network, 1u << k, values);
        }
}

gboolean dkm_evaluate_predict(const DkmNoisedNetwork *noised, const DkmSample *sample,
                              const DkmCrop *crop, float *probability, GCancellable *cancel,
                              GError **error)
{
    g_autofree float *x_0 = g_new(float, (gsize)crop->side *(gsize)crop->side);
    show_posts(noised->network, sample, crop, x_0);
    dkm_crop_read(sample, DKM_PHASE_PRE, crop, 1, x_0);
    return dkm_network_run(noised->network, x_0, noised->noise, cancel, error) &&
           dkm_network_get_probability(noised->network, probability, error);
}

GArray *dkm_evaluate_network(DkmNetwork *network, const GArray *samples,
                             const DkmEvaluateWindows *windows, float threshold,
                             GCancellable *cancel, GError **error)
{
    const gsize n = (gsize)windows->side * (gsize)windows->side;
    g_autofree float *label = g_new(float, n), *probability = g_new(float, n),
                     *noise = dkm_network_make_noise(network, 0, 0, 0, error);
    g_autoptr(GArray) scores = g_array_new(FALSE, FALSE, sizeof(DkmPatientScore));
    const DkmNoisedNetwork noised = {network, noise};
    if (!noise)
        return NULL;
    for (guint i = 0; i < samples->len; i++) {
        const DkmSample *sample = &g_array_index(samples, DkmSample, i);
        const DkmCrop crop = dkm_evaluate_window(samples, i, windows);
        dkm_crop_read_mask(sample, &crop, label);
        if (!dkm_evaluate_predict(&noised, sample, &crop, probability, cancel, error))
            return NULL;
        count(score_of(scores, sample), probability, threshold, label, n);
    }
    return g_steal_pointer(&scores);
}

/* Scores of one fixed picture laid over every window. */
static GArray *score_picture(const float *picture, float threshold, const GArray *samples,
                             const DkmEvaluateWindows *windows)
{
    const gsize n = (gsize)windows->side * (gsize)windows->side;
    g_autofree float *label = g_new(float, n);
    GArray *scores = g_array_new(FALSE, FALSE, sizeof(DkmPatientScore));
    for (guint i = 0; i < samples->len; i++) {
        const DkmSample *sample = &g_array_index(samples, DkmSample, i);
        const DkmCrop crop = dkm_evaluate_window(samples, i, windows);
        dkm_crop_read_mask(sample, &crop, label);
        count(score_of(scores, sample), picture, threshold, label, n);
    }
    return scores;
}

static void mean_mask(const GArray *samples, const DkmEvaluateWindows *windows, float *mean)
{
    const gsize n = (gsize)windows->side * (gsize)windows->side;
    g_autofree float *label = g_new(float, n);
    for (gsize p = 0; p < n; p++)
        mean[p] = 0;
    for (guint i = 0; i < samples->len; i++) {
        const DkmCrop crop = dkm_evaluate_window(samples, i, windows);
        dkm_crop_read_mask(&g_array_index(samples, DkmSample, i), &crop, label);
        for (gsize p = 0; p < n; p++)
            mean[p] += label[p] / (float)samples->len;
    }
}

float dkm_evaluate_place(const GArray *training, const DkmEvaluateWindows *windows, float *mean)
{
    float threshold = 0.5f;
    double best = -1;
    mean_mask(training, windows, mean);
    for (int percent = 5; percent < 100; percent += 5) {
        g_autoptr(GArray) scores = score_picture(mean, (float)percent / 100, training, windows);
        double dice, sd;
        dkm_scores_summarise(scores, &dice, &sd);
        if (dice > best) {
            best = dice;
            threshold = (float)percent / 100;
        }
    }
    return threshold;
}

GArray *dkm_evaluate_location(const GArray *training, const GArray *samples,
                              const DkmEvaluateWindows *windows)
{
    g_autofree float *mean = g_new(float, (gsize)windows->side *(gsize)windows->side);
    const float threshold = dkm_evaluate_place(training, windows, mean);
    return score_picture(mean, threshold, samples, windows);
}

GArray *dkm_evaluate_nothing(const GArray *samples, const DkmEvaluateWindows *windows)
{
    g_autofree float *zero = g_new0(float, (gsize)windows->side *(gsize)windows->side);
    return score_picture(zero, 0.5f, samples, windows);
}
