#include "core/series/phases.h"

#include "core/error.h"
#include "core/i18n.h"
#include "core/series/geometry.h"
#include "core/series/incomplete.h"
#include "core/series/phase-keys.h"
#include "core/series/phase-times.h"

#include <math.h>
#include <string.h>

static void clear_evidence(gpointer data)
{
    g_free(((DkmKeyEvidence *)data)->detail);
}

static void clear_aside(gpointer data)
{
    DkmPhaseAside *aside = data;
    g_array_unref(aside->frames);
    g_free(aside->reason);
}

static DkmPhases *phases_new(const DkmGrid *grid, guint n_phases)
{
    DkmPhases *phases = g_new0(DkmPhases, 1);
    g_atomic_ref_count_init(&phases->refs);
    phases->grid = *grid;
    phases->n_phases = n_phases;
    phases->phases = g_new0(DkmPhase, n_phases);
    for (guint p = 0; p < n_phases; p++)
        phases->phases[p].frames = g_new0(guint, (gsize)grid->n[0]);
    phases->key = "none";
    phases->confidence = DKM_CONFIDENCE_HIGH;
    phases->evidence = g_array_new(FALSE, FALSE, sizeof(DkmKeyEvidence));
    g_array_set_clear_func(phases->evidence, clear_evidence);
    phases->aside = g_array_new(FALSE, FALSE, sizeof(DkmPhaseAside));
    g_array_set_clear_func(phases->aside, clear_aside);
    phases->findings = g_ptr_array_new_with_free_func(g_free);
    return phases;
}

DkmPhases *dkm_phases_dup(const DkmPhases *phases)
{
    DkmPhases *copy = phases_new(&phases->grid, phases->n_phases);
    copy->key = phases->key;
    copy->clock = phases->clock;
    copy->lead_seconds = phases->lead_seconds;
    copy->confidence = phases->confidence;
    copy->order_given = g_strdup(phases->order_given);
    copy->times_given = g_strdup(phases->times_given);
    copy->contradiction = g_strdup(phases->contradiction);
    for (guint p = 0; p < phases->n_phases; p++) {
        memcpy(copy->phases[p].frames, phases->phases[p].frames,
               sizeof(guint) * (gsize)phases->grid.n[0]);
        copy->phases[p].t_seconds = phases->phases[p].t_seconds;
    }
    for (guint e = 0; e < phases->evidence->len; e++) {
        DkmKeyEvidence evidence = g_array_index(phases->evidence, DkmKeyEvidence, e);
        evidence.detail = g_strdup(evidence.detail);
        g_array_append_val(copy->evidence, evidence);
    }
    for (guint a = 0; a < phases->aside->len; a++) {
        DkmPhaseAside aside = g_array_index(phases->aside, DkmPhaseAside, a);
        aside.frames = g_array_copy(aside.frames);
        aside.reason = g_strdup(aside.reason);
        g_array_append_val(copy->aside, aside);
    }
    for (guint f = 0; f < phases->findings->len; f++)
        g_ptr_array_add(copy->findings, g_strdup(phases->findings->pdata[f]));
    return copy;
}

DkmPhases *dkm_phases_ref(DkmPhases *phases)
{
    g_atomic_ref_count_inc(&phases->refs);
    return phases;
}

void dkm_phases_unref(DkmPhases *phases)
{
    if (!phases || !g_atomic_ref_count_dec(&phases->refs))
        return;
    for (guint p = 0; p < phases->n_phases; p++)
        g_free(phases->phases[p].frames);
    g_free(phases->phases);
    g_free(phases->order_given);
    g_free(phases->times_given);
    g_free(phases->contradiction);
    g_array_unref(phases->evidence);
    g_array_unref(phases->aside);
    g_ptr_array_unref(phases->findings);
    g_free(phases);
}

/* ---- every slice in every phase --------------------------------------------------------- */

