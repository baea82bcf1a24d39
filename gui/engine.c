#include "gui/engine.h"

struct _DkmEngine {
    gatomicrefcount refs;
    DkmModel *model; /* engine thread; NULL until the first run */
};

typedef struct {
    DkmEngine *engine;
    DkmVolume *pre_contrast;
} RunInput;

DkmEngine *dkm_engine_new(void)
{
    DkmEngine *engine = g_new0(DkmEngine, 1);
    g_atomic_ref_count_init(&engine->refs);
    return engine;
}

DkmEngine *dkm_engine_ref(DkmEngine *engine)
{
    g_atomic_ref_count_inc(&engine->refs);
    return engine;
}

void dkm_engine_unref(DkmEngine *engine)
{
    if (!engine || !g_atomic_ref_count_dec(&engine->refs))
        return;
    dkm_model_close(engine->model);
    g_free(engine);
}

static void run_input_free(gpointer data)
{
    RunInput *input = data;
    dkm_engine_unref(input->engine);
    dkm_volume_unref(input->pre_contrast);
    g_free(input);
}

static gpointer run_work(gpointer data, DkmProgress *progress, GCancellable *cancel, GError **error)
{
    const RunInput *input = data;
    DkmEngine *engine = input->engine;
    if (!engine->model) {
        g_autofree char *path = dkm_model_find_default(error);
        engine->model = path ? dkm_model_open(path, "auto", 0, error) : NULL;
    }
    if (!engine->model)
        return NULL;
    const DkmSegmentOptions options = {0};
    return dkm_model_segment(engine->model, input->pre_contrast, &options, progress, cancel, error);
}

DkmJob *dkm_engine_start(DkmEngine *engine, DkmVolume *pre_contrast, DkmJobDone done, gpointer user)
{
    RunInput *input = g_new0(RunInput, 1);
    *input = (RunInput){dkm_engine_ref(engine), dkm_volume_ref(pre_contrast)};
    const DkmJobSpec spec = {DKM_LANE_ENGINE,
                             run_work,
                             input,
                             run_input_free,
                             (GDestroyNotify)dkm_result_unref,
                             done,
                             user};
    return dkm_job_start(&spec);
}
