/* One error domain for the whole program; the kind decides the exit status of the command line.
 * Not for: foreign errors, which their own library's wrapper translates in one function. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
    DKM_ERROR_USAGE, /* the request itself is wrong: an option, an argument            exit 2 */
    DKM_ERROR_INPUT, /* a file, folder or study cannot be read or is not what it says  exit 3 */
    DKM_ERROR_UNSUPPORTED, /* valid, but a kind we do not read                               exit 3
                            */
    DKM_ERROR_GEOMETRY,  /* slices, phases or lattices do not fit together                 exit 3 */
    DKM_ERROR_MODEL,     /* weights are damaged, foreign or do not fit                     exit 4 */
    DKM_ERROR_OUTPUT,    /* writing failed: full disk, permission, read-back differs       exit 5 */
    DKM_ERROR_NO_MEMORY, /* an allocation of a stated size failed                          exit 6 */
    DKM_ERROR_DEVICE,    /* the asked-for compute device cannot be used                    exit 6 */
    DKM_ERROR_INTERNAL, /* a bug of ours, caught                                          exit 70 */
    DKM_ERROR_CANCELLED, /* stopped on request: no error to a person                       exit 130
                          */
} DkmError;

#define DKM_ERROR (dkm_error_quark())
GQuark dkm_error_quark(void);

/* Exit status of a command that ended with ERROR (see DkmError); 0 for NULL. */
int dkm_error_exit_status(const GError *error);

/* Sets DKM_ERROR_NO_MEMORY for a failed allocation of BYTES for WHAT. Always returns FALSE. */
gboolean dkm_error_set_no_memory(GError **error, gsize bytes, const char *what);

G_END_DECLS
