/* DICOM's names and dates as people write them. Not for: what a study holds (summary.h). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* DICOM's "Family^Given^Middle^Prefix^Suffix=ideographic=phonetic" as "Family, Given Middle";
 * "(no name)" where there is none. g_free. */
char *dkm_person_name_words(const char *dicom);
/* DICOM's YYYYMMDD as YYYY-MM-DD; "(no date)" where there is none, anything else as it stands.
 * g_free. */
char *dkm_date_words(const char *dicom);

G_END_DECLS
