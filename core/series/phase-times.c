#include "core/series/phase-times.h"

#include "core/i18n.h"
#include "core/series/phase-keys.h"

#include <math.h>

/* Below this span a clock is distrusted: some sites stamp all phases within a minute. */
#define TRUSTED_SPAN_SECONDS 59.0
/* Phases of a breast study usually lie this far apart. */
#define USUAL_GAP_LOW_SECONDS 5.0
#define USUAL_GAP_HIGH_SECONDS 900.0

typedef struct {
    const char *name;
    double (*seconds)(const DkmFrame *frame);
    gboolean is_time_of_day;
    gboolean first_may_lack;
} Clock;

static double acquisition_datetime(const DkmFrame *frame)
{
    return frame->acquisition_datetime_s;
}

static double acquisition_time(const DkmFrame *frame)
{
    return frame->acquisition_time_s;
}

static double trigger_time(const DkmFrame *frame)
{
    return frame->trigger_time_ms * 1e-3;
}

static double content_time(const DkmFrame *frame)
{
    return frame->content_time_s;
}

static const Clock clocks[] = {
    {"AcquisitionDateTime", acquisition_datetime, FALSE, FALSE},
    {"AcquisitionTime", acquisition_time, TRUE, FALSE},
    {"TriggerTime", trigger_time, FALSE, TRUE},
    {"ContentTime", content_time, TRUE, FALSE},
};

/* The last resort. */
static const char counted[] = "TemporalResolution";

/* Start of each phase by CLOCK, NaN where no frame of it has one. */
static void read_starts(const Clock *clock, const DkmStack *stack, const guint *phase,
                        guint n_phases, double *start)
{
    g_autofree double *seconds = g_new(double, stack->n_frames);
    for (guint i = 0; i < stack->n_frames; i++)
        seconds[i] = clock->seconds(dkm_stack_frame(stack, i));
    if (clock->is_time_of_day) /* before the start is looked for: midnight may lie inside a phase */
        dkm_unwrap_midnight(seconds, stack->n_frames);
    for (guint p = 0; p < n_phases; p++)
        start[p] = NAN;
    for (guint i = 0; i < stack->n_frames; i++)
        if (phase[i] < n_phases)
            start[phase[i]] = fmin(start[phase[i]], seconds[i]);
}

/* The same, relative to the first; FALSE where it does not rise. */
static gboolean read_clock(const Clock *clock, const DkmStack *stack, const guint *phase,
                           guint n_phases, double *t_seconds)
{
    read_starts(clock, stack, phase, n_phases, t_seconds);
    if (clock->first_may_lack && isnan(t_seconds[0]))
        t_seconds[0] = 0;
    for (guint p = 1; p < n_phases; p++)
        if (!(t_seconds[p] > t_seconds[p - 1]))
            return FALSE;
    const double start = t_seconds[0];
    for (guint p = 0; p < n_phases; p++)
        t_seconds[p] -= start;
    return TRUE;
}

/* TemporalResolution holds milliseconds by the standard, microseconds or seconds in practice: the
 * unit that puts it between one second and fifteen minutes. */
static double resolution_seconds(double stored)
{
    static const double units[] = {1e-3, 1e-6, 1};
    for (guint u = 0; u < G_N_ELEMENTS(units); u++)
        if (stored * units[u] >= 1 && stored * units[u] <= USUAL_GAP_HIGH_SECONDS)
            return stored * units[u];
    return NAN;
}

static double step_seconds(const DkmStack *stack)
{
    return resolution_seconds(dkm_stack_frame(stack, 0)->temporal_resolution);
}

static const char *read_resolution(const DkmStack *stack, guint n_phases, double *t_seconds)
{
    const double step = step_seconds(stack);
    for (guint p = 0; p < n_phases; p++)
        t_seconds[p] = p * step;
    return isnan(step) ? NULL : counted;
}

static void note_unusual(const double *t_seconds, guint n_phases, GPtrArray *findings)
{
    for (guint p = 1; p < n_phases; p++) {
        const double gap = t_seconds[p] - t_seconds[p - 1];
        if (gap >= USUAL_GAP_LOW_SECONDS && gap <= USUAL_GAP_HIGH_SECONDS)
            continue;
        g_ptr_array_add(
            findings, g_strdup_printf(_("phases %u and %u lie %.1f s apart: unusual for a dynamic "
                                        "study of the breast"),
                                      p, p + 1, gap));
        return;
    }
}

const char *dkm_phase_times_find(const DkmStack *stack, const guint *phase, guint n_phases,
                                 double *t_seconds, GPtrArray *findings)
{
    const Clock *chosen = NULL;
    for (guint c = 0; c < G_N_ELEMENTS(clocks); c++) {
        if (!read_clock(&clocks[c], stack, phase, n_phases, t_seconds))
            continue;
        if (!chosen)
            chosen = &clocks[c];
        if (t_seconds[n_phases - 1] >= TRUSTED_SPAN_SECONDS) {
            chosen = &clocks[c];
            break;
        }
    }
    const char *name = NULL;
    if (chosen) {
        read_clock(chosen, stack, phase, n_phases, t_seconds);
        name = chosen->name;
    } else {
        name = read_resolution(stack, n_phases, t_seconds);
    }
    t_seconds[0] = 0;
    if (!name)
        g_ptr_array_add(findings, g_strdup(_("no clock tells how far apart the phases lie")));
    else
        note_unusual(t_seconds, n_phases, findings);
    return name;
}

double dkm_phase_times_between(const DkmStack *stack, const guint *phase, const char *clock,
                               guint from, guint to)
{
    const guint n_phases = MAX(from, to) + 1;
    g_autofree double *start = g_new(double, n_phases);
    if (g_strcmp0(clock, counted) == 0)
        return ((double)to - from) * step_seconds(stack);
    for (guint c = 0; c < G_N_ELEMENTS(clocks); c++)
        if (g_strcmp0(clock, clocks[c].name) == 0) {
            read_starts(&clocks[c], stack, phase, n_phases, start);
            return start[to] - start[from];
        }
    return NAN;
}
