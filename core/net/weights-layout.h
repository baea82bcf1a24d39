/* How a tensor of ours lies in a weights file: its sides there, and the order of its elements. */
#pragma once

#include "core/net/tensor.h"

G_BEGIN_DECLS

/* Sides under which SHAPE is stored: [C], [2,C] or [O,I,H,W]; returns their number. */
int dkm_weights_dims(DkmShape shape, gint64 dims[4]);
/* TRUE where a stored tensor of these sides can fill SHAPE. */
gboolean dkm_weights_dims_fit(const gint64 *dims, int n_dims, DkmShape shape);
/* Stored order (O,I,H,W) to ours (O,H,W,I) and back. Equal for tensors without H and W. */
void dkm_weights_to_ohwi(const float *oihw, DkmShape shape, float *ohwi);
void dkm_weights_to_oihw(const float *ohwi, DkmShape shape, float *oihw);

G_END_DECLS
