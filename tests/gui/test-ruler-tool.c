/* Measuring in the viewer, by real pointer and key events under Xvfb. */
#include "gui/window.h"
#include "tests/gui/desk.h"
#include "tests/gui/display.h"
#include "tests/gui/study.h"

#include <math.h>
#include <string.h>

#define LOAD_MS 180000

static DkmWindow *window;

static DkmReading *reading(void)
{
    return dkm_window_reading(window);
}

static const DkmLook *look(void)
{
    return dkm_reading_look(reading());
}

static const DkmRulers *rulers(void)
{
    return dkm_reading_rulers(reading());
}

static const DkmGrid *grid(void)
{
    return dkm_review_case_grid(dkm_reading_case(reading()));
}

static DkmSliceView *view(guint i)
{
    return dkm_wall_view(dkm_window_wall(window), i);
}

static gboolean is_loaded(gpointer data)
{
    int permille;
    return dkm_reading_case(reading()) && !dkm_reading_is_loading(reading(), &permille);
}

static void open_study(const char *study)
{
    dkm_window_open(window, study);
    g_assert_true(display_wait_for(is_loaded, NULL, LOAD_MS));
    display_wait(300);
}

static void open_window(const char *study)
{
    window = g_object_ref_sink(dkm_window_new(NULL));
    gtk_window_resize(GTK_WINDOW(window), 1440, 900);
    gtk_widget_show(GTK_WIDGET(window));
    display_wait(200);
    display_focus_newest();
    open_study(study);
}

static void close_window(void)
{
    dkm_reading_discard_kept(reading());
    gtk_widget_destroy(GTK_WIDGET(window));
    g_clear_object(&window);
    display_wait(50);
}

/* The first view whose picture is cut across NORMAL and is no projection. */
static DkmSliceView *view_across(int normal)
{
    const DkmReviewCase *on = dkm_reading_case(reading());
    for (guint i = 0; view(i); i++) {
        const DkmPaneSpec *spec = dkm_slice_view_spec(view(i));
        if (spec->image != DKM_IMAGE_MIP && dkm_pane_cut(spec, on).normal == normal)
            return view(i);
    }
    return NULL;
}

static void measure(DkmSliceView *in, const double from[2], const double to[2])
{
    display_drag(GTK_WIDGET(in), 1, from, to);
    display_wait(100);
}

/* What IN looks like, as captures are made. */
static GBytes *picture(DkmSliceView *in)
{
    GtkWidget *widget = GTK_WIDGET(in);
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, gtk_widget_get_allocated_width(widget),
                                   gtk_widget_get_allocated_height(widget));
    cairo_t *cr = cairo_create(surface);
    gtk_widget_draw(widget, cr);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    GBytes *bytes = g_bytes_new(cairo_image_surface_get_data(surface),
                                (gsize)cairo_image_surface_get_stride(surface) *
                                    (gsize)cairo_image_surface_get_height(surface));
    cairo_surface_destroy(surface);
    return bytes;
}

/* Bright and much bluer than red: nothing else of a view is. */
static gboolean is_ink(guint32 pixel)
{
    const int red = pixel >> 16 & 0xff, green = pixel >> 8 & 0xff, blue = pixel & 0xff;
    return blue > 200 && green > 180 && blue - red > 60;
}

/* Pixels in the rulers' own colour. */
static guint ink(DkmSliceView *in)
{
    g_autoptr(GBytes) bytes = picture(in);
    gsize size;
    const guint32 *pixels = g_bytes_get_data(bytes, &size);
    guint n = 0;
    for (gsize i = 0; i < size / 4; i++)
        n += is_ink(pixels[i]);
    return n;
}

