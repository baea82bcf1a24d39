#include "core/learn/trainer.h"

#include "core/error.h"

#include <math.h>
#include <string.h>

static const float beta1 = 0.9f, beta2 = 0.999f, adam_eps = 1e-8f;

/* One trained tensor: where its weight, moments and average lie, and its gradient in the graph. */
typedef struct {
    float *weight, *first, *second, *average; /* device memory; average NULL where none is kept */
    DkmValue gradient;
    gsize count;
} Tensor;

struct _DkmTrainer {
    DkmTrainerSetup setup;
    DkmPlan *plan;
    DkmParams *first, *second, *average;
    DkmParams *kept; /* borrowed, or NULL */
    Tensor *tensors;
    int n_tensors;
    gint64 steps;
};

void dkm_trainer_free(DkmTrainer *trainer)
{
    if (!trainer)
        return;
    g_clear_pointer(&trainer->plan, dkm_plan_free);
    g_clear_pointer(&trainer->first, dkm_params_free);
    g_clear_pointer(&trainer->second, dkm_params_free);
    g_clear_pointer(&trainer->average, dkm_params_free);
    g_free(trainer->tensors);
    g_free(trainer);
}

/* The trained parameters of GRAPH, in the order they were made. */
static GArray *trained_values(const DkmGraph *graph)
{
    GArray *values = g_array_new(FALSE, FALSE, sizeof(DkmValue));
    for (DkmValue v = 0; v < dkm_graph_n_values(graph); v++)
        if (dkm_graph_value(graph, v)->role == DKM_ROLE_PARAM)
            g_array_append_val(values, v);
    return values;
}

/* A store with a tensor for each trained one, all zero or a copy of FROM's. */
static DkmParams *new_store(const DkmTrainer *trainer, const GArray *values, gboolean copy,
                            GError **error)
{
    const DkmTrainerSetup *s = &trainer->setup;
    g_autoptr(DkmParams) store = dkm_params_new(s->engine->backend, s->engine->device);
    for (guint i = 0; i < values->len; i++) {
        const DkmValueInfo *info = dkm_graph_value(s->graph, g_array_index(values, DkmValue, i));
        const gsize count = dkm_shape_count(info->shape);
        g_autofree float *host = g_new0(float, count);
        if ((copy && !dkm_params_get(s->params, info->name, host, count, error)) ||
            !dkm_params_set(store, info->name, info->shape, host, error))
            return NULL;
    }
    return g_steal_pointer(&store);
}

static gboolean make_stores(DkmTrainer *trainer, const GArray *values, GError **error)
{
    const gboolean averages = trainer->setup.average_decay > 0;
    return (trainer->first = new_store(trainer, values, FALSE, error)) &&
           (trainer->second = new_store(trainer, values, FALSE, error)) &&
           (!averages || (trainer->average = new_store(trainer, values, TRUE, error)));
}

/* Gradients of every trained tensor; those that the loss does not reach are left out. */
static void list_tensors(DkmTrainer *trainer, const GArray *values)
{
    const DkmTrainerSetup *s = &trainer->setup;
    g_autofree DkmValue *gradients = g_new(DkmValue, values->len);
    dkm_graph_gradients(s->graph, s->loss, (const DkmValue *)(gconstpointer)values->data,
                        (int)values->len, gradients);
    trainer->tensors = g_new0(Tensor, values->len);
    for (guint i = 0; i < values->len; i++) {
        if (gradients[i] == DKM_NO_VALUE)
            continue;
        const DkmValueInfo *info = dkm_graph_value(s->graph, g_array_index(values, DkmValue, i));
        trainer->tensors[trainer->n_tensors++] = (Tensor){
            .weight = dkm_params_device_data(s->params, info->name),
            .first = dkm_params_device_data(trainer->first, info->name),
            .second = dkm_params_device_data(trainer->second, info->name),
            .average =
                trainer->average ? dkm_params_device_data(trainer->average, info->name) : NULL,
            .gradient = gradients[i],
            .count = dkm_shape_count(info->shape)};
    }
}

