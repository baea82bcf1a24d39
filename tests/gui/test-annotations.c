/* The words over a slice, drawn onto a picture of their own: without a display. */
#include "gui/annotations-private.h"
#include "gui/editing.h"
#include "gui/reading-private.h"
#include "gui/words.h"
#include "tests/support/dce-table.h"

#include <pango/pangocairo.h>
#include <string.h>

enum { WIDTH = 480, HEIGHT = 400 };

/* One view of a case of its own. */
typedef struct {
    DkmReviewCase *on;
    DkmLook look;
    DkmPaneSpec spec;
    DkmPane *pane;
    DkmPointer pointer;
    DkmCoverage *coverage;
    cairo_surface_t *surface;
    cairo_t *cr;
    DkmAnnotations words;
} View;

static View *view_new(int phases, int width, int height)
{
    View *view = g_new0(View, 1);
    g_autoptr(DkmStudies) studies = dce_studies(6, phases, "A^B", "20010101");
    view->on = dkm_review_case_new(studies, dkm_studies_only_dce(studies, NULL));
    for (int i = 0; i < phases; i++) {
        g_autoptr(DkmVolume) volume = dce_volume(dkm_review_case_grid(view->on), 100);
        g_assert_true(dkm_review_case_set_phase(view->on, (guint)i, volume, NULL));
    }
    view->look = (DkmLook){.window = {100, 200, FALSE},
                           .aim = {1, 12, 16},
                           .shows_overlays = TRUE,
                           .shows_masks = TRUE};
    view->pane = dkm_pane_new();
    view->coverage = dkm_coverage_new();
    view->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    view->cr = cairo_create(view->surface);
    view->words = (DkmAnnotations){.context = pango_cairo_create_context(view->cr),
                                   .width = width,
                                   .height = height,
                                   .pane = view->pane,
                                   .spec = &view->spec,
                                   .scene = {.on = view->on, .look = &view->look},
                                   .coverage = view->coverage,
                                   .pointer = &view->pointer};
    pango_cairo_context_set_resolution(view->words.context, 96);
    return view;
}

