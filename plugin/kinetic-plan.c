#include "plugin/kinetic-plan.h"

static const double EARLY_SECONDS = 150, LATE_SECONDS = 450;

void dkm_kinetic_plan_phases(const DkmPhases *dce, guint *early, guint *late)
{
    *early = dce->n_phases > 1 ? 1 : 0;
    *late = 0;
    if (dce->n_phases < 3)
        return;
    *early = dkm_phases_nearest(dce, EARLY_SECONDS);
    *late = dkm_phases_nearest(dce, LATE_SECONDS);
    if (*late <= *early) {
        *early = 1;
        *late = dce->n_phases - 1;
    }
}

gboolean dkm_kinetic_plan_rule(const DkmSession *session, DkmFtvParameters *rule,
                               DkmUcsfParameters *ucsf, GError **error)
{
    g_autoptr(GError) failure = NULL;
    const gboolean stored = dkm_dicom_find_ucsf(session->studies, session->study, ucsf, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    *rule = dkm_ftv_ispy;
    if (stored && ucsf->pre_contrast_threshold > 0)
        rule->pre_contrast_threshold = ucsf->pre_contrast_threshold;
    if (stored && ucsf->pe_threshold > 0)
        rule->pe_threshold = ucsf->pe_threshold;
    if (stored && ucsf->minimum_neighbour_count > 0)
        rule->minimum_neighbours = ucsf->minimum_neighbour_count;
    return TRUE;
}
