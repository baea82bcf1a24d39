#include "core/image/agreement.h"

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

void dkm_agreement_bytes(const guint8 *mask, const guint8 *enhancing, gsize n, guint8 *out)
{
    static const guint8 bytes[4] = {DKM_AGREE_NEITHER, DKM_AGREE_MASK_ONLY,
                                    DKM_AGREE_ENHANCING_ONLY, DKM_AGREE_BOTH};
    for (gsize i = 0; i < n; i++)
        out[i] = bytes[(mask[i] != 0) + 2 * (enhancing[i] != 0)];
}
