#include "gui/hanging.h"

#include "gui/i18n.h"

#include "core/series/beside.h"

/* Of the width, for a view that is larger than the others. */
#define LARGE_SHARE 0.66

const char *dkm_stage_name(DkmStage stage)
{
    static const char *const names[] = {N_("Overview"), N_("Compare"), N_("Kinetics"), N_("Edit"),
                                        N_("Prior")};
    return names[stage];
}

static void add(DkmHanging *hanging, DkmPaneSpec spec)
{
    hanging->panes[hanging->n++] = spec;
}

static gboolean has_contrast(const DkmReviewCase *on)
{
    return on->early > 0;
}

static gboolean has_late(const DkmReviewCase *on)
{
    return on->late > on->early && on->early > 0;
}

static DkmPaneSpec own_map(DkmMapView map, guint phase)
{
    return (DkmPaneSpec){.phase = phase, .shows_map = TRUE, .has_own_map = TRUE, .map = map};
}

/* --- the stages ------------------------------------------------------------------------------- */

static void hang_overview(const DkmReviewCase *on, DkmHanging *out)
{
    if (!has_contrast(on)) {
        add(out, (DkmPaneSpec){.is_bare = TRUE});
        add(out, (DkmPaneSpec){0});
        add(out, own_map(DKM_MAP_VIEW_CODE, 0));
        add(out, (DkmPaneSpec){.image = DKM_IMAGE_PREDICTED});
        return;
    }
    add(out, (DkmPaneSpec){.image = DKM_IMAGE_MIP, .phase = on->early});
    add(out, (DkmPaneSpec){.image = DKM_IMAGE_SUBTRACTION, .phase = on->early});
    add(out, (DkmPaneSpec){.phase = 0});
    add(out, (DkmPaneSpec){.phase = 0, .shows_map = TRUE});
}

static void hang_compare(const DkmReviewCase *on, DkmHanging *out)
{
    add(out, (DkmPaneSpec){.phase = 0});
    add(out, (DkmPaneSpec){.phase = on->early});
    if (has_late(on))
        add(out, (DkmPaneSpec){.phase = on->late});
    add(out, (DkmPaneSpec){.image = DKM_IMAGE_SUBTRACTION, .phase = on->early});
}

/* The upper row measured, the lower one beside the prediction. */
static void hang_kinetics(const DkmReviewCase *on, DkmHanging *out)
{
    if (!has_contrast(on)) {
        add(out, own_map(DKM_MAP_VIEW_CODE, 0));
        add(out, own_map(DKM_MAP_VIEW_PROBABILITY, 0));
        return;
    }
    if (has_late(on))
        add(out, (DkmPaneSpec){.phase = on->early});
    add(out, own_map(DKM_MAP_VIEW_PE, on->early));
    if (has_late(on)) {
        add(out, own_map(DKM_MAP_VIEW_SER, on->early));
        add(out, own_map(DKM_MAP_VIEW_CURVE, on->early));
    }
    add(out, own_map(DKM_MAP_VIEW_CODE, 0));
    add(out, own_map(DKM_MAP_VIEW_AGREEMENT, 0));
}

static void hang_edit(const DkmReviewCase *on, DkmHanging *out)
{
    const DkmCut acquired = dkm_cut_new(dkm_review_case_grid(on), DKM_CUT_ACQUIRED);
    add(out, (DkmPaneSpec){.phase = on->early, .shows_lines = TRUE});
    for (DkmCutKind kind = DKM_CUT_SAGITTAL; kind <= DKM_CUT_AXIAL; kind++)
        if (kind != acquired.side)
            add(out, (DkmPaneSpec){.phase = on->early, .cut = kind, .shows_lines = TRUE});
    out->first_is_large = TRUE;
}

