/* The one sequence of the main job: scan, organise, pick the study, decode, run the model, write.
 * Blocking; used by the commands and the C ABI. Not for: words on a command line, files other than
 * the SEG. */
#pragma once

#include "core/model/input-gate.h"
#include "dicom/dicom.h"

typedef struct {
    DkmStudies *studies;
    const DkmStudy *study; /* the one with the dynamics; owned by studies */
    GPtrArray *volumes;    /* of DkmVolume*, one a phase; NULL where not loaded */
} DkmSession;

/* Scans PATH; an error says what to name instead where there is nothing to read. */
DkmFrameTable *dkm_session_scan(const char *path, DkmProgress *progress, GCancellable *cancel,
                                GError **error);
/* Scans PATH and picks its study. Errors say what PATH lacks. */
gboolean dkm_session_open(DkmSession *session, const char *path, DkmProgress *progress,
                          GCancellable *cancel, GError **error);
/* The volume of a phase, loaded at first use. Borrowed. */
DkmVolume *dkm_session_phase(DkmSession *session, guint phase, GCancellable *cancel,
                             GError **error);
/* Loads the phases that stand for early and late into OPTIONS where MODEL accepts them, all or
 * those that there are; DKM_ERROR_INPUT with what is missing where it needs more. */
gboolean dkm_session_add_posts(DkmSession *session, const DkmModel *model,
                               DkmSegmentOptions *options, GCancellable *cancel, GError **error);
/* Anyone's SEG on the lattice of the study, a FRACTIONAL one from a half up: refused where it is of
 * another patient, study or frame of reference; what had to be assumed is in it. */
DkmSeg *dkm_session_import(const DkmSession *session, const char *path, GError **error);
/* How its images were made. */
DkmAcquisition dkm_session_acquisition(const DkmSession *session);
void dkm_session_close(DkmSession *session);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkmSession, dkm_session_close)

/* Called on the thread that waits, at least every 100 ms; FALSE cancels. */
typedef gboolean (*DkmTick)(int permille, gpointer user);

/* One run of MODEL over PRE_CONTRAST. All borrowed. */
typedef struct {
    DkmModel *model;
    DkmVolume *pre_contrast;
    const DkmSegmentOptions *options;
    DkmTick tick; /* may be NULL */
    gpointer user;
} DkmSessionRun;

/* Where the run's images are unlike those its model was trained on (core/model/input-gate.h). */
GPtrArray *dkm_session_input_gate(const DkmSession *session, const DkmSessionRun *run);
/* Runs the model on a thread of its own while the caller's ticks. CANCEL must not be NULL where
 * TICK may cancel. Errors: dkm_model_segment's. */
DkmResult *dkm_session_segment(const DkmSessionRun *run, GCancellable *cancel, GError **error);
/* What RESULT was made with, in one line: weights, threshold, noise, device; g_free. */
char *dkm_session_parameters(const DkmResult *result);
/* Where and how a result is written. Borrowed. */
typedef struct {
    const char *path;
    DkmSegType type;         /* BINARY: the mask; FRACTIONAL: the probability */
    const char *predecessor; /* the file that it supersedes, or NULL */
} DkmSessionSeg;
/* Writes RESULT as an unreviewed SEG of the study's pre-contrast phase. */
gboolean dkm_session_write_seg(const DkmSession *session, const DkmResult *result,
                               const DkmSessionSeg *seg, GCancellable *cancel, GError **error);
