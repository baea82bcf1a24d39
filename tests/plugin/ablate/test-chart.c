#include "plugin/ablate/chart.h"

#include "core/error.h"

#include <glib/gstdio.h>
#include <math.h>

static void test_tick(void)
{
    g_assert_cmpfloat_with_epsilon(dkm_chart_tick(0, 1, 5), 0.2, 1e-12);
    g_assert_cmpfloat_with_epsilon(dkm_chart_tick(1, 20, 5), 5, 1e-12);
    g_assert_cmpfloat_with_epsilon(dkm_chart_tick(0.42, 0.47, 5), 0.01, 1e-12);
    g_assert_cmpfloat_with_epsilon(dkm_chart_tick(0, 700, 5), 200, 1e-9);
}

/* Everything at once, and points that are no numbers, gives a picture. */
static void test_save(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("dkm-chart-XXXXXX", NULL),
                    *path = g_build_filename(folder, "a.svg", NULL), *text = NULL;
    g_autoptr(DkmChart) chart = dkm_chart_new(200, 100);
    const DkmPanel panel = {40, 20, 120, 50, {0, 1, "across"}, {0, 1, "up"}, "title"};
    const double line[] = {0, 0, 0.5, NAN, 1, 1};
    dkm_chart_panel(chart, &panel, TRUE);
    dkm_chart_line(chart, &panel, line, 3, 1);
    dkm_chart_dot(chart, &panel, (const double[]){NAN, 0.5}, 2);
    dkm_chart_dot(chart, &panel, (const double[]){0.5, 0.5}, 20);
    dkm_chart_box(chart, &panel, (const double[]){0.2, 0.2}, (const double[]){NAN, 0.4}, 3);
    dkm_chart_box(chart, &panel, (const double[]){0.2, 0.2}, (const double[]){0.4, 0.4}, 3);
    dkm_chart_legend(chart, 10, 90, 9, "a name");
    g_assert_true(dkm_chart_save(chart, path, &error));
    g_assert_no_error(error);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_nonnull(g_strstr_len(text, -1, "<svg"));
    g_assert_null(g_strstr_len(text, -1, "nan"));
    g_unlink(path);
    g_rmdir(folder);
}

static void test_no_folder(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmChart) chart = dkm_chart_new(20, 10);
    g_assert_false(dkm_chart_save(chart, "/nowhere/at/all.svg", &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ablate/chart/tick", test_tick);
    g_test_add_func("/ablate/chart/save", test_save);
    g_test_add_func("/ablate/chart/no-folder", test_no_folder);
    return g_test_run();
}
