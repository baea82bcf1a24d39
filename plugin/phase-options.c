#include "plugin/phase-options.h"

void dkm_phase_options_clear(DkmPhaseOptions *options)
{
    g_clear_pointer(&options->order, g_free);
    g_clear_pointer(&options->times, g_free);
}

gboolean dkm_phase_options_apply(const DkmPhaseOptions *options, DkmStudies **studies,
                                 GError **error)
{
    g_auto(DkmPhaseOverride) override = {0};
    if (!dkm_phase_override_parse(&override, options->order, options->times, error))
        return FALSE;
    if (dkm_phase_override_is_empty(&override))
        return TRUE;
    DkmStudies *changed = dkm_studies_override(*studies, NULL, &override, error);
    if (!changed)
        return FALSE;
    dkm_studies_unref(*studies);
    *studies = changed;
    return TRUE;
}

gboolean dkm_phase_options_apply_to(const DkmPhaseOptions *options, DkmSession *session,
                                    GError **error)
{
    if (!dkm_phase_options_apply(options, &session->studies, error))
        return FALSE;
    session->study = dkm_studies_only_dce(session->studies, error);
    if (session->study && session->study->dce->contradiction)
        g_printerr("dkm: warning: %s\n", session->study->dce->contradiction);
    return session->study != NULL;
}

void dkm_phase_options_record(const DkmPhases *phases, JsonBuilder *json)
{
    dkm_json_text(json, "order_given", phases->order_given);
    dkm_json_text(json, "times_given", phases->times_given);
    g_autoptr(GPtrArray) aside = g_ptr_array_new();
    for (guint a = 0; a < phases->aside->len; a++)
        g_ptr_array_add(aside, g_array_index(phases->aside, DkmPhaseAside, a).reason);
    dkm_json_sentences(json, "phases_set_aside", aside);
}
