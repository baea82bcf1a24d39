#include "gui/annotations-private.h"

#include "core/image/projection.h"
#include "gui/beside.h"
#include "gui/i18n.h"
#include "gui/words.h"

#include <math.h>
#include <pango/pangocairo.h>

#define NOT_RUN N_("Not there yet: run the network (Ctrl+R)")
#define LETTER 8.0 /* half of one, as wide as they get */
#define LEGEND_WIDTH 9
#define LEGEND_MOST 132.0
#define LEGEND_LINE 14.0

static double draw_text(const DkmAnnotations *self, cairo_t *cr, Place place, Ink ink,
                        const char *font, const char *text)
{
    return dkm_annotations_text(self, cr, place, ink, font, text);
}

/* --- what and when ---------------------------------------------------------------------------- */

/* "Early", in words that begin a title or end one. */
static char *phase_name(const DkmAnnotations *self)
{
    const DkmReviewCase *on = self->scene.on;
    if (self->scene.series)
        return dkm_series_title(self->scene.series);
    switch (self->spec->image) {
    case DKM_IMAGE_PREDICTED:
        return g_strdup(self->spec->phase == 0 && (!on->result || on->result->n_predicted != 1)
                            ? _("Predicted early")
                            : _("Predicted late"));
    case DKM_IMAGE_PHASE:
        return dkm_word_phase(on, self->spec->phase);
    default: {
        g_autofree char *name = dkm_word_phase(on, self->spec->phase);
        return g_strdup_printf(_("%s − pre-contrast"), name);
    }
    }
}

static char *subtitle(const DkmAnnotations *self)
{
    const double seconds = self->scene.on->study->dce->phases[self->spec->phase].t_seconds;
    if (self->spec->beside == DKM_BESIDE_OTHER)
        return dkm_review_case_n_phases(self->scene.on) == 1
                   ? g_strdup(_("no phase of the dynamics"))
                   : g_strdup_printf(_("image %u of %u at each place, no phase of the dynamics"),
                                     self->spec->phase + 1,
                                     dkm_review_case_n_phases(self->scene.on));
    if (self->spec->image == DKM_IMAGE_PREDICTED)
        return g_strdup(_("by the network, never acquired"));
    if (self->spec->image == DKM_IMAGE_MIP)
        return g_strdup(_("turning projection, all slices"));
    return isnan(seconds) ? g_strdup_printf(_("phase %u"), self->spec->phase + 1)
                          : g_strdup_printf("%.0f s", seconds);
}

static gboolean is_predicted(const DkmAnnotations *self)
{
    const DkmMapInfo *map = dkm_map_info(dkm_pane_map(self->spec, self->scene.look));
    return self->spec->image == DKM_IMAGE_PREDICTED ||
           (self->spec->shows_map && map->origin[0] == 'p');
}

/* From here on a person is told. */
#define MOTION_TOLD_MM 1.0

/* Under the title of a subtraction: how far the patient has moved, and whether that was put right.
 */
static void draw_motion(const DkmAnnotations *self, cairo_t *cr, double y)
{
    const DkmMotion *motion = self->scene.motion;
    const gboolean is_early =
        self->spec->image != DKM_IMAGE_PHASE && self->spec->phase == self->scene.on->early;
    if (!motion || !is_early || motion->worst_mm < MOTION_TOLD_MM)
        return;
    g_autofree char *text = g_strdup_printf(dkm_pane_is_corrected(self->spec, &self->scene)
                                                ? _("MOTION CORRECTED, up to %.1f mm")
                                                : _("Motion of up to %.1f mm"),
                                            motion->worst_mm);
    draw_text(self, cr, (Place){MARGIN, y, 0, 0}, INK_PREDICTED, FONT_TEXT, text);
}

/* What is shown follows from an order that is not the rules'. */
static gboolean is_ordered(const DkmAnnotations *self)
{
    return self->scene.on->study->dce->order_given != NULL;
}

