#include "core/learn/rules.h"

#include <math.h>

enum { MOST_CUTS = 80, NO_CUT = MOST_CUTS, PLACE_CUTS = 20 };

/* Thresholds that are tried: first + i * step. */
typedef struct {
    double first, step;
    int n;
} Cuts;
static const Cuts image_cuts = {-2, 0.1, 71}, pe_cuts = {10, 5, 59},
                  place_cuts = {0, 0.05, PLACE_CUTS};

struct _DkmRules {
    DkmEvaluateWindows windows;
    float *place; /* side squared */
    float place_threshold;
    int image, pe;     /* cuts; NO_CUT where there were no training patients */
    GHashTable *truth; /* DkmCase -> place's cut * MOST_CUTS + image's: each patient's own */
    DkmPredictor predictors[DKM_RULES];
};

static const struct {
    const char *name, *sees;
} kinds[DKM_RULES] = {
    [DKM_RULE_LOCATION] = {"location only", "nothing"},
    [DKM_RULE_IMAGE] = {"threshold", "pre-contrast"},
    [DKM_RULE_PE] = {"PE rule", "post-contrast"},
    [DKM_RULE_TRUTH] = {"location and threshold chosen with the truth", "the truth"},
    [DKM_RULE_NOTHING] = {"nothing", "nothing"}};

const char *dkm_rule_name(DkmRuleKind kind)
{
    return kinds[kind].name;
}

const char *dkm_rule_sees(DkmRuleKind kind)
{
    return kinds[kind].sees;
}

/* -- what a pixel's value is, before a threshold */

static void read_image(const DkmRules *rules, const DkmSample *sample, const DkmCrop *crop,
                       float *value)
{
    dkm_crop_read(sample, DKM_PHASE_PRE, crop, 1, value);
}

/* 100 (S1 - S0) / S0 of the foreground; z-scores are clamped, which no threshold here reaches. */
static void read_pe(const DkmRules *rules, const DkmSample *sample, const DkmCrop *crop,
                    float *value)
{
    const DkmNormalisation *rule = &sample->c->normalisation;
    const gsize n = (gsize)crop->side * (gsize)crop->side;
    g_autofree float *pre = g_new(float, n);
    dkm_crop_read(sample, DKM_PHASE_PRE, crop, 1, pre);
    dkm_crop_read(sample, DKM_PHASE_EARLY, crop, 1, value);
    dkm_normalisation_invert(rule, pre, n);
    dkm_normalisation_invert(rule, value, n);
    for (gsize i = 0; i < n; i++)
        value[i] =
            pre[i] > rule->floor && pre[i] > 0 ? 100 * (value[i] - pre[i]) / pre[i] : -G_MAXFLOAT;
}

typedef void (*Read)(const DkmRules *rules, const DkmSample *sample, const DkmCrop *crop,
                     float *value);

/* -- choosing thresholds */

/* Pixels of one patient at or over each cut, after cumulate(). */
typedef struct {
    gsize labelled, predicted[MOST_CUTS], both[MOST_CUTS];
} Counts;

/* The last of CUTS that VALUE reaches; -1 for none. */
static int reached(const Cuts *cuts, float value)
{
    return (int)CLAMP(floor(((double)value - cuts->first) / cuts->step), -1, cuts->n - 1);
}

static void count(Counts *counts, const Cuts *cuts, const float *value, const float *label, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        const int last = reached(cuts, value[i]);
        counts->labelled += label[i] > 0;
        if (last < 0)
            continue;
        counts->predicted[last]++;
        counts->both[last] += label[i] > 0;
    }
}

static void cumulate(Counts *counts, int n)
{
    for (int i = n - 1; i-- > 0;) {
        counts->predicted[i] += counts->predicted[i + 1];
        counts->both[i] += counts->both[i + 1];
    }
}

static void add_dice(Counts *counts, const Cuts *cuts, double dice[MOST_CUTS])
{
    cumulate(counts, cuts->n);
    for (int i = 0; i < cuts->n; i++) {
        const DkmPatientScore score = {.both = counts->both[i],
                                       .predicted = counts->predicted[i],
                                       .labelled = counts->labelled};
        dice[i] += dkm_patient_score_dice(&score);
    }
}

static int best_cut(const Cuts *cuts, const double dice[MOST_CUTS])
{
    int best = 0;
    for (int i = 1; i < cuts->n; i++)
        if (dice[i] > dice[best])
            best = i;
    return best;
}

