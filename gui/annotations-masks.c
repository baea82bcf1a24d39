/* Whose the masks in a view are: the network's outline looks like a person's, so every view that
 * shows one says in words which it is, who has looked at it, and that it is outdated. */
#include "gui/annotations-private.h"

#include "gui/editing.h"
#include "gui/i18n.h"
#include "gui/words.h"

#include <math.h>

#define CHIP 9 /* a square of the outline's colour */
#define GAP 5
#define LOW 300 /* a view below this height names the selected mask alone */
#define MOST_NAMED 3

static gboolean shows_masks(const DkmAnnotations *self)
{
    const DkmVolume *pre;
    const DkmLook *look = self->scene.look;
    return look->shows_overlays && look->shows_masks && !self->spec->is_bare &&
           self->spec->image != DKM_IMAGE_MIP &&
           dkm_pane_volume(self->spec, &self->scene, &pre) != NULL;
}

/* Of a mask beside the study its file alone is known. */
static char *whose(const DkmAnnotations *self, const DkmLayer *layer)
{
    if (!self->spec->beside)
        return dkm_word_provenance(layer);
    return g_strdup(layer->info.origin == DKM_ORIGIN_NETWORK ? _("AI, from a file")
                                                             : _("from a file"));
}

char *dkm_annotations_outdated(const DkmAnnotations *self, cairo_t *cr, guint layer, double room)
{
    const DkmRunRecord *record =
        self->reading && !self->spec->beside ? dkm_reading_run_of(self->reading, layer) : NULL;
    char *why = record ? dkm_run_record_why_stale(record, self->scene.on, self->scene.look) : NULL;
    const Text whole = {.font = FONT_TEXT, .text = why};
    if (!why || dkm_annotations_measure(self, cr, &whole).width <= room)
        return why;
    g_free(why);
    return g_strdup(_("Outdated"));
}

static void draw_chip(cairo_t *cr, double y, guint32 rgb)
{
    cairo_set_source_rgb(cr, (rgb >> 16) / 255.0, ((rgb >> 8) & 0xff) / 255.0,
                         (rgb & 0xff) / 255.0);
    cairo_rectangle(cr, MARGIN, floor(y - CHIP / 2.0), CHIP, CHIP);
    cairo_fill_preserve(cr);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.75);
    cairo_set_line_width(cr, 1);
    cairo_stroke(cr);
}

/* The lines of the masks, from below upwards. */
typedef struct {
    const DkmAnnotations *on;
    cairo_t *cr;
    double room, bottom; /* of the next one */
} Lines;

/* Text alone where COLOUR is NULL. */
static void put_line(Lines *self, Ink ink, const guint32 *colour, const char *words)
{
    const Text text = {.ink = ink,
                       .font = FONT_TEXT,
                       .text = words,
                       .room = MAX(self->room - CHIP - GAP, 1),
                       .wraps = TRUE};
    const Place place = {MARGIN + CHIP + GAP, self->bottom, 0, 1};
    self->bottom -= dkm_annotations_put(self->on, self->cr, place, &text).height;
    const Text one = {.font = FONT_TEXT, .text = "A"};
    if (colour)
        draw_chip(self->cr,
                  self->bottom + dkm_annotations_measure(self->on, self->cr, &one).height / 2,
                  *colour);
}

/* Where its name takes too much room, the chip stands for it. */
static void put_mask(Lines *self, const DkmLayer *layer, Ink ink)
{
    const guint32 colour = dkm_editing_colour(layer);
    g_autofree char *name = dkm_word_layer(layer), *who = whose(self->on, layer);
    g_autofree char *words = g_strdup_printf("%s: %s", name, who);
    const double room = self->room - CHIP - GAP;
    g_autofree char *stale = dkm_annotations_outdated(self->on, self->cr, layer->id, room);
    const Text whole = {.font = FONT_TEXT, .text = words};
    const gboolean fits = dkm_annotations_measure(self->on, self->cr, &whole).width <= room;
    if (stale)
        put_line(self, INK_WARNING, NULL, stale);
    put_line(self, ink, &colour, fits ? words : who);
}

/* The selected mask above the others, which are named while there is room. */
static void put_masks(Lines *self, const DkmLayer *selected, guint n)
{
    const DkmLayers *layers = self->on->scene.on->layers;
    const guint most = self->on->height < LOW ? 1 : MOST_NAMED, all = dkm_layers_count(layers);
    if (n > most) {
        g_autofree char *more =
            g_strdup_printf(ngettext("and %u more mask", "and %u more masks", n - most), n - most);
        put_line(self, INK_DIM, NULL, more);
    }
    guint left = MIN(n, most) - (selected ? 1 : 0);
    for (guint i = 0; i < all && left > 0; i++) {
        const DkmLayer *layer = dkm_layers_get(layers, i);
        if (layer == selected || layer->voxels == 0)
            continue;
        put_mask(self, layer, INK_DIM);
        left--;
    }
    if (selected)
        put_mask(self, selected, INK_PLAIN);
}

double dkm_annotations_masks(const DkmAnnotations *self, cairo_t *cr, double bottom, double room)
{
    const DkmLayers *layers = self->scene.on->layers;
    const DkmLayer *selected =
        self->spec->beside ? NULL : dkm_layers_find(layers, self->scene.look->layer);
    guint n = 0;
    for (guint i = 0; i < dkm_layers_count(layers); i++)
        n += dkm_layers_get(layers, i)->voxels > 0;
    if (n == 0 || !shows_masks(self))
        return 0;
    if (selected && selected->voxels == 0)
        selected = NULL;
    Lines lines = {self, cr, room, bottom};
    put_masks(&lines, selected, n);
    return bottom - lines.bottom;
}
