#include "core/image/motion.h"

#include "core/error.h"
#include "core/i18n.h"

#include <math.h>
#include <string.h>

enum { REACH_Z = 2, REACH = 5, SIDE_Z = 2 * REACH_Z + 1, SIDE = 2 * REACH + 1 };
/* A region is measured by about this many of its voxels, and needs these many of tissue. */
#define MOST_SAMPLES 12000
#define LEAST_SAMPLES 300
#define COARSE_STRIDE 5
#define LEAST_CORRELATION 0.6
/* Of the background's value: a spread that is noise. */
#define FLOOR_SHARE 0.1

static const int parts[3] = {DKM_MOTION_Z, DKM_MOTION_Y, DKM_MOTION_X};

typedef struct {
    const DkmGrid *grid;
    const DkmVolume *volume; /* the first phase, for what is tissue */
    float *first, *later;    /* whole phases, flattened */
    int *at;                 /* samples of the region: z, y, x each */
    int n;
    double score[SIDE_Z][SIDE][SIDE]; /* by shift */
} Match;

static float *read_all(const DkmVolume *volume)
{
    const DkmGrid *grid = dkm_volume_grid(volume);
    float *values = g_try_new(float, dkm_grid_voxels(grid));
    for (int z = 0; values && z < grid->n[0]; z++)
        dkm_volume_read_slice(volume, z, values + dkm_grid_index(grid, z, 0, 0));
    return values;
}

/* --- what contrast medium does not change ------------------------------------------------------
 */

/* Half the side of the neighbourhood that a value is compared with. */
#define NEAR 4

typedef struct {
    double sum, square;
} Sums;

/* Sums of all values above and to the left: rows + 1 times columns + 1 of them. */
static void sum_up(const float *slice, int rows, int columns, Sums *sums)
{
    const gsize stride = (gsize)columns + 1;
    memset(sums, 0, stride * sizeof *sums);
    for (int y = 0; y < rows; y++) {
        Sums *row = sums + (gsize)(y + 1) * stride, line = {0, 0};
        row[0] = line;
        for (int x = 0; x < columns; x++) {
            const double value = (double)slice[(gsize)y * (gsize)columns + (gsize)x];
            line.sum += value;
            line.square += value * value;
            row[x + 1] = (Sums){row[x + 1 - (gssize)stride].sum + line.sum,
                                row[x + 1 - (gssize)stride].square + line.square};
        }
    }
}

/* Each value against the mean and spread around it, so that what a patch gains in brightness is
 * lost again and its structure is left. FLOOR is added to the spread: noise stays small. */
static void flatten_slice(float *slice, const DkmGrid *grid, double floor, Sums *sums)
{
    const int rows = grid->n[1], columns = grid->n[2];
    const gsize stride = (gsize)columns + 1;
    sum_up(slice, rows, columns, sums);
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++) {
            const gsize y0 = (gsize)MAX(y - NEAR, 0), y1 = (gsize)MIN(y + NEAR + 1, rows);
            const gsize x0 = (gsize)MAX(x - NEAR, 0), x1 = (gsize)MIN(x + NEAR + 1, columns);
            const Sums *a = &sums[y0 * stride + x0], *b = &sums[y0 * stride + x1];
            const Sums *c = &sums[y1 * stride + x0], *d = &sums[y1 * stride + x1];
            const double n = (double)((y1 - y0) * (x1 - x0));
            const double mean = (d->sum - b->sum - c->sum + a->sum) / n;
            const double square = (d->square - b->square - c->square + a->square) / n;
            float *value = &slice[(gsize)y * (gsize)columns + (gsize)x];
            *value =
                (float)(((double)*value - mean) / (sqrt(MAX(square - mean * mean, 0)) + floor));
        }
}

static void flatten(float *values, const DkmGrid *grid, double floor)
{
    g_autofree Sums *sums = g_new(Sums, ((gsize)grid->n[1] + 1) * ((gsize)grid->n[2] + 1));
    for (int z = 0; z < grid->n[0]; z++)
        flatten_slice(values + dkm_grid_index(grid, z, 0, 0), grid, floor, sums);
}

/* --- one region ------------------------------------------------------------------------------- */

