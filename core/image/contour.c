#include "core/image/contour.h"

#include "core/error.h"
#include "core/image/distance.h"

#include <math.h>

static gboolean is_set(const DkmPlanePair *pair, const guint8 *mask, int y, int x)
{
    return y >= 0 && x >= 0 && y < pair->rows && x < pair->columns &&
           mask[(gsize)y * (gsize)pair->columns + (gsize)x];
}

static gboolean is_outline(const DkmPlanePair *pair, const guint8 *mask, int y, int x)
{
    return is_set(pair, mask, y, x) &&
           !(is_set(pair, mask, y - 1, x) && is_set(pair, mask, y + 1, x) &&
             is_set(pair, mask, y, x - 1) && is_set(pair, mask, y, x + 1));
}

static gboolean is_empty(const DkmPlanePair *pair, const guint8 *mask)
{
    for (gsize i = 0; i < (gsize)pair->rows * (gsize)pair->columns; i++)
        if (mask[i])
            return FALSE;
    return TRUE;
}

/* Of the outline pixels of FROM to the outline of TO. DISTANCE2 is scratch. */
static gboolean append(const DkmPlanePair *pair, const guint8 *from, const guint8 *to,
                       double *distance2, GArray *distances, GError **error)
{
    const int n[3] = {1, pair->rows, pair->columns};
    const double spacing_mm[3] = {1, pair->spacing_mm[0], pair->spacing_mm[1]};
    for (int y = 0; y < pair->rows; y++)
        for (int x = 0; x < pair->columns; x++)
            distance2[(gsize)y * (gsize)pair->columns + (gsize)x] =
                is_outline(pair, to, y, x) ? 0 : HUGE_VAL;
    if (!dkm_distance_transform(distance2, n, spacing_mm, error))
        return FALSE;
    for (int y = 0; y < pair->rows; y++)
        for (int x = 0; x < pair->columns; x++)
            if (is_outline(pair, from, y, x)) {
                const double mm = sqrt(distance2[(gsize)y * (gsize)pair->columns + (gsize)x]);
                g_array_append_val(distances, mm);
            }
    return TRUE;
}

gboolean dkm_contour_distances(const DkmPlanePair *pair, GArray *distances, GError **error)
{
    const gsize count = (gsize)pair->rows * (gsize)pair->columns;
    if (is_empty(pair, pair->a) || is_empty(pair, pair->b))
        return TRUE;
    g_autofree double *distance2 = g_try_new(double, count);
    if (!distance2)
        return dkm_error_set_no_memory(error, count * sizeof(double), "outline distances");
    return append(pair, pair->a, pair->b, distance2, distances, error) &&
           append(pair, pair->b, pair->a, distance2, distances, error);
}
