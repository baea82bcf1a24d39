/* A model's network by itself, for measurement. Hosts use pipeline.h. */
#pragma once

#include "core/model/network.h"
#include "core/model/normalise.h"
#include "core/model/pipeline.h"

G_BEGIN_DECLS

/* Both modules for one sample of ROWS x COLUMNS (multiples of 16). Free it before the model. */
DkmNetwork *dkm_model_make_network(DkmModel *model, int rows, int columns, GError **error);
/* Slices that a run computes at once; 0, as at first: one on a CPU, elsewhere as many as the
 * device's memory allows, 16 at most. */
void dkm_model_set_batch(DkmModel *model, int slices);
/* The same in another way than the model's: everything but the preset is SHAPE's. */
DkmNetwork *dkm_model_make_network_as(DkmModel *model, DkmNetworkShape shape, GError **error);
/* TRUE where the model's device has int8; else DEVICE, saying what to do. */
gboolean dkm_model_check_int8(const DkmModel *model, GError **error);
/* Writes the model with SCALES in its metadata, and NOTES (alternating keys and values,
 * NULL-terminated) beside them, in place of what an earlier calibration left. The tensors stay as
 * they are. Errors: OUTPUT, NO_MEMORY, the device's. */
gboolean dkm_model_save_calibrated(DkmModel *model, const char *path, const DkmScales *scales,
                                   const char *const *notes, GError **error);
/* The threshold on the probability that the file asks for. */
float dkm_model_threshold(const DkmModel *model);
/* How images become what it sees. */
DkmNormaliseRule dkm_model_normalise_rule(const DkmModel *model);

G_END_DECLS