/* Places of tissue in the region, away from the rim by what the search needs. */
static void sample_region(Match *match, const int part[3], float background)
{
    const int *n = match->grid->n, rim[3] = {n[0] > 4 * REACH_Z ? REACH_Z : 0, REACH, REACH};
    int first[3], end[3];
    gsize all = 1;
    for (int k = 0; k < 3; k++) {
        first[k] = MAX(part[k] * n[k] / parts[k], rim[k]);
        end[k] = MIN((part[k] + 1) * n[k] / parts[k], n[k] - rim[k]);
        all *= (gsize)MAX(end[k] - first[k], 0);
    }
    const int step = MAX(1, (int)(all / MOST_SAMPLES));
    int skipped = 0;
    match->n = 0;
    for (int z = first[0]; z < end[0]; z++)
        for (int y = first[1]; y < end[1]; y++)
            for (int x = first[2]; x < end[2]; x++) {
                if (++skipped < step)
                    continue;
                skipped = 0;
                if (dkm_volume_value(match->volume, z, y, x) < background ||
                    match->n == 2 * MOST_SAMPLES)
                    continue;
                int *at = match->at + (gsize)3 * (gsize)match->n++;
                at[0] = z;
                at[1] = y;
                at[2] = x;
            }
}

/* Normalised cross-correlation of every STRIDE-th sample with the later phase SHIFT further. */
static double correlate(const Match *match, const int shift[3], int stride)
{
    double a1 = 0, b1 = 0, aa = 0, bb = 0, ab = 0, n = 0;
    for (int i = 0; i < match->n; i += stride, n++) {
        const int *at = match->at + (gsize)3 * (gsize)i;
        const int z = CLAMP(at[0] + shift[0], 0, match->grid->n[0] - 1);
        const double a = (double)match->first[dkm_grid_index(match->grid, at[0], at[1], at[2])];
        const double b =
            (double)
                match->later[dkm_grid_index(match->grid, z, at[1] + shift[1], at[2] + shift[2])];
        a1 += a;
        b1 += b;
        aa += a * a;
        bb += b * b;
        ab += a * b;
    }
    const double spread = (aa - a1 * a1 / n) * (bb - b1 * b1 / n);
    return spread > 0 ? (ab - a1 * b1 / n) / sqrt(spread) : 0;
}

static double *score_at(Match *match, const int shift[3])
{
    return &match->score[shift[0] + REACH_Z][shift[1] + REACH][shift[2] + REACH];
}

static double score_of(Match *match, const int shift[3])
{
    double *score = score_at(match, shift);
    if (isnan(*score))
        *score = correlate(match, shift, 1);
    return *score;
}

/* All shifts, with a part of the samples. */
static void find_coarsely(const Match *match, const int reach[3], int best[3])
{
    double most = -1;
    int shift[3];
    for (shift[0] = -reach[0]; shift[0] <= reach[0]; shift[0]++)
        for (shift[1] = -reach[1]; shift[1] <= reach[1]; shift[1]++)
            for (shift[2] = -reach[2]; shift[2] <= reach[2]; shift[2]++) {
                const double score = correlate(match, shift, COARSE_STRIDE);
                if (score <= most)
                    continue;
                most = score;
                memcpy(best, shift, sizeof shift);
            }
}

/* Uphill from there, with all samples. */
static void climb(Match *match, const int reach[3], int best[3])
{
    gboolean moved = TRUE;
    while (moved) {
        moved = FALSE;
        for (int k = 0; k < 3; k++)
            for (int step = -1; step <= 1; step += 2) {
                int other[3] = {best[0], best[1], best[2]};
                other[k] += step;
                if (ABS(other[k]) > reach[k] || score_of(match, other) <= score_of(match, best))
                    continue;
                memcpy(best, other, sizeof other);
                moved = TRUE;
            }
    }
}

static double score_beside(Match *match, const int best[3], const int step[3])
{
    const int shift[3] = {best[0] + step[0], best[1] + step[1], best[2] + step[2]};
    return score_of(match, shift);
}

/* The mixed bend along axes K and L. */
static double cross_bend(Match *match, const int best[3], int k, int l)
{
    double sum = 0;
    for (int corner = 0; corner < 4; corner++) {
        const int a = corner & 1 ? 1 : -1, b = corner & 2 ? 1 : -1;
        int step[3] = {0, 0, 0};
        step[k] = a;
        step[l] = b;
        sum += a * b * score_beside(match, best, step) / 4;
    }
    return sum;
}

