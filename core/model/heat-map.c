#include "core/model/heat-map.h"

#include "core/error.h"
#include "core/i18n.h"

#include <math.h>
#include <stdlib.h>

/* Shares of the run's code pixels that become black and white. */
static const double black = 0.01, white = 0.999;

struct _DkmHeatMap {
    const DkmLattice *lattice;
    DkmGrid grid;
    DkmBox box;
    int level;            /* the finest fused one; -1 where none is */
    int channels;         /* of its code */
    gsize pixels;         /* of one slice of its code */
    float *code;          /* samples of a run * pixels * channels */
    GPtrArray *strengths; /* a float array of PIXELS for each slice of the box */
};

static int finest_level(const DkmPreset *preset)
{
    for (int i = 0; i < DKM_LEVELS; i++)
        if (preset->fuse[i])
            return i;
    return -1;
}

DkmHeatMap *dkm_heat_map_new(const DkmPreset *preset, const DkmLattice *lattice,
                             const DkmGrid *grid, const DkmBox *box)
{
    DkmHeatMap *map = g_new0(DkmHeatMap, 1);
    map->lattice = lattice;
    map->grid = *grid;
    map->box = *box;
    map->level = finest_level(preset);
    map->strengths = g_ptr_array_new_with_free_func(g_free);
    if (map->level < 0)
        return map;
    map->channels = dkm_preset_code_channels(preset, map->level);
    map->pixels = (gsize)(dkm_lattice_rows(lattice) >> map->level) *
                  (gsize)(dkm_lattice_columns(lattice) >> map->level);
    return map;
}

void dkm_heat_map_free(DkmHeatMap *map)
{
    if (!map)
        return;
    g_ptr_array_unref(map->strengths);
    g_free(map->code);
    g_free(map);
}

/* Root mean square over the channels of every pixel of one slice's CODE. */
static gboolean add_slice(DkmHeatMap *map, const float *code, GError **error)
{
    gboolean is_finite = TRUE;
    float *strength = g_new(float, map->pixels);
    for (gsize i = 0; i < map->pixels; i++) {
        const float *u = code + i * (gsize)map->channels;
        double sum = 0;
        for (int c = 0; c < map->channels; c++)
            sum += (double)u[c] * u[c];
        strength[i] = (float)sqrt(sum / map->channels);
        is_finite = is_finite && isfinite(strength[i]);
    }
    g_ptr_array_add(map->strengths, strength);
    if (!is_finite)
        g_set_error_literal(
            error, DKM_ERROR, DKM_ERROR_MODEL,
            _("the model computes a kinetic code that is infinite or no number: its "
              "weights are not usable"));
    return is_finite;
}

gboolean dkm_heat_map_add(DkmHeatMap *map, DkmNetwork *network, int count, GError **error)
{
    if (map->level < 0)
        return TRUE;
    const gsize a_slice = map->pixels * (gsize)map->channels;
    if (!map->code)
        map->code = g_new(float, dkm_shape_count(dkm_network_code_shape(network, map->level)));
    if (!dkm_network_get_fused_code(network, map->level, map->code, error))
        return FALSE;
    for (int i = 0; i < count; i++)
        if (!add_slice(map, map->code + (gsize)i * a_slice, error))
            return FALSE;
    return TRUE;
}

static int compare_floats(const void *a, const void *b)
{
    const float p = *(const float *)a, q = *(const float *)b;
    return (p > q) - (p < q);
}

/* The strengths that become 0 and 255. */
static void find_range(const DkmHeatMap *map, float *low, float *high)
{
    const gsize n = map->strengths->len * map->pixels;
    g_autofree float *all = g_new(float, n);
    for (guint s = 0; s < map->strengths->len; s++)
        for (gsize i = 0; i < map->pixels; i++)
            all[s * map->pixels + i] = ((const float *)g_ptr_array_index(map->strengths, s))[i];
    qsort(all, n, sizeof *all, compare_floats);
    *low = all[(gsize)(black * (double)(n - 1))];
    *high = all[(gsize)(white * (double)(n - 1))];
}

void dkm_heat_map_finish(DkmHeatMap *map, guint8 *out)
{
    if (map->strengths->len == 0)
        return;
    float low, high;
    find_range(map, &low, &high);
    const float scale = high > low ? 255 / (high - low) : 0;
    g_autofree float *plane = g_new(float, (gsize)map->grid.n[1] * (gsize)map->grid.n[2]);
    for (guint s = 0; s < map->strengths->len; s++) {
        const DkmLatticePicture picture = {g_ptr_array_index(map->strengths, s), 1 << map->level, 1,
                                           0};
        guint8 *slice = out + dkm_grid_index(&map->grid, map->box.first[0] + (int)s, 0, 0);
        dkm_lattice_write(map->lattice, &picture, plane);
        for (int y = map->box.first[1]; y < map->box.end[1]; y++)
            for (int x = map->box.first[2]; x < map->box.end[2]; x++) {
                const gsize i = (gsize)y * (gsize)map->grid.n[2] + (gsize)x;
                slice[i] = (guint8)CLAMP((plane[i] - low) * scale + 0.5f, 0, 255);
            }
    }
}
