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
    const DkmMapSource of = {.on = on, .background = 10}, air = {.on = on, .background = 1000};
    const DkmCut cut = dkm_cut_new(dkm_review_case_grid(on), DKM_CUT_ACQUIRED);
    g_assert_false(dkm_map_cut(&of, DKM_MAP_VIEW_CODE, &cut, 0, slice));
    g_assert_false(dkm_map_cut(&of, DKM_MAP_VIEW_PROBABILITY, &cut, 0, slice));
    g_assert_true(dkm_map_cut(&of, DKM_MAP_VIEW_PE, &cut, 3, slice));
    g_autofree char *pe = dkm_map_format(DKM_MAP_VIEW_PE, slice[77]);
    g_assert_cmpstr(pe, ==, "150 %");
    g_assert_true(dkm_map_cut(&of, DKM_MAP_VIEW_SER, &cut, 3, slice));
    g_autofree char *ser = dkm_map_format(DKM_MAP_VIEW_SER, slice[77]);
    g_assert_cmpstr(ser, ==, "1.51");
    g_autofree char *none = dkm_map_format(DKM_MAP_VIEW_SER, 0);
    g_assert_cmpstr(none, ==, ""); /* hardly any enhancement: no ratio, and no persistent one */
    g_assert_true(dkm_map_cut(&air, DKM_MAP_VIEW_PE, &cut, 3, slice));
    g_assert_cmpuint(slice[77], ==, 0); /* air */
    g_assert_true(dkm_map_cut(&of, DKM_MAP_VIEW_CURVE, &cut, 3, slice));
    g_autofree char *type = dkm_map_format(DKM_MAP_VIEW_CURVE, slice[77]);
    g_assert_cmpstr(type, ==, "wash-out");
}

/* The ratio's classes have the names that curves have, and leave no gap. */
static void classes_have_names(void)
{
    const DkmMapInfo *ser = dkm_map_info(DKM_MAP_VIEW_SER);
    static const DkmCurveType types[] = {DKM_CURVE_PERSISTENT, DKM_CURVE_PLATEAU,
                                         DKM_CURVE_WASHOUT};
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        g_assert_cmpstr(ser->classes[i].name, ==, dkm_curve_type_name(types[i]));
        g_assert_true(g_str_has_prefix(ser->classes[i].words, ser->classes[i].name));
        g_assert_cmpfloat(ser->classes[i].from, ==, i ? ser->classes[i - 1].to : 0);
    }
    g_assert_cmpfloat(ser->classes[2].to, ==, ser->full);
    g_assert_null(dkm_map_info(DKM_MAP_VIEW_PE)->classes[0].name);
}

/* A mask of column 3 beside enhancement of row 2. */
static void agreement_is_a_map(void)
{
    g_autoptr(DkmReviewCase) on = new_case(3);
    const DkmGrid *grid = dkm_review_case_grid(on);
    g_autoptr(DkmMask) mask = dkm_mask_new(grid, NULL), enhancing = dkm_mask_new(grid, NULL);
    for (int y = 0; y < 32; y++)
        dkm_mask_slice(mask, 1)[y * 24 + 3] = 1;
    for (int x = 0; x < 24; x++)
        dkm_mask_slice(enhancing, 1)[2 * 24 + x] = 1;
    const DkmCut cut = dkm_cut_new(grid, DKM_CUT_ACQUIRED);
    DkmMapSource of = {.on = on, .enhancing = enhancing};
    guint8 slice[32 * 24];
    g_assert_false(dkm_map_cut(&of, DKM_MAP_VIEW_AGREEMENT, &cut, 1, slice)); /* no layer */
    of.layer = dkm_layers_add(on->layers, DKM_ORIGIN_NETWORK, "Network", mask, NULL);
    g_assert_true(dkm_map_cut(&of, DKM_MAP_VIEW_AGREEMENT, &cut, 1, slice));
    const guint8 bytes[] = {slice[2 * 24 + 3], slice[5 * 24 + 3], slice[2 * 24 + 9], slice[0]};
    const char *const names[] = {"both", "mask only", "enhancing only", ""};
    for (guint i = 0; i < 4; i++) {
        g_autofree char *name = dkm_map_format(DKM_MAP_VIEW_AGREEMENT, bytes[i]);
        g_assert_cmpstr(name, ==, names[i]);
    }
}

