#include "core/image/agreement.h"

#include <math.h>

void dkm_agreement(const DkmMask *mask, const DkmMask *enhancing, const DkmBox *within,
                   DkmAgreement *out)
{
    gsize a = 0, b = 0, both = 0;
    for (int z = within->first[0]; z < within->end[0]; z++)
        for (int y = within->first[1]; y < within->end[1]; y++)
            for (int x = within->first[2]; x < within->end[2]; x++) {
                const gboolean in_mask = dkm_mask_get(mask, z, y, x);
                const gboolean enhances = dkm_mask_get(enhancing, z, y, x);
                a += in_mask != 0;
                b += enhances != 0;
                both += in_mask && enhances;
            }
    const double ml = dkm_grid_voxel_ml(dkm_mask_grid(mask));
    *out = (DkmAgreement){(double)a * ml, (double)b * ml, (double)both * ml,
                          a + b ? 2.0 * (double)both / (double)(a + b) : 1};
}

static void include_slice(const DkmMask *mask, int z, DkmBox *box)
{
    const DkmGrid *grid = dkm_mask_grid(mask);
    for (int y = 0; y < grid->n[1]; y++)
        for (int x = 0; x < grid->n[2]; x++) {
            if (!dkm_mask_get(mask, z, y, x))
                continue;
            const int at[3] = {z, y, x};
            for (int k = 0; k < 3; k++) {
                box->first[k] = MIN(box->first[k], at[k]);
                box->end[k] = MAX(box->end[k], at[k] + 1);
            }
        }
}

gboolean dkm_mask_box(const DkmMask *mask, double margin_mm, DkmBox *box)
{
    const DkmGrid *grid = dkm_mask_grid(mask);
    *box = (DkmBox){{grid->n[0], grid->n[1], grid->n[2]}, {0, 0, 0}};
    for (int z = 0; z < grid->n[0]; z++)
        if (dkm_mask_slice_count(mask, z) > 0)
            include_slice(mask, z, box);
    if (box->end[0] == 0)
        return FALSE;
    for (int k = 0; k < 3; k++) {
        const int margin = (int)ceil(margin_mm / grid->spacing_mm[k]);
        box->first[k] = MAX(box->first[k] - margin, 0);
        box->end[k] = MIN(box->end[k] + margin, grid->n[k]);
    }
    return TRUE;
}

void dkm_agreement_bytes(const guint8 *mask, const guint8 *enhancing, gsize n, guint8 *out)
{
    static const guint8 bytes[4] = {DKM_AGREE_NEITHER, DKM_AGREE_MASK_ONLY,
                                    DKM_AGREE_ENHANCING_ONLY, DKM_AGREE_BOTH};
    for (gsize i = 0; i < n; i++)
        out[i] = bytes[(mask[i] != 0) + 2 * (enhancing[i] != 0)];
}
