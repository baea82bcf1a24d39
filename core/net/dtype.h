/* The names of dtypes and precisions, as they stand in options, metadata and results. */
#pragma once

#include "core/net/tensor.h"

G_BEGIN_DECLS

const char *dkm_dtype_name(DkmDtype dtype); /* "f32", "bf16" */
/* DKM_ERROR_USAGE for any other text. */
gboolean dkm_dtype_parse(const char *text, DkmDtype *dtype, GError **error);

/* How a network computes: the dtype of its activations, or convolutions in int8 (int8.h) between
 * activations in bf16. */
typedef enum { DKM_PRECISION_F32, DKM_PRECISION_BF16, DKM_PRECISION_INT8 } DkmPrecision;

const char *dkm_precision_name(DkmPrecision precision); /* "f32", "bf16", "int8" */
/* DKM_ERROR_USAGE for any other text. */
gboolean dkm_precision_parse(const char *text, DkmPrecision *precision, GError **error);
DkmDtype dkm_precision_dtype(DkmPrecision precision); /* of activations */

G_END_DECLS
