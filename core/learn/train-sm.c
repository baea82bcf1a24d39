/* Step two: the segmentation module learns to find the tumour from the clean pre-contrast image and
 * the kinetic code of the diffusion module, whose weights stay as they are. */
#include "core/error.h"
#include "core/learn/code-source.h"
#include "core/learn/evaluate.h"
#include "core/learn/loop.h"
#include "core/learn/nets.h"
#include "core/model/noise.h"
#include "core/net/weights.h"
#include "core/philox.h"

DkmTrainOptions dkm_train_options_sm(void)
{
    return (DkmTrainOptions){.device = "auto",
                             .split = {.fold = DKM_NO_FOLD},
                             .dtype = DKM_BF16,
                             .epochs = 500,
                             .checkpoint_minutes = 5,
                             .batch = 1,
                             .side = 112,
                             .rate = 2e-5f,
                             .weight_decay = 1e-6f,
                             .ssim_weight = 0.5f,
                             .validation_slices = G_MAXINT};
}

typedef struct {
    DkmTrainOptions options; /* with PRESET */
    DkmPreset preset;        /* the options', its reading the DM's own */
    DkmEngine engine;
    DkmParams *params; /* of both modules, or of the SM alone */
    DkmGraph *graph;   /* the SM in training, codes as inputs */
    DkmSmNet net;
    DkmTrainer *trainer;
    DkmCodeSource *codes; /* NULL without a DM */
    DkmNetwork *check;    /* as it will be used, for validation */
    GArray *validation;
    float *x_0_host, *noise_host, *label_host, *code_host[DKM_LEVELS];
} Training;

static void training_clear(Training *self)
{
    g_clear_pointer(&self->trainer, dkm_trainer_free);
    g_clear_pointer(&self->codes, dkm_code_source_free);
    g_clear_pointer(&self->check, dkm_network_free);
    g_clear_pointer(&self->params, dkm_params_free);
    g_clear_pointer(&self->graph, dkm_graph_free);
    g_clear_pointer(&self->validation, g_array_unref);
    g_free(self->x_0_host);
    g_free(self->noise_host);
    g_free(self->label_host);
    for (int i = 0; i < DKM_LEVELS; i++)
        g_free(self->code_host[i]);
    dkm_engine_close(&self->engine);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Training, training_clear)

static void build_net(Training *self)
{
    const DkmTrainOptions *o = &self->options;
    const DkmNetSize size = {o->preset, o->batch, o->side};
    self->graph = dkm_graph_new(o->dtype);
    self->net = dkm_sm_net_build(self->graph, &size, o->ssim_weight);
    for (int i = 0; i < DKM_LEVELS; i++)
        if (o->preset->fuse[i])
            self->code_host[i] = g_new0(
                float, dkm_shape_count(dkm_graph_value(self->graph, self->net.code[i])->shape));
}

/* Window and noise of one sample: by number FIRST where augmented. The field begins at another
 * place each time then, or the network could tell where it is by the noise. */
static void read_sample(Training *self, const DkmSample *sample, int place, guint64 number)
{
    const DkmTrainOptions *o = &self->options;
    const gsize at = (gsize)place * (gsize)o->side * (gsize)o->side;
    DkmCrop crop = dkm_crop_centre(sample, o->side);
    int y = 0, x = 0;
    if (o->augment) {
        const double u = dkm_philox_uniform(o->seed, number, DKM_STREAM_TIMESTEP);
        const int origin = (int)(u * 1024 * 1024);
        crop = dkm_crop_random(sample, o->side, TRUE, o->seed, number);
        y = origin / 1024;
        x = origin % 1024;
    }
    dkm_noise_field(0, y, x, o->side, o->side, self->noise_host + at);
    dkm_crop_read(sample, DKM_PHASE_PRE, &crop, 1, self->x_0_host + at);
    dkm_crop_read_mask(sample, &crop, self->label_host + at);
}

static gboolean fill(gpointer data, const DkmSample *samples, guint64 first, GError **error)
{
    Training *self = data;
    for (int i = 0; i < self->options.batch; i++)
        read_sample(self, &samples[i], i, first + (guint64)i);
    if (self->codes && !dkm_code_source_get(self->codes, samples, self->x_0_host, self->noise_host,
                                            self->code_host, error))
        return FALSE;
    for (int i = 0; i < DKM_LEVELS; i++)
        if (self->code_host[i] &&
            !dkm_trainer_set_input(self->trainer, self->net.code[i], self->code_host[i], error))
            return FALSE;
    return dkm_trainer_set_input(self->trainer, self->net.x_0, self->x_0_host, error) &&
           dkm_trainer_set_input(self->trainer, self->net.label, self->label_host, error);
}

static char *validate(gpointer data, GCancellable *cancel, GError **error)
{
    Training *self = data;
    const DkmEvaluateWindows windows = {.side = dkm_evaluate_side(self->options.cases)};
    if (self->validation->len == 0)
        return g_strdup("no validation");
    g_autoptr(GArray) scores =
        dkm_evaluate_network(self->check, self->validation, &windows, 0.5f, cancel, error);
    if (!scores)
        return NULL;
    double mean, sd;
    dkm_scores_summarise(scores, &mean, &sd);
    return g_strdup_printf("validation Dice %.4f +- %.4f of %u patients", mean, sd, scores->len);
}

