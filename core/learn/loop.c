#include "core/learn/loop.h"

#include "core/error.h"
#include "core/learn/input-statistics.h"
#include "core/model/network.h"
#include "core/model/noise.h"
#include "core/net/dtype.h"
#include "core/philox.h"

#include <math.h>

typedef struct {
    const DkmTrainOptions *options;
    const DkmTrainTask *task;
    DkmTrainer *trainer;
    GArray *samples;      /* of the training patients */
    DkmSample *shuffled;  /* the same in the order of the current epoch */
    gint64 steps_a_epoch; /* an incomplete last batch is left out */
    GString *history;
    char *checkpoint, *settings, *statistics;
    gint64 first_step; /* of this process */
    double epoch_loss; /* sum over epoch_steps, of this process and epoch */
    int epoch_steps;
    int best_epoch; /* 0: none yet */
    double best_score;
    gint64 started_us, saved_us;
} Loop;

static void loop_clear(Loop *loop)
{
    g_clear_pointer(&loop->samples, g_array_unref);
    g_clear_pointer(&loop->shuffled, g_free);
    if (loop->history)
        g_string_free(g_steal_pointer(&loop->history), TRUE);
    g_clear_pointer(&loop->checkpoint, g_free);
    g_clear_pointer(&loop->settings, g_free);
    g_clear_pointer(&loop->statistics, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Loop, loop_clear)

static char *describe_split(const DkmSplit *split)
{
    return split->fold == DKM_NO_FOLD
               ? g_strdup("")
               : g_strdup_printf(" but fold %d of %d", split->fold, DKM_FOLDS);
}

/* All cases are normalised by one. */
static DkmNormaliseRule rule_of(const DkmTrainOptions *o)
{
    return ((const DkmCase *)g_ptr_array_index(o->cases, 0))->rule;
}

/* What a recipe has beyond the paper's, each with a comma before it; "" for the paper's. */
static char *describe_extras(const DkmTrainOptions *o)
{
    GString *text = g_string_new(NULL);
    if (o->preset->input != DKM_INPUT_PRE)
        g_string_append_printf(text, ", input %s", dkm_input_name(o->preset->input));
    if (rule_of(o) != DKM_NORMALISE_FOREGROUND)
        g_string_append_printf(text, ", normalisation %s", dkm_normalise_rule_name(rule_of(o)));
    if (o->augment_intensity)
        g_string_append(text, ", intensity augmented");
    if (o->noise_fields > 1)
        g_string_append_printf(text, ", %d noise fields", o->noise_fields);
    if (o->noise_fields == DKM_NO_NOISE)
        g_string_append(text, ", no noise");
    if (o->deep_supervision)
        g_string_append(text, ", deep supervision");
    if (o->boundary_weight > 0)
        g_string_append_printf(text, ", boundary loss %g", (double)o->boundary_weight);
    if (o->best)
        g_string_append(text, ", best epoch");
    if (o->preset->network != DKM_NETWORK_KINETIC)
        g_string_append_printf(text, ", network %s", dkm_network_kind_name(o->preset->network));
    return g_string_free(text, FALSE);
}

/* Everything that decides what the weights become, as one text: a resumed run must have the same.
 * How far to train and where is left out, unless the rate depends on it. */
static char *describe_settings(const DkmTrainOptions *o, const char *kind, guint n_samples)
{
    const DkmPreset *p = o->preset;
    g_autofree char *fusion = dkm_fusion_name(p->fuse), *split = describe_split(&o->split),
                    *extras = describe_extras(o);
    g_autofree char *length =
        o->cosine ? g_strdup_printf("over %d epochs", o->epochs) : g_strdup("constant");
    return g_strdup_printf(
        "%s %s reading %s tap %s t %d fusion %s, %u slices%s, seed %" G_GUINT64_FORMAT
        ", batch %d, side %d, %s, rate %g %s, decay %g, clip %g, average %g, dropout %g, lambda "
        "%g, %s%s",
        kind, p->name, dkm_reading_name(p->reading), dkm_tap_name(p->tap), p->timestep, fusion,
        n_samples, split, o->seed, o->batch, o->side, o->augment ? "augmented" : "centred",
        (double)o->rate, length, (double)o->weight_decay, (double)o->clip, (double)o->average_decay,
        (double)o->dropout, (double)o->ssim_weight, dkm_dtype_name(o->dtype), extras);
}

/* Fisher and Yates, from the seed and the number of the epoch alone. */
static void shuffle(Loop *loop, gint64 epoch)
{
    const guint n = loop->samples->len;
    for (guint i = 0; i < n; i++)
        loop->shuffled[i] = g_array_index(loop->samples, DkmSample, i);
    for (guint i = n; i-- > 1;) {
        const guint64 index = (guint64)epoch << 32 | i;
        const guint j =
            (guint)(dkm_philox_uniform(loop->options->seed, index, DKM_STREAM_ORDER) * (i + 1));
        const DkmSample swap = loop->shuffled[i];
        loop->shuffled[i] = loop->shuffled[j];
        loop->shuffled[j] = swap;
    }
}

static float rate_at(const Loop *loop, gint64 step)
{
    const DkmTrainOptions *o = loop->options;
    if (!o->cosine)
        return o->rate;
    const double done = (double)step / ((double)loop->steps_a_epoch * o->epochs);
    return (float)(o->rate * 0.5 * (1 + cos(G_PI * done)));
}

static double seconds_since(gint64 start_us)
{
    return (double)(g_get_monotonic_time() - start_us) / 1e6;
}

static void report(Loop *loop, const char *validation)
{
    const DkmTrainOptions *o = loop->options;
    const gint64 step = dkm_trainer_steps(loop->trainer), steps = loop->steps_a_epoch * o->epochs;
    const double seconds = seconds_since(loop->started_us);
    const double a_step = seconds / (double)MAX(1, step - loop->first_step);
    double left = a_step * (double)(steps - step);
    if (o->minutes > 0)
        left = MIN(left, MAX(0, o->minutes * 60 - seconds));
    const DkmTrainProgress progress = {.step = step,
                                       .steps = steps,
                                       .epoch = (int)((step - 1) / loop->steps_a_epoch) + 1,
                                       .epochs = o->epochs,
                                       .loss = loop->epoch_loss / MAX(1, loop->epoch_steps),
                                       .slices_per_second = o->batch / a_step,
                                       .seconds_left = left,
                                       .validation = validation};
    if (o->report)
        o->report(&progress, o->report_data);
}

static gboolean save(Loop *loop, GError **error)
{
    g_autofree char *epoch = g_strdup_printf("%d", loop->best_epoch);
    char score[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_dtostr(score, sizeof score, loop->best_score);
    const char *meta[] = {"settings",         loop->settings, "history",
                          loop->history->str, "best_epoch",   epoch,
                          "best_score",       score,          NULL};
    const DkmTrainRecord record = {dkm_trainer_steps(loop->trainer), loop->history->str,
                                   loop->best_epoch, loop->best_score, loop->statistics};
    loop->saved_us = g_get_monotonic_time();
    return dkm_trainer_save(loop->trainer, loop->checkpoint, meta, error) &&
           loop->task->save(loop->task->self, &record, error);
}

static const char *meta_or(const DkmWeights *weights, const char *key, const char *otherwise)
{
    const char *value = dkm_weights_meta(weights, key);
    return value ? value : otherwise;
}

static gboolean resume(Loop *loop, GError **error)
{
    if (!loop->options->resume)
        return TRUE;
    g_autoptr(DkmWeights) from =
        dkm_trainer_load(loop->trainer, loop->checkpoint, loop->settings, error);
    if (!from)
        return FALSE;
    g_string_assign(loop->history, meta_or(from, "history", ""));
    loop->best_epoch = (int)g_ascii_strtoll(meta_or(from, "best_epoch", "0"), NULL, 10);
    loop->best_score = g_ascii_strtod(meta_or(from, "best_score", "0"), NULL);
    return TRUE;
}

/* The first of equals stays. */
static gboolean keep_best(Loop *loop, int epoch, double score, GError **error)
{
    if (!loop->task->keep || isnan(score) || (loop->best_epoch > 0 && score <= loop->best_score))
        return TRUE;
    loop->best_epoch = epoch;
    loop->best_score = score;
    return loop->task->keep(loop->task->self, error);
}

static gboolean end_epoch(Loop *loop, gint64 epoch, GCancellable *cancel, GError **error)
{
    double score = NAN;
    g_autofree char *line = loop->task->validate(loop->task->self, &score, cancel, error);
    if (!line || !keep_best(loop, (int)epoch + 1, score, error))
        return FALSE;
    g_string_append_printf(loop->history, "epoch %d: loss %.5f, %s\n", (int)epoch + 1,
                           loop->epoch_loss / MAX(1, loop->epoch_steps), line);
    report(loop, line);
    loop->epoch_loss = 0;
    loop->epoch_steps = 0;
    return TRUE;
}

static gboolean one_step(Loop *loop, gint64 step, GCancellable *cancel, GError **error)
{
    const gint64 batch = loop->options->batch, place = step % loop->steps_a_epoch;
    double loss;
    if (place == 0 || step == loop->first_step)
        shuffle(loop, step / loop->steps_a_epoch);
    if (!loop->task->fill(loop->task->self, loop->shuffled + place * batch, (guint64)(step * batch),
                          error) ||
        !dkm_trainer_step(loop->trainer, rate_at(loop, step), &loss, cancel, error))
        return FALSE;
    loop->epoch_loss += loss;
    loop->epoch_steps++;
    report(loop, NULL);
    return place + 1 < loop->steps_a_epoch ||
           end_epoch(loop, step / loop->steps_a_epoch, cancel, error);
}

/* Steps until the run is complete, its time is over or it is cancelled. */
static gboolean run(Loop *loop, GCancellable *cancel, GError **error)
{
    const DkmTrainOptions *o = loop->options;
    const gint64 steps = loop->steps_a_epoch * o->epochs;
    for (gint64 step = loop->first_step; step < steps; step++) {
        if (o->minutes > 0 && seconds_since(loop->started_us) > o->minutes * 60)
            break;
        if (!one_step(loop, step, cancel, error))
            return FALSE;
        if (o->checkpoint_minutes > 0 &&
            seconds_since(loop->saved_us) > o->checkpoint_minutes * 60 && !save(loop, error))
            return FALSE;
    }
    return TRUE;
}

gboolean dkm_train_check(const DkmTrainOptions *o, GError **error)
{
    g_autoptr(GArray) samples = dkm_cases_samples(o->cases, &o->split, DKM_SPLIT_TRAINING);
    if (o->batch < 1 || o->epochs < 0 || o->side < 16 || o->side % 16 != 0) {
        g_set_error(
            error, DKM_ERROR, DKM_ERROR_USAGE,
            "training needs a batch of at least 1, epochs of at least 0 and a side that is a "
            "multiple of 16 (got %d, %d, %d)",
            o->batch, o->epochs, o->side);
        return FALSE;
    }
    if (samples->len < (guint)o->batch) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                    "the training patients have %u slices, fewer than one batch of %d",
                    samples->len, o->batch);
        return FALSE;
    }
    return TRUE;
}