/* How many images most slices have; the larger of equals. */
static guint usual_count(const DkmStack *stack)
{
    g_autofree guint *slices = g_new0(guint, stack->n_frames + 1);
    guint best = 0;
    for (guint s = 0; s < stack->n_slices; s++)
        slices[stack->count[s]]++;
    for (guint count = 1; count <= stack->n_frames; count++)
        if (slices[count] >= slices[best])
            best = count;
    return best;
}

/* "a.dcm", "a.dcm frame 12" */
static char *image_name(const DkmFrame *frame)
{
    g_autofree char *name = g_path_get_basename(frame->path);
    return frame->number_of_frames > 1 ? g_strdup_printf(_("%s frame %d"), name, frame->frame + 1)
                                       : g_steal_pointer(&name);
}

/* The first images at SLICE, "a.dcm, b.dcm, ...". */
static char *name_images(const DkmStack *stack, guint slice)
{
    GString *names = g_string_new(NULL);
    guint n = 0;
    for (guint i = 0; i < stack->n_frames && n <= 4; i++) {
        if (stack->slice[i] != slice)
            continue;
        g_autofree char *name = image_name(dkm_stack_frame(stack, i));
        g_string_append_printf(names, "%s%s", n > 0 ? ", " : "", n < 4 ? name : "...");
        n++;
    }
    return g_string_free(names, FALSE);
}

static gboolean refuse_count(const DkmStack *stack, guint slice, guint usual, GError **error)
{
    guint others = 0;
    for (guint s = 0; s < stack->n_slices; s++)
        others += s != slice && stack->count[s] != usual;
    const gboolean surplus = stack->count[slice] > usual;
    const guint phase = dkm_phase_keys_blame(stack, usual, slice, surplus);
    g_autofree char *words = dkm_stack_slice_words(stack, slice);
    g_autofree char *images = name_images(stack, slice);
    g_autofree char *blame = NULL;
    if (phase)
        blame = g_strdup_printf(surplus ? _("it comes twice in phase %u") : _("phase %u lacks it"),
                                phase);
    else
        blame = g_strdup(surplus ? _("it comes twice") : _("it is missing in a phase"));
    g_autofree char *more =
        others ? g_strdup_printf(
                     ngettext("; so does %u more slice", "; so do %u more slices", others), others)
               : g_strdup("");
    g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                ngettext("%s has %u image where others have %u: %s (its files: %s)%s",
                         "%s has %u images where others have %u: %s (its files: %s)%s",
                         stack->count[slice]),
                words, stack->count[slice], usual, blame, images, more);
    return FALSE;
}

static gboolean check_counts(const DkmStack *stack, guint *n_phases, GError **error)
{
    *n_phases = usual_count(stack);
    for (guint s = 0; s < stack->n_slices; s++)
        if (stack->count[s] != *n_phases)
            return refuse_count(stack, s, *n_phases, error);
    return TRUE;
}

/* ---- what the keys say ------------------------------------------------------------------ */

static void record_evidence(DkmPhases *phases, const GArray *keys, const DkmPhaseKey *chosen,
                            guint n_frames)
{
    for (guint k = 0; k < keys->len; k++) {
        const DkmPhaseKey *key = &g_array_index(keys, DkmPhaseKey, k);
        const DkmKeyEvidence evidence = dkm_phase_key_evidence(key, chosen, n_frames);
        g_array_append_val(phases->evidence, evidence);
        if (evidence.verdict == DKM_VERDICT_DISAGREES && key->split < DKM_SPLIT_RANKED)
            g_ptr_array_add(
                phases->findings,
                g_strdup_printf(_("%s would give other phases, or another order, than %s"),
                                key->key, chosen->key));
    }
}

/* Low where keys contradict each other or only InstanceNumber is left; high where a second key
 * says the same. */
static DkmConfidence judge_confidence(const DkmPhases *phases, const DkmPhaseKey *chosen)
{
    gboolean agrees = FALSE, disagrees = FALSE;
    for (guint e = 0; e < phases->evidence->len; e++) {
        const DkmVerdict verdict = g_array_index(phases->evidence, DkmKeyEvidence, e).verdict;
        agrees |= verdict == DKM_VERDICT_AGREES;
        disagrees |= verdict == DKM_VERDICT_DISAGREES;
    }
    if (disagrees || (chosen->split == DKM_SPLIT_RANKED && !chosen->is_clock))
        return DKM_CONFIDENCE_LOW;
    return agrees && chosen->split < DKM_SPLIT_RANKED ? DKM_CONFIDENCE_HIGH : DKM_CONFIDENCE_MEDIUM;
}

