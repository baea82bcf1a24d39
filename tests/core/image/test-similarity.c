/* SSIM against the formula written out for one pixel, and where its value is known. */
#include "core/image/similarity.h"

#include <math.h>

enum { ROWS = 14, COLUMNS = 20 };
static const int size[2] = {ROWS, COLUMNS};

static void fill(float *a, float *b)
{
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        a[i] = (float)(i * 7919 % 101) / 25 - 1;
        b[i] = a[i] * 0.7f + (float)(i * 104729 % 89) / 40;
    }
}

/* Equation 13 at one pixel, window by window. */
static double plain(const float *a, const float *b, int y, int x, double range)
{
    double weight = 0, ma = 0, mb = 0, va = 0, vb = 0, cov = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int v = MAX(0, y - 5); v <= MIN(ROWS - 1, y + 5); v++)
            for (int u = MAX(0, x - 5); u <= MIN(COLUMNS - 1, x + 5); u++) {
                const double w = exp(-((v - y) * (v - y) + (u - x) * (u - x)) / 4.5);
                const double p = a[v * COLUMNS + u], q = b[v * COLUMNS + u];
                if (pass == 0) {
                    weight += w;
                    ma += w * p;
                    mb += w * q;
                    continue;
                }
                va += w * (p - ma / weight) * (p - ma / weight) / weight;
                vb += w * (q - mb / weight) * (q - mb / weight) / weight;
                cov += w * (p - ma / weight) * (q - mb / weight) / weight;
            }
    ma /= weight;
    mb /= weight;
    const double c1 = 1e-4 * range * range, c2 = 9e-4 * range * range;
    return (2 * ma * mb + c1) * (2 * cov + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
}

static void test_formula(void)
{
    float a[ROWS * COLUMNS], b[ROWS * COLUMNS], out[ROWS * COLUMNS];
    fill(a, b);
    dkm_ssim_map(a, b, size, 6, out);
    for (int y = 0; y < ROWS; y++)
        for (int x = 0; x < COLUMNS; x++)
            g_assert_cmpfloat_with_epsilon(out[y * COLUMNS + x], plain(a, b, y, x, 6), 1e-5);
}

static void test_same(void)
{
    float a[ROWS * COLUMNS], b[ROWS * COLUMNS], out[ROWS * COLUMNS];
    fill(a, b);
    dkm_ssim_map(a, a, size, 6, out);
    for (int i = 0; i < ROWS * COLUMNS; i++)
        g_assert_cmpfloat_with_epsilon(out[i], 1, 1e-6);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/similarity/formula", test_formula);
    g_test_add_func("/similarity/same", test_same);
    return g_test_run();
}
