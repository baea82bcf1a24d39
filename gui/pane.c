#include "gui/pane.h"

#define MOST_LAYERS 32
#define OUTLINE_PIXELS 1.5

struct _DkmPane {
    DkmRenderer *renderer;
    int rows, columns;     /* of the picture drawn last, and of all below */
    float *values, *other; /* one plane each */
    guint16 *grey;
    guint8 *map;
    guint8 *masks; /* n_masks planes */
    guint n_masks;
    gboolean has_map; /* drawn last */
    guint32 table[256];
};

DkmPane *dkm_pane_new(void)
{
    DkmPane *pane = g_new0(DkmPane, 1);
    pane->renderer = dkm_renderer_new();
    return pane;
}

static void clear_planes(DkmPane *pane)
{
    g_clear_pointer(&pane->values, g_free);
    g_clear_pointer(&pane->other, g_free);
    g_clear_pointer(&pane->grey, g_free);
    g_clear_pointer(&pane->map, g_free);
    g_clear_pointer(&pane->masks, g_free);
    pane->n_masks = 0;
}

void dkm_pane_free(DkmPane *pane)
{
    if (!pane)
        return;
    dkm_renderer_free(pane->renderer);
    clear_planes(pane);
    g_free(pane);
}

static void fit(DkmPane *pane, const DkmPlane *plane)
{
    if (pane->rows == plane->rows && pane->columns == plane->columns)
        return;
    clear_planes(pane);
    pane->rows = plane->rows;
    pane->columns = plane->columns;
    const gsize n = (gsize)plane->rows * (gsize)plane->columns;
    pane->values = g_new(float, n);
    pane->other = g_new(float, n);
    pane->grey = g_new(guint16, n);
    pane->map = g_malloc(n);
}

/* --- what a spec means ------------------------------------------------------------------------ */

DkmMapView dkm_pane_map(const DkmPaneSpec *spec, const DkmLook *look)
{
    return spec->has_own_map ? spec->map : look->map;
}

DkmMapSource dkm_scene_maps(const DkmScene *scene)
{
    return (DkmMapSource){scene->on, scene->background, scene->enhancing, scene->look->layer,
                          scene->look->curve_band};
}

DkmWindowGroup dkm_pane_group(const DkmPaneSpec *spec)
{
    const gboolean is_subtraction = spec->image == DKM_IMAGE_SUBTRACTION;
    if (spec->beside == DKM_BESIDE_OTHER)
        return DKM_GROUP_OTHER;
    if (spec->beside == DKM_BESIDE_PRIOR)
        return is_subtraction ? DKM_GROUP_PRIOR_SUBTRACTIONS : DKM_GROUP_PRIOR;
    return spec->image == DKM_IMAGE_MIP         ? DKM_GROUP_PROJECTION
           : is_subtraction                     ? DKM_GROUP_SUBTRACTIONS
           : spec->image == DKM_IMAGE_PREDICTED ? DKM_GROUP_PREDICTED
                                                : DKM_GROUP_PHASES;
}

DkmCut dkm_pane_cut(const DkmPaneSpec *spec, const DkmReviewCase *on)
{
    return dkm_cut_new(dkm_review_case_grid(on), spec->cut);
}

gboolean dkm_pane_is_corrected(const DkmPaneSpec *spec, const DkmScene *scene)
{
    return spec->image == DKM_IMAGE_SUBTRACTION && scene->corrected &&
           spec->phase == scene->on->early;
}

const DkmVolume *dkm_pane_volume(const DkmPaneSpec *spec, const DkmScene *scene,
                                 const DkmVolume **pre)
{
    const DkmReviewCase *on = scene->on;
    *pre = NULL;
    if (scene->outside & (1u << dkm_pane_cut(spec, on).normal))
        return NULL;
    switch (spec->image) {
    case DKM_IMAGE_MIP:
        return scene->mip;
    case DKM_IMAGE_PREDICTED:
        return on->result && spec->phase < on->result->n_predicted
                   ? on->result->predicted[spec->phase]
                   : NULL;
    case DKM_IMAGE_SUBTRACTION:
        *pre = dkm_review_case_phase(on, 0);
        if (*pre && dkm_pane_is_corrected(spec, scene))
            return scene->corrected;
        return *pre ? dkm_review_case_phase(on, spec->phase) : NULL;
    default:
        return dkm_review_case_phase(on, spec->phase);
    }
}

DkmShown dkm_pane_shown(const DkmPaneSpec *spec, const DkmScene *scene)
{
    const DkmCut cut = dkm_pane_cut(spec, scene->on);
    const guint series = scene->series ? (guint)scene->series->number : 0;
    return (DkmShown){spec->image + ((guint)spec->beside << 8), spec->phase + (series << 8),
                      cut.normal, dkm_look_index(scene->look, &cut)};
}

