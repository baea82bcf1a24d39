/* A diffusion module by itself, as a generator of post-contrast phases: in one step from any noise
 * level, and by deterministic chains. Not for: the kinetic code (network.h), volumes. */
#pragma once

#include "core/model/preset.h"
#include "core/net/plan.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* From which timestep a prediction begins, and in how many evaluations of the network it ends at
 * t = 0: STEPS 1 is the one-step prediction (x_t - s eps)/a. The chain is DDIM's with eta = 0
 * (Song et al. 2021, equation 12), the timesteps evenly spread: x_t' = a' x_k + s' eps, where x_k
 * and eps are what the network predicts at t. It begins at x_t = a x_0 + s noise, the forward
 * process of readings A and B; a chain of more than one step shows the network noised x_k where it
 * was trained on noised x_0: inconsistent by construction in these readings (specification of DKM,
 * section 1.4). A regression predicts in one step, whatever is asked. */
typedef struct {
    int t;     /* 1..1000 */
    int steps; /* 1..t */
} DkmChain;

typedef struct _DkmGenerator DkmGenerator;

/* PRESET with the reading and outputs that PARAMS (borrowed) were trained with; one plane of ROWS x
 * COLUMNS (multiples of 16). Errors: dkm_plan_new()'s. */
DkmGenerator *dkm_generator_new(const DkmPreset *preset, DkmParams *params, DkmDtype dtype,
                                const int size[2], GError **error);
void dkm_generator_free(DkmGenerator *generator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmGenerator, dkm_generator_free)

/* Planes of ROWS x COLUMNS. */
typedef struct {
    const float *x_0;   /* z-scores */
    const float *noise; /* standard normals */
    float *late;        /* z-scores: the result */
} DkmGeneratorPlanes;
/* The late phase from the pre-contrast one. Errors: dkm_plan_run()'s. */
gboolean dkm_generator_run(DkmGenerator *generator, const DkmChain *chain,
                           const DkmGeneratorPlanes *planes, GCancellable *cancel, GError **error);

G_END_DECLS
