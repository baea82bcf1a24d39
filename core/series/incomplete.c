#include "core/series/incomplete.h"

#include "core/i18n.h"
#include "core/series/phase-keys.h"
#include "core/series/phase-times.h"

static guint most_images(const DkmStack *stack)
{
    guint most = 0;
    for (guint s = 0; s < stack->n_slices; s++)
        most = MAX(most, stack->count[s]);
    return most;
}

DkmPartialPhases dkm_partial_phases_find(const DkmStack *stack)
{
    DkmPartialPhases partial = {0};
    const guint n_phases = most_images(stack);
    if (n_phases < 2 || stack->n_frames == n_phases * stack->n_slices)
        return partial;
    partial.of_frame = dkm_phase_keys_partial(stack, n_phases);
    if (!partial.of_frame)
        return partial;
    partial.n_slices = g_new0(guint, n_phases);
    for (guint i = 0; i < stack->n_frames; i++)
        partial.n_slices[partial.of_frame[i]]++;
    partial.n_phases = partial.n_slices[0] == stack->n_slices ? n_phases : 0;
    return partial;
}

void dkm_partial_phases_clear(DkmPartialPhases *partial)
{
    g_clear_pointer(&partial->of_frame, g_free);
    g_clear_pointer(&partial->n_slices, g_free);
}

static gboolean is_complete(const DkmPartialPhases *partial, const DkmStack *stack, guint phase)
{
    return partial->n_slices[phase] == stack->n_slices;
}

GArray *dkm_partial_phases_kept(const DkmPartialPhases *partial, const DkmStack *stack)
{
    GArray *kept = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < stack->n_frames; i++)
        if (is_complete(partial, stack, partial->of_frame[i]))
            g_array_append_val(kept, stack->frames[i]);
    return kept;
}

/* "phase 2 of 3 lacks slice 34 of 60 (at 43.20 mm) and 2 more" */
static char *lack_words(const DkmPartialPhases *partial, const DkmStack *stack, guint phase)
{
    g_autofree guint8 *has = g_malloc0(stack->n_slices);
    guint first = 0;
    for (guint i = 0; i < stack->n_frames; i++)
        if (partial->of_frame[i] == phase)
            has[stack->slice[i]] = 1;
    while (first < stack->n_slices && has[first])
        first++;
    const guint others = stack->n_slices - partial->n_slices[phase] - 1;
    g_autofree char *slice = dkm_stack_slice_words(stack, first);
    if (!others)
        return g_strdup_printf(_("phase %u of %u lacks %s"), phase + 1, partial->n_phases, slice);
    return g_strdup_printf(_("phase %u of %u lacks %s and %u more"), phase + 1, partial->n_phases,
                           slice, others);
}

static void set_aside(const DkmPartialPhases *partial, const DkmStack *stack, guint phase,
                      DkmPhases *phases)
{
    g_autofree char *lack = lack_words(partial, stack, phase);
    DkmPhaseAside aside = {.frames = g_array_new(FALSE, FALSE, sizeof(guint)),
                           .reason = g_strdup_printf(_("not used: %s"), lack)};
    for (guint i = 0; i < stack->n_frames; i++)
        if (partial->of_frame[i] == phase)
            g_array_append_val(aside.frames, stack->frames[i]);
    g_array_append_val(phases->aside, aside);
    g_ptr_array_add(
        phases->findings,
        phases->n_phases == 1
            ? g_strdup_printf(_("%s and is set aside: only the pre-contrast phase is left"), lack)
            : g_strdup_printf(_("%s and is set aside: subtraction and kinetics use the "
                                "other phases, numbered anew from 1 to %u"),
                              lack, phases->n_phases));
}

/* Where phases are missing right after injection, the first that is left is later than it seems. */
static double lead_seconds(const DkmPartialPhases *partial, const DkmStack *stack,
                           const char *clock)
{
    guint first_left = 1;
    while (first_left < partial->n_phases && !is_complete(partial, stack, first_left))
        first_left++;
    if (first_left == 1 || first_left == partial->n_phases)
        return 0;
    const double lead = dkm_phase_times_between(stack, partial->of_frame, clock, 1, first_left);
    return lead > 0 ? lead : 0;
}

gboolean dkm_partial_phases_tell(const DkmPartialPhases *partial, const DkmStack *stack,
                                 DkmPhases *phases)
{
    const double step = phases->n_phases > 1 ? phases->phases[1].t_seconds : 0;
    const gboolean is_counted = g_strcmp0(phases->clock, "TemporalResolution") == 0;
    guint at = 0;
    for (guint i = 0; i < stack->n_frames; i++)
        if (stack->frames[i] == phases->phases[0].frames[0] && partial->of_frame[i] != 0)
            return FALSE;
    phases->lead_seconds = lead_seconds(partial, stack, phases->clock);
    for (guint p = 0; p < partial->n_phases; p++)
        if (!is_complete(partial, stack, p))
            set_aside(partial, stack, p, phases);
        else if (is_counted)
            phases->phases[at++].t_seconds = p * step;
    return TRUE;
}

char *dkm_phases_aside_words(const DkmPhases *phases)
{
    GString *words = g_string_new(NULL);
    for (guint a = 0; a < phases->aside->len; a++)
        g_string_append_printf(words, "; %s",
                               g_array_index(phases->aside, DkmPhaseAside, a).reason);
    return g_string_free(words, FALSE);
}
