/* The two-step training: first the diffusion module learns what contrast does, then the
 * segmentation module learns to use its code. Blocking; deterministic: every random choice follows
 * from the seed and the number of the step, so a run that is killed and resumed gives the same
 * weights, bit for bit, as one that was not. */
#pragma once

#include "core/learn/cases.h"
#include "core/model/preset.h"
#include "core/net/tensor.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
    gint64 step, steps; /* done, of the whole run */
    int epoch, epochs;  /* from 1 */
    double loss;        /* mean of this epoch so far */
    double slices_per_second, seconds_left;
    const char *validation; /* one line, after the last step of an epoch; else NULL */
} DkmTrainProgress;
/* Called after every step, from the training's thread. */
typedef void (*DkmTrainReport)(const DkmTrainProgress *progress, gpointer data);

/* A recipe. Begin with dkm_train_options_dm() or _sm() and change fields. All borrowed. */
typedef struct {
    const DkmPreset *preset;
    const GPtrArray *cases; /* of DkmCase* */
    const char *out;        /* the file to write; the checkpoint lies beside it: OUT.checkpoint */
    const char *dm;         /* SM: the file with the trained DM, where the preset uses one */
    gboolean resume;        /* go on from the checkpoint */
    const char *device;     /* dkm_backend_find() */
    int threads;
    DkmDtype dtype; /* of activations; weights are f32 always */
    guint64 seed;   /* of all choices */
    DkmSplit split;
    int epochs;                 /* DM: 0 writes one as it is initialised, a control */
    double minutes;             /* stop after so long, as if cancelled; 0: no bound */
    double checkpoint_minutes;  /* 0: only at the end */
    int batch, side;            /* slices a step; the network's square, a multiple of 16 */
    gboolean augment;           /* random places and symmetries; else the middle of each slice */
    gboolean augment_intensity; /* gain, gamma, bias field, noise */
    float rate;
    gboolean cosine; /* the rate falls to 0 over the epochs; else constant */
    float weight_decay, clip, average_decay;
    float dropout;             /* DM */
    float ssim_weight;         /* SM: lambda */
    float boundary_weight;     /* SM: of the boundary loss (core/learn/boundary.h); 0: without */
    gboolean deep_supervision; /* SM: losses at 1/2 and 1/4 of the sides as well */
    int noise_fields;          /* SM: that the file asks for, 1 to 64; 0: one; DKM_NO_NOISE */
    gboolean best;             /* SM: the result is the epoch with the best validation Dice */
    int validation_slices;     /* at most so many, spread evenly; 0: none */
    DkmTrainReport report;
    gpointer report_data;
} DkmTrainOptions;

/* DDPM's recipe (Adam 2e-4, clip 1, average 0.999, batch 16). */
DkmTrainOptions dkm_train_options_dm(void);
/* The paper's recipe (Adam 2e-5, weight decay 1e-6, 500 epochs, batch 1, no augmentation). */
DkmTrainOptions dkm_train_options_sm(void);

/* Trains the DM on the training patients; writes OUT (averaged weights under "dm." and metadata)
 * with every checkpoint and at the end. Cancelled or out of minutes: the checkpoint and OUT are
 * written, then DKM_ERROR_CANCELLED, or TRUE for minutes. Errors: INPUT, USAGE, MODEL, NO_MEMORY,
 * OUTPUT, DEVICE. */
gboolean dkm_train_dm(const DkmTrainOptions *options, GCancellable *cancel, GError **error);
/* The same for the SM; OUT holds both modules. */
gboolean dkm_train_sm(const DkmTrainOptions *options, GCancellable *cancel, GError **error);

G_END_DECLS
