#include "core/image/projection.h"

#include "core/error.h"

enum { Z = 12, Y = 20, X = 16, ANGLES = 8 };

/* Sagittal, as breasts are often acquired: z to the right, y to the feet, x to the back. */
static const DkmGrid sagittal = {
    .n = {Z, Y, X}, .spacing_mm = {2, 1, 1}, .axis_lps = {{-1, 0, 0}, {0, 0, -1}, {0, 1, 0}}};

static DkmVolume *flat(const DkmGrid *grid, gint16 value, int z, int y, int x)
{
    gint16 *samples = g_new(gint16, dkm_grid_voxels(grid));
    for (gsize i = 0; i < dkm_grid_voxels(grid); i++)
        samples[i] = value;
    if (z >= 0)
        samples[dkm_grid_index(grid, z, y, x)] = 400;
    return dkm_volume_new_take(grid, samples, TRUE, NULL, NULL);
}

/* Row and column of the brightest place of the projection at ANGLE. */
static void peak(const DkmVolume *mip, int angle, int at[2], double *value)
{
    const DkmGrid *grid = dkm_volume_grid(mip);
    *value = -1;
    for (int r = 0; r < grid->n[1]; r++)
        for (int c = 0; c < grid->n[2]; c++) {
            const double here = (double)dkm_volume_value(mip, angle, r, c);
            if (here > *value) {
                *value = here;
                at[0] = r;
                at[1] = c;
            }
        }
}

static void subtracts(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmVolume) pre = flat(&sagittal, 100, -1, 0, 0), post = flat(&sagittal, 60, 2, 3, 4);
    g_autoptr(DkmVolume) difference = dkm_volume_subtract(post, pre, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpfloat_with_epsilon((double)dkm_volume_value(difference, 2, 3, 4), 300, 0.02);
    g_assert_cmpfloat_with_epsilon((double)dkm_volume_value(difference, 2, 3, 5), -40, 0.02);
    DkmGrid other = sagittal;
    other.origin_lps[0] = 5;
    g_autoptr(DkmVolume) moved = flat(&other, 1, -1, 0, 0);
    g_assert_null(dkm_volume_subtract(moved, pre, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
}

/* A bright voxel at the patient's right, in front, near the head. */
static void turns_around_the_patient(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmVolume) pre = flat(&sagittal, 0, -1, 0, 0), post = flat(&sagittal, 0, 10, 3, 2);
    g_autoptr(DkmVolume) difference = dkm_volume_subtract(post, pre, NULL, &error);
    g_autoptr(DkmVolume) mip = dkm_volume_project(difference, ANGLES, NULL, &error);
    g_assert_no_error(error);
    const DkmGrid *grid = dkm_volume_grid(mip);
    g_assert_cmpint(grid->n[0], ==, ANGLES);
    g_assert_cmpint(grid->n[1], ==, Y);
    const double middle = (grid->n[2] - 1) / 2.0;
    int at[2];
    double value;
    peak(mip, 0, at, &value); /* from the front: the patient's right is left */
    g_assert_cmpfloat_with_epsilon(value, 400, 0.1);
    g_assert_cmpint(at[0], ==, 3);
    g_assert_cmpfloat_with_epsilon(at[1] - middle, -(10 - 5.5) * 2, 1.5);
    peak(mip, ANGLES / 4, at, &value); /* columns to the back: in front is left */
    g_assert_cmpfloat_with_epsilon(at[1] - middle, 2 - 7.5, 1.0);
    peak(mip, ANGLES / 2, at, &value); /* from behind: mirrored */
    g_assert_cmpfloat_with_epsilon(at[1] - middle, (10 - 5.5) * 2, 1.5);
}

static void stops_when_cancelled(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    g_autoptr(DkmVolume) volume = flat(&sagittal, 0, 1, 1, 1);
    g_cancellable_cancel(cancel);
    g_assert_null(dkm_volume_project(volume, ANGLES, cancel, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_CANCELLED);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/projection/subtracts", subtracts);
    g_test_add_func("/projection/turns-around-the-patient", turns_around_the_patient);
    g_test_add_func("/projection/stops-when-cancelled", stops_when_cancelled);
    return g_test_run();
}
