/* What one view shows, which maps there are, the curve, and what hangs where: without a display. */
#include "gui/curve.h"
#include "gui/hanging.h"
#include "tests/support/dce-table.h"

#include <math.h>

enum { WIDTH = 120, HEIGHT = 100 };

/* Pre 100, early 250, late 200 everywhere: 150 % enhancement, SER 1.5, wash-out. */
static DkmReviewCase *new_case(int phases)
{
    static const gint16 values[] = {100, 250, 200};
    g_autoptr(DkmStudies) studies = dce_studies(6, phases, "A^B", "20010101");
    DkmReviewCase *on = dkm_review_case_new(studies, dkm_studies_only_dce(studies, NULL));
    for (int i = 0; i < phases; i++) {
        g_autoptr(DkmVolume) volume = dce_volume(dkm_review_case_grid(on), values[i]);
        g_assert_true(dkm_review_case_set_phase(on, (guint)i, volume, NULL));
    }
    return on;
}

static void maps_have_values(void)
{
    g_autoptr(DkmReviewCase) on = new_case(3);
    guint8 slice[32 * 24];
    g_assert_false(dkm_map_slice(on, DKM_MAP_VIEW_CODE, 0, 10, slice));
    g_assert_false(dkm_map_slice(on, DKM_MAP_VIEW_PROBABILITY, 0, 10, slice));
    g_assert_true(dkm_map_slice(on, DKM_MAP_VIEW_PE, 3, 10, slice));
    g_autofree char *pe = dkm_map_format(DKM_MAP_VIEW_PE, slice[77]);
    g_assert_cmpstr(pe, ==, "150 %");
    g_assert_true(dkm_map_slice(on, DKM_MAP_VIEW_SER, 3, 10, slice));
    g_autofree char *ser = dkm_map_format(DKM_MAP_VIEW_SER, slice[77]);
    g_assert_cmpstr(ser, ==, "1.51");
    g_assert_true(dkm_map_slice(on, DKM_MAP_VIEW_PE, 3, 1000, slice));
    g_assert_cmpuint(slice[77], ==, 0); /* air */
}

static void curve_is_measured(void)
{
    g_autoptr(DkmReviewCase) on = new_case(3);
    const DkmCurve curve = dkm_curve_at(on, 3, 0, 23); /* a corner: fewer than nine voxels */
    g_assert_cmpuint(curve.n, ==, 3);
    g_assert_true(curve.has_seconds);
    g_assert_cmpfloat(curve.t[2], ==, 200);
    g_assert_cmpfloat(curve.value[1], ==, 250);
    g_assert_cmpfloat_with_epsilon(curve.enhancement_percent, 150, 1e-9);
    g_assert_cmpfloat_with_epsilon(curve.late_change_percent, -20, 1e-9);
    g_assert_cmpint(curve.type, ==, DKM_CURVE_WASHOUT);
    g_assert_cmpuint(dkm_curve_at(on, 3, 32, 0).n, ==, 0);
    g_assert_cmpuint(dkm_curve_at(on, -1, 3, 0).n, ==, 0);
    g_autoptr(DkmReviewCase) single = new_case(1);
    const DkmCurve flat = dkm_curve_at(single, 0, 5, 5);
    g_assert_cmpuint(flat.n, ==, 1);
    g_assert_true(isnan(flat.enhancement_percent));
}

static void hangs_what_there_is(void)
{
    DkmPaneSpec panes[DKM_HANGING_MOST];
    g_autoptr(DkmReviewCase) three = new_case(3), one = new_case(1);
    g_assert_cmpuint(dkm_hanging_first(three, panes), ==, 4);
    g_assert_cmpuint(panes[1].phase, ==, 1);
    g_assert_cmpuint(panes[2].phase, ==, 2);
    g_assert_true(panes[3].shows_map && !panes[0].shows_map && !panes[0].is_bare);
    g_assert_cmpuint(dkm_hanging_first(one, panes), ==, 3);
    g_assert_true(panes[0].is_bare && !panes[1].is_bare && panes[2].shows_map);
}