static void view_free(View *view)
{
    g_object_unref(view->words.context);
    cairo_destroy(view->cr);
    cairo_surface_destroy(view->surface);
    dkm_coverage_free(view->coverage);
    dkm_pane_free(view->pane);
    dkm_review_case_free(view->on);
    g_free(view);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(View, view_free)

static void draw(View *view)
{
    cairo_set_source_rgb(view->cr, 0, 0, 0);
    cairo_paint(view->cr);
    dkm_annotations_draw(&view->words, view->cr);
    cairo_surface_flush(view->surface);
}

/* Pixels of RGB, as near as rounding leaves it. */
static guint count(View *view, guint32 rgb)
{
    const guint8 *bytes = cairo_image_surface_get_data(view->surface);
    const int stride = cairo_image_surface_get_stride(view->surface);
    guint n = 0;
    for (int y = 0; y < view->words.height; y++)
        for (int x = 0; x < view->words.width; x++) {
            guint32 pixel;
            memcpy(&pixel, bytes + y * stride + 4 * x, 4);
            gboolean is_near = TRUE;
            for (int shift = 0; shift < 24; shift += 8)
                is_near &= ABS((int)(pixel >> shift & 0xff) - (int)(rgb >> shift & 0xff)) <= 3;
            n += is_near;
        }
    return n;
}

/* --- masks ------------------------------------------------------------------------------------ */

static guint add_mask(View *view, DkmOrigin origin, const char *name)
{
    g_autoptr(DkmMask) mask = dkm_mask_new(dkm_review_case_grid(view->on), NULL);
    dkm_mask_slice(mask, 0)[5 * 24 + 5] = 1;
    return dkm_layers_add(view->on->layers, origin, name, mask, NULL);
}

static double masks_height(View *view)
{
    return dkm_annotations_masks(&view->words, view->cr, HEIGHT - 30, WIDTH - 20);
}

static void assert_provenance(View *view, guint id, const char *expected)
{
    g_autofree char *words = dkm_word_provenance(dkm_layers_find(view->on->layers, id));
    g_assert_cmpstr(words, ==, expected);
}

static void provenance_is_told(void)
{
    g_autoptr(View) view = view_new(1, WIDTH, HEIGHT);
    DkmLayers *layers = view->on->layers;
    const guint ai = add_mask(view, DKM_ORIGIN_NETWORK, "Network");
    const guint own = add_mask(view, DKM_ORIGIN_PERSON, NULL);
    assert_provenance(view, ai, "AI, unreviewed");
    assert_provenance(view, own, "by hand");
    g_assert_true(dkm_layers_accept(layers, ai, "Ada Reader", 1, NULL));
    assert_provenance(view, ai, "AI, accepted by Ada Reader");
    g_assert_true(dkm_layers_reject(layers, own, "Ada Reader", 1, NULL));
    assert_provenance(view, own, "by hand, rejected by Ada Reader");
    const DkmBrush brush = {.radius_mm = 2};
    g_assert_true(dkm_layers_stroke_begin(layers, ai, &brush, (double[]){2, 9, 9}, NULL));
    dkm_layers_stroke_end(layers);
    assert_provenance(view, ai, "AI, edited by hand");
}

/* A chip of the outline's colour stands where the view draws the mask, and only there. */
static void masks_are_named_where_they_show(void)
{
    g_autoptr(View) view = view_new(3, WIDTH, HEIGHT);
    view->look.layer = add_mask(view, DKM_ORIGIN_NETWORK, "Network");
    const guint32 colour = dkm_editing_colour(dkm_layers_find(view->on->layers, view->look.layer));
    draw(view);
    g_assert_cmpuint(count(view, colour), >=, 40);
    view->spec.image = DKM_IMAGE_SUBTRACTION;
    view->spec.phase = 1;
    draw(view);
    g_assert_cmpuint(count(view, colour), >=, 40);
    view->spec.is_bare = TRUE;
    draw(view);
    g_assert_cmpuint(count(view, colour), ==, 0);
    view->spec.is_bare = FALSE;
    view->look.shows_overlays = FALSE; /* a peek under the mask */
    draw(view);
    g_assert_cmpuint(count(view, colour), ==, 0);
}

/* The selected one first; what there is no room for is counted. */
static void many_masks_take_little_room(void)
{
    g_autoptr(View) view = view_new(3, WIDTH, HEIGHT);
    view->look.layer = add_mask(view, DKM_ORIGIN_NETWORK, "Network");
    const double one = masks_height(view);
    g_assert_cmpfloat(one, >, 10);
    for (int i = 0; i < 9; i++)
        add_mask(view, DKM_ORIGIN_PERSON, NULL);
    draw(view);
    const guint32 selected =
        dkm_editing_colour(dkm_layers_find(view->on->layers, view->look.layer));
    g_assert_cmpuint(count(view, selected), >=, 40);
    g_assert_cmpfloat(masks_height(view), <=, 5 * one);
    view->words.height = 200;
    g_assert_cmpfloat(masks_height(view), <=, 3 * one);
}

/* Beside a legend in a narrow view there is room for what matters, in one line or two. */
static void narrow_views_drop_the_name(void)
{
    g_autoptr(View) view = view_new(3, WIDTH, HEIGHT);
    view->look.layer = add_mask(view, DKM_ORIGIN_NETWORK, "Network, pre-contrast, early, late");
    const double wide = masks_height(view);
    g_assert_cmpfloat(dkm_annotations_masks(&view->words, view->cr, HEIGHT - 30, 140), ==, wide);
    g_assert_cmpfloat(dkm_annotations_masks(&view->words, view->cr, HEIGHT - 30, 95), <=, 2 * wide);
}

/* What a run would make otherwise now is said in the view, not in the side panel alone. */
static void outdated_masks_are_marked(void)
{
    g_autoptr(View) view = view_new(3, WIDTH, HEIGHT);
    g_autoptr(DkmReading) reading = dkm_reading_new();
    view->words.reading = reading;
    view->look.layer = add_mask(view, DKM_ORIGIN_NETWORK, "Network");
    DkmRunRecord *record = dkm_run_record_begin(view->on, &view->look, 0, 0);
    record->layer = view->look.layer;
    g_ptr_array_add(reading->records, record);
    const double fresh = masks_height(view);
    draw(view);
    g_assert_cmpuint(count(view, 0xf2c26b), ==, 0);
    view->look.has_box = TRUE;
    view->look.box = dkm_box_whole(dkm_review_case_grid(view->on));
    g_autofree char *why = dkm_run_record_why_stale(record, view->on, &view->look);
    g_assert_cmpstr(why, ==, "Outdated: made before the box was drawn.");
    g_assert_cmpfloat(masks_height(view), >, fresh + 8);
    g_autofree char *wide = dkm_annotations_outdated(&view->words, view->cr, record->layer, 600);
    g_autofree char *narrow = dkm_annotations_outdated(&view->words, view->cr, record->layer, 90);
    g_assert_cmpstr(wide, ==, why);
    g_assert_cmpstr(narrow, ==, "Outdated");
    draw(view);
    g_assert_cmpuint(count(view, 0xf2c26b), >, 8); /* the warning's ink */
}

/* --- corners ---------------------------------------------------------------------------------- */

static gboolean overlap(const cairo_rectangle_t *a, const cairo_rectangle_t *b)
{
    return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
           b->y < a->y + a->height;
}

static void assert_apart(View *view)
{
    const Corners corners = dkm_annotations_corners(&view->words, view->cr);
    const cairo_rectangle_t *const all[] = {&corners.left, &corners.right, &corners.upper,
                                            &corners.lower, &corners.window};
    for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
        g_assert_cmpfloat(all[i]->x, >=, 0);
        g_assert_cmpfloat(all[i]->x + all[i]->width, <=, view->words.width);
        g_assert_cmpfloat(all[i]->y + all[i]->height, <=, view->words.height);
        for (guint k = 0; k < i; k++)
            g_assert_false(overlap(all[i], all[k]));
    }
}