static gboolean make_plan(DkmTrainer *trainer, GError **error)
{
    const DkmTrainerSetup *s = &trainer->setup;
    g_autoptr(GArray) outputs = g_array_new(FALSE, FALSE, sizeof(DkmValue));
    g_array_append_val(outputs, s->loss);
    for (int i = 0; i < trainer->n_tensors; i++)
        g_array_append_val(outputs, trainer->tensors[i].gradient);
    g_array_append_vals(outputs, s->new_state, (guint)s->n_states);
    trainer->plan =
        dkm_plan_new(s->graph, s->params, (const DkmValue *)(gconstpointer)outputs->data,
                     (int)outputs->len, DKM_PLAN_TRAINING, error);
    return trainer->plan != NULL;
}

DkmTrainer *dkm_trainer_new(const DkmTrainerSetup *setup, GError **error)
{
    if (!dkm_graph_check(setup->graph, error) ||
        !dkm_params_init(setup->params, setup->graph, setup->seed, error))
        return NULL;
    g_autoptr(DkmTrainer) trainer = g_new0(DkmTrainer, 1);
    g_autoptr(GArray) values = trained_values(setup->graph);
    trainer->setup = *setup;
    if (!make_stores(trainer, values, error))
        return NULL;
    list_tensors(trainer, values);
    if (!make_plan(trainer, error))
        return NULL;
    return g_steal_pointer(&trainer);
}

gboolean dkm_trainer_set_input(DkmTrainer *trainer, DkmValue input, const float *host,
                               GError **error)
{
    return dkm_plan_set_input(trainer->plan, input, host, error);
}

static const float *gradient_of(DkmTrainer *trainer, const Tensor *tensor)
{
    return dkm_plan_peek_output(trainer->plan, tensor->gradient)->data;
}

/* The norm of the whole gradient. */
static gboolean gradient_norm(DkmTrainer *trainer, double *norm, GError **error)
{
    const DkmEngine *e = trainer->setup.engine;
    double squares = 0;
    for (int i = 0; i < trainer->n_tensors; i++) {
        const Tensor *t = &trainer->tensors[i];
        double sum;
        if (!e->backend->sum_squares(e->device, gradient_of(trainer, t), t->count, &sum, error))
            return FALSE;
        squares += sum;
    }
    *norm = sqrt(squares);
    return TRUE;
}

static gboolean update_tensor(DkmTrainer *trainer, const Tensor *t, const DkmAdamStep *adam,
                              float decay, GError **error)
{
    const DkmEngine *e = trainer->setup.engine;
    const DkmAdamArrays arrays = {.param = t->weight,
                                  .m = t->first,
                                  .v = t->second,
                                  .grad = gradient_of(trainer, t),
                                  .count = t->count};
    return e->backend->adam(e->device, &arrays, adam, error) &&
           (!t->average ||
            e->backend->ema(e->device, t->average, t->weight, t->count, decay, error));
}

static gboolean update_states(DkmTrainer *trainer, GError **error)
{
    const DkmTrainerSetup *s = &trainer->setup;
    for (int i = 0; i < s->n_states; i++) {
        const DkmValueInfo *info = dkm_graph_value(s->graph, s->state[i]);
        g_autofree float *host = g_new(float, dkm_shape_count(info->shape));
        if (!dkm_plan_get_output(trainer->plan, s->new_state[i], host, error) ||
            !dkm_params_set(s->params, info->name, info->shape, host, error))
            return FALSE;
    }
    return TRUE;
}

/* The average follows quickly at first, so that it forgets where training began. */
static float decay_at(const DkmTrainer *trainer, gint64 step)
{
    return MIN(trainer->setup.average_decay, (float)(1 + step) / (float)(10 + step));
}

static gboolean update(DkmTrainer *trainer, float rate, double scale, GError **error)
{
    const gint64 step = trainer->steps + 1;
    const DkmAdamStep adam = {.rate = rate,
                              .beta1 = beta1,
                              .beta2 = beta2,
                              .eps = adam_eps,
                              .weight_decay = trainer->setup.weight_decay,
                              .grad_scale = (float)scale,
                              .step = step};
    for (int i = 0; i < trainer->n_tensors; i++)
        if (!update_tensor(trainer, &trainer->tensors[i], &adam, decay_at(trainer, step), error))
            return FALSE;
    if (!update_states(trainer, error))
        return FALSE;
    dkm_params_touch(trainer->setup.params);
    if (trainer->average)
        dkm_params_touch(trainer->average);
    trainer->steps = step;
    return TRUE;
}

