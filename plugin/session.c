#include "plugin/session.h"

static void unref_volume(gpointer volume)
{
    dkm_volume_unref(volume);
}

gboolean dkm_session_open(DkmSession *session, const char *path, DkmProgress *progress,
                          GCancellable *cancel, GError **error)
{
    *session = (DkmSession){0};
    g_autoptr(DkmFrameTable) table = dkm_dicom_scan(path, progress, cancel, error);
    if (!table)
        return FALSE;
    session->studies = dkm_studies_new(table);
    session->study = dkm_studies_only_dce(session->studies, error);
    if (!session->study) {
        dkm_session_close(session);
        return FALSE;
    }
    session->volumes = g_ptr_array_new_with_free_func(unref_volume);
    g_ptr_array_set_size(session->volumes, (int)session->study->dce->n_phases);
    return TRUE;
}

DkmVolume *dkm_session_phase(DkmSession *session, guint phase, GCancellable *cancel, GError **error)
{
    gpointer *slot = &session->volumes->pdata[phase];
    if (!*slot)
        *slot = dkm_dicom_load_phase(session->studies->table, session->study->dce, phase, NULL,
                                     cancel, error);
    return *slot;
}

void dkm_session_close(DkmSession *session)
{
    g_clear_pointer(&session->volumes, g_ptr_array_unref);
    g_clear_pointer(&session->studies, dkm_studies_unref);
    session->study = NULL;
}
