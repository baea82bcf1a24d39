#include "gui/identity.h"

char *dkm_identity_name(const DkmReviewCase *on)
{
    return g_strdup(on ? on->patient_name : "No study is open");
}

char *dkm_identity_details(const DkmReviewCase *on)
{
    if (!on)
        return NULL;
    const char *description = on->study->first->study_description;
    return g_strdup_printf("ID %s  ·  study of %s%s%s", on->patient_id, on->study_date,
                           description ? "  ·  " : "", description ? description : "");
}

char *dkm_identity_title(const DkmReviewCase *on)
{
    return on ? g_strdup_printf("%s, %s", on->patient_name, on->study_date)
              : g_strdup("DKM Viewer");
}
