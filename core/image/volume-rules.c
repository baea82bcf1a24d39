#include "core/image/volume-rules.h"

#include <math.h>

enum { LEVELS = 65536 };
static const double foreground_share = 0.1, bright_quantile = 0.995;

/* Voxels of each level of brightness. */
typedef struct {
    float low, high;
    gsize all[LEVELS], truth[LEVELS];
} Histogram;

static int level_of(const Histogram *h, float value)
{
    const double share =
        h->high > h->low ? (double)(value - h->low) / (double)(h->high - h->low) : 0;
    return CLAMP((int)(share * LEVELS), 0, LEVELS - 1);
}

static void fill_histogram(Histogram *h, const float *values, const DkmMask *truth,
                           const DkmBox *box)
{
    const DkmGrid *grid = dkm_mask_grid(truth);
    h->low = G_MAXFLOAT;
    h->high = -G_MAXFLOAT;
    for (int pass = 0; pass < 2; pass++)
        for (int z = box->first[0]; z < box->end[0]; z++)
            for (int y = box->first[1]; y < box->end[1]; y++)
                for (int x = box->first[2]; x < box->end[2]; x++) {
                    const float value = values[dkm_grid_index(grid, z, y, x)];
                    if (pass == 0) {
                        h->low = MIN(h->low, value);
                        h->high = MAX(h->high, value);
                        continue;
                    }
                    const int level = level_of(h, value);
                    h->all[level]++;
                    h->truth[level] += (gsize)dkm_mask_get(truth, z, y, x);
                }
}

/* The lowest level that is predicted. */
static int best_level(const Histogram *h)
{
    gsize truth = 0, predicted = 0, both = 0;
    double best = -1;
    int level = LEVELS;
    for (int i = 0; i < LEVELS; i++)
        truth += h->truth[i];
    for (int i = LEVELS - 1; i >= 0; i--) {
        predicted += h->all[i];
        both += h->truth[i];
        const double dice = 2.0 * (double)both / (double)MAX(1, predicted + truth);
        if (h->all[i] && dice > best) {
            best = dice;
            level = i;
        }
    }
    return level;
}

/* Sets what of BOX belongs, by BELONGS. */
static DkmMask *fill(const DkmGrid *grid, const DkmBox *box,
                     gboolean (*belongs)(gconstpointer data, const int at[3]), gconstpointer data,
                     GError **error)
{
    DkmMask *mask = dkm_mask_new(grid, error);
    for (int z = box->first[0]; mask && z < box->end[0]; z++)
        for (int y = box->first[1]; y < box->end[1]; y++)
            for (int x = box->first[2]; x < box->end[2]; x++) {
                const int at[3] = {z, y, x};
                dkm_mask_slice(mask, z)[(gsize)y * (gsize)grid->n[2] + (gsize)x] =
                    belongs(data, at) ? 1 : 0;
            }
    return mask;
}

typedef struct {
    const float *values;
    const DkmGrid *grid;
    const Histogram *histogram;
    int level;
} Cut;

static gboolean is_bright(gconstpointer data, const int at[3])
{
    const Cut *cut = data;
    const float value = cut->values[dkm_grid_index(cut->grid, at[0], at[1], at[2])];
    return level_of(cut->histogram, value) >= cut->level;
}

DkmMask *dkm_rule_best_threshold(const float *values, const DkmMask *truth, const DkmBox *box,
                                 GError **error)
{
    g_autofree Histogram *histogram = g_new0(Histogram, 1);
    fill_histogram(histogram, values, truth, box);
    const Cut cut = {values, dkm_mask_grid(truth), histogram, best_level(histogram)};
    return fill(cut.grid, box, is_bright, &cut, error);
}

static gboolean is_inside(gconstpointer data, const int at[3])
{
    const DkmBox *box = data;
    double sum = 0;
    for (int k = 0; k < 3; k++) {
        const double half = (box->end[k] - box->first[k]) / 2.0;
        const double d = (at[k] + 0.5 - box->first[k] - half) / half;
        sum += d * d;
    }
    return sum <= 1;
}

DkmMask *dkm_rule_ellipsoid(const DkmGrid *grid, const DkmBox *box, GError **error)
{
    return fill(grid, box, is_inside, box, error);
}

static gboolean always(gconstpointer data, const int at[3])
{
    return TRUE;
}

DkmMask *dkm_rule_everything(const DkmGrid *grid, const DkmBox *box, GError **error)
{
    return fill(grid, box, always, NULL, error);
}

DkmMask *dkm_rule_enhancement(const DkmVolume *pre, const DkmVolume *early, double percent,
                              GError **error)
{
    const DkmGrid *grid = dkm_volume_grid(pre);
    const gsize plane = (gsize)grid->n[1] * (gsize)grid->n[2];
    const double floor =
        foreground_share * (double)dkm_volume_quantile(pre, bright_quantile, -G_MAXFLOAT);
    g_autofree float *s0 = g_new(float, plane), *s1 = g_new(float, plane);
    DkmMask *mask = dkm_mask_new(grid, error);
    for (int z = 0; mask && z < grid->n[0]; z++) {
        dkm_volume_read_slice(pre, z, s0);
        dkm_volume_read_slice(early, z, s1);
        for (gsize i = 0; i < plane; i++)
            dkm_mask_slice(mask, z)[i] =
                (double)s0[i] > floor && s0[i] > 0 &&
                100 * ((double)s1[i] - (double)s0[i]) >= percent * (double)s0[i];
    }
    return mask;
}
