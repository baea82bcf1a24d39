/* The picture of what the wall shows now, with the words that nothing may leave without. */
#include "gui/i18n.h"
#include "gui/window-private.h"

#define WORDS N_("Research use only – not for diagnosis")
#define BAND 28 /* logical pixels below the views, for the words */

static void draw_words(GtkWidget *wall, cairo_t *cr, int width, int top)
{
    int w, h;
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(wall, _(WORDS));
    g_autoptr(PangoFontDescription) font =
        pango_font_description_from_string("Cantarell, DejaVu Sans Bold 10");
    pango_layout_set_font_description(layout, font);
    pango_layout_get_pixel_size(layout, &w, &h);
    cairo_set_source_rgb(cr, 0.95, 0.76, 0.42);
    cairo_move_to(cr, (width - w) / 2.0, top + (BAND - h) / 2.0);
    pango_cairo_show_layout(cr, layout);
}

static GdkPixbuf *draw(GtkWidget *wall)
{
    const int scale = gtk_widget_get_scale_factor(wall);
    const int width = gtk_widget_get_allocated_width(wall);
    const int height = gtk_widget_get_allocated_height(wall);
    const int columns = width * scale, rows = (height + BAND) * scale;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, columns, rows);
    cairo_surface_set_device_scale(surface, scale, scale); /* words are drawn at it, as on screen */
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_paint(cr);
    cairo_save(cr);
    gtk_widget_draw(wall, cr);
    cairo_restore(cr);
    draw_words(wall, cr, width, height);
    cairo_destroy(cr);
    GdkPixbuf *pixbuf = gdk_pixbuf_get_from_surface(surface, 0, 0, columns, rows);
    cairo_surface_destroy(surface);
    return pixbuf;
}

/* The acquired phase that the view with the focus was made from, above all. */
static guint phase_of(const DkmReviewCase *on, const DkmPaneSpec *spec)
{
    switch (spec->image) {
    case DKM_IMAGE_PHASE:
    case DKM_IMAGE_SUBTRACTION:
        return MIN(spec->phase, dkm_review_case_n_phases(on) - 1);
    case DKM_IMAGE_MIP:
        return on->early;
    case DKM_IMAGE_PREDICTED: /* from the pre-contrast phase */
    default:
        return 0;
    }
}

void dkm_window_drop_picture(DkmWindow *self)
{
    g_clear_pointer(&self->picture.rgb, g_bytes_unref);
    g_free((char *)self->picture.description);
    self->picture = (DkmViewPicture){0};
}

gboolean dkm_window_take_picture(DkmWindow *self)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    DkmWall *shown = dkm_window_wall_typed_in(self);
    GtkWidget *wall = GTK_WIDGET(shown);
    dkm_window_drop_picture(self);
    g_autoptr(GdkPixbuf) pixbuf = on && gtk_widget_is_drawable(wall) ? draw(wall) : NULL;
    if (!pixbuf)
        return FALSE;
    const DkmSliceView *view = dkm_wall_view(shown, dkm_wall_focus(shown));
    const int slice = dkm_reading_look(self->reading)->slice;
    self->picture = (DkmViewPicture){
        .rgb = gdk_pixbuf_read_pixel_bytes(pixbuf),
        .rows = gdk_pixbuf_get_height(pixbuf),
        .columns = gdk_pixbuf_get_width(pixbuf),
        .stride = (gsize)gdk_pixbuf_get_rowstride(pixbuf),
        .phase = phase_of(on, dkm_slice_view_spec((DkmSliceView *)view)),
        .slice = slice,
        .description = g_strdup_printf("viewer, stage %s, slice %d of %d",
                                       dkm_stage_name(dkm_wall_stage(shown)), slice + 1,
                                       dkm_review_case_grid(on)->n[0]),
    };
    return TRUE;
}

void dkm_window_save_picture(DkmWindow *self, const char *path)
{
    if (self->picture.rgb)
        dkm_reading_capture(self->reading, &self->picture, path);
    dkm_window_drop_picture(self);
}
