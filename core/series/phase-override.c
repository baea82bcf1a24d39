#include "core/series/phase-override.h"

#include "core/error.h"
#include "core/i18n.h"

#include <math.h>
#include <string.h>

enum { MOST_PHASES = 1000 };

static gboolean refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static gboolean refuse(GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE, text);
    return FALSE;
}

/* ---- from words ---------------------------------------------------------------------------- */

static gboolean parse_number(const char *word, double *value)
{
    char *end = NULL;
    *value = g_ascii_strtod(word, &end);
    return end != word && *end == '\0' && isfinite(*value);
}

static gboolean parse_order(DkmPhaseOverride *out, const char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit(text, ",", MOST_PHASES);
    const guint n = g_strv_length(words);
    guint *order = g_new(guint, n + 1);
    out->order = order;
    out->n_order = n;
    for (guint i = 0; i < n; i++) {
        guint64 number = 0;
        if (!g_ascii_string_to_unsigned(g_strstrip(words[i]), 10, 1, MOST_PHASES, &number, NULL))
            return refuse(error, "\"%s\" is no order of phases: give their numbers, like 2,1,3",
                          text);
        order[i] = (guint)number - 1;
    }
    return n > 0 || refuse(error, "the order of phases is empty: give their numbers, like 2,1,3");
}

static gboolean parse_times(DkmPhaseOverride *out, const char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit(text, ",", MOST_PHASES);
    const guint n = g_strv_length(words);
    double *t_seconds = g_new(double, n + 1);
    out->t_seconds = t_seconds;
    out->n_times = n;
    for (guint i = 0; i < n; i++)
        if (!parse_number(g_strstrip(words[i]), &t_seconds[i]))
            return refuse(error, "\"%s\" are no times of phases: give seconds, like 0,150,450",
                          text);
    return n > 0 || refuse(error, "no times of phases: give seconds, like 0,150,450");
}

gboolean dkm_phase_override_parse(DkmPhaseOverride *out, const char *order, const char *times,
                                  GError **error)
{
    *out = (DkmPhaseOverride){0};
    if ((!order || parse_order(out, order, error)) && (!times || parse_times(out, times, error)))
        return TRUE;
    dkm_phase_override_clear(out);
    return FALSE;
}

void dkm_phase_override_clear(DkmPhaseOverride *override)
{
    g_free((gpointer) override->order);
    g_free((gpointer) override->t_seconds);
    *override = (DkmPhaseOverride){0};
}

gboolean dkm_phase_override_is_empty(const DkmPhaseOverride *override)
{
    return !override->order && !override->t_seconds;
}

/* ---- onto phases --------------------------------------------------------------------------- */

static gboolean check_order(const DkmPhases *phases, const DkmPhaseOverride *o, GError **error)
{
    g_autofree gboolean *taken = g_new0(gboolean, phases->n_phases);
    if (o->n_order != phases->n_phases)
        return refuse(error, "the order names %u phases, the study has %u", o->n_order,
                      phases->n_phases);
    for (guint p = 0; p < o->n_order; p++) {
        const guint from = o->order[p];
        if (from >= phases->n_phases)
            return refuse(error, "the order names phase %u, the study has %u", from + 1,
                          phases->n_phases);
        if (taken[from])
            return refuse(error, "the order names phase %u twice", from + 1);
        taken[from] = TRUE;
    }
    return TRUE;
}

static gboolean check_times(const DkmPhases *phases, const DkmPhaseOverride *o, GError **error)
{
    if (o->n_times != phases->n_phases)
        return refuse(error, "%u times are given, the study has %u phases", o->n_times,
                      phases->n_phases);
    for (guint p = 0; p < o->n_times; p++)
        if (!isfinite(o->t_seconds[p]) || (p && o->t_seconds[p] <= o->t_seconds[p - 1]))
            return refuse(error,
                          "the times of the phases must rise: phase %u does not begin after "
                          "the one before it",
                          p + 1);
    return TRUE;
}

static char *order_words(const DkmPhaseOverride *o)
{
    GString *words = g_string_new(NULL);
    for (guint p = 0; p < o->n_order; p++)
        g_string_append_printf(words, "%s%u", p ? "," : "", o->order[p] + 1);
    return g_string_free(words, FALSE);
}

static char *times_words(const DkmPhaseOverride *o)
{
    GString *words = g_string_new(NULL);
    for (guint p = 0; p < o->n_times; p++) {
        char number[G_ASCII_DTOSTR_BUF_SIZE];
        g_ascii_formatd(number, sizeof number, "%.10g", o->t_seconds[p]);
        g_string_append_printf(words, "%s%s", p ? "," : "", number);
    }
    return g_string_free(words, FALSE);
}