/* Slope and bend of the scores around BEST; an axis that is not FREE is left flat. */
static void find_bend(Match *match, const int best[3], const gboolean free[3], double slope[3],
                      double bend[3][3])
{
    for (int k = 0; k < 3; k++) {
        int up[3] = {0, 0, 0}, down[3] = {0, 0, 0};
        up[k] = 1;
        down[k] = -1;
        const double above = free[k] ? score_beside(match, best, up) : 0;
        const double below = free[k] ? score_beside(match, best, down) : 0;
        slope[k] = (above - below) / 2;
        bend[k][k] = free[k] ? above + below - 2 * score_of(match, best) : -1;
        for (int l = 0; l < k; l++)
            bend[k][l] = bend[l][k] = free[k] && free[l] ? cross_bend(match, best, k, l) : 0;
    }
}

static double determinant(double m[3][3])
{
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
           m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

/* The top of the paraboloid through the scores around BEST, relative to it: an oblique ridge, as
 * the skin makes, would deceive a search axis by axis. */
static void find_top(Match *match, const int best[3], const int reach[3], double top[3])
{
    gboolean free[3];
    double slope[3] = {0, 0, 0}, bend[3][3], all;
    for (int k = 0; k < 3; k++)
        free[k] = ABS(best[k]) < reach[k];
    find_bend(match, best, free, slope, bend);
    all = determinant(bend);
    for (int k = 0; k < 3; k++) {
        double with[3][3];
        memcpy(with, bend, sizeof with);
        for (int l = 0; l < 3; l++)
            with[l][k] = -slope[l];
        top[k] = all < 0 ? CLAMP(determinant(with) / all, -1.0, 1.0) : 0;
    }
}

static void match_region(Match *match, DkmMotionRegion *out)
{
    const int reach[3] = {match->grid->n[0] > 4 * REACH_Z ? REACH_Z : 0, REACH, REACH};
    int best[3] = {0, 0, 0};
    *out = (DkmMotionRegion){0};
    if (match->n < LEAST_SAMPLES)
        return;
    for (int i = 0; i < SIDE_Z * SIDE * SIDE; i++)
        (&match->score[0][0][0])[i] = NAN;
    find_coarsely(match, reach, best);
    climb(match, reach, best);
    out->correlation = score_of(match, best);
    out->is_known = out->correlation >= LEAST_CORRELATION;
    double top[3], sum = 0;
    find_top(match, best, reach, top);
    for (int k = 0; k < 3; k++) {
        out->shift_voxel[k] = best[k] + top[k];
        const double mm = out->shift_voxel[k] * match->grid->spacing_mm[k];
        sum += mm * mm;
    }
    out->length_mm = sqrt(sum);
}

/* --- all regions ------------------------------------------------------------------------------ */

static gboolean is_stopped(GCancellable *cancel, GError **error)
{
    if (!g_cancellable_is_cancelled(cancel))
        return FALSE;
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_CANCELLED, "cancelled");
    return TRUE;
}

static gboolean match_all(Match *match, float background, DkmMotion *out, GCancellable *cancel,
                          GError **error)
{
    for (int i = 0; i < DKM_MOTION_REGIONS; i++) {
        const int part[3] = {i / (DKM_MOTION_Y * DKM_MOTION_X), i / DKM_MOTION_X % DKM_MOTION_Y,
                             i % DKM_MOTION_X};
        if (is_stopped(cancel, error))
            return FALSE;
        sample_region(match, part, background);
        match_region(match, &out->regions[i]);
        if (out->regions[i].is_known)
            out->worst_mm = MAX(out->worst_mm, out->regions[i].length_mm);
    }
    return TRUE;
}

gboolean dkm_motion_measure(const DkmVolume *first, const DkmVolume *later, float background,
                            DkmMotion *out, GCancellable *cancel, GError **error)
{
    const DkmGrid *grid = dkm_volume_grid(first);
    *out = (DkmMotion){0};
    if (!dkm_grid_equal(grid, dkm_volume_grid(later), 0.5)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                            _("the phases do not lie on one grid"));
        return FALSE;
    }
    if (grid->n[1] <= 2 * REACH || grid->n[2] <= 2 * REACH)
        return TRUE; /* too small to tell */
    g_autofree float *a = read_all(first), *b = read_all(later);
    g_autofree int *at = g_new(int, (gsize)3 * 2 * MOST_SAMPLES);
    if (!a || !b)
        return dkm_error_set_no_memory(error, dkm_grid_voxels(grid) * sizeof *a, "a phase");
    g_autofree Match *match = g_new0(Match, 1);
    match->grid = grid;
    flatten(a, grid, FLOOR_SHARE * (double)background);
    flatten(b, grid, FLOOR_SHARE * (double)background);
    match->volume = first;
    match->first = a;
    match->later = b;
    match->at = at;
    return match_all(match, background, out, cancel, error);
}

