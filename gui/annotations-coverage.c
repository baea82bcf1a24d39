/* Which planes of a view's image have been on screen, and for how long: a strip at the left edge,
 * the sum in words, and more where the pointer rests on the strip. */
#include "gui/annotations-private.h"

#include "gui/i18n.h"

/* A plane counts as looked at, not merely passed, from here. */
#define LOOKED_AT_S 0.15
#define STRIP 4
#define RIM 2
#define HOVER 12 /* from the edge: a pointer so near is on the strip */

typedef enum { NOT_SEEN, PASSED, LOOKED_AT } Seen;

/* Nothing to page through, or nothing there. */
static int n_planes(const DkmAnnotations *self)
{
    const DkmVolume *pre;
    if (!self->scene.on || self->spec->image == DKM_IMAGE_MIP ||
        !dkm_pane_volume(self->spec, &self->scene, &pre))
        return 0;
    const DkmShown shown = dkm_pane_shown(self->spec, &self->scene);
    const int n = dkm_review_case_grid(self->scene.on)->n[shown.normal];
    return n > 1 ? n : 0;
}

/* The plane in view is being looked at. */
static Seen seen(const DkmAnnotations *self, int index, gint64 us)
{
    DkmShown shown = dkm_pane_shown(self->spec, &self->scene);
    if (shown.index == index)
        return LOOKED_AT;
    shown.index = index;
    const double seconds = dkm_coverage_seconds(self->coverage, &shown, us);
    return seconds >= LOOKED_AT_S ? LOOKED_AT : seconds > 0 ? PASSED : NOT_SEEN;
}

/* Inside the frame of what was predicted or hangs beside the study, left of the words. */
static cairo_rectangle_t strip(const DkmAnnotations *self)
{
    const double left = self->spec->beside == DKM_BESIDE_PRIOR                           ? 7
                        : self->spec->beside || self->spec->image == DKM_IMAGE_PREDICTED ? 5
                                                                                         : 2;
    return (cairo_rectangle_t){left, RIM, MIN(STRIP, MARGIN - 1 - left), self->height - 2.0 * RIM};
}

void dkm_annotations_coverage(const DkmAnnotations *self, cairo_t *cr)
{
    static const double inks[] = {[NOT_SEEN] = 0.16, [PASSED] = 0.42, [LOOKED_AT] = 0.70};
    const int n = n_planes(self);
    if (n == 0)
        return;
    const int now = dkm_pane_shown(self->spec, &self->scene).index;
    const cairo_rectangle_t in = strip(self);
    const gint64 us = g_get_monotonic_time();
    for (int index = 0; index < n; index++) {
        const double ink = inks[seen(self, index, us)];
        const double y = in.y + in.height * index / n, gap = in.height > 4 * n ? 1 : 0;
        cairo_set_source_rgba(cr, ink * 0.55, ink * 0.85, ink, 0.9);
        cairo_rectangle(cr, in.x, y, in.width, MAX(in.height / n - gap, 0.5));
        cairo_fill(cr);
    }
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_rectangle(cr, in.x - 1, in.y + in.height * now / n, in.width + 3, MAX(in.height / n, 2));
    cairo_fill(cr);
}

static void count_planes(const DkmAnnotations *self, int n, int counts[3])
{
    const gint64 us = g_get_monotonic_time();
    counts[NOT_SEEN] = counts[PASSED] = counts[LOOKED_AT] = 0;
    for (int index = 0; index < n; index++)
        counts[seen(self, index, us)]++;
}

char *dkm_annotations_coverage_text(const DkmAnnotations *self)
{
    const int n = n_planes(self);
    int counts[3];
    if (n == 0)
        return NULL;
    count_planes(self, n, counts);
    return g_strdup_printf(_("%d of %d seen"), counts[LOOKED_AT], n);
}

char *dkm_annotations_tip(const DkmAnnotations *self, double x, double y)
{
    const int n = n_planes(self);
    int counts[3];
    if (n == 0 || x < 0 || x >= HOVER)
        return NULL;
    DkmShown shown = dkm_pane_shown(self->spec, &self->scene);
    shown.index = CLAMP((int)((y - RIM) * n / (self->height - 2.0 * RIM)), 0, n - 1);
    count_planes(self, n, counts);
    const double seconds = dkm_coverage_seconds(self->coverage, &shown, g_get_monotonic_time());
    return g_strdup_printf(_("Slice %d of %d: on screen for %.1f s\n"
                             "%d looked at (bright), %d only passed (dim), %d not seen yet (dark)"),
                           shown.index + 1, n, seconds, counts[LOOKED_AT], counts[PASSED],
                           counts[NOT_SEEN]);
}
