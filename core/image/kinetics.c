#include "core/image/kinetics.h"

#include "core/error.h"

#include <math.h>

const DkmFtvParameters dkm_ftv_ispy = {
    .pct_background = 60, .pe_threshold = 70, .minimum_neighbours = 4, .ser_threshold = 0.9};

static float map_value(DkmMapKind kind, float s0, float s1, float s2)
{
    switch (kind) {
    case DKM_MAP_PE:
        return s0 > 0 ? 100.0f * (s1 - s0) / s0 : 0.0f;
    case DKM_MAP_SER:
        return s2 > s0 ? (s1 - s0) / (s2 - s0) : 0.0f;
    case DKM_MAP_WASHOUT:
        return s1 > 0 ? 100.0f * (s2 - s1) / s1 : 0.0f;
    case DKM_MAP_SUBTRACTION:
        return s1 - s0;
    }
    return 0.0f;
}

void dkm_kinetics_values(DkmMapKind kind, const float *const s[3], gsize n, float background,
                         float *out)
{
    const float *late = s[2] ? s[2] : s[1];
    for (gsize i = 0; i < n; i++)
        out[i] = s[0][i] < background ? 0.0f : map_value(kind, s[0][i], s[1][i], late[i]);
}

void dkm_kinetics_slice(DkmMapKind kind, const DkmKineticSource *source, int z, float background,
                        float *out)
{
    const DkmGrid *grid = dkm_volume_grid(source->pre);
    const gsize n = (gsize)grid->n[1] * (gsize)grid->n[2];
    g_autofree float *s0 = g_new(float, n), *s1 = g_new(float, n), *s2 = NULL;
    dkm_volume_read_slice(source->pre, z, s0);
    dkm_volume_read_slice(source->early, z, s1);
    if (source->late) {
        s2 = g_new(float, n);
        dkm_volume_read_slice(source->late, z, s2);
    }
    dkm_kinetics_values(kind, (const float *const[]){s0, s1, s2}, n, background, out);
}

#define PLATEAU_BAND 0.1

DkmCurveType dkm_curve_type(double s0, double early, double late)
{
    return dkm_curve_type_within(s0, early, late, PLATEAU_BAND);
}

DkmCurveType dkm_curve_type_within(double s0, double early, double late, double band)
{
    const double most = band > 0 ? band : PLATEAU_BAND;
    if (!(s0 > 0) || !(early > 0) || MAX(early, late) - s0 < 0.1 * s0)
        return DKM_CURVE_NONE;
    const double change = (late - early) / early;
    if (change > most)
        return DKM_CURVE_PERSISTENT;
    return change < -most ? DKM_CURVE_WASHOUT : DKM_CURVE_PLATEAU;
}

const char *dkm_curve_type_name(DkmCurveType type)
{
    static const char *const names[] = {"none", "persistent", "plateau", "wash-out"};
    return names[type];
}
