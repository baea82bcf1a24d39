#include "core/learn/generation.h"

#include "core/image/similarity.h"

#include <math.h>

enum { AUC_BINS = 4000 };

/* One patient while its windows go by. */
typedef struct {
    const DkmLatePredictor *predictor;
    const GArray *samples;
    const DkmEvaluateWindows *windows;
    float *pre, *late, *label, *predicted, *ssim;
    double squares[DKM_REGIONS], ssim_sum[DKM_REGIONS];
    gsize pixels[DKM_REGIONS];
    gsize in[AUC_BINS],
        out[AUC_BINS]; /* of the predicted enhancement: tumour, rest of the breast */
} Pass;

static gsize pixels_of(const Pass *pass)
{
    return (gsize)pass->windows->side * (gsize)pass->windows->side;
}

static void pass_clear(Pass *pass)
{
    g_free(pass->pre);
    g_free(pass->late);
    g_free(pass->label);
    g_free(pass->predicted);
    g_free(pass->ssim);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pass, pass_clear)

static void pass_init(Pass *pass)
{
    const gsize n = pixels_of(pass);
    pass->pre = g_new(float, n);
    pass->late = g_new(float, n);
    pass->label = g_new(float, n);
    pass->predicted = g_new(float, n);
    pass->ssim = g_new(float, n);
}

static void start_patient(Pass *pass)
{
    for (int r = 0; r < DKM_REGIONS; r++) {
        pass->squares[r] = pass->ssim_sum[r] = 0;
        pass->pixels[r] = 0;
    }
    for (int i = 0; i < AUC_BINS; i++)
        pass->in[i] = pass->out[i] = 0;
}

/* The foreground's floor in z-scores. */
static float floor_of(const DkmCase *c)
{
    const DkmNormalisation *rule = &c->normalisation;
    return MAX((rule->floor - rule->mean) / rule->sd, -DKM_NORMALISE_CLAMP);
}

static void read_window(Pass *pass, guint i)
{
    const DkmSample *sample = &g_array_index(pass->samples, DkmSample, i);
    const DkmCrop crop = dkm_evaluate_window(pass->samples, i, pass->windows);
    dkm_crop_read(sample, DKM_PHASE_PRE, &crop, 1, pass->pre);
    dkm_crop_read(sample, DKM_PHASE_LATE, &crop, 1, pass->late);
    dkm_crop_read_mask(sample, &crop, pass->label);
}

static const DkmCase *case_of(const Pass *pass, guint i)
{
    return g_array_index(pass->samples, DkmSample, i).c;
}

/* First sample of the next patient. */
static guint end_of_patient(const Pass *pass, guint first)
{
    guint end = first;
    while (end < pass->samples->len && case_of(pass, end) == case_of(pass, first))
        end++;
    return end;
}

/* 0 where the windows hold no breast. */
static double range_of(Pass *pass, guint first, guint end)
{
    const float floor = floor_of(case_of(pass, first));
    float low = G_MAXFLOAT, high = -G_MAXFLOAT;
    for (guint i = first; i < end; i++) {
        read_window(pass, i);
        for (gsize p = 0; p < pixels_of(pass); p++) {
            if (pass->pre[p] <= floor)
                continue;
            low = MIN(low, pass->late[p]);
            high = MAX(high, pass->late[p]);
        }
    }
    return high > low ? (double)high - (double)low : 0;
}

static void add_pixel(Pass *pass, gsize p, gboolean is_tumour)
{
    const double error = (double)pass->predicted[p] - (double)pass->late[p];
    const double enhancement = (double)pass->predicted[p] - (double)pass->pre[p];
    const double width = 4.0 * (double)DKM_NORMALISE_CLAMP / AUC_BINS;
    const int bin = CLAMP((int)(floor(enhancement / width) + AUC_BINS / 2.0), 0, AUC_BINS - 1);
    for (int r = DKM_REGION_BREAST; r <= (is_tumour ? DKM_REGION_TUMOUR : DKM_REGION_BREAST); r++) {
        pass->squares[r] += error * error;
        pass->ssim_sum[r] += (double)pass->ssim[p];
        pass->pixels[r]++;
    }
    (is_tumour ? pass->in : pass->out)[bin]++;
}

static gboolean add_window(Pass *pass, guint i, double range, GCancellable *cancel, GError **error)
{
    const DkmSample *sample = &g_array_index(pass->samples, DkmSample, i);
    const DkmCrop crop = dkm_evaluate_window(pass->samples, i, pass->windows);
    const int side = pass->windows->side, size[2] = {side, side};
    const float floor = floor_of(sample->c);
    if (!pass->predictor->predict(pass->predictor->self, sample, &crop, pass->predicted, cancel,
                                  error))
        return FALSE;
    read_window(pass, i);
    dkm_ssim_map(pass->predicted, pass->late, size, range, pass->ssim);
    for (gsize p = 0; p < pixels_of(pass); p++)
        if (pass->pre[p] > floor)
            add_pixel(pass, p, pass->label[p] > 0);
    return TRUE;
}

