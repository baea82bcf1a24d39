/* The reading of one study: what the window is about, with no widget in it. Opens a study, runs the
 * network, accepts and exports; keeps the case and the look; says what has changed.
 * A single-owner mutable: main thread; work happens in jobs. Every study starts from nothing: jobs
 * of the last one are dropped and can never appear. */
#pragma once

#include "core/edit/journal.h"
#include "core/edit/review-case.h"
#include "gui/advice.h"
#include "gui/coverage.h"
#include "gui/pane.h"
#include "gui/run-record.h"
#include "gui/study-list.h"

#include <glib-object.h>

G_BEGIN_DECLS

/* What a "changed" signal is about; several may be set. */
typedef enum {
    DKM_CHANGED_CASE = 1 << 0,    /* another study, or none */
    DKM_CHANGED_PHASES = 1 << 1,  /* a phase has arrived */
    DKM_CHANGED_LAYERS = 1 << 2,  /* voxels, descriptions, undo */
    DKM_CHANGED_RESULT = 1 << 3,  /* the network's result came */
    DKM_CHANGED_LOOK = 1 << 4,    /* slice, zoom, window, tool, ... */
    DKM_CHANGED_POINTER = 1 << 5, /* what the pointer is over */
    DKM_CHANGED_JOBS = 1 << 6,    /* loading or running: begun, further, ended */
    DKM_CHANGED_DERIVED = 1 << 7, /* what is computed on loading: the turning projection */
    DKM_CHANGED_STUDIES = 1 << 8, /* another list of studies, or none */
    DKM_CHANGED_RULERS = 1 << 9,
} DkmChanged;

typedef enum {
    DKM_MESSAGE_DONE,
    DKM_MESSAGE_NOTE,
    DKM_MESSAGE_ERROR,
    DKM_MESSAGE_RESULT, /* a run's mask is there and not in view: dkm_reading_show_result() */
} DkmMessage;

/* Of the turning projection. */
#define DKM_ANGLES 24

/* What the pointer is over. */
typedef struct {
    gboolean is_over;
    DkmBeside beside; /* whose picture it is over; ZYX is of the study all the same */
    guint phase;      /* of the view that it is in */
    double zyx[3];    /* fractional voxel */
} DkmPointer;

/* What the views showed. It names no patient: the views do not. */
typedef struct {
    GBytes *rgb; /* rows of R, G, B bytes */
    int rows, columns;
    gsize stride;
    guint phase; /* that it shows above all */
    int slice;
    const char *description;
} DkmViewPicture;

#define DKM_TYPE_READING (dkm_reading_get_type())
/* Signals: "changed" (guint DkmChanged flags), "message" (guint DkmMessage, const char *text). */
G_DECLARE_FINAL_TYPE(DkmReading, dkm_reading, DKM, READING, GObject)

DkmReading *dkm_reading_new(void);

/* NULL while no study is open. Borrowed. */
DkmReviewCase *dkm_reading_case(DkmReading *self);
const DkmLook *dkm_reading_look(DkmReading *self);
/* What views show, as it is now: borrowed until the next change. */
DkmScene dkm_reading_scene(DkmReading *self);
void dkm_reading_set_look(DkmReading *self, const DkmLook *look);
/* What has been on screen of the study; views tell it what they paint. */
DkmCoverage *dkm_reading_coverage(DkmReading *self);
/* What was measured in the study; they go with it. Whoever changes them says so. */
DkmRulers *dkm_reading_rulers(DkmReading *self);
void dkm_reading_rulers_changed(DkmReading *self);
const DkmPointer *dkm_reading_pointer(DkmReading *self);
void dkm_reading_set_pointer(DkmReading *self, const DkmPointer *pointer);

/* Loading. Opening clears everything of the study before. A folder of one study opens it; of
 * several, whoever reads chooses from the list. */
void dkm_reading_open(DkmReading *self, const char *path);
/* The same, and the study STUDY_UID (NULL: whoever reads chooses) of it if it is there. */
void dkm_reading_open_one(DkmReading *self, const char *path, const char *study_uid);
/* The studies of the folder that was opened last, NULL before it has been scanned. Borrowed. */
DkmStudyList *dkm_reading_studies(DkmReading *self);
/* One of them, instead of the study before. FALSE, with a message, where it cannot be read: then
 * nothing has changed. */
gboolean dkm_reading_open_study(DkmReading *self, guint row);
void dkm_reading_cancel_open(DkmReading *self);
gboolean dkm_reading_is_loading(DkmReading *self, int *permille);
/* What loading does now, for a person; NULL when it does not. g_free. */
char *dkm_reading_loading_text(DkmReading *self);

/* The folder of the study that was opened last, or NULL. Borrowed. */
const char *dkm_reading_path(DkmReading *self);
/* The folder whose studies are listed, or NULL. Borrowed. */
const char *dkm_reading_root(DkmReading *self);

