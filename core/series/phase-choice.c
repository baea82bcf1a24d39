#include "core/series/phase-choice.h"

#include "core/error.h"
#include "core/i18n.h"
#include "core/series/geometry.h"
#include "core/series/patient.h"
#include "core/series/phase-override.h"
#include "core/series/phase-times.h"

#include <math.h>

/* Hexadecimal digits of a candidate's name. */
#define ID_DIGITS 32

static void candidate_free(gpointer data)
{
    DkmPhaseCandidate *candidate = data;
    g_array_unref(candidate->frames);
    g_free(candidate->id);
    g_free(candidate->reason);
    g_free(candidate->problem);
    g_free(candidate);
}

/* ---- what there is ------------------------------------------------------------------------- */

static int compare_texts(const void *a, const void *b)
{
    return g_strcmp0(*(const char *const *)a, *(const char *const *)b);
}

/* Of the images' UIDs in any order: files may be found in another one. */
static char *id_of(const DkmFrameTable *table, const GArray *frames)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (guint i = 0; i < frames->len; i++) {
        const DkmFrame *frame = dkm_frame_table_get(table, g_array_index(frames, guint, i));
        const char *uid = frame->sop_instance_uid ? frame->sop_instance_uid : frame->path;
        g_ptr_array_add(names, g_strdup_printf("%s/%d\n", uid, frame->frame));
    }
    g_ptr_array_sort(names, compare_texts);
    for (guint i = 0; i < names->len; i++)
        g_checksum_update(sum, names->pdata[i], -1);
    return g_strndup(g_checksum_get_string(sum), ID_DIGITS);
}

static DkmPhaseCandidate *add(GPtrArray *list, const DkmFrameTable *table, const guint *frames,
                              guint n)
{
    DkmPhaseCandidate *candidate = g_new0(DkmPhaseCandidate, 1);
    candidate->frames = g_array_new(FALSE, FALSE, sizeof(guint));
    g_array_append_vals(candidate->frames, frames, n);
    candidate->first = dkm_frame_table_get(table, frames[0]);
    candidate->id = id_of(table, candidate->frames);
    candidate->t_seconds = NAN;
    g_ptr_array_add(list, candidate);
    return candidate;
}

static void add_found(GPtrArray *list, const DkmFrameTable *table, const DkmPhases *dce)
{
    for (guint p = 0; p < dce->n_phases; p++) {
        DkmPhaseCandidate *candidate =
            add(list, table, dce->phases[p].frames, (guint)dce->grid.n[0]);
        candidate->is_found = TRUE;
        candidate->t_seconds = dce->phases[p].t_seconds;
    }
}

/* Some of the slices are no phase, whoever says so. */
static void add_incomplete(GPtrArray *list, const DkmFrameTable *table, const DkmPhases *dce)
{
    for (guint a = 0; a < dce->aside->len; a++) {
        const DkmPhaseAside *aside = &g_array_index(dce->aside, DkmPhaseAside, a);
        DkmPhaseCandidate *candidate =
            add(list, table, (const guint *)(void *)aside->frames->data, aside->frames->len);
        candidate->reason = g_strdup(aside->reason);
        candidate->problem = g_strdup(aside->reason);
    }
}

static gboolean is_listed(const GPtrArray *list, guint frame)
{
    for (guint c = 0; c < list->len; c++) {
        const GArray *frames = ((const DkmPhaseCandidate *)list->pdata[c])->frames;
        for (guint i = 0; i < frames->len; i++)
            if (g_array_index(frames, guint, i) == frame)
                return TRUE;
    }
    return FALSE;
}

/* Seconds from the first phase as found (NULL: there is none) to FRAMES, by the phases' clock. */
static double seconds_of(const DkmFrameTable *table, const DkmPhases *dce, const GArray *frames)
{
    g_auto(DkmStack) stack = {0};
    if (!dce)
        return NAN;
    const guint n_first = (guint)dce->grid.n[0];
    g_autoptr(GArray) both = g_array_new(FALSE, FALSE, sizeof(guint));
    g_array_append_vals(both, dce->phases[0].frames, n_first);
    g_array_append_vals(both, frames->data, frames->len);
    if (!dkm_stack_init(&stack, table, (const guint *)(void *)both->data, both->len, NULL))
        return NAN;
    g_autofree guint *phase = g_new0(guint, both->len);
    for (guint i = n_first; i < both->len; i++)
        phase[i] = 1;
    return dkm_phase_times_between(&stack, phase, dce->clock, 0, 1);
}

