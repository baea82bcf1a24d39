#include "gui/maps.h"

#include "core/image/kinetics.h"

#include <string.h>

#define PE_FULL_PERCENT 200
#define SER_FULL 3
/* A ratio of noise means nothing: SER is shown where the early phase enhances as UCSF asks for. */
#define SER_LEAST_PE_PERCENT 70.0f

static const DkmMapInfo infos[DKM_MAP_VIEW_COUNT] = {
    [DKM_MAP_VIEW_CODE] = {"Kinetic code", "predicted from pre-contrast", DKM_COLOUR_HEAT, "low",
                           "", "high", "", 1},
    [DKM_MAP_VIEW_PROBABILITY] = {"Tumour probability", "predicted from pre-contrast",
                                  DKM_COLOUR_HEAT, "0", "50", "100", "%", 100},
    [DKM_MAP_VIEW_PE] = {"Enhancement", "measured", DKM_COLOUR_HEAT, "0", "100", "200", "%",
                         PE_FULL_PERCENT},
    [DKM_MAP_VIEW_SER] = {"SER", "measured", DKM_COLOUR_SER, "0", "1.5", "3", "", SER_FULL},
};

const DkmMapInfo *dkm_map_info(DkmMapView map)
{
    return &infos[map];
}

char *dkm_map_format(DkmMapView map, guint8 byte)
{
    const DkmMapInfo *info = &infos[map];
    const char *more = byte == 255 && *info->origin == 'm' ? "≥ " : "";
    return g_strdup_printf("%s%.*f%s%s", more, info->full < 10 ? 2 : 0, byte * info->full / 255,
                           *info->unit ? " " : "", info->unit);
}

gboolean dkm_map_is_available(const DkmReviewCase *on, DkmMapView map)
{
    const gboolean early =
        on->early > 0 && dkm_review_case_phase(on, 0) && dkm_review_case_phase(on, on->early);
    switch (map) {
    case DKM_MAP_VIEW_CODE:
    case DKM_MAP_VIEW_PROBABILITY:
        return on->result != NULL;
    case DKM_MAP_VIEW_PE:
        return early;
    case DKM_MAP_VIEW_SER:
        return early && on->late != on->early && dkm_review_case_phase(on, on->late);
    default:
        return FALSE;
    }
}

static gsize slice_voxels(const DkmReviewCase *on)
{
    const DkmGrid *grid = dkm_review_case_grid(on);
    return (gsize)grid->n[1] * (gsize)grid->n[2];
}

static void to_bytes(const float *values, float full, gsize n, guint8 *out)
{
    for (gsize i = 0; i < n; i++)
        out[i] = (guint8)(CLAMP(values[i] / full, 0.0f, 1.0f) * 255 + 0.5f);
}

static void measure(const DkmReviewCase *on, DkmMapView map, int z, float background, guint8 *out)
{
    const gsize n = slice_voxels(on);
    const DkmKineticSource source = {dkm_review_case_phase(on, 0),
                                     dkm_review_case_phase(on, on->early),
                                     dkm_review_case_phase(on, on->late)};
    g_autofree float *pe = g_new(float, n);
    dkm_kinetics_slice(DKM_MAP_PE, &source, z, background, pe);
    if (map == DKM_MAP_VIEW_PE) {
        to_bytes(pe, PE_FULL_PERCENT, n, out);
        return;
    }
    g_autofree float *ser = g_new(float, n);
    dkm_kinetics_slice(DKM_MAP_SER, &source, z, background, ser);
    for (gsize i = 0; i < n; i++)
        ser[i] = pe[i] >= SER_LEAST_PE_PERCENT ? ser[i] : 0;
    to_bytes(ser, SER_FULL, n, out);
}

gboolean dkm_map_slice(const DkmReviewCase *on, DkmMapView map, int z, float background,
                       guint8 *out)
{
    if (!dkm_map_is_available(on, map))
        return FALSE;
    const gsize n = slice_voxels(on);
    if (map == DKM_MAP_VIEW_CODE)
        memcpy(out, on->result->kinetic + (gsize)z * n, n);
    else if (map == DKM_MAP_VIEW_PROBABILITY)
        memcpy(out, on->result->probability + (gsize)z * n, n);
    else
        measure(on, map, z, background, out);
    return TRUE;
}