static void draw_title(const DkmAnnotations *self, cairo_t *cr)
{
    const DkmMapInfo *map = dkm_map_info(dkm_pane_map(self->spec, self->scene.look));
    const gboolean is_map = self->spec->shows_map;
    const gboolean is_twin = dkm_review_case_n_phases(self->scene.on) == 1 &&
                             !self->spec->is_bare && !self->spec->beside &&
                             self->spec->image == DKM_IMAGE_PHASE;
    g_autofree char *name = phase_name(self);
    g_autofree char *title = is_twin ? g_strdup_printf(_("%s with masks"), name) : g_strdup(name);
    g_autofree char *more = is_map ? g_strdup(_(map->origin)) : subtitle(self);
    const Ink ink = is_predicted(self) ? INK_PREDICTED : INK_DIM;
    double y = MARGIN + dkm_annotations_badge(self, cr);
    y += draw_text(self, cr, (Place){MARGIN, y, 0, 0}, ink == INK_DIM ? INK_PLAIN : ink, FONT_TITLE,
                   is_map ? _(map->name) : title);
    y += draw_text(self, cr, (Place){MARGIN, y, 0, 0}, ink, FONT_TEXT, more);
    if (is_ordered(self))
        y += draw_text(self, cr, (Place){MARGIN, y, 0, 0}, INK_PREDICTED, FONT_TEXT,
                       _("order of phases set by reader"));
    if (self->scene.link)
        dkm_annotations_link(self, cr, y);
    else if (!is_map)
        draw_motion(self, cr, y);
}

/* A thin amber frame: what is inside was not measured. */
static void draw_predicted_frame(const DkmAnnotations *self, cairo_t *cr)
{
    dkm_annotations_set_ink(cr, INK_PREDICTED);
    cairo_set_line_width(cr, 2);
    cairo_rectangle(cr, 3, 3, self->width - 6, self->height - 6);
    cairo_stroke(cr);
}

/* --- where ------------------------------------------------------------------------------------ */

static void plane_middle(const DkmGrid *grid, const DkmCut *cut, int index, double lps[3])
{
    double zyx[3];
    for (int k = 0; k < 3; k++)
        zyx[k] = (grid->n[k] - 1) / 2.0;
    zyx[cut->normal] = index;
    dkm_grid_to_lps(grid, zyx, lps);
}

char *dkm_slice_place(const DkmGrid *grid, const DkmCut *cut, int index)
{
    double lps[3];
    plane_middle(grid, cut, index, lps);
    const int axis = (int)cut->side - DKM_CUT_SAGITTAL;
    const char *letters = "RLAPFH";
    return g_strdup_printf("%c %.1f mm", letters[2 * axis + (lps[axis] >= 0)], fabs(lps[axis]));
}

/* Beside the place of a sagittal plane: which breast it goes through. */
static const char *breast(const DkmGrid *grid, const DkmCut *cut, int index)
{
    double lps[3];
    plane_middle(grid, cut, index, lps);
    return cut->side == DKM_CUT_SAGITTAL ? dkm_word(dkm_breast_side(lps)) : NULL;
}

static void draw_place(const DkmAnnotations *self, cairo_t *cr)
{
    const DkmGrid *grid = dkm_review_case_grid(self->scene.on);
    const DkmCut cut = dkm_pane_cut(self->spec, self->scene.on);
    const int index = dkm_look_index(self->scene.look, &cut);
    const double x = self->width - MARGIN;
    if (self->spec->image == DKM_IMAGE_MIP) {
        g_autofree char *turned =
            g_strdup_printf("%d°", self->scene.look->angle * 360 / DKM_ANGLES);
        draw_text(self, cr, (Place){x, MARGIN, 1, 0}, INK_PLAIN, FONT_TITLE, turned);
        return;
    }
    g_autofree char *count = g_strdup_printf("%s  %d / %d", dkm_word(dkm_cut_name(&cut)), index + 1,
                                             grid->n[cut.normal]);
    g_autofree char *place = dkm_slice_place(grid, &cut, index);
    const char *side = breast(grid, &cut, index);
    double y = MARGIN;
    y += draw_text(self, cr, (Place){x, y, 1, 0}, INK_PLAIN, FONT_TITLE, count);
    y += draw_text(self, cr, (Place){x, y, 1, 0}, INK_DIM, FONT_TEXT, place);
    if (side)
        draw_text(self, cr, (Place){x, y, 1, 0}, INK_DIM, FONT_TEXT, side);
}