/* The early subtraction with the early phase moved back onto the pre-contrast one, or as it was
 * measured; views say which. Nothing before the motion is known. */
void dkm_reading_toggle_correction(DkmReading *self);

/* The network, on the pre-contrast phase, or on the available ones too. Every run's mask becomes a
 * new layer that says which phases it was made from, once no stroke is made. Slice, map and
 * selection stay where there is a mask already, or the person has moved on: then a message tells.
 */
gboolean dkm_reading_has_model(DkmReading *self);
void dkm_reading_run(DkmReading *self);
void dkm_reading_run_available(DkmReading *self);
/* Why that cannot be done with this study and these weights, for a person; NULL: it can. g_free. */
char *dkm_reading_why_not_available(DkmReading *self);
void dkm_reading_cancel_run(DkmReading *self);
/* Selects the last run's mask and goes where it is largest. */
void dkm_reading_show_result(DkmReading *self);
gboolean dkm_reading_is_running(DkmReading *self, int *permille, double *seconds);

/* Sentences (char*) on where the open study is unlike those that the models were trained on; NULL
 * until that is known. Borrowed until the next change. */
const GPtrArray *dkm_reading_unlike(DkmReading *self);
/* What the run was made with that made the layer; NULL where no run of this opening did. Borrowed
 * until the next change. */
const DkmRunRecord *dkm_reading_run_of(DkmReading *self, guint layer);

/* Editing; each reports its own errors as messages. */
void dkm_reading_undo(DkmReading *self);
void dkm_reading_redo(DkmReading *self);
/* After a tool has changed the case's layers. */
void dkm_reading_layers_changed(DkmReading *self);
void dkm_reading_report(DkmReading *self, const GError *error);
/* The same behind what a person can do about it. */
void dkm_reading_report_about(DkmReading *self, DkmAdvice about, const GError *error);
void dkm_reading_message(DkmReading *self, DkmMessage kind, const char *text);
void dkm_reading_accept(DkmReading *self, const char *reviewer);
void dkm_reading_remove_layer(DkmReading *self);
/* The next (STEP 1) or previous (-1) layer is selected, at the slice that holds most of it. */
void dkm_reading_step_layer(DkmReading *self, int step);
/* The names of the layers that no person has accepted or rejected, "A, B"; NULL: there is none.
 * g_free. */
char *dkm_reading_not_accepted(DkmReading *self);
/* Edits of this study that an earlier opening has left on disk, about which somebody must be asked:
 * they come back with their history, or are removed. */
gboolean dkm_reading_get_kept(DkmReading *self, DkmJournalState *state);
void dkm_reading_recover(DkmReading *self);
/* Removes what is kept on disk of this study: the answer to both questions, at opening and at
 * closing. */
void dkm_reading_discard_kept(DkmReading *self);
/* Every edit of the open study is on disk, and comes back when it is opened again. */
gboolean dkm_reading_is_kept(DkmReading *self);
/* Anything painted, accepted or predicted since the last export. */
gboolean dkm_reading_is_unsaved(DkmReading *self);
/* The segments of the DICOM SEG at PATH become layers; refused, with a message, where they are of
 * another patient, study, frame of reference or lattice. */
void dkm_reading_import(DkmReading *self, const char *path);
gboolean dkm_reading_is_importing(DkmReading *self);
/* Writes all layers to PATH as one DICOM SEG. A person's name goes in only where that person has
 * accepted every layer; an object with a layer that nobody has accepted says so. Every export is a
 * version that names the last one; refused where it would take the last one's file. */
void dkm_reading_export(DkmReading *self, const char *path);
/* A name for what is to be saved, that no file has yet: beside the study's folder and named after
 * it, "study-KIND.dcm", then "study-KIND-v2.dcm". g_free. */
char *dkm_reading_new_path(DkmReading *self, const char *kind);
gboolean dkm_reading_is_exporting(DkmReading *self);
/* Writes PICTURE to PATH as a DICOM Secondary Capture of the study. */
void dkm_reading_capture(DkmReading *self, const DkmViewPicture *picture, const char *path);
gboolean dkm_reading_is_capturing(DkmReading *self);

/* Window for all phases from the values that are loaded, narrowed to the dark end: presets
 * 0 (all of them) to DKM_WINDOW_PRESETS - 1. */
#define DKM_WINDOW_PRESETS 5
void dkm_reading_set_preset(DkmReading *self, guint preset);
/* The files' own window for all phases; a message where they have none. */
void dkm_reading_set_stored_window(DkmReading *self);
/* The first window for all phases: from the values that are loaded, or the files' own where that
 * would mislead; the whole slice in view. */
void dkm_reading_reset_look(DkmReading *self);

G_END_DECLS