static void arranges_by_shape(void)
{
    const DkmPlane square = {256, 256, {0.7, 0.7}}, wide = {200, 400, {0.7, 0.7}};
    g_assert_cmpuint(dkm_hanging_rows(4, &square, 1600, 400), ==, 1);
    g_assert_cmpuint(dkm_hanging_rows(4, &square, 1000, 1000), ==, 2);
    g_assert_cmpuint(dkm_hanging_rows(4, &square, 400, 1600), ==, 4);
    g_assert_cmpuint(dkm_hanging_rows(4, &wide, 1000, 2000), ==, 4);
    g_assert_cmpuint(dkm_hanging_rows(1, &square, 1600, 400), ==, 1);
}

static guint32 middle(DkmPane *pane, const DkmPaneSpec *spec, const DkmReviewCase *on,
                      const DkmLook *look)
{
    static guint32 pixels[WIDTH * HEIGHT];
    const DkmCanvas canvas = {pixels, WIDTH, HEIGHT, WIDTH, 1};
    dkm_pane_draw(pane, spec, on, look, 10, &canvas);
    return pixels[HEIGHT / 2 * WIDTH + WIDTH / 2];
}

static void shows_and_hides(void)
{
    g_autoptr(DkmReviewCase) on = new_case(3);
    g_autoptr(DkmMask) mask = dkm_mask_new(dkm_review_case_grid(on), NULL);
    for (int i = 0; i < 32 * 24; i++)
        dkm_mask_slice(mask, 3)[i] = 1;
    dkm_layers_add(on->layers, DKM_ORIGIN_NETWORK, "Network", mask, NULL);
    g_autoptr(DkmPane) pane = dkm_pane_new();
    const DkmPlane plane = dkm_pane_plane(on);
    DkmLook look = {.slice = 2,
                    .aim = dkm_aim_whole(&plane),
                    .window = {250, 500, FALSE},
                    .shows_overlays = TRUE,
                    .shows_masks = TRUE,
                    .mask_opacity = 0.5,
                    .map_opacity = 1,
                    .map = DKM_MAP_VIEW_PE};
    const DkmPaneSpec early = {.phase = 1}, bare = {.phase = 1, .is_bare = TRUE},
                      map = {.phase = 0, .shows_map = TRUE};
    const guint32 grey = 0x808080; /* 250 of 0..500 */
    guint8 byte;
    g_assert_cmphex(middle(pane, &early, on, &look), ==, grey);
    look.slice = 3;
    g_assert_cmphex(middle(pane, &early, on, &look), !=, grey);
    g_assert_cmphex(middle(pane, &bare, on, &look), ==, grey);
    g_assert_false(dkm_pane_map_at(pane, 5, 5, &byte));
    look.slice = 2;
    const guint8 *colour = dkm_colour_map(DKM_COLOUR_HEAT)[191];
    const guint32 red = middle(pane, &map, on, &look) >> 16;
    g_assert_cmpuint(red, ==, colour[0]);
    g_assert_true(dkm_pane_map_at(pane, 5, 5, &byte) && byte == 191);
    g_assert_false(dkm_pane_map_at(pane, 32, 5, &byte));
    look.shows_overlays = FALSE;
    g_assert_cmphex(middle(pane, &map, on, &look), ==, 0x333333);
    g_assert_cmphex(middle(pane, &map, NULL, &look), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pane/maps-have-values", maps_have_values);
    g_test_add_func("/pane/curve-is-measured", curve_is_measured);
    g_test_add_func("/pane/hangs-what-there-is", hangs_what_there_is);
    g_test_add_func("/pane/arranges-by-shape", arranges_by_shape);
    g_test_add_func("/pane/shows-and-hides", shows_and_hides);
    return g_test_run();
}