/* From the view's own scale, whichever way its pixels lie. */
static double expected_mm(DkmSliceView *in, const double from[2], const double to[2])
{
    const DkmScene scene = dkm_reading_scene(reading());
    const DkmPaneSpec *spec = dkm_slice_view_spec(in);
    const DkmPlane plane = dkm_pane_plane(spec, &scene);
    const DkmViewport at =
        dkm_pane_viewport(spec, &scene, gtk_widget_get_allocated_width(GTK_WIDGET(in)),
                          gtk_widget_get_allocated_height(GTK_WIDGET(in)));
    return hypot(to[0] - from[0], to[1] - from[1]) / dkm_viewport_scale(&at, &plane);
}

static void drawn_in_its_plane(DkmSliceView *in, int normal)
{
    const double from[2] = {140, 150}, to[2] = {240, 205};
    const guint n = dkm_rulers_count(rulers());
    g_assert_cmpuint(ink(in), ==, 0);
    measure(in, from, to);
    g_assert_cmpuint(dkm_rulers_count(rulers()), ==, n + 1);
    const DkmRuler *ruler = dkm_rulers_get(rulers(), n);
    g_assert_cmpint(ruler->normal, ==, normal);
    g_assert_cmpfloat_with_epsilon(dkm_ruler_mm(ruler, grid()), expected_mm(in, from, to), 1e-6);
    g_assert_cmpuint(ink(in), >, 50);
    display_move(GTK_WIDGET(in), 300, 60);
    display_repeat(5, "1", "50"); /* another slice: not there */
    display_wait(100);
    g_assert_cmpuint(ink(in), ==, 0);
    display_repeat(4, "1", "50");
    display_wait(100);
    g_assert_cmpuint(ink(in), >, 50);
}

static void measures_in_every_plane(void)
{
    char *study = study_path_small();
    open_window(study);
    display_key("m");
    g_assert_cmpint(look()->armed, ==, DKM_ARMED_RULER);
    DkmSliceView *acquired = view_across(0);
    g_assert_nonnull(acquired);
    drawn_in_its_plane(acquired, 0);
    guint others = 0; /* the same plane in another view: there too */
    for (guint i = 0; view(i); i++)
        if (view(i) != acquired && dkm_slice_view_spec(view(i))->image != DKM_IMAGE_MIP) {
            g_assert_cmpuint(ink(view(i)), >, 50);
            others++;
        }
    g_assert_cmpuint(others, >, 0);
    display_shoot("31-ruler");
    for (int i = 0; i < 4 && dkm_wall_stage(dkm_window_wall(window)) != DKM_STAGE_EDIT; i++)
        display_key("period");
    for (int normal = 1; normal < 3; normal++) {
        DkmSliceView *across = view_across(normal);
        g_assert_nonnull(across);
        drawn_in_its_plane(across, normal);
    }
    display_shoot("32-rulers-across");
    g_assert_cmpuint(dkm_layers_count(dkm_reading_case(reading())->layers), ==, 0);
    close_window();
    study_path_free(study);
}

