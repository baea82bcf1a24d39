#include "core/phantom/acquisition.h"

#include <math.h>

/* Mean and mean square of a Rician variable: without signal it is Rayleigh's, mean sigma
 * sqrt(pi/2), mean square 2 sigma^2; with it the mean square is s^2 + 2 sigma^2. */
static void rician(void)
{
    enum { N = 200000 };
    const double sigma = 3;
    for (int step = 0; step < 3; step++) {
        const double s = 4.0 * step;
        double sum = 0, squares = 0;
        for (guint32 i = 0; i < N; i++) {
            const double m = dkm_acquisition_magnitude(s, sigma, 9, (const guint32[]){i, 1});
            sum += m;
            squares += m * m;
        }
        g_assert_cmpfloat_with_epsilon(squares / N, s * s + 2 * sigma * sigma, 0.4);
        if (step == 0)
            g_assert_cmpfloat_with_epsilon(sum / N, sigma * sqrt(G_PI / 2), 0.03);
    }
    g_assert_cmpfloat(dkm_acquisition_magnitude(7, 0, 9, (const guint32[]){1, 1}), ==, 7);
}

/* The agent arrives with the second phase; tables hold what the formulae give. */
static void tables(void)
{
    g_autoptr(DkmAnatomy) anatomy = dkm_anatomy_new(1);
    DkmAcquisition acquisition;
    dkm_acquisition_init(&acquisition, anatomy, dkm_phantom_protocol_find("ucsf"), 1);
    for (int t = 0; t < DKM_TISSUE_COUNT; t++) {
        g_assert_cmpfloat(acquisition.mmol[0][t], ==, 0);
        g_assert_cmpfloat(acquisition.mmol[1][t], >, 0);
    }
    g_assert_cmpfloat(acquisition.usual[1][DKM_TISSUE_MASS], >,
                      1.7f * acquisition.usual[0][DKM_TISSUE_MASS]);
    g_assert_cmpfloat(acquisition.usual[2][DKM_TISSUE_MASS], <,
                      acquisition.usual[1][DKM_TISSUE_MASS]);
}

/* The coil is near the breast: sensitivity falls towards the back, and towards the other side where
 * only one breast is examined. */
static void shading(void)
{
    g_autoptr(DkmAnatomy) anatomy = dkm_anatomy_new(1);
    const float side = (float)anatomy->mass.side;
    const float breast[3] = {92 * side, -30, -8}, back[3] = {92 * side, 120, -8};
    const float other[3] = {-92 * side, -30, -8};
    DkmAcquisition one, both;
    dkm_acquisition_init(&one, anatomy, dkm_phantom_protocol_find("ucsf"), 1);
    dkm_acquisition_init(&both, anatomy, dkm_phantom_protocol_find("siemens"), 1);
    g_assert_cmpfloat_with_epsilon(dkm_acquisition_shading(&one, breast), 1, 0.5f);
    g_assert_cmpfloat(dkm_acquisition_shading(&one, back), <,
                      0.3f * dkm_acquisition_shading(&one, breast));
    g_assert_cmpfloat(dkm_acquisition_shading(&one, other), <,
                      0.5f * dkm_acquisition_shading(&one, breast));
    g_assert_cmpfloat_with_epsilon(dkm_acquisition_shading(&both, other),
                                   dkm_acquisition_shading(&both, breast), 1e-4f);
}

/* A slice is the same whoever makes it and whenever. */
static void slice_stands_alone(void)
{
    g_autoptr(DkmAnatomy) anatomy = dkm_anatomy_new(1);
    DkmAcquisition q;
    dkm_acquisition_init(&q, anatomy, dkm_phantom_protocol_find("enhanced"), 4);
    const gsize n = (gsize)q.grid.n[1] * (gsize)q.grid.n[2];
    g_autofree gint16 *a = g_new(gint16, 3 * n), *b = g_new(gint16, 3 * n);
    g_autofree guint8 *truth = g_new(guint8, n);
    dkm_acquisition_slice(&q, 9, (gint16 *const[]){a, a + n, a + 2 * n}, truth);
    dkm_acquisition_slice(&q, 3, (gint16 *const[]){b, b + n, b + 2 * n}, truth);
    dkm_acquisition_slice(&q, 9, (gint16 *const[]){b, b + n, b + 2 * n}, truth);
    g_assert_cmpmem(a, 3 * n * sizeof *a, b, 3 * n * sizeof *b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/acquisition/rician", rician);
    g_test_add_func("/acquisition/tables", tables);
    g_test_add_func("/acquisition/shading", shading);
    g_test_add_func("/acquisition/slice-stands-alone", slice_stands_alone);
    return g_test_run();
}