static void add_pair(const DkmReviewCase *on, DkmHanging *out, DkmPaneSpec now, guint prior_phase)
{
    now.cut = dkm_cut_new(dkm_review_case_grid(on), DKM_CUT_ACQUIRED).side;
    now.shows_date = TRUE;
    DkmPaneSpec then = now;
    then.beside = DKM_BESIDE_PRIOR;
    then.phase = prior_phase;
    add(out, now);
    add(out, then);
}

/* The same kinds of image of both studies, side by side. */
static void hang_prior(const DkmReviewCase *on, DkmHanging *out)
{
    guint early, late;
    dkm_review_phases(dkm_studies_prior(on->studies, on->study)->dce, &early, &late);
    if (has_contrast(on) && early > 0) {
        add_pair(on, out, (DkmPaneSpec){.image = DKM_IMAGE_SUBTRACTION, .phase = on->early}, early);
        add_pair(on, out, (DkmPaneSpec){.phase = on->early}, early);
    } else {
        add_pair(on, out, (DkmPaneSpec){.phase = 0}, 0);
    }
}

gboolean dkm_hanging_stage(const DkmReviewCase *on, DkmStage stage, DkmHanging *out,
                           const char **why)
{
    const char *missing = NULL;
    *out = (DkmHanging){0};
    if (stage == DKM_STAGE_PRIOR && !dkm_studies_prior(on->studies, on->study))
        missing = N_("No earlier study of this patient in the folder");
    else if (stage == DKM_STAGE_COMPARE && !has_contrast(on))
        missing = N_("No post-contrast phase in this study");
    if (why)
        *why = missing;
    if (missing)
        return FALSE;
    switch (stage) {
    case DKM_STAGE_PRIOR:
        hang_prior(on, out);
        break;
    case DKM_STAGE_COMPARE:
        hang_compare(on, out);
        break;
    case DKM_STAGE_KINETICS:
        hang_kinetics(on, out);
        break;
    case DKM_STAGE_EDIT:
        hang_edit(on, out);
        break;
    default:
        hang_overview(on, out);
    }
    return TRUE;
}

DkmStage dkm_hanging_step(const DkmReviewCase *on, DkmStage stage, int step)
{
    DkmHanging hanging;
    for (int i = (int)stage + step; i >= 0 && i < DKM_STAGE_COUNT; i += step)
        if (dkm_hanging_stage(on, (DkmStage)i, &hanging, NULL))
            return (DkmStage)i;
    return stage;
}

/* --- where they stand ------------------------------------------------------------------------- */

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

/* Part I of N along a stretch from FROM, GAP apart. */
static void divide(int from, int whole, int n, int i, int *at, int *size)
{
    *at = from + i * whole / n;
    *size = from + (i + 1) * whole / n - *at;
}

static DkmTile shrunk(DkmTile tile, const DkmTile *area, int gap)
{
    if (tile.x + tile.width < area->x + area->width)
        tile.width -= gap;
    if (tile.y + tile.height < area->y + area->height)
        tile.height -= gap;
    return (DkmTile){tile.x, tile.y, MAX(tile.width, 1), MAX(tile.height, 1)};
}

DkmTile dkm_hanging_tile(const DkmHanging *hanging, guint i, const DkmPlane *plane, DkmTile area,
                         int gap)
{
    const int n = MAX((int)hanging->n, 1);
    DkmTile tile = area;
    if (hanging->first_is_large && n > 1) {
        const int large = (int)(area.width * LARGE_SHARE);
        tile.width = i == 0 ? large : area.width - large;
        tile.x = i == 0 ? area.x : area.x + large;
        if (i > 0)
            divide(area.y, area.height, n - 1, (int)i - 1, &tile.y, &tile.height);
        return shrunk(tile, &area, gap);
    }
    const int rows = (int)dkm_hanging_rows(hanging->n, plane, area.width, area.height);
    const int columns = (n + rows - 1) / rows;
    divide(area.x, area.width, columns, (int)i % columns, &tile.x, &tile.width);
    divide(area.y, area.height, rows, (int)i / columns, &tile.y, &tile.height);
    return shrunk(tile, &area, gap);
}
