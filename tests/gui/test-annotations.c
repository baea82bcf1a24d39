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
    const double one = dkm_annotations_masks(&view->words, view->cr);
    g_assert_cmpfloat(one, >, 10);
    for (int i = 0; i < 9; i++)
        add_mask(view, DKM_ORIGIN_PERSON, NULL);
    draw(view);
    const guint32 selected =
        dkm_editing_colour(dkm_layers_find(view->on->layers, view->look.layer));
    g_assert_cmpuint(count(view, selected), >=, 40);
    g_assert_cmpfloat(dkm_annotations_masks(&view->words, view->cr), <=, 5 * one);
    view->words.height = 200;
    g_assert_cmpfloat(dkm_annotations_masks(&view->words, view->cr), <=, 3 * one);
}

/* What a run would make otherwise now is said in the view, not in the side panel alone. */
static void outdated_masks_are_marked(void)
{
    g_autoptr(View) view = view_new(3, WIDTH, HEIGHT);
    g_autoptr(DkmReading) reading = dkm_reading_new();
    view->words.reading = reading;
    view->look.layer = add_mask(view, DKM_ORIGIN_NETWORK, "Network");
    DkmRunRecord *record = dkm_run_record_begin(&view->look);
    record->layer = view->look.layer;
    g_ptr_array_add(reading->records, record);
    const double fresh = dkm_annotations_masks(&view->words, view->cr);
    draw(view);
    g_assert_cmpuint(count(view, 0xf2c26b), ==, 0);
    view->look.has_box = TRUE;
    view->look.box = dkm_box_whole(dkm_review_case_grid(view->on));
    g_autofree char *why = dkm_run_record_why_stale(record, view->on, &view->look);
    g_assert_cmpstr(why, ==, "Outdated: made before the box was drawn.");
    g_assert_cmpfloat(dkm_annotations_masks(&view->words, view->cr), >, fresh + 8);
    draw(view);
    g_assert_cmpuint(count(view, 0xf2c26b), >, 8); /* the warning's ink */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/annotations/provenance", provenance_is_told);
    g_test_add_func("/annotations/masks-are-named", masks_are_named_where_they_show);
    g_test_add_func("/annotations/many-masks", many_masks_take_little_room);
    g_test_add_func("/annotations/outdated", outdated_masks_are_marked);
    return g_test_run();
}