/* --- correction ------------------------------------------------------------------------------- */

/* Between the middles of the regions along axis K: the lower one and the weight of the next. */
static void between(const DkmGrid *grid, int k, int at, int *lower, double *weight)
{
    const double place = CLAMP((at + 0.5) * parts[k] / grid->n[k] - 0.5, 0.0, parts[k] - 1.0);
    *lower = MIN((int)place, parts[k] - 2);
    *weight = place - *lower;
}

static void shift_at(const DkmMotion *motion, const int lower[3], const double weight[3],
                     double shift[3])
{
    memset(shift, 0, 3 * sizeof *shift);
    for (int corner = 0; corner < 8; corner++) {
        double share = 1;
        int part[3];
        for (int k = 0; k < 3; k++) {
            const int up = corner >> k & 1;
            part[k] = lower[k] + up;
            share *= up ? weight[k] : 1 - weight[k];
        }
        const DkmMotionRegion *region =
            &motion->regions[(part[0] * DKM_MOTION_Y + part[1]) * DKM_MOTION_X + part[2]];
        for (int k = 0; k < 3 && region->is_known; k++)
            shift[k] += share * region->shift_voxel[k];
    }
}

static float linear_at(const float *values, const DkmGrid *grid, const double place[3])
{
    int low[3], high[3];
    double up[3], sum = 0;
    for (int k = 0; k < 3; k++) {
        const double inside = CLAMP(place[k], 0.0, grid->n[k] - 1.0);
        low[k] = (int)inside;
        high[k] = MIN(low[k] + 1, grid->n[k] - 1);
        up[k] = inside - low[k];
    }
    for (int corner = 0; corner < 8; corner++) {
        const int z = corner & 1 ? high[0] : low[0], y = corner & 2 ? high[1] : low[1];
        const int x = corner & 4 ? high[2] : low[2];
        const double share = (corner & 1 ? up[0] : 1 - up[0]) * (corner & 2 ? up[1] : 1 - up[1]) *
                             (corner & 4 ? up[2] : 1 - up[2]);
        sum += share * (double)values[dkm_grid_index(grid, z, y, x)];
    }
    return (float)sum;
}

static void correct_slice(const float *values, const DkmGrid *grid, const DkmMotion *motion, int z,
                          float *out)
{
    int lower[3];
    double weight[3];
    between(grid, 0, z, &lower[0], &weight[0]);
    for (int y = 0; y < grid->n[1]; y++) {
        between(grid, 1, y, &lower[1], &weight[1]);
        for (int x = 0; x < grid->n[2]; x++) {
            double shift[3];
            between(grid, 2, x, &lower[2], &weight[2]);
            shift_at(motion, lower, weight, shift);
            *out++ = linear_at(values, grid, (double[]){z + shift[0], y + shift[1], x + shift[2]});
        }
    }
}

DkmVolume *dkm_motion_correct(const DkmVolume *later, const DkmMotion *motion, GCancellable *cancel,
                              GError **error)
{
    const DkmGrid *grid = dkm_volume_grid(later);
    const gsize in_slice = (gsize)grid->n[1] * (gsize)grid->n[2], n = dkm_grid_voxels(grid);
    g_autofree float *values = read_all(later), *row = g_new0(float, in_slice);
    g_autofree guint16 *stored = g_try_new(guint16, n);
    if (!values || !stored) {
        dkm_error_set_no_memory(error, n * sizeof *values, "a corrected phase");
        return NULL;
    }
    float low, high;
    dkm_volume_range(later, &low, &high);
    const float slope = MAX(high - low, 1e-6f) / 65535;
    for (int z = 0; z < grid->n[0]; z++) {
        if (is_stopped(cancel, error))
            return NULL;
        correct_slice(values, grid, motion, z, row);
        for (gsize i = 0; i < in_slice; i++)
            stored[(gsize)z * in_slice + i] =
                (guint16)CLAMP((row[i] - low) / slope + 0.5f, 0, 65535);
    }
    float *slopes = g_new(float, grid->n[0]), *intercepts = g_new(float, grid->n[0]);
    for (int z = 0; z < grid->n[0]; z++) {
        slopes[z] = slope;
        intercepts[z] = low;
    }
    return dkm_volume_new_take(grid, g_steal_pointer(&stored), FALSE, slopes, intercepts);
}
