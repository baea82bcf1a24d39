/* Step two: the segmentation module learns to find the tumour from the clean pre-contrast image and
 * the kinetic code of the diffusion module, whose weights stay as they are. */
#include "core/error.h"
#include "core/learn/evaluate.h"
#include "core/learn/loop.h"
#include "core/learn/nets.h"
#include "core/learn/sm-batch.h"
#include "core/net/weights.h"

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
    DkmSmBatch batch;
} Training;

static void training_clear(Training *self)
{
    g_clear_pointer(&self->trainer, dkm_trainer_free);
    g_clear_pointer(&self->codes, dkm_code_source_free);
    g_clear_pointer(&self->check, dkm_network_free);
    g_clear_pointer(&self->params, dkm_params_free);
    g_clear_pointer(&self->graph, dkm_graph_free);
    g_clear_pointer(&self->validation, g_array_unref);
    dkm_sm_batch_clear(&self->batch);
    dkm_engine_close(&self->engine);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Training, training_clear)

static gboolean fill(gpointer data, const DkmSample *samples, guint64 first, GError **error)
{
    Training *self = data;
    DkmSmBatch *b = &self->batch;
    for (int i = 0; i < b->samples; i++) {
        const DkmSmDraw draw = dkm_sm_draw(&self->options, &samples[i], first + (guint64)i);
        dkm_sm_batch_fill(b, i, &samples[i], &draw);
    }
    if (self->codes &&
        !dkm_code_source_get(self->codes, samples, b->x_0, b->noise, &b->codes, error))
        return FALSE;
    dkm_sm_batch_add_predicted(b);
    for (int i = 0; i < DKM_LEVELS; i++)
        if (b->codes.code[i] &&
            !dkm_trainer_set_input(self->trainer, self->net.code[i], b->codes.code[i], error))
            return FALSE;
    return dkm_trainer_set_input(self->trainer, self->net.x_0, b->x, error) &&
           dkm_trainer_set_input(self->trainer, self->net.label, b->label, error);
}

/* Adds to LINE how well the module does with POSTS beside the pre-contrast phase. */
static gboolean validate_with(Training *self, guint posts, GString *line, GCancellable *cancel,
                              GError **error)
{
    const DkmEvaluateWindows windows = {.side = dkm_evaluate_side(self->options.cases)};
    double mean, sd;
    dkm_network_show(self->check, posts);
    g_autoptr(GArray) scores =
        dkm_evaluate_network(self->check, self->validation, &windows, 0.5f, cancel, error);
    if (!scores)
        return FALSE;
    dkm_scores_summarise(scores, &mean, &sd);
    if (line->len == 0)
        g_string_append_printf(line, "validation Dice %.4f +- %.4f of %u patients", mean, sd,
                               scores->len);
    else
        g_string_append_printf(line, ", with %s %.4f", dkm_posts_name(posts), mean);
    return TRUE;
}

static char *validate(gpointer data, GCancellable *cancel, GError **error)
{
    Training *self = data;
    if (self->validation->len == 0)
        return g_strdup("no validation");
    g_autoptr(GString) line = g_string_new(NULL);
    for (guint posts = 0; posts <= DKM_POST_BOTH; posts++)
        if (dkm_network_accepts(self->check, posts) &&
            !validate_with(self, posts, line, cancel, error))
            return NULL;
    return g_strdup(line->str);
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
                                     .code_only = TRUE,
                                     .predict = self->preset.input == DKM_INPUT_PREDICTED};
    DkmNetworkShape whole = batches;
    whole.samples = 1;
    whole.rows = whole.columns = dkm_evaluate_side(o->cases);
    whole.code_only = whole.predict = FALSE;
    if (dkm_preset_uses_dm(o->preset) &&
        !(self->codes = dkm_code_source_new(&batches, self->params, !o->augment, error)))
        return FALSE;
    self->check = dkm_network_new(&whole, self->params, error);
    return self->check != NULL;
}

static gboolean set_up(Training *self, GError **error)
{
    const DkmTrainOptions *o = &self->options;
    const DkmNetSize size = {o->preset, o->batch, o->side};
    if (!dkm_engine_open(&self->engine, o->device, o->threads, error))
        return FALSE;
    self->params = dkm_params_new(self->engine.backend, self->engine.device);
    if (!load_dm(self, error))
        return FALSE;
    self->graph = dkm_graph_new(o->dtype);
    self->net = dkm_sm_net_build(self->graph, &size, o->ssim_weight);
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
    dkm_sm_batch_init(&self->batch, o->preset, o->batch, o->side);
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
