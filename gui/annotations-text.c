/* Text over a picture: legible on any grey, and quick to draw again. */
#include "gui/annotations-private.h"

#include <math.h>
#include <pango/pangocairo.h>

void dkm_annotations_set_ink(cairo_t *cr, Ink ink)
{
    static const double inks[][4] = {[INK_PLAIN] = {0.90, 0.93, 0.95, 0.95},
                                     [INK_DIM] = {0.66, 0.71, 0.75, 0.95},
                                     [INK_PREDICTED] = {0.95, 0.76, 0.42, 1.0},
                                     [INK_PRIOR] = {0.80, 0.66, 1.0, 1.0},
                                     [INK_OTHER] = {0.52, 0.86, 0.80, 1.0}};
    cairo_set_source_rgba(cr, inks[ink][0], inks[ink][1], inks[ink][2], inks[ink][3]);
}

PangoLayout *dkm_annotations_layout(const DkmAnnotations *self, const char *font, const char *text)
{
    PangoLayout *layout = pango_layout_new(self->context);
    g_autoptr(PangoFontDescription) description = pango_font_description_from_string(font);
    pango_layout_set_font_description(layout, description);
    pango_layout_set_text(layout, text, -1);
    return layout;
}

/* A text as it was drawn before: outlines are slow to fill, and most words stay from frame to
 * frame.
 */
typedef struct {
    cairo_surface_t *surface;
    int width, height; /* of the text, which begins RIM inside */
} Drawn;

#define RIM 3
#define MOST_DRAWN 400

static void drawn_free(gpointer data)
{
    cairo_surface_destroy(((Drawn *)data)->surface);
    g_free(data);
}

static Drawn *draw_new(const DkmAnnotations *self, cairo_t *onto, Ink ink, const char *font,
                       const char *text)
{
    Drawn *drawn = g_new(Drawn, 1);
    g_autoptr(PangoLayout) layout = dkm_annotations_layout(self, font, text);
    pango_layout_get_pixel_size(layout, &drawn->width, &drawn->height);
    drawn->surface = cairo_surface_create_similar(cairo_get_target(onto), CAIRO_CONTENT_COLOR_ALPHA,
                                                  drawn->width + 2 * RIM, drawn->height + 2 * RIM);
    cairo_t *cr = cairo_create(drawn->surface);
    cairo_move_to(cr, RIM, RIM);
    pango_cairo_layout_path(cr, layout);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.75);
    cairo_set_line_width(cr, 2.5);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke_preserve(cr);
    dkm_annotations_set_ink(cr, ink);
    cairo_fill(cr);
    cairo_destroy(cr);
    return drawn;
}

/* Main thread, like all drawing. */
static const Drawn *drawn_for(const DkmAnnotations *self, cairo_t *cr, Ink ink, const char *font,
                              const char *text)
{
    static GHashTable *kept;
    double scale, unused;
    cairo_surface_get_device_scale(cairo_get_target(cr), &scale, &unused);
    const double dots = pango_cairo_context_get_resolution(self->context);
    g_autofree char *key = g_strdup_printf("%d %.2f %.1f %s|%s", (int)ink, scale, dots, font, text);
    if (!kept)
        kept = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, drawn_free);
    Drawn *drawn = g_hash_table_lookup(kept, key);
    if (drawn)
        return drawn;
    if (g_hash_table_size(kept) >= MOST_DRAWN)
        g_hash_table_remove_all(kept);
    drawn = draw_new(self, cr, ink, font, text);
    g_hash_table_insert(kept, g_steal_pointer(&key), drawn);
    return drawn;
}

double dkm_annotations_text(const DkmAnnotations *self, cairo_t *cr, Place place, Ink ink,
                            const char *font, const char *text)
{
    const Drawn *drawn = drawn_for(self, cr, ink, font, text);
    cairo_set_source_surface(cr, drawn->surface,
                             floor(place.x - drawn->width * place.align_x) - RIM,
                             floor(place.y - drawn->height * place.align_y) - RIM);
    cairo_paint(cr);
    return drawn->height;
}
