/* Which studies have been saved, and whether a person has accepted what was saved: a file of this
 * user's own that names studies by UID, no patients. Not for: edits that are not saved yet. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _DkmStudyMarks DkmStudyMarks;

typedef enum { DKM_STUDY_NOT_SAVED, DKM_STUDY_SAVED, DKM_STUDY_SAVED_ACCEPTED } DkmStudyMark;

/* As they are now on disk; a file that cannot be read says nothing. */
DkmStudyMarks *dkm_study_marks_load(void);
void dkm_study_marks_free(DkmStudyMarks *marks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmStudyMarks, dkm_study_marks_free)

/* NOT_SAVED too where the file that was saved is gone. */
DkmStudyMark dkm_study_marks_get(const DkmStudyMarks *marks, const char *study_uid);
/* What was saved last of a study, on disk at once. DKM_ERROR_OUTPUT. */
gboolean dkm_study_marks_save(const char *study_uid, const char *path, gboolean is_accepted,
                              GError **error);

G_END_DECLS
