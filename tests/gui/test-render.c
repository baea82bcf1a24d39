#include "gui/render.h"

#include <math.h>
#include <string.h>

enum { ROWS = 7, COLUMNS = 9, WIDTH = 101, HEIGHT = 83, STRIDE = 104 };

static guint16 samples[ROWS * COLUMNS];
static guint8 values[ROWS * COLUMNS], voxels[ROWS * COLUMNS];
static guint32 pixels[HEIGHT * STRIDE], table[256];

static DkmPicture new_picture(void)
{
    DkmPicture picture = {.pixels = pixels, .width = WIDTH, .height = HEIGHT, .stride = STRIDE};
    picture.plane = (DkmPlane){ROWS, COLUMNS, {1.5, 1.0}};
    const DkmAim aim = {0.9, 4.1, 2.8};
    picture.view = dkm_viewport_new(&picture.plane, &aim, WIDTH, HEIGHT);
    picture.window = (DkmWindowLevel){500, 1000, FALSE};
    picture.grey = (DkmGreyLayer){samples, FALSE, 1, 0};
    memset(pixels, 0xaa, sizeof pixels);
    return picture;
}

static void fill_random(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        samples[i] = (guint16)g_rand_int_range(rand, 0, 1000);
        values[i] = (guint8)g_rand_int_range(rand, 0, 256);
        voxels[i] = g_rand_int_range(rand, 0, 3) > 0;
    }
    for (guint i = 0; i < 256; i++)
        table[i] = i << 24 | i << 16 | (i / 2) << 8 | i / 3;
}

static gboolean is_in_plane(double column, double row)
{
    return column >= -0.5 && column < COLUMNS - 0.5 && row >= -0.5 && row < ROWS - 0.5;
}

/* The definition in doubles: bilinear between voxel centres, the border voxels extended outwards.
 */
static double bilinear(double column, double row, double (*value)(int))
{
    column = CLAMP(column, 0, COLUMNS - 1);
    row = CLAMP(row, 0, ROWS - 1);
    const int x = MIN((int)column, COLUMNS - 2), y = MIN((int)row, ROWS - 2);
    const double u = column - x, v = row - y;
    const int at = y * COLUMNS + x;
    return (value(at) * (1 - u) + value(at + 1) * u) * (1 - v) +
           (value(at + COLUMNS) * (1 - u) + value(at + COLUMNS + 1) * u) * v;
}

static double sample_at(int i)
{
    return samples[i];
}

static double heat_at(int i)
{
    return values[i];
}

static void grey_is_as_defined(gconstpointer smooth)
{
    g_autoptr(DkmRenderer) renderer = dkm_renderer_new();
    fill_random();
    DkmPicture picture = new_picture();
    picture.smooth = GPOINTER_TO_INT(smooth);
    dkm_renderer_draw(renderer, &picture);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double column, row;
            dkm_viewport_to_voxel(&picture.view, x, y, &column, &row);
            const guint32 pixel = pixels[y * STRIDE + x], grey = pixel & 0xff;
            g_assert_cmpuint(pixel, ==, grey * 0x010101);
            if (!is_in_plane(column, row)) {
                g_assert_cmpuint(pixel, ==, 0);
                continue;
            }
            const double value =
                picture.smooth
                    ? bilinear(column, row, sample_at)
                    : samples[(int)floor(row + 0.5) * COLUMNS + (int)floor(column + 0.5)];
            g_assert_cmpfloat_with_epsilon(grey, dkm_window_grey(&picture.window, value),
                                           picture.smooth ? 2.01 : 0.01);
        }
    g_assert_cmpuint(pixels[WIDTH], ==, 0xaaaaaaaa); /* between the rows nothing is written */
}

/* The same value gives the same grey whatever the stored sample, slope and sign are. */
static void one_window_for_all_phases(void)
{
    g_autoptr(DkmRenderer) renderer = dkm_renderer_new();
    const struct {
        gint16 stored;
        gboolean is_signed;
        float slope, intercept;
    } phases[] = {
        {300, FALSE, 1, 0}, {-100, TRUE, 2, 500}, {1200, TRUE, 0.25f, 0}, {300, TRUE, 1, 0}};
    for (guint i = 0; i < G_N_ELEMENTS(phases); i++) {
        for (int k = 0; k < ROWS * COLUMNS; k++)
            samples[k] = (guint16)phases[i].stored;
        DkmPicture picture = new_picture();
        picture.grey =
            (DkmGreyLayer){samples, phases[i].is_signed, phases[i].slope, phases[i].intercept};
        picture.smooth = i % 2;
        dkm_renderer_draw(renderer, &picture);
        g_assert_cmpuint(pixels[HEIGHT / 2 * STRIDE + WIDTH / 2] & 0xff, ==, 77);
    }
}

static void window_and_inversion(void)
{
    DkmWindowLevel window = {100, 50, FALSE};
    g_assert_cmpuint(dkm_window_grey(&window, 75), ==, 0);
    g_assert_cmpuint(dkm_window_grey(&window, 125), ==, 255);
    g_assert_cmpuint(dkm_window_grey(&window, 100), ==, 128);
    g_assert_cmpuint(dkm_window_grey(&window, -1e9), ==, 0);
    window.invert = TRUE;
    g_assert_cmpuint(dkm_window_grey(&window, 75), ==, 255);
}

