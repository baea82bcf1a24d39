#include "core/edit/mask-tools.h"
#include "core/error.h"
#include "core/i18n.h"

#include <math.h>

/* The two axes that lie in a plane across AXIS, in the order z, y, x. */
static void plane_axes(int axis, int *rows, int *columns)
{
    *rows = axis == 0 ? 1 : 0;
    *columns = axis == 2 ? 1 : 2;
}

static gint by_value(gconstpointer a, gconstpointer b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Where the outline's edges cross the line through the centres of ROW. An edge holds its lower end
 * and not its upper one, so that a corner on the line counts once or twice and never half. */
static void cross_row(const DkmOutline *outline, int row, GArray *crossings)
{
    g_array_set_size(crossings, 0);
    for (gsize i = 0; i < outline->n; i++) {
        const double *a = outline->points[i], *b = outline->points[(i + 1) % outline->n];
        if ((a[0] <= row) == (b[0] <= row))
            continue;
        const double at = a[1] + (row - a[0]) * (b[1] - a[1]) / (b[0] - a[0]);
        g_array_append_val(crossings, at);
    }
    g_array_sort(crossings, by_value);
}

typedef struct {
    guint8 *first; /* pixel (row, 0) */
    gsize step;    /* from one pixel to the next */
    int n;
} PixelRow;

/* Sets the pixels whose centre lies in [crossing, next crossing), pair by pair. */
static void fill_row(const PixelRow *row, const GArray *crossings, guint8 value)
{
    for (guint i = 0; i + 1 < crossings->len; i += 2) {
        const double first = ceil(g_array_index(crossings, double, i));
        const double end = ceil(g_array_index(crossings, double, i + 1));
        const int last = (int)CLAMP(end, 0.0, (double)row->n);
        for (int x = (int)CLAMP(first, 0.0, (double)row->n); x < last; x++)
            row->first[(gsize)x * row->step] = value;
    }
}

DkmMask *dkm_mask_fill_outline(const DkmMask *mask, const DkmOutline *outline, gboolean erase,
                               GError **error)
{
    const DkmGrid *grid = dkm_mask_grid(mask);
    if (outline->plane < 0 || outline->plane >= grid->n[outline->axis]) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                            _("the outline does not lie in a slice of the images"));
        return NULL;
    }
    DkmMask *out = dkm_mask_dup(mask, error);
    if (!out)
        return NULL;
    const gsize steps[3] = {(gsize)grid->n[1] * (gsize)grid->n[2], (gsize)grid->n[2], 1};
    int rows, columns;
    plane_axes(outline->axis, &rows, &columns);
    guint8 *plane = dkm_mask_slice(out, 0) + (gsize)outline->plane * steps[outline->axis];
    g_autoptr(GArray) crossings = g_array_new(FALSE, FALSE, sizeof(double));
    for (int row = 0; row < grid->n[rows]; row++) {
        const PixelRow pixels = {plane + (gsize)row * steps[rows], steps[columns],
                                 grid->n[columns]};
        cross_row(outline, row, crossings);
        fill_row(&pixels, crossings, erase ? 0 : 1);
    }
    return out;
}
