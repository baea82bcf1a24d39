#include "core/image/cut.h"

#include <math.h>

/* Nearer to the middle than this the scanner's origin does not tell the breasts apart. */
#define MIDDLE_MM 15.0

/* The index axis that runs most along patient axis K (0 L, 1 P, 2 H), of those not in TAKEN. */
static int axis_along(const DkmGrid *grid, int k, int taken)
{
    int best = -1;
    for (int i = 0; i < 3; i++)
        if (i != taken && (best < 0 || fabs(grid->axis_lps[i][k]) > fabs(grid->axis_lps[best][k])))
            best = i;
    return best;
}

static DkmCutKind side_of(const DkmGrid *grid)
{
    int k = 0;
    for (int i = 1; i < 3; i++)
        if (fabs(grid->axis_lps[0][i]) > fabs(grid->axis_lps[0][k]))
            k = i;
    return (DkmCutKind)(DKM_CUT_SAGITTAL + k);
}

DkmCut dkm_cut_new(const DkmGrid *grid, DkmCutKind kind)
{
    const DkmCutKind acquired = side_of(grid);
    DkmCut cut = {acquired, 0, 1, 2, FALSE, FALSE};
    if (kind == DKM_CUT_ACQUIRED || kind == acquired)
        return cut;
    cut.side = kind;
    cut.normal = axis_along(grid, kind - DKM_CUT_SAGITTAL, 0);
    /* Picture columns run to L (sagittal: P), rows to F (axial: P). */
    const int across = kind == DKM_CUT_SAGITTAL ? 1 : 0, down = kind == DKM_CUT_AXIAL ? 1 : 2;
    cut.column = axis_along(grid, across, cut.normal);
    cut.row = 3 - cut.normal - cut.column;
    cut.flips_column = grid->axis_lps[cut.column][across] < 0;
    cut.flips_row = (grid->axis_lps[cut.row][down] < 0) == (kind == DKM_CUT_AXIAL);
    return cut;
}

const char *dkm_cut_name(const DkmCut *cut)
{
    static const char *const names[] = {"Acquired", "Sagittal", "Coronal", "Axial"};
    return names[cut->side];
}

static double turned(double at, gboolean flips, int n)
{
    return flips ? n - 1 - at : at;
}

void dkm_cut_to_zyx(const DkmCut *cut, const DkmGrid *grid, const double row_column[2],
                    double index, double zyx[3])
{
    zyx[cut->normal] = index;
    zyx[cut->row] = turned(row_column[0], cut->flips_row, grid->n[cut->row]);
    zyx[cut->column] = turned(row_column[1], cut->flips_column, grid->n[cut->column]);
}

void dkm_cut_from_zyx(const DkmCut *cut, const DkmGrid *grid, const double zyx[3],
                      double row_column[2])
{
    row_column[0] = turned(zyx[cut->row], cut->flips_row, grid->n[cut->row]);
    row_column[1] = turned(zyx[cut->column], cut->flips_column, grid->n[cut->column]);
}

void dkm_cut_direction(const DkmCut *cut, const DkmGrid *grid, int axis, double lps[3])
{
    const int index = axis ? cut->column : cut->row;
    const gboolean flips = axis ? cut->flips_column : cut->flips_row;
    for (int k = 0; k < 3; k++)
        lps[k] = flips ? -grid->axis_lps[index][k] : grid->axis_lps[index][k];
}

/* Offsets of the plane's places in z, y, x order: of (0, 0), and from row to row, column to column.
 */
typedef struct {
    gssize first, row, column;
    int rows, columns;
} Walk;

static Walk walk_new(const DkmCut *cut, const DkmGrid *grid, int index)
{
    const gssize step[3] = {(gssize)grid->n[1] * grid->n[2], grid->n[2], 1};
    Walk walk = {index * step[cut->normal], step[cut->row], step[cut->column], grid->n[cut->row],
                 grid->n[cut->column]};
    if (cut->flips_row) {
        walk.first += (walk.rows - 1) * walk.row;
        walk.row = -walk.row;
    }
    if (cut->flips_column) {
        walk.first += (walk.columns - 1) * walk.column;
        walk.column = -walk.column;
    }
    return walk;
}

void dkm_cut_values(const DkmCut *cut, const DkmVolume *volume, int index, float *out)
{
    if (cut->normal == 0 && cut->row == 1 && !cut->flips_row && !cut->flips_column) {
        dkm_volume_read_slice(volume, index, out);
        return;
    }
    const DkmGrid *grid = dkm_volume_grid(volume);
    const Walk walk = walk_new(cut, grid, index);
    const gssize in_slice = (gssize)grid->n[1] * grid->n[2];
    const guint16 *samples = dkm_volume_slice(volume, 0);
    const gboolean is_signed = dkm_volume_is_signed(volume);
    for (int r = 0; r < walk.rows; r++) {
        gssize at = walk.first + r * walk.row;
        for (int c = 0; c < walk.columns; c++, at += walk.column) {
            const int z = (int)(at / in_slice);
            const float stored = is_signed ? (float)(gint16)samples[at] : (float)samples[at];
            *out++ = stored * dkm_volume_slope(volume, z) + dkm_volume_intercept(volume, z);
        }
    }
}

void dkm_cut_bytes(const DkmCut *cut, const DkmGrid *grid, const guint8 *voxels, int index,
                   guint8 *out)
{
    const Walk walk = walk_new(cut, grid, index);
    for (int r = 0; r < walk.rows; r++)
        for (int c = 0; c < walk.columns; c++)
            *out++ = voxels[walk.first + r * walk.row + c * walk.column];
}

const char *dkm_breast_side(const double lps[3])
{
    if (fabs(lps[0]) < MIDDLE_MM)
        return NULL;
    return lps[0] > 0 ? "Left breast" : "Right breast";
}
