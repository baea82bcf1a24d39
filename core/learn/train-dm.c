/* Step one: the diffusion module learns to predict the effective noise of the post-contrast phases
 * from a noised pre-contrast image (specification of DKM, section 1.3). */
#include "core/learn/dm-batch.h"
#include "core/learn/loop.h"
#include "core/learn/nets.h"
#include "core/model/noise.h"
#include "core/net/weights.h"
#include "core/philox.h"

DkmTrainOptions dkm_train_options_dm(void)
{
    return (DkmTrainOptions){.device = "auto",
                             .split = {.fold = DKM_NO_FOLD},
                             .dtype = DKM_BF16,
                             .epochs = 500,
                             .checkpoint_minutes = 5,
                             .batch = 16,
                             .side = 96,
                             .augment = TRUE,
                             .rate = 2e-4f,
                             .clip = 1,
                             .average_decay = 0.999f,
                             .dropout = 0.1f,
                             .validation_slices = 96};
}

typedef struct {
    const DkmTrainOptions *options;
    DkmPreset preset;
    DkmEngine engine;
    DkmGraph *graph, *check_graph; /* check: for validation */
    DkmDmNet net, check;
    DkmParams *params;
    DkmTrainer *trainer;
    DkmPlan *check_plan; /* of the averaged weights */
    GArray *validation;
    DkmDmBatch batch;
} Training;

static void training_clear(Training *self)
{
    g_clear_pointer(&self->check_plan, dkm_plan_free);
    g_clear_pointer(&self->trainer, dkm_trainer_free);
    g_clear_pointer(&self->params, dkm_params_free);
    g_clear_pointer(&self->graph, dkm_graph_free);
    g_clear_pointer(&self->check_graph, dkm_graph_free);
    g_clear_pointer(&self->validation, g_array_unref);
    dkm_dm_batch_clear(&self->batch);
    dkm_engine_close(&self->engine);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Training, training_clear)

static gboolean fill(gpointer data, const DkmSample *samples, guint64 first, GError **error)
{
    Training *self = data;
    const DkmTrainOptions *o = self->options;
    const DkmDmBatch *b = &self->batch;
    for (int i = 0; i < o->batch; i++) {
        const guint64 number = first + (guint64)i;
        const double u = dkm_philox_uniform(o->seed, number, DKM_STREAM_TIMESTEP);
        const DkmIntensity intensity = dkm_intensity_draw(o->seed, number);
        const DkmDmDraw draw = {
            .intensity = o->augment_intensity ? &intensity : NULL,
            .crop = o->augment ? dkm_crop_random(&samples[i], o->side, TRUE, o->seed, number)
                               : dkm_crop_centre(&samples[i], o->side),
            .t = 1 + (int)(u * DKM_TIMESTEPS),
            .seed = o->seed,
            .number = number};
        dkm_dm_batch_fill(&self->batch, i, &samples[i], &draw);
    }
    const float step = (float)dkm_trainer_steps(self->trainer);
    return dkm_trainer_set_input(self->trainer, self->net.x, b->x, error) &&
           dkm_trainer_set_input(self->trainer, self->net.time, b->time, error) &&
           dkm_trainer_set_input(self->trainer, self->net.target, b->target, error) &&
           dkm_trainer_set_input(self->trainer, self->net.weight, b->weight, error) &&
           (self->net.dropout_step == DKM_NO_VALUE ||
            dkm_trainer_set_input(self->trainer, self->net.dropout_step, &step, error));
}

/* Fixed places, timesteps and noise: every epoch is measured on the same task. Adds to SUM the loss
 * and that of x_0 unchanged. */
