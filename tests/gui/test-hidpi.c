/* A screen with two device pixels a logical one: what is drawn uses all of them, and the pointer is
 * where it seems to be. */
#include "gui/window-private.h"
#include "tests/gui/desk.h"
#include "tests/gui/opened.h"
#include "tests/gui/study.h"

#include <math.h>

#define SCALE 2

static DkmWindow *window;

/* Of four bytes each. */
typedef struct {
    const guint8 *data;
    gsize stride;
} Pixels;

static gboolean is_same(const Pixels *of, int row, int column, int other_row, int other_column)
{
    const guint8 *one = of->data + (gsize)row * of->stride + (gsize)column * 4;
    const guint8 *other = of->data + (gsize)other_row * of->stride + (gsize)other_column * 4;
    return one[0] == other[0] && one[1] == other[1] && one[2] == other[2];
}

/* How many logical pixels of the part hold more than one colour: none, where it was drawn small and
 * then doubled. In logical pixels. */
static guint fine_pixels(const Pixels *of, const GdkRectangle *part)
{
    guint n = 0;
    for (int y = part->y; y < part->y + part->height; y++)
        for (int x = part->x; x < part->x + part->width; x++) {
            const int r = y * SCALE, c = x * SCALE;
            n += !is_same(of, r, c, r, c + 1) || !is_same(of, r, c, r + 1, c) ||
                 !is_same(of, r, c, r + 1, c + 1);
        }
    return n;
}

static const GdkRectangle title = {8, 8, 120, 24};

/* The view of the pre-contrast phase: true noise in it, and words over it. */
static cairo_surface_t *draw(GtkWidget *view, Pixels *pixels)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, gtk_widget_get_allocated_width(view) * SCALE,
                                   gtk_widget_get_allocated_height(view) * SCALE);
    cairo_surface_set_device_scale(surface, SCALE, SCALE);
    cairo_t *cr = cairo_create(surface);
    gtk_widget_draw(view, cr);
    cairo_destroy(cr);
    *pixels = (Pixels){cairo_image_surface_get_data(surface),
                       (gsize)cairo_image_surface_get_stride(surface)};
    return surface;
}

static void views_use_all_pixels(GtkWidget *view)
{
    const int width = gtk_widget_get_allocated_width(view);
    const int height = gtk_widget_get_allocated_height(view);
    const GdkRectangle middle = {width / 4, height / 4, width / 2, height / 2};
    Pixels pixels;
    cairo_surface_t *surface = draw(view, &pixels);
    g_assert_cmpuint(fine_pixels(&pixels, &title), >, 100);
    g_assert_cmpuint(fine_pixels(&pixels, &middle), >, 1000);
    cairo_surface_destroy(surface);
}

/* The words too, as sharp as on the screen. */
static void a_saved_picture_is_the_same(GtkWidget *view)
{
    int x, y;
    gsize length;
    Pixels shown;
    gtk_widget_translate_coordinates(view, GTK_WIDGET(dkm_window_wall(window)), 0, 0, &x, &y);
    g_assert_true(dkm_window_take_picture(window));
    const DkmViewPicture *picture = &window->picture;
    g_assert_cmpint(picture->columns, ==,
                    SCALE * gtk_widget_get_allocated_width(GTK_WIDGET(dkm_window_wall(window))));
    const guint8 *saved = g_bytes_get_data(picture->rgb, &length);
    cairo_surface_t *surface = draw(view, &shown);
    guint differ = 0;
    for (int r = title.y * SCALE; r < (title.y + title.height) * SCALE; r++)
        for (int c = title.x * SCALE; c < (title.x + title.width) * SCALE; c++) {
            const guint8 *bgr = shown.data + (gsize)r * shown.stride + (gsize)c * 4;
            const guint8 *rgb =
                saved + (gsize)(r + y * SCALE) * picture->stride + (gsize)(c + x * SCALE) * 3;
            differ += bgr[0] != rgb[2] || bgr[1] != rgb[1] || bgr[2] != rgb[0];
        }
    g_assert_cmpuint(differ, ==, 0);
    cairo_surface_destroy(surface);
}

/* The middle of the view is the middle of the slice. */
static void the_pointer_is_where_it_seems(GtkWidget *view)
{
    DkmReading *reading = dkm_window_reading(window);
    const int *n = dkm_review_case_grid(dkm_reading_case(reading))->n;
    display_move(view, gtk_widget_get_allocated_width(view) / 2,
                 gtk_widget_get_allocated_height(view) / 2);
    const DkmPointer *at = dkm_reading_pointer(reading);
    g_assert_true(at->is_over);
    g_assert_cmpfloat_with_epsilon(at->zyx[1], (n[1] - 1) / 2.0, 1);
    g_assert_cmpfloat_with_epsilon(at->zyx[2], (n[2] - 1) / 2.0, 1);
}

static void at_two_pixels_a_pixel(void)
{
    char *study = study_path_small();
    window = opened_window(0, 0);
    opened_load(window, study);
    GtkWidget *view = GTK_WIDGET(dkm_wall_view(dkm_window_wall(window), 2));
    g_assert_cmpint(gtk_widget_get_scale_factor(view), ==, SCALE);
    display_shoot("hidpi");
    views_use_all_pixels(view);
    a_saved_picture_is_the_same(view);
    the_pointer_is_where_it_seems(view);
    opened_close(&window);
    study_path_free(study);
}

int main(int argc, char **argv)
{
    g_setenv("GDK_SCALE", G_STRINGIFY(SCALE), TRUE);
    if (!desk_start(&argc, &argv, "3000x1960x24"))
        return 0;
    g_test_add_func("/hidpi/at-two-pixels-a-pixel", at_two_pixels_a_pixel);
    return desk_run();
}