static void draw_side(const DkmAnnotations *self, cairo_t *cr, const double axis[3], int sign,
                      Place place)
{
    const double direction[3] = {axis[0] * sign, axis[1] * sign, axis[2] * sign};
    char letters[4];
    dkm_grid_direction_letters(direction, letters);
    draw_text(self, cr, place, INK_PLAIN, FONT_SIDE, letters);
}

/* Beside the lines in the corners where there is room for it, else below them. */
static double top_of_letter(const DkmAnnotations *self)
{
    g_autofree char *name = phase_name(self);
    const DkmMapInfo *map = dkm_map_info(dkm_pane_map(self->spec, self->scene.look));
    const double scale = pango_cairo_context_get_resolution(self->context) / 96;
    const char *title = self->spec->shows_map ? map->name : name;
    const gboolean has_badge = self->spec->beside || self->spec->shows_date;
    g_autoptr(PangoLayout) layout = dkm_annotations_layout(self, FONT_TITLE, title);
    int width;
    pango_layout_get_pixel_size(layout, &width, NULL);
    const double words = has_badge ? MAX(width, 250 * scale) : width;
    const double finding = dkm_annotations_beside_finding(self) ? 16 : 0;
    const double below = (self->scene.link ? 92 + finding : has_badge ? 76 : 52) * scale;
    return MARGIN + words + MARGIN > self->width / 2.0 - LETTER * scale ? MARGIN + below : MARGIN;
}

