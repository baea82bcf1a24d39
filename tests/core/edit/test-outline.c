#include "core/edit/mask-tools.h"
#include "core/error.h"
#include "tests/core/edit/masks.h"

/* Even-odd by a ray from the pixel's centre towards smaller columns. */
static gboolean is_inside(const DkmOutline *outline, double row, double column)
{
    gboolean inside = FALSE;
    for (gsize i = 0; i < outline->n; i++) {
        const double *a = outline->points[i], *b = outline->points[(i + 1) % outline->n];
        const gboolean spans = (a[0] > row) != (b[0] > row);
        if (spans && a[1] + (row - a[0]) / (b[0] - a[0]) * (b[1] - a[1]) <= column)
            inside = !inside;
    }
    return inside;
}

typedef struct {
    DkmOutline outline;
    gboolean erase;
} Case;

static gboolean filled(const DkmMask *mask, const int at[3], gconstpointer data)
{
    const Case *one = data;
    const int axis = one->outline.axis;
    const double row = at[axis == 0 ? 1 : 0], column = at[axis == 2 ? 1 : 2];
    if (at[axis] == one->outline.plane && is_inside(&one->outline, row, column))
        return !one->erase;
    return dkm_mask_get(mask, at[0], at[1], at[2]);
}

/* Outlines that cross themselves and leave the images, across all three axes. */
static void like_a_ray(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(17);
    gsize changed = 0;
    for (int i = 0; i < 60; i++) {
        double points[12][2];
        const int axis = i % 3;
        for (int k = 0; k < 12; k++) {
            points[k][0] = g_rand_double_range(rand, -4, masks_grid.n[axis == 0 ? 1 : 0] + 4);
            points[k][1] = g_rand_double_range(rand, -4, masks_grid.n[axis == 2 ? 1 : 2] + 4);
        }
        const Case one = {{axis, g_rand_int_range(rand, 0, masks_grid.n[axis]), points,
                           (gsize)g_rand_int_range(rand, 3, 13)},
                          g_rand_boolean(rand)};
        g_autoptr(DkmMask) mask = masks_random(rand);
        g_autoptr(DkmMask) made = dkm_mask_fill_outline(mask, &one.outline, one.erase, NULL);
        masks_check(made, mask, filled, &one);
        g_autofree char *before = dkm_mask_sha256(mask), *after = dkm_mask_sha256(made);
        changed += !g_str_equal(before, after);
    }
    g_assert_cmpuint(changed, >, 30);
}

/* Two rectangles side by side, their corners on pixel centres: no pixel twice, none left out. */
static void neighbours_do_not_overlap(void)
{
    const double left[4][2] = {{2, 3}, {2, 8}, {9, 8}, {9, 3}};
    const double right[4][2] = {{2, 8}, {2, 14}, {9, 14}, {9, 8}};
    const double both[4][2] = {{2, 3}, {2, 14}, {9, 14}, {9, 3}};
    g_autoptr(DkmMask) empty = dkm_mask_new(&masks_grid, NULL);
    g_autoptr(DkmMask) a = dkm_mask_fill_outline(empty, &(DkmOutline){0, 4, left, 4}, FALSE, NULL);
    g_autoptr(DkmMask) b = dkm_mask_fill_outline(empty, &(DkmOutline){0, 4, right, 4}, FALSE, NULL);
    g_autoptr(DkmMask) c = dkm_mask_fill_outline(empty, &(DkmOutline){0, 4, both, 4}, FALSE, NULL);
    g_assert_cmpuint(dkm_mask_count(a), ==, 7 * 5);
    g_assert_cmpuint(dkm_mask_count(a) + dkm_mask_count(b), ==, dkm_mask_count(c));
}

static void too_little_or_outside(void)
{
    const double line[2][2] = {{1, 1}, {9, 9}};
    g_autoptr(DkmMask) empty = dkm_mask_new(&masks_grid, NULL);
    g_autoptr(GError) error = NULL;
    for (gsize n = 0; n <= 2; n++) {
        g_autoptr(DkmMask) made =
            dkm_mask_fill_outline(empty, &(DkmOutline){0, 4, line, n}, FALSE, NULL);
        g_assert_cmpuint(dkm_mask_count(made), ==, 0);
    }
    g_assert_null(dkm_mask_fill_outline(empty, &(DkmOutline){0, 9, line, 2}, FALSE, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/outline/like-a-ray", like_a_ray);
    g_test_add_func("/outline/neighbours-do-not-overlap", neighbours_do_not_overlap);
    g_test_add_func("/outline/too-little-or-outside", too_little_or_outside);
    return g_test_run();
}
