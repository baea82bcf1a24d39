/* The skin is found along rays from the front: fat-suppressed fat is as dark as air, so a threshold
 * alone finds no breast, but the skin in front of it is bright. */
#include "core/image/sites.h"

#include "core/error.h"
#include "core/image/components.h"
#include "core/image/distance.h"
#include "core/image/smooth.h"

#include <math.h>

static const double sigma_mm = 1, slab_mm = 5, air_sds = 6, skin_mm = 5, nipple_mm = 12;
/* Of the darker half of a normal distribution: its SD, and how far its mean lies below the whole's,
 * in the whole's SD: sqrt(1 - 2/pi), sqrt(2/pi). */
static const double half_normal_sd = 0.6028, half_normal_mean = 0.7979;
static const double chest_share = 0.9, chest_mm = 10, two_breasts_mm = 220;
static const double pe_percent = 70, thin_mm = 2.5, long_mm = 15;

static const struct {
    const char *name, *rule;
} sites[DKM_SITES] = {
    [DKM_SITE_AIR] = {"air",
                      "in front of the skin: the first voxel of a ray from the front that is "
                      "brighter than air (mean + 6 SD, from the darker half of the foremost 5 "
                      "mm, smoothed by 1 mm)"},
    [DKM_SITE_NIPPLE] = {"nipple", "at most 12 mm from the most anterior point of the skin, of "
                                   "each side where the body is wider than 220 mm"},
    [DKM_SITE_SKIN] = {"skin", "at most 5 mm from the air in front"},
    [DKM_SITE_CHEST] = {"chest wall and heart",
                        "behind the plane 10 mm behind the depth that 90 % of the skin is in front "
                        "of"},
    [DKM_SITE_VESSEL] =
        {"vessels",
         "early enhancement of at least 70 % (both smoothed by 1 mm), in a part thinner than 5 "
         "mm and at least 15 mm long"},
    [DKM_SITE_ENHANCING] = {"other, enhancing", "early enhancement of at least 70 %"},
    [DKM_SITE_OTHER] = {"other, not enhancing", "the rest"},
};

const char *dkm_site_name(DkmSite site)
{
    return sites[site].name;
}

const char *dkm_site_rule(DkmSite site)
{
    return sites[site].rule;
}

typedef struct {
    DkmGrid grid;
    int depth, across, along; /* axes: front to back, nearest to left-right, the third */
    gboolean from_end;        /* the front is at the axis' end */
    float *smooth;            /* of the pre-contrast phase */
    double air;               /* what is at most as bright */
    int *skin; /* voxels in front of the skin along each ray (across, along); n[depth]: none */
    double *distance2; /* scratch */
    guint8 *site;
} Finder;

static void set_sigma(const Finder *f, double sigma[3])
{
    for (int k = 0; k < 3; k++)
        sigma[k] = sigma_mm / f->grid.spacing_mm[k];
}

static void finder_clear(Finder *f)
{
    g_free(f->smooth);
    g_free(f->skin);
    g_free(f->distance2);
    g_free(f->site);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Finder, finder_clear)

/* The axis nearest to the patient's DIRECTION (0: left-right, 1: front-back), but not TAKEN. */
static int axis_along(const DkmGrid *grid, int direction, int taken)
{
    int best = taken == 0 ? 1 : 0;
    for (int k = 0; k < 3; k++)
        if (k != taken &&
            fabs(grid->axis_lps[k][direction]) > fabs(grid->axis_lps[best][direction]))
            best = k;
    return best;
}

/* The voxel DEEP voxels behind the front of ray (I, J). */
static gsize voxel_at(const Finder *f, int deep, int i, int j)
{
    int at[3];
    at[f->depth] = f->from_end ? f->grid.n[f->depth] - 1 - deep : deep;
    at[f->across] = i;
    at[f->along] = j;
    return dkm_grid_index(&f->grid, at[0], at[1], at[2]);
}

