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
    DkmParams *shown;  /* what is validated and written: PARAMS, or with the SM's average in it */
    DkmParams *best;   /* the SM of the best epoch; NULL where the last one is the result */
    DkmGraph *graph;   /* the SM in training, codes as inputs */
    DkmSmNet net;
    DkmTrainer *trainer;
    DkmCodeSource *codes; /* NULL without a DM */
    DkmNetwork *check;    /* as it will be used, for validation */
    GArray *validation;
    DkmSmBatch batch;
    float *phi_below, *phi_above; /* of the batch; NULL without the boundary loss */
} Training;

static void training_clear(Training *self)
{
    g_clear_pointer(&self->trainer, dkm_trainer_free);
    g_clear_pointer(&self->codes, dkm_code_source_free);
    g_clear_pointer(&self->check, dkm_network_free);
    if (self->shown != self->params)
        g_clear_pointer(&self->shown, dkm_params_free);
    g_clear_pointer(&self->best, dkm_params_free);
    g_clear_pointer(&self->params, dkm_params_free);
    g_clear_pointer(&self->graph, dkm_graph_free);
    g_clear_pointer(&self->validation, g_array_unref);
    dkm_sm_batch_clear(&self->batch);
    g_free(self->phi_below);
    g_free(self->phi_above);
    dkm_engine_close(&self->engine);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Training, training_clear)

/* How far the pixels of the batch's labels lie from their outlines. */
static gboolean set_boundary(Training *self, const DkmSample *samples, GError **error)
{
    const DkmSmBatch *b = &self->batch;
    const gsize pixels = (gsize)b->side * (gsize)b->side;
    if (!self->phi_below)
        return TRUE;
    for (int i = 0; i < b->samples; i++) {
        const gsize at = (gsize)i * pixels;
        const double pixel_mm = dkm_mask_grid(samples[i].c->mask)->spacing_mm[1];
        if (!dkm_boundary_map(b->label + at, b->side, pixel_mm, self->phi_above + at, error))
            return FALSE;
    }
    for (gsize i = 0; i < (gsize)b->samples * pixels; i++) {
        self->phi_above[i] /= 4;
        self->phi_below[i] = -self->phi_above[i];
    }
    return dkm_trainer_set_input(self->trainer, self->net.boundary.below, self->phi_below, error) &&
           dkm_trainer_set_input(self->trainer, self->net.boundary.above, self->phi_above, error);
}

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
    for (int i = 0; i < DKM_SM_DEEP; i++)
        if (self->net.deep_label[i] != DKM_NO_VALUE &&
            !dkm_trainer_set_input(self->trainer, self->net.deep_label[i], b->deep_label[i], error))
            return FALSE;
    return set_boundary(self, samples, error) &&
           dkm_trainer_set_input(self->trainer, self->net.x_0, b->x, error) &&
           dkm_trainer_set_input(self->trainer, self->net.label, b->label, error);
}

/* Every tensor of FROM whose name begins with PREFIX into TO. */
static gboolean copy_params(DkmParams *from, const char *prefix, DkmParams *to, GError **error)
{
    for (guint i = 0; i < dkm_params_count(from); i++) {
        const char *name = dkm_params_name(from, i);
        const DkmShape shape = dkm_params_shape(from, name);
        const gsize n = dkm_shape_count(shape);
        if (!g_str_has_prefix(name, prefix))
            continue;
        g_autofree float *host = g_try_new(float, n);
        if (!host)
            return dkm_error_set_no_memory(error, n * sizeof *host, name);
        if (!dkm_params_get(from, name, host, n, error) ||
            !dkm_params_set(to, name, shape, host, error))
            return FALSE;
    }
    return TRUE;
}

/* Running statistics have no average of their own: they are one. */
static gboolean refresh(Training *self, GError **error)
{
    return self->shown == self->params ||
           (copy_params(self->params, "sm.", self->shown, error) &&
            copy_params(dkm_trainer_result(self->trainer), "sm.", self->shown, error));
}

static gboolean keep(gpointer data, GError **error)
{
    Training *self = data;
    return copy_params(self->shown, "sm.", self->best, error);
}

/* Adds to LINE how well the module does with POSTS beside the pre-contrast phase, and returns it.
 */
static gboolean validate_with(Training *self, guint posts, GString *line, double *mean,
                              GCancellable *cancel, GError **error)
{
    const DkmEvaluateWindows windows = {.side = dkm_evaluate_side(self->options.cases)};
    double sd;
    dkm_network_show(self->check, posts);
    g_autoptr(GArray) scores =
        dkm_evaluate_network(self->check, self->validation, &windows, 0.5f, cancel, error);
    if (!scores)
        return FALSE;
    dkm_scores_summarise(scores, mean, &sd);
    if (line->len == 0)
        g_string_append_printf(line, "validation Dice %.4f +- %.4f of %u patients", *mean, sd,
                               scores->len);
    else
        g_string_append_printf(line, ", with %s %.4f", dkm_posts_name(posts), *mean);
    return TRUE;
}