static void curve_is_measured(void)
{
    g_autoptr(DkmReviewCase) on = new_case(3);
    const DkmCurve curve =
        dkm_curve_at(on, (int[3]){3, 0, 23}, 10); /* a corner: fewer than nine voxels */
    g_assert_cmpuint(curve.n, ==, 3);
    g_assert_true(curve.has_seconds);
    g_assert_cmpfloat(curve.t[2], ==, 200);
    g_assert_cmpfloat(curve.value[1], ==, 250);
    g_assert_cmpfloat_with_epsilon(curve.enhancement_percent, 150, 1e-9);
    g_assert_cmpfloat_with_epsilon(curve.late_change_percent, -20, 1e-9);
    g_assert_cmpint(curve.type, ==, DKM_CURVE_WASHOUT);
    g_autofree char *words = dkm_curve_describe(&curve);
    g_assert_cmpstr(words, ==, "+150 % early, then -20 %: wash-out");
    DkmCurve other = curve;
    dkm_curve_set_band(&other, 0.25);
    g_assert_cmpint(other.type, ==, DKM_CURVE_PLATEAU);
    g_autofree char *other_words = dkm_curve_describe(&other);
    g_assert_cmpstr(other_words, ==, "+150 % early, then -20 %: plateau (±25 %)");
    dkm_curve_set_band(&other, 0);
    g_assert_cmpint(other.type, ==, DKM_CURVE_WASHOUT);
    g_assert_cmpuint(dkm_curve_at(on, (int[3]){3, 32, 0}, 10).n, ==, 0);
    g_assert_cmpuint(dkm_curve_at(on, (int[3]){-1, 3, 0}, 10).n, ==, 0);
    g_autoptr(DkmReviewCase) single = new_case(1);
    const DkmCurve flat = dkm_curve_at(single, (int[3]){0, 5, 5}, 10);
    g_assert_cmpuint(flat.n, ==, 1);
    g_assert_true(isnan(flat.enhancement_percent));
}

/* Below what the maps of measured kinetics call tissue there is noise to draw, and no type. */
static void air_has_no_curve(void)
{
    g_autoptr(DkmReviewCase) on = new_case(3);
    const int zyx[3] = {3, 5, 5};
    g_assert_cmpuint(dkm_curve_at(on, zyx, 100).n, ==, 3); /* 100 before contrast */
    const DkmCurve air = dkm_curve_at(on, zyx, 101);
    g_assert_true(air.is_air);
    g_assert_cmpuint(air.n, ==, 0);
    g_autofree char *words = dkm_curve_describe(&air);
    g_assert_cmpstr(words, ==, "no tissue");
}

