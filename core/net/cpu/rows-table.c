/* The rows of one instruction set in one record. Compiled once each, as rows-*.c are. */
#include "core/net/cpu/rows.h"
#include "core/net/cpu/vector.h"

extern const DkmNormRows ISA_NAME(dkm_norm_rows);
extern const DkmElementRows ISA_NAME(dkm_element_rows);
extern const DkmPlaneRows ISA_NAME(dkm_plane_rows);
extern const DkmMatrixRows ISA_NAME(dkm_matrix_rows);
extern const DkmTrainRows ISA_NAME(dkm_train_rows);
extern const DkmPeakRows ISA_NAME(dkm_peak_rows);

const DkmRows ISA_NAME(dkm_rows) = {&ISA_NAME(dkm_norm_rows),  &ISA_NAME(dkm_element_rows),
                                    &ISA_NAME(dkm_plane_rows), &ISA_NAME(dkm_matrix_rows),
                                    &ISA_NAME(dkm_train_rows), &ISA_NAME(dkm_peak_rows)};
