/* Everything that can be done to layers, at random, and what a person would see of it. */
#pragma once

#include "core/edit/layers.h"
#include "core/edit/mask-tools.h"

static const DkmGrid actions_grid = {
    {12, 48, 40}, {3, 1, 1}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

/* Everything a person could see, in one text: descriptions and the hash of every layer's voxels. */
static inline char *actions_picture(const DkmLayers *layers)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < dkm_layers_count(layers); i++) {
        const DkmLayer *layer = dkm_layers_get(layers, i);
        g_autofree char *hash = dkm_mask_sha256(layer->mask);
        g_assert_cmpuint(layer->voxels, ==, dkm_mask_count(layer->mask));
        g_string_append_printf(text, "%u %s %d %06x %d %d %d %s %" G_GINT64_FORMAT " %s\n",
                               layer->id, layer->info.name, layer->info.named, layer->info.colour,
                               layer->info.origin, layer->info.review, layer->info.touched,
                               layer->info.reviewer ? layer->info.reviewer : "-",
                               layer->info.reviewed_unix_s, hash);
    }
    return g_string_free(text, FALSE);
}

static inline DkmMask *actions_block(int first, int end)
{
    DkmMask *mask = dkm_mask_new(&actions_grid, NULL);
    for (int z = first; z < end; z++)
        for (int y = 10; y < 30; y++)
            for (int x = 5; x < 25; x++)
                dkm_mask_slice(mask, z)[y * actions_grid.n[2] + x] = 1;
    return mask;
}

static inline guint actions_any_layer(const DkmLayers *layers, GRand *rand)
{
    const guint n = dkm_layers_count(layers);
    return n ? dkm_layers_get(layers, (guint)g_rand_int_range(rand, 0, (gint32)n))->id : 0;
}

static inline void actions_stroke(DkmLayers *layers, GRand *rand)
{
    const DkmBrush brush = {g_rand_double_range(rand, 0.3, 9), g_rand_int_range(rand, -1, 3),
                            g_rand_boolean(rand), NULL};
    const guint id = g_rand_int_range(rand, 0, 8) ? actions_any_layer(layers, rand) : 0;
    for (int i = 0, n = g_rand_int_range(rand, 1, 6); i <= n; i++) {
        const double at[3] = {g_rand_double_range(rand, -2, 14), g_rand_double_range(rand, -5, 53),
                              g_rand_double_range(rand, -5, 45)};
        if (i == 0)
            dkm_layers_stroke_begin(layers, id, &brush, at, NULL);
        else
            dkm_layers_stroke_to(layers, at);
    }
    if (g_rand_int_range(rand, 0, 10))
        dkm_layers_stroke_end(layers);
    else
        dkm_layers_stroke_cancel(layers);
}

static inline void actions_tool(DkmLayers *layers, GRand *rand)
{
    const guint id = actions_any_layer(layers, rand);
    const int kind = g_rand_int_range(rand, 0, 6);
    if (!id)
        return;
    const DkmMask *mask = dkm_layers_find(layers, id)->mask;
    g_autoptr(DkmMask) made = kind == 0   ? dkm_mask_grow(mask, 1, NULL)
                              : kind == 1 ? dkm_mask_grow(mask, -1.5, NULL)
                              : kind == 2 ? dkm_mask_fill_holes(mask, TRUE, NULL)
                              : kind == 3 ? dkm_mask_keep_largest(mask, NULL)
                              : kind == 4 ? dkm_mask_smooth(mask, 1, NULL)
                                          : dkm_mask_interpolate(mask, NULL);
    dkm_layers_set_voxels(layers, id, made, NULL);
}

static inline void actions_list(DkmLayers *layers, GRand *rand)
{
    static const char *const names[] = {"Lesion A", "Läsion", "x", NULL};
    const guint id = actions_any_layer(layers, rand);
    const gint64 now = g_rand_int_range(rand, 0, 100000);
    switch (g_rand_int_range(rand, 0, 6)) {
    case 0:
        dkm_layers_accept(layers, id, "R", now, NULL);
        break;
    case 1:
        dkm_layers_reject(layers, id, "S", now, NULL);
        break;
    case 2:
        dkm_layers_rename(layers, id, names[g_rand_int_range(rand, 0, 4)], NULL);
        break;
    case 3:
        dkm_layers_recolour(layers, id, (guint32)g_rand_int_range(rand, 0, 0x1000000), NULL);
        break;
    case 4:
        dkm_layers_remove(layers, id, NULL);
        break;
    default:
        dkm_layers_split(layers, id, 4, NULL);
    }
}

/* Two layers that come together, as a file's segments do; now and then they are refused. */
static inline void actions_import(DkmLayers *layers, GRand *rand)
{
    g_autoptr(DkmMask) one = actions_block(g_rand_int_range(rand, 0, 6), 7);
    g_autoptr(DkmMask) two = actions_block(8, g_rand_int_range(rand, 9, 12));
    dkm_layers_begin(layers);
    dkm_layers_add(layers, DKM_ORIGIN_PERSON, "One", one, NULL);
    dkm_layers_add(layers, DKM_ORIGIN_NETWORK, NULL, two, NULL);
    dkm_layers_end(layers, g_rand_int_range(rand, 0, 4) != 0);
}

static inline void actions_random(DkmLayers *layers, GRand *rand)
{
    const int kind = g_rand_int_range(rand, 0, 24);
    if (kind == 0) {
        g_autoptr(DkmMask) mask =
            actions_block(g_rand_int_range(rand, 0, 6), g_rand_int_range(rand, 6, 12));
        dkm_layers_add(layers, DKM_ORIGIN_NETWORK, "Network", mask, NULL);
    } else if (kind == 1)
        actions_import(layers, rand);
    else if (kind <= 4)
        actions_list(layers, rand);
    else if (kind <= 6)
        actions_tool(layers, rand);
    else if (kind <= 8)
        dkm_layers_undo(layers, NULL);
    else if (kind == 9)
        dkm_layers_redo(layers, NULL);
    else
        actions_stroke(layers, rand);
    if (dkm_layers_count(layers) > 12)
        dkm_layers_remove(layers, dkm_layers_get(layers, 0)->id, NULL);
}