/* By Mann and Whitney over the bins; equal bins count half. */
static double auc_of(const Pass *pass)
{
    double below = 0, pairs = 0, in = 0, out = 0;
    for (int i = 0; i < AUC_BINS; i++) {
        pairs += (double)pass->in[i] * (below + (double)pass->out[i] / 2);
        below += (double)pass->out[i];
        in += (double)pass->in[i];
        out += (double)pass->out[i];
    }
    return in > 0 && out > 0 ? pairs / (in * out) : NAN;
}

static void end_patient(const Pass *pass, DkmGenerationMeasure *m)
{
    for (int r = 0; r < DKM_REGIONS; r++) {
        const double n = (double)pass->pixels[r];
        m->psnr_db[r] = n > 0 ? 10 * log10(m->range * m->range * n / pass->squares[r]) : NAN;
        m->ssim[r] = n > 0 ? pass->ssim_sum[r] / n : NAN;
    }
    m->auc = auc_of(pass);
}

GArray *dkm_generation_measure(const DkmLatePredictor *predictor, const GArray *samples,
                               const DkmEvaluateWindows *windows, GCancellable *cancel,
                               GError **error)
{
    g_auto(Pass) pass = {.predictor = predictor, .samples = samples, .windows = windows};
    g_autoptr(GArray) measures = g_array_new(FALSE, FALSE, sizeof(DkmGenerationMeasure));
    pass_init(&pass);
    for (guint first = 0, end; first < samples->len; first = end) {
        end = end_of_patient(&pass, first);
        DkmGenerationMeasure m = {.c = case_of(&pass, first), .slices = end - first};
        m.range = range_of(&pass, first, end);
        start_patient(&pass);
        for (guint i = first; i < end && m.range > 0; i++)
            if (!add_window(&pass, i, m.range, cancel, error))
                return NULL;
        end_patient(&pass, &m);
        g_array_append_val(measures, m);
    }
    return g_steal_pointer(&measures);
}

/* -- rules */

struct _DkmLateRules {
    float mean;
    float *place; /* side squared */
    struct RuleOf {
        DkmLateRules *rules;
        DkmLateRule rule;
    } of[DKM_LATE_RULES];
};

static const char *const rule_names[DKM_LATE_RULES] = {
    "pre-contrast copied", "pre-contrast and mean enhancement",
    "pre-contrast and mean enhancement by place"};

const char *dkm_late_rule_name(DkmLateRule rule)
{
    return rule_names[rule];
}

void dkm_late_rules_free(DkmLateRules *rules)
{
    if (!rules)
        return;
    g_free(rules->place);
    g_free(rules);
}

DkmLateRules *dkm_late_rules_new(const GArray *training, const DkmEvaluateWindows *windows)
{
    DkmLateRules *rules = g_new0(DkmLateRules, 1);
    g_auto(Pass) pass = {.samples = training, .windows = windows};
    pass_init(&pass);
    const gsize n = pixels_of(&pass);
    g_autofree double *sum = g_new0(double, n);
    double breast = 0;
    gsize count = 0;
    rules->place = g_new0(float, n);
    for (guint i = 0; i < training->len; i++) {
        const float floor = floor_of(case_of(&pass, i));
        read_window(&pass, i);
        for (gsize p = 0; p < n; p++) {
            const double enhancement = (double)pass.late[p] - (double)pass.pre[p];
            sum[p] += enhancement;
            breast += pass.pre[p] > floor ? enhancement : 0;
            count += pass.pre[p] > floor;
        }
    }
    rules->mean = count ? (float)(breast / (double)count) : 0;
    for (gsize p = 0; p < n && training->len > 0; p++)
        rules->place[p] = (float)(sum[p] / training->len);
    for (int r = 0; r < DKM_LATE_RULES; r++)
        rules->of[r] = (struct RuleOf){rules, (DkmLateRule)r};
    return rules;
}

static gboolean predict_by_rule(gpointer data, const DkmSample *sample, const DkmCrop *crop,
                                float *late, GCancellable *cancel, GError **error)
{
    const struct RuleOf *of = data;
    const float floor = floor_of(sample->c);
    const gsize n = (gsize)crop->side * (gsize)crop->side;
    dkm_crop_read(sample, DKM_PHASE_PRE, crop, 1, late);
    for (gsize p = 0; p < n; p++)
        late[p] += of->rule == DKM_LATE_PLACE                     ? of->rules->place[p]
                   : of->rule == DKM_LATE_MEAN && late[p] > floor ? of->rules->mean
                                                                  : 0;
    return TRUE;
}

DkmLatePredictor dkm_late_rules_predictor(DkmLateRules *rules, DkmLateRule rule)
{
    return (DkmLatePredictor){predict_by_rule, &rules->of[rule]};
}

static gboolean predict_by_chain(gpointer data, const DkmSample *sample, const DkmCrop *crop,
                                 float *late, GCancellable *cancel, GError **error)
{
    const DkmChainPredictor *chain = data;
    g_autofree float *x_0 = g_new(float, (gsize)crop->side *(gsize)crop->side);
    const DkmGeneratorPlanes planes = {x_0, chain->noise, late};
    dkm_crop_read(sample, DKM_PHASE_PRE, crop, 1, x_0);
    return dkm_generator_run(chain->generator, &chain->chain, &planes, cancel, error);
}

DkmLatePredictor dkm_chain_predictor(DkmChainPredictor *chain)
{
    return (DkmLatePredictor){predict_by_chain, chain};
}