static void hangs_what_there_is(void)
{
    g_autoptr(DkmReviewCase) three = new_case(3), two = new_case(2), one = new_case(1);
    DkmHanging hung;
    const char *why;
    g_assert_true(dkm_hanging_stage(three, DKM_STAGE_OVERVIEW, &hung, &why));
    g_assert_cmpuint(hung.n, ==, 4);
    g_assert_cmpint(hung.panes[0].image, ==, DKM_IMAGE_MIP);
    g_assert_cmpint(hung.panes[1].image, ==, DKM_IMAGE_SUBTRACTION);
    g_assert_true(dkm_hanging_stage(three, DKM_STAGE_COMPARE, &hung, &why));
    g_assert_cmpuint(hung.panes[1].phase, ==, 1);
    g_assert_cmpuint(hung.panes[2].phase, ==, 2);
    g_assert_true(dkm_hanging_stage(two, DKM_STAGE_COMPARE, &hung, &why));
    g_assert_cmpuint(hung.n, ==, 3);
    g_assert_true(dkm_hanging_stage(three, DKM_STAGE_KINETICS, &hung, &why));
    g_assert_cmpuint(hung.n, ==, 6);
    g_assert_true(dkm_hanging_stage(two, DKM_STAGE_KINETICS, &hung, &why));
    g_assert_cmpuint(hung.n, ==, 3); /* enhancement, code, difference */
    g_assert_true(dkm_hanging_stage(three, DKM_STAGE_EDIT, &hung, &why));
    g_assert_true(hung.first_is_large && hung.n == 3);
    g_assert_cmpint(hung.panes[1].cut, ==, DKM_CUT_CORONAL); /* the table's slices are sagittal */
    g_assert_cmpint(hung.panes[2].cut, ==, DKM_CUT_AXIAL);
    g_assert_true(dkm_hanging_stage(one, DKM_STAGE_OVERVIEW, &hung, &why));
    g_assert_cmpuint(hung.n, ==, 4);
    g_assert_true(hung.panes[0].is_bare && !hung.panes[1].is_bare && hung.panes[2].shows_map);
    g_assert_cmpint(hung.panes[3].image, ==, DKM_IMAGE_PREDICTED);
    g_assert_false(dkm_hanging_stage(one, DKM_STAGE_COMPARE, &hung, &why));
    g_assert_nonnull(why);
}

static void steps_through_stages(void)
{
    g_autoptr(DkmReviewCase) three = new_case(3), one = new_case(1);
    g_assert_cmpint(dkm_hanging_step(three, DKM_STAGE_OVERVIEW, 1), ==, DKM_STAGE_COMPARE);
    g_assert_cmpint(dkm_hanging_step(one, DKM_STAGE_OVERVIEW, 1), ==, DKM_STAGE_KINETICS);
    g_assert_cmpint(dkm_hanging_step(one, DKM_STAGE_KINETICS, -1), ==, DKM_STAGE_OVERVIEW);
    g_assert_cmpint(dkm_hanging_step(three, DKM_STAGE_EDIT, 1), ==, DKM_STAGE_EDIT);
    g_assert_cmpint(dkm_hanging_step(three, DKM_STAGE_OVERVIEW, -1), ==, DKM_STAGE_OVERVIEW);
}

