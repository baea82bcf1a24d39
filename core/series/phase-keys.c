#include "core/series/phase-keys.h"

#include "core/i18n.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Clock values closer than this may be one phase (a stamp that changed half-way). */
#define MERGE_SECONDS 2.0
/* A spread of times of day above this means that midnight lies between. */
#define HALF_DAY_SECONDS 43200.0
#define DAY_SECONDS 86400.0

typedef struct {
    const char *name;
    double (*get)(const DkmFrame *frame);
    double seconds_per_unit;    /* 0: no clock */
    gboolean is_time_of_day;    /* wraps at midnight */
    gboolean counts_per_series; /* starts anew in each series */
    gboolean first_may_lack;    /* absent in the first phase means zero */
    gboolean may_rank;          /* its order at each slice means something */
    gboolean only_ranks;        /* its values are different for every frame by design */
} KeyKind;

static double integer(int value)
{
    return value == DKM_ABSENT_INT ? NAN : value;
}

static double temporal_position(const DkmFrame *frame)
{
    return integer(frame->temporal_position);
}

static double trigger_time(const DkmFrame *frame)
{
    return frame->trigger_time_ms;
}

static double acquisition_number(const DkmFrame *frame)
{
    return integer(frame->acquisition_number);
}

static double acquisition_time(const DkmFrame *frame)
{
    return frame->acquisition_time_s;
}

static double content_time(const DkmFrame *frame)
{
    return frame->content_time_s;
}

static double acquisition_datetime(const DkmFrame *frame)
{
    return frame->acquisition_datetime_s;
}

static double series_time(const DkmFrame *frame)
{
    return frame->series_time_s;
}

static double series_number(const DkmFrame *frame)
{
    return integer(frame->series_number);
}

static double instance_number(const DkmFrame *frame)
{
    return integer(frame->instance_number);
}

/* In the order of trust. */
static const KeyKind kinds[] = {
    {"TemporalPositionIdentifier", temporal_position, .counts_per_series = TRUE},
    {"TriggerTime", trigger_time, .seconds_per_unit = 1e-3, .counts_per_series = TRUE,
     .first_may_lack = TRUE},
    {"AcquisitionNumber", acquisition_number, .counts_per_series = TRUE},
    {"AcquisitionTime", acquisition_time, .seconds_per_unit = 1, .is_time_of_day = TRUE,
     .may_rank = TRUE},
    {"ContentTime", content_time, .seconds_per_unit = 1, .is_time_of_day = TRUE, .may_rank = TRUE},
    {"AcquisitionDateTime", acquisition_datetime, .seconds_per_unit = 1, .may_rank = TRUE},
    {"SeriesInstanceUID", NULL},
    {"InstanceNumber", instance_number, .counts_per_series = TRUE, .may_rank = TRUE,
     .only_ranks = TRUE},
};

/* What is known of the stack's series, in the order of time. */
typedef struct {
    guint n;
    guint *rank;              /* of each frame */
    gboolean each_is_a_phase; /* every series covers every slice exactly once */
} SeriesOrder;

/* One frame under one key. */
typedef struct {
    guint series; /* rank of its series, or 0 where series do not count */
    double value;
    guint frame;
} Entry;

void dkm_unwrap_midnight(double *seconds, guint n)
{
    double low = INFINITY, high = -INFINITY;
    for (guint i = 0; i < n; i++) {
        low = fmin(low, seconds[i]);
        high = fmax(high, seconds[i]);
    }
    if (!(high - low > HALF_DAY_SECONDS))
        return;
    for (guint i = 0; i < n; i++)
        if (seconds[i] < HALF_DAY_SECONDS)
            seconds[i] += DAY_SECONDS;
}

/* ---- the order of series ---------------------------------------------------------------- */

static int compare_entries(const void *a, const void *b)
{
    const Entry *p = a, *q = b;
    if (p->series != q->series)
        return p->series < q->series ? -1 : 1;
    if (p->value != q->value)
        return p->value < q->value ? -1 : 1;
    return (p->frame > q->frame) - (p->frame < q->frame);
}

/* Number of each frame's series in the order of first appearance. */
static guint number_series(const DkmStack *stack, guint *series)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < stack->n_frames; i++) {
        const char *uid = dkm_stack_frame(stack, i)->series_uid;
        gpointer number = NULL;
        if (!g_hash_table_lookup_extended(seen, uid ? uid : "", NULL, &number)) {
            number = GUINT_TO_POINTER(g_hash_table_size(seen));
            g_hash_table_insert(seen, (gpointer)(uid ? uid : ""), number);
        }
        series[i] = GPOINTER_TO_UINT(number);
    }
    return g_hash_table_size(seen);
}