static void fill_phases(DkmPhases *phases, const DkmStack *stack, const guint *phase)
{
    for (guint i = 0; i < stack->n_frames; i++)
        phases->phases[phase ? phase[i] : 0].frames[stack->slice[i]] = stack->frames[i];
}

static void fill_times(DkmPhases *phases, const DkmStack *stack, const guint *phase)
{
    g_autofree double *t_seconds = g_new(double, phases->n_phases);
    phases->clock =
        dkm_phase_times_find(stack, phase, phases->n_phases, t_seconds, phases->findings);
    for (guint p = 0; p < phases->n_phases; p++)
        phases->phases[p].t_seconds = t_seconds[p];
}

static gboolean split(DkmPhases *phases, const DkmStack *stack, GError **error)
{
    g_autoptr(GArray) keys = dkm_phase_keys_judge(stack, phases->n_phases);
    const DkmPhaseKey *chosen = dkm_phase_keys_choose(keys, stack->n_frames);
    if (!chosen) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                    _("nothing tells the %u images of each slice apart: no time, no number"),
                    phases->n_phases);
        return FALSE;
    }
    phases->key = chosen->key;
    record_evidence(phases, keys, chosen, stack->n_frames);
    phases->confidence = judge_confidence(phases, chosen);
    if (chosen->split == DKM_SPLIT_RANKED)
        g_ptr_array_add(phases->findings,
                        g_strdup_printf(_("no attribute covers every slice once per value; the "
                                          "phases follow %s at each slice"),
                                        chosen->key));
    fill_phases(phases, stack, chosen->phase);
    fill_times(phases, stack, chosen->phase);
    return TRUE;
}

/* Philips' floating-point value is the rescaled one divided by rescale slope and private slope:
 * where their product is not the same for all images, numbers of two phases cannot be compared. */
static void note_philips_scale(DkmPhases *phases, const DkmStack *stack)
{
    double least = INFINITY, most = 0;
    guint n_scaled = 0;
    for (guint i = 0; i < stack->n_frames; i++) {
        const DkmFrame *frame = dkm_stack_frame(stack, i);
        if (!isfinite(frame->philips_scale))
            continue;
        const double product = fabs(frame->philips_scale * frame->rescale_slope);
        least = MIN(least, product);
        most = MAX(most, product);
        n_scaled++;
    }
    const gboolean is_same = n_scaled == stack->n_frames && most - least <= 1e-4 * most;
    if (n_scaled)
        g_ptr_array_add(
            phases->findings,
            g_strdup_printf(is_same ? _("%u of %u images have Philips' private scale slope, which "
                                        "is not applied: it is the same for all, ratios hold")
                                    : _("%u of %u images have Philips' private scale slope, which "
                                        "is not applied: it differs, numbers of two phases may not "
                                        "be comparable"),
                            n_scaled, stack->n_frames));
}

/* Numbers that are used as stored, though a viewer may show them otherwise. */
static void note_pixels(DkmPhases *phases, const DkmStack *stack)
{
    guint n_inverted = 0, n_replaced = 0, n_padded = 0;
    for (guint i = 0; i < stack->n_frames; i++) {
        const DkmFrame *frame = dkm_stack_frame(stack, i);
        n_inverted += g_strcmp0(frame->photometric, "MONOCHROME1") == 0;
        n_replaced += frame->rescale_is_replaced;
        n_padded += frame->is_padded;
    }
    if (n_inverted)
        g_ptr_array_add(
            phases->findings,
            g_strdup_printf(_("%u of %u images are MONOCHROME1 (other viewers show them "
                              "inverted); their numbers are used as stored"),
                            n_inverted, stack->n_frames));
    if (n_replaced)
        g_ptr_array_add(phases->findings,
                        g_strdup_printf(_("%u of %u images have a rescale slope of 0 or none that "
                                          "is a number: 1 is taken"),
                                        n_replaced, stack->n_frames));
    if (n_padded)
        g_ptr_array_add(phases->findings,
                        g_strdup_printf(_("%u of %u images have bytes behind their pixels, which "
                                          "are not read"),
                                        n_padded, stack->n_frames));
    note_philips_scale(phases, stack);
}

