#include "core/image/contour.h"

#include <math.h>

enum { ROWS = 8, COLUMNS = 12 };

static void fill(guint8 *mask, int y0, int x0, int y1, int x1)
{
    for (int i = 0; i < ROWS * COLUMNS; i++)
        mask[i] = i / COLUMNS >= y0 && i / COLUMNS < y1 && i % COLUMNS >= x0 && i % COLUMNS < x1;
}

static GArray *distances_of(const guint8 *a, const guint8 *b)
{
    g_autoptr(GError) error = NULL;
    const DkmPlanePair pair = {a, b, ROWS, COLUMNS, {2, 0.5}};
    GArray *distances = g_array_new(FALSE, FALSE, sizeof(double));
    g_assert_true(dkm_contour_distances(&pair, distances, &error));
    g_assert_no_error(error);
    return distances;
}

/* Single pixels: one distance each way, in millimetres of the right axis. */
static void test_points(void)
{
    guint8 a[ROWS * COLUMNS], b[ROWS * COLUMNS];
    fill(a, 1, 1, 2, 2);
    fill(b, 1, 5, 2, 6);
    g_autoptr(GArray) along = distances_of(a, b);
    g_assert_cmpuint(along->len, ==, 2);
    g_assert_cmpfloat_with_epsilon(g_array_index(along, double, 0), 2, 1e-12);
    fill(b, 4, 1, 5, 2);
    g_autoptr(GArray) down = distances_of(a, b);
    g_assert_cmpfloat_with_epsilon(g_array_index(down, double, 1), 6, 1e-12);
}

/* A filled square has an outline without its inside; what touches the edge of the plane is outline
 * there. */
static void test_outline(void)
{
    guint8 a[ROWS * COLUMNS], whole[ROWS * COLUMNS];
    fill(a, 1, 1, 6, 6);
    g_autoptr(GArray) same = distances_of(a, a);
    g_assert_cmpuint(same->len, ==, 2 * 16);
    for (guint i = 0; i < same->len; i++)
        g_assert_cmpfloat(g_array_index(same, double, i), ==, 0);
    fill(whole, 0, 0, ROWS, COLUMNS);
    g_autoptr(GArray) all = distances_of(whole, whole);
    g_assert_cmpuint(all->len, ==, 2 * (2 * ROWS + 2 * COLUMNS - 4));
}

static void test_empty(void)
{
    guint8 a[ROWS * COLUMNS], none[ROWS * COLUMNS] = {0};
    fill(a, 1, 1, 6, 6);
    g_autoptr(GArray) one = distances_of(a, none), both = distances_of(none, none);
    g_assert_cmpuint(one->len, ==, 0);
    g_assert_cmpuint(both->len, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/contour/points", test_points);
    g_test_add_func("/contour/outline", test_outline);
    g_test_add_func("/contour/empty", test_empty);
    return g_test_run();
}