gboolean dkm_train_loop(const DkmTrainOptions *options, const char *kind, DkmTrainer *trainer,
                        const DkmTrainTask *task, GCancellable *cancel, GError **error)
{
    g_auto(Loop)
        loop = {.options = options,
                .task = task,
                .trainer = trainer,
                .samples = dkm_cases_samples(options->cases, &options->split, DKM_SPLIT_TRAINING),
                .history = g_string_new(NULL),
                .checkpoint = g_strconcat(options->out, ".checkpoint", NULL)};
    const guint n = loop.samples->len;
    loop.settings = describe_settings(options, kind, n);
    loop.statistics = dkm_input_statistics(options->cases, &options->split);
    loop.shuffled = g_new(DkmSample, n);
    loop.steps_a_epoch = n / (guint)options->batch;
    if (!resume(&loop, error))
        return FALSE;
    loop.first_step = dkm_trainer_steps(trainer);
    loop.started_us = loop.saved_us = g_get_monotonic_time();
    g_autoptr(GError) stopped = NULL;
    if (!run(&loop, cancel, &stopped) &&
        !g_error_matches(stopped, DKM_ERROR, DKM_ERROR_CANCELLED)) {
        g_propagate_error(error, g_steal_pointer(&stopped));
        return FALSE;
    }
    /* Stopped before the first step: what lies there already is worth more. */
    if ((!stopped || dkm_trainer_steps(trainer) > loop.first_step) && !save(&loop, error))
        return FALSE;
    if (!stopped)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&stopped));
    return FALSE;
}

