#include "gui/box-outline.h"

/* Of what hangs beside the study it would be another place; a projection has no planes. */
static gboolean is_shown(const DkmPaneSpec *spec, const DkmScene *scene)
{
    const DkmLook *look = scene->look;
    return scene->on && look->has_box && !spec->beside && spec->image != DKM_IMAGE_MIP &&
           (look->shows_overlays || look->armed == DKM_ARMED_BOX);
}

static void corner(const DkmCut *cut, const DkmGrid *grid, const DkmViewport *view,
                   const int voxel[3], double xy[2])
{
    const double zyx[3] = {voxel[0] - 0.5, voxel[1] - 0.5, voxel[2] - 0.5};
    double place[2];
    dkm_cut_from_zyx(cut, grid, zyx, place);
    dkm_viewport_to_pixel(view, place[1], place[0], &xy[0], &xy[1]);
}

/* Full where the plane is inside, dashed where it is not. */
void dkm_box_outline_draw(const DkmPaneSpec *spec, const DkmScene *scene, int width, int height,
                          cairo_t *cr)
{
    if (!is_shown(spec, scene))
        return;
    const DkmLook *look = scene->look;
    const DkmCut cut = dkm_pane_cut(spec, scene->on);
    const DkmGrid *grid = dkm_review_case_grid(scene->on);
    const DkmViewport view = dkm_pane_viewport(spec, scene, width, height);
    const int index = dkm_look_index(look, &cut);
    const double dashes[] = {5, 4}, strength = look->armed == DKM_ARMED_BOX ? 1 : 0.6;
    double from[2], to[2];
    corner(&cut, grid, &view, look->box.first, from);
    corner(&cut, grid, &view, look->box.end, to);
    cairo_save(cr);
    cairo_new_path(cr);
    cairo_rectangle(cr, from[0] + 0.5, from[1] + 0.5, to[0] - from[0], to[1] - from[1]);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.6 * strength);
    cairo_set_line_width(cr, 3);
    cairo_stroke_preserve(cr);
    cairo_set_source_rgba(cr, 1, 0.82, 0.35, strength);
    cairo_set_line_width(cr, 1.4);
    if (index < look->box.first[cut.normal] || index >= look->box.end[cut.normal])
        cairo_set_dash(cr, dashes, 2, 0);
    cairo_stroke(cr);
    cairo_restore(cr);
}
