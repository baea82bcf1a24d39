#include "plugin/training-cases.h"

#include "core/error.h"

#ifdef DKM_HAVE_DICOM
#include "plugin/session.h"

#include <math.h>

static gboolean refuse(const char *folder, const char *why, GError **error)
{
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "%s cannot be trained on: %s", folder, why);
    return FALSE;
}

/* The path of the study's first file of modality SEG, or NULL. */
static const char *find_seg(const DkmSession *session)
{
    const GPtrArray *series = session->study->series;
    for (guint i = 0; i < series->len; i++) {
        const DkmSeries *s = g_ptr_array_index(series, i);
        if (g_strcmp0(s->modality, "SEG") == 0 && s->frames && s->frames->len > 0)
            return dkm_frame_table_get(session->studies->table, g_array_index(s->frames, guint, 0))
                ->path;
    }
    for (guint i = 0; i < session->studies->notes->len; i++) {
        const DkmFileNote *note = &g_array_index(session->studies->notes, DkmFileNote, i);
        g_autoptr(GError) ignored = NULL;
        g_autoptr(DkmSeg) seg = note->fate == DKM_FILE_SET_ASIDE
                                    ? dkm_dicom_read_seg(note->path, NULL, 0, &ignored)
                                    : NULL;
        if (seg)
            return note->path;
    }
    return NULL;
}

static DkmMask *load_mask(const DkmSession *session, const char *folder, GError **error)
{
    const char *path = find_seg(session);
    if (!path) {
        refuse(folder, "the study holds no segmentation", error);
        return NULL;
    }
    const DkmSegImport import = {
        .table = session->studies->table, .phases = session->study->dce, .threshold = 0.5};
    g_autoptr(DkmSeg) seg = dkm_dicom_import_seg(path, &import, error);
    return seg ? dkm_seg_union(seg, error) : NULL;
}

/* Names are printed and decide the split: the same for all studies of a patient, but no patient's
 * identity. A study without one goes by its folder. */
static char *make_name(const char *patient_id, const char *folder)
{
    enum { DIGITS = 12 };
    if (!patient_id || !*patient_id)
        return g_strdup(folder);
    g_autofree char *hex = g_compute_checksum_for_string(G_CHECKSUM_SHA256, patient_id, -1);
    return g_strdup_printf("patient-%.*s", DIGITS, hex);
}

static gboolean load_study(const char *folder, DkmNormaliseRule rule, GPtrArray *cases,
                           GCancellable *cancel, GError **error)
{
    g_auto(DkmSession) session = {0};
    if (!dkm_session_open(&session, folder, NULL, cancel, error))
        return FALSE;
    const DkmPhases *dce = session.study->dce;
    if (dce->n_phases < 3)
        return refuse(folder, "it has fewer than three phases", error);
    guint index[DKM_PHASE_KINDS] = {0};
    dkm_phases_find_posts(dce, &index[DKM_PHASE_EARLY], &index[DKM_PHASE_LATE]);
    DkmVolume *phases[DKM_PHASE_KINDS];
    for (int i = 0; i < DKM_PHASE_KINDS; i++)
        if (!(phases[i] = dkm_session_phase(&session, index[i], cancel, error)))
            return FALSE;
    g_autoptr(DkmMask) mask = load_mask(&session, folder, error);
    if (!mask)
        return FALSE;
    g_autofree char *name = make_name(session.study->first->patient_id, folder);
    DkmCase *c = dkm_case_new(name, phases, mask, rule, error);
    if (!c)
        return FALSE;
    c->is_volume = TRUE;
    c->acquisition = dkm_session_acquisition(&session);
    g_ptr_array_add(cases, c);
    return TRUE;
}
#else
static gboolean load_study(const char *folder, DkmNormaliseRule rule, GPtrArray *cases,
                           GCancellable *cancel, GError **error)
{
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "%s holds no cases.csv", folder);
    return FALSE;
}
#endif

static void free_case(gpointer c)
{
    dkm_case_free(c);
}

static gboolean load_folder(const char *folder, DkmNormaliseRule rule, GPtrArray *cases,
                            GCancellable *cancel, GError **error)
{
    g_autofree char *list = g_build_filename(folder, "cases.csv", NULL);
    if (g_file_test(list, G_FILE_TEST_EXISTS))
        return dkm_cases_load_stacks(folder, rule, cases, error);
    return load_study(folder, rule, cases, cancel, error);
}

GPtrArray *dkm_training_cases_load(char **folders, DkmNormaliseRule rule, GCancellable *cancel,
                                   GError **error)
{
    g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func(free_case);
    for (guint i = 0; folders && folders[i]; i++)
        if (!load_folder(folders[i], rule, cases, cancel, error))
            return NULL;
    if (cases->len == 0) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE,
                    "give at least one folder of cases: --cases DIR");
        return NULL;
    }
    return dkm_cases_same_pixels(cases, error) ? g_steal_pointer(&cases) : NULL;
}