DkmPlane dkm_pane_plane(const DkmPaneSpec *spec, const DkmScene *scene)
{
    const gboolean is_mip = spec->image == DKM_IMAGE_MIP && scene->mip;
    const DkmGrid *grid = is_mip ? dkm_volume_grid(scene->mip) : dkm_review_case_grid(scene->on);
    const DkmCut cut = dkm_cut_new(grid, is_mip ? DKM_CUT_ACQUIRED : spec->cut);
    return (DkmPlane){grid->n[cut.row],
                      grid->n[cut.column],
                      {grid->spacing_mm[cut.row], grid->spacing_mm[cut.column]}};
}

DkmAim dkm_pane_aim(const DkmPaneSpec *spec, const DkmScene *scene)
{
    if (spec->image == DKM_IMAGE_MIP) {
        const DkmPlane plane = dkm_pane_plane(spec, scene);
        return dkm_aim_whole(&plane);
    }
    const DkmCut cut = dkm_pane_cut(spec, scene->on);
    return dkm_look_aim(scene->look, &cut, dkm_review_case_grid(scene->on));
}

static double fit_scale(const DkmPlane *plane, int width, int height)
{
    return MIN(width / (plane->columns * plane->spacing_mm[1]),
               height / (plane->rows * plane->spacing_mm[0]));
}

DkmViewport dkm_pane_viewport(const DkmPaneSpec *spec, const DkmScene *scene, int width, int height)
{
    const DkmPlane plane = dkm_pane_plane(spec, scene);
    DkmAim aim = dkm_pane_aim(spec, scene);
    if (scene->link) {
        const DkmGrid *grid = &scene->link->from;
        const DkmCut cut = dkm_cut_new(grid, spec->cut);
        const DkmPlane own = {grid->n[cut.row],
                              grid->n[cut.column],
                              {grid->spacing_mm[cut.row], grid->spacing_mm[cut.column]}};
        aim.zoom *= fit_scale(&own, width, height) / fit_scale(&plane, width, height);
    }
    return dkm_viewport_new(&plane, &aim, width, height);
}

/* Apart from the heat map's course and from each other for colour-blind readers too (after Okabe
 * and Ito). */
guint32 dkm_layer_colour(guint id)
{
    static const guint32 colours[] = {0x4fc3f7, 0xf0e442, 0x2fd0a0, 0xcc79a7,
                                      0xe69f00, 0x8fb3ff, 0xb8e986, 0xff9d80};
    return colours[(id + G_N_ELEMENTS(colours) - 1) % G_N_ELEMENTS(colours)];
}

/* --- layers of the picture -------------------------------------------------------------------- */

static DkmGreyLayer stored_slice(const DkmVolume *volume, int z)
{
    return (DkmGreyLayer){dkm_volume_slice(volume, z), dkm_volume_is_signed(volume),
                          dkm_volume_slope(volume, z), dkm_volume_intercept(volume, z)};
}

/* Computed values as 16 bit samples over their own range. */
static DkmGreyLayer quantised(DkmPane *pane)
{
    const gsize n = (gsize)pane->rows * (gsize)pane->columns;
    float low = pane->values[0], high = low;
    for (gsize i = 1; i < n; i++) {
        low = MIN(low, pane->values[i]);
        high = MAX(high, pane->values[i]);
    }
    const float slope = MAX(high - low, 1e-6f) / 65535, scale = 1 / slope;
    for (gsize i = 0; i < n; i++)
        pane->grey[i] = (guint16)MIN((pane->values[i] - low) * scale + 0.5f, 65535.0f);
    return (DkmGreyLayer){pane->grey, FALSE, slope, low};
}

static DkmGreyLayer grey_layer(DkmPane *pane, const DkmPaneSpec *spec, const DkmScene *scene,
                               const DkmCut *cut, int index)
{
    const DkmVolume *pre, *volume = dkm_pane_volume(spec, scene, &pre);
    if (!volume)
        return (DkmGreyLayer){0};
    if (spec->image == DKM_IMAGE_MIP)
        return stored_slice(volume, scene->look->angle % dkm_volume_grid(volume)->n[0]);
    if (!pre && cut->normal == 0)
        return stored_slice(volume, index);
    const gsize n = (gsize)pane->rows * (gsize)pane->columns;
    dkm_cut_values(cut, volume, index, pane->values);
    if (pre) {
        dkm_cut_values(cut, pre, index, pane->other);
        for (gsize i = 0; i < n; i++)
            pane->values[i] -= pane->other[i];
    }
    return quantised(pane);
}