/* Smallest value of GET in each series; FALSE where one has none or two have the same. */
static gboolean order_by(const DkmStack *stack, double (*get)(const DkmFrame *),
                         const guint *series, guint n, Entry *order)
{
    g_autofree double *start = g_new(double, n);
    for (guint s = 0; s < n; s++)
        start[s] = NAN;
    for (guint i = 0; i < stack->n_frames; i++)
        start[series[i]] = fmin(start[series[i]], get(dkm_stack_frame(stack, i)));
    if (get == acquisition_time || get == content_time || get == series_time)
        dkm_unwrap_midnight(start, n);
    for (guint s = 0; s < n; s++) {
        if (isnan(start[s]))
            return FALSE;
        order[s] = (Entry){0, start[s], s};
    }
    qsort(order, n, sizeof *order, compare_entries);
    for (guint s = 1; s < n; s++)
        if (order[s].value == order[s - 1].value)
            return FALSE;
    return TRUE;
}

static gboolean covers_all(const DkmStack *stack, const guint *phase, guint n_phases)
{
    if (stack->n_frames != stack->n_slices * n_phases)
        return FALSE;
    g_autofree guint8 *seen = g_malloc0((gsize)stack->n_slices * n_phases);
    for (guint i = 0; i < stack->n_frames; i++) {
        if (phase[i] >= n_phases || seen[(gsize)stack->slice[i] * n_phases + phase[i]]++)
            return FALSE;
    }
    return TRUE;
}

static SeriesOrder order_series(const DkmStack *stack)
{
    static double (*const clocks[])(const DkmFrame *) = {acquisition_datetime, acquisition_time,
                                                         content_time, series_time, series_number};
    SeriesOrder order = {.rank = g_new(guint, stack->n_frames)};
    order.n = number_series(stack, order.rank);
    g_autofree Entry *sorted = g_new(Entry, order.n);
    gboolean is_sorted = order.n < 2;
    for (guint c = 0; !is_sorted && c < G_N_ELEMENTS(clocks); c++)
        is_sorted = order_by(stack, clocks[c], order.rank, order.n, sorted);
    if (is_sorted && order.n > 1) {
        g_autofree guint *rank = g_new(guint, order.n);
        for (guint s = 0; s < order.n; s++)
            rank[sorted[s].frame] = s;
        for (guint i = 0; i < stack->n_frames; i++)
            order.rank[i] = rank[order.rank[i]];
    }
    order.each_is_a_phase = order.n > 1 && covers_all(stack, order.rank, order.n);
    return order;
}

/* ---- one key ---------------------------------------------------------------------------- */

/* Values of KIND, NaN where absent. */
static double *get_values(const DkmStack *stack, const KeyKind *kind, const SeriesOrder *series)
{
    double *values = g_new(double, stack->n_frames);
    for (guint i = 0; i < stack->n_frames; i++)
        values[i] = kind->get ? kind->get(dkm_stack_frame(stack, i)) : series->rank[i];
    if (kind->is_time_of_day)
        dkm_unwrap_midnight(values, stack->n_frames);
    return values;
}

/* Frames sorted by (series, value); SERIES NULL: by value alone. Absent values come first. */
static Entry *sort_entries(const DkmStack *stack, const double *values, const guint *series)
{
    Entry *entries = g_new(Entry, stack->n_frames);
    for (guint i = 0; i < stack->n_frames; i++)
        entries[i] = (Entry){series ? series[i] : 0, isnan(values[i]) ? -INFINITY : values[i], i};
    qsort(entries, stack->n_frames, sizeof *entries, compare_entries);
    return entries;
}

/* Numbers the runs of entries that lie less than GAP apart (0: equal ones) into PHASE; returns how
 * many. */
static guint number_runs(const Entry *entries, guint n, double gap, guint *phase)
{
    guint runs = 0;
    for (guint i = 0; i < n; i++) {
        const gboolean same = i > 0 && entries[i].series == entries[i - 1].series &&
                              (entries[i].value == entries[i - 1].value ||
                               entries[i].value - entries[i - 1].value < gap);
        runs += !same;
        phase[entries[i].frame] = runs - 1;
    }
    return runs;
}