/* Whatever the view is as narrow as, and whatever it is called. */
static void corners_keep_apart(void)
{
    static const DkmPaneSpec specs[] = {
        {.phase = 0},
        {.phase = 1, .image = DKM_IMAGE_SUBTRACTION},
        {.phase = 1, .image = DKM_IMAGE_MIP},
        {.image = DKM_IMAGE_PREDICTED},
        {.shows_map = TRUE, .has_own_map = TRUE, .map = DKM_MAP_VIEW_PROBABILITY},
        {.shows_date = TRUE, .phase = 2},
    };
    for (int width = 150; width < 700; width += 11) {
        g_autoptr(View) view = view_new(3, width, 260);
        view->look.window = (DkmWindowLevel){12345, 54321, TRUE};
        for (guint i = 0; i < G_N_ELEMENTS(specs); i++) {
            view->spec = specs[i];
            assert_apart(view);
        }
    }
}

/* A view is as wide as it needs to be for this, and no line is moved there. */
static void wide_views_have_one_line(void)
{
    g_autoptr(View) view = view_new(3, 700, HEIGHT);
    const Corners corners = dkm_annotations_corners(&view->words, view->cr);
    g_assert_cmpfloat(corners.left.y, ==, MARGIN);
    g_assert_cmpfloat(corners.right.y, ==, MARGIN);
    g_assert_cmpfloat(corners.upper.y, ==, MARGIN);
    g_assert_cmpfloat(corners.lower.y + corners.lower.height, ==, HEIGHT - MARGIN);
}

/* No ink of the plate or its words is at the edges. */
static void hints_stay_inside(void)
{
    g_autoptr(View) view = view_new(3, 160, 260);
    view->spec = (DkmPaneSpec){.shows_map = TRUE, .has_own_map = TRUE, .map = DKM_MAP_VIEW_CODE};
    draw(view);
    const guint8 *bytes = cairo_image_surface_get_data(view->surface);
    const int stride = cairo_image_surface_get_stride(view->surface);
    for (int y = 150; y < 220; y++) {
        g_assert_cmpuint(bytes[y * stride + 4 * 9], ==, 0);
        g_assert_cmpuint(bytes[y * stride + 4 * (160 - 9)], ==, 0);
    }
}

static gpointer wait_for_cancel(gpointer input, DkmProgress *progress, GCancellable *cancel,
                                GError **error)
{
    while (!g_cancellable_set_error_if_cancelled(cancel, error))
        g_usleep(1000);
    return NULL;
}