static DkmHeatLayer heat_layer(DkmPane *pane, const DkmPaneSpec *spec, const DkmScene *scene,
                               const DkmCut *cut, int index)
{
    const DkmMapView map = dkm_pane_map(spec, scene->look);
    const DkmMapSource maps = dkm_scene_maps(scene);
    pane->has_map = dkm_map_cut(&maps, map, cut, index, pane->map);
    if (!pane->has_map)
        return (DkmHeatLayer){0};
    dkm_heat_table(dkm_map_colours(map, scene->look->heat), scene->look->map_opacity, pane->table);
    return (DkmHeatLayer){pane->map, pane->table, dkm_map_info(map)->full <= 0};
}

static const guint8 *mask_plane(DkmPane *pane, const DkmMask *mask, const DkmCut *cut, int index,
                                guint i)
{
    if (cut->normal == 0)
        return dkm_mask_peek_slice(mask, index);
    guint8 *plane = pane->masks + (gsize)i * (gsize)pane->rows * (gsize)pane->columns;
    dkm_cut_bytes(cut, dkm_mask_grid(mask), dkm_mask_peek_slice(mask, 0), index, plane);
    return plane;
}

static guint mask_layers(DkmPane *pane, const DkmScene *scene, const DkmCut *cut, int index,
                         DkmMaskLayer out[MOST_LAYERS])
{
    const DkmLayers *layers = scene->on->layers;
    const guint n = MIN(dkm_layers_count(layers), MOST_LAYERS);
    if (cut->normal != 0 && n > pane->n_masks) {
        pane->n_masks = n;
        pane->masks = g_realloc(pane->masks, (gsize)n * (gsize)pane->rows * (gsize)pane->columns);
    }
    for (guint i = 0; i < n; i++) {
        const DkmLayer *layer = dkm_layers_get(layers, i);
        out[i] = (DkmMaskLayer){.voxels = mask_plane(pane, layer->mask, cut, index, i),
                                .colour = layer->info.colour ? layer->info.colour
                                                             : dkm_layer_colour(layer->id)};
    }
    return n;
}

gboolean dkm_pane_map_at(const DkmPane *pane, int y, int x, guint8 *byte)
{
    if (!pane->has_map || y < 0 || x < 0 || y >= pane->rows || x >= pane->columns)
        return FALSE;
    *byte = pane->map[(gsize)y * (gsize)pane->columns + (gsize)x];
    return TRUE;
}

static void add_layers(DkmPane *pane, const DkmPaneSpec *spec, const DkmScene *scene, double scale,
                       DkmPicture *picture, DkmMaskLayer *masks)
{
    const DkmLook *look = scene->look;
    const DkmCut cut = dkm_pane_cut(spec, scene->on);
    const int index = dkm_look_index(look, &cut);
    picture->grey = grey_layer(pane, spec, scene, &cut, index);
    if (!picture->grey.samples || !look->shows_overlays || spec->is_bare ||
        spec->image == DKM_IMAGE_MIP)
        return;
    if (spec->shows_map)
        picture->heat = heat_layer(pane, spec, scene, &cut, index);
    if (look->shows_masks)
        picture->n_masks = mask_layers(pane, scene, &cut, index, masks);
    for (guint i = 0; i < picture->n_masks; i++) {
        masks[i].fill = spec->shows_map || scene->link ? 0 : look->mask_opacity;
        masks[i].outline = MAX(1, (int)(OUTLINE_PIXELS * scale + 0.5));
    }
}

void dkm_pane_draw(DkmPane *pane, const DkmPaneSpec *spec, const DkmScene *scene,
                   const DkmCanvas *canvas)
{
    DkmMaskLayer masks[MOST_LAYERS];
    DkmLook look = *scene->look;
    pane->has_map = FALSE;
    DkmPicture picture = {.pixels = canvas->pixels,
                          .width = canvas->width,
                          .height = canvas->height,
                          .stride = canvas->stride,
                          .plane = {1, 1, {1, 1}},
                          .smooth = scene->look->smooth,
                          .window = *dkm_look_window(&look, dkm_pane_group(spec)),
                          .masks = masks};
    if (scene->on) {
        picture.plane = dkm_pane_plane(spec, scene);
        picture.view = dkm_pane_viewport(spec, scene, canvas->width, canvas->height);
        fit(pane, &picture.plane);
        add_layers(pane, spec, scene, canvas->scale, &picture, masks);
    } else {
        const DkmAim aim = dkm_aim_whole(&picture.plane);
        picture.view = dkm_viewport_new(&picture.plane, &aim, canvas->width, canvas->height);
    }
    dkm_renderer_draw(pane->renderer, &picture);
}
