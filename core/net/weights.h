/* Weights on disk: the safetensors format, read through mmap with every offset checked.
 * Convolution weights are stored O,I,H,W (PyTorch's order) and permuted to OHWI on the way in and
 * out; (1,1,1,C) tensors are stored as [C], (1,1,2,C) as [2,C]. Metadata are string pairs.
 * Immutable once open; single owner. */
#pragma once

#include "core/net/plan.h"

G_BEGIN_DECLS

typedef struct _DkmWeights DkmWeights;

/* Errors DKM_ERROR_MODEL: not safetensors, header damaged or over 64 MiB, offsets outside,
 * overlapping or with gaps, unknown dtype (F32 only), the stored sha256 does not match. The message
 * names the file and the reason. */
DkmWeights *dkm_weights_open(const char *path, GError **error);
void dkm_weights_close(DkmWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmWeights, dkm_weights_close)
/* Metadata value or NULL. "sha256" of the tensor bytes is written by save and checked by open. */
const char *dkm_weights_meta(const DkmWeights *weights, const char *key);
/* All of it but "sha256", sorted by key: alternating keys and values, NULL-terminated, as save()
 * takes them. g_strfreev. */
char **dkm_weights_dup_meta(const DkmWeights *weights);
const char *dkm_weights_sha256(const DkmWeights *weights); /* hex, of the tensor bytes */
guint dkm_weights_count(const DkmWeights *weights);
const char *dkm_weights_name(const DkmWeights *weights, guint i);
/* Values in all tensors whose names begin with PREFIX. */
gsize dkm_weights_values(const DkmWeights *weights, const char *prefix);
/* Fills every tensor of PARAMS from the one called PREFIX + its name in the file; others in the
 * file are left alone. Each must be found with the same shape and finite values; DKM_ERROR_MODEL
 * names the first that is not, and PARAMS is then half filled: drop it. A stored [O,I] fits
 * (O,1,1,I), a linear layer.
 */
gboolean dkm_weights_load(const DkmWeights *weights, const char *prefix, DkmParams *params,
                          GError **error);

/* What save() writes: PARAMS' tensors under PREFIX. */
typedef struct {
    const char *prefix;
    DkmParams *params;
} DkmWeightsPart;
/* Writes atomically (temporary file, fsync, rename). META: alternating keys and values,
 * NULL-terminated; "sha256" is added. Errors: OUTPUT, NO_MEMORY, the device's own. */
gboolean dkm_weights_save(const char *path, const DkmWeightsPart *parts, int n,
                          const char *const *meta, GError **error);

G_END_DECLS