/* Nobody is asked to run what runs. */
static void hints_know_of_a_run(void)
{
    g_autoptr(View) view = view_new(3, WIDTH, HEIGHT);
    g_autoptr(DkmReading) reading = dkm_reading_new();
    view->words.reading = reading;
    view->spec = (DkmPaneSpec){.shows_map = TRUE, .has_own_map = TRUE, .map = DKM_MAP_VIEW_CODE};
    g_assert_nonnull(strstr(dkm_annotations_hint(&view->words), "run the network"));
    const DkmJobSpec spec = {.lane = DKM_LANE_POOL, .work = wait_for_cancel};
    reading->running = dkm_job_start(&spec);
    g_assert_nonnull(strstr(dkm_annotations_hint(&view->words), "is running"));
    view->spec.image = DKM_IMAGE_PREDICTED;
    g_assert_nonnull(strstr(dkm_annotations_hint(&view->words), "is running"));
}

/* --- values ----------------------------------------------------------------------------------- */

/* Samples of 1234 at SLOPE. */
static DkmVolume *scaled_volume(const DkmGrid *grid, float slope)
{
    gint16 *samples = g_new(gint16, dkm_grid_voxels(grid));
    float *slopes = g_new(float, grid->n[0]), *intercepts = g_new0(float, grid->n[0]);
    for (gsize i = 0; i < dkm_grid_voxels(grid); i++)
        samples[i] = 1234;
    for (int z = 0; z < grid->n[0]; z++)
        slopes[z] = slope;
    return dkm_volume_new_take(grid, samples, TRUE, slopes, intercepts);
}

static void assert_value(float slope, double width, const char *expected)
{
    g_autoptr(View) view = view_new(1, WIDTH, HEIGHT);
    g_autoptr(DkmVolume) volume = scaled_volume(dkm_review_case_grid(view->on), slope);
    g_assert_true(dkm_review_case_set_phase(view->on, 0, volume, NULL));
    view->look.window = (DkmWindowLevel){width / 2, width, FALSE};
    g_autofree char *value = dkm_annotations_value(&view->words, (int[]){2, 5, 5});
    g_assert_cmpstr(value, ==, expected);
}

static void values_have_decimals(void)
{
    assert_value(1, 2000, "1234");
    assert_value(1, 8, "1234"); /* whole numbers, however narrow the window is */
    assert_value(0.001f, 2, "1.23");
    assert_value(0.000001f, 0.003, "0.00123");
    assert_value(0.5f, 2000, "617");
    assert_value(-0.00001f, 20, "0.0"); /* never "-0.0" */
    g_assert_cmpint(dkm_look_decimals(142), ==, 0);
    g_assert_cmpint(dkm_look_decimals(20), ==, 0);
    g_assert_cmpint(dkm_look_decimals(2), ==, 1);
    g_assert_cmpint(dkm_look_decimals(0.003), ==, 4);
    g_assert_cmpint(dkm_look_decimals(0), ==, 0);
}

/* The grey below is not what the title says. */
static void missing_maps_have_no_value(void)
{
    g_autoptr(View) view = view_new(1, WIDTH, HEIGHT);
    g_assert_null(view->on->result);
    g_autofree char *grey = dkm_annotations_value(&view->words, (int[]){2, 5, 5});
    g_assert_cmpstr(grey, ==, "100");
    view->spec = (DkmPaneSpec){.shows_map = TRUE, .has_own_map = TRUE, .map = DKM_MAP_VIEW_CODE};
    g_autofree char *none = dkm_annotations_value(&view->words, (int[]){2, 5, 5});
    g_assert_null(none);
}

/* --- coverage --------------------------------------------------------------------------------- */

static View *view_of_slices(int slices)
{
    View *view = view_new(1, WIDTH, HEIGHT);
    g_autoptr(DkmStudies) studies = dce_studies(slices, 1, "A^B", "20010101");
    dkm_review_case_free(view->on);
    view->on = dkm_review_case_new(studies, dkm_studies_only_dce(studies, NULL));
    g_autoptr(DkmVolume) volume = dce_volume(dkm_review_case_grid(view->on), 100);
    g_assert_true(dkm_review_case_set_phase(view->on, 0, volume, NULL));
    view->words.scene.on = view->on;
    return view;
}