typedef void (*EndPatient)(DkmRules *rules, const DkmCase *c, Counts *counts, double *dice);

/* Counts of every patient of SAMPLES, each given to END with DICE. */
static void visit_patients(DkmRules *rules, const GArray *samples, const Cuts *cuts, Read read,
                           EndPatient end, double *dice)
{
    const gsize n = (gsize)rules->windows.side * (gsize)rules->windows.side;
    g_autofree float *value = g_new(float, n), *label = g_new(float, n);
    Counts counts = {0};
    for (guint i = 0; i < samples->len; i++) {
        const DkmSample *sample = &g_array_index(samples, DkmSample, i);
        const DkmCrop crop = dkm_evaluate_window(samples, i, &rules->windows);
        read(rules, sample, &crop, value);
        dkm_crop_read_mask(sample, &crop, label);
        count(&counts, cuts, value, label, n);
        if (i + 1 < samples->len && g_array_index(samples, DkmSample, i + 1).c == sample->c)
            continue;
        end(rules, sample->c, &counts, dice);
        counts = (Counts){0};
    }
}

static void end_image(DkmRules *rules, const DkmCase *c, Counts *counts, double *dice)
{
    add_dice(counts, &image_cuts, dice);
}

static void end_pe(DkmRules *rules, const DkmCase *c, Counts *counts, double *dice)
{
    add_dice(counts, &pe_cuts, dice);
}

/* The pixels of one window, each to the counts of the last place cut that it reaches. */
static void count_placed(const DkmRules *rules, Counts counts[PLACE_CUTS], const float *value,
                         const float *label)
{
    const gsize n = (gsize)rules->windows.side * (gsize)rules->windows.side;
    for (gsize i = 0; i < n; i++)
        count(&counts[MAX(0, reached(&place_cuts, rules->place[i]))], &image_cuts, &value[i],
              &label[i], 1);
}

/* Both cuts that together do best on one patient. */
static int best_pair(Counts counts[PLACE_CUTS])
{
    double most = -1;
    int best = 0;
    gsize labelled = 0;
    for (int p = 0; p < PLACE_CUTS; p++)
        labelled += counts[p].labelled;
    for (int p = PLACE_CUTS; p-- > 0;) {
        double dice[MOST_CUTS] = {0};
        for (int i = 0; p + 1 < PLACE_CUTS && i < image_cuts.n; i++) {
            counts[p].predicted[i] += counts[p + 1].predicted[i];
            counts[p].both[i] += counts[p + 1].both[i];
        }
        Counts cumulated = counts[p];
        cumulated.labelled = labelled;
        add_dice(&cumulated, &image_cuts, dice);
        const int image = best_cut(&image_cuts, dice);
        if (dice[image] > most) {
            most = dice[image];
            best = p * MOST_CUTS + image;
        }
    }
    return best;
}

static void choose_with_truth(DkmRules *rules, const GArray *samples)
{
    const gsize n = (gsize)rules->windows.side * (gsize)rules->windows.side;
    g_autofree float *value = g_new(float, n), *label = g_new(float, n);
    g_autofree Counts *counts = g_new0(Counts, PLACE_CUTS);
    for (guint i = 0; i < samples->len; i++) {
        const DkmSample *sample = &g_array_index(samples, DkmSample, i);
        const DkmCrop crop = dkm_evaluate_window(samples, i, &rules->windows);
        read_image(rules, sample, &crop, value);
        dkm_crop_read_mask(sample, &crop, label);
        count_placed(rules, counts, value, label);
        if (i + 1 < samples->len && g_array_index(samples, DkmSample, i + 1).c == sample->c)
            continue;
        g_hash_table_replace(rules->truth, (gpointer)sample->c, GINT_TO_POINTER(best_pair(counts)));
        for (int p = 0; p < PLACE_CUTS; p++)
            counts[p] = (Counts){0};
    }
}

static void choose(DkmRules *rules, const GArray *training, const GArray *samples)
{
    double image[MOST_CUTS] = {0}, pe[MOST_CUTS] = {0};
    rules->image = rules->pe = NO_CUT;
    rules->place_threshold = G_MAXFLOAT;
    if (training->len > 0) {
        rules->place_threshold = dkm_evaluate_place(training, &rules->windows, rules->place);
        visit_patients(rules, training, &image_cuts, read_image, end_image, image);
        visit_patients(rules, training, &pe_cuts, read_pe, end_pe, pe);
        rules->image = best_cut(&image_cuts, image);
        rules->pe = best_cut(&pe_cuts, pe);
    }
    if (training->len > 0)
        choose_with_truth(rules, samples);
}

