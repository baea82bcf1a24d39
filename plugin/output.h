/* Where a command may write its result, asked before minutes are spent. Not for: the writing. */
#pragma once

#include "plugin/session.h"

/* TRUE where PATH can be made or replaced (a regular file, itself or behind a symbolic link). Else
 * OUTPUT, naming the file and the reason. */
gboolean dkm_output_check(const char *path, GError **error);
/* A slip of the keyboard must not replace an image of the study by a result: OUTPUT where PATH is
 * one of SESSION's files. */
gboolean dkm_output_spares(const DkmSession *session, const char *path, GError **error);
