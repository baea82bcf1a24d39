#include "core/model/pipeline.h"

#include "core/error.h"
#include "core/i18n.h"
#include "core/model/heat-map.h"
#include "core/model/model-private.h"
#include "core/model/noise.h"

#include <math.h>
#include <string.h>

/* Shares of the progress bar, in permille. */
enum { MEASURED = 20, COMPUTED = 970, FINISHED = 1000 };
/* Slices at once where nobody says how many: more are no faster. */
enum { MOST_AT_ONCE = 16 };

/* One run of a model over a volume. */
typedef struct {
    DkmModel *model;
    DkmVolume *pre, *post[2]; /* early, late; NULL where not shown */
    DkmBox box;
    float threshold;
    gboolean predict;
    GCancellable *cancel;
    DkmNormalisation normalisation;
    gsize clamped; /* voxels so far */
    DkmLattice *lattice;
    DkmHeatMap *heat;
    float *plane;                         /* n[1]*n[2] */
    float *x_0, *x_post, *noise, *output; /* a batch on the lattice; output: K channels */
    guint16 *predicted[2];
    float *slope[2], *intercept[2];
    DkmResult *result;
} Run;

static void run_clear(Run *run)
{
    g_clear_pointer(&run->lattice, dkm_lattice_free);
    g_clear_pointer(&run->heat, dkm_heat_map_free);
    g_clear_pointer(&run->result, dkm_result_unref);
    g_free(run->plane);
    g_free(run->x_0);
    g_free(run->x_post);
    g_free(run->noise);
    g_free(run->output);
    for (int k = 0; k < 2; k++) {
        g_free(run->predicted[k]);
        g_free(run->slope[k]);
        g_free(run->intercept[k]);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

DkmResult *dkm_result_ref(DkmResult *result)
{
    g_atomic_ref_count_inc(&result->refs);
    return result;
}

void dkm_result_unref(DkmResult *result)
{
    if (!result || !g_atomic_ref_count_dec(&result->refs))
        return;
    g_clear_pointer(&result->mask, dkm_mask_unref);
    g_free(result->probability);
    g_free(result->kinetic);
    for (int k = 0; k < 2; k++)
        g_clear_pointer(&result->predicted[k], dkm_volume_unref);
    g_free(result->weights_sha256);
    g_free(result->device);
    g_free(result->scales_sha256);
    g_strfreev(result->refused);
    g_free(result);
}

static gboolean try_new(gpointer where, gsize count, gsize size, const char *what, GError **error)
{
    gpointer *pointer = where;
    *pointer = g_try_malloc0_n(count, size);
    return *pointer || dkm_error_set_no_memory(error, count * size, what);
}

/* Bits of the post-contrast phases that were given. */
static guint shown_posts(const Run *run)
{
    return (run->post[0] ? DKM_POST_EARLY : 0) | (run->post[1] ? DKM_POST_LATE : 0);
}

/* What phases_used says, by bits of post-contrast phases. */
static const char *const phases_names[] = {"pre-contrast", "pre-contrast, early",
                                           "pre-contrast, late", "pre-contrast, early, late"};

static gboolean make_result(Run *run, GError **error)
{
    const DkmModel *model = run->model;
    const DkmGrid *grid = dkm_volume_grid(run->pre);
    const gsize voxels = dkm_grid_voxels(grid);
    DkmResult *r = run->result = g_new0(DkmResult, 1);
    g_atomic_ref_count_init(&r->refs);
    r->grid = *grid;
    r->threshold = run->threshold;
    r->weights_sha256 = g_strdup(dkm_model_weights_sha256(model));
    r->device = g_strdup(model->device);
    r->refused = g_strdupv(model->engine.refused);
    r->scales_sha256 = dkm_model_scales_sha256(model);
    r->precision = dkm_precision_name(model->precision);
    r->noise_seed = model->noise_seed;
    r->noise_fields = MAX(0, model->noise_fields);
    r->timestep = model->preset.timestep;
    r->phases_used = phases_names[shown_posts(run)];
    r->has_code = dkm_preset_fuses(&model->preset);
    r->n_predicted = run->predict ? (guint)model->preset.outputs : 0;
    r->mask = dkm_mask_new(grid, error);
    if (!r->mask || !try_new(&r->probability, voxels, 1, "the probability", error) ||
        !try_new(&r->kinetic, voxels, 1, "the kinetic heat map", error))
        return FALSE;
    for (guint k = 0; k < r->n_predicted; k++) {
        run->slope[k] = g_new0(float, grid->n[0]);
        run->intercept[k] = g_new0(float, grid->n[0]);
        if (!try_new(&run->predicted[k], voxels, sizeof(guint16), _("a predicted phase"), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean make_buffers(Run *run, GError **error)
{
    const DkmGrid *grid = dkm_volume_grid(run->pre);
    const int rows = dkm_lattice_rows(run->lattice), columns = dkm_lattice_columns(run->lattice);
    const gsize n = (gsize)rows * (gsize)columns, batch = (gsize)run->model->planned.samples;
    const gsize pixels = (gsize)grid->n[1] * (gsize)grid->n[2];
    if (!try_new(&run->plane, pixels, sizeof(float), "a slice", error) ||
        !try_new(&run->x_0, n * batch, sizeof(float), "slices", error) ||
        !try_new(&run->x_post, shown_posts(run) ? n * batch : 1, sizeof(float), "slices", error) ||
        !try_new(&run->output, n * batch * 2, sizeof(float), "slices", error))
        return FALSE;
    run->noise = dkm_network_make_noise(run->model->network, run->model->noise_seed,
                                        dkm_lattice_first_row(run->lattice),
                                        dkm_lattice_first_column(run->lattice), error);
    return run->noise != NULL;
}

static gboolean plan_batch(Run *run, int samples, GError **error)
{
    DkmModel *model = run->model;
    const DkmNetworkShape shape = {.preset = &model->preset,
                                   .dtype = dkm_precision_dtype(model->precision),
                                   .scales = dkm_model_scales_in_use(model),
                                   .samples = samples,
                                   .rows = dkm_lattice_rows(run->lattice),
                                   .columns = dkm_lattice_columns(run->lattice),
                                   .predict = run->predict,
                                   .noise_fields = model->noise_fields};
    if (model->network && model->planned.samples == shape.samples &&
        model->planned.rows == shape.rows && model->planned.columns == shape.columns &&
        model->planned.predict == shape.predict &&
        model->planned.noise_fields == shape.noise_fields)
        return TRUE;
    g_clear_pointer(&model->network, dkm_network_free);
    model->planned = shape;
    model->network = dkm_network_new(&shape, model->params, error);
    return model->network != NULL;
}

/* Keeps the network of the last run where this one needs the same. Halves the batch until the
 * device has the memory. */
static gboolean plan(Run *run, GError **error)
{
    const int slices = run->box.end[0] - run->box.first[0];
    const int wanted = run->model->batch                        ? run->model->batch
                       : dkm_engine_is_cpu(&run->model->engine) ? 1
                                                                : MOST_AT_ONCE;
    for (int samples = MIN(wanted, slices);; samples /= 2) {
        g_autoptr(GError) why = NULL;
        if (plan_batch(run, samples, &why))
            return TRUE;
        if (samples > 1 && g_error_matches(why, DKM_ERROR, DKM_ERROR_NO_MEMORY))
            continue;
        g_propagate_error(error, g_steal_pointer(&why));
        return FALSE;
    }
}

/* Values that are no numbers fall under every threshold: they must not read as "no tumour". */
static gboolean is_finite(const float *values, gsize n, const char *what, GError **error)
{
    for (gsize i = 0; i < n; i++)
        if (!isfinite(values[i])) {
            g_set_error(
                error, DKM_ERROR, DKM_ERROR_MODEL,
                _("the model computes %s that is infinite or no number: its weights are not "
                  "usable"),
                what);
            return FALSE;
        }
    return TRUE;
}

static gsize lattice_pixels(const Run *run)
{
    return (gsize)dkm_lattice_rows(run->lattice) * (gsize)dkm_lattice_columns(run->lattice);
}

/* Slice Z of the result from the probabilities of one sample. */
static void keep_probability(Run *run, const float *probability_of_sample, int z)
{
    const DkmGrid *grid = dkm_volume_grid(run->pre);
    dkm_lattice_write(run->lattice, &(DkmLatticePicture){probability_of_sample, 1, 1, 0},
                      run->plane);
    guint8 *mask = dkm_mask_slice(run->result->mask, z);
    guint8 *probability = run->result->probability + dkm_grid_index(grid, z, 0, 0);
    for (int y = run->box.first[1]; y < run->box.end[1]; y++)
        for (int x = run->box.first[2]; x < run->box.end[2]; x++) {
            const gsize i = (gsize)y * (gsize)grid->n[2] + (gsize)x;
            mask[i] = run->plane[i] >= run->threshold;
            probability[i] = (guint8)(CLAMP(run->plane[i], 0, 1) * 255 + 0.5f);
        }
}

static gboolean keep_probabilities(Run *run, int first, int count, GError **error)
{
    const gsize n = lattice_pixels(run);
    if (!dkm_network_get_probability(run->model->network, run->output, error) ||
        !is_finite(run->output, n * (gsize)count, _("a probability"), error))
        return FALSE;
    for (int i = 0; i < count; i++)
        keep_probability(run, run->output + (gsize)i * n, first + i);
    return TRUE;
}

/* One predicted phase of slice Z: PLANE in image units to 16 bits with the slice's own scale. */
static void store_phase(Run *run, guint k, int z)
{
    const DkmGrid *grid = dkm_volume_grid(run->pre);
    guint16 *out = run->predicted[k] + dkm_grid_index(grid, z, 0, 0);
    float low = 0, high = 0; /* voxels outside the box are 0 */
    const gsize n = (gsize)grid->n[1] * (gsize)grid->n[2];
    for (gsize i = 0; i < n; i++) {
        low = MIN(low, run->plane[i]);
        high = MAX(high, run->plane[i]);
    }
    const float slope = high > low ? (high - low) / 65535 : 1;
    for (gsize i = 0; i < n; i++)
        out[i] = (guint16)CLAMP((run->plane[i] - low) / slope + 0.5f, 0, 65535);
    run->slope[k][z] = slope;
    run->intercept[k][z] = low;
}

/* The predicted phases of slice Z from VALUES of one sample (rows, columns, K), z-scores. */
static void keep_phases_of(Run *run, const float *values, int z)
{
    const DkmGrid *grid = dkm_volume_grid(run->pre);
    for (guint k = 0; k < run->result->n_predicted; k++) {
        const DkmLatticePicture picture = {values, 1, (int)run->result->n_predicted, (int)k};
        for (gsize i = 0; i < (gsize)grid->n[1] * (gsize)grid->n[2]; i++)
            run->plane[i] = 0;
        dkm_lattice_write(run->lattice, &picture, run->plane);
        store_phase(run, k, z);
    }
}

static gboolean keep_phases(Run *run, int first, int count, GError **error)
{
    const gsize n = lattice_pixels(run) * run->result->n_predicted;
    if (!dkm_network_get_phases(run->model->network, run->output, error) ||
        !is_finite(run->output, n * (gsize)count, "a predicted phase", error))
        return FALSE;
    dkm_normalisation_invert(&run->normalisation, run->output, n * (gsize)count);
    for (int i = 0; i < count; i++)
        keep_phases_of(run, run->output + (gsize)i * n, first + i);
    return TRUE;
}

/* COUNT slices of VOLUME as z-scores of the pre-contrast phase on the lattice. Returns how many
 * voxels were clamped. */
static gsize read_slices(Run *run, DkmVolume *volume, int first, int count, float *out)
{
    const DkmGrid *grid = dkm_volume_grid(volume);
    const gsize pixels = (gsize)grid->n[1] * (gsize)grid->n[2], n = lattice_pixels(run);
    gsize clamped = 0;
    for (int i = 0; i < count; i++) {
        dkm_volume_read_slice(volume, first + i, run->plane);
        clamped += dkm_normalisation_apply(&run->normalisation, run->plane, pixels);
        dkm_lattice_read(run->lattice, run->plane, out + (gsize)i * n);
    }
    return clamped;
}

/* The last batch may be a part of one: what the other samples hold is not looked at. */
static gboolean run_slices(Run *run, int first, int count, GError **error)
{
    for (guint k = 0; k < 2; k++)
        if (run->post[k]) {
            read_slices(run, run->post[k], first, count, run->x_post);
            dkm_network_set_post(run->model->network, 1u << k, run->x_post);
        }
    run->clamped += read_slices(run, run->pre, first, count, run->x_0);
    return dkm_network_run(run->model->network, run->x_0, run->noise, run->cancel, error) &&
           keep_probabilities(run, first, count, error) &&
           dkm_heat_map_add(run->heat, run->model->network, count, error) &&
           (!run->predict || keep_phases(run, first, count, error));
}

static gboolean check_posts(const Run *run, GError **error)
{
    static const char *const names[] = {N_("early"), N_("late")};
    const DkmPreset *preset = &run->model->preset;
    if (!dkm_preset_accepts(preset, shown_posts(run))) {
        g_autofree char *accepted = dkm_preset_accepted(preset);
        g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE,
                    _("this model segments from the phases %s, not from %s"), accepted,
                    dkm_posts_name(shown_posts(run)));
        return FALSE;
    }
    for (int k = 0; k < 2; k++)
        if (run->post[k] &&
            !dkm_grid_equal(dkm_volume_grid(run->pre), dkm_volume_grid(run->post[k]), 0.01)) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                        _("the %s phase does not lie on the grid of the pre-contrast phase"),
                        _(names[k]));
            return FALSE;
        }
    return TRUE;
}

static gboolean prepare(Run *run, GError **error)
{
    const DkmModel *model = run->model;
    const DkmGrid *grid = dkm_volume_grid(run->pre);
    if (!dkm_box_fits(&run->box, grid)) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                    _("the volume of interest does not lie inside the images"));
        return FALSE;
    }
    if (!check_posts(run, error))
        return FALSE;
    if (run->predict && !dkm_preset_uses_dm(&model->preset)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE,
                            _("this model has no diffusion module: it predicts no phases"));
        return FALSE;
    }
    if (!dkm_normalisation_measure(run->pre, model->rule, &run->normalisation, error))
        return FALSE;
    run->lattice = dkm_lattice_new(grid, model->pixel_mm, &run->box, error);
    if (!run->lattice || !plan(run, error) || !make_result(run, error) || !make_buffers(run, error))
        return FALSE;
    dkm_network_show(model->network, shown_posts(run));
    run->heat = dkm_heat_map_new(&model->preset, run->lattice, grid, &run->box);
    return TRUE;
}

