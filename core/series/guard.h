/* Whether an object that names its patient, study and frame of reference may be laid over a study:
 * the last line before a wrong patient's mask is shown. Not for: geometry, which the reader of the
 * object checks. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of images, or of an object; NULL or "": it does not say. Borrowed. */
typedef struct {
    const char *patient_id, *study_uid, *frame_of_reference_uid;
} DkmIdentity;

/* The sentence (g_free) why OBJECT is refused over IMAGES; NULL where it may be shown: nothing that
 * both name differs, and the patient or the study is named by both. No text of the patient's is in
 * it. */
char *dkm_guard_refusal(const DkmIdentity *images, const DkmIdentity *object);

G_END_DECLS