static void add_pair(GPtrArray *pairs, const char *key, char *value_take)
{
    g_ptr_array_add(pairs, g_strdup(key));
    g_ptr_array_add(pairs, value_take);
}

GPtrArray *dkm_train_metadata(const DkmTrainOptions *o, const char *kind,
                              const DkmTrainRecord *record)
{
    const DkmPreset *p = o->preset;
    GPtrArray *pairs = g_ptr_array_new_with_free_func(g_free);
    const DkmCase *first = g_ptr_array_index(o->cases, 0);
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(number, sizeof number, "%.5f", dkm_mask_grid(first->mask)->spacing_mm[1]);
    g_autoptr(GArray) samples = dkm_cases_samples(o->cases, &o->split, DKM_SPLIT_TRAINING);
    add_pair(pairs, "format", g_strdup("dkm-model-1"));
    add_pair(pairs, "preset", g_strdup(p->name));
    add_pair(pairs, "reading", g_strdup(dkm_reading_name(p->reading)));
    add_pair(pairs, "tap", g_strdup(dkm_tap_name(p->tap)));
    add_pair(pairs, "fusion", dkm_fusion_name(p->fuse));
    add_pair(pairs, "input", g_strdup(dkm_input_name(p->input)));
    add_pair(pairs, "accepts", dkm_preset_accepted(p));
    add_pair(pairs, "network", g_strdup(dkm_network_kind_name(p->network)));
    add_pair(pairs, "timestep", g_strdup_printf("%d", p->timestep));
    add_pair(pairs, "schedule", g_strdup("linear 1e-4 1e-2 1000"));
    add_pair(pairs, "noise_seed", g_strdup("0"));
    if (o->noise_fields > 1)
        add_pair(pairs, "noise_fields", g_strdup_printf("%d", o->noise_fields));
    if (o->noise_fields == DKM_NO_NOISE)
        add_pair(pairs, "noise_fields", g_strdup("none"));
    add_pair(pairs, "normalisation", g_strdup(dkm_normalise_rule_name(rule_of(o))));
    add_pair(pairs, "pixel_mm", g_strdup(number));
    add_pair(pairs, "split_seed", g_strdup_printf("%" G_GUINT64_FORMAT, o->split.seed));
    if (o->split.fold != DKM_NO_FOLD)
        add_pair(pairs, "split_fold", g_strdup_printf("%d", o->split.fold));
    add_pair(pairs, "trained_on", describe_settings(o, kind, samples->len));
    if (record->statistics)
        add_pair(pairs, DKM_TRAINED_ON_KEY, g_strdup(record->statistics));
    add_pair(pairs, "steps", g_strdup_printf("%" G_GINT64_FORMAT, record->steps));
    if (record->best_epoch > 0) {
        char score[G_ASCII_DTOSTR_BUF_SIZE];
        g_ascii_formatd(score, sizeof score, "%.5f", record->best_score);
        add_pair(pairs, "best_epoch", g_strdup_printf("%d", record->best_epoch));
        add_pair(pairs, "best_validation_dice", g_strdup(score));
    }
    add_pair(pairs, "history", g_strdup(record->history));
    g_ptr_array_add(pairs, NULL);
    return pairs;
}
