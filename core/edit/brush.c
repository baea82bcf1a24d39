#include "core/edit/brush.h"

#include <math.h>

/* One piece of a sweep, in millimetres of the grid's own axes, and where it paints. */
typedef struct {
    DkmMask *mask;
    DkmFlips *flips;
    guint8 value;
    DkmThreshold *only;
    const DkmGrid *grid;
    double start_mm[3], along_mm[3]; /* the segment: start and start + along */
    double length2_mm2;              /* of along */
    double radius_mm;
    int first[3], last[3]; /* voxels that may be touched, inclusive */
} Capsule;

static double thinnest_radius(const DkmBrush *brush, const DkmGrid *grid)
{
    double diagonal2 = 0;
    for (int axis = 0; axis < 3; axis++)
        if (axis != brush->normal)
            diagonal2 += grid->spacing_mm[axis] * grid->spacing_mm[axis];
    return 0.5 * sqrt(diagonal2) * (1 + 1e-9);
}

static void capsule_bound(Capsule *capsule, int axis)
{
    const double a = capsule->start_mm[axis], b = a + capsule->along_mm[axis];
    const double spacing = capsule->grid->spacing_mm[axis];
    const double end = capsule->grid->n[axis];
    capsule->first[axis] = (int)CLAMP(ceil((MIN(a, b) - capsule->radius_mm) / spacing), 0, end);
    capsule->last[axis] =
        (int)CLAMP(floor((MAX(a, b) + capsule->radius_mm) / spacing), -1, end - 1);
}

static void capsule_init(Capsule *capsule, const DkmBrush *brush, const DkmGrid *grid,
                         const double from[3], const double to[3])
{
    *capsule =
        (Capsule){.grid = grid, .radius_mm = MAX(brush->radius_mm, thinnest_radius(brush, grid))};
    for (int axis = 0; axis < 3; axis++) {
        const gboolean flat = axis == brush->normal;
        const double a = flat ? round(to[axis]) : from[axis], b = flat ? a : to[axis];
        capsule->start_mm[axis] = a * grid->spacing_mm[axis];
        capsule->along_mm[axis] = (b - a) * grid->spacing_mm[axis];
        capsule->length2_mm2 += capsule->along_mm[axis] * capsule->along_mm[axis];
        capsule_bound(capsule, axis);
        if (flat) {
            capsule->first[axis] = (int)CLAMP(a, 0, (double)grid->n[axis]);
            capsule->last[axis] = (int)CLAMP(a, -1, (double)grid->n[axis] - 1);
        }
    }
}

/* Squared distance of a point from the segment. */
static double capsule_distance2(const Capsule *capsule, const double point_mm[3])
{
    double offset[3], dot = 0, distance2 = 0;
    for (int k = 0; k < 3; k++) {
        offset[k] = point_mm[k] - capsule->start_mm[k];
        dot += offset[k] * capsule->along_mm[k];
    }
    const double t = capsule->length2_mm2 > 0 ? CLAMP(dot / capsule->length2_mm2, 0.0, 1.0) : 0.0;
    for (int k = 0; k < 3; k++) {
        const double d = offset[k] - t * capsule->along_mm[k];
        distance2 += d * d;
    }
    return distance2;
}

/* Whether voxel (z, y, x), whose centre is POINT_MM, is to become what it is not. */
static gboolean is_painted(const Capsule *capsule, const int at[3], const double point_mm[3])
{
    return capsule_distance2(capsule, point_mm) <= capsule->radius_mm * capsule->radius_mm &&
           (!capsule->only || dkm_threshold_accepts(capsule->only, at[0], at[1], at[2]));
}

/* One row: the voxels inside that do not have the value yet are flipped. */
static void paint_row(const Capsule *capsule, int z, int y)
{
    const double *spacing = capsule->grid->spacing_mm;
    const gsize start = dkm_grid_index(capsule->grid, z, y, 0);
    guint8 *row = dkm_mask_slice(capsule->mask, 0) + start;
    gsize run = 0;
    int x = capsule->first[2];
    for (; x <= capsule->last[2]; x++) {
        const double point[3] = {z * spacing[0], y * spacing[1], x * spacing[2]};
        if (row[x] != capsule->value && is_painted(capsule, (int[]){z, y, x}, point)) {
            row[x] = capsule->value;
            run++;
        } else if (run) {
            dkm_flips_add(capsule->flips, start + (gsize)x - run, run);
            run = 0;
        }
    }
    if (run)
        dkm_flips_add(capsule->flips, start + (gsize)x - run, run);
}

static void paint(const Capsule *capsule)
{
    for (int z = capsule->first[0]; z <= capsule->last[0]; z++)
        for (int y = capsule->first[1]; y <= capsule->last[1]; y++)
            paint_row(capsule, z, y);
}

/* A long sweep is painted in pieces of about a diameter: their union is the same capsule, and the
 * boxes that are searched stay small. */
void dkm_brush_sweep(const DkmBrush *brush, const double from[3], const double to[3], DkmMask *mask,
                     DkmFlips *flips)
{
    const DkmGrid *grid = dkm_mask_grid(mask);
    Capsule whole;
    capsule_init(&whole, brush, grid, from, to);
    const int pieces = 1 + (int)MIN(sqrt(whole.length2_mm2) / (2 * whole.radius_mm), 10000.0);
    for (int i = 0; i < pieces; i++) {
        double a[3], b[3];
        for (int k = 0; k < 3; k++) {
            a[k] = from[k] + (to[k] - from[k]) * i / pieces;
            b[k] = from[k] + (to[k] - from[k]) * (i + 1) / pieces;
        }
        if (brush->normal >= 0)
            a[brush->normal] = b[brush->normal] = to[brush->normal];
        Capsule piece;
        capsule_init(&piece, brush, grid, a, b);
        piece.mask = mask;
        piece.flips = flips;
        piece.value = brush->erase ? 0 : 1;
        piece.only = brush->only;
        paint(&piece);
    }
}
