/* The studies of a folder as a list to choose from: what the headers say of each, whether somebody
 * has read it, and a small picture that is made when it is wanted. No widget.
 * A single-owner mutable: main thread; pictures are made by jobs, one at a time, and are all that
 * is kept of the images. */
#pragma once

#include "core/series/summary.h"
#include "gui/thumbnail.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
    DKM_STUDY_UNREAD,
    DKM_STUDY_BEGUN,    /* there are edits on disk, or what was saved has not been accepted */
    DKM_STUDY_ACCEPTED, /* a person has, and it is saved */
} DkmStudyState;

typedef struct {
    const DkmStudySummary *summary;
    DkmStudyState state;
    const guint32 *picture;  /* DKM_THUMBNAIL_SIDE squared, cairo's RGB24; NULL: not there yet */
    gboolean has_no_picture; /* and never will */
} DkmStudyRow;

/* What rows are sorted by. */
typedef enum {
    DKM_STUDY_BY_PATIENT,
    DKM_STUDY_BY_ID,
    DKM_STUDY_BY_BIRTH,
    DKM_STUDY_BY_DATE,
    DKM_STUDY_BY_DESCRIPTION,
    DKM_STUDY_BY_PHASES,
    DKM_STUDY_BY_FILES,
    DKM_STUDY_BY_STATE,
    DKM_STUDY_BY_FINDINGS,
} DkmStudyColumn;

/* The UIDs (borrowed from STUDIES) of those for which a SEG of ours lies among the files that a
 * person has accepted. Blocks, any thread. Free with g_hash_table_unref. */
GHashTable *dkm_studies_find_reviewed(const DkmStudies *studies, GCancellable *cancel);

#define DKM_TYPE_STUDY_LIST (dkm_study_list_get_type())
/* Signal: "row-changed" (guint row): its picture. */
G_DECLARE_FINAL_TYPE(DkmStudyList, dkm_study_list, DKM, STUDY_LIST, GObject)

/* REVIEWED is dkm_studies_find_reviewed()'s of STUDIES. */
DkmStudyList *dkm_study_list_new(DkmStudies *studies, GHashTable *reviewed);
DkmStudies *dkm_study_list_studies(DkmStudyList *self);
guint dkm_study_list_count(DkmStudyList *self);
guint dkm_study_list_count_patients(DkmStudyList *self);
/* Borrowed until the next call that changes the list. */
const DkmStudyRow *dkm_study_list_get(DkmStudyList *self, guint row);
/* -1: there is none of this UID. */
int dkm_study_list_find(DkmStudyList *self, const char *study_uid);
/* The deepest folder that holds every file of the study's images. g_free. */
char *dkm_study_list_folder(DkmStudyList *self, guint row);
/* The folder is the study's alone: no image of another one lies in or below it. */
gboolean dkm_study_list_owns_folder(DkmStudyList *self, guint row);

/* Reads the states anew. Of the study OPEN_UID (NULL: none) that is on the desk IS_UNSAVED says
 * whether it is in work. */
void dkm_study_list_refresh(DkmStudyList *self, const char *open_uid, gboolean is_unsaved);
/* Asks for the picture; the last one that was asked for is made first. */
void dkm_study_list_want(DkmStudyList *self, guint row);
/* Nothing is wanted any more: the cores are needed elsewhere. */
void dkm_study_list_want_none(DkmStudyList *self);

/* -1, 0 or 1; equal ones stand as the summary has them. */
int dkm_study_list_compare(DkmStudyList *self, guint a, guint b, DkmStudyColumn column);
/* Every word of TEXT is somewhere in what the row says, whatever its case. */
gboolean dkm_study_list_matches(DkmStudyList *self, guint row, const char *text);
const char *dkm_study_state_words(DkmStudyState state);
/* The findings of a row, joined by SEPARATOR; "" where there are none. g_free. */
char *dkm_study_row_findings(const DkmStudyRow *row, const char *separator);

G_END_DECLS
