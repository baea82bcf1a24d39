#include "core/learn/measure.h"

#include "core/error.h"
#include "core/image/components.h"
#include "core/image/contour.h"
#include "core/learn/statistics.h"

#include <math.h>

/* One patient while its windows go by. */
typedef struct {
    const DkmPredictor *predictor;
    int side;
    float *value, *label, *pre;
    guint8 *predicted, *labelled;         /* of one window */
    GArray *distances;                    /* of double */
    GByteArray *volume, *labelled_volume; /* windows one behind the other; volumes only */
    GArray *measures;
} Pass;

static void pass_clear(Pass *pass)
{
    g_free(pass->value);
    g_free(pass->label);
    g_free(pass->pre);
    g_free(pass->predicted);
    g_free(pass->labelled);
    g_clear_pointer(&pass->distances, g_array_unref);
    g_clear_pointer(&pass->volume, g_byte_array_unref);
    g_clear_pointer(&pass->labelled_volume, g_byte_array_unref);
    g_clear_pointer(&pass->measures, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pass, pass_clear)

static gsize pixels_of(const Pass *pass)
{
    return (gsize)pass->side * (gsize)pass->side;
}

static void pass_init(Pass *pass, const DkmPredictor *predictor, int side)
{
    const gsize n = (gsize)side * (gsize)side;
    *pass = (Pass){.predictor = predictor,
                   .side = side,
                   .value = g_new(float, n),
                   .label = g_new(float, n),
                   .pre = g_new(float, n),
                   .predicted = g_new(guint8, n),
                   .labelled = g_new(guint8, n),
                   .distances = g_array_new(FALSE, FALSE, sizeof(double)),
                   .volume = g_byte_array_new(),
                   .labelled_volume = g_byte_array_new(),
                   .measures = g_array_new(FALSE, FALSE, sizeof(DkmPatientMeasure))};
}

static DkmPatientMeasure *last_of(Pass *pass)
{
    return pass->measures->len
               ? &g_array_index(pass->measures, DkmPatientMeasure, pass->measures->len - 1)
               : NULL;
}

/* Parts of the label, those found, and parts of the prediction beside all of them; each of at least
 * LEAST voxels. */
typedef struct {
    guint lesions, found, false_positives;
} Lesions;

static Lesions count_lesions(const guint8 *predicted, const guint8 *labelled, const int n[3],
                             double least)
{
    const gsize count = (gsize)n[0] * (gsize)n[1] * (gsize)n[2];
    g_autofree guint32 *lesion = g_new0(guint32, count + 1), *part = g_new0(guint32, count + 1);
    const guint lesions = dkm_components_label(labelled, n, lesion),
                parts = dkm_components_label(predicted, n, part);
    g_autofree gsize *size = g_new0(gsize, lesions + 1), *hit = g_new0(gsize, lesions + 1),
                     *area = g_new0(gsize, parts + 1);
    g_autofree gboolean *touches = g_new0(gboolean, parts + 1);
    Lesions out = {0};
    for (gsize i = 0; i < count; i++) {
        size[lesion[i]]++;
        hit[lesion[i]] += predicted[i];
        area[part[i]]++;
        touches[part[i]] = touches[part[i]] || labelled[i];
    }
    for (guint i = 1; i <= lesions; i++) {
        const gboolean counts = (double)size[i] >= least;
        out.lesions += counts;
        out.found += counts && (double)hit[i] >= DKM_LESION_SHARE * (double)size[i];
    }
    for (guint i = 1; i <= parts; i++)
        out.false_positives += (double)area[i] >= least && !touches[i];
    return out;
}

static void count_volume(const Pass *pass, DkmPatientMeasure *m)
{
    const int n[3] = {(int)(pass->volume->len / pixels_of(pass)), pass->side, pass->side};
    const Lesions all = count_lesions(pass->volume->data, pass->labelled_volume->data, n, 0);
    m->lesions = all.lesions;
    m->lesions_found = all.found;
    m->false_positives = all.false_positives;
}

static void count_slice(const Pass *pass, DkmPatientMeasure *m)
{
    const int n[3] = {1, pass->side, pass->side};
    const double *spacing_mm = dkm_mask_grid(m->c->mask)->spacing_mm;
    const double least = DKM_SLICE_LESION_MM2 / (spacing_mm[1] * spacing_mm[2]);
    const Lesions one = count_lesions(pass->predicted, pass->labelled, n, least);
    m->slice_lesions += one.lesions;
    m->slice_lesions_found += one.found;
    m->slice_false_positives += one.false_positives;
}

/* What needs all windows of a patient. */
static void end_patient(Pass *pass)
{
    DkmPatientMeasure *m = last_of(pass);
    if (!m)
        return;
    dkm_statistics_sort((double *)(gpointer)pass->distances->data, pass->distances->len);
    m->hd95_mm = dkm_statistics_quantile((const double *)(gconstpointer)pass->distances->data,
                                         pass->distances->len, 0.95);
    if (m->c->is_volume)
        count_volume(pass, m);
    g_array_set_size(pass->distances, 0);
    g_byte_array_set_size(pass->volume, 0);
    g_byte_array_set_size(pass->labelled_volume, 0);
}

static DkmPatientMeasure *measure_of(Pass *pass, const DkmSample *sample)
{
    DkmPatientMeasure *last = last_of(pass);
    if (last && last->c == sample->c)
        return last;
    end_patient(pass);
    const DkmPatientMeasure m = {.c = sample->c, .score = {.name = sample->c->name}};
    g_array_append_val(pass->measures, m);
    return last_of(pass);
}

static void count_pixels(Pass *pass, DkmPatientMeasure *m)
{
    gsize both = 0, predicted = 0, labelled = 0;
    for (gsize i = 0; i < pixels_of(pass); i++) {
        pass->predicted[i] = pass->value[i] >= pass->predictor->threshold;
        pass->labelled[i] = pass->label[i] > 0;
        predicted += pass->predicted[i];
        labelled += pass->labelled[i];
        both += pass->predicted[i] && pass->labelled[i];
    }
    m->score.both += both;
    m->score.predicted += predicted;
    m->score.labelled += labelled;
    m->slices++;
    m->slices_both += predicted && labelled;
    m->slices_one += (predicted > 0) != (labelled > 0);
}

static void count_levels(const Pass *pass, DkmPatientMeasure *m)
{
    for (gsize i = 0; i < pixels_of(pass); i++) {
        const int step =
            CLAMP((int)((double)pass->value[i] * DKM_THRESHOLD_STEPS), 0, DKM_THRESHOLD_STEPS - 1);
        m->level[step]++;
        m->level_labelled[step] += pass->labelled[i];
    }
}

static void count_bins(Pass *pass, const DkmSample *sample, const DkmCrop *crop,
                       DkmPatientMeasure *m)
{
    const DkmNormalisation *rule = &sample->c->normalisation;
    const float floor = MAX((rule->floor - rule->mean) / rule->sd, -DKM_NORMALISE_CLAMP);
    dkm_crop_read(sample, DKM_PHASE_PRE, crop, 1, pass->pre);
    for (gsize i = 0; i < pixels_of(pass); i++) {
        if (pass->pre[i] <= floor)
            continue;
        const int bin =
            CLAMP((int)(pass->value[i] * DKM_RELIABILITY_BINS), 0, DKM_RELIABILITY_BINS - 1);
        m->bins[bin].n++;
        m->bins[bin].labelled += pass->labelled[i];
        m->bins[bin].sum += (double)pass->value[i];
    }
}

static gboolean add_window(Pass *pass, const DkmSample *sample, const DkmCrop *crop, GError **error)
{
    const DkmGrid *grid = dkm_mask_grid(sample->c->mask);
    DkmPatientMeasure *m = measure_of(pass, sample);
    dkm_crop_read_mask(sample, crop, pass->label);
    count_pixels(pass, m);
    count_slice(pass, m);
    if (pass->predictor->is_probability) {
        count_levels(pass, m);
        count_bins(pass, sample, crop, m);
    }
    if (sample->c->is_volume) {
        g_byte_array_append(pass->volume, pass->predicted, (guint)pixels_of(pass));
        g_byte_array_append(pass->labelled_volume, pass->labelled, (guint)pixels_of(pass));
    }
    const DkmPlanePair pair = {pass->predicted,
                               pass->labelled,
                               pass->side,
                               pass->side,
                               {grid->spacing_mm[1], grid->spacing_mm[2]}};
    return dkm_contour_distances(&pair, pass->distances, error);
}

GArray *dkm_measure(const DkmPredictor *predictor, const GArray *samples,
                    const DkmEvaluateWindows *windows, GCancellable *cancel, GError **error)
{
    g_auto(Pass) pass = {0};
    pass_init(&pass, predictor, windows->side);
    for (guint i = 0; i < samples->len; i++) {
        const DkmSample *sample = &g_array_index(samples, DkmSample, i);
        const DkmCrop crop = dkm_evaluate_window(samples, i, windows);
        if (!predictor->predict(predictor->self, sample, &crop, pass.value, cancel, error) ||
            !add_window(&pass, sample, &crop, error))
            return NULL;
    }
    end_patient(&pass);
    return g_steal_pointer(&pass.measures);
}

static gboolean predict_by_network(gpointer data, const DkmSample *sample, const DkmCrop *crop,
                                   float *value, GCancellable *cancel, GError **error)
{
    return dkm_evaluate_predict(data, sample, crop, value, cancel, error);
}

DkmPredictor dkm_network_predictor(const DkmNoisedNetwork *noised, float threshold)
{
    return (DkmPredictor){.predict = predict_by_network,
                          .self = (gpointer)noised,
                          .threshold = threshold,
                          .is_probability = TRUE};
}

double dkm_measure_dice_at(const DkmPatientMeasure *m, guint step)
{
    DkmPatientScore score = {.labelled = m->score.labelled};
    for (guint k = step; k < DKM_THRESHOLD_STEPS; k++) {
        score.predicted += m->level[k];
        score.both += m->level_labelled[k];
    }
    return dkm_patient_score_dice(&score);
}

static double mean_dice_at(const GArray *measures, guint step)
{
    double sum = 0;
    for (guint i = 0; i < measures->len; i++)
        sum += dkm_measure_dice_at(&g_array_index(measures, DkmPatientMeasure, i), step);
    return sum / measures->len;
}

guint dkm_measure_best_step(const GArray *measures)
{
    const int half = DKM_THRESHOLD_STEPS / 2;
    guint best = half;
    for (int away = 1; away < half; away++)
        for (int side = -1; side <= 1; side += 2)
            if (mean_dice_at(measures, (guint)(half + side * away)) > mean_dice_at(measures, best))
                best = (guint)(half + side * away);
    return best;
}

double dkm_reliability_error(const DkmReliabilityBin bins[DKM_RELIABILITY_BINS])
{
    double sum = 0, n = 0;
    for (int i = 0; i < DKM_RELIABILITY_BINS; i++) {
        sum += fabs(bins[i].sum - (double)bins[i].labelled);
        n += (double)bins[i].n;
    }
    return n > 0 ? sum / n : NAN;
}

void dkm_reliability_add(DkmReliabilityBin sum[DKM_RELIABILITY_BINS],
                         const DkmReliabilityBin from[DKM_RELIABILITY_BINS])
{
    for (int i = 0; i < DKM_RELIABILITY_BINS; i++) {
        sum[i].n += from[i].n;
        sum[i].labelled += from[i].labelled;
        sum[i].sum += from[i].sum;
    }
}