static char *value_words(const KeyKind *kind, double value)
{
    if (value == -INFINITY)
        return g_strdup(_("no value"));
    if (!kind->is_time_of_day)
        return g_strdup_printf("%.10g", value);
    const int seconds = (int)value % (int)DAY_SECONDS;
    return g_strdup_printf("%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

/* Why the sorted ENTRIES, numbered in PHASE as RUNS runs, do not cover every slice once each. */
static char *describe_failure(const DkmStack *stack, const KeyKind *kind, const Entry *entries,
                              const guint *phase, guint runs)
{
    g_autofree guint *size = g_new0(guint, runs);
    g_autofree guint *first = g_new0(guint, runs);
    for (guint i = stack->n_frames; i-- > 0;) {
        size[phase[entries[i].frame]]++;
        first[phase[entries[i].frame]] = i;
    }
    for (guint r = 0; r < runs; r++)
        if (size[r] != stack->n_slices) {
            g_autofree char *value = value_words(kind, entries[first[r]].value);
            return g_strdup_printf(_("%s stands in %u images, a phase has %u"), value, size[r],
                                   stack->n_slices);
        }
    return g_strdup(_("a value comes twice at one slice"));
}

/* One way of splitting: on success fills key->phase. */
static gboolean try_split(DkmPhaseKey *key, const DkmStack *stack, const Entry *entries, double gap,
                          guint n_phases)
{
    g_autofree guint *phase = g_new(guint, stack->n_frames);
    if (number_runs(entries, stack->n_frames, gap, phase) != n_phases ||
        !covers_all(stack, phase, n_phases))
        return FALSE;
    key->phase = g_steal_pointer(&phase);
    return TRUE;
}

static gboolean split_by_value(DkmPhaseKey *key, const KeyKind *kind, const DkmStack *stack,
                               const Entry *entries, guint n_phases)
{
    if (try_split(key, stack, entries, 0, n_phases)) {
        key->split = DKM_SPLIT_EXACT;
        return TRUE;
    }
    if (kind->seconds_per_unit > 0 &&
        try_split(key, stack, entries, MERGE_SECONDS / kind->seconds_per_unit, n_phases)) {
        key->split = DKM_SPLIT_MERGED;
        return TRUE;
    }
    return FALSE;
}

/* The frame's rank among those of its slice, by (series, value). Values must differ at each slice.
 */
static gboolean split_by_rank(DkmPhaseKey *key, const DkmStack *stack, const double *values,
                              const SeriesOrder *series)
{
    g_autofree Entry *entries = sort_entries(stack, values, series->rank);
    g_autofree guint *used = g_new0(guint, stack->n_slices);
    g_autofree Entry *last = g_new0(Entry, stack->n_slices);
    g_autofree guint *phase = g_new(guint, stack->n_frames);
    for (guint i = 0; i < stack->n_frames; i++) {
        const guint slice = stack->slice[entries[i].frame];
        if (used[slice] && last[slice].series == entries[i].series &&
            last[slice].value == entries[i].value)
            return FALSE;
        last[slice] = entries[i];
        phase[entries[i].frame] = used[slice]++;
    }
    key->split = DKM_SPLIT_RANKED;
    key->phase = g_steal_pointer(&phase);
    return TRUE;
}

static guint count_values(const Entry *sorted, guint n, guint *n_absent)
{
    guint values = 0;
    *n_absent = 0;
    for (guint i = 0; i < n; i++) {
        if (sorted[i].value == -INFINITY)
            ++*n_absent;
        else
            values += i == 0 || sorted[i].value != sorted[i - 1].value;
    }
    return values;
}

/* Sets key->absent where KIND cannot tell anything. */
static gboolean is_silent(DkmPhaseKey *key, const KeyKind *kind, const SeriesOrder *series,
                          guint n_absent, guint n_frames)
{
    if (n_absent == n_frames)
        key->problem = g_strdup(_("no image has it"));
    else if (n_absent > 0 && !kind->first_may_lack && series->n == 1)
        key->problem = g_strdup_printf(_("missing in %u of %u images"), n_absent, n_frames);
    else if (key->n_values == 1 && n_absent == 0)
        key->problem = g_strdup(_("the same in all images"));
    key->absent = key->problem != NULL;
    return key->absent;
}

static DkmPhaseKey judge(const KeyKind *kind, const DkmStack *stack, const SeriesOrder *series,
                         guint n_phases)
{
    DkmPhaseKey key = {
        .key = kind->name, .split = DKM_SPLIT_NONE, .is_clock = kind->seconds_per_unit > 0};
    guint n_absent;
    g_autofree double *values = get_values(stack, kind, series);
    g_autofree Entry *entries = sort_entries(stack, values, NULL);
    key.n_values = count_values(entries, stack->n_frames, &n_absent);
    if (is_silent(&key, kind, series, n_absent, stack->n_frames))
        return key;
    const gboolean may_nest = series->n > 1 && !series->each_is_a_phase && kind->get;
    const gboolean is_complete = n_absent == 0 || kind->first_may_lack;
    if (!kind->only_ranks) {
        g_autofree Entry *nested = may_nest ? sort_entries(stack, values, series->rank) : NULL;
        const gboolean is_nested = may_nest && kind->counts_per_series &&
                                   split_by_value(&key, kind, stack, nested, n_phases);
        if (!is_nested && is_complete && split_by_value(&key, kind, stack, entries, n_phases))
            return key;
        if (is_nested || (may_nest && split_by_value(&key, kind, stack, nested, n_phases)))
            key.split = DKM_SPLIT_WITHIN_SERIES;
        if (key.phase)
            return key;
        g_autofree guint *phase = g_new(guint, stack->n_frames);
        const guint runs = number_runs(entries, stack->n_frames, 0, phase);
        key.problem = describe_failure(stack, kind, entries, phase, runs);
    }
    if (kind->may_rank && n_absent == 0)
        split_by_rank(&key, stack, values, series);
    return key;
}

/* ---- all keys --------------------------------------------------------------------------- */

static void clear_key(gpointer data)
{
    DkmPhaseKey *key = data;
    g_clear_pointer(&key->phase, g_free);
    g_clear_pointer(&key->problem, g_free);
}

GArray *dkm_phase_keys_judge(const DkmStack *stack, guint n_phases)
{
    GArray *keys = g_array_new(FALSE, FALSE, sizeof(DkmPhaseKey));
    g_array_set_clear_func(keys, clear_key);
    const SeriesOrder series = order_series(stack);
    for (guint k = 0; k < G_N_ELEMENTS(kinds); k++) {
        if (!kinds[k].get && series.n < 2)
            continue;
        const DkmPhaseKey key = judge(&kinds[k], stack, &series, n_phases);
        g_array_append_val(keys, key);
    }
    g_free(series.rank);
    return keys;
}

static gboolean same_phases(const DkmPhaseKey *a, const DkmPhaseKey *b, guint n_frames)
{
    return a->phase && b->phase && memcmp(a->phase, b->phase, n_frames * sizeof *a->phase) == 0;
}

const DkmPhaseKey *dkm_phase_keys_choose(const GArray *keys, guint n_frames)
{
    const DkmPhaseKey *best = NULL, *ranked = NULL;
    guint most = 0;
    for (guint i = 0; i < keys->len; i++) {
        const DkmPhaseKey *key = &g_array_index(keys, DkmPhaseKey, i);
        if (key->split == DKM_SPLIT_RANKED && !ranked)
            ranked = key;
        if (key->split >= DKM_SPLIT_RANKED)
            continue;
        guint votes = 0;
        for (guint j = 0; j < keys->len; j++) {
            const DkmPhaseKey *other = &g_array_index(keys, DkmPhaseKey, j);
            votes += other->split < DKM_SPLIT_RANKED && same_phases(key, other, n_frames);
        }
        if (votes > most) {
            most = votes;
            best = key;
        }
    }
    return best ? best : ranked;
}

static const char *split_words(DkmSplit split)
{
    static const char *const words[] = {
        [DKM_SPLIT_EXACT] = N_("each value covers every slice once"),
        [DKM_SPLIT_MERGED] = N_("values less than 2 s apart, joined, cover every slice once"),
        [DKM_SPLIT_WITHIN_SERIES] = N_("inside each series its values cover every slice once"),
        [DKM_SPLIT_RANKED] = N_("its rank at each slice"),
    };
    return _(words[split]);
}

static DkmVerdict verdict_of(const DkmPhaseKey *key, const DkmPhaseKey *chosen, guint n_frames)
{
    if (key == chosen)
        return DKM_VERDICT_CHOSEN;
    if (key->absent)
        return DKM_VERDICT_ABSENT;
    if (chosen && same_phases(key, chosen, n_frames))
        return DKM_VERDICT_AGREES;
    return key->split < DKM_SPLIT_RANKED ? DKM_VERDICT_DISAGREES : DKM_VERDICT_FAILS;
}

DkmKeyEvidence dkm_phase_key_evidence(const DkmPhaseKey *key, const DkmPhaseKey *chosen,
                                      guint n_frames)
{
    DkmKeyEvidence evidence = {
        .key = key->key,
        .verdict = verdict_of(key, chosen, n_frames),
        .n_values = key->n_values,
    };
    const char *problem = key->problem, *split = key->phase ? split_words(key->split) : "";
    const char *join = problem && key->phase ? "; " : "";
    switch (evidence.verdict) {
    case DKM_VERDICT_CHOSEN:
    case DKM_VERDICT_AGREES:
        if (key->split == DKM_SPLIT_RANKED)
            split = _("its rank at each slice gives these phases");
        evidence.detail = g_strdup_printf("%s%s%s", problem ? problem : "", join, split);
        break;
    case DKM_VERDICT_DISAGREES:
        evidence.detail = g_strdup_printf(_("%s, but in other phases or another order"), split);
        break;
    case DKM_VERDICT_FAILS:
        evidence.detail =
            g_strdup(problem ? problem : _("its rank at each slice gives other phases"));
        break;
    case DKM_VERDICT_ABSENT:
        evidence.detail = g_strdup(problem);
        break;
    }
    return evidence;
}

guint dkm_phase_keys_blame(const DkmStack *stack, guint expected, guint slice, gboolean surplus)
{
    const SeriesOrder series = order_series(stack);
    guint blamed = 0;
    for (guint k = 0; !blamed && k < G_N_ELEMENTS(kinds); k++) {
        if (kinds[k].only_ranks)
            continue;
        g_autofree double *values = get_values(stack, &kinds[k], &series);
        g_autofree Entry *entries = sort_entries(stack, values, NULL);
        g_autofree guint *phase = g_new(guint, stack->n_frames);
        if (number_runs(entries, stack->n_frames, 0, phase) != expected)
            continue;
        g_autofree guint *seen = g_new0(guint, expected);
        for (guint i = 0; i < stack->n_frames; i++)
            if (stack->slice[i] == slice)
                seen[phase[i]]++;
        for (guint p = 0; !blamed && p < expected; p++)
            if (surplus ? seen[p] > 1 : seen[p] == 0)
                blamed = p + 1;
    }
    g_free(series.rank);
    return blamed;
}

/* No phase has a slice twice. */
static gboolean is_once_a_slice(const DkmStack *stack, const guint *phase, guint n_phases)
{
    g_autofree guint8 *seen = g_malloc0((gsize)stack->n_slices * n_phases);
    for (guint i = 0; i < stack->n_frames; i++)
        if (seen[(gsize)stack->slice[i] * n_phases + phase[i]]++)
            return FALSE;
    return TRUE;
}

/* By the values as they are, then with close times joined; SERIES as in sort_entries. */
static guint *split_partly(const DkmStack *stack, const KeyKind *kind, const double *values,
                           const guint *series, guint n_phases)
{
    const double gaps[] = {0,
                           kind->seconds_per_unit > 0 ? MERGE_SECONDS / kind->seconds_per_unit : 0};
    g_autofree Entry *entries = sort_entries(stack, values, series);
    g_autofree guint *phase = g_new(guint, stack->n_frames);
    for (guint g = 0; g < G_N_ELEMENTS(gaps); g++)
        if (number_runs(entries, stack->n_frames, gaps[g], phase) == n_phases &&
            is_once_a_slice(stack, phase, n_phases))
            return g_steal_pointer(&phase);
    return NULL;
}

static guint *partial_by(const DkmStack *stack, const KeyKind *kind, const SeriesOrder *series,
                         guint n_phases)
{
    g_autofree double *values = get_values(stack, kind, series);
    guint n_absent = 0;
    for (guint i = 0; i < stack->n_frames; i++)
        n_absent += isnan(values[i]) != 0;
    if (kind->only_ranks || (n_absent && !kind->first_may_lack))
        return NULL;
    const gboolean may_nest = series->n > 1 && kind->get;
    guint *phase = NULL;
    if (may_nest && kind->counts_per_series)
        phase = split_partly(stack, kind, values, series->rank, n_phases);
    if (!phase)
        phase = split_partly(stack, kind, values, NULL, n_phases);
    if (!phase && may_nest)
        phase = split_partly(stack, kind, values, series->rank, n_phases);
    return phase;
}

guint *dkm_phase_keys_partial(const DkmStack *stack, guint n_phases)
{
    const SeriesOrder series = order_series(stack);
    g_autofree guint *agreed = NULL;
    gboolean contradicts = FALSE;
    for (guint k = 0; k < G_N_ELEMENTS(kinds); k++) {
        g_autofree guint *phase = partial_by(stack, &kinds[k], &series, n_phases);
        contradicts |=
            phase && agreed && memcmp(phase, agreed, stack->n_frames * sizeof *phase) != 0;
        if (!agreed)
            agreed = g_steal_pointer(&phase);
    }
    g_free(series.rank);
    return contradicts ? NULL : g_steal_pointer(&agreed);
}
