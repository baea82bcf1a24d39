#include "plugin/ablate/schedule.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void step_clear(gpointer data)
{
    g_free(((DkmAblateStep *)data)->why);
}

static DkmAblateStep *step_of(const GArray *steps, guint i)
{
    return &g_array_index(steps, DkmAblateStep, i);
}

static int add(GArray *steps, DkmAblateStep step)
{
    step.seconds_left = NAN;
    g_array_append_val(steps, step);
    return (int)steps->len - 1;
}

/* The step that trains diffusion module D in FOLD, made where there is none; -1 for none. */
static int diffusion_step(GArray *steps, int d, int fold)
{
    if (d < 0)
        return -1;
    for (guint i = 0; i < steps->len; i++) {
        const DkmAblateStep *s = step_of(steps, i);
        if (s->kind == DKM_ABLATE_DM && s->diffusion == d && s->fold == fold)
            return (int)i;
    }
    return add(steps,
               (DkmAblateStep){
                   .kind = DKM_ABLATE_DM, .diffusion = d, .row = -1, .fold = fold, .needs = -1});
}

GArray *dkm_ablate_steps_new(const DkmAblatePlan *plan)
{
    GArray *steps = g_array_new(FALSE, FALSE, sizeof(DkmAblateStep));
    g_array_set_clear_func(steps, step_clear);
    for (guint r = 0; r < plan->rows->len; r++)
        for (guint k = 0; k < plan->folds->len; k++) {
            DkmAblateStep step = {.diffusion = dkm_ablate_plan_row(plan, r)->diffusion,
                                  .row = (int)r,
                                  .fold = g_array_index(plan->folds, int, k)};
            step.kind = DKM_ABLATE_SM;
            step.needs = diffusion_step(steps, step.diffusion, step.fold);
            step.needs = add(steps, step);
            step.kind = DKM_ABLATE_EVALUATION;
            add(steps, step);
        }
    return steps;
}

int dkm_ablate_steps_next(const GArray *steps)
{
    for (guint i = 0; i < steps->len; i++) {
        const DkmAblateStep *s = step_of(steps, i);
        if (s->state == DKM_ABLATE_WAITING &&
            (s->needs < 0 || step_of(steps, (guint)s->needs)->state == DKM_ABLATE_DONE))
            return (int)i;
    }
    return -1;
}

void dkm_ablate_steps_leave_out(GArray *steps, const GArray *folds)
{
    for (guint i = 0; i < steps->len; i++) {
        DkmAblateStep *s = step_of(steps, i);
        if (s->state == DKM_ABLATE_WAITING && !dkm_ablate_has_fold(folds, s->fold))
            s->state = DKM_ABLATE_LEFT_OUT;
    }
}

void dkm_ablate_steps_block(GArray *steps)
{
    for (guint i = 0; i < steps->len; i++) {
        DkmAblateStep *s = step_of(steps, i);
        if (s->state != DKM_ABLATE_WAITING || s->needs < 0 ||
            step_of(steps, (guint)s->needs)->state != DKM_ABLATE_FAILED)
            continue;
        s->state = DKM_ABLATE_FAILED;
        s->why = g_strdup(step_of(steps, (guint)s->needs)->why);
    }
}

guint dkm_ablate_steps_count(const GArray *steps, DkmAblateState state)
{
    guint n = 0;
    for (guint i = 0; i < steps->len; i++)
        n += step_of(steps, i)->state == state;
    return n;
}

/* How long a step of KIND takes: the mean of those done, else of what those running expect. NaN:
 * nobody knows. */
