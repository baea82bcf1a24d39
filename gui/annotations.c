#include "gui/annotations.h"

#include <math.h>
#include <pango/pangocairo.h>

#define MARGIN 10
#define LEGEND_WIDTH 9
#define LEGEND_MOST 132.0

typedef enum { INK_PLAIN, INK_DIM, INK_PREDICTED } Ink;
/* Where a text stands: 0 is left or top, 0.5 the middle, 1 right or bottom. */
typedef struct {
    double x, y;
    double align_x, align_y;
} Place;

static void set_ink(cairo_t *cr, Ink ink)
{
    static const double inks[][4] = {[INK_PLAIN] = {0.90, 0.93, 0.95, 0.95},
                                     [INK_DIM] = {0.66, 0.71, 0.75, 0.95},
                                     [INK_PREDICTED] = {0.95, 0.76, 0.42, 1.0}};
    cairo_set_source_rgba(cr, inks[ink][0], inks[ink][1], inks[ink][2], inks[ink][3]);
}

static PangoLayout *new_layout(const DkmAnnotations *self, const char *font, const char *text)
{
    PangoLayout *layout = pango_layout_new(self->context);
    g_autoptr(PangoFontDescription) description = pango_font_description_from_string(font);
    pango_layout_set_font_description(layout, description);
    pango_layout_set_text(layout, text, -1);
    return layout;
}

/* Text with a dark rim, legible on any grey. Returns its height. */
static double draw_text(const DkmAnnotations *self, cairo_t *cr, Place place, Ink ink,
                        const char *font, const char *text)
{
    g_autoptr(PangoLayout) layout = new_layout(self, font, text);
    int width, height;
    pango_layout_get_pixel_size(layout, &width, &height);
    cairo_move_to(cr, floor(place.x - width * place.align_x),
                  floor(place.y - height * place.align_y));
    pango_cairo_layout_path(cr, layout);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.75);
    cairo_set_line_width(cr, 2.5);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke_preserve(cr);
    set_ink(cr, ink);
    cairo_fill(cr);
    return height;
}

#define FONT_TITLE "Cantarell, DejaVu Sans Bold 10"
#define FONT_TEXT "Cantarell, DejaVu Sans 9"
#define FONT_SIDE "Cantarell, DejaVu Sans Bold 11"

/* --- what and when ---------------------------------------------------------------------------- */

static void draw_title(const DkmAnnotations *self, cairo_t *cr)
{
    const DkmMapInfo *map = dkm_map_info(self->look->map);
    const gboolean is_map = self->spec->shows_map;
    g_autofree char *phase = dkm_review_case_phase_name(self->on, self->spec->phase);
    const gboolean is_twin = dkm_review_case_n_phases(self->on) == 1 && !self->spec->is_bare;
    g_autofree char *title = g_strconcat(phase, is_twin ? " with masks" : "", NULL);
    double y = MARGIN;
    y += draw_text(self, cr, (Place){MARGIN, y, 0, 0}, INK_PLAIN, FONT_TITLE,
                   is_map ? map->name : title);
    const double seconds = self->on->study->dce->phases[self->spec->phase].t_seconds;
    g_autofree char *when = isnan(seconds) ? g_strdup_printf("phase %u", self->spec->phase + 1)
                                           : g_strdup_printf("%.0f s", seconds);
    if (!is_map)
        draw_text(self, cr, (Place){MARGIN, y, 0, 0}, INK_DIM, FONT_TEXT, when);
    else
        draw_text(self, cr, (Place){MARGIN, y, 0, 0},
                  map->origin[0] == 'p' ? INK_PREDICTED : INK_DIM, FONT_TEXT, map->origin);
}

/* --- where ------------------------------------------------------------------------------------ */

char *dkm_slice_place(const DkmGrid *grid, int z)
{
    const double middle[3] = {z, (grid->n[1] - 1) / 2.0, (grid->n[2] - 1) / 2.0};
    double lps[3];
    dkm_grid_to_lps(grid, middle, lps);
    int axis = 0;
    for (int k = 1; k < 3; k++)
        if (fabs(grid->axis_lps[0][k]) > fabs(grid->axis_lps[0][axis]))
            axis = k;
    const char *letters = "RLAPFH";
    return g_strdup_printf("%c %.1f mm", letters[2 * axis + (lps[axis] >= 0)], fabs(lps[axis]));
}

static void draw_place(const DkmAnnotations *self, cairo_t *cr)
{
    const DkmGrid *grid = dkm_review_case_grid(self->on);
    g_autofree char *count = g_strdup_printf("%d / %d", self->look->slice + 1, grid->n[0]);
    g_autofree char *place = dkm_slice_place(grid, self->look->slice);
    double y = MARGIN;
    y += draw_text(self, cr, (Place){self->width - MARGIN, y, 1, 0}, INK_PLAIN, FONT_TITLE, count);
    draw_text(self, cr, (Place){self->width - MARGIN, y, 1, 0}, INK_DIM, FONT_TEXT, place);
}

static void draw_side(const DkmAnnotations *self, cairo_t *cr, const double axis[3], int sign,
                      Place place)
{
    const double direction[3] = {axis[0] * sign, axis[1] * sign, axis[2] * sign};
    char letters[4];
    dkm_grid_direction_letters(direction, letters);
    draw_text(self, cr, place, INK_PLAIN, FONT_SIDE, letters);
}

