/* What the files of the reading share; nobody else includes it. */
#pragma once

#include "core/edit/journal.h"
#include "gui/jobs.h"
#include "gui/reading.h"
#include "gui/runner.h"

#define DKM_SOFTWARE "DKM Workstation"
#define DKM_SOFTWARE_VERSION "0.1.0"

/* Beside the study. */
typedef struct {
    DkmReviewCase *on; /* NULL: nothing hangs there */
    DkmLink link;      /* from the open study's lattice */
    DkmLook look;      /* of the scene that was asked for last */
    const DkmSeries *series;
    gboolean is_wanted; /* waits for the study's own loading to end */
    DkmJob *loading;
} DkmBesideCase;

struct _DkmReading {
    GObject parent;
    DkmReviewCase *open; /* the case; NULL while none is open */
    DkmLook look;
    gboolean window_is_set; /* by a person: loading another phase leaves it alone */
    DkmPointer pointer;
    DkmCoverage *coverage;
    DkmRulers *rulers;
    float background;             /* below it a voxel counts as air */
    double low, high;             /* of the values shown, over all phases loaded */
    DkmWindowLevel stored_window; /* of the files; width 0: they have none */
    gboolean prefers_stored;      /* it is the first one */

    DkmBesideCase beside[DKM_BESIDE_COUNT];            /* the first one is not used */
    DkmWindowLevel first_sub_window, first_mip_window; /* from the values */
    DkmWindowLevel first_predicted_window;             /* the same; width 0: nothing is predicted */
    DkmVolume *mip;                                    /* of the early subtraction, or NULL */
    DkmMask *enhancing; /* by UCSF's rule, over the whole study, or NULL */
    DkmMotion motion;   /* to the early phase; where has_motion */
    gboolean has_motion;
    DkmVolume *corrected; /* the early phase moved back, or NULL */
    DkmJob *deriving, *measuring, *moving, *fitting;

    DkmJob *loading;
    guint loading_phase;
    GArray *to_load;        /* of guint: phases, next one last */
    char *path;             /* that was opened last */
    char *root, *asked_uid; /* the folder that was scanned last; the study that is wanted of it */
    char *stem;             /* what files of it are saved as: "/place/study", then "-seg.dcm" */
    DkmStudyList *list;     /* of the folder that was opened last; NULL: not scanned */
    DkmRunner *runner;
    gboolean has_model;    /* when it was opened */
    DkmRunnerFacts *facts; /* of its model; NULL until it has been asked */
    DkmJob *asking, *running;
    DkmRunRecord *begun;    /* what the run that is under way is made with */
    DkmLook begun_look;     /* when it began */
    DkmRun *finished;       /* waits for the end of a stroke; NULL: nothing waits */
    gboolean result_waited; /* for one */
    GPtrArray *records;     /* of DkmRunRecord*: one for each run whose mask became a layer */
    DkmJob *comparing;
    GPtrArray *unlike; /* of char*; NULL: not known yet */
    DkmJob *exporting, *importing, *capturing;
    guint64 exporting_serial, saved_serial; /* of the layers, as they are (were last) exported */
    char *exporting_path, *exported; /* where to; the version that the next export supersedes */
    GHashTable *tracking;            /* layer's id to the UID of its lesion, as it is exported */
    guint timer;                     /* polls the jobs' progress */

    DkmJournal *journal;     /* NULL: no study, or it cannot be had */
    gboolean keeps_masks;    /* while the open study is read anew: its journal is not asked about */
    gboolean has_kept;       /* edits of an earlier opening wait for a person's answer */
    gboolean journal_failed; /* and that was said */
    guint sync_timer;
    DkmJob *syncing;
};

void dkm_reading_changed(DkmReading *self, guint what);
/* A job has begun or ended: starts or stops the timer, tells the widgets. */
void dkm_reading_jobs_changed(DkmReading *self);
/* Selects LAYER and the slice that holds most of it; the caller says that the look has changed. */
void dkm_reading_show_layer(DkmReading *self, const DkmLayer *layer);
/* reading-load.c: STUDY, which has a dce, of STUDIES is the open one from now on. */
void dkm_reading_begin(DkmReading *self, DkmStudies *studies, const DkmStudy *study);
/* reading-order.c: *STUDY of FOUND as a reader has ordered it last, a reference; PROBLEM (g_free):
 * why it is as the rules found it all the same. */
DkmStudies *dkm_reading_recall_order(DkmStudies *found, const DkmStudy **study, char **problem);
/* reading-result.c: RUN (taken) has ended; what waits becomes a layer unless a stroke is made. */
void dkm_reading_run_ended(DkmReading *self, DkmRun *run);
void dkm_reading_take_result(DkmReading *self);
/* reading-journal.c: around a study's time on the desk, and after an export. */
GError *dkm_reading_journal_open(DkmReading *self); /* why edits are not kept, or NULL */
void dkm_reading_journal_report(DkmReading *self, const GError *error);
void dkm_reading_journal_close(DkmReading *self);
void dkm_reading_journal_saved(DkmReading *self);
/* Before it is told that nothing has changed since. */
void dkm_reading_journal_export(DkmReading *self);
void dkm_reading_journal_run(DkmReading *self, const DkmRunRecord *record);
/* The one person who has accepted all layers that leave (rejected ones do not), or NULL. */
const char *dkm_reading_only_reviewer(const DkmLayers *layers);
/* PATH is the version that the next export supersedes. */
gboolean dkm_reading_is_last_export(const DkmReading *self, const char *path);
/* Finds out where the study, as far as it is loaded, is unlike what the models know. */
void dkm_reading_compare(DkmReading *self);
/* Finds out what the model accepts, once. */
void dkm_reading_ask_model(DkmReading *self);
/* The angle of the projection that looks along the acquired slices' normal, or from the front. */
int dkm_first_angle(const DkmGrid *grid);
/* Finds the window of what the network has predicted; before it is found, that of the phases. */
void dkm_reading_fit_predicted(DkmReading *self);
/* Computes what follows from the early and the late phase, once they are there. */
void dkm_reading_derive(DkmReading *self);
/* reading-beside.c: starts what is wanted and has waited; lets go of one. */
void dkm_reading_load_beside(DkmReading *self);
void dkm_reading_drop_beside(DkmReading *self, DkmBeside beside);
/* Drops every job, forgets the case. */
void dkm_reading_clear(DkmReading *self);