/* Slice 1 for two seconds, slice 2 for a hundredth; slice 3 is in view. */
static void coverage_is_told(void)
{
    g_autoptr(View) view = view_of_slices(6);
    const gint64 us = g_get_monotonic_time() - 10 * G_USEC_PER_SEC;
    const gint64 times[] = {us, us + 2 * G_USEC_PER_SEC, us + 2 * G_USEC_PER_SEC + 10000};
    for (int i = 0; i < 3; i++) {
        view->look.slice = i;
        const DkmShown shown = dkm_pane_shown(&view->spec, &view->words.scene);
        dkm_coverage_paint(view->coverage, view, &shown, times[i]);
    }
    g_autofree char *sum = dkm_annotations_coverage_text(&view->words);
    g_assert_cmpstr(sum, ==, "2 of 6 seen");
    g_autofree char *tip = dkm_annotations_tip(&view->words, 3, 20);
    g_assert_cmpstr(tip, ==,
                    "Slice 1 of 6: on screen for 2.0 s\n"
                    "2 looked at (bright), 1 only passed (dim), 3 not seen yet (dark)");
    g_autofree char *last = dkm_annotations_tip(&view->words, 3, HEIGHT - 1);
    g_assert_true(g_str_has_prefix(last, "Slice 6 of 6: on screen for 0.0 s"));
    g_assert_null(dkm_annotations_tip(&view->words, 40, 20)); /* on the picture */
    view->spec.image = DKM_IMAGE_MIP;
    g_assert_null(dkm_annotations_tip(&view->words, 3, 20));
}

/* Nothing to page through: no strip, no sum. */
static void one_slice_has_no_strip(void)
{
    g_autoptr(View) view = view_of_slices(1);
    g_assert_null(dkm_annotations_coverage_text(&view->words));
    g_assert_null(dkm_annotations_tip(&view->words, 3, 20));
    cairo_set_source_rgb(view->cr, 0, 0, 0);
    cairo_paint(view->cr);
    dkm_annotations_coverage(&view->words, view->cr);
    cairo_surface_flush(view->surface);
    g_assert_cmpuint(count(view, 0), ==, WIDTH * HEIGHT);
}

/* What is not the study's own has a frame: the strip is inside it. */
static void strip_leaves_the_frame(void)
{
    static const DkmBeside besides[] = {DKM_BESIDE_NONE, DKM_BESIDE_PRIOR, DKM_BESIDE_OTHER};
    static const int first[] = {1, 6, 4}; /* the mark of the slice in view is a bit wider */
    for (guint i = 0; i < G_N_ELEMENTS(besides); i++) {
        g_autoptr(View) view = view_of_slices(6);
        view->spec.beside = besides[i];
        cairo_set_source_rgb(view->cr, 0, 0, 0);
        cairo_paint(view->cr);
        dkm_annotations_coverage(&view->words, view->cr);
        cairo_surface_flush(view->surface);
        const guint8 *row = cairo_image_surface_get_data(view->surface) +
                            20 * cairo_image_surface_get_stride(view->surface);
        g_assert_cmpuint(row[4 * (first[i] - 1)], ==, 0);
        g_assert_cmpuint(row[4 * first[i]], ==, 255);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/annotations/provenance", provenance_is_told);
    g_test_add_func("/annotations/masks-are-named", masks_are_named_where_they_show);
    g_test_add_func("/annotations/many-masks", many_masks_take_little_room);
    g_test_add_func("/annotations/narrow-masks", narrow_views_drop_the_name);
    g_test_add_func("/annotations/outdated", outdated_masks_are_marked);
    g_test_add_func("/annotations/corners-keep-apart", corners_keep_apart);
    g_test_add_func("/annotations/wide-views", wide_views_have_one_line);
    g_test_add_func("/annotations/hints-stay-inside", hints_stay_inside);
    g_test_add_func("/annotations/hints-know-of-a-run", hints_know_of_a_run);
    g_test_add_func("/annotations/decimals", values_have_decimals);
    g_test_add_func("/annotations/missing-maps", missing_maps_have_no_value);
    g_test_add_func("/annotations/coverage", coverage_is_told);
    g_test_add_func("/annotations/one-slice", one_slice_has_no_strip);
    g_test_add_func("/annotations/strip-leaves-the-frame", strip_leaves_the_frame);
    return g_test_run();
}
