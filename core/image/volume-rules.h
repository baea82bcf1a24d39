/* Predictors of a mask on a volume that know no network: what a result must be read beside. */
#pragma once

#include "core/mask.h"
#include "core/volume.h"

G_BEGIN_DECLS

/* Inside BOX, the voxels of VALUES (z, y, x, on TRUTH's grid) at or over the one threshold that
 * gives the best Dice there: chosen with the truth, an upper bound and no predictor. NULL:
 * NO_MEMORY. */
DkmMask *dkm_rule_best_threshold(const float *values, const DkmMask *truth, const DkmBox *box,
                                 GError **error);
/* The ellipsoid that fits into BOX: what the box alone tells. */
DkmMask *dkm_rule_ellipsoid(const DkmGrid *grid, const DkmBox *box, GError **error);
/* All of BOX. */
DkmMask *dkm_rule_everything(const DkmGrid *grid, const DkmBox *box, GError **error);
/* 100 (EARLY - PRE) / PRE >= PERCENT where PRE is over a tenth of its 99.5th percentile. */
DkmMask *dkm_rule_enhancement(const DkmVolume *pre, const DkmVolume *early, double percent,
                              GError **error);

G_END_DECLS
