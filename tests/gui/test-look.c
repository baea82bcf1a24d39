#include "gui/look.h"

#include <math.h>

/* WG-04's MR4, in the images' units: a pad far below the tissue takes the percentiles. */
static void a_stored_window_where_the_values_mislead(void)
{
    const DkmWindowLevel mr4 = {-927, 2265, FALSE};
    g_assert_true(dkm_window_is_better(&mr4, -19595, 129, 857));
}

static void the_values_where_they_do(void)
{
    /* much the same; a default that nobody chose; wider than the values; none */
    const DkmWindowLevel near = {500, 800, FALSE}, left_over = {128, 256, FALSE};
    const DkmWindowLevel wide = {2048, 4096, FALSE}, none = {NAN, NAN, FALSE},
                         zero = {600, 0, FALSE};
    const DkmWindowLevel dark = {9000, 200, FALSE};
    g_assert_false(dkm_window_is_better(&near, 0, 700, 1200));
    g_assert_false(dkm_window_is_better(&left_over, 0, 3000, 20000));
    g_assert_false(dkm_window_is_better(&wide, 0, 700, 1200));
    g_assert_false(dkm_window_is_better(&none, 0, 700, 1200));
    g_assert_false(dkm_window_is_better(&zero, 0, 700, 1200));
    g_assert_false(dkm_window_is_better(&dark, 0, 700, 1200));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/look/a-stored-window-where-the-values-mislead",
                    a_stored_window_where_the_values_mislead);
    g_test_add_func("/look/the-values-where-they-do", the_values_where_they_do);
    return g_test_run();
}
