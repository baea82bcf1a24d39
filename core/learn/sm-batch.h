/* One batch for the segmentation module: windows with all that its input shows, labels, and what
 * the diffusion module makes the codes from. Host memory. Only files of this folder include it. */
#pragma once

#include "core/learn/code-source.h"
#include "core/learn/crop.h"
#include "core/learn/intensity.h"
#include "core/learn/train.h"
#include "core/model/segmentation.h"

G_BEGIN_DECLS

typedef struct {
    DkmPreset preset;
    int samples, side;
    float *x_0, *noise; /* (samples, side, side): what the diffusion module sees */
    float *x;           /* (samples, side, side, inputs): what the segmentation module sees */
    float *label, *deep_label[DKM_SM_DEEP]; /* and at 1/2, 1/4 of the sides: by majority */
    DkmCodes codes; /* places for the fused levels, and for predicted phases */
} DkmSmBatch;

void dkm_sm_batch_init(DkmSmBatch *batch, const DkmPreset *preset, int samples, int side);
void dkm_sm_batch_clear(DkmSmBatch *batch);

/* The random choices of one sample: functions of the seed and of its number in the run. */
typedef struct {
    DkmCrop crop;
    int noise_y, noise_x; /* where the noise field begins */
    guint posts;          /* post-contrast phases that are shown, bits */
    gboolean has_intensity;
    DkmIntensity intensity;
} DkmSmDraw;
DkmSmDraw dkm_sm_draw(const DkmTrainOptions *options, const DkmSample *sample, guint64 number);

/* Fills sample PLACE of BATCH, but for predicted phases. */
void dkm_sm_batch_fill(DkmSmBatch *batch, int place, const DkmSample *sample,
                       const DkmSmDraw *draw);
/* Puts the predicted phases, which came with the codes, into x where its input shows them. */
void dkm_sm_batch_add_predicted(DkmSmBatch *batch);

G_END_DECLS
