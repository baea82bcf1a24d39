/* The product's one main function: a pre-contrast volume in, and post-contrast ones where the model
 * takes them and the caller gives them, mask, probability and kinetic-code
 * heat map out. normalise -> resample in the plane -> diffusion module to its taps (one step) ->
 * segmentation module -> back. Blocking, one engine thread at a time. Not for: files other than the
 * model's. */
#pragma once

#include "core/grid.h"
#include "core/mask.h"
#include "core/progress.h"
#include "core/volume.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A model file opened, its networks planned for one device. Single owner, used by one thread at a
 * time. */
typedef struct _DkmModel DkmModel;

/* DEVICE: "auto", "cpu", "cuda", "reference". THREADS 0: one a core. PRECISION: "f32", "bf16",
 * "int8" (of a calibrated file, on a device that has it), or NULL: the file's, else the device's.
 * Errors: MODEL with file and reason, DEVICE, USAGE. */
DkmModel *dkm_model_open(const char *path, const char *device, int threads, const char *precision,
                         GError **error);
void dkm_model_close(DkmModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmModel, dkm_model_close)
const char *dkm_model_weights_sha256(const DkmModel *model); /* hex */
const char *
dkm_model_device(const DkmModel *model); /* what was taken: "cpu: AMD EPYC, 2 threads, avx512" */
const char *dkm_model_meta(const DkmModel *model,
                           const char *key); /* any metadata of the file, or NULL */
/* The shipped models: the one trained on the pre-contrast phase alone, which is the better one for
 * it, and the one that takes any phases. */
typedef enum { DKM_SHIPPED_PRE, DKM_SHIPPED_ANY_PHASES } DkmShippedModel;
/* The path of one: DKM_MODEL in the environment, the build tree's, the installed one. g_free; NULL
 * and DKM_ERROR_MODEL naming where it was looked for. */
char *dkm_model_find(DkmShippedModel which, GError **error);

/* What else than the pre-contrast phase the model's segmentation module accepts: the sets of phases
 * in words, "pre, pre early, pre late, pre early late" (g_free), and whether WITH_EARLY and
 * WITH_LATE are one of them. */
char *dkm_model_accepted(const DkmModel *model);
gboolean dkm_model_accepts(const DkmModel *model, gboolean with_early, gboolean with_late);

/* Probabilities are means over N fields of noise, 1 to 64, each another view of the diffusion
 * module; at first as many as the file says, else one. */
enum { DKM_MOST_NOISE_FIELDS = 64 };
void dkm_model_set_noise_fields(DkmModel *model, int n);

typedef struct {
    DkmVolume *early, *late; /* on the grid of the pre-contrast phase; NULL: not to be used */
    const DkmBox *
        voi; /* restricts the run: outside it nothing is computed nor set; NULL: the whole volume */
    gboolean has_threshold; /* else the model's own (metadata), 0.5 where it has none */
    float threshold;        /* on the probability, 0 to 1 */
    gboolean
        predict; /* also the one-step post-contrast phases (costs the whole diffusion module) */
} DkmSegmentOptions;

/* What came out, on the grid of the input volume. A shared immutable. */
typedef struct {
    gatomicrefcount refs;
    DkmMask *mask;
    DkmGrid grid;
    guint8 *probability; /* z, y, x; 0..255 = probability 0..1; 0 outside the VOI */
    gboolean has_code;   /* FALSE: the model takes in no kinetic code, and its heat map is 0 */
    guint8
        *kinetic; /* z, y, x; 0..255: the kinetic-code heat map, defined in core/model/README.md */
    guint n_predicted; /* 0 unless asked for */
    DkmVolume
        *predicted[2]; /* early, late (or late alone); in the input's units, never measured data */
    const char *phases_used; /* "pre-contrast", "pre-contrast, early", ...; static */
    float threshold;
    double seconds; /* wall time of the run */
    char *weights_sha256, *device;
    char *scales_sha256; /* hex; of the calibration in use; NULL: none, int8 alone has one */
    GStrv refused; /* why better devices than this one were passed over; may be empty or NULL */
    const char *precision; /* "f32", "bf16", "int8" */
    guint64 noise_seed;
    int noise_fields; /* averaged over; their seeds count up from noise_seed; 0: no noise */
    int timestep;
    double mean, sd;      /* of the pre-contrast foreground: what z-scores were made with */
    double clamped_share; /* of the voxels of the slices computed: beyond 10 standard deviations */
} DkmResult;

/* Errors: GEOMETRY, USAGE (phases that the model does not accept), NO_MEMORY, DEVICE, CANCELLED
 * (within 0.3 s on the CPU). */
DkmResult *dkm_model_segment(DkmModel *model, DkmVolume *pre_contrast,
                             const DkmSegmentOptions *options, DkmProgress *progress,
                             GCancellable *cancel, GError **error);
DkmResult *dkm_result_ref(DkmResult *result);
void dkm_result_unref(DkmResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmResult, dkm_result_unref)

G_END_DECLS
