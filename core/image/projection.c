#include "core/image/projection.h"

#include "core/error.h"
#include "core/i18n.h"

#include <math.h>

#define MOST_STORED 32767.0f

/* --- subtraction ------------------------------------------------------------------------------ */

static float largest(const DkmVolume *a, const DkmVolume *b)
{
    float low[2], high[2];
    dkm_volume_range(a, &low[0], &high[0]);
    dkm_volume_range(b, &low[1], &high[1]);
    return MAX(MAX(high[0], high[1]) - MIN(low[0], low[1]), 1e-6f);
}

DkmVolume *dkm_volume_subtract(const DkmVolume *after, const DkmVolume *before,
                               GCancellable *cancel, GError **error)
{
    const DkmGrid *grid = dkm_volume_grid(after);
    if (!dkm_grid_equal(grid, dkm_volume_grid(before), 0.5)) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY, _("the phases do not lie on one grid"));
        return NULL;
    }
    const gsize in_slice = (gsize)grid->n[1] * (gsize)grid->n[2], n = dkm_grid_voxels(grid);
    g_autofree gint16 *stored = g_try_new(gint16, n);
    if (!stored) {
        dkm_error_set_no_memory(error, n * sizeof *stored, "a subtraction");
        return NULL;
    }
    const float slope = largest(after, before) / MOST_STORED;
    g_autofree float *a = g_new(float, in_slice), *b = g_new(float, in_slice);
    for (int z = 0; z < grid->n[0]; z++) {
        if (g_cancellable_is_cancelled(cancel)) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_CANCELLED, "cancelled");
            return NULL;
        }
        dkm_volume_read_slice(after, z, a);
        dkm_volume_read_slice(before, z, b);
        gint16 *out = stored + (gsize)z * in_slice;
        for (gsize i = 0; i < in_slice; i++)
            out[i] = (gint16)lrintf((a[i] - b[i]) / slope);
    }
    float *slopes = g_new(float, grid->n[0]);
    for (int z = 0; z < grid->n[0]; z++)
        slopes[z] = slope;
    return dkm_volume_new_take(grid, g_steal_pointer(&stored), TRUE, slopes, NULL);
}

/* --- projection ------------------------------------------------------------------------------- */

/* How a volume is looked through: UP runs along the patient, A and B across. */
typedef struct {
    const DkmGrid *grid;
    int up, a, b; /* index axes */
    gboolean flips_up;
    gssize step[3];
    double fine_mm; /* of columns, and along a ray */
    int width;      /* columns, and steps a ray */
} Scene;

static Scene scene_new(const DkmGrid *grid)
{
    Scene scene = {.grid = grid, .up = 0, .step = {(gssize)grid->n[1] * grid->n[2], grid->n[2], 1}};
    for (int i = 1; i < 3; i++)
        if (fabs(grid->axis_lps[i][2]) > fabs(grid->axis_lps[scene.up][2]))
            scene.up = i;
    scene.a = scene.up == 0 ? 1 : 0;
    scene.b = 3 - scene.up - scene.a;
    scene.flips_up = grid->axis_lps[scene.up][2] > 0; /* head above */
    scene.fine_mm = MIN(grid->spacing_mm[scene.a], grid->spacing_mm[scene.b]);
    const double wide = hypot(grid->n[scene.a] * grid->spacing_mm[scene.a],
                              grid->n[scene.b] * grid->spacing_mm[scene.b]);
    scene.width = MAX((int)ceil(wide / scene.fine_mm), 1);
    return scene;
}

void dkm_projection_direction(int angle, int n_angles, double lps[3])
{
    const double radians = 2 * G_PI * angle / n_angles;
    lps[0] = cos(radians);
    lps[1] = sin(radians);
    lps[2] = 0;
}

