/* What a list of studies says of each, in a person's words: who, when, which phases, what is odd.
 * Not for: pictures, review states, files. */
#pragma once

#include "core/series/study.h"

G_BEGIN_DECLS

/* Owns its texts; borrows the study. */
typedef struct {
    const DkmStudy *study;
    guint patient; /* number of the patient in the list, from 0 */
    char *patient_name, *patient_id, *birth_date, *study_date; /* "(no ...)" where absent */
    char *description;                                         /* "" where absent */
    guint n_phases;                                            /* 0: it cannot be opened */
    char *phases;                                              /* "3: pre, early, late"; "none" */
    GPtrArray *findings; /* of char*: what a person should know, the worst first; may be empty */
    guint n_files;       /* of the study, used or not */
} DkmStudySummary;

/* Every study of STUDIES as a DkmStudySummary*: patients by name and ID, each patient's newest
 * study first. Holds while STUDIES does. Free with g_ptr_array_unref. */
GPtrArray *dkm_studies_summarise(const DkmStudies *studies);

G_END_DECLS