static DkmResult *finish(Run *run)
{
    DkmResult *r = run->result;
    const double pixels = (double)r->grid.n[1] * r->grid.n[2];
    r->mean = run->normalisation.mean;
    r->sd = run->normalisation.sd;
    r->clamped_share = (double)run->clamped / (pixels * (run->box.end[0] - run->box.first[0]));
    dkm_heat_map_finish(run->heat, r->kinetic);
    for (guint k = 0; k < r->n_predicted; k++)
        r->predicted[k] = dkm_volume_new_take(&r->grid, g_steal_pointer(&run->predicted[k]), FALSE,
                                              g_steal_pointer(&run->slope[k]),
                                              g_steal_pointer(&run->intercept[k]));
    return g_steal_pointer(&run->result);
}

DkmResult *dkm_model_segment(DkmModel *model, DkmVolume *pre_contrast,
                             const DkmSegmentOptions *options, DkmProgress *progress,
                             GCancellable *cancel, GError **error)
{
    const gint64 start_us = g_get_monotonic_time();
    g_auto(Run)
        run = {.model = model,
               .pre = pre_contrast,
               .post = {options->early, options->late},
               .box = options->voi ? *options->voi : dkm_box_whole(dkm_volume_grid(pre_contrast)),
               .threshold = options->has_threshold ? options->threshold : model->threshold,
               .predict = options->predict,
               .cancel = cancel};
    if (!prepare(&run, error))
        return NULL;
    dkm_progress_set(progress, 0, MEASURED, 1, 1);
    const int slices = run.box.end[0] - run.box.first[0], batch = model->planned.samples;
    for (int done = 0, count; done < slices; done += count) {
        count = MIN(batch, slices - done);
        if (!run_slices(&run, run.box.first[0] + done, count, error)) {
            g_prefix_error(error, "slice %d: ", run.box.first[0] + done + 1);
            return NULL;
        }
        dkm_progress_set(progress, MEASURED, COMPUTED, (gsize)done + (gsize)count, (gsize)slices);
    }
    DkmResult *result = finish(&run);
    result->seconds = (double)(g_get_monotonic_time() - start_us) / G_USEC_PER_SEC;
    dkm_progress_set(progress, COMPUTED, FINISHED, 1, 1);
    return result;
}