static void heat_is_blended(void)
{
    g_autoptr(DkmRenderer) renderer = dkm_renderer_new();
    fill_random();
    DkmPicture picture = new_picture();
    picture.smooth = TRUE;
    dkm_renderer_draw(renderer, &picture);
    g_autofree guint32 *plain = g_memdup2(pixels, sizeof pixels);
    picture.heat = (DkmHeatLayer){values, table};
    dkm_renderer_draw(renderer, &picture);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double column, row;
            dkm_viewport_to_voxel(&picture.view, x, y, &column, &row);
            if (!is_in_plane(column, row))
                continue;
            const double value = bilinear(column, row, heat_at),
                         under = plain[y * STRIDE + x] & 0xff;
            const double red = value + under * (1 - value / 255);
            g_assert_cmpfloat_with_epsilon((pixels[y * STRIDE + x] >> 16) & 0xff, red, 4);
        }
}

static gboolean mask_at(const DkmPicture *picture, int x, int y)
{
    double column, row;
    dkm_viewport_to_voxel(&picture->view, x, y, &column, &row);
    return is_in_plane(column, row) &&
           voxels[(int)floor(row + 0.5) * COLUMNS + (int)floor(column + 0.5)];
}

static void mask_is_true_to_the_voxel(void)
{
    g_autoptr(DkmRenderer) renderer = dkm_renderer_new();
    fill_random();
    memset(samples, 0, sizeof samples);
    const DkmMaskLayer mask = {voxels, 0x40c0ff, 0.5, 2};
    DkmPicture picture = new_picture();
    picture.masks = &mask;
    picture.n_masks = 1;
    dkm_renderer_draw(renderer, &picture);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            gboolean inner = TRUE;
            for (int k = 0; k < 9; k++)
                inner = inner && mask_at(&picture, x + 2 * (k % 3 - 1), y + 2 * (k / 3 - 1));
            const guint32 wanted = !mask_at(&picture, x, y) ? 0 : inner ? 0x206080 : 0x40c0ff;
            if (x < 2 || x >= WIDTH - 2)
                continue; /* at the picture's own rim the line may be drawn */
            g_assert_cmphex(pixels[y * STRIDE + x], ==, wanted);
        }
}

static void odd_sizes(void)
{
    g_autoptr(DkmRenderer) renderer = dkm_renderer_new();
    fill_random();
    const DkmMaskLayer mask = {voxels, 0xffffff, 0.5, 2};
    const int sizes[][2] = {{1, 1}, {1, COLUMNS}, {ROWS, 1}, {ROWS, COLUMNS}};
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
        for (double zoom = 0.05; zoom < 100; zoom *= 3) {
            DkmPicture picture = new_picture();
            picture.plane.rows = sizes[i][0];
            picture.plane.columns = sizes[i][1];
            const DkmAim aim = {zoom, 0.3, 0.3};
            picture.view = dkm_viewport_new(&picture.plane, &aim, WIDTH, HEIGHT);
            picture.masks = &mask;
            picture.n_masks = 1;
            picture.heat = (DkmHeatLayer){values, table};
            picture.smooth = i % 2;
            dkm_renderer_draw(renderer, &picture);
            g_assert_cmphex(pixels[0] >> 24, ==, 0);
        }
    DkmPicture away = new_picture();
    away.view.first_column = 1e6;
    dkm_renderer_draw(renderer, &away);
    g_assert_cmphex(pixels[5 * STRIDE + 5], ==, 0);
}

/* Classes keep their own colours also in a smooth picture. */
static void classes_are_not_mixed(void)
{
    fill_random();
    for (int i = 0; i < ROWS * COLUMNS; i++)
        values[i] = (guint8)(85 * (values[i] % 4));
    for (int i = 0; i < 256; i++)
        table[i] = 0xff000000 | (guint32)i;
    DkmPicture picture = new_picture();
    picture.smooth = TRUE;
    picture.heat = (DkmHeatLayer){values, table, TRUE};
    g_autoptr(DkmRenderer) renderer = dkm_renderer_new();
    dkm_renderer_draw(renderer, &picture);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double column, row;
            dkm_viewport_to_voxel(&picture.view, x, y, &column, &row);
            if (is_in_plane(column, row))
                g_assert_cmpuint(
                    pixels[y * STRIDE + x] & 0xff, ==,
                    values[(int)(MAX(row, 0) + 0.5) * COLUMNS + (int)(MAX(column, 0) + 0.5)]);
        }
}

static void heat_table_is_clear_at_zero(void)
{
    dkm_heat_table(DKM_COLOUR_HEAT, 0.8, table);
    g_assert_cmphex(table[0], ==, 0);
    g_assert_cmpuint(table[255] >> 24, ==, 204);
    for (int i = 0; i < 256; i++)
        for (int shift = 0; shift < 24; shift += 8)
            g_assert_cmpuint((table[i] >> shift) & 0xff, <=, table[i] >> 24);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/render/grey-nearest", GINT_TO_POINTER(FALSE), grey_is_as_defined);
    g_test_add_data_func("/render/grey-smooth", GINT_TO_POINTER(TRUE), grey_is_as_defined);
    g_test_add_func("/render/one-window-for-all-phases", one_window_for_all_phases);
    g_test_add_func("/render/window-and-inversion", window_and_inversion);
    g_test_add_func("/render/heat-is-blended", heat_is_blended);
    g_test_add_func("/render/classes-are-not-mixed", classes_are_not_mixed);
    g_test_add_func("/render/mask-is-true-to-the-voxel", mask_is_true_to_the_voxel);
    g_test_add_func("/render/odd-sizes", odd_sizes);
    g_test_add_func("/render/heat-table-is-clear-at-zero", heat_table_is_clear_at_zero);
    return g_test_run();
}
