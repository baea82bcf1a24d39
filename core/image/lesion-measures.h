/* What a report says of one lesion: its size, and how it enhances in the measured phases.
 * Not for: what is a lesion, and how a report is written. */
#pragma once

#include "core/image/diameter.h"
#include "core/image/kinetics.h"

G_BEGIN_DECLS

/* A curve of three values: pre-contrast, early, late (late NaN where there is no late phase). */
typedef struct {
    double s0, early, late;
    double pe_percent; /* 100 (early - s0) / s0, of these means; NaN where s0 is not positive */
} DkmMeanCurve;

typedef struct {
    gsize voxels;
    double volume_ml;
    DkmDiameter in_space, in_plane;
    gboolean has_curve; /* some voxels, and phases to measure */
    DkmMeanCurve mean;  /* over the lesion */
    gboolean has_worst;
    DkmMeanCurve worst; /* of 3x3 voxels, as dkm_lesion_curve() finds them */
    int worst_zyx[3];   /* their middle */
    gboolean has_late;  /* what follows needs the late phase */
    DkmCurveType curve; /* of the worst 3x3, or of the mean where there is none */
    gsize ftv_voxels;   /* of the lesion that satisfy the FTV rule */
    double ftv_ml;
    double used_pre_contrast_threshold;
} DkmLesionMeasures;

/* SOURCE NULL: sizes alone; SOURCE->late NULL: no curve type and no FTV. The FTV's VOI is the box
 * around the lesion. Errors: GEOMETRY (the lesion lies on another lattice than the phases),
 * NO_MEMORY, CANCELLED. */
gboolean dkm_lesion_measure(const DkmMask *lesion, const DkmKineticSource *source,
                            const DkmFtvParameters *rule, DkmLesionMeasures *out,
                            GCancellable *cancel, GError **error);

G_END_DECLS