static gboolean check_batch(Training *self, guint first, double sum[2], GCancellable *cancel,
                            GError **error)
{
    const DkmTrainOptions *o = self->options;
    DkmDmBatch *b = &self->batch;
    for (int i = 0; i < o->batch; i++) {
        const guint number = first + (guint)i;
        const DkmSample *sample = &g_array_index(self->validation, DkmSample, number);
        const DkmDmDraw draw = {
            .crop = dkm_crop_centre(sample, o->side),
            .t = 1 + (int)((number * 397u + 0.5) / self->validation->len * DKM_TIMESTEPS) %
                         DKM_TIMESTEPS,
            .seed = o->seed + 1,
            .number = number};
        dkm_dm_batch_fill(b, i, sample, &draw);
        sum[1] += dkm_dm_batch_unchanged_error(b, i) / o->batch;
    }
    float value = 0;
    const gboolean ok =
        dkm_plan_set_input(self->check_plan, self->check.x, b->x, error) &&
        dkm_plan_set_input(self->check_plan, self->check.time, b->time, error) &&
        dkm_plan_set_input(self->check_plan, self->check.target, b->target, error) &&
        dkm_plan_set_input(self->check_plan, self->check.weight, b->weight, error) &&
        dkm_plan_run(self->check_plan, cancel, error) &&
        dkm_plan_get_output(self->check_plan, self->check.loss, &value, error);
    sum[0] += value;
    return ok;
}

static char *validate(gpointer data, double *score, GCancellable *cancel, GError **error)
{
    Training *self = data;
    const guint batch = (guint)self->options->batch, batches = self->validation->len / batch;
    double sum[2] = {0, 0};
    if (batches == 0)
        return g_strdup("no validation");
    for (guint i = 0; i < batches; i++)
        if (!check_batch(self, i * batch, sum, cancel, error))
            return NULL;
    return g_strdup_printf("validation one-step error %.5f, of x_0 unchanged %.5f",
                           sum[0] / batches, sum[1] / batches);
}

static gboolean save(gpointer data, const DkmTrainRecord *record, GError **error)
{
    Training *self = data;
    g_autoptr(GPtrArray) meta = dkm_train_metadata(self->options, "dm", record);
    const DkmWeightsPart part = {"", dkm_trainer_result(self->trainer)};
    return dkm_weights_save(self->options->out, &part, 1, (const char *const *)meta->pdata, error);
}

static gboolean set_up(Training *self, GError **error)
{
    const DkmTrainOptions *o = self->options;
    self->preset = *o->preset;
    self->preset.dropout = o->dropout;
    const DkmNetSize size = {&self->preset, o->batch, o->side};
    if (!dkm_engine_open(&self->engine, o->device, o->threads, error))
        return FALSE;
    self->params = dkm_params_new(self->engine.backend, self->engine.device);
    self->graph = dkm_graph_new(o->dtype);
    self->net = dkm_dm_net_build(self->graph, &size, TRUE);
    self->check_graph = dkm_graph_new(o->dtype);
    self->check = dkm_dm_net_build(self->check_graph, &size, FALSE);
    const DkmTrainerSetup setup = {.engine = &self->engine,
                                   .graph = self->graph,
                                   .params = self->params,
                                   .seed = o->seed,
                                   .loss = self->net.loss,
                                   .clip = o->clip,
                                   .weight_decay = o->weight_decay,
                                   .average_decay = o->average_decay};
    self->trainer = dkm_trainer_new(&setup, error);
    if (!self->trainer)
        return FALSE;
    self->check_plan = dkm_plan_new(self->check_graph, dkm_trainer_result(self->trainer),
                                    &self->check.loss, 1, DKM_PLAN_TRAINING, error);
    self->validation = dkm_cases_validation(o->cases, &o->split, o->validation_slices);
    dkm_dm_batch_init(&self->batch, &self->preset, o->batch, o->side);
    return self->check_plan != NULL;
}

gboolean dkm_train_dm(const DkmTrainOptions *options, GCancellable *cancel, GError **error)
{
    g_auto(Training) self = {.options = options};
    if (!dkm_train_check(options, error) || !set_up(&self, error))
        return FALSE;
    const DkmTrainTask task = {.fill = fill, .validate = validate, .save = save, .self = &self};
    return dkm_train_loop(options, "dm", self.trainer, &task, cancel, error);
}