static int compare_floats(gconstpointer a, gconstpointer b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Of the darker half of the foremost slab: a breast may reach into it. */
static void measure_air(Finder *f)
{
    const int slab = CLAMP((int)(slab_mm / f->grid.spacing_mm[f->depth]), 1, f->grid.n[f->depth]);
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(float));
    for (int d = 0; d < slab; d++)
        for (int i = 0; i < f->grid.n[f->across]; i++)
            for (int j = 0; j < f->grid.n[f->along]; j++)
                g_array_append_val(values, f->smooth[voxel_at(f, d, i, j)]);
    g_array_sort(values, compare_floats);
    const guint half = MAX(1, values->len / 2);
    double sum = 0, squares = 0;
    for (guint i = 0; i < half; i++) {
        const double v = (double)g_array_index(values, float, i);
        sum += v;
        squares += v * v;
    }
    const double mean = sum / half;
    const double sd = sqrt(MAX(0, squares / half - mean * mean)) / half_normal_sd;
    f->air = mean + (half_normal_mean + air_sds) * sd;
}

static int *ray(const Finder *f, int i, int j)
{
    return &f->skin[i * f->grid.n[f->along] + j];
}

static void cast_rays(Finder *f)
{
    const int n = f->grid.n[f->depth];
    f->skin = g_new0(int, (gsize)f->grid.n[f->across] * (gsize)f->grid.n[f->along]);
    for (int i = 0; i < f->grid.n[f->across]; i++)
        for (int j = 0; j < f->grid.n[f->along]; j++) {
            int d = 0;
            while (d < n && !((double)f->smooth[voxel_at(f, d, i, j)] > f->air))
                d++;
            *ray(f, i, j) = d;
        }
}

static int compare_ints(gconstpointer a, gconstpointer b)
{
    return *(const int *)a - *(const int *)b;
}

/* The median of 3 x 3 rays: no single voxel of noise is skin, nor a gap a hole. */
static void smooth_rays(Finder *f)
{
    const int n[2] = {f->grid.n[f->across], f->grid.n[f->along]};
    int *out = g_new0(int, (gsize)n[0] * (gsize)n[1]);
    for (int i = 0; i < n[0]; i++)
        for (int j = 0; j < n[1]; j++) {
            int near[9] = {0}, count = 0;
            for (int p = MAX(0, i - 1); p <= MIN(n[0] - 1, i + 1); p++)
                for (int q = MAX(0, j - 1); q <= MIN(n[1] - 1, j + 1); q++)
                    near[count++] = *ray(f, p, q);
            qsort(near, (gsize)count, sizeof *near, compare_ints);
            out[i * n[1] + j] = near[count / 2];
        }
    g_free(f->skin);
    f->skin = out;
}

/* Squared distances to the voxels of FEATURE. */
static gboolean measure_distance(Finder *f, const guint8 *feature, GError **error)
{
    const gsize count = dkm_grid_voxels(&f->grid);
    for (gsize v = 0; v < count; v++)
        f->distance2[v] = feature[v] ? 0 : HUGE_VAL;
    return dkm_distance_transform(f->distance2, f->grid.n, f->grid.spacing_mm, error);
}

/* Depth in voxels that SHARE of the rays that meet the body have the skin in front of. */
static int depth_quantile(const Finder *f, double share)
{
    const int n = f->grid.n[f->depth];
    const gsize rays = (gsize)f->grid.n[f->across] * (gsize)f->grid.n[f->along];
    g_autofree gsize *at = g_new0(gsize, n + 1);
    gsize hits = 0, below = 0;
    for (gsize r = 0; r < rays; r++)
        at[f->skin[r]]++;
    hits = rays - at[n];
    if (hits == 0)
        return n;
    for (int d = 0; d < n; d++) {
        below += at[d];
        if ((double)below >= share * (double)hits)
            return d;
    }
    return n;
}

static void mark_air_and_chest(Finder *f)
{
    const int n = f->grid.n[f->depth];
    const int plane =
        depth_quantile(f, chest_share) + (int)(chest_mm / f->grid.spacing_mm[f->depth]);
    for (int i = 0; i < f->grid.n[f->across]; i++)
        for (int j = 0; j < f->grid.n[f->along]; j++)
            for (int d = 0; d < n; d++)
                f->site[voxel_at(f, d, i, j)] = d < *ray(f, i, j) ? DKM_SITE_AIR
                                                : d > plane       ? DKM_SITE_CHEST
                                                                  : DKM_SITE_OTHER;
}

