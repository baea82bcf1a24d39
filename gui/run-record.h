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
    /* NULL and 0 until it has ended: of its result */
    char *phases_used, *weights_sha256, *device, *precision,
        *scales_sha256; /* the last may stay so */
    double threshold;
    guint64 noise_seed;
    int noise_fields;
    char *inputs;      /* a hash of the images that it saw; NULL in older files */
    char *order_given; /* of the study's phases by a reader, "2,1,3"; NULL: as the rules found */
    /* Of char*: where its images are unlike those its model was trained on, in no language: the
     * input gate's findings (core/model/input-gate.h). Records of 0.1 hold sentences. */
    GPtrArray *unlike;
    gint64 unix_s; /* when it ended */
} DkmRunRecord;

/* A run on the first phase of ON, and on EARLY and LATE where they are not 0. */
DkmRunRecord *dkm_run_record_begin(const DkmReviewCase *on, const DkmLook *look, guint early,
                                   guint late);
/* Once the run's result is ON's. */
void dkm_run_record_finish(DkmRunRecord *record, const DkmReviewCase *on, GPtrArray *unlike);
void dkm_run_record_free(DkmRunRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmRunRecord, dkm_run_record_free)

/* "From pre-contrast, weights 0123abcd, on cpu: …, 28 Nov 14:02". g_free. */
char *dkm_run_record_text(const DkmRunRecord *record);
/* For an exported object: "weights sha256 …; threshold 0.500; device …; phases …". g_free. */
char *dkm_run_record_parameters(const DkmRunRecord *record);
/* As lines that outlive the program, and back; NULL where they are not a record's. */
char *dkm_run_record_save(const DkmRunRecord *record);
DkmRunRecord *dkm_run_record_load(const char *text);
/* "Outdated: made in another box.": short, for a view; NULL where a run would use the same. g_free.
 */
char *dkm_run_record_why_stale(const DkmRunRecord *record, const DkmReviewCase *on,
                               const DkmLook *look);
/* The same and what to do about it, for a person; NULL where a run would use the same. g_free. */
char *dkm_run_record_stale(const DkmRunRecord *record, const DkmReviewCase *on,
                           const DkmLook *look);

G_END_DECLS
