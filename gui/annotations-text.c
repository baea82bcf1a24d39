/* Text over a picture: legible on any grey, and quick to draw again. */
#include "gui/annotations-private.h"

#include <math.h>
#include <pango/pangocairo.h>

void dkm_annotations_set_ink(cairo_t *cr, Ink ink)
{
    static const double inks[][4] = {
        [INK_PLAIN] = {0.90, 0.93, 0.95, 0.95},    [INK_DIM] = {0.66, 0.71, 0.75, 0.95},
        [INK_PREDICTED] = {0.95, 0.76, 0.42, 1.0}, [INK_PRIOR] = {0.80, 0.66, 1.0, 1.0},
        [INK_OTHER] = {0.52, 0.86, 0.80, 1.0},     [INK_WARNING] = {0.95, 0.76, 0.42, 1.0}};
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
#define MOST_DRAWN 800

static void drawn_free(gpointer data)
{
    cairo_surface_destroy(((Drawn *)data)->surface);
    g_free(data);
}

static PangoLayout *lay_out(const DkmAnnotations *self, const Text *text)
{
    PangoLayout *layout = dkm_annotations_layout(self, text->font, text->text);
    if (text->room <= 0)
        return layout;
    pango_layout_set_width(layout, (int)text->room * PANGO_SCALE);
    pango_layout_set_alignment(layout, text->align);
    if (text->wraps)
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    else
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    return layout;
}

static Drawn *draw_new(const DkmAnnotations *self, cairo_t *onto, const Text *text)
{
    Drawn *drawn = g_new(Drawn, 1);
    PangoRectangle box;
    g_autoptr(PangoLayout) layout = lay_out(self, text);
    pango_layout_get_pixel_extents(layout, NULL, &box);
    drawn->width = box.width;
    drawn->height = box.height;
    drawn->surface = cairo_surface_create_similar(cairo_get_target(onto), CAIRO_CONTENT_COLOR_ALPHA,
                                                  drawn->width + 2 * RIM, drawn->height + 2 * RIM);
    cairo_t *cr = cairo_create(drawn->surface);
    cairo_move_to(cr, RIM - box.x, RIM - box.y);
    pango_cairo_layout_path(cr, layout);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.75);
    cairo_set_line_width(cr, 2.5);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke_preserve(cr);
    dkm_annotations_set_ink(cr, text->ink);
    cairo_fill(cr);
    cairo_destroy(cr);
    return drawn;
}

/* Main thread, like all drawing. */
static const Drawn *drawn_for(const DkmAnnotations *self, cairo_t *cr, const Text *text)
{
    static GHashTable *kept;
    double scale, unused;
    cairo_surface_get_device_scale(cairo_get_target(cr), &scale, &unused);
    const double dots = pango_cairo_context_get_resolution(self->context);
    g_autofree char *key = g_strdup_printf("%d %.2f %.1f %d %d %d %s|%s", (int)text->ink, scale,
                                           dots, (int)MAX(text->room, 0), text->wraps,
                                           (int)text->align, text->font, text->text);
    if (!kept)
        kept = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, drawn_free);
    Drawn *drawn = g_hash_table_lookup(kept, key);
    if (drawn)
        return drawn;
    if (g_hash_table_size(kept) >= MOST_DRAWN)
        g_hash_table_remove_all(kept);
    drawn = draw_new(self, cr, text);
    g_hash_table_insert(kept, g_steal_pointer(&key), drawn);
    return drawn;
}

Size dkm_annotations_measure(const DkmAnnotations *self, cairo_t *cr, const Text *text)
{
    const Drawn *drawn = drawn_for(self, cr, text);
    return (Size){drawn->width, drawn->height};
}

Size dkm_annotations_put(const DkmAnnotations *self, cairo_t *cr, Place place, const Text *text)
{
    const Drawn *drawn = drawn_for(self, cr, text);
    cairo_set_source_surface(cr, drawn->surface,
                             floor(place.x - drawn->width * place.align_x) - RIM,
                             floor(place.y - drawn->height * place.align_y) - RIM);
    cairo_paint(cr);
    return (Size){drawn->width, drawn->height};
}

double dkm_annotations_text(const DkmAnnotations *self, cairo_t *cr, Place place, Ink ink,
                            const char *font, const char *text)
{
    return dkm_annotations_put(self, cr, place, &(Text){.ink = ink, .font = font, .text = text})
        .height;
}
