#include "core/model/generator.h"

#include "core/model/diffusion.h"
#include "core/model/schedule.h"

#include <string.h>

struct _DkmGenerator {
    DkmPreset preset;
    DkmSchedule schedule;
    DkmGraph *graph;
    DkmPlan *plan;
    DkmValue x, time, prediction;
    gsize pixels;
    float *x_host, *prediction_host; /* with all their channels */
    float *x_t, *eps;                /* one plane */
};

void dkm_generator_free(DkmGenerator *generator)
{
    if (!generator)
        return;
    g_clear_pointer(&generator->plan, dkm_plan_free);
    g_clear_pointer(&generator->graph, dkm_graph_free);
    g_free(generator->x_host);
    g_free(generator->prediction_host);
    g_free(generator->x_t);
    g_free(generator->eps);
    g_free(generator);
}

static void build(DkmGenerator *g, DkmDtype dtype, const int size[2])
{
    const DkmShape shape = {1, size[0], size[1], dkm_preset_dm_inputs(&g->preset)};
    g->graph = dkm_graph_new(dtype);
    g->x = dkm_graph_input(g->graph, "x", shape);
    g->time = dkm_graph_input(g->graph, "time", (DkmShape){1, 1, 1, 1});
    dkm_graph_push(g->graph, "dm");
    g->prediction =
        dkm_diffusion_build(
            g->graph, &g->preset,
            &(DkmDiffusionInput){.x = g->x, .time = g->time, .dropout_step = DKM_NO_VALUE})
            .prediction;
    dkm_graph_pop(g->graph);
}

DkmGenerator *dkm_generator_new(const DkmPreset *preset, DkmParams *params, DkmDtype dtype,
                                const int size[2], GError **error)
{
    g_autoptr(DkmGenerator) g = g_new0(DkmGenerator, 1);
    g->preset = *preset;
    g->pixels = (gsize)size[0] * (gsize)size[1];
    dkm_schedule_init(&g->schedule);
    build(g, dtype, size);
    if (!dkm_graph_check(g->graph, error) ||
        !(g->plan = dkm_plan_new(g->graph, params, &g->prediction, 1, DKM_PLAN_INFERENCE, error)))
        return NULL;
    g->x_host = g_new(float, g->pixels *(gsize)dkm_preset_dm_inputs(preset));
    g->prediction_host = g_new(float, g->pixels *(gsize)preset->outputs);
    g->x_t = g_new(float, g->pixels);
    g->eps = g_new(float, g->pixels);
    return g_steal_pointer(&g);
}

/* What the network predicts from x_t at T for the late phase, which is its last output, into EPS.
 */
static gboolean evaluate(DkmGenerator *g, int t, const float *x_0, GCancellable *cancel,
                         GError **error)
{
    const gsize inputs = (gsize)dkm_preset_dm_inputs(&g->preset),
                outputs = (gsize)g->preset.outputs;
    const float time = dkm_reading_time(g->preset.reading, t);
    for (gsize i = 0; i < g->pixels; i++) {
        g->x_host[i * inputs] = g->x_t[i];
        if (inputs > 1)
            g->x_host[i * inputs + 1] = x_0[i];
    }
    if (!dkm_plan_set_input(g->plan, g->x, g->x_host, error) ||
        !dkm_plan_set_input(g->plan, g->time, &time, error) ||
        !dkm_plan_run(g->plan, cancel, error) ||
        !dkm_plan_get_output(g->plan, g->prediction, g->prediction_host, error))
        return FALSE;
    for (gsize i = 0; i < g->pixels; i++)
        g->eps[i] = g->prediction_host[i * outputs + outputs - 1];
    return TRUE;
}

/* Timestep I of STEPS + 1, from t down to 0. */
static int timestep_of(const DkmChain *chain, int i)
{
    return (int)((gint64)chain->t * (chain->steps - i) / chain->steps);
}

gboolean dkm_generator_run(DkmGenerator *g, const DkmChain *chain, const DkmGeneratorPlanes *planes,
                           GCancellable *cancel, GError **error)
{
    const DkmReading reading = g->preset.reading;
    const DkmChain whole = {chain->t, reading == DKM_READING_REGRESSION ? 1 : chain->steps};
    const DkmLevel first = dkm_schedule_level_of(&g->schedule, reading, whole.t);
    for (gsize i = 0; i < g->pixels; i++)
        g->x_t[i] = dkm_level_noised(first, planes->x_0[i], planes->noise[i]);
    for (int step = 0; step < whole.steps; step++) {
        const int t = timestep_of(&whole, step), next = timestep_of(&whole, step + 1);
        const DkmLevel level = dkm_schedule_level_of(&g->schedule, reading, t);
        const DkmLevel after = next ? dkm_schedule_level(&g->schedule, next) : (DkmLevel){1, 0};
        if (!evaluate(g, t, planes->x_0, cancel, error))
            return FALSE;
        for (gsize i = 0; i < g->pixels; i++) {
            planes->late[i] = dkm_level_predicted(level, g->x_t[i], g->eps[i]);
            g->x_t[i] = dkm_level_noised(after, planes->late[i], g->eps[i]);
        }
    }
    return TRUE;
}
