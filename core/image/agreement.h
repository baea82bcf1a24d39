/* Where a mask and the measured enhancement agree, in numbers and voxel by voxel. */
#pragma once

#include "core/mask.h"

G_BEGIN_DECLS

typedef struct {
    double mask_ml, enhancing_ml, both_ml;
    double dice; /* 1 where both are empty */
} DkmAgreement;

/* Inside WITHIN; both masks on one grid. */
void dkm_agreement(const DkmMask *mask, const DkmMask *enhancing, const DkmBox *within,
                   DkmAgreement *out);

/* What a voxel of the difference is, as a byte that a colour map takes. */
typedef enum {
    DKM_AGREE_NEITHER = 0,
    DKM_AGREE_MASK_ONLY = 85,
    DKM_AGREE_ENHANCING_ONLY = 170,
    DKM_AGREE_BOTH = 255,
} DkmAgree;
/* N voxels of both (0 and 1) to DkmAgree. */
void dkm_agreement_bytes(const guint8 *mask, const guint8 *enhancing, gsize n, guint8 *out);

G_END_DECLS
