#include "gui/annotations-private.h"

#include "core/image/projection.h"
#include "gui/beside.h"
#include "gui/i18n.h"
#include "gui/legend.h"
#include "gui/words.h"

#include <math.h>
#include <pango/pangocairo.h>

#define NOT_RUN N_("Not there yet: run the network (Ctrl+R)")
#define LEGEND_WIDTH 9

static double draw_text(const DkmAnnotations *self, cairo_t *cr, Place place, Ink ink,
                        const char *font, const char *text)
{
    return dkm_annotations_text(self, cr, place, ink, font, text);
}

/* A thin amber frame: what is inside was not measured. */
static void draw_predicted_frame(const DkmAnnotations *self, cairo_t *cr)
{
    dkm_annotations_set_ink(cr, INK_PREDICTED);
    cairo_set_line_width(cr, 2);
    cairo_rectangle(cr, 3, 3, self->width - 6, self->height - 6);
    cairo_stroke(cr);
}

/* Where ZYX is in the picture, in logical pixels. */
static void to_picture(const DkmAnnotations *self, const double zyx[3], double *x, double *y)
{
    const DkmCut cut = dkm_pane_cut(self->spec, self->scene.on);
    const DkmViewport view = dkm_pane_viewport(self->spec, &self->scene, self->width, self->height);
    double at[2];
    dkm_cut_from_zyx(&cut, dkm_review_case_grid(self->scene.on), zyx, at);
    dkm_viewport_to_pixel(&view, at[1], at[0], x, y);
}

/* Where the planes across lie: two fine lines with a gap around the place where they meet. */
static void draw_lines(const DkmAnnotations *self, cairo_t *cr)
{
    const DkmLook *look = self->scene.look;
    double x, y;
    to_picture(self, (double[]){look->slice, look->row, look->column}, &x, &y);
    x = floor(x) + 0.5;
    y = floor(y) + 0.5;
    cairo_save(cr);
    cairo_new_path(cr);
    const double gap = 24, reach = self->width + self->height, rim = 3 * MARGIN;
    cairo_rectangle(cr, rim, rim, self->width - 2 * rim, self->height - 2 * rim);
    cairo_clip(cr);
    for (int k = 0; k < 4; k++) {
        const double dx = (k == 0) - (k == 1), dy = (k == 2) - (k == 3);
        cairo_move_to(cr, x + gap * dx, y + gap * dy);
        cairo_line_to(cr, x + reach * dx, y + reach * dy);
    }
    cairo_set_source_rgba(cr, 0.55, 0.78, 0.9, 0.35);
    cairo_set_line_width(cr, 1);
    cairo_stroke(cr);
    cairo_restore(cr);
}

/* --- values ----------------------------------------------------------------------------------- */

/* The voxel under the pointer; FALSE where this view does not show it. */
static gboolean pointed_voxel(const DkmAnnotations *self, const DkmCut *cut, int zyx[3])
{
    const DkmGrid *grid = dkm_review_case_grid(self->scene.on);
    if (!self->pointer->is_over || self->spec->image == DKM_IMAGE_MIP)
        return FALSE;
    for (int k = 0; k < 3; k++) {
        zyx[k] = (int)lround(self->pointer->zyx[k]);
        if (zyx[k] < 0 || zyx[k] >= grid->n[k])
            return FALSE;
    }
    return zyx[cut->normal] == dkm_look_index(self->scene.look, cut);
}

static gboolean is_whole(float value)
{
    return value == roundf(value);
}

/* As many as the window asks for; none where the samples are whole numbers. */
static int value_decimals(const DkmAnnotations *self, const DkmVolume *volume, int z)
{
    DkmLook look = *self->scene.look;
    const double width = dkm_look_window(&look, dkm_pane_group(self->spec))->width;
    if (is_whole(dkm_volume_slope(volume, z)) && is_whole(dkm_volume_intercept(volume, z)))
        return 0;
    return dkm_look_decimals(width / 10);
}

