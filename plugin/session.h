/* The one place that goes from a folder to phases and volumes: scan, organise, pick the study,
 * decode. Blocking; used by the commands and the C ABI. */
#pragma once

#include "dicom/dicom.h"

typedef struct {
    DkmStudies *studies;
    const DkmStudy *study; /* the one with the dynamics; owned by studies */
    GPtrArray *volumes;    /* of DkmVolume*, one a phase; NULL where not loaded */
} DkmSession;

/* Scans PATH and picks its study. Errors say what PATH lacks. */
gboolean dkm_session_open(DkmSession *session, const char *path, DkmProgress *progress,
                          GCancellable *cancel, GError **error);
/* The volume of a phase, loaded at first use. Borrowed. */
DkmVolume *dkm_session_phase(DkmSession *session, guint phase, GCancellable *cancel,
                             GError **error);
void dkm_session_close(DkmSession *session);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkmSession, dkm_session_close)