/* First and last position across of rays that meet the body in front of the chest's plane. */
static void body_extent(const Finder *f, int extent[2])
{
    const int chest = depth_quantile(f, chest_share);
    extent[0] = f->grid.n[f->across];
    extent[1] = -1;
    for (int i = 0; i < f->grid.n[f->across]; i++)
        for (int j = 0; j < f->grid.n[f->along]; j++)
            if (*ray(f, i, j) <= chest) {
                extent[0] = MIN(extent[0], i);
                extent[1] = MAX(extent[1], i);
            }
}

/* The most anterior skin of rays FIRST to LAST across: depth, across, along; the middle of all that
 * are as far in front. */
static void find_tip(const Finder *f, int first, int last, double tip[3])
{
    gsize count = 0;
    tip[0] = f->grid.n[f->depth];
    for (int i = first; i <= last; i++)
        for (int j = 0; j < f->grid.n[f->along]; j++) {
            const int d = *ray(f, i, j);
            if (d > tip[0])
                continue;
            if (d < tip[0]) {
                tip[0] = d;
                tip[1] = tip[2] = 0;
                count = 0;
            }
            tip[1] += i;
            tip[2] += j;
            count++;
        }
    tip[1] /= (double)MAX(1, count);
    tip[2] /= (double)MAX(1, count);
}

static void mark_nipple(Finder *f, int first, int last)
{
    const double step[3] = {f->grid.spacing_mm[f->depth], f->grid.spacing_mm[f->across],
                            f->grid.spacing_mm[f->along]};
    double tip[3] = {0};
    find_tip(f, first, last, tip);
    for (int i = first; i <= last; i++)
        for (int j = 0; j < f->grid.n[f->along]; j++)
            for (int d = *ray(f, i, j); d < f->grid.n[f->depth]; d++) {
                const double a = (d - tip[0]) * step[0], b = (i - tip[1]) * step[1],
                             c = (j - tip[2]) * step[2];
                if (a * a + b * b + c * c <= nipple_mm * nipple_mm)
                    f->site[voxel_at(f, d, i, j)] = DKM_SITE_NIPPLE;
            }
}

static void mark_nipples(Finder *f)
{
    int extent[2];
    body_extent(f, extent);
    const double width = (extent[1] - extent[0] + 1) * f->grid.spacing_mm[f->across];
    const int middle = (extent[0] + extent[1]) / 2;
    if (width <= two_breasts_mm) {
        mark_nipple(f, extent[0], extent[1]);
        return;
    }
    mark_nipple(f, extent[0], middle);
    mark_nipple(f, middle + 1, extent[1]);
}

static gboolean mark_skin(Finder *f, GError **error)
{
    const gsize count = dkm_grid_voxels(&f->grid);
    g_autofree guint8 *air = g_new0(guint8, count);
    for (gsize v = 0; v < count; v++)
        air[v] = f->site[v] == DKM_SITE_AIR;
    if (!measure_distance(f, air, error))
        return FALSE;
    for (gsize v = 0; v < count; v++)
        if (f->site[v] != DKM_SITE_AIR && f->site[v] != DKM_SITE_NIPPLE &&
            f->distance2[v] <= skin_mm * skin_mm)
            f->site[v] = DKM_SITE_SKIN;
    return TRUE;
}

/* What lies in no ball of THIN_MM that fits into MASK, of MASK. Voxels are pictures of their
 * centres: half a voxel is lost at each side. */
static gboolean thin_parts(Finder *f, const guint8 *mask, guint8 *thin, GError **error)
{
    const gsize count = dkm_grid_voxels(&f->grid);
    for (gsize v = 0; v < count; v++)
        thin[v] = !mask[v];
    if (!measure_distance(f, thin, error))
        return FALSE;
    for (gsize v = 0; v < count; v++)
        thin[v] = f->distance2[v] > thin_mm * thin_mm; /* centres of such balls */
    if (!measure_distance(f, thin, error))
        return FALSE;
    for (gsize v = 0; v < count; v++)
        thin[v] = mask[v] && !(f->distance2[v] <= thin_mm * thin_mm);
    return TRUE;
}

