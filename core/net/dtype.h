/* The names of dtypes, as they stand in options, metadata and results. */
#pragma once

#include "core/net/tensor.h"

G_BEGIN_DECLS

const char *dkm_dtype_name(DkmDtype dtype); /* "f32", "bf16" */
/* DKM_ERROR_USAGE for any other text. */
gboolean dkm_dtype_parse(const char *text, DkmDtype *dtype, GError **error);

G_END_DECLS