static void reorder(DkmPhases *phases, const DkmPhaseOverride *o)
{
    g_autofree DkmPhase *found = g_memdup2(phases->phases, phases->n_phases * sizeof(DkmPhase));
    g_autofree char *words = order_words(o);
    for (guint p = 0; p < phases->n_phases; p++)
        phases->phases[p] = found[o->order[p]];
    phases->lead_seconds = 0; /* of another phase 1 */
    g_ptr_array_add(phases->findings,
                    g_strdup_printf(_("the order of the phases was given by a person: %s (as found "
                                      "by %s)"),
                                    words, phases->key));
    g_free(phases->order_given);
    phases->order_given = g_steal_pointer(&words);
}

static gboolean clock_rises(const DkmPhases *phases)
{
    gboolean rises = phases->clock != NULL;
    for (guint p = 1; p < phases->n_phases; p++)
        rises &= phases->phases[p].t_seconds > phases->phases[p - 1].t_seconds;
    return rises;
}

/* After the reordering, before the times are changed. */
static void note_contradiction(DkmPhases *phases)
{
    if (!phases->clock || clock_rises(phases))
        return;
    g_autoptr(GString) times = g_string_new(NULL);
    for (guint p = 0; p < phases->n_phases; p++)
        g_string_append_printf(times, "%s%.0f", p ? ", " : "", phases->phases[p].t_seconds);
    g_free(phases->contradiction);
    phases->contradiction =
        g_strdup_printf(_("the order given by a person (%s) contradicts %s, by which the phases so "
                          "ordered began at %s s: taken as given"),
                        phases->order_given, phases->clock, times->str);
    g_ptr_array_add(phases->findings, g_strdup(phases->contradiction));
}

/* The clock's times in the new order, from the first phase on, where they still rise. */
static void keep_clock(DkmPhases *phases)
{
    const double start = phases->phases[0].t_seconds;
    const gboolean rises = clock_rises(phases);
    for (guint p = 0; p < phases->n_phases; p++)
        phases->phases[p].t_seconds = rises ? phases->phases[p].t_seconds - start : p ? NAN : 0;
    if (rises || !phases->clock)
        return;
    g_ptr_array_add(phases->findings, g_strdup(_("the times of the phases are unknown")));
    phases->clock = NULL;
}

static void set_times(DkmPhases *phases, const DkmPhaseOverride *o)
{
    g_autofree char *words = times_words(o);
    for (guint p = 0; p < phases->n_phases; p++)
        phases->phases[p].t_seconds = o->t_seconds[p] - o->t_seconds[0];
    g_ptr_array_add(phases->findings,
                    g_strdup_printf("the times of the phases were given by a person: %s s%s%s",
                                    words, phases->clock ? "; not taken: " : "",
                                    phases->clock ? phases->clock : ""));
    phases->clock = NULL;
    g_free(phases->times_given);
    phases->times_given = g_steal_pointer(&words);
}

DkmPhases *dkm_phases_override(const DkmPhases *phases, const DkmPhaseOverride *override,
                               GError **error)
{
    if ((override->order && !check_order(phases, override, error)) ||
        (override->t_seconds && !check_times(phases, override, error)))
        return NULL;
    DkmPhases *copy = dkm_phases_dup(phases);
    if (override->order)
        reorder(copy, override);
    note_contradiction(copy);
    if (override->t_seconds)
        set_times(copy, override);
    else if (override->order)
        keep_clock(copy);
    return copy;
}

/* ---- onto studies -------------------------------------------------------------------------- */

static DkmStudy *find_study(const DkmStudies *studies, const char *uid, GError **error)
{
    const DkmStudy *only = uid ? NULL : dkm_studies_only_dce(studies, error);
    for (guint i = 0; i < studies->studies->len; i++) {
        DkmStudy *study = studies->studies->pdata[i];
        if (study == only || (uid && g_strcmp0(study->study_uid, uid) == 0 && study->dce))
            return study;
    }
    if (uid)
        refuse(error, "no study of that UID has phases");
    return NULL;
}

DkmStudies *dkm_studies_override(const DkmStudies *studies, const char *study_uid,
                                 const DkmPhaseOverride *override, GError **error)
{
    g_autoptr(DkmStudies) copy = dkm_studies_new(studies->table);
    DkmStudy *study = find_study(copy, study_uid, error);
    DkmPhases *phases = study ? dkm_phases_override(study->dce, override, error) : NULL;
    if (!phases)
        return NULL;
    dkm_phases_unref(study->dce);
    study->dce = phases;
    return g_steal_pointer(&copy);
}
