#include "core/image/similarity.h"

#include <math.h>

enum { RADIUS = 5, TAPS = 2 * RADIUS + 1, MOMENTS = 5 };
static const double sigma = 1.5, k1 = 0.01, k2 = 0.03;

static void make_window(double window[TAPS])
{
    for (int i = 0; i < TAPS; i++)
        window[i] = exp(-(i - RADIUS) * (i - RADIUS) / (2 * sigma * sigma));
}

/* Weighted means of N moments along one line, STRIDE moments apart. */
static void smooth_line(const double *in, double *out, int n, gsize stride)
{
    double window[TAPS];
    make_window(window);
    for (int i = 0; i < n; i++) {
        double sum[MOMENTS] = {0}, weight = 0;
        for (int j = MAX(0, i - RADIUS); j <= MIN(n - 1, i + RADIUS); j++) {
            const double w = window[j - i + RADIUS];
            weight += w;
            for (int m = 0; m < MOMENTS; m++)
                sum[m] += w * in[(gsize)j * stride + (gsize)m];
        }
        for (int m = 0; m < MOMENTS; m++)
            out[(gsize)i * stride + (gsize)m] = sum[m] / weight;
    }
}

static float ssim_of(const double m[MOMENTS], double range)
{
    const double c1 = k1 * k1 * range * range, c2 = k2 * k2 * range * range;
    const double va = m[2] - m[0] * m[0], vb = m[3] - m[1] * m[1], cov = m[4] - m[0] * m[1];
    return (float)((2 * m[0] * m[1] + c1) * (2 * cov + c2) /
                   ((m[0] * m[0] + m[1] * m[1] + c1) * (va + vb + c2)));
}

void dkm_ssim_map(const float *a, const float *b, const int size[2], double range, float *out)
{
    const gsize columns = (gsize)size[1], n = (gsize)size[0] * columns;
    g_autofree double *moments = g_new(double, n *MOMENTS), *smooth = g_new(double, n *MOMENTS);
    for (gsize i = 0; i < n; i++) {
        const double x = a[i], y = b[i];
        const double values[MOMENTS] = {x, y, x * x, y * y, x * y};
        for (int m = 0; m < MOMENTS; m++)
            moments[i * MOMENTS + (gsize)m] = values[m];
    }
    for (gsize y = 0; y < (gsize)size[0]; y++)
        smooth_line(moments + y * columns * MOMENTS, smooth + y * columns * MOMENTS, size[1],
                    MOMENTS);
    for (gsize x = 0; x < columns; x++)
        smooth_line(smooth + x * MOMENTS, moments + x * MOMENTS, size[0], columns * MOMENTS);
    for (gsize i = 0; i < n; i++)
        out[i] = ssim_of(moments + i * MOMENTS, range);
}
