/* Training cases from the folders on a command line. */
#pragma once

#include "core/learn/cases.h"

#include <gio/gio.h>

/* Each of FOLDERS (NULL-terminated, may be NULL) holds TIFF stacks with cases.csv, or one DICOM
 * study with three phases and a segmentation. Array of DkmCase*, which it owns. */
GPtrArray *dkm_training_cases_load(char **folders, GCancellable *cancel, GError **error);
