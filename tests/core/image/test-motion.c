#include "core/image/motion.h"

#include "core/error.h"

#include <math.h>

enum { Z = 20, Y = 60, X = 72 };

static const DkmGrid small = {{Z, Y, X}, {2, 1, 1}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

enum { WAVES = 32 };

/* Tissue with structure in all directions; air around. */
static double tissue(double z, double y, double x)
{
    static double wave[WAVES][4];
    if (wave[0][3] == 0) {
        g_autoptr(GRand) rand = g_rand_new_with_seed(8);
        for (int i = 0; i < WAVES; i++)
            for (int k = 0; k < 4; k++)
                wave[i][k] = g_rand_double_range(rand, -0.6, 0.6);
    }
    const double far = hypot(hypot((z - Z / 2.0) / Z, (y - Y / 2.0) / Y), (x - X / 2.0) / X);
    double value = 300;
    for (int i = 0; i < WAVES; i++)
        value += 14 * sin(wave[i][0] * z + wave[i][1] * y + wave[i][2] * x + 10 * wave[i][3]);
    return 5 + (value - 5) / (1 + exp((far - 0.44) / 0.02)); /* partial volume at the skin */
}

/* Moved by SHIFT, in its back half by BACK; a part of it enhances where ENHANCES. */
static DkmVolume *phase(const double shift[3], const double back[3], gboolean enhances)
{
    gint16 *samples = g_new(gint16, Z * Y * X), *at = samples;
    for (int z = 0; z < Z; z++)
        for (int y = 0; y < Y; y++)
            for (int x = 0; x < X; x++) {
                const double *s = y < Y / 2 ? shift : back;
                double value = tissue(z - s[0], y - s[1], x - s[2]);
                if (enhances)
                    value *= 1.05 + 0.8 * exp(-pow(hypot(y - s[1] - 20, x - s[2] - 30) / 7, 2));
                *at++ = (gint16)(value + 0.5);
            }
    return dkm_volume_new_take(&small, samples, TRUE, NULL, NULL);
}

static const double still[3] = {0, 0, 0};

static void check(const double shift[3])
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmVolume) first = phase(still, still, FALSE), later = phase(shift, shift, TRUE);
    DkmMotion motion;
    g_assert_true(dkm_motion_measure(first, later, 50, &motion, NULL, &error));
    int known = 0;
    for (int i = 0; i < DKM_MOTION_REGIONS; i++) {
        if (!motion.regions[i].is_known)
            continue;
        known++;
        g_test_message("region %d: %.2f %.2f %.2f of %.2f %.2f %.2f, r %.3f", i,
                       motion.regions[i].shift_voxel[0], motion.regions[i].shift_voxel[1],
                       motion.regions[i].shift_voxel[2], shift[0], shift[1], shift[2],
                       motion.regions[i].correlation);
        for (int k = 0; k < 3; k++)
            g_assert_cmpfloat_with_epsilon(motion.regions[i].shift_voxel[k], shift[k], 0.5);
    }
    g_assert_cmpint(known, >=, DKM_MOTION_REGIONS / 2);
}

static void finds_shifts(void)
{
    check(still);
    check((double[]){0, 2, -3});
    check((double[]){1, -1.4, 0.7});
    check((double[]){-0.6, 3.5, 2.5});
}

/* The front moves, the back does not. */
static void tells_regions_apart(void)
{
    g_autoptr(GError) error = NULL;
    const double front[3] = {0, 0, 3};
    g_autoptr(DkmVolume) first = phase(still, still, FALSE), later = phase(front, still, FALSE);
    DkmMotion motion;
    g_assert_true(dkm_motion_measure(first, later, 50, &motion, NULL, &error));
    const DkmMotionRegion *top = &motion.regions[1], *bottom = &motion.regions[7];
    g_assert_true(top->is_known && bottom->is_known);
    g_assert_cmpfloat_with_epsilon(top->shift_voxel[2], 3, 0.5);
    g_assert_cmpfloat_with_epsilon(bottom->shift_voxel[2], 0, 0.5);
    g_assert_cmpfloat(motion.worst_mm, >, 2.4);
}

static double difference(const DkmVolume *a, const DkmVolume *b)
{
    double sum = 0;
    for (int z = 4; z < Z - 4; z++)
        for (int y = 16; y < Y - 16; y++)
            for (int x = 20; x < X - 20; x++)
                sum += fabs((double)(dkm_volume_value(a, z, y, x) - dkm_volume_value(b, z, y, x)));
    return sum;
}

static void moves_back(void)
{
    g_autoptr(GError) error = NULL;
    const double shift[3] = {0.5, 2.2, -1.6};
    g_autoptr(DkmVolume) first = phase(still, still, FALSE), later = phase(shift, shift, FALSE);
    DkmMotion motion;
    g_assert_true(dkm_motion_measure(first, later, 50, &motion, NULL, &error));
    g_autoptr(DkmVolume) back = dkm_motion_correct(later, &motion, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpfloat(difference(back, first), <, difference(later, first) / 4);
}

static void stops_and_refuses(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    g_autoptr(DkmVolume) first = phase(still, still, FALSE);
    DkmMotion motion;
    g_cancellable_cancel(cancel);
    g_assert_false(dkm_motion_measure(first, first, 50, &motion, cancel, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_CANCELLED);
    g_clear_error(&error);
    g_assert_true(dkm_motion_measure(first, first, 1e6f, &motion, NULL, &error)); /* all air */
    g_assert_cmpfloat(motion.worst_mm, ==, 0);
    g_assert_false(motion.regions[4].is_known);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/motion/finds-shifts", finds_shifts);
    g_test_add_func("/motion/tells-regions-apart", tells_regions_apart);
    g_test_add_func("/motion/moves-back", moves_back);
    g_test_add_func("/motion/stops-and-refuses", stops_and_refuses);
    return g_test_run();
}
