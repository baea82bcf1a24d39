#include "core/error.h"
#include "core/model/normalise.h"

#include <math.h>
#include <string.h>

/* Half air (0), half tissue alternating 80 and 120. */
static DkmVolume *half_air(int n)
{
    const DkmGrid grid = {
        .n = {2, n, n}, .spacing_mm = {2, 1, 1}, .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    guint16 *samples = g_new(guint16, dkm_grid_voxels(&grid));
    for (gsize i = 0; i < dkm_grid_voxels(&grid); i++)
        samples[i] = i % 2 ? 0 : i % 4 ? 80 : 120;
    return dkm_volume_new_take(&grid, samples, FALSE, NULL, NULL);
}

/* Air does not count: the same statistics for a crop without and a volume with it. */
static void test_foreground(void)
{
    g_autoptr(DkmVolume) volume = half_air(32);
    g_autoptr(GError) error = NULL;
    DkmNormalisation n;
    g_assert_true(dkm_normalisation_measure(volume, DKM_NORMALISE_FOREGROUND, &n, &error));
    g_assert_cmpfloat_with_epsilon(n.mean, 100, 1e-4);
    g_assert_cmpfloat_with_epsilon(n.sd, 20, 1e-3);
    g_assert_cmpfloat_with_epsilon(n.floor, 12, 0.1);
}

static void test_volume(void)
{
    g_autoptr(DkmVolume) volume = half_air(32);
    g_autoptr(GError) error = NULL;
    DkmNormalisation n;
    g_assert_true(dkm_normalisation_measure(volume, DKM_NORMALISE_VOLUME, &n, &error));
    g_assert_cmpfloat_with_epsilon(n.mean, 50, 1e-4);
    g_assert_cmpfloat_with_epsilon(n.sd, sqrt(2500 + 200), 1e-3);
}

static void test_apply(void)
{
    const DkmNormalisation n = {.mean = 100, .sd = 20};
    float values[] = {100, 140, 400, -1000};
    g_assert_cmpuint(dkm_normalisation_apply(&n, values, 4), ==, 2);
    g_assert_cmpfloat(values[0], ==, 0);
    g_assert_cmpfloat_with_epsilon(values[1], 2, 1e-6);
    g_assert_cmpfloat(values[2], ==, 10);
    g_assert_cmpfloat(values[3], ==, -10);
    dkm_normalisation_invert(&n, values, 2);
    g_assert_cmpfloat_with_epsilon(values[1], 140, 1e-4);
}

/* What cannot be measured, and the sentence that is true of it. */
static void test_no_contrast(void)
{
    static const struct {
        gint16 values[2]; /* in turn */
        DkmNormaliseRule rule;
        const char *words;
    } rows[] = {
        {{0, 0}, DKM_NORMALISE_FOREGROUND, "are empty: all voxels have the same value, 0"},
        {{77, 77}, DKM_NORMALISE_VOLUME, "are empty: all voxels have the same value, 77"},
        {{-5, -5}, DKM_NORMALISE_FOREGROUND, "are empty: all voxels have the same value, -5"},
        {{-600, -900},
         DKM_NORMALISE_FOREGROUND,
         "no foreground: their values lie between -900 and -600"},
        {{0, 100},
         DKM_NORMALISE_FOREGROUND,
         "all 8 voxels of the foreground have the same value, 100"},
        {{-40, 100},
         DKM_NORMALISE_FOREGROUND,
         "the same value, 100 (the images reach from -40 to 100)"},
    };
    const DkmGrid grid = {
        .n = {1, 4, 4}, .spacing_mm = {1, 1, 1}, .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    for (gsize r = 0; r < G_N_ELEMENTS(rows); r++) {
        gint16 *samples = g_new(gint16, 16);
        for (int i = 0; i < 16; i++)
            samples[i] = rows[r].values[i % 2];
        g_autoptr(DkmVolume) volume = dkm_volume_new_take(&grid, samples, TRUE, NULL, NULL);
        g_autoptr(GError) error = NULL;
        DkmNormalisation n;
        g_assert_false(dkm_normalisation_measure(volume, rows[r].rule, &n, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, rows[r].words));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/normalise/foreground", test_foreground);
    g_test_add_func("/normalise/volume", test_volume);
    g_test_add_func("/normalise/apply", test_apply);
    g_test_add_func("/normalise/no-contrast", test_no_contrast);
    return g_test_run();
}