char *dkm_annotations_value(const DkmAnnotations *self, const int zyx[3])
{
    const DkmCut cut = dkm_pane_cut(self->spec, self->scene.on);
    const DkmVolume *pre, *volume = dkm_pane_volume(self->spec, &self->scene, &pre);
    double at[2];
    guint8 byte;
    dkm_cut_from_zyx(&cut, dkm_review_case_grid(self->scene.on), (double[]){zyx[0], zyx[1], zyx[2]},
                     at);
    if (dkm_pane_map_at(self->pane, (int)at[0], (int)at[1], &byte))
        return dkm_map_format(dkm_pane_map(self->spec, self->scene.look), byte);
    if (!volume || self->spec->shows_map)
        return NULL;
    const double value = (double)dkm_volume_value(volume, zyx[0], zyx[1], zyx[2]);
    const double less = pre ? (double)dkm_volume_value(pre, zyx[0], zyx[1], zyx[2]) : 0;
    const int decimals = value_decimals(self, volume, zyx[0]);
    const double unit = pow(10, -decimals); /* rounded here: printf() would write "-0" */
    return g_strdup_printf("%.*f", decimals, round((value - less) / unit) * unit + 0.0);
}

static void draw_value(const DkmAnnotations *self, cairo_t *cr, double bottom)
{
    const DkmCut cut = dkm_pane_cut(self->spec, self->scene.on);
    int zyx[3];
    if (!pointed_voxel(self, &cut, zyx))
        return;
    g_autofree char *value = dkm_annotations_value(self, zyx);
    if (!value)
        return;
    const double up =
        draw_text(self, cr, (Place){MARGIN, bottom, 0, 1}, INK_PLAIN, FONT_TITLE, value);
    g_autofree char *where = g_strdup_printf("x %d  y %d  z %d", zyx[2], zyx[1], zyx[0]);
    if (self->is_here)
        draw_text(self, cr, (Place){MARGIN, bottom - up, 0, 1}, INK_DIM, FONT_TEXT, where);
}

/* The same place in the other views. */
static void draw_linked_cross(const DkmAnnotations *self, cairo_t *cr)
{
    double x, y;
    to_picture(self, self->pointer->zyx, &x, &y);
    cairo_save(cr);
    cairo_new_path(cr);
    for (int k = 0; k < 4; k++) {
        const double dx = (k == 0) - (k == 1), dy = (k == 2) - (k == 3);
        cairo_move_to(cr, x + 0.5 + 4 * dx, y + 0.5 + 4 * dy);
        cairo_line_to(cr, x + 0.5 + 11 * dx, y + 0.5 + 11 * dy);
    }
    cairo_set_source_rgba(cr, 0, 0, 0, 0.6);
    cairo_set_line_width(cr, 3);
    cairo_stroke_preserve(cr);
    cairo_set_source_rgba(cr, 0.75, 0.9, 1, 0.9);
    cairo_set_line_width(cr, 1);
    cairo_stroke(cr);
    cairo_restore(cr);
}

/* --- legend ----------------------------------------------------------------------------------- */