gboolean dkm_trainer_step(DkmTrainer *trainer, float rate, double *loss, GCancellable *cancel,
                          GError **error)
{
    float value;
    double norm;
    if (!dkm_plan_run(trainer->plan, cancel, error) ||
        !dkm_plan_get_output(trainer->plan, trainer->setup.loss, &value, error) ||
        !gradient_norm(trainer, &norm, error))
        return FALSE;
    if (!isfinite(value) || !isfinite(norm)) {
        g_set_error(
            error, DKM_ERROR, DKM_ERROR_MODEL,
            "training diverged: the loss or its gradient is not finite at step %" G_GINT64_FORMAT
            "; try a lower rate",
            trainer->steps + 1);
        return FALSE;
    }
    const double clip = trainer->setup.clip;
    *loss = value;
    return update(trainer, rate, clip > 0 && norm > clip ? clip / norm : 1, error);
}

double dkm_trainer_flop(const DkmTrainer *trainer)
{
    return dkm_plan_flop(trainer->plan);
}

gint64 dkm_trainer_steps(const DkmTrainer *trainer)
{
    return trainer->steps;
}

DkmParams *dkm_trainer_result(DkmTrainer *trainer)
{
    return trainer->average ? trainer->average : trainer->setup.params;
}

void dkm_trainer_set_kept(DkmTrainer *trainer, DkmParams *kept)
{
    trainer->kept = kept;
}

/* The parts of a checkpoint file. */
enum { MAX_PARTS = 5 };
static int parts_of(DkmTrainer *trainer, DkmWeightsPart parts[MAX_PARTS])
{
    const DkmWeightsPart all[MAX_PARTS] = {{"weights.", trainer->setup.params},
                                           {"first.", trainer->first},
                                           {"second.", trainer->second},
                                           {"average.", trainer->average},
                                           {"kept.", trainer->kept}};
    int n = 0;
    for (int i = 0; i < MAX_PARTS; i++)
        if (all[i].params)
            parts[n++] = all[i];
    return n;
}

gboolean dkm_trainer_save(DkmTrainer *trainer, const char *path, const char *const *meta,
                          GError **error)
{
    DkmWeightsPart parts[MAX_PARTS];
    const int n = parts_of(trainer, parts);
    g_autofree char *step = g_strdup_printf("%" G_GINT64_FORMAT, trainer->steps);
    g_autoptr(GPtrArray) pairs = g_ptr_array_new();
    for (guint i = 0; meta[i]; i++)
        g_ptr_array_add(pairs, (gpointer)meta[i]);
    g_ptr_array_add(pairs, (gpointer) "step");
    g_ptr_array_add(pairs, step);
    g_ptr_array_add(pairs, NULL);
    return dkm_weights_save(path, parts, n, (const char *const *)pairs->pdata, error);
}

DkmWeights *dkm_trainer_load(DkmTrainer *trainer, const char *path, const char *settings,
                             GError **error)
{
    g_autoptr(DkmWeights) weights = dkm_weights_open(path, error);
    if (!weights)
        return NULL;
    const char *had = dkm_weights_meta(weights, "settings"),
               *step = dkm_weights_meta(weights, "step");
    if (!had || !step || strcmp(had, settings) != 0) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE,
                    "the checkpoint %s belongs to another run (%s), this one is %s", path,
                    had ? had : "no settings", settings);
        return NULL;
    }
    DkmWeightsPart parts[MAX_PARTS];
    const int n = parts_of(trainer, parts);
    for (int i = 0; i < n; i++)
        if (!dkm_weights_load(weights, parts[i].prefix, parts[i].params, error))
            return NULL;
    trainer->steps = g_ascii_strtoll(step, NULL, 10);
    return g_steal_pointer(&weights);
}
