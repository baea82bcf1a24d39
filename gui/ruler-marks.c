#include "gui/ruler-marks.h"

#include "gui/annotations-private.h"

#include <math.h>

#define MARK 6.0  /* half of the mark across an end */
#define APART 9.0 /* of the length from the end that it stands beside */
#define ROOM 70.0 /* that it needs before the view's edge */

typedef struct {
    double x, y;
} Spot;

static Spot spot_of(const DkmAnnotations *words, const DkmCut *cut, const DkmViewport *view,
                    const double zyx[3])
{
    double place[2];
    Spot spot;
    dkm_cut_from_zyx(cut, dkm_review_case_grid(words->scene.on), zyx, place);
    dkm_viewport_to_pixel(view, place[1], place[0], &spot.x, &spot.y);
    return (Spot){spot.x + 0.5, spot.y + 0.5};
}

/* A dark rim below: legible on any grey. */
static void stroke(cairo_t *cr)
{
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.7);
    cairo_set_line_width(cr, 4);
    cairo_stroke_preserve(cr);
    cairo_set_source_rgb(cr, 0.55, 0.95, 1);
    cairo_set_line_width(cr, 1.5);
    cairo_stroke(cr);
}

static void draw_line(cairo_t *cr, Spot from, Spot to)
{
    const double length = hypot(to.x - from.x, to.y - from.y);
    const double across_x = length > 0 ? (from.y - to.y) / length * MARK : MARK;
    const double across_y = length > 0 ? (to.x - from.x) / length * MARK : 0;
    cairo_new_path(cr);
    cairo_move_to(cr, from.x, from.y);
    cairo_line_to(cr, to.x, to.y);
    cairo_move_to(cr, from.x - across_x, from.y - across_y);
    cairo_line_to(cr, from.x + across_x, from.y + across_y);
    cairo_move_to(cr, to.x - across_x, to.y - across_y);
    cairo_line_to(cr, to.x + across_x, to.y + across_y);
    stroke(cr);
}

/* Beside the end that is further to the right, in its line; where there is no room, beside the
 * other. */
static void draw_length(const DkmAnnotations *words, cairo_t *cr, Spot from, Spot to, double mm)
{
    const Spot left = from.x <= to.x ? from : to, right = from.x <= to.x ? to : from;
    const gboolean fits = right.x + APART + ROOM <= words->width;
    const Spot at = fits ? right : left;
    const Place place = {fits ? at.x + APART : at.x - APART, CLAMP(at.y, 10, words->height - 10),
                         fits ? 0 : 1, 0.5};
    g_autofree char *text = g_strdup_printf("%.1f mm", mm);
    dkm_annotations_text(words, cr, place, INK_PLAIN, FONT_TITLE, text);
}

void dkm_ruler_marks_draw(const DkmAnnotations *words, cairo_t *cr)
{
    const DkmScene *scene = &words->scene;
    const DkmRulers *rulers = scene->rulers;
    if (!scene->on || !rulers || words->spec->image == DKM_IMAGE_MIP)
        return;
    if (!scene->look->shows_overlays && scene->look->armed != DKM_ARMED_RULER)
        return;
    const DkmGrid *grid = dkm_review_case_grid(scene->on);
    const DkmCut cut = dkm_pane_cut(words->spec, scene->on);
    const DkmViewport view = dkm_pane_viewport(words->spec, scene, words->width, words->height);
    const int index = dkm_look_index(scene->look, &cut);
    for (guint i = 0; i < dkm_rulers_count(rulers); i++) {
        const DkmRuler *ruler = dkm_rulers_get(rulers, i);
        if (!dkm_ruler_is_in(ruler, cut.normal, index))
            continue;
        const Spot from = spot_of(words, &cut, &view, ruler->ends_zyx[0]);
        const Spot to = spot_of(words, &cut, &view, ruler->ends_zyx[1]);
        draw_line(cr, from, to);
        draw_length(words, cr, from, to, dkm_ruler_mm(ruler, grid));
    }
}