static void draw_legend_bar(DkmColourMap map, cairo_t *cr, const cairo_rectangle_t *bar)
{
    const guint8(*colours)[3] = dkm_colour_map(map);
    for (int i = 0; i < (int)bar->height; i++) {
        const guint8 *rgb = colours[255 - i * 255 / ((int)bar->height - 1)];
        cairo_set_source_rgb(cr, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
        cairo_rectangle(cr, bar->x, bar->y + i, bar->width, 1);
        cairo_fill(cr);
    }
    cairo_set_source_rgba(cr, 0.8, 0.85, 0.9, 0.6);
    cairo_set_line_width(cr, 1);
    cairo_rectangle(cr, bar->x - 0.5, bar->y - 0.5, bar->width + 1, bar->height + 1);
    cairo_stroke(cr);
}

static int height_of(const DkmAnnotations *self, const char *font)
{
    int height;
    g_autoptr(PangoLayout) layout = dkm_annotations_layout(self, font, "H");
    pango_layout_get_pixel_size(layout, NULL, &height);
    return height;
}

/* Three classes: a square of each with its name. */
static void draw_classes(const DkmAnnotations *self, const DkmMapInfo *map, cairo_t *cr,
                         const DkmLegendRoom *room)
{
    const char *const names[] = {map->low, map->middle, map->high};
    const guint8(*colours)[3] = dkm_colour_map(map->colours);
    const double side = floor(0.8 * room->line), x = self->width - MARGIN - side;
    for (int i = 0; i < 3; i++) {
        const double y = dkm_legend_line(room, i);
        const guint8 *rgb = colours[85 * (i + 1)];
        cairo_set_source_rgb(cr, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
        cairo_rectangle(cr, x, y - side / 2, side, side);
        cairo_fill(cr);
        draw_text(self, cr, (Place){x - 6, y, 1, 0.5}, INK_PLAIN, FONT_TEXT, _(names[i]));
    }
}

/* LIFT: above what stands there in a narrow view. */
static void draw_legend(const DkmAnnotations *self, cairo_t *cr, double lift)
{
    const DkmMapInfo *map = dkm_map_info(dkm_pane_map(self->spec, self->scene.look));
    const DkmLegendRoom room = {self->height, MARGIN, height_of(self, FONT_TEXT),
                                height_of(self, FONT_SIDE), lift};
    DkmLegendBar place;
    if (map->full <= 0) {
        draw_classes(self, map, cr, &room);
        return;
    }
    if (!dkm_legend_bar(&room, map, &place))
        return;
    const cairo_rectangle_t bar = {self->width - MARGIN - LEGEND_WIDTH, place.top, LEGEND_WIDTH,
                                   place.height};
    draw_legend_bar(
        dkm_map_colours(dkm_pane_map(self->spec, self->scene.look), self->scene.look->heat), cr,
        &bar);
    const char *const marks[] = {map->high, map->middle, map->low};
    for (int i = 0; i < 3 && place.has_marks; i++) {
        g_autofree char *text =
            g_strconcat(dkm_word(marks[i]), " ", *marks[i] ? map->unit : "", NULL);
        draw_text(self, cr, (Place){bar.x - 5, bar.y + i * bar.height / 2, 1, 0.5}, INK_PLAIN,
                  FONT_TEXT, g_strchomp(text));
    }
    double middle[3];
    const int n = dkm_legend_names(&room, &place, map, middle);
    for (int i = 0; i < n; i++)
        draw_text(self, cr, (Place){bar.x - 5, middle[i], 1, 0.5}, INK_PLAIN, FONT_TEXT,
                  _(map->classes[i].words));
}

/* As wide as its widest words, with the colours beside them. */
static double legend_width(const DkmAnnotations *self, cairo_t *cr)
{
    const DkmMapInfo *map = dkm_map_info(dkm_pane_map(self->spec, self->scene.look));
    double width = 0;
    for (int i = 0; i < 3; i++) {
        const char *const marks[] = {map->high, map->middle, map->low};
        const char *words = map->classes[i].name ? map->classes[i].words : marks[i];
        g_autofree char *text = g_strconcat(dkm_word(words), " ", map->unit, NULL);
        width =
            MAX(width,
                dkm_annotations_measure(self, cr, &(Text){.font = FONT_TEXT, .text = text}).width);
    }
    return width + LEGEND_WIDTH + 2 * MARGIN;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* Near the middle and below the letters of the sides, on a dark plate: it explains why something is
 * not to be seen. */
static void draw_hint(const DkmAnnotations *self, cairo_t *cr, const char *words)
{
    const Text text = {.font = FONT_TITLE,
                       .text = words,
                       .room = MAX(self->width - 4.0 * MARGIN, 1),
                       .wraps = TRUE,
                       .align = PANGO_ALIGN_CENTER};
    const Size size = dkm_annotations_measure(self, cr, &text);
    const double y = MIN(self->height / 2.0 + 4 * MARGIN, self->height - 2 * MARGIN - size.height);
    const Place middle = {self->width / 2.0, y, 0.5, 0.5};
    cairo_set_source_rgba(cr, 0.08, 0.09, 0.11, 0.85);
    cairo_rectangle(cr, middle.x - size.width / 2 - MARGIN, middle.y - size.height / 2 - MARGIN,
                    size.width + 2 * MARGIN, size.height + 2 * MARGIN);
    cairo_fill(cr);
    dkm_annotations_put(self, cr, middle, &text);
}

static const char *not_run(const DkmAnnotations *self)
{
    int permille;
    double seconds;
    return self->reading && dkm_reading_is_running(self->reading, &permille, &seconds)
               ? _("The network is running…")
               : _(NOT_RUN);
}

static const char *missing_map(const DkmAnnotations *self, DkmMapView map)
{
    if (self->is_loading)
        return _("Loading…");
    if (map == DKM_MAP_VIEW_AGREEMENT && self->scene.on->early > 0)
        return self->scene.enhancing ? _("Needs a mask: run the network (Ctrl+R)")
                                     : _("Measuring…");
    return *dkm_map_info(map)->origin == 'p' ? not_run(self) : _("Needs a post-contrast phase");
}

const char *dkm_annotations_hint(const DkmAnnotations *self)
{
    const DkmVolume *pre;
    const DkmMapView map = dkm_pane_map(self->spec, self->scene.look);
    if (!dkm_pane_volume(self->spec, &self->scene, &pre)) {
        if (self->spec->image == DKM_IMAGE_PREDICTED)
            return not_run(self);
        if (self->scene.outside)
            return _("No slice here");
        if (self->spec->image == DKM_IMAGE_MIP)
            return _("Projecting…");
        return self->is_loading ? _("Loading…") : _("Not loaded");
    }
    const DkmMapSource maps = dkm_scene_maps(&self->scene);
    return self->spec->shows_map && !dkm_map_is_available(&maps, map) ? missing_map(self, map)
                                                                      : NULL;
}

/* Left of a legend words need as much. */
#define LEAST_ROOM 150

/* At the bottom left: whose the masks are, above the lower letter, and the value above them; LEGEND
 * is as wide, 0 for none. Returns how far it has to give way upwards. */
static double draw_feet(const DkmAnnotations *self, cairo_t *cr, const Corners *corners,
                        double legend)
{
    const gboolean is_raised = corners->lower.y + corners->lower.height < self->height - MARGIN;
    const double whole = MAX(self->width - 2.0 * MARGIN, 1), beside = whole - legend;
    const gboolean is_narrow = beside < LEAST_ROOM;
    const double masks =
        dkm_annotations_masks(self, cr, corners->lower.y, is_narrow ? whole : beside);
    draw_value(self, cr, masks > 0 || is_raised ? corners->lower.y - masks : self->height - MARGIN);
    return is_narrow ? masks : 0;
}

void dkm_annotations_draw(const DkmAnnotations *self, cairo_t *cr)
{
    if (!self->scene.on)
        return;
    const char *missing = dkm_annotations_hint(self);
    if (self->spec->shows_lines)
        draw_lines(self, cr);
    if (self->spec->image == DKM_IMAGE_PREDICTED)
        draw_predicted_frame(self, cr);
    if (self->spec->beside)
        dkm_annotations_beside_frame(self, cr);
    dkm_annotations_coverage(self, cr);
    const Corners corners = dkm_annotations_corners(self, cr);
    const gboolean has_legend =
        !missing && self->spec->shows_map && self->scene.look->shows_overlays;
    const double lift = draw_feet(self, cr, &corners, has_legend ? legend_width(self, cr) : 0);
    if (missing)
        draw_hint(self, cr, missing);
    else if (has_legend)
        draw_legend(self, cr, lift);
    if (self->pointer->is_over && !self->is_here && self->spec->image != DKM_IMAGE_MIP)
        draw_linked_cross(self, cr);
}
