/* What one run of the network was made with, kept beside the mask that came of it; and whether that
 * is still what is set. No widget. Single-owner mutables of the reading: main thread. */
#pragma once

#include "core/edit/review-case.h"
#include "gui/look.h"

G_BEGIN_DECLS

typedef struct {
    guint layer;       /* that its mask became; 0 until it has ended */
    guint early, late; /* the study's phases that it saw besides the first; 0: it did not */
    gboolean has_box;
    DkmBox box;
    DkmResult *result; /* NULL until it has ended */
    GPtrArray *unlike; /* of char*: where its images are unlike those its model was trained on */
    gint64 unix_s;     /* when it ended */
} DkmRunRecord;

/* EARLY and LATE are the caller's to set. */
DkmRunRecord *dkm_run_record_begin(const DkmLook *look);
/* Once the run's result is ON's. */
void dkm_run_record_finish(DkmRunRecord *record, const DkmReviewCase *on, GPtrArray *unlike);
void dkm_run_record_free(DkmRunRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmRunRecord, dkm_run_record_free)

/* "From pre-contrast, weights 0123abcd, on cpu: …, 28 Nov 14:02". g_free. */
char *dkm_run_record_text(const DkmRunRecord *record);
/* What is no longer as it was, for a person; NULL where a run would use the same. g_free. */
char *dkm_run_record_stale(const DkmRunRecord *record, const DkmReviewCase *on,
                           const DkmLook *look);

G_END_DECLS
