#include "plugin/session.h"

#include "core/error.h"
#include "core/series/incomplete.h"

#include <string.h>

static void unref_volume(gpointer volume)
{
    dkm_volume_unref(volume);
}

DkmFrameTable *dkm_session_scan(const char *path, DkmProgress *progress, GCancellable *cancel,
                                GError **error)
{
    GError *cause = NULL;
    DkmFrameTable *table = dkm_dicom_scan(path, progress, cancel, &cause);
    if (cause && g_error_matches(cause, DKM_ERROR, DKM_ERROR_INPUT)) {
        g_set_error(error, DKM_ERROR, cause->code,
                    "%s; name the folder that holds the study's DICOM files", cause->message);
        g_error_free(cause);
    } else if (cause) {
        g_propagate_error(error, cause);
    }
    return table;
}

gboolean dkm_session_open(DkmSession *session, const char *path, DkmProgress *progress,
                          GCancellable *cancel, GError **error)
{
    *session = (DkmSession){0};
    g_autoptr(DkmFrameTable) table = dkm_session_scan(path, progress, cancel, error);
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

/* A volume that is not there is no failure, one that cannot be read is. */
static gboolean load_post(DkmSession *session, guint phase, DkmVolume **volume,
                          GCancellable *cancel, GError **error)
{
    *volume = phase ? dkm_session_phase(session, phase, cancel, error) : NULL;
    return *volume || !phase;
}

gboolean dkm_session_add_posts(DkmSession *session, const DkmModel *model,
                               DkmSegmentOptions *options, GCancellable *cancel, GError **error)
{
    guint early, late;
    dkm_phases_find_posts(session->study->dce, &early, &late);
    if (!dkm_model_accepts(model, early > 0, late > 0)) {
        g_autofree char *accepted = dkm_model_accepted(model);
        g_autofree char *aside = dkm_phases_aside_words(session->study->dce);
        const gboolean sees_pre_only = strcmp(accepted, "pre") == 0;
        g_set_error(error, DKM_ERROR, sees_pre_only ? DKM_ERROR_USAGE : DKM_ERROR_INPUT,
                    sees_pre_only
                        ? "this model sees the pre-contrast phase alone (it accepts: %s)%s"
                        : "this model segments from the phases %s, and the study lacks some%s",
                    accepted, sees_pre_only ? "" : aside);
        return FALSE;
    }
    return load_post(session, early, &options->early, cancel, error) &&
           load_post(session, late, &options->late, cancel, error);
}

DkmAcquisition dkm_session_acquisition(const DkmSession *session)
{
    return dkm_acquisition_of_study(session->studies, session->study);
}

GPtrArray *dkm_session_input_gate(const DkmSession *session, const DkmSessionRun *run)
{
    const DkmInputFacts facts = {dkm_session_acquisition(session),
                                 {run->pre_contrast, run->options->early, run->options->late}};
    return dkm_input_gate_model(run->model, &facts);
}

DkmSeg *dkm_session_import(const DkmSession *session, const char *path, GError **error)
{
    const DkmSegImport import = {
        .table = session->studies->table, .phases = session->study->dce, .threshold = 0.5};
    return dkm_dicom_import_seg(path, &import, error);
}

void dkm_session_close(DkmSession *session)
{
    g_clear_pointer(&session->volumes, g_ptr_array_unref);
    g_clear_pointer(&session->studies, dkm_studies_unref);
    session->study = NULL;
}

typedef struct {
    const DkmSessionRun *run;
    GCancellable *cancel;
    DkmProgress progress;
    GError *error;
    GMutex lock;
    GCond done;
    gboolean is_done; /* guarded by lock */
} Engine;

static gpointer run_engine(gpointer data)
{
    Engine *engine = data;
    const DkmSessionRun *run = engine->run;
    DkmResult *result = dkm_model_segment(run->model, run->pre_contrast, run->options,
                                          &engine->progress, engine->cancel, &engine->error);
    g_mutex_lock(&engine->lock);
    engine->is_done = TRUE;
    g_cond_signal(&engine->done);
    g_mutex_unlock(&engine->lock);
    return result;
}

static void tick_until_done(Engine *engine)
{
    const DkmSessionRun *run = engine->run;
    g_mutex_lock(&engine->lock);
    while (!engine->is_done) {
        g_mutex_unlock(&engine->lock);
        if (run->tick && !run->tick(dkm_progress_get(&engine->progress), run->user))
            g_cancellable_cancel(engine->cancel);
        g_mutex_lock(&engine->lock);
        if (!engine->is_done)
            g_cond_wait_until(&engine->done, &engine->lock,
                              g_get_monotonic_time() + 50 * G_TIME_SPAN_MILLISECOND);
    }
    g_mutex_unlock(&engine->lock);
}

DkmResult *dkm_session_segment(const DkmSessionRun *run, GCancellable *cancel, GError **error)
{
    Engine engine = {.run = run, .cancel = cancel};
    g_mutex_init(&engine.lock);
    g_cond_init(&engine.done);
    g_autoptr(GThread) thread = g_thread_try_new("dkm-engine", run_engine, &engine, NULL);
    DkmResult *result = NULL;
    if (thread) {
        tick_until_done(&engine);
        result = g_thread_join(g_steal_pointer(&thread));
    } else {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_NO_MEMORY,
                            "the system gives this program no thread for the network");
    }
    g_cond_clear(&engine.done);
    g_mutex_clear(&engine.lock);
    if (result && run->tick)
        run->tick(1000, run->user);
    if (engine.error)
        g_propagate_error(error, engine.error);
    return result;
}

char *dkm_session_parameters(const DkmResult *result)
{
    g_autofree char *scales =
        result->scales_sha256 ? g_strdup_printf("; int8 scales sha256 %s", result->scales_sha256)
                              : g_strdup("");
    return g_strdup_printf(
        "weights sha256 %s%s; threshold %.3f; timestep %d; noise seed %" G_GUINT64_FORMAT
        ", fields %d; device %s; precision %s; input: phases %s",
        result->weights_sha256, scales, (double)result->threshold, result->timestep,
        result->noise_seed, result->noise_fields, result->device, result->precision,
        result->phases_used);
}

gboolean dkm_session_write_seg(const DkmSession *session, const DkmResult *result,
                               const DkmSessionSeg *seg, GCancellable *cancel, GError **error)
{
    const DkmSegSegment segment = {.mask = result->mask,
                                   .probability = result->probability,
                                   .label = "Lesion",
                                   .algorithm = DKM_SEG_AUTOMATIC};
    g_autofree char *parameters = dkm_session_parameters(result);
    const DkmSegRequest request = {
        .type = seg->type,
        .predecessor = seg->predecessor,
        .table = session->studies->table,
        .phases = session->study->dce,
        .phase = 0,
        .segments = &segment,
        .n_segments = 1,
        .algorithm_name = "Diffusion Kinetic Model",
        .algorithm_version = DKM_VERSION,
        .algorithm_parameters = parameters,
        .series_description = "RESEARCH USE ONLY: DKM segmentation, unreviewed",
    };
    return dkm_dicom_write_seg(&request, seg->path, cancel, error);
}
