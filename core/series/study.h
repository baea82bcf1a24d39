/* From a table of frames to studies: series grouped, derived ones set aside by name, the dynamics
 * found. (house.md calls this room core/series.) Not for: opening files. */
#pragma once

#include "core/frame.h"
#include "core/series/phases.h"

G_BEGIN_DECLS

typedef enum {
    DKM_SERIES_DYNAMIC,   /* its frames are phases of the dynamics */
    DKM_SERIES_SET_ASIDE, /* readable, not used: see reason */
} DkmSeriesRole;

typedef struct {
    const char *series_uid, *description, *modality; /* owned by the table; may be NULL */
    int number;
    DkmSeriesRole role;
    char *reason;   /* why set aside, in words: "derived: percent enhancement map (ImageType
                       DERIVED)"; else NULL */
    GArray *frames; /* of guint: indices into the table */
} DkmSeries;

typedef struct {
    const DkmFrame *first; /* any frame of it: patient, study date, vendor; owned by the table */
    const char *study_uid;
    GPtrArray *series; /* of DkmSeries* */
    DkmPhases *dce;    /* NULL where no dynamics (and no single pre-contrast volume) were found */
    char *dce_problem; /* where dce is NULL: the sentence that says why, naming the slice; else NULL
                        */
    GPtrArray *findings; /* of char* */
} DkmStudy;

/* All studies of a table. A shared immutable; holds a reference to the table. */
typedef struct {
    gatomicrefcount refs;
    DkmFrameTable *table;
    GPtrArray *studies; /* of DkmStudy*, sorted by date and uid */
    GArray *notes; /* of DkmFileNote: the table's and those of the frames that were set aside; one a
                      file */
    GPtrArray *used; /* of const char*: paths of the files whose frames are in some dce, each once,
                        sorted */
} DkmStudies;

/* Never fails on content: what does not fit is set aside with a reason. Every file of TABLE ends in
 * exactly one of used and notes. */
DkmStudies *dkm_studies_new(DkmFrameTable *table);
/* The same, where a person has chosen DCE (a reference is taken; of images of one patient) as the
 * phases of the study STUDY_UID; what the rules took in their place is set aside. */
DkmStudies *dkm_studies_new_chosen(DkmFrameTable *table, const char *study_uid, DkmPhases *dce);
/* A set of one study, of FIRST and with DCE alone: takes a reference to both. For beside.h. */
DkmStudies *dkm_studies_new_one(DkmFrameTable *table, const DkmFrame *first, DkmPhases *dce);
DkmStudies *dkm_studies_ref(DkmStudies *studies);
void dkm_studies_unref(DkmStudies *studies);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmStudies, dkm_studies_unref)

/* The one study with a dce. Error DKM_ERROR_INPUT in plain words where there is none (with its
 * dce_problem) or more than one (names the study dates and uids). */
const DkmStudy *dkm_studies_only_dce(const DkmStudies *studies, GError **error);

G_END_DECLS