static void removed_one_by_one(void)
{
    char *study = study_path_small();
    open_window(study);
    DkmSliceView *in = view_across(0);
    display_key("m");
    measure(in, (double[]){150, 150}, (double[]){250, 150});
    measure(in, (double[]){150, 220}, (double[]){250, 230});
    measure(in, (double[]){150, 280}, (double[]){250, 290});
    measure(in, (double[]){300, 280}, (double[]){300, 281}); /* a click measures nothing */
    g_assert_cmpuint(dkm_rulers_count(rulers()), ==, 3);
    const DkmRuler first = *dkm_rulers_get(rulers(), 0), last = *dkm_rulers_get(rulers(), 2);
    display_move(GTK_WIDGET(in), 200, 228); /* beside the second one */
    display_key("Delete");
    g_assert_cmpuint(dkm_rulers_count(rulers()), ==, 2);
    g_assert_cmpmem(dkm_rulers_get(rulers(), 1), sizeof last, &last, sizeof last);
    display_move(GTK_WIDGET(in), 200, 60); /* beside none: the last one */
    display_key("Delete");
    g_assert_cmpuint(dkm_rulers_count(rulers()), ==, 1);
    g_assert_cmpmem(dkm_rulers_get(rulers(), 0), sizeof first, &first, sizeof first);

    display_move(GTK_WIDGET(in), 100, 100); /* Esc takes back the drag, then drops the tool */
    display_press(1);
    display_move(GTK_WIDGET(in), 180, 100);
    g_assert_cmpuint(dkm_rulers_count(rulers()), ==, 2);
    display_key("Escape");
    g_assert_cmpuint(dkm_rulers_count(rulers()), ==, 1);
    g_assert_cmpint(look()->armed, ==, DKM_ARMED_RULER);
    display_release(1);
    display_key("Escape");
    g_assert_cmpint(look()->armed, ==, DKM_ARMED_WINDOW);
    display_key("Delete"); /* not armed, beside none: it is no ruler's */
    g_assert_cmpuint(dkm_rulers_count(rulers()), ==, 1);
    display_move(GTK_WIDGET(in), 200, 152);
    display_key("Delete");
    g_assert_cmpuint(dkm_rulers_count(rulers()), ==, 0);
    close_window();
    study_path_free(study);
}

static void removed_below_the_drag(void)
{
    char *study = study_path_small();
    open_window(study);
    DkmSliceView *in = view_across(0);
    display_key("m");
    measure(in, (double[]){150, 150}, (double[]){250, 150});
    const DkmRuler kept = *dkm_rulers_get(rulers(), 0);
    display_move(GTK_WIDGET(in), 150, 250);
    display_press(1);
    display_move(GTK_WIDGET(in), 180, 250);
    display_key("Delete");
    display_move(GTK_WIDGET(in), 220, 290);
    display_release(1);
    display_wait(100);
    g_assert_cmpuint(dkm_rulers_count(rulers()), ==, 1);
    g_assert_cmpmem(dkm_rulers_get(rulers(), 0), sizeof kept, &kept, sizeof kept);
    close_window();
    study_path_free(study);
}

static void gone_with_the_study(void)
{
    char *study = study_path_small(), *other = study_path_pre_only();
    open_window(study);
    display_key("m");
    measure(view_across(0), (double[]){150, 150}, (double[]){250, 150});
    g_assert_cmpuint(dkm_rulers_count(rulers()), ==, 1);
    open_study(other);
    g_assert_cmpuint(dkm_rulers_count(rulers()), ==, 0);
    g_assert_cmpuint(ink(view_across(0)), ==, 0);
    close_window();
    study_path_free(study);
    study_path_free(other);
}

static void count_message(DkmReading *from, guint kind, const char *text, gpointer user)
{
    if (strstr(text, "measures in slices"))
        ++*(guint *)user;
}

static void a_projection_says_why_not(void)
{
    char *study = study_path_small();
    guint told = 0, i = 0;
    open_window(study);
    while (dkm_slice_view_spec(view(i))->image != DKM_IMAGE_MIP)
        i++;
    g_signal_connect(reading(), "message", G_CALLBACK(count_message), &told);
    display_key("m");
    measure(view(i), (double[]){100, 100}, (double[]){160, 130});
    g_assert_cmpuint(told, ==, 1);
    g_assert_cmpuint(dkm_rulers_count(rulers()), ==, 0);
    close_window();
    study_path_free(study);
}

int main(int argc, char **argv)
{
    if (!desk_start(&argc, &argv, NULL))
        return 0;
    g_test_add_func("/ruler/measures-in-every-plane", measures_in_every_plane);
    g_test_add_func("/ruler/removed-one-by-one", removed_one_by_one);
    g_test_add_func("/ruler/removed-below-the-drag", removed_below_the_drag);
    g_test_add_func("/ruler/gone-with-the-study", gone_with_the_study);
    g_test_add_func("/ruler/a-projection-says-why-not", a_projection_says_why_not);
    return desk_run();
}
