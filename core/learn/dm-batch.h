/* One batch for the diffusion module: noised windows, what it should answer, how much each counts.
 * Host memory. Only files of this folder include it. */
#pragma once

#include "core/learn/crop.h"
#include "core/learn/intensity.h"
#include "core/model/schedule.h"

G_BEGIN_DECLS

typedef struct {
    DkmPreset preset;
    DkmSchedule schedule;
    int samples, side;
    float *x, *time, *target, *weight; /* the network's inputs, whole batch */
    float *x_0, *noise;                /* of the sample filled last */
} DkmDmBatch;

void dkm_dm_batch_init(DkmDmBatch *batch, const DkmPreset *preset, int samples, int side);
void dkm_dm_batch_clear(DkmDmBatch *batch);

/* The random choices of one sample. */
typedef struct {
    DkmCrop crop;
    int t;                         /* 1..1000 */
    guint64 seed, number;          /* of the noise: no two samples of a run share a number */
    const DkmIntensity *intensity; /* NULL: as it is */
} DkmDmDraw;

/* Fills sample PLACE of BATCH. */
void dkm_dm_batch_fill(DkmDmBatch *batch, int place, const DkmSample *sample,
                       const DkmDmDraw *draw);
/* The mean weighted squared error, at the sample filled last, of an answer that takes x_0 for x_k:
 * what has learnt kinetics must beat it. */
double dkm_dm_batch_unchanged_error(const DkmDmBatch *batch, int place);

G_END_DECLS