static void draw_sides(const DkmAnnotations *self, cairo_t *cr)
{
    const DkmGrid *grid = dkm_review_case_grid(self->on);
    const double w = self->width, h = self->height;
    draw_side(self, cr, grid->axis_lps[2], -1, (Place){MARGIN, h / 2, 0, 0.5});
    draw_side(self, cr, grid->axis_lps[2], 1, (Place){w - MARGIN, h / 2, 1, 0.5});
    draw_side(self, cr, grid->axis_lps[1], -1, (Place){w / 2, MARGIN, 0.5, 0});
    draw_side(self, cr, grid->axis_lps[1], 1, (Place){w / 2, h - MARGIN, 0.5, 1});
}

/* --- values ----------------------------------------------------------------------------------- */

static void draw_window(const DkmAnnotations *self, cairo_t *cr)
{
    g_autofree char *text =
        g_strdup_printf("W %.0f  L %.0f%s", self->look->window.width, self->look->window.centre,
                        self->look->window.invert ? "  inverted" : "");
    draw_text(self, cr, (Place){self->width - MARGIN, self->height - MARGIN, 1, 1}, INK_DIM,
              FONT_TEXT, text);
}

static void draw_value(const DkmAnnotations *self, cairo_t *cr)
{
    const DkmVolume *volume = dkm_review_case_phase(self->on, self->spec->phase);
    const int y = (int)round(self->pointer->zyx[1]), x = (int)round(self->pointer->zyx[2]);
    const DkmGrid *grid = dkm_review_case_grid(self->on);
    if (!self->pointer->is_over || !volume || y < 0 || x < 0 || y >= grid->n[1] || x >= grid->n[2])
        return;
    guint8 byte;
    g_autofree char *value =
        dkm_pane_map_at(self->pane, y, x, &byte)
            ? dkm_map_format(self->look->map, byte)
            : g_strdup_printf("%.0f", (double)dkm_volume_value(volume, self->look->slice, y, x));
    const double up = draw_text(self, cr, (Place){MARGIN, self->height - MARGIN, 0, 1}, INK_PLAIN,
                                FONT_TITLE, value);
    g_autofree char *where = g_strdup_printf("x %d  y %d", x, y);
    if (self->is_here)
        draw_text(self, cr, (Place){MARGIN, self->height - MARGIN - up, 0, 1}, INK_DIM, FONT_TEXT,
                  where);
}

/* The same place in the other views. */
static void draw_linked_cross(const DkmAnnotations *self, cairo_t *cr)
{
    const DkmPlane plane = dkm_pane_plane(self->on);
    const DkmViewport view = dkm_viewport_new(&plane, &self->look->aim, self->width, self->height);
    double x, y;
    dkm_viewport_to_pixel(&view, self->pointer->zyx[2], self->pointer->zyx[1], &x, &y);
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

static void draw_legend_bar(const DkmMapInfo *map, cairo_t *cr, const cairo_rectangle_t *bar)
{
    const guint8(*colours)[3] = dkm_colour_map(map->colours);
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

static void draw_legend(const DkmAnnotations *self, cairo_t *cr)
{
    const DkmMapInfo *map = dkm_map_info(self->look->map);
    cairo_rectangle_t bar = {.x = self->width - MARGIN - LEGEND_WIDTH, .width = LEGEND_WIDTH};
    /* Below the letter of the right side. */
    bar.height = MIN(LEGEND_MOST, floor(self->height / 2.0) - 3 * MARGIN - 24);
    bar.y = self->height - MARGIN - 24 - bar.height;
    if (bar.height < 40)
        return;
    draw_legend_bar(map, cr, &bar);
    const char *const marks[] = {map->high, map->middle, map->low};
    for (int i = 0; i < 3; i++) {
        g_autofree char *text = g_strconcat(marks[i], *marks[i] ? map->unit : "", NULL);
        draw_text(self, cr, (Place){bar.x - 5, bar.y + i * bar.height / 2, 1, 0.5}, INK_PLAIN,
                  FONT_TEXT, text);
    }
}

/* --- all of it -------------------------------------------------------------------------------- */

/* In the middle, on a dark plate: it explains why something is not to be seen. */
static void draw_hint(const DkmAnnotations *self, cairo_t *cr, const char *text)
{
    const Place middle = {self->width / 2.0, self->height / 2.0, 0.5, 0.5};
    g_autoptr(PangoLayout) layout = new_layout(self, FONT_TITLE, text);
    int width, height;
    pango_layout_get_pixel_size(layout, &width, &height);
    cairo_set_source_rgba(cr, 0.08, 0.09, 0.11, 0.85);
    cairo_rectangle(cr, middle.x - width / 2.0 - MARGIN, middle.y - height / 2.0 - MARGIN,
                    width + 2 * MARGIN, height + 2 * MARGIN);
    cairo_fill(cr);
    draw_text(self, cr, middle, INK_PLAIN, FONT_TITLE, text);
}

static const char *missing_map(const DkmAnnotations *self)
{
    if (self->is_loading)
        return "Loading…";
    return *dkm_map_info(self->look->map)->origin == 'p' ? "Not there yet: run the network"
                                                         : "Needs a post-contrast phase";
}

void dkm_annotations_draw(const DkmAnnotations *self, cairo_t *cr)
{
    if (!self->on)
        return;
    draw_title(self, cr);
    draw_place(self, cr);
    draw_sides(self, cr);
    draw_window(self, cr);
    draw_value(self, cr);
    if (!dkm_review_case_phase(self->on, self->spec->phase))
        draw_hint(self, cr, self->is_loading ? "Loading…" : "Not loaded");
    else if (self->spec->shows_map && !dkm_map_is_available(self->on, self->look->map))
        draw_hint(self, cr, missing_map(self));
    else if (self->spec->shows_map && self->look->shows_overlays)
        draw_legend(self, cr);
    if (self->pointer->is_over && !self->is_here)
        draw_linked_cross(self, cr);
}
