#include "gui/maps.h"

#include "core/image/agreement.h"
#include "core/image/kinetics.h"
#include "gui/i18n.h"

#define PE_FULL_PERCENT 200
#define SER_FULL 3
/* A ratio of noise means nothing: SER is shown where the early phase enhances as UCSF asks for. */
#define SER_LEAST_PE_PERCENT 70.0f

/* As usual for the ratio; the curve's own type (DKM_MAP_VIEW_CURVE) goes by the late change. */
#define SER_CLASSES                                                                                \
    {                                                                                              \
        {0, 0.9, N_("persistent"), N_("persistent < 0.9")},                                        \
            {0.9, 1.1, N_("plateau"), N_("plateau")},                                              \
            {1.1, SER_FULL, N_("wash-out"), N_("wash-out > 1.1")},                                 \
    }

static const DkmMapInfo infos[DKM_MAP_VIEW_COUNT] = {
    [DKM_MAP_VIEW_CODE] = {N_("Kinetic code"), N_("predicted from pre-contrast"), DKM_COLOUR_HEAT,
                           N_("low"), "", N_("high"), "", 1},
    [DKM_MAP_VIEW_PROBABILITY] = {N_("Tumour probability"), N_("predicted from pre-contrast"),
                                  DKM_COLOUR_HEAT, "0", "50", "100", "%", 100},
    [DKM_MAP_VIEW_PE] = {N_("Enhancement"), N_("measured"), DKM_COLOUR_HEAT, "0", "100", "200", "%",
                         PE_FULL_PERCENT},
    [DKM_MAP_VIEW_SER] = {"SER", N_("measured"), DKM_COLOUR_SER, "0", "", "3", "", SER_FULL,
                          SER_CLASSES},
    [DKM_MAP_VIEW_CURVE] = {N_("Curve type"), N_("measured"), DKM_COLOUR_CURVE, N_("persistent"),
                            N_("plateau"), N_("wash-out"), "", 0},
    [DKM_MAP_VIEW_AGREEMENT] = {N_("Agreement"), N_("mask against measured"), DKM_COLOUR_AGREEMENT,
                                N_("mask only"), N_("enhancing only"), N_("both"), "", 0},
};

const DkmMapInfo *dkm_map_info(DkmMapView map)
{
    return &infos[map];
}

DkmColourMap dkm_map_colours(DkmMapView map, DkmHeat heat)
{
    static const DkmColourMap maps[] = {[DKM_HEAT_HEAT] = DKM_COLOUR_HEAT,
                                        [DKM_HEAT_BLUE_YELLOW] = DKM_COLOUR_BLUE_YELLOW,
                                        [DKM_HEAT_GREY] = DKM_COLOUR_GREY};
    return infos[map].colours == DKM_COLOUR_HEAT ? maps[heat] : infos[map].colours;
}

char *dkm_map_format(DkmMapView map, guint8 byte)
{
    const DkmMapInfo *info = &infos[map];
    if (info->full <= 0) {
        const char *const classes[] = {"", info->low, info->middle, info->high};
        return g_strdup(byte >= 85 ? _(classes[byte / 85]) : "");
    }
    if (map == DKM_MAP_VIEW_SER && byte == 0)
        return g_strdup(""); /* no ratio where too little enhances: not a ratio of zero */
    const char *more = byte == 255 && *info->origin == 'm' ? "≥ " : "";
    return g_strdup_printf("%s%.*f%s%s", more, info->full < 10 ? 2 : 0, byte * info->full / 255,
                           *info->unit ? " " : "", info->unit);
}

static gboolean has_mask(const DkmMapSource *of)
{
    return of->enhancing && dkm_layers_find(of->on->layers, of->layer);
}

gboolean dkm_map_is_available(const DkmMapSource *of, DkmMapView map)
{
    const DkmReviewCase *on = of->on;
    const gboolean early =
        on->early > 0 && dkm_review_case_phase(on, 0) && dkm_review_case_phase(on, on->early);
    switch (map) {
    case DKM_MAP_VIEW_CODE:
    case DKM_MAP_VIEW_PROBABILITY:
        return on->result != NULL;
    case DKM_MAP_VIEW_PE:
        return early;
    case DKM_MAP_VIEW_SER:
    case DKM_MAP_VIEW_CURVE:
        return early && on->late != on->early && dkm_review_case_phase(on, on->late);
    case DKM_MAP_VIEW_AGREEMENT:
        return has_mask(of);
    default:
        return FALSE;
    }
}

