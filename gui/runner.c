#include "gui/runner.h"

#include "gui/i18n.h"

struct _DkmRunner {
    gatomicrefcount refs;
    DkmModel *models[2]; /* by DkmShippedModel; engine thread; NULL until the first run */
};

typedef struct {
    DkmRunner *runner;
    DkmRunRequest request; /* with references */
} RunInput;

DkmRunner *dkm_runner_new(void)
{
    DkmRunner *runner = g_new0(DkmRunner, 1);
    g_atomic_ref_count_init(&runner->refs);
    return runner;
}

DkmRunner *dkm_runner_ref(DkmRunner *runner)
{
    g_atomic_ref_count_inc(&runner->refs);
    return runner;
}

void dkm_runner_unref(DkmRunner *runner)
{
    if (!runner || !g_atomic_ref_count_dec(&runner->refs))
        return;
    for (guint i = 0; i < G_N_ELEMENTS(runner->models); i++)
        dkm_model_close(runner->models[i]);
    g_free(runner);
}

static RunInput *run_input_new(DkmRunner *runner, const DkmRunRequest *request)
{
    RunInput *input = g_new0(RunInput, 1);
    *input = (RunInput){dkm_runner_ref(runner), *request};
    dkm_volume_ref(request->pre_contrast);
    if (request->early)
        dkm_volume_ref(request->early);
    if (request->late)
        dkm_volume_ref(request->late);
    return input;
}

gboolean dkm_runner_has_model(void)
{
    g_autofree char *path = dkm_model_find(DKM_SHIPPED_PRE, NULL);
    return path && g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

static void run_input_free(gpointer data)
{
    RunInput *input = data;
    dkm_runner_unref(input->runner);
    dkm_volume_unref(input->request.pre_contrast);
    dkm_volume_unref(input->request.early);
    dkm_volume_unref(input->request.late);
    g_free(input);
}

static DkmModel *open_model(DkmRunner *runner, DkmShippedModel which, GError **error)
{
    if (!runner->models[which]) {
        g_autofree char *path = dkm_model_find(which, error);
        runner->models[which] = path ? dkm_model_open(path, "auto", 0, NULL, error) : NULL;
    }
    return runner->models[which];
}

static gpointer ask_work(gpointer data, DkmProgress *progress, GCancellable *cancel, GError **error)
{
    DkmModel *model = open_model(data, DKM_SHIPPED_ANY_PHASES, error);
    if (!model)
        return NULL;
    DkmRunnerFacts *facts = g_new0(DkmRunnerFacts, 1);
    for (int early = 0; early < 2; early++)
        for (int late = 0; late < 2; late++)
            facts->with[early][late] = dkm_model_accepts(model, early, late);
    facts->words = dkm_model_accepted(model);
    return facts;
}

void dkm_runner_facts_free(DkmRunnerFacts *facts)
{
    if (!facts)
        return;
    g_free(facts->words);
    g_free(facts);
}

DkmJob *dkm_runner_ask(DkmRunner *runner, DkmJobDone done, gpointer user)
{
    const DkmJobSpec spec = {DKM_LANE_ENGINE,
                             ask_work,
                             dkm_runner_ref(runner),
                             (GDestroyNotify)dkm_runner_unref,
                             (GDestroyNotify)dkm_runner_facts_free,
                             done,
                             user};
    return dkm_job_start(&spec);
}

static DkmInputFacts facts_of(const DkmRunRequest *request)
{
    return (DkmInputFacts){request->acquisition,
                           {request->pre_contrast, request->early, request->late}};
}

static GPtrArray *gate(const DkmModel *model, const DkmRunRequest *request)
{
    const DkmInputFacts facts = facts_of(request);
    return dkm_input_gate_model(model, &facts);
}

/* What the model of any phases adds to SENTENCES. */
static void compare_available(const RunInput *input, GPtrArray *sentences)
{
    const DkmRunRequest *request = &input->request;
    DkmModel *model = open_model(input->runner, DKM_SHIPPED_ANY_PHASES, NULL);
    if (!model || !dkm_model_accepts(model, request->early != NULL, request->late != NULL))
        return;
    g_autoptr(GPtrArray) more = gate(model, request);
    for (guint i = 0; i < more->len; i++)
        if (!g_ptr_array_find_with_equal_func(sentences, more->pdata[i], g_str_equal, NULL))
            g_ptr_array_add(sentences, g_strdup_printf(_("On available phases: %s"),
                                                       (const char *)more->pdata[i]));
}

static gpointer compare_work(gpointer data, DkmProgress *progress, GCancellable *cancel,
                             GError **error)
{
    const RunInput *input = data;
    const DkmModel *model = open_model(input->runner, DKM_SHIPPED_PRE, error);
    if (!model)
        return NULL;
    DkmRunRequest alone = input->request;
    alone.early = alone.late = NULL;
    GPtrArray *sentences = gate(model, &alone);
    if (input->request.early || input->request.late)
        compare_available(input, sentences);
    return sentences;
}

DkmJob *dkm_runner_compare(DkmRunner *runner, const DkmRunRequest *request, DkmJobDone done,
                           gpointer user)
{
    const DkmJobSpec spec = {DKM_LANE_ENGINE,
                             compare_work,
                             run_input_new(runner, request),
                             run_input_free,
                             (GDestroyNotify)g_ptr_array_unref,
                             done,
                             user};
    return dkm_job_start(&spec);
}

void dkm_run_free(DkmRun *run)
{
    if (!run)
        return;
    dkm_result_unref(run->result);
    g_ptr_array_unref(run->unlike);
    g_free(run);
}

static gpointer run_work(gpointer data, DkmProgress *progress, GCancellable *cancel, GError **error)
{
    const RunInput *input = data;
    const gboolean sees_more = input->request.early || input->request.late;
    DkmModel *model =
        open_model(input->runner, sees_more ? DKM_SHIPPED_ANY_PHASES : DKM_SHIPPED_PRE, error);
    if (!model)
        return NULL;
    const DkmSegmentOptions options = {.early = input->request.early,
                                       .late = input->request.late,
                                       .voi = input->request.has_box ? &input->request.box : NULL,
                                       .predict = input->request.predict};
    DkmResult *result =
        dkm_model_segment(model, input->request.pre_contrast, &options, progress, cancel, error);
    if (!result)
        return NULL;
    DkmRun *run = g_new0(DkmRun, 1);
    const DkmInputFacts facts = facts_of(&input->request);
    *run = (DkmRun){result, dkm_input_gate_find_model(model, &facts)};
    return run;
}

DkmJob *dkm_runner_start(DkmRunner *runner, const DkmRunRequest *request, DkmJobDone done,
                         gpointer user)
{
    const DkmJobSpec spec = {DKM_LANE_ENGINE,
                             run_work,
                             run_input_new(runner, request),
                             run_input_free,
                             (GDestroyNotify)dkm_run_free,
                             done,
                             user};
    return dkm_job_start(&spec);
}
