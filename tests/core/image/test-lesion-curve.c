#include "core/image/lesion-curve.h"

#include <math.h>

enum { Z = 4, Y = 20, X = 24, PHASES = 4 };

static const DkmGrid small = {{Z, Y, X}, {2, 1, 1}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

/* Persistent everywhere; a patch of 3 x 3 in slice 2 washes out. */
static double value(int phase, int z, int y, int x)
{
    static const double rising[] = {100, 200, 230, 260}, falling[] = {100, 260, 220, 180};
    const gboolean patch = z == 2 && y >= 9 && y <= 11 && x >= 5 && x <= 7;
    return patch ? falling[phase] : rising[phase];
}

static void make_phases(DkmVolume *phases[PHASES])
{
    for (int p = 0; p < PHASES; p++) {
        gint16 *samples = g_new(gint16, Z * Y * X), *at = samples;
        for (int z = 0; z < Z; z++)
            for (int y = 0; y < Y; y++)
                for (int x = 0; x < X; x++)
                    *at++ = (gint16)value(p, z, y, x);
        phases[p] = dkm_volume_new_take(&small, samples, TRUE, NULL, NULL);
    }
}

static void free_phases(DkmVolume *phases[PHASES])
{
    for (int p = 0; p < PHASES; p++)
        dkm_volume_unref(phases[p]);
}

static DkmMask *new_mask(void)
{
    DkmMask *mask = dkm_mask_new(&small, NULL);
    for (int z = 1; z <= 2; z++)
        for (int y = 5; y < 15; y++)
            for (int x = 2; x < 12; x++)
                dkm_mask_slice(mask, z)[y * X + x] = 1;
    return mask;
}

static void finds_the_worst(void)
{
    DkmVolume *phases[PHASES];
    make_phases(phases);
    g_autoptr(DkmMask) mask = new_mask();
    const DkmLesionSource source = {mask, (const DkmVolume *const *)phases, PHASES, 1, 3, 0};
    DkmLesionCurve curve;
    dkm_lesion_curve(&source, &curve);
    g_assert_cmpuint(curve.n, ==, PHASES);
    g_assert_cmpuint(curve.voxels, ==, 200);
    g_assert_true(curve.has_worst);
    g_assert_true(curve.worst_zyx[0] == 2 && curve.worst_zyx[1] == 10 && curve.worst_zyx[2] == 6);
    g_assert_cmpfloat_with_epsilon(curve.worst[1], 260, 1e-6);
    g_assert_cmpfloat_with_epsilon(curve.worst[3], 180, 1e-6);
    g_assert_cmpfloat_with_epsilon(curve.mean[1], (191 * 200 + 9 * 260) / 200.0, 1e-6);
    g_assert_cmpuint(curve.types[DKM_CURVE_WASHOUT], ==, 9);
    g_assert_cmpuint(curve.types[DKM_CURVE_PERSISTENT], ==, 191);
    g_assert_cmpint(dkm_curve_type(curve.worst[0], curve.worst[1], curve.worst[3]), ==,
                    DKM_CURVE_WASHOUT);
    const DkmLesionSource dark = {mask, (const DkmVolume *const *)phases, PHASES, 1, 3, 150};
    DkmLesionCurve none;
    dkm_lesion_curve(&dark, &none);
    g_assert_false(none.has_worst); /* all of it is air */
    g_assert_cmpint(dkm_curve_type(curve.mean[0], curve.mean[1], curve.mean[3]), ==,
                    DKM_CURVE_PERSISTENT);
    free_phases(phases);
}

/* The patch touches the lesion's edge: 3 x 3 voxels that leave the lesion do not count. */
static void stays_inside(void)
{
    DkmVolume *phases[PHASES];
    make_phases(phases);
    g_autoptr(DkmMask) mask = dkm_mask_new(&small, NULL);
    for (int y = 10; y < 15; y++)
        for (int x = 5; x < 8; x++)
            dkm_mask_slice(mask, 2)[y * X + x] = 1;
    const DkmLesionSource source = {mask, (const DkmVolume *const *)phases, PHASES, 1, 3, 0};
    DkmLesionCurve curve;
    dkm_lesion_curve(&source, &curve);
    g_assert_true(curve.has_worst);
    g_assert_true(curve.worst_zyx[1] == 11 && curve.worst_zyx[2] == 6);
    const DkmLesionSource early = {mask, (const DkmVolume *const *)phases, PHASES, 1, 1, 0};
    dkm_lesion_curve(&early, &curve);
    g_assert_cmpfloat_with_epsilon(curve.worst[1], (6 * 260 + 3 * 200) / 9.0, 1e-6);
    free_phases(phases);
}

static void nothing_to_measure(void)
{
    DkmVolume *phases[PHASES];
    make_phases(phases);
    g_autoptr(DkmMask) mask = new_mask(), none = dkm_mask_new(&small, NULL);
    DkmLesionCurve curve;
    const DkmLesionSource empty = {none, (const DkmVolume *const *)phases, PHASES, 1, 3, 0};
    dkm_lesion_curve(&empty, &curve);
    g_assert_cmpuint(curve.n, ==, 0);
    DkmVolume *lacking[PHASES] = {phases[0], phases[1], NULL, phases[3]};
    const DkmLesionSource missing = {mask, (const DkmVolume *const *)lacking, PHASES, 1, 3, 0};
    dkm_lesion_curve(&missing, &curve);
    g_assert_cmpuint(curve.n, ==, 0);
    DkmVolume *flat[2] = {phases[0], phases[0]};
    const DkmLesionSource still = {mask, (const DkmVolume *const *)flat, 2, 1, 1, 0};
    dkm_lesion_curve(&still, &curve);
    g_assert_false(curve.has_worst); /* nothing enhances */
    g_assert_cmpuint(curve.types[DKM_CURVE_NONE], ==, 200);
    free_phases(phases);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lesion-curve/finds-the-worst", finds_the_worst);
    g_test_add_func("/lesion-curve/stays-inside", stays_inside);
    g_test_add_func("/lesion-curve/nothing-to-measure", nothing_to_measure);
    return g_test_run();
}