static void to_bytes(const float *values, float full, gsize n, guint8 *out)
{
    for (gsize i = 0; i < n; i++)
        out[i] = (guint8)(CLAMP(values[i] / full, 0.0f, 1.0f) * 255 + 0.5f);
}

/* The plane of the three measured phases, and a place for what is computed from it. */
typedef struct {
    gsize n;
    float background;
    double curve_band;
    const float *s[3];
    float *pe, *other;
} Measured;

static void ser_bytes(const Measured *of, guint8 *out)
{
    dkm_kinetics_values(DKM_MAP_SER, of->s, of->n, of->background, of->other);
    for (gsize i = 0; i < of->n; i++)
        of->other[i] = of->pe[i] >= SER_LEAST_PE_PERCENT ? of->other[i] : 0;
    to_bytes(of->other, SER_FULL, of->n, out);
}

/* Curves of voxels that enhance as UCSF asks for: below, their types are noise. */
static void curve_bytes(const Measured *of, guint8 *out)
{
    for (gsize i = 0; i < of->n; i++) {
        const DkmCurveType type =
            of->pe[i] >= SER_LEAST_PE_PERCENT
                ? dkm_curve_type_within((double)of->s[0][i], (double)of->s[1][i],
                                        (double)of->s[2][i], of->curve_band)
                : DKM_CURVE_NONE;
        out[i] = (guint8)(85 * type);
    }
}

static void measure(const DkmReviewCase *on, DkmMapView map, const DkmCut *cut, int index,
                    Measured *of, guint8 *out)
{
    const guint phases[3] = {0, on->early, on->late};
    g_autofree float *values = g_new(float, 5 * of->n);
    for (guint i = 0; i < 3; i++) {
        const DkmVolume *volume = dkm_review_case_phase(on, phases[i]);
        if (volume)
            dkm_cut_values(cut, volume, index, values + i * of->n);
        of->s[i] = volume ? values + i * of->n : NULL;
    }
    of->pe = values + 3 * of->n;
    of->other = values + 4 * of->n;
    dkm_kinetics_values(DKM_MAP_PE, of->s, of->n, of->background, of->pe);
    if (map == DKM_MAP_VIEW_PE)
        to_bytes(of->pe, PE_FULL_PERCENT, of->n, out);
    else if (map == DKM_MAP_VIEW_SER)
        ser_bytes(of, out);
    else
        curve_bytes(of, out);
}

static void agreement(const DkmMapSource *of, const DkmCut *cut, int index, guint8 *out)
{
    const DkmGrid *grid = dkm_review_case_grid(of->on);
    const DkmLayer *layer = dkm_layers_find(of->on->layers, of->layer);
    const gsize n = (gsize)grid->n[cut->row] * (gsize)grid->n[cut->column];
    g_autofree guint8 *enhancing = g_malloc(n);
    dkm_cut_bytes(cut, grid, dkm_mask_peek_slice(layer->mask, 0), index, out);
    dkm_cut_bytes(cut, grid, dkm_mask_peek_slice(of->enhancing, 0), index, enhancing);
    dkm_agreement_bytes(out, enhancing, n, out);
}

gboolean dkm_map_cut(const DkmMapSource *of, DkmMapView map, const DkmCut *cut, int index,
                     guint8 *out)
{
    const DkmReviewCase *on = of->on;
    const DkmGrid *grid = dkm_review_case_grid(on);
    if (!dkm_map_is_available(of, map))
        return FALSE;
    Measured measured = {.n = (gsize)grid->n[cut->row] * (gsize)grid->n[cut->column],
                         .background = of->background,
                         .curve_band = of->curve_band};
    if (map == DKM_MAP_VIEW_CODE)
        dkm_cut_bytes(cut, grid, on->result->kinetic, index, out);
    else if (map == DKM_MAP_VIEW_PROBABILITY)
        dkm_cut_bytes(cut, grid, on->result->probability, index, out);
    else if (map == DKM_MAP_VIEW_AGREEMENT)
        agreement(of, cut, index, out);
    else
        measure(on, map, cut, index, &measured, out);
    return TRUE;
}