/* Offsets (within one layer of UP) that the ray of each column passes; COUNT[u] of them. */
static void find_rays(const Scene *scene, int angle, int n_angles, gssize *offset, int *count)
{
    const DkmGrid *grid = scene->grid;
    double u_lps[3];
    dkm_projection_direction(angle, n_angles, u_lps);
    const double t_lps[2] = {-u_lps[1], u_lps[0]};
    const int axes[2] = {scene->a, scene->b};
    double u_step[2], t_step[2], middle[2];
    for (int k = 0; k < 2; k++) {
        const double *axis = grid->axis_lps[axes[k]],
                     scale = scene->fine_mm / grid->spacing_mm[axes[k]];
        u_step[k] = (axis[0] * u_lps[0] + axis[1] * u_lps[1]) * scale;
        t_step[k] = (axis[0] * t_lps[0] + axis[1] * t_lps[1]) * scale;
        middle[k] = (grid->n[axes[k]] - 1) / 2.0;
    }
    const double half = (scene->width - 1) / 2.0;
    for (int u = 0; u < scene->width; u++) {
        gssize *ray = offset + (gsize)u * (gsize)scene->width;
        count[u] = 0;
        for (int t = 0; t < scene->width; t++) {
            const double a = middle[0] + (u - half) * u_step[0] + (t - half) * t_step[0];
            const double b = middle[1] + (u - half) * u_step[1] + (t - half) * t_step[1];
            const int i = (int)floor(a + 0.5), j = (int)floor(b + 0.5);
            if (i < 0 || j < 0 || i >= grid->n[scene->a] || j >= grid->n[scene->b])
                continue;
            ray[count[u]++] = i * scene->step[scene->a] + j * scene->step[scene->b];
        }
    }
}

static gint16 brightest(const gint16 *layer, const gssize *ray, int count)
{
    gint16 most = 0;
    for (int i = 0; i < count; i++)
        most = MAX(most, layer[ray[i]]);
    return most;
}

static void project(const Scene *scene, const gint16 *samples, const gssize *offset,
                    const int *count, gint16 *out)
{
    const int rows = scene->grid->n[scene->up];
    for (int r = 0; r < rows; r++) {
        const gint16 *layer =
            samples + (scene->flips_up ? rows - 1 - r : r) * scene->step[scene->up];
        for (int u = 0; u < scene->width; u++)
            *out++ = brightest(layer, offset + (gsize)u * (gsize)scene->width, count[u]);
    }
}

/* Half a turn further every ray is the same from behind: the picture mirrored. */
static void mirror(const gint16 *in, int rows, int width, gint16 *out)
{
    for (int r = 0; r < rows; r++)
        for (int u = 0; u < width; u++)
            *out++ = in[r * width + width - 1 - u];
}

static DkmVolume *take(const Scene *scene, const DkmVolume *volume, int n_angles, gint16 *samples)
{
    const int rows = scene->grid->n[scene->up];
    const DkmGrid grid = {
        .n = {n_angles, rows, scene->width},
        .spacing_mm = {1, scene->grid->spacing_mm[scene->up], scene->fine_mm},
        .axis_lps = {{0, 1, 0}, {0, 0, -1}, {1, 0, 0}},
    };
    float *slopes = g_new(float, n_angles), *intercepts = g_new(float, n_angles);
    for (int i = 0; i < n_angles; i++) {
        slopes[i] = dkm_volume_slope(volume, 0);
        intercepts[i] = dkm_volume_intercept(volume, 0);
    }
    return dkm_volume_new_take(&grid, samples, TRUE, slopes, intercepts);
}

DkmVolume *dkm_volume_project(const DkmVolume *volume, int n_angles, GCancellable *cancel,
                              GError **error)
{
    const Scene scene = scene_new(dkm_volume_grid(volume));
    const int rows = scene.grid->n[scene.up];
    const gsize width = (gsize)scene.width, picture = (gsize)rows * width;
    g_autofree gssize *offset = g_try_new(gssize, width * width);
    g_autofree gint16 *samples = g_try_new(gint16, picture * (gsize)n_angles);
    if (!offset || !samples) {
        dkm_error_set_no_memory(error, width * width * sizeof *offset, "projections");
        return NULL;
    }
    g_autofree int *count = g_new(int, width);
    const gint16 *in = (const gint16 *)dkm_volume_slice(volume, 0);
    for (int angle = 0; angle < n_angles; angle++) {
        if (g_cancellable_is_cancelled(cancel)) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_CANCELLED, "cancelled");
            return NULL;
        }
        gint16 *out = samples + (gsize)angle * picture;
        if (n_angles % 2 == 0 && angle >= n_angles / 2) {
            mirror(out - picture * (gsize)(n_angles / 2), rows, scene.width, out);
            continue;
        }
        find_rays(&scene, angle, n_angles, offset, count);
        project(&scene, in, offset, count, out);
    }
    return take(&scene, volume, n_angles, g_steal_pointer(&samples));
}