/* Keeps the parts of MASK whose box has a diagonal of at least LONG_MM. */
static void keep_long(const Finder *f, guint8 *mask)
{
    const int *n = f->grid.n;
    const gsize count = dkm_grid_voxels(&f->grid);
    g_autofree guint32 *label = g_new0(guint32, count);
    const guint parts = dkm_components_label(mask, n, label);
    g_autofree DkmBox *box = g_new0(DkmBox, parts + 1);
    for (gsize v = 0; v < count; v++) {
        const int at[3] = {(int)(v / ((gsize)n[1] * (gsize)n[2])),
                           (int)(v / (gsize)n[2] % (gsize)n[1]), (int)(v % (gsize)n[2])};
        DkmBox *b = &box[label[v]];
        for (int k = 0; label[v] && k < 3; k++) {
            b->first[k] = b->end[k] ? MIN(b->first[k], at[k]) : at[k];
            b->end[k] = MAX(b->end[k], at[k] + 1);
        }
    }
    for (gsize v = 0; v < count; v++) {
        const DkmBox *b = &box[label[v]];
        double squares = 0;
        for (int k = 0; k < 3; k++) {
            const double side = (b->end[k] - b->first[k]) * f->grid.spacing_mm[k];
            squares += side * side;
        }
        mask[v] = mask[v] && squares >= long_mm * long_mm;
    }
}

/* Both phases smoothed: in fat as dark as air, noise enhances. */
static gboolean mark_enhancing(Finder *f, const DkmVolume *early, GError **error)
{
    const gsize count = dkm_grid_voxels(&f->grid);
    double sigma[3];
    g_autofree guint8 *enhancing = g_new0(guint8, count), *vessel = g_new0(guint8, count);
    set_sigma(f, sigma);
    g_autofree float *after = dkm_volume_smooth(early, sigma, error);
    if (!after)
        return FALSE;
    for (gsize v = 0; v < count; v++) {
        const double s0 = (double)f->smooth[v], s1 = (double)after[v];
        enhancing[v] = s1 > f->air && s0 > 0 && 100 * (s1 - s0) >= pe_percent * s0;
    }
    if (!thin_parts(f, enhancing, vessel, error))
        return FALSE;
    keep_long(f, vessel);
    for (gsize v = 0; v < count; v++)
        if (f->site[v] == DKM_SITE_OTHER && enhancing[v])
            f->site[v] = vessel[v] ? DKM_SITE_VESSEL : DKM_SITE_ENHANCING;
    return TRUE;
}

static gboolean prepare(Finder *f, const DkmVolume *pre, GError **error)
{
    const gsize count = dkm_grid_voxels(&f->grid);
    double sigma[3];
    f->depth = axis_along(&f->grid, 1, -1);
    f->across = axis_along(&f->grid, 0, f->depth);
    f->along = 3 - f->depth - f->across;
    f->from_end = f->grid.axis_lps[f->depth][1] < 0; /* L, P, S: the back is at larger values */
    set_sigma(f, sigma);
    f->distance2 = g_try_new(double, count);
    f->site = g_try_new0(guint8, count);
    if (!f->distance2 || !f->site)
        return dkm_error_set_no_memory(error, count * sizeof *f->distance2, "the sites");
    f->smooth = dkm_volume_smooth(pre, sigma, error);
    return f->smooth != NULL;
}

guint8 *dkm_sites_find(const DkmVolume *pre, const DkmVolume *early, GError **error)
{
    g_auto(Finder) f = {.grid = *dkm_volume_grid(pre)};
    if (early && !dkm_grid_equal(&f.grid, dkm_volume_grid(early), f.grid.spacing_mm[2] / 2)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                            "the phases do not lie on one lattice");
        return NULL;
    }
    if (!prepare(&f, pre, error))
        return NULL;
    measure_air(&f);
    cast_rays(&f);
    smooth_rays(&f);
    if (depth_quantile(&f, 0) == f.grid.n[f.depth]) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT,
                            "no body is found: nothing is brighter than what lies in front");
        return NULL;
    }
    mark_air_and_chest(&f);
    mark_nipples(&f);
    if (!mark_skin(&f, error) || (early && !mark_enhancing(&f, early, error)))
        return NULL;
    return g_steal_pointer(&f.site);
}