/* Views fill the wall, do not overlap, and the large one is the largest. */
static void tiles_do_not_overlap(void)
{
    const DkmPlane plane = {256, 256, {0.7, 0.7}};
    for (guint n = 1; n <= DKM_HANGING_MOST; n++)
        for (int large = 0; large < 2; large++) {
            const DkmHanging hung = {.n = n, .first_is_large = large};
            guint8 cover[90][160] = {{0}};
            int covered = 0;
            for (guint i = 0; i < n; i++) {
                const DkmTile tile =
                    dkm_hanging_tile(&hung, i, &plane, (DkmTile){0, 0, 160, 90}, 2);
                for (int y = tile.y; y < tile.y + tile.height; y++)
                    for (int x = tile.x; x < tile.x + tile.width; x++, covered++)
                        g_assert_cmpuint(cover[y][x]++, ==, 0);
            }
            g_assert_cmpint(covered, >, 160 * 90 * (large || n == 1 || n % 2 == 0 ? 90 : 70) / 100);
        }
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
    const DkmScene scene = {.on = on, .look = look, .background = 10};
    dkm_pane_draw(pane, spec, &scene, &canvas);
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
    DkmLook look = {.slice = 2,
                    .aim = {1, 11.5, 15.5},
                    .centre_slice = 2.5,
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

/* Planes across, subtractions with a window of their own, masks in all of them. */
static void cuts_across(void)
{
    g_autoptr(DkmReviewCase) on = new_case(3);
    g_autoptr(DkmMask) mask = dkm_mask_new(dkm_review_case_grid(on), NULL);
    for (int z = 0; z < 6; z++)
        dkm_mask_slice(mask, z)[16 * 24 + 12] = 1;
    dkm_layers_add(on->layers, DKM_ORIGIN_NETWORK, "Network", mask, NULL);
    g_autoptr(DkmPane) pane = dkm_pane_new();
    DkmLook look = {.slice = 2,
                    .row = 16,
                    .column = 11,
                    .aim = {1, 12, 16},
                    .centre_slice = 3,
                    .window = {250, 500, FALSE},
                    .sub_window = {150, 600, FALSE},
                    .shows_overlays = TRUE,
                    .shows_masks = TRUE,
                    .mask_opacity = 0.5};
    const DkmPaneSpec coronal = {.phase = 1, .cut = DKM_CUT_CORONAL},
                      axial = {.phase = 1, .cut = DKM_CUT_AXIAL};
    const DkmPaneSpec difference = {.image = DKM_IMAGE_SUBTRACTION, .phase = 2, .is_bare = TRUE};
    const DkmPaneSpec predicted = {.image = DKM_IMAGE_PREDICTED};
    g_assert_cmphex(middle(pane, &coronal, on, &look), ==, 0x808080);
    look.column = 12;
    g_assert_cmphex(middle(pane, &coronal, on, &look), !=, 0x808080);
    g_assert_cmphex(middle(pane, &axial, on, &look), !=, 0x808080);
    look.row = 17;
    g_assert_cmphex(middle(pane, &axial, on, &look), ==, 0x808080);
    g_assert_cmphex(middle(pane, &difference, on, &look), ==, 0x6a6a6a); /* 100 of -150..450 */
    g_assert_cmphex(middle(pane, &predicted, on, &look), ==, 0);         /* nothing was predicted */
    const DkmCut cut = dkm_pane_cut(&coronal, on);
    DkmAim aim = dkm_look_aim(&look, &cut, dkm_review_case_grid(on));
    aim.zoom = 2;
    aim.centre_column += 1;
    dkm_look_set_aim(&look, &cut, dkm_review_case_grid(on), &aim);
    g_assert_cmpfloat(look.aim.zoom, ==, 2);
    g_assert_cmpfloat(fabs(look.centre_slice - 3), ==, 1);
    g_assert_cmpfloat(look.aim.centre_column, ==, 12);
}

/* A reader adds them up. */
static void shares_are_of_the_whole(void)
{
    const gsize some[4] = {7, 60, 13, 20}, all[4] = {0, 5, 15, 0}, nothing[4] = {0, 0, 0, 0};
    g_autofree char *with_rest = dkm_curve_type_shares(some);
    g_assert_cmpstr(with_rest, ==,
                    "60 % persistent, 13 % plateau, 20 % wash-out; 7 % enhance too little for a "
                    "type");
    g_autofree char *whole = dkm_curve_type_shares(all);
    g_assert_cmpstr(whole, ==, "25 % persistent, 75 % plateau, 0 % wash-out");
    g_autofree char *none = dkm_curve_type_shares(nothing);
    g_assert_cmpstr(none, ==, "0 % persistent, 0 % plateau, 0 % wash-out");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pane/maps-have-values", maps_have_values);
    g_test_add_func("/pane/classes-have-names", classes_have_names);
    g_test_add_func("/pane/shares-are-of-the-whole", shares_are_of_the_whole);
    g_test_add_func("/pane/agreement-is-a-map", agreement_is_a_map);
    g_test_add_func("/pane/curve-is-measured", curve_is_measured);
    g_test_add_func("/pane/air-has-no-curve", air_has_no_curve);
    g_test_add_func("/pane/hangs-what-there-is", hangs_what_there_is);
    g_test_add_func("/pane/steps-through-stages", steps_through_stages);
    g_test_add_func("/pane/tiles-do-not-overlap", tiles_do_not_overlap);
    g_test_add_func("/pane/arranges-by-shape", arranges_by_shape);
    g_test_add_func("/pane/shows-and-hides", shows_and_hides);
    g_test_add_func("/pane/cuts-across", cuts_across);
    return g_test_run();
}