/* -- predicting */

/* 1 where VALUE reaches cut WANTED, else 0. */
static void cut(float *value, gsize n, const Cuts *cuts, int wanted)
{
    for (gsize i = 0; i < n; i++)
        value[i] = reached(cuts, value[i]) >= wanted ? 1 : 0;
}

static gsize pixels(const DkmCrop *crop)
{
    return (gsize)crop->side * (gsize)crop->side;
}

static gboolean predict_location(gpointer self, const DkmSample *sample, const DkmCrop *crop,
                                 float *value, GCancellable *cancel, GError **error)
{
    const DkmRules *rules = self;
    for (gsize i = 0; i < pixels(crop); i++)
        value[i] = rules->place[i] >= rules->place_threshold ? 1 : 0;
    return TRUE;
}

static gboolean predict_image(gpointer self, const DkmSample *sample, const DkmCrop *crop,
                              float *value, GCancellable *cancel, GError **error)
{
    const DkmRules *rules = self;
    read_image(rules, sample, crop, value);
    cut(value, pixels(crop), &image_cuts, rules->image);
    return TRUE;
}

static gboolean predict_pe(gpointer self, const DkmSample *sample, const DkmCrop *crop,
                           float *value, GCancellable *cancel, GError **error)
{
    const DkmRules *rules = self;
    read_pe(rules, sample, crop, value);
    cut(value, pixels(crop), &pe_cuts, rules->pe);
    return TRUE;
}

static gboolean predict_truth(gpointer self, const DkmSample *sample, const DkmCrop *crop,
                              float *value, GCancellable *cancel, GError **error)
{
    const DkmRules *rules = self;
    const int own = GPOINTER_TO_INT(g_hash_table_lookup(rules->truth, sample->c));
    const gboolean is_chosen = g_hash_table_contains(rules->truth, sample->c);
    read_image(rules, sample, crop, value);
    cut(value, pixels(crop), &image_cuts, own % MOST_CUTS);
    for (gsize i = 0; i < pixels(crop); i++)
        if (!is_chosen || reached(&place_cuts, rules->place[i]) < own / MOST_CUTS)
            value[i] = 0;
    return TRUE;
}

static gboolean predict_nothing(gpointer self, const DkmSample *sample, const DkmCrop *crop,
                                float *value, GCancellable *cancel, GError **error)
{
    for (gsize i = 0; i < pixels(crop); i++)
        value[i] = 0;
    return TRUE;
}

DkmRules *dkm_rules_new(const GArray *training, const GArray *samples,
                        const DkmEvaluateWindows *windows)
{
    static const DkmPredictor predictors[DKM_RULES] = {
        [DKM_RULE_LOCATION] = {.predict = predict_location},
        [DKM_RULE_IMAGE] = {.predict = predict_image},
        [DKM_RULE_PE] = {.predict = predict_pe},
        [DKM_RULE_TRUTH] = {.predict = predict_truth},
        [DKM_RULE_NOTHING] = {.predict = predict_nothing}};
    DkmRules *rules = g_new0(DkmRules, 1);
    rules->windows = *windows;
    rules->place = g_new0(float, (gsize)windows->side *(gsize)windows->side);
    rules->truth = g_hash_table_new(g_direct_hash, g_direct_equal);
    for (int i = 0; i < DKM_RULES; i++) {
        rules->predictors[i] = predictors[i];
        rules->predictors[i].self = rules;
        rules->predictors[i].threshold = 0.5f;
    }
    choose(rules, training, samples);
    return rules;
}

void dkm_rules_free(DkmRules *rules)
{
    if (!rules)
        return;
    g_free(rules->place);
    g_hash_table_unref(rules->truth);
    g_free(rules);
}

DkmPredictor dkm_rules_predictor(DkmRules *rules, DkmRuleKind kind)
{
    return rules->predictors[kind];
}

static double value_of(const Cuts *cuts, int cut)
{
    return cut == NO_CUT ? NAN : cuts->first + cut * cuts->step;
}

double dkm_rules_threshold(const DkmRules *rules, DkmRuleKind kind)
{
    return kind == DKM_RULE_IMAGE ? value_of(&image_cuts, rules->image)
           : kind == DKM_RULE_PE  ? value_of(&pe_cuts, rules->pe)
                                  : NAN;
}
