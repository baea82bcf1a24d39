#include "gui/pane.h"

#include <string.h>

#define MOST_LAYERS 32
#define OUTLINE_PIXELS 1.5

struct _DkmPane {
    DkmRenderer *renderer;
    guint8 *map; /* the slice below, one byte a voxel */
    int rows, columns;
    gboolean has_map; /* drawn last */
    guint32 table[256];
};

DkmPane *dkm_pane_new(void)
{
    DkmPane *pane = g_new0(DkmPane, 1);
    pane->renderer = dkm_renderer_new();
    return pane;
}

void dkm_pane_free(DkmPane *pane)
{
    if (!pane)
        return;
    dkm_renderer_free(pane->renderer);
    g_free(pane->map);
    g_free(pane);
}

DkmPlane dkm_pane_plane(const DkmReviewCase *on)
{
    const DkmGrid *grid = dkm_review_case_grid(on);
    return (DkmPlane){grid->n[1], grid->n[2], {grid->spacing_mm[1], grid->spacing_mm[2]}};
}

/* Apart from the heat map's course and from each other for colour-blind readers too (after Okabe
 * and Ito). */
guint32 dkm_layer_colour(guint id)
{
    static const guint32 colours[] = {0x4fc3f7, 0xf0e442, 0x2fd0a0, 0xcc79a7,
                                      0xe69f00, 0x8fb3ff, 0xb8e986, 0xff9d80};
    return colours[(id + G_N_ELEMENTS(colours) - 1) % G_N_ELEMENTS(colours)];
}

static DkmGreyLayer grey_layer(const DkmReviewCase *on, guint phase, int z)
{
    const DkmVolume *volume = dkm_review_case_phase(on, phase);
    if (!volume)
        return (DkmGreyLayer){0};
    return (DkmGreyLayer){dkm_volume_slice(volume, z), dkm_volume_is_signed(volume),
                          dkm_volume_slope(volume, z), dkm_volume_intercept(volume, z)};
}

static DkmHeatLayer heat_layer(DkmPane *pane, const DkmReviewCase *on, const DkmLook *look,
                               float background)
{
    const DkmGrid *grid = dkm_review_case_grid(on);
    if (pane->rows != grid->n[1] || pane->columns != grid->n[2]) {
        g_free(pane->map);
        pane->map = g_malloc((gsize)grid->n[1] * (gsize)grid->n[2]);
        pane->rows = grid->n[1];
        pane->columns = grid->n[2];
    }
    pane->has_map = dkm_map_slice(on, look->map, look->slice, background, pane->map);
    if (!pane->has_map)
        return (DkmHeatLayer){0};
    dkm_heat_table(dkm_map_info(look->map)->colours, look->map_opacity, pane->table);
    return (DkmHeatLayer){pane->map, pane->table};
}

static guint mask_layers(const DkmReviewCase *on, const DkmLook *look, double scale,
                         gboolean is_map, DkmMaskLayer out[MOST_LAYERS])
{
    const guint n = MIN(dkm_layers_count(on->layers), MOST_LAYERS);
    for (guint i = 0; i < n; i++) {
        const DkmLayer *layer = dkm_layers_get(on->layers, i);
        out[i] = (DkmMaskLayer){.voxels = dkm_mask_peek_slice(layer->mask, look->slice),
                                .colour = dkm_layer_colour(layer->id),
                                .fill = is_map ? 0 : look->mask_opacity,
                                .outline = MAX(1, (int)(OUTLINE_PIXELS * scale + 0.5))};
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

void dkm_pane_draw(DkmPane *pane, const DkmPaneSpec *spec, const DkmReviewCase *on,
                   const DkmLook *look, float background, const DkmCanvas *canvas)
{
    DkmMaskLayer masks[MOST_LAYERS];
    pane->has_map = FALSE;
    DkmPicture picture = {.pixels = canvas->pixels,
                          .width = canvas->width,
                          .height = canvas->height,
                          .stride = canvas->stride,
                          .plane = {1, 1, {1, 1}},
                          .smooth = look->smooth,
                          .window = look->window,
                          .masks = masks};
    if (on) {
        picture.plane = dkm_pane_plane(on);
        picture.grey = grey_layer(on, spec->phase, look->slice);
        const gboolean overlays = look->shows_overlays && !spec->is_bare;
        if (overlays && spec->shows_map)
            picture.heat = heat_layer(pane, on, look, background);
        if (overlays && look->shows_masks)
            picture.n_masks = mask_layers(on, look, canvas->scale, spec->shows_map, masks);
    }
    picture.view = dkm_viewport_new(&picture.plane, &look->aim, canvas->width, canvas->height);
    dkm_renderer_draw(pane->renderer, &picture);
}
