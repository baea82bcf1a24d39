/* Windows of slices as the networks see them in training: a square cut out somewhere, turned or
 * mirrored, normalised. The training crops hold their tumour in the middle; cutting at random
 * places is what keeps a network from learning "the middle". */
#pragma once

#include "core/learn/cases.h"

G_BEGIN_DECLS

typedef struct {
    int y, x;       /* corner in the slice; may lie outside: the slice is mirrored at its edges */
    int side;       /* of the square */
    guint symmetry; /* bit 0: mirror x, bit 1: mirror y, bit 2: swap x and y */
} DkmCrop;

/* The square in the middle of the sample's slice. */
DkmCrop dkm_crop_centre(const DkmSample *sample, int side);
/* A square anywhere inside, in any of the eight symmetries where TURNED, by number I of SEED. */
DkmCrop dkm_crop_random(const DkmSample *sample, int side, gboolean turned, guint64 seed,
                        guint64 i);

/* SIDE*SIDE z-scores of PHASE into OUT, STRIDE floats apart (channels interleaved). */
void dkm_crop_read(const DkmSample *sample, DkmPhaseKind phase, const DkmCrop *crop, int stride,
                   float *out);
/* The mask, 0 or 1. */
void dkm_crop_read_mask(const DkmSample *sample, const DkmCrop *crop, float *out);

G_END_DECLS