static void draw_sides(const DkmAnnotations *self, cairo_t *cr)
{
    const DkmGrid *grid = dkm_review_case_grid(self->scene.on);
    const DkmCut cut = dkm_pane_cut(self->spec, self->scene.on);
    const double w = self->width, h = self->height;
    double down[3] = {0, 0, -1}, right[3];
    if (self->spec->image == DKM_IMAGE_MIP) {
        dkm_projection_direction(self->scene.look->angle, DKM_ANGLES, right);
    } else {
        dkm_cut_direction(&cut, grid, 0, down);
        dkm_cut_direction(&cut, grid, 1, right);
    }
    draw_side(self, cr, right, -1, (Place){MARGIN, h / 2, 0, 0.5});
    draw_side(self, cr, right, 1, (Place){w - MARGIN, h / 2, 1, 0.5});
    draw_side(self, cr, down, -1, (Place){w / 2, top_of_letter(self), 0.5, 0});
    draw_side(self, cr, down, 1, (Place){w / 2, h - MARGIN, 0.5, 1});
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

static void draw_window(const DkmAnnotations *self, cairo_t *cr)
{
    DkmLook look = *self->scene.look;
    const DkmWindowLevel *window = dkm_look_window(&look, dkm_pane_group(self->spec));
    g_autofree char *text =
        g_strdup_printf(window->invert ? _("W %.0f  L %.0f  inverted") : _("W %.0f  L %.0f"),
                        window->width, window->centre);
    draw_text(self, cr, (Place){self->width - MARGIN, self->height - MARGIN, 1, 1}, INK_DIM,
              FONT_TEXT, text);
}

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

static char *value_text(const DkmAnnotations *self, const DkmCut *cut, const int zyx[3])
{
    const DkmVolume *pre, *volume = dkm_pane_volume(self->spec, &self->scene, &pre);
    double at[2];
    guint8 byte;
    dkm_cut_from_zyx(cut, dkm_review_case_grid(self->scene.on), (double[]){zyx[0], zyx[1], zyx[2]},
                     at);
    if (dkm_pane_map_at(self->pane, (int)at[0], (int)at[1], &byte))
        return dkm_map_format(dkm_pane_map(self->spec, self->scene.look), byte);
    if (!volume)
        return NULL;
    const double value = (double)dkm_volume_value(volume, zyx[0], zyx[1], zyx[2]);
    const double less = pre ? (double)dkm_volume_value(pre, zyx[0], zyx[1], zyx[2]) : 0;
    return g_strdup_printf("%.0f", value - less);
}

static void draw_value(const DkmAnnotations *self, cairo_t *cr, double bottom)
{
    const DkmCut cut = dkm_pane_cut(self->spec, self->scene.on);
    int zyx[3];
    if (!pointed_voxel(self, &cut, zyx))
        return;
    g_autofree char *value = value_text(self, &cut, zyx);
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

/* --- coverage --------------------------------------------------------------------------------- */

/* A plane counts as looked at, not merely passed, from here. */
#define LOOKED_AT_S 0.15

/* A thin strip at the left edge: a segment a plane, dark where it was never on screen, dim where it
 * was passed, bright where it was looked at; the plane in view is marked. */
static void draw_coverage(const DkmAnnotations *self, cairo_t *cr)
{
    static const double inks[3] = {0.16, 0.42, 0.70};
    DkmShown shown = dkm_pane_shown(self->spec, &self->scene);
    const int now = shown.index, n = dkm_review_case_grid(self->scene.on)->n[shown.normal];
    const double top = 2, height = self->height - 4.0;
    const gint64 us = g_get_monotonic_time();
    for (shown.index = 0; shown.index < n; shown.index++) {
        const double seconds = dkm_coverage_seconds(self->coverage, &shown, us);
        const double ink = inks[seconds > 0 ? 1 + (seconds >= LOOKED_AT_S) : 0];
        const double y = top + height * shown.index / n;
        cairo_set_source_rgba(cr, ink * 0.55, ink * 0.85, ink, 0.9);
        cairo_rectangle(cr, 2, y, 3, MAX(height / n - (height > 4 * n ? 1 : 0), 0.5));
        cairo_fill(cr);
    }
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_rectangle(cr, 1, top + height * now / n, 6, MAX(height / n, 2));
    cairo_fill(cr);
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

/* Three classes: a square of each with its name. */
static void draw_classes(const DkmAnnotations *self, const DkmMapInfo *map, cairo_t *cr)
{
    const char *const names[] = {map->low, map->middle, map->high};
    const guint8(*colours)[3] = dkm_colour_map(map->colours);
    for (int i = 0; i < 3; i++) {
        const double x = self->width - MARGIN - 11, y = self->height - MARGIN - 36 - 17 * i;
        const guint8 *rgb = colours[85 * (i + 1)];
        cairo_set_source_rgb(cr, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
        cairo_rectangle(cr, x, y - 5.5, 11, 11);
        cairo_fill(cr);
        draw_text(self, cr, (Place){x - 6, y, 1, 0.5}, INK_PLAIN, FONT_TEXT, _(names[i]));
    }
}

/* Beside their colours, as near as their words fit. */
static void draw_map_classes(const DkmAnnotations *self, const DkmMapInfo *map, cairo_t *cr,
                             const cairo_rectangle_t *bar)
{
    double next = bar->y + bar->height;
    for (int i = 0; i < 3 && map->classes[i].name; i++) {
        const DkmMapClass *of = &map->classes[i];
        const double share = (of->from + of->to) / 2 / map->full;
        const double y = MIN(bar->y + bar->height * (1 - share), next);
        draw_text(self, cr, (Place){bar->x - 5, y, 1, 0.5}, INK_PLAIN, FONT_TEXT, _(of->words));
        next = y - LEGEND_LINE;
    }
}

static void draw_legend(const DkmAnnotations *self, cairo_t *cr)
{
    const DkmMapInfo *map = dkm_map_info(dkm_pane_map(self->spec, self->scene.look));
    if (map->full <= 0) {
        draw_classes(self, map, cr);
        return;
    }
    cairo_rectangle_t bar = {.x = self->width - MARGIN - LEGEND_WIDTH, .width = LEGEND_WIDTH};
    /* Below the letter of the right side. */
    bar.height = MIN(LEGEND_MOST, floor(self->height / 2.0) - 3 * MARGIN - 24);
    bar.y = self->height - MARGIN - 24 - bar.height;
    if (bar.height < 40)
        return;
    draw_legend_bar(
        dkm_map_colours(dkm_pane_map(self->spec, self->scene.look), self->scene.look->heat), cr,
        &bar);
    const char *const marks[] = {map->high, map->middle, map->low};
    const gboolean is_named =
        map->classes[0].name && bar.height < LEGEND_MOST; /* no room for both */
    for (int i = 0; i < 3 && !is_named; i++) {
        g_autofree char *text =
            g_strconcat(dkm_word(marks[i]), " ", *marks[i] ? map->unit : "", NULL);
        draw_text(self, cr, (Place){bar.x - 5, bar.y + i * bar.height / 2, 1, 0.5}, INK_PLAIN,
                  FONT_TEXT, g_strchomp(text));
    }
    draw_map_classes(self, map, cr, &bar);
}

/* --- all of it -------------------------------------------------------------------------------- */

/* Near the middle and below the letters of the sides, on a dark plate: it explains why something is
 * not to be seen. */
static void draw_hint(const DkmAnnotations *self, cairo_t *cr, const char *text)
{
    const Place middle = {self->width / 2.0, self->height / 2.0 + 4 * MARGIN, 0.5, 0.5};
    g_autoptr(PangoLayout) layout = dkm_annotations_layout(self, FONT_TITLE, text);
    int width, height;
    pango_layout_get_pixel_size(layout, &width, &height);
    cairo_set_source_rgba(cr, 0.08, 0.09, 0.11, 0.85);
    cairo_rectangle(cr, middle.x - width / 2.0 - MARGIN, middle.y - height / 2.0 - MARGIN,
                    width + 2 * MARGIN, height + 2 * MARGIN);
    cairo_fill(cr);
    draw_text(self, cr, middle, INK_PLAIN, FONT_TITLE, text);
}

static const char *missing_map(const DkmAnnotations *self, DkmMapView map)
{
    if (self->is_loading)
        return _("Loading…");
    if (map == DKM_MAP_VIEW_AGREEMENT && self->scene.on->early > 0)
        return self->scene.enhancing ? _("Needs a mask: run the network (Ctrl+R)")
                                     : _("Measuring…");
    return *dkm_map_info(map)->origin == 'p' ? _(NOT_RUN) : _("Needs a post-contrast phase");
}

/* Why there is no picture, or no colours; NULL where there are. */
static const char *hint(const DkmAnnotations *self)
{
    const DkmVolume *pre;
    const DkmMapView map = dkm_pane_map(self->spec, self->scene.look);
    if (!dkm_pane_volume(self->spec, &self->scene, &pre)) {
        if (self->spec->image == DKM_IMAGE_PREDICTED)
            return _(NOT_RUN);
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

void dkm_annotations_draw(const DkmAnnotations *self, cairo_t *cr)
{
    if (!self->scene.on)
        return;
    const char *missing = hint(self);
    if (self->spec->shows_lines)
        draw_lines(self, cr);
    if (self->spec->image == DKM_IMAGE_PREDICTED)
        draw_predicted_frame(self, cr);
    if (self->spec->beside)
        dkm_annotations_beside_frame(self, cr);
    if (!missing && self->spec->image != DKM_IMAGE_MIP)
        draw_coverage(self, cr);
    draw_title(self, cr);
    draw_place(self, cr);
    draw_sides(self, cr);
    draw_window(self, cr);
    const double masks = dkm_annotations_masks(self, cr);
    draw_value(self, cr, self->height - MARGIN - masks);
    if (missing)
        draw_hint(self, cr, missing);
    else if (self->spec->shows_map && self->scene.look->shows_overlays)
        draw_legend(self, cr);
    if (self->pointer->is_over && !self->is_here && self->spec->image != DKM_IMAGE_MIP)
        draw_linked_cross(self, cr);
}
