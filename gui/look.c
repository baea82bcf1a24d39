#include "gui/look.h"

#include <math.h>

/* So much narrower than the values' own. */
#define MUCH_NARROWER 4.0

gboolean dkm_window_is_better(const DkmWindowLevel *stored, double low, double p95, double high)
{
    const double half = stored->width / 2;
    return stored->width > 0 && high - low > MUCH_NARROWER * stored->width &&
           fabs(p95 - stored->centre) <= half;
}

DkmWindowLevel *dkm_look_window(DkmLook *look, DkmWindowGroup group)
{
    DkmWindowLevel *const windows[] = {
        &look->window,           &look->sub_window,   &look->mip_window,      &look->prior_window,
        &look->prior_sub_window, &look->other_window, &look->predicted_window};
    return windows[group];
}

int dkm_look_decimals(double width)
{
    return width > 0 ? CLAMP((int)ceil(log10(20 / width) - 1e-9), 0, 6) : 0;
}

int dkm_look_index(const DkmLook *look, const DkmCut *cut)
{
    const int at[3] = {look->slice, look->row, look->column};
    return at[cut->normal];
}

void dkm_look_set_index(DkmLook *look, const DkmCut *cut, int index)
{
    int *const at[3] = {&look->slice, &look->row, &look->column};
    *at[cut->normal] = index;
}

DkmAim dkm_look_aim(const DkmLook *look, const DkmCut *cut, const DkmGrid *grid)
{
    const double middle[3] = {look->centre_slice, look->aim.centre_row, look->aim.centre_column};
    double at[2];
    dkm_cut_from_zyx(cut, grid, middle, at);
    return (DkmAim){look->aim.zoom, at[1], at[0]};
}

void dkm_look_set_aim(DkmLook *look, const DkmCut *cut, const DkmGrid *grid, const DkmAim *aim)
{
    double middle[3] = {look->centre_slice, look->aim.centre_row, look->aim.centre_column};
    const double along = middle[cut->normal];
    dkm_cut_to_zyx(cut, grid, (double[]){aim->centre_row, aim->centre_column}, along, middle);
    look->aim = (DkmAim){aim->zoom, middle[2], middle[1]};
    look->centre_slice = middle[0];
}

DkmLook dkm_look_linked(const DkmLook *look, const DkmLink *link, guint *outside)
{
    DkmLook out = *look;
    int *const at[3] = {&out.slice, &out.row, &out.column};
    double there[3], middle[3];
    dkm_link_forth(link, (double[]){look->slice, look->row, look->column}, there);
    dkm_link_forth(link,
                   (double[]){look->centre_slice, look->aim.centre_row, look->aim.centre_column},
                   middle);
    *outside = 0;
    for (int k = 0; k < 3; k++) {
        const int nearest = (int)lround(CLAMP(there[k], -1, link->to.n[k]));
        *at[k] = CLAMP(nearest, 0, link->to.n[k] - 1);
        *outside |= nearest == *at[k] ? 0 : 1u << k;
    }
    out.centre_slice = middle[0];
    out.aim = (DkmAim){look->aim.zoom, middle[2], middle[1]};
    return out;
}
