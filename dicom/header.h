/* From the header of one file to DkmFrame records. */
#pragma once

#include "core/frame.h"
#include "dicom/dcmtk.h"
#include "dicom/preflight.h"

namespace dkm {

/* What an excerpt of a file must hold for what follows; the functional groups of an Enhanced MR
 * image can be far larger than all else. */
DkmTags header_tags(bool with_groups);
bool is_enhanced(const char *sop_class_uid);
/* TRUE for the SOP classes whose frames are read: MR, Enhanced MR, Legacy Converted Enhanced MR. */
bool is_mr(const char *sop_class_uid);
/* Appends a frame for every image of DATASET to TABLE. FALSE with a reason where it cannot be one.
 */
bool add_frames(DkmFrameTable *table, const char *path, DcmDataset &dataset,
                const DkmPreflight &preflight, GError **error);

} // namespace dkm