static gboolean save(gpointer data, const DkmTrainRecord *record, GError **error)
{
    Training *self = data;
    g_autoptr(GPtrArray) meta = dkm_train_metadata(&self->options, "sm", record);
    const DkmWeightsPart part = {"", self->params};
    return dkm_weights_save(self->options.out, &part, 1, (const char *const *)meta->pdata, error);
}

/* A DM that has seen the phases of a patient whom the SM is scored on would leak contrast. */
static gboolean same_split(const DkmWeights *dm, const DkmSplit *wanted, GError **error)
{
    DkmSplit split;
    if (!dkm_split_parse(dkm_weights_meta(dm, "split_seed"), dkm_weights_meta(dm, "split_fold"),
                         &split, error))
        return FALSE;
    if (split.seed == wanted->seed && split.fold == wanted->fold)
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE,
                "the diffusion module was trained on other patients (seed %" G_GUINT64_FORMAT
                ", fold %d) than this run would be (seed %" G_GUINT64_FORMAT ", fold %d; -1: none)",
                split.seed, split.fold, wanted->seed, wanted->fold);
    return FALSE;
}

/* The DM's weights, before the SM's are made. How it was trained is how it will be used. */
static gboolean load_dm(Training *self, GError **error)
{
    const DkmTrainOptions *o = &self->options;
    if (!dkm_preset_uses_dm(&self->preset))
        return TRUE;
    g_autoptr(DkmWeights) weights = dkm_weights_open(o->dm, error);
    const char *reading = weights ? dkm_weights_meta(weights, "reading") : NULL;
    return weights && same_split(weights, &o->split, error) &&
           (!reading || dkm_reading_parse(reading, &self->preset.reading, error)) &&
           dkm_network_declare(o->preset, TRUE, self->params, error) &&
           dkm_weights_load(weights, "", self->params, error);
}

static gboolean make_networks(Training *self, GError **error)
{
    const DkmTrainOptions *o = &self->options;
    const DkmNetworkShape batches = {.preset = o->preset,
                                     .dtype = o->dtype,
                                     .samples = o->batch,
                                     .rows = o->side,
                                     .columns = o->side,
                                     .code_only = TRUE};
    DkmNetworkShape whole = batches;
    whole.samples = 1;
    whole.rows = whole.columns = dkm_evaluate_side(o->cases);
    whole.code_only = FALSE;
    if (dkm_preset_uses_dm(o->preset) &&
        !(self->codes = dkm_code_source_new(&batches, self->params, !o->augment, error)))
        return FALSE;
    self->check = dkm_network_new(&whole, self->params, error);
    return self->check != NULL;
}

static gboolean set_up(Training *self, GError **error)
{
    const DkmTrainOptions *o = &self->options;
    const gsize n = (gsize)o->batch * (gsize)o->side * (gsize)o->side;
    if (!dkm_engine_open(&self->engine, o->device, o->threads, error))
        return FALSE;
    self->params = dkm_params_new(self->engine.backend, self->engine.device);
    if (!load_dm(self, error))
        return FALSE;
    build_net(self);
    const DkmTrainerSetup setup = {.engine = &self->engine,
                                   .graph = self->graph,
                                   .params = self->params,
                                   .seed = o->seed,
                                   .loss = self->net.loss,
                                   .state = self->net.sm.state,
                                   .new_state = self->net.sm.new_state,
                                   .n_states = self->net.sm.n_norms,
                                   .weight_decay = o->weight_decay,
                                   .clip = o->clip,
                                   .average_decay = o->average_decay};
    self->trainer = dkm_trainer_new(&setup, error);
    if (!self->trainer || !make_networks(self, error))
        return FALSE;
    self->validation = dkm_cases_validation(o->cases, &o->split, o->validation_slices);
    self->x_0_host = g_new0(float, n);
    self->noise_host = g_new0(float, n);
    self->label_host = g_new0(float, n);
    return TRUE;
}

static gboolean check_options(const DkmTrainOptions *o, GError **error)
{
    const char *wrong = o->epochs < 1 ? "a segmentation module needs at least one epoch"
                        : dkm_preset_uses_dm(o->preset) && !o->dm
                            ? "say which diffusion module's code the segmentation module takes in"
                            : NULL;
    if (wrong)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE, wrong);
    return !wrong && dkm_train_check(o, error);
}

gboolean dkm_train_sm(const DkmTrainOptions *options, GCancellable *cancel, GError **error)
{
    g_auto(Training) self = {.options = *options, .preset = *options->preset};
    self.options.preset = &self.preset;
    if (!check_options(options, error) || !set_up(&self, error))
        return FALSE;
    const DkmTrainTask task = {.fill = fill, .validate = validate, .save = save, .self = &self};
    return dkm_train_loop(&self.options, "sm", self.trainer, &task, cancel, error);
}
