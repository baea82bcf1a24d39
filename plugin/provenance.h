/* Where a result comes from, as JSON beside the segmentation: program, weights, device, numbers of
 * the run, and the images that went in, by UID. Holds no patient's name and no path. */
#pragma once

#include "plugin/session.h"

typedef struct {
    const DkmSession *session;
    const DkmModel *model;
    const DkmResult *result;
    const DkmBox *voi;     /* NULL: the whole volume */
    const GPtrArray *gate; /* of char*: dkm_session_input_gate() */
} DkmProvenance;

/* "lesion.dcm" gives "lesion.provenance.json"; g_free. */
char *dkm_provenance_path(const char *seg_path);
/* Complete or not at all. Errors: OUTPUT. */
gboolean dkm_provenance_write(const DkmProvenance *provenance, const char *path, GError **error);
