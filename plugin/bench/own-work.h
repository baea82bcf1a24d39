/* What `dkm bench` times on our side beside peers and in training: one work of one preset in one
 * precision, with inputs and weights that can be handed to others. Single owner. */
#pragma once

#include "core/model/engine.h"
#include "core/model/preset.h"
#include "core/net/plan.h"

G_BEGIN_DECLS

typedef enum {
    DKM_WORK_DM_TAPS, /* the diffusion module to the fused codes */
    DKM_WORK_DM,      /* the whole of it */
    DKM_WORK_SM,      /* the segmentation module on given codes */
    DKM_WORK_SLICE,   /* what default inference runs: taps, then the SM */
    DKM_WORK_TRAIN_DM,
    DKM_WORK_TRAIN_SM,
    DKM_WORKS
} DkmWorkKind;
extern const char *const dkm_work_names[DKM_WORKS]; /* "dm-taps", ... */

typedef struct {
    DkmWorkKind kind;
    const DkmPreset *preset;
    DkmDtype dtype;
    int batch; /* slices a run; 0: one, in training 4 (wide networks: 1) */
    const DkmEngine *engine;
    DkmParams *params; /* f32, of both modules; training steps on a copy of its own */
} DkmOwnSetup;

typedef struct _DkmOwnWork DkmOwnWork;

/* Also computes the result that others are compared with: outputs of inference, the loss without
 * dropout before any step. All of SETUP is borrowed. Errors: NO_MEMORY, the device's. */
DkmOwnWork *dkm_own_work_new(const DkmOwnSetup *setup, GCancellable *cancel, GError **error);
void dkm_own_work_free(DkmOwnWork *work);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmOwnWork, dkm_own_work_free)

/* Once, as it is timed: inference from host memory to host memory; a training step on inputs that
 * are set. */
gboolean dkm_own_work_run(DkmOwnWork *work, GCancellable *cancel, GError **error);
double dkm_own_work_flop(const DkmOwnWork *work); /* of one run */
int dkm_own_work_batch(const DkmOwnWork *work);   /* slices a run */
int dkm_own_work_side(const DkmOwnWork *work);    /* pixels */
/* Relative L2 of WORK's result beside WANTED's, of the same kind and preset. */
double dkm_own_work_difference(const DkmOwnWork *work, const DkmOwnWork *wanted);
/* Inputs ("in.NAME") and result ("out.NAME") as a weights file. */
gboolean dkm_own_work_save(DkmOwnWork *work, const char *path, GError **error);

/* Random weights for PRESET's modules, made in PARAMS, under which every one matters. */
gboolean dkm_own_weights(const DkmPreset *preset, DkmParams *params, GError **error);

G_END_DECLS