/* One candidate a phase; a series that cannot be split into phases is one that cannot be taken. */
static void add_series(GPtrArray *list, const DkmFrameTable *table, const DkmStudy *study,
                       const DkmSeries *series)
{
    const guint before = list->len, *frames = (const guint *)(void *)series->frames->data;
    const DkmFrame *first = dkm_frame_table_get(table, frames[0]);
    g_autoptr(GError) error = NULL;
    const gboolean is_picture =
        g_strcmp0(first->modality, "MR") == 0 && first->samples_per_pixel == 1;
    g_autoptr(DkmPhases) phases =
        is_picture ? dkm_phases_find(table, frames, series->frames->len, &error) : NULL;
    if (phases) {
        add_found(list, table, phases);
        add_incomplete(list, table, phases);
    } else {
        DkmPhaseCandidate *candidate = add(list, table, frames, series->frames->len);
        candidate->problem = g_strdup(error ? error->message : series->reason);
    }
    for (guint c = before; c < list->len; c++) {
        DkmPhaseCandidate *candidate = list->pdata[c];
        candidate->is_found = FALSE;
        candidate->t_seconds = seconds_of(table, study->dce, candidate->frames);
        if (!candidate->reason)
            candidate->reason = g_strdup(series->reason);
    }
}

/* The same images twice, as copies in other files, would be two phases of one name. */
static void refuse_copies(GPtrArray *list)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint c = 0; c < list->len; c++) {
        DkmPhaseCandidate *candidate = list->pdata[c];
        if (!g_hash_table_add(seen, candidate->id) && !candidate->problem)
            candidate->problem = g_strdup(candidate->reason);
    }
}

GPtrArray *dkm_phase_candidates_new(const DkmStudies *studies, const DkmStudy *study)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(candidate_free);
    if (study->dce) {
        add_found(list, studies->table, study->dce);
        add_incomplete(list, studies->table, study->dce);
    }
    const guint n_listed = list->len;
    for (guint s = 0; s < study->series->len; s++) {
        const DkmSeries *series = study->series->pdata[s];
        const gboolean is_incomplete = study->dce && n_listed > study->dce->n_phases &&
                                       is_listed(list, g_array_index(series->frames, guint, 0));
        if (series->role == DKM_SERIES_SET_ASIDE && !is_incomplete)
            add_series(list, studies->table, study, series);
    }
    refuse_copies(list);
    return list;
}

/* ---- what a person takes of it ------------------------------------------------------------- */

static gboolean refuse(GError **error, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);
static gboolean refuse(GError **error, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, DKM_ERROR, code, text);
    return FALSE;
}

static gboolean check(const GPtrArray *candidates, const guint *chosen, guint n, GError **error)
{
    g_autofree gboolean *taken = g_new0(gboolean, candidates->len);
    if (n == 0)
        return refuse(error, DKM_ERROR_USAGE,
                      _("no pre-contrast phase: say which images were taken before contrast"));
    for (guint p = 0; p < n; p++) {
        if (chosen[p] >= candidates->len || taken[chosen[p]])
            return refuse(error, DKM_ERROR_USAGE, _("the same images are phase %u and another one"),
                          p + 1);
        const DkmPhaseCandidate *candidate = candidates->pdata[chosen[p]];
        if (candidate->problem)
            return refuse(error, DKM_ERROR_USAGE, _("series %d cannot be phase %u: %s"),
                          candidate->first->series_number, p + 1, candidate->problem);
        taken[chosen[p]] = TRUE;
    }
    return TRUE;
}

/* Nobody's word makes images of two patients one study. */
static gboolean check_patient(const DkmStudies *studies, const DkmStudy *study, GError **error)
{
    g_autoptr(GArray) frames = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint s = 0; s < study->series->len; s++) {
        const GArray *more = ((const DkmSeries *)study->series->pdata[s])->frames;
        g_array_append_vals(frames, more->data, more->len);
    }
    g_autofree char *conflict = dkm_frames_patient_conflict(
        studies->table, (const guint *)(void *)frames->data, frames->len);
    return !conflict || refuse(error, DKM_ERROR_INPUT, "%s", conflict);
}

static gboolean is_every_found_one(const GPtrArray *candidates, const guint *chosen, guint n,
                                   guint n_found)
{
    for (guint p = 0; p < n; p++)
        if (!((const DkmPhaseCandidate *)candidates->pdata[chosen[p]])->is_found)
            return FALSE;
    return n == n_found;
}

/* All frames of those chosen, and the phase of each. */
static GArray *gather(const GPtrArray *candidates, const guint *chosen, guint n, GArray *phase)
{
    GArray *frames = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint p = 0; p < n; p++) {
        const GArray *of_one = ((const DkmPhaseCandidate *)candidates->pdata[chosen[p]])->frames;
        g_array_append_vals(frames, of_one->data, of_one->len);
        for (guint i = 0; i < of_one->len; i++)
            g_array_append_val(phase, p);
    }
    return frames;
}

