/* One slice of an examination: the anatomy seen through sequence, coil and receiver. The result
 * depends on the slice alone, so slices can be made by any thread in any order. */
#pragma once

#include "core/phantom/anatomy.h"
#include "core/phantom/protocol.h"

G_BEGIN_DECLS

/* A value; what it points to is borrowed. */
typedef struct {
    const DkmAnatomy *anatomy;
    const DkmPhantomProtocol *protocol;
    DkmGrid grid;
    guint n_phases;                                        /* of the protocol's */
    double mmol[DKM_PHANTOM_MAX_PHASES][DKM_TISSUE_COUNT]; /* usual concentration at each phase */
    float usual[DKM_PHANTOM_MAX_PHASES][DKM_TISSUE_COUNT]; /* signal at that concentration */
} DkmAcquisition;

void dkm_acquisition_init(DkmAcquisition *acquisition, const DkmAnatomy *anatomy,
                          const DkmPhantomProtocol *protocol, int coarse);
/* Slice Z of every phase into PHASES (n[1]*n[2] stored samples each) and of the truth into TRUTH
 * (0 or 1). */
void dkm_acquisition_slice(const DkmAcquisition *acquisition, int z, gint16 *const *phases,
                           guint8 *truth);
/* Sensitivity of the coil at P (LPS), about 1 in the middle of a breast. */
float dkm_acquisition_shading(const DkmAcquisition *acquisition, const float p[3]);
/* A magnitude: signal S with independent normal noise in the two channels of the receiver, drawn
 * from (SEED, VOXEL, PHASE). Its distribution is Rician (Gudbjartsson and Patz, MRM 34:910, 1995).
 */
double dkm_acquisition_magnitude(double s, double noise, guint64 seed, const guint32 place[2]);

G_END_DECLS