/* The score is the mean over all that the input accepts. */
static char *validate(gpointer data, double *score, GCancellable *cancel, GError **error)
{
    Training *self = data;
    if (self->validation->len == 0)
        return g_strdup("no validation");
    if (!refresh(self, error))
        return NULL;
    g_autoptr(GString) line = g_string_new(NULL);
    double sum = 0, mean;
    int n = 0;
    for (guint posts = 0; posts <= DKM_POST_BOTH; posts++) {
        if (!dkm_network_accepts(self->check, posts))
            continue;
        if (!validate_with(self, posts, line, &mean, cancel, error))
            return NULL;
        sum += mean;
        n++;
    }
    *score = sum / n;
    return g_strdup(line->str);
}

/* The SM of the best epoch beside the DM; a store of its own. */
static DkmParams *assemble_best(Training *self, GError **error)
{
    g_autoptr(DkmParams) all = dkm_params_new(self->engine.backend, self->engine.device);
    return copy_params(self->params, "dm.", all, error) &&
                   copy_params(self->best, "sm.", all, error)
               ? g_steal_pointer(&all)
               : NULL;
}

static gboolean save(gpointer data, const DkmTrainRecord *record, GError **error)
{
    Training *self = data;
    g_autoptr(GPtrArray) meta = dkm_train_metadata(&self->options, "sm", record);
    g_autoptr(DkmParams) best = NULL;
    if (!refresh(self, error) || (record->best_epoch > 0 && !(best = assemble_best(self, error))))
        return FALSE;
    const DkmWeightsPart part = {"", best ? best : self->shown};
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

/* The code of images in other units would be another code. */
static gboolean same_normalisation(const DkmWeights *dm, const GPtrArray *cases, GError **error)
{
    const DkmCase *first = g_ptr_array_index(cases, 0);
    DkmNormaliseRule rule;
    if (!dkm_normalise_rule_parse(dkm_weights_meta(dm, "normalisation"), &rule, error))
        return FALSE;
    if (rule == first->rule)
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE,
                "the diffusion module was trained with --normalisation %s, this run would be with "
                "%s",
                dkm_normalise_rule_name(rule), dkm_normalise_rule_name(first->rule));
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
           same_normalisation(weights, o->cases, error) &&
           (!reading || dkm_reading_parse(reading, &self->preset.reading, error)) &&
           dkm_network_declare(o->preset, TRUE, self->params, error) &&
           dkm_weights_load(weights, "", self->params, error);
}

/* Stores beside the trained one, where the recipe asks for them. */
static gboolean make_stores(Training *self, GError **error)
{
    const DkmTrainOptions *o = &self->options;
    self->shown = self->params;
    if (o->average_decay > 0) {
        self->shown = dkm_params_new(self->engine.backend, self->engine.device);
        if (!copy_params(self->params, "dm.", self->shown, error) || !refresh(self, error))
            return FALSE;
    }
    if (!o->best)
        return TRUE;
    self->best = dkm_params_new(self->engine.backend, self->engine.device);
    dkm_trainer_set_kept(self->trainer, self->best);
    return keep(self, error);
}

static gboolean make_networks(Training *self, GError **error)
{
    const DkmTrainOptions *o = &self->options;
    DkmNetworkShape batches = {.preset = o->preset,
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
    whole.noise_fields = o->noise_fields;
    batches.noise_fields =
        MIN(o->noise_fields, 1); /* in training a slice shows one field, or none */
    const gboolean same = !o->augment && !o->augment_intensity; /* each visit */
    if (dkm_preset_uses_dm(o->preset) &&
        !(self->codes = dkm_code_source_new(&batches, self->params, same, error)))
        return FALSE;
    self->check = dkm_network_new(&whole, self->shown, error);
    return self->check != NULL;
}

static gboolean set_up(Training *self, GError **error)
{
    const DkmTrainOptions *o = &self->options;
    const DkmNetSize size = {o->preset, o->batch, o->side, o->deep_supervision, o->boundary_weight};
    const gsize pixels = (gsize)o->batch * (gsize)o->side * (gsize)o->side;
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
    if (!self->trainer || !make_stores(self, error) || !make_networks(self, error))
        return FALSE;
    self->validation = dkm_cases_validation(o->cases, &o->split, o->validation_slices);
    if (o->best && self->validation->len == 0) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE,
                            "the best epoch is chosen on validation patients: there are none");
        return FALSE;
    }
    dkm_sm_batch_init(&self->batch, o->preset, o->batch, o->side);
    if (o->boundary_weight > 0) {
        self->phi_below = g_new0(float, pixels);
        self->phi_above = g_new0(float, pixels);
    }
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
    const DkmTrainTask task = {.fill = fill,
                               .validate = validate,
                               .keep = options->best ? keep : NULL,
                               .save = save,
                               .self = &self};
    return dkm_train_loop(&self.options, "sm", self.trainer, &task, cancel, error);
}
