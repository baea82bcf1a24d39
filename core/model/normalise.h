/* From image units to what the networks see: z-scores by statistics of the pre-contrast phase
 * alone, the same for every phase of a case, clamped. Specification of DKM, section 3. */
#pragma once

#include "core/volume.h"

G_BEGIN_DECLS

typedef enum {
    DKM_NORMALISE_FOREGROUND, /* over x_0 > 0.1 of its 99.5th percentile: one rule for crops without
                                 and volumes with air around them; what we ship */
    DKM_NORMALISE_VOLUME,     /* over every voxel: the paper's rule */
} DkmNormaliseRule;

#define DKM_NORMALISE_CLAMP 10.0f

typedef struct {
    float mean, sd; /* in image units; sd > 0 */
    float floor;    /* image value above which a voxel counts as foreground */
} DkmNormalisation;

/* Statistics of PRE. DKM_ERROR_INPUT for a volume without contrast: all voxels equal, no foreground
 * (negative values), or a foreground of one value; the message says which. */
gboolean dkm_normalisation_measure(const DkmVolume *pre, DkmNormaliseRule rule,
                                   DkmNormalisation *out, GError **error);
/* Image units to z-scores within +-DKM_NORMALISE_CLAMP, in place; returns how many were clamped. */
gsize dkm_normalisation_apply(const DkmNormalisation *normalisation, float *values, gsize n);
/* Back, without undoing the clamp. */
void dkm_normalisation_invert(const DkmNormalisation *normalisation, float *values, gsize n);

/* "foreground", "volume": as in metadata. Parsing NULL, where nothing is said: foreground. */
const char *dkm_normalise_rule_name(DkmNormaliseRule rule);
gboolean dkm_normalise_rule_parse(const char *text, DkmNormaliseRule *rule, GError **error);

G_END_DECLS
