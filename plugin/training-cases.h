/* Training cases from the folders on a command line. */
#pragma once

#include "core/learn/cases.h"

#include <gio/gio.h>

/* Normalised by RULE. Each of FOLDERS (NULL-terminated, may be NULL) holds TIFF stacks with
 * cases.csv, or one DICOM study with three phases and a segmentation; such a case goes by a hash of
 * its patient's ID, which names no patient and keeps all studies of one on one side of the split.
 * Array of DkmCase*, which it owns. */
GPtrArray *dkm_training_cases_load(char **folders, DkmNormaliseRule rule, GCancellable *cancel,
                                   GError **error);
