#include "core/image/smooth.h"

#include "core/error.h"

#include <math.h>

enum { MOST_RADIUS = 32 };

typedef struct {
    int radius;
    double weight[2 * MOST_RADIUS + 1]; /* sums to 1 */
} Kernel;

static Kernel make_kernel(double sigma)
{
    Kernel k = {.radius = sigma > 0 ? CLAMP((int)(4 * sigma + 0.5), 1, MOST_RADIUS) : 0};
    double sum = 0;
    for (int i = 0; i <= 2 * k.radius; i++) {
        const double d = sigma > 0 ? (i - k.radius) / sigma : 0;
        sum += k.weight[i] = exp(-0.5 * d * d);
    }
    for (int i = 0; i <= 2 * k.radius; i++)
        k.weight[i] /= sum;
    return k;
}

/* The edge's own value is repeated first. */
static int mirrored(int i, int n)
{
    const int period = 2 * n;
    i = ((i % period) + period) % period;
    return i < n ? i : period - 1 - i;
}

/* One line of N values, STRIDE apart, in place; LINE is scratch. */
static void smooth_line(const Kernel *k, float *values, int n, gsize stride, float *line)
{
    for (int i = 0; i < n; i++)
        line[i] = values[(gsize)i * stride];
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = -k->radius; j <= k->radius; j++)
            sum += k->weight[j + k->radius] * (double)line[mirrored(i + j, n)];
        values[(gsize)i * stride] = (float)sum;
    }
}

static void smooth_axis(float *values, const int n[3], int axis, double sigma)
{
    const Kernel kernel = make_kernel(sigma);
    const gsize strides[3] = {(gsize)n[1] * (gsize)n[2], (gsize)n[2], 1};
    const int a = axis == 0 ? 1 : 0, b = axis == 2 ? 1 : 2;
    g_autofree float *line = g_new(float, n[axis]);
    for (gsize i = 0; i < (gsize)n[a]; i++)
        for (gsize j = 0; j < (gsize)n[b]; j++)
            smooth_line(&kernel, values + i * strides[a] + j * strides[b], n[axis], strides[axis],
                        line);
}

float *dkm_volume_smooth(const DkmVolume *volume, const double sigma[3], GError **error)
{
    const DkmGrid *grid = dkm_volume_grid(volume);
    const gsize count = dkm_grid_voxels(grid);
    float *values = g_try_new(float, count);
    if (!values) {
        dkm_error_set_no_memory(error, count * sizeof *values, "a smoothed volume");
        return NULL;
    }
    for (int z = 0; z < grid->n[0]; z++)
        dkm_volume_read_slice(volume, z, values + dkm_grid_index(grid, z, 0, 0));
    for (int axis = 0; axis < 3; axis++)
        if (sigma[axis] > 0)
            smooth_axis(values, grid->n, axis, sigma[axis]);
    return values;
}
