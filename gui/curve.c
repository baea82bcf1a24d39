#include "gui/curve.h"

#include "gui/i18n.h"
#include "gui/words.h"

#include <math.h>

static double mean_3x3(const DkmVolume *volume, int z, int y, int x)
{
    const DkmGrid *grid = dkm_volume_grid(volume);
    double sum = 0;
    int count = 0;
    for (int v = MAX(y - 1, 0); v <= MIN(y + 1, grid->n[1] - 1); v++)
        for (int u = MAX(x - 1, 0); u <= MIN(x + 1, grid->n[2] - 1); u++, count++)
            sum += (double)dkm_volume_value(volume, z, v, u);
    return sum / count;
}

static gboolean is_inside(const DkmGrid *grid, int z, int y, int x)
{
    return z >= 0 && z < grid->n[0] && y >= 0 && y < grid->n[1] && x >= 0 && x < grid->n[2];
}

static void set_times(DkmCurve *curve, const DkmPhases *phases)
{
    curve->has_seconds = TRUE;
    for (guint i = 0; i < curve->n; i++)
        curve->has_seconds = curve->has_seconds && !isnan(phases->phases[i].t_seconds);
    for (guint i = 0; i < curve->n; i++)
        curve->t[i] = curve->has_seconds ? phases->phases[i].t_seconds : i;
}

static double percent(double from, double to)
{
    return from > 0 ? 100 * (to - from) / from : NAN;
}

void dkm_curve_set_band(DkmCurve *curve, double band)
{
    curve->band = band > 0 ? band : DKM_CURVE_BAND;
    if (curve->n && !isnan(curve->late_change_percent))
        curve->type = dkm_curve_type_within(curve->value[0], curve->value[curve->early],
                                            curve->value[curve->late], curve->band);
}

DkmCurve dkm_curve_of(const DkmReviewCase *on, const double *values)
{
    DkmCurve curve = {.early = on->early,
                      .late = on->late,
                      .enhancement_percent = NAN,
                      .late_change_percent = NAN,
                      .band = DKM_CURVE_BAND};
    curve.n = MIN(dkm_review_case_n_phases(on), DKM_CURVE_MOST_PHASES);
    set_times(&curve, on->study->dce);
    for (guint i = 0; i < curve.n; i++)
        curve.value[i] = values[i];
    if (on->early > 0 && on->early < curve.n)
        curve.enhancement_percent = percent(curve.value[0], curve.value[on->early]);
    if (on->late > on->early && on->late < curve.n) {
        curve.late_change_percent = percent(curve.value[on->early], curve.value[on->late]);
        dkm_curve_set_band(&curve, DKM_CURVE_BAND);
    }
    return curve;
}

DkmCurve dkm_curve_at(const DkmReviewCase *on, const int zyx[3], float background)
{
    DkmCurve none = {.enhancement_percent = NAN, .late_change_percent = NAN};
    double values[DKM_CURVE_MOST_PHASES] = {0};
    if (!is_inside(dkm_review_case_grid(on), zyx[0], zyx[1], zyx[2]))
        return none;
    for (guint i = 0; i < MIN(dkm_review_case_n_phases(on), DKM_CURVE_MOST_PHASES); i++) {
        const DkmVolume *volume = dkm_review_case_phase(on, i);
        values[i] = volume ? mean_3x3(volume, zyx[0], zyx[1], zyx[2]) : NAN;
    }
    none.is_air = values[0] < (double)background;
    return none.is_air ? none : dkm_curve_of(on, values);
}

/* A whole number with its sign, and no "-0". */
static double whole(double percent)
{
    const double rounded = round(percent);
    return rounded == 0 ? 0 : rounded;
}

char *dkm_curve_describe(const DkmCurve *curve)
{
    if (curve->is_air)
        return g_strdup(_("no tissue"));
    if (curve->n < 2 || isnan(curve->enhancement_percent))
        return g_strdup("");
    if (isnan(curve->late_change_percent))
        return g_strdup_printf(_("%+.0f %% after contrast"), whole(curve->enhancement_percent));
    g_autofree char *band = curve->band == DKM_CURVE_BAND
                                ? g_strdup("")
                                : g_strdup_printf(" (±%.3g %%)", 100 * curve->band);
    return g_strdup_printf(_("%+.0f %% early, then %+.0f %%: %s%s"),
                           whole(curve->enhancement_percent), whole(curve->late_change_percent),
                           curve->type == DKM_CURVE_NONE
                               ? _("no enhancement")
                               : dkm_word(dkm_curve_type_name(curve->type)),
                           band);
}

char *dkm_curve_type_shares(const gsize types[4])
{
    const gsize voxels = types[DKM_CURVE_NONE] + types[DKM_CURVE_PERSISTENT] +
                         types[DKM_CURVE_PLATEAU] + types[DKM_CURVE_WASHOUT];
    const double share = voxels ? 100.0 / (double)voxels : 0;
    g_autofree char *named = g_strdup_printf(
        _("%.0f %% persistent, %.0f %% plateau, %.0f %% wash-out"),
        share * (double)types[DKM_CURVE_PERSISTENT], share * (double)types[DKM_CURVE_PLATEAU],
        share * (double)types[DKM_CURVE_WASHOUT]);
    if (types[DKM_CURVE_NONE] == 0)
        return g_steal_pointer(&named);
    return g_strdup_printf(_("%s; %.0f %% enhance too little for a type"), named,
                           share * (double)types[DKM_CURVE_NONE]);
}
