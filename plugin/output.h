/* Where a command may write its results, asked before minutes are spent. Not for: the writing. */
#pragma once

#include "core/series/study.h"

/* The files and folders that one command will write, each once. Single owner. */
typedef struct DkmOutputs DkmOutputs;
DkmOutputs *dkm_outputs_new(void);
void dkm_outputs_free(DkmOutputs *outputs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmOutputs, dkm_outputs_free)

/* Adds a file. OUTPUT, naming it and the reason, where it can be neither made nor replaced (a
 * regular file, itself or behind a symbolic link); USAGE where it is there already by any name. */
gboolean dkm_outputs_add(DkmOutputs *outputs, const char *path, GError **error);
/* Adds FOLDER, which may have to be made, and the files NAMES (NULL-terminated) in it. */
gboolean dkm_outputs_add_folder(DkmOutputs *outputs, const char *folder, const char *const *names,
                                GError **error);
/* A slip of the keyboard must not replace what is read by what is written: OUTPUT where PATH, which
 * is WHAT ("the model"), is one of the files. */
gboolean dkm_outputs_spare(const DkmOutputs *outputs, const char *path, const char *what,
                           GError **error);
/* The same for every file that was scanned: used, set aside and refused. */
gboolean dkm_outputs_spare_studies(const DkmOutputs *outputs, const DkmStudies *studies,
                                   GError **error);

/* Makes FOLDER and those above it. OUTPUT, with its name and the reason. */
gboolean dkm_output_make_folder(const char *folder, GError **error);
/* What a failure after PATH was written must say too. */
void dkm_output_prefix_saved(const char *path, GError **error);
