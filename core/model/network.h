/* Both modules as one network, planned for one lattice: noised image to taps to mask in one step.
 * Parameters are named "dm...." and "sm....". Single owner. Not for: volumes, files, geometry. */
#pragma once

#include "core/model/preset.h"
#include "core/model/scales.h"
#include "core/net/plan.h"

G_BEGIN_DECLS

typedef struct {
    const DkmPreset *preset;
    DkmDtype dtype;             /* of activations */
    int samples, rows, columns; /* rows, columns: multiples of 16 */
    gboolean code_only;         /* only the codes: no SM */
    gboolean predict;           /* also the post-contrast phases: costs the whole DM */
    const DkmScales *scales;    /* NULL: nothing in int8; else what the probability and the codes
                                   need is, as far as it takes int8. Read in new() alone */
    gboolean observe;           /* keep what calibration looks at */
    int noise_fields; /* probabilities are means over so many; 0, 1: one, as where there is no DM;
                         DKM_NO_NOISE: none, x_t = a x_0, whatever noise a run is given */
} DkmNetworkShape;
enum { DKM_NO_NOISE = -1 };

typedef struct _DkmNetwork DkmNetwork;

/* PARAMS is borrowed; it must hold every parameter (dkm_network_declare()). */
DkmNetwork *dkm_network_new(const DkmNetworkShape *shape, DkmParams *params, GError **error);
void dkm_network_free(DkmNetwork *network);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmNetwork, dkm_network_free)

/* Which post-contrast phases the SM sees from now on, as bits (preset.h): what its input accepts;
 * at first all that it takes. What is not shown is 0 to it, and to be set again when it is. */
void dkm_network_show(DkmNetwork *network, guint posts);
guint dkm_network_shown(const DkmNetwork *network);
gboolean dkm_network_accepts(const DkmNetwork *network, guint posts);
/* Z-scores (samples, rows, columns) of a phase that is shown, POST one bit; for the runs to come.
 */
void dkm_network_set_post(DkmNetwork *network, guint post, const float *values);
/* The noise of a run whose lattice begins at (Y, X): field I has the seed SEED + I and is the same
 * for all samples. (noise_fields, samples, rows, columns); g_free. Errors: NO_MEMORY. */
float *dkm_network_make_noise(const DkmNetwork *network, guint64 seed, int y, int x,
                              GError **error);
/* X_0: z-scores (samples, rows, columns); NOISE: standard normals, as dkm_network_make_noise()
 * gives them. Codes and phases are the first field's. Errors: as dkm_plan_run(). */
gboolean dkm_network_run(DkmNetwork *network, const float *x_0, const float *noise,
                         GCancellable *cancel, GError **error);
/* After a run: the probability of every pixel (samples, rows, columns). */
gboolean dkm_network_get_probability(DkmNetwork *network, float *out, GError **error);
/* The code f_(level+1), and what the SM made of it; shape as told by dkm_network_code_shape(). */
DkmShape dkm_network_code_shape(const DkmNetwork *network, int level);
gboolean dkm_network_get_code(DkmNetwork *network, int level, float *out, GError **error);
gboolean dkm_network_get_fused_code(DkmNetwork *network, int level, float *out, GError **error);
/* The one-step post-contrast phases, z-scores (samples, rows, columns, K). */
gboolean dkm_network_get_phases(DkmNetwork *network, float *out, GError **error);

/* Of a network that observes: the inputs of the convolutions that take int8, in the order of the
 * network. Name: as in DkmScales. */
guint dkm_network_n_observed(const DkmNetwork *network);
const char *dkm_network_observed_name(const DkmNetwork *network, guint i);
gsize dkm_network_observed_count(const DkmNetwork *network, guint i); /* values */
gboolean dkm_network_get_observed(DkmNetwork *network, guint i, float *out, GError **error);

/* FLOP of one run. */
double dkm_network_flop(const DkmNetwork *network);
/* The plan inside, for the bench: what it costs and where its time goes. Borrowed. */
DkmPlan *dkm_network_plan(const DkmNetwork *network);

/* Makes every parameter of the modules that PRESET uses (CODE_ONLY: of the DM) in PARAMS that is
 * not there, all zero: places for weights that are about to be loaded. */
gboolean dkm_network_declare(const DkmPreset *preset, gboolean code_only, DkmParams *params,
                             GError **error);
/* TRUE where SCALES has one for each convolution of PRESET's network that takes int8, and no other;
 * errors: dkm_scales_apply()'s. */
gboolean dkm_network_check_scales(const DkmPreset *preset, const DkmScales *scales, GError **error);
/* For measurement: SCALE for every one of them. */
DkmScales *dkm_network_same_scales(const DkmPreset *preset, float scale, GError **error);

G_END_DECLS
