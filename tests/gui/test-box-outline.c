#include "gui/box-outline.h"

#include "tests/support/dce-table.h"

enum { SIZE = 320 };

/* What is drawn: how much, how bright at most, and where. */
typedef struct {
    guint n, most;
    int left, right, top, bottom;
} Drawn;

static Drawn measure(cairo_surface_t *surface)
{
    Drawn drawn = {.left = SIZE, .top = SIZE};
    cairo_surface_flush(surface);
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++) {
            const guint8 *row = cairo_image_surface_get_data(surface) +
                                (gsize)y * (gsize)cairo_image_surface_get_stride(surface);
            const guint red = ((const guint32 *)(gconstpointer)row)[x] >> 16 & 255;
            if (red < 100)
                continue;
            drawn.n++;
            drawn.most = MAX(drawn.most, red);
            drawn.left = MIN(drawn.left, x);
            drawn.right = MAX(drawn.right, x);
            drawn.top = MIN(drawn.top, y);
            drawn.bottom = MAX(drawn.bottom, y);
        }
    return drawn;
}

static Drawn draw(const DkmScene *scene, const DkmPaneSpec *spec)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, SIZE, SIZE);
    cairo_t *cr = cairo_create(surface);
    dkm_box_outline_draw(spec, scene, SIZE, SIZE, cr);
    cairo_destroy(cr);
    const Drawn drawn = measure(surface);
    cairo_surface_destroy(surface);
    return drawn;
}

static DkmReviewCase *new_case(void)
{
    g_autoptr(DkmStudies) studies = dce_studies(6, 3, "A^B", "20010101");
    return dkm_review_case_new(studies, dkm_studies_only_dce(studies, NULL));
}

static DkmLook new_look(const DkmReviewCase *on)
{
    const int *n = dkm_review_case_grid(on)->n;
    return (DkmLook){.slice = 2,
                     .row = 8,
                     .column = 8,
                     .aim = {1, (n[2] - 1) / 2.0, (n[1] - 1) / 2.0},
                     .centre_slice = (n[0] - 1) / 2.0,
                     .shows_overlays = TRUE,
                     .has_box = TRUE,
                     .box = {{1, 4, 5}, {4, 20, 15}}};
}

static void is_seen_while_it_is_set(void)
{
    g_autoptr(DkmReviewCase) on = new_case();
    DkmLook look = new_look(on);
    const DkmScene scene = {.on = on, .look = &look};
    const DkmPaneSpec acquired = {0}, projection = {.image = DKM_IMAGE_MIP},
                      beside = {.beside = DKM_BESIDE_PRIOR};
    const Drawn set = draw(&scene, &acquired);
    g_assert_cmpuint(set.n, >, 50);
    g_assert_cmpuint(draw(&scene, &projection).n, ==, 0);
    g_assert_cmpuint(draw(&scene, &beside).n, ==, 0);
    look.slice = 5; /* outside: dashed */
    g_assert_cmpuint(draw(&scene, &acquired).n, <, set.n * 3 / 4);
    g_assert_cmpuint(draw(&scene, &acquired).n, >, set.n / 4);
    look.slice = 2;
    look.shows_overlays = FALSE;
    g_assert_cmpuint(draw(&scene, &acquired).n, ==, 0);
    look.armed = DKM_ARMED_BOX;
    g_assert_cmpuint(draw(&scene, &acquired).most, >, set.most + 40);
    look.has_box = FALSE;
    g_assert_cmpuint(draw(&scene, &acquired).n, ==, 0);
}

/* Around the same voxels in the acquired plane and across it. */
static void lies_around_its_voxels(void)
{
    g_autoptr(DkmReviewCase) on = new_case();
    DkmLook look = new_look(on);
    const DkmScene scene = {.on = on, .look = &look};
    const DkmCut acquired = dkm_cut_new(dkm_review_case_grid(on), DKM_CUT_ACQUIRED);
    for (DkmCutKind kind = DKM_CUT_SAGITTAL; kind <= DKM_CUT_AXIAL; kind++) {
        const DkmPaneSpec spec = {.cut = kind == acquired.side ? DKM_CUT_ACQUIRED : kind};
        const DkmCut cut = dkm_pane_cut(&spec, on);
        const DkmViewport view = dkm_pane_viewport(&spec, &scene, SIZE, SIZE);
        const double *spacing = dkm_review_case_grid(on)->spacing_mm;
        const DkmBox *box = &look.box;
        const DkmPlane plane = dkm_pane_plane(&spec, &scene);
        const double pixels = dkm_viewport_scale(&view, &plane);
        const Drawn drawn = draw(&scene, &spec);
        const int high = box->end[cut.row] - box->first[cut.row];
        const int wide = box->end[cut.column] - box->first[cut.column];
        g_assert_cmpfloat_with_epsilon(drawn.bottom - drawn.top, high * spacing[cut.row] * pixels,
                                       3);
        g_assert_cmpfloat_with_epsilon(drawn.right - drawn.left,
                                       wide * spacing[cut.column] * pixels, 3);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/box-outline/is-seen-while-it-is-set", is_seen_while_it_is_set);
    g_test_add_func("/box-outline/lies-around-its-voxels", lies_around_its_voxels);
    return g_test_run();
}