/* Each phase has each slice once. */
static gboolean check_slices(const DkmStack *stack, const guint *phase, guint n, GError **error)
{
    g_autofree guint *count = g_new0(guint, (gsize)n * stack->n_slices);
    for (guint i = 0; i < stack->n_frames; i++)
        count[(gsize)phase[i] * stack->n_slices + stack->slice[i]]++;
    for (guint p = 0; p < n; p++)
        for (guint s = 0; s < stack->n_slices; s++)
            if (count[(gsize)p * stack->n_slices + s] != 1) {
                g_autofree char *words = dkm_stack_slice_words(stack, s);
                return refuse(
                    error, DKM_ERROR_GEOMETRY,
                    _("the phases do not lie on the same slices: phase %u has no image of %s"),
                    p + 1, words);
            }
    return TRUE;
}

static char *numbers(const guint *chosen, guint n)
{
    GString *words = g_string_new(NULL);
    for (guint p = 0; p < n; p++)
        g_string_append_printf(words, "%s%u", p ? "," : "", chosen[p] + 1);
    return g_string_free(words, FALSE);
}

/* By the clock of the phases as found, which does not rise any more; else nobody knows. */
static void note_contradiction(DkmPhases *phases, const DkmStack *stack, const guint *phase,
                               const char *clock)
{
    g_autoptr(GString) times = g_string_new(NULL);
    gboolean is_known = clock && !phases->clock && phases->n_phases > 1;
    for (guint p = 0; p < phases->n_phases && is_known; p++) {
        const double seconds = dkm_phase_times_between(stack, phase, clock, 0, p);
        is_known = isfinite(seconds);
        g_string_append_printf(times, "%s%.0f", p ? ", " : "", seconds);
    }
    if (!is_known)
        return;
    phases->contradiction =
        g_strdup_printf(_("the order given by a person (%s) contradicts %s, by which the phases so "
                          "ordered began at %s s: taken as given"),
                        phases->order_given, clock, times->str);
    g_ptr_array_add(phases->findings, g_strdup(phases->contradiction));
}

/* Another set of volumes than the rules found. */
static DkmPhases *assemble(const DkmStudies *studies, const DkmPhases *dce,
                           const GPtrArray *candidates, const guint *chosen, guint n,
                           GError **error)
{
    g_auto(DkmStack) stack = {0};
    g_autoptr(GArray) phase = g_array_new(FALSE, FALSE, sizeof(guint));
    g_autoptr(GArray) frames = gather(candidates, chosen, n, phase);
    const guint *of_frame = (const guint *)(void *)phase->data;
    if (!dkm_stack_init(&stack, studies->table, (const guint *)(void *)frames->data, frames->len,
                        error) ||
        !check_slices(&stack, of_frame, n, error))
        return NULL;
    DkmPhases *phases = dkm_phases_assemble(&stack, of_frame, n, error);
    if (!phases)
        return NULL;
    phases->order_given = numbers(chosen, n);
    if (dce) {
        phases->key = dce->key;
        g_ptr_array_add(phases->findings,
                        g_strdup_printf(_("the phases were chosen by a person: %s of %u (the rules "
                                          "found %u, by %s)"),
                                        phases->order_given, candidates->len, dce->n_phases,
                                        dce->key));
    } else {
        g_ptr_array_add(phases->findings,
                        g_strdup_printf(_("the phases were chosen by a person: %s of %u (the rules "
                                          "found none)"),
                                        phases->order_given, candidates->len));
    }
    phases->confidence = dce ? dce->confidence : DKM_CONFIDENCE_LOW;
    note_contradiction(phases, &stack, of_frame, dce ? dce->clock : NULL);
    return phases;
}

DkmStudies *dkm_phase_candidates_choose(const DkmStudies *studies, const DkmStudy *study,
                                        const GPtrArray *candidates, const guint *chosen, guint n,
                                        GError **error)
{
    const DkmPhaseOverride override = {.order = chosen, .n_order = n};
    if (!check(candidates, chosen, n, error) || !check_patient(studies, study, error))
        return NULL;
    if (study->dce && is_every_found_one(candidates, chosen, n, study->dce->n_phases))
        return dkm_studies_override(studies, study->study_uid, &override, error);
    g_autoptr(DkmPhases) phases = assemble(studies, study->dce, candidates, chosen, n, error);
    return phases ? dkm_studies_new_chosen(studies->table, study->study_uid, phases) : NULL;
}