static double typical_seconds(const GArray *steps, DkmAblateKind kind)
{
    double done = 0, expected = 0;
    guint n_done = 0, n_expected = 0;
    for (guint i = 0; i < steps->len; i++) {
        const DkmAblateStep *s = step_of(steps, i);
        if (s->kind != kind)
            continue;
        if (s->state == DKM_ABLATE_DONE && s->seconds > 0) {
            done += s->seconds;
            n_done++;
        }
        if (s->state == DKM_ABLATE_RUNNING && isfinite(s->seconds_left)) {
            expected += s->seconds + s->seconds_left;
            n_expected++;
        }
    }
    return n_done ? done / n_done : n_expected ? expected / n_expected : NAN;
}

static double left_of(const DkmAblateStep *s, double typical)
{
    if (s->state == DKM_ABLATE_RUNNING)
        return isfinite(s->seconds_left) ? s->seconds_left : fmax(0, typical - s->seconds);
    return s->state == DKM_ABLATE_WAITING ? typical : 0;
}

double dkm_ablate_steps_left(const GArray *steps, int jobs, gboolean *at_least)
{
    double sum = 0, longest = 0;
    *at_least = FALSE;
    for (int kind = 0; kind < DKM_ABLATE_KINDS; kind++) {
        const double typical = typical_seconds(steps, (DkmAblateKind)kind);
        for (guint i = 0; i < steps->len; i++) {
            const DkmAblateStep *s = step_of(steps, i);
            if (s->kind != (DkmAblateKind)kind)
                continue;
            const double left = left_of(s, typical);
            *at_least = *at_least || isnan(left);
            sum += isnan(left) ? 0 : left;
            longest = fmax(longest, isnan(left) ? 0 : left);
        }
    }
    return fmax(longest, sum / MAX(1, jobs));
}

char *dkm_ablate_step_name(const DkmAblatePlan *plan, const DkmAblateStep *step)
{
    return step->kind == DKM_ABLATE_DM
               ? g_strdup_printf("dm-%s-fold%d",
                                 dkm_ablate_plan_diffusion(plan, (guint)step->diffusion)->name,
                                 step->fold)
               : g_strdup_printf("sm-%s-fold%d", dkm_ablate_plan_row(plan, (guint)step->row)->slug,
                                 step->fold);
}

/* The number behind WORD in LINE; FALSE where there is none. */
static gboolean number_after(const char *line, const char *word, double *number)
{
    const char *at = strstr(line, word);
    char *end = NULL;
    if (!at)
        return FALSE;
    at += strlen(word);
    *number = g_ascii_strtod(at, &end);
    return end != at;
}

gboolean dkm_ablate_parse_progress(const char *line, double *share_done, double *minutes_left)
{
    double step, steps;
    const char *place = strstr(line, " step "), *left = strstr(line, " slices/s, ");
    if (!g_str_has_prefix(line, "epoch ") || !place || !left ||
        !number_after(line, " step ", &step) || !number_after(place, "/", &steps) ||
        !number_after(line, " slices/s, ", minutes_left) || !(steps > 0))
        return FALSE;
    *share_done = CLAMP(step / steps, 0, 1);
    return TRUE;
}

/* The first number of "..., validation Dice 0.4246 +- ..." behind the word. */
static double validation_of(const char *line)
{
    const char *at = strstr(line, "validation");
    while (at && *at && !g_ascii_isdigit(*at))
        at++;
    return at && *at ? g_ascii_strtod(at, NULL) : NAN;
}

GArray *dkm_ablate_parse_history(const char *history)
{
    g_auto(GStrv) lines = g_strsplit(history ? history : "", "\n", -1);
    GArray *epochs = g_array_new(FALSE, FALSE, sizeof(DkmAblateEpoch));
    for (guint i = 0; lines[i]; i++) {
        double epoch, loss;
        if (!g_str_has_prefix(lines[i], "epoch ") || !number_after(lines[i], "epoch ", &epoch))
            continue;
        const DkmAblateEpoch e = {(int)epoch, number_after(lines[i], "loss ", &loss) ? loss : NAN,
                                  validation_of(lines[i])};
        g_array_append_val(epochs, e);
    }
    return epochs;
}
