#include "gui/identity.h"

#include "gui/i18n.h"

char *dkm_identity_name(const DkmReviewCase *on)
{
    return g_strdup(on ? on->patient_name : _("No study is open"));
}

char *dkm_identity_details(const DkmReviewCase *on)
{
    if (!on)
        return NULL;
    const char *description = on->study->first->study_description;
    return description
               ? g_strdup_printf(_("ID %s  ·  study of %s  ·  %s"), on->patient_id, on->study_date,
                                 description)
               : g_strdup_printf(_("ID %s  ·  study of %s"), on->patient_id, on->study_date);
}

char *dkm_identity_title(const DkmReviewCase *on)
{
    return on ? g_strdup_printf("%s, %s", on->patient_name, on->study_date)
              : g_strdup(_("DKM Viewer"));
}