static void note_findings(DkmPhases *phases, const DkmStack *stack)
{
    note_pixels(phases, stack);
    if (phases->n_phases == 2)
        g_ptr_array_add(phases->findings,
                        g_strdup(_("only two phases: wash-out cannot be measured")));
}

static DkmPhases *find_in(const DkmStack *stack, GError **error)
{
    DkmGrid grid;
    guint n_phases;
    if (!check_counts(stack, &n_phases, error) || !dkm_stack_grid(stack, &grid, error))
        return NULL;
    g_autoptr(DkmPhases) phases = phases_new(&grid, n_phases);
    if (n_phases == 1)
        fill_phases(phases, stack, NULL);
    else if (!split(phases, stack, error))
        return NULL;
    note_findings(phases, stack);
    return g_steal_pointer(&phases);
}

DkmPhases *dkm_phases_assemble(const DkmStack *stack, const guint *phase, guint n_phases,
                               GError **error)
{
    DkmGrid grid;
    if (!dkm_stack_grid(stack, &grid, error))
        return NULL;
    DkmPhases *phases = phases_new(&grid, n_phases);
    fill_phases(phases, stack, phase);
    if (n_phases > 1)
        fill_times(phases, stack, phase);
    note_findings(phases, stack);
    return phases;
}

DkmPhases *dkm_phases_find(const DkmFrameTable *table, const guint *frames, guint n, GError **error)
{
    g_auto(DkmStack) stack = {0}, whole = {0};
    if (!dkm_stack_init(&stack, table, frames, n, error))
        return NULL;
    g_auto(DkmPartialPhases) partial = dkm_partial_phases_find(&stack);
    if (!partial.n_phases)
        return find_in(&stack, error);
    g_autoptr(GArray) kept = dkm_partial_phases_kept(&partial, &stack);
    if (!dkm_stack_init(&whole, table, (const guint *)(void *)kept->data, kept->len, error))
        return NULL;
    g_autoptr(DkmPhases) phases = find_in(&whole, error);
    if (phases && !dkm_partial_phases_tell(&partial, &stack, phases))
        return find_in(&stack, error); /* which names the slice and refuses */
    return g_steal_pointer(&phases);
}

guint dkm_phases_nearest(const DkmPhases *phases, double seconds_after_first_post)
{
    if (phases->n_phases < 3)
        return phases->n_phases - 1;
    const double first_post = phases->phases[1].t_seconds - phases->lead_seconds;
    if (isnan(first_post)) /* early before five minutes, late after */
        return seconds_after_first_post < 300 ? 1 : phases->n_phases - 1;
    guint nearest = 1;
    double least = INFINITY;
    for (guint p = 1; p < phases->n_phases; p++) {
        const double distance =
            fabs(phases->phases[p].t_seconds - first_post - seconds_after_first_post);
        if (distance < least) {
            least = distance;
            nearest = p;
        }
    }
    return nearest;
}

void dkm_phases_find_posts(const DkmPhases *phases, guint *early, guint *late)
{
    enum { SINGLE_LATE_SECONDS = 300, LATE_AFTER_FIRST_SECONDS = 300 };
    *early = *late = 0;
    if (phases->n_phases == 2) {
        const double t = phases->phases[1].t_seconds - phases->phases[0].t_seconds;
        *(t >= SINGLE_LATE_SECONDS ? late : early) = 1; /* an unknown time is early */
    }
    if (phases->n_phases < 3)
        return;
    *late = MAX(2, dkm_phases_nearest(phases, LATE_AFTER_FIRST_SECONDS));
    *early = MIN(dkm_phases_nearest(phases, 0), *late - 1);
}
