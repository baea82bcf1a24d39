#include "gui/hanging.h"

guint dkm_hanging_first(const DkmReviewCase *on, DkmPaneSpec panes[DKM_HANGING_MOST])
{
    guint n = 0;
    panes[n++] = (DkmPaneSpec){.phase = 0, .is_bare = dkm_review_case_n_phases(on) == 1};
    if (dkm_review_case_n_phases(on) == 1)
        panes[n++] = (DkmPaneSpec){.phase = 0};
    if (on->early > 0)
        panes[n++] = (DkmPaneSpec){.phase = on->early};
    if (on->late > on->early)
        panes[n++] = (DkmPaneSpec){.phase = on->late};
    panes[n++] = (DkmPaneSpec){.phase = 0, .shows_map = TRUE};
    return n;
}

guint dkm_hanging_rows(guint n, const DkmPlane *plane, int width, int height)
{
    guint best = 1;
    double largest = 0;
    for (guint rows = 1; rows <= n; rows++) {
        const guint columns = (n + rows - 1) / rows;
        const double part_width = (double)width / columns, part_height = (double)height / rows;
        const double scale = MIN(part_width / (plane->columns * plane->spacing_mm[1]),
                                 part_height / (plane->rows * plane->spacing_mm[0]));
        if (scale > largest * 1.02) {
            largest = scale;
            best = rows;
        }
    }
    return best;
}
