/* A whole model file on a whole volume, with tiny networks of random weights. */
#include "core/error.h"
#include "core/model/engine.h"
#include "core/model/model.h"
#include "core/model/network.h"
#include "core/model/pipeline.h"
#include "core/net/weights.h"
#include "core/philox.h"
#include "tests/support/random-model.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *folder, *path;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    f->folder = g_dir_make_tmp("dkm-pipeline-XXXXXX", NULL);
    f->path = g_build_filename(f->folder, "model.safetensors", NULL);
    random_model_write(f->path, data ? data : random_model_meta);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    g_unlink(f->path);
    g_rmdir(f->folder);
    g_free(f->path);
    g_free(f->folder);
}

static DkmVolume *tissue(int slices, int rows, int columns)
{
    const DkmGrid grid = {.n = {slices, rows, columns},
                          .spacing_mm = {2, 0.703, 0.703},
                          .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    gint16 *samples = g_new(gint16, dkm_grid_voxels(&grid));
    for (gsize i = 0; i < dkm_grid_voxels(&grid); i++)
        samples[i] = (gint16)(300 * dkm_philox_uniform(3, i / 5, 78));
    return dkm_volume_new_take(&grid, samples, TRUE, NULL, NULL);
}

/* Tissue with one voxel far outside in every slice. */
static DkmVolume *spiked(int slices, int rows, int columns)
{
    const DkmGrid grid = {.n = {slices, rows, columns},
                          .spacing_mm = {2, 0.703, 0.703},
                          .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    gint16 *samples = g_new(gint16, dkm_grid_voxels(&grid));
    for (gsize i = 0; i < dkm_grid_voxels(&grid); i++)
        samples[i] = (gint16)(100 + 10 * dkm_philox_uniform(3, i, 78));
    for (int z = 0; z < slices; z++)
        samples[dkm_grid_index(&grid, z, 5, 7)] = 30000;
    return dkm_volume_new_take(&grid, samples, TRUE, NULL, NULL);
}

static DkmModel *open_model(const Fixture *f, const char *device, int threads)
{
    g_autoptr(GError) error = NULL;
    DkmModel *model = dkm_model_open(f->path, device, threads, NULL, &error);
    g_assert_no_error(error);
    return model;
}

static DkmResult *segment(DkmModel *model, DkmVolume *volume, const DkmSegmentOptions *options)
{
    g_autoptr(GError) error = NULL;
    DkmProgress progress = {0};
    DkmResult *result = dkm_model_segment(model, volume, options, &progress, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(dkm_progress_get(&progress), ==, 1000);
    return result;
}

static void test_whole(Fixture *f, gconstpointer data)
{
    g_autoptr(DkmModel) model = open_model(f, "cpu", 1);
    g_autoptr(DkmVolume) volume = tissue(3, 50, 40);
    g_autoptr(DkmResult) result =
        segment(model, volume, &(DkmSegmentOptions){.has_threshold = TRUE, .threshold = 0.5f});
    const DkmGrid *grid = &result->grid;
    g_assert_true(dkm_grid_equal(grid, dkm_volume_grid(volume), 0));
    g_assert_cmpstr(result->weights_sha256, ==, dkm_model_weights_sha256(model));
    g_assert_cmpint(result->timestep, ==, 50);
    g_assert_cmpuint(result->n_predicted, ==, 0);
    g_assert_cmpfloat(result->sd, >, 0);
    g_assert_cmpfloat(result->clamped_share, ==, 0);
    gsize heat[2] = {0, 0};
    for (int z = 0; z < 3; z++)
        for (int y = 0; y < 50; y++)
            for (int x = 0; x < 40; x++) {
                const gsize i = dkm_grid_index(grid, z, y, x);
                const int p = result->probability[i];
                /* a probability of exactly one half rounds to 128 */
                g_assert_true(dkm_mask_get(result->mask, z, y, x) ? p >= 127 : p <= 128);
                heat[0] += result->kinetic[i] == 0;
                heat[1] += result->kinetic[i] > 128;
            }
    g_assert_cmpuint(heat[0] + heat[1], >, 0);
    g_assert_cmpuint(heat[1], >, 0);
}

/* The same bytes again, with another number of threads, and in a model opened anew. */
static void test_deterministic(Fixture *f, gconstpointer data)
{
    g_autoptr(DkmVolume) volume = tissue(2, 32, 48);
    g_autoptr(DkmResult) first = NULL;
    for (int threads = 1; threads <= 3; threads++) {
        g_autoptr(DkmModel) model = open_model(f, "cpu", threads);
        g_autoptr(DkmResult) result = segment(model, volume, &(DkmSegmentOptions){.predict = TRUE});
        if (!first) {
            first = dkm_result_ref(result);
            continue;
        }
        const gsize n = dkm_grid_voxels(&first->grid);
        g_autofree char *a = dkm_mask_sha256(first->mask), *b = dkm_mask_sha256(result->mask);
        g_assert_cmpstr(a, ==, b);
        g_assert_cmpmem(first->probability, n, result->probability, n);
        g_assert_cmpmem(first->kinetic, n, result->kinetic, n);
    }
}

/* Bytes that differ by more than one rounding: a convolution may choose its way by the size of the
 * batch. */
static guint different(const guint8 *a, const guint8 *b, gsize n)
{
    guint count = 0;
    for (gsize i = 0; i < n; i++)
        count += ABS(a[i] - b[i]) > 1;
    return count;
}

static void assert_near_slices(const DkmVolume *a, const DkmVolume *b)
{
    const DkmGrid *grid = dkm_volume_grid(a);
    const gsize n = (gsize)grid->n[1] * (gsize)grid->n[2];
    g_autofree float *p = g_new(float, n), *q = g_new(float, n);
    for (int z = 0; z < grid->n[0]; z++) {
        dkm_volume_read_slice(a, z, p);
        dkm_volume_read_slice(b, z, q);
        for (gsize i = 0; i < n; i++)
            g_assert_cmpfloat_with_epsilon(p[i], q[i], 0.1);
    }
}

/* However many slices a run takes at once, an incomplete last batch included. */
static void test_batch(Fixture *f, gconstpointer data)
{
    g_autoptr(DkmModel) model = open_model(f, "cpu", 2);
    g_autoptr(DkmVolume) volume = tissue(5, 32, 48);
    const gsize n = dkm_grid_voxels(dkm_volume_grid(volume));
    const DkmSegmentOptions options = {.predict = TRUE};
    g_autoptr(DkmResult) one = segment(model, volume, &options);
    for (int batch = 2; batch <= 16; batch *= 2) {
        dkm_model_set_batch(model, batch);
        g_autoptr(DkmResult) result = segment(model, volume, &options);
        g_assert_cmpuint(different(one->probability, result->probability, n), ==, 0);
        g_assert_cmpuint(different(one->kinetic, result->kinetic, n), ==, 0);
        for (guint k = 0; k < one->n_predicted; k++)
            assert_near_slices(one->predicted[k], result->predicted[k]);
    }
}

/* A network that ten standard deviations would not reach: what is clamped is told. */
static void test_clamped_share(Fixture *f, gconstpointer data)
{
    g_autoptr(DkmModel) model = open_model(f, "cpu", 1);
    g_autoptr(DkmVolume) volume = spiked(2, 32, 32);
    g_autoptr(DkmResult) result = segment(model, volume, &(DkmSegmentOptions){0});
    g_assert_cmpfloat_with_epsilon(result->clamped_share, 1.0 / (32 * 32), 1e-9);
}

/* Voxels of another contrast on the grid of VOLUME. */
static DkmVolume *enhanced(DkmVolume *volume, guint seed)
{
    const DkmGrid *grid = dkm_volume_grid(volume);
    const gsize n = dkm_grid_voxels(grid);
    gint16 *samples = g_new(gint16, n);
    for (gsize i = 0; i < n; i++)
        samples[i] = (gint16)(400 * dkm_philox_uniform(seed, i / 7, 78));
    return dkm_volume_new_take(grid, samples, TRUE, NULL, NULL);
}

/* Each set of phases gives another mask, whatever was shown before and however many slices a run
 * takes at once; and the result says what was used. */
static void test_phases(Fixture *f, gconstpointer data)
{
    static const char *const used[] = {"pre-contrast", "pre-contrast, early", "pre-contrast, late",
                                       "pre-contrast, early, late"};
    g_autoptr(DkmModel) model = open_model(f, "cpu", 2);
    g_autoptr(DkmVolume) pre = tissue(3, 32, 48);
    g_autoptr(DkmVolume) early = enhanced(pre, 5);
    g_autoptr(DkmVolume) late = enhanced(pre, 6);
    const gsize n = dkm_grid_voxels(dkm_volume_grid(pre));
    g_autofree char *accepted = dkm_model_accepted(model);
    g_assert_cmpstr(accepted, ==, "pre, pre early, pre late, pre early late");
    DkmResult *results[4];
    for (guint i = 0; i < 4; i++) {
        const DkmSegmentOptions options = {.early = i & 1 ? early : NULL,
                                           .late = i & 2 ? late : NULL};
        g_assert_true(dkm_model_accepts(model, i & 1, i & 2));
        dkm_model_set_batch(model, 1);
        results[i] = segment(model, pre, &options);
        g_assert_cmpstr(results[i]->phases_used, ==, used[i]);
        dkm_model_set_batch(model, 2);
        g_autoptr(DkmResult) batch = segment(model, pre, &options);
        g_assert_cmpuint(different(results[i]->probability, batch->probability, n), ==, 0);
        for (guint k = 0; k < i; k++)
            g_assert_cmpuint(different(results[i]->probability, results[k]->probability, n), >,
                             n / 50);
    }
    for (guint i = 0; i < 4; i++)
        dkm_result_unref(results[i]);
}

static void refuse_phases(DkmModel *model, DkmVolume *pre, const DkmSegmentOptions *options,
                          int code, const char *says)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(dkm_model_segment(model, pre, options, NULL, NULL, &error));
    g_assert_error(error, DKM_ERROR, code);
    g_assert_nonnull(strstr(error->message, says));
}

static void test_wrong_phases(Fixture *f, gconstpointer data)
{
    g_autoptr(DkmModel) any = open_model(f, "cpu", 1);
    random_model_write(f->path, random_model_meta);
    g_autoptr(DkmModel) model = open_model(f, "cpu", 1);
    g_autoptr(DkmVolume) pre = tissue(3, 32, 48);
    g_autoptr(DkmVolume) early = enhanced(pre, 5);
    g_autoptr(DkmVolume) other = tissue(3, 48, 32);
    refuse_phases(model, pre, &(DkmSegmentOptions){.early = early}, DKM_ERROR_USAGE,
                  "segments from the phases pre, not from pre early");
    refuse_phases(any, pre, &(DkmSegmentOptions){.early = other}, DKM_ERROR_GEOMETRY,
                  "the early phase");
    refuse_phases(any, pre, &(DkmSegmentOptions){.early = early, .late = other}, DKM_ERROR_GEOMETRY,
                  "the late phase");
}

static const char *const three_fields[] = {"format",       "dkm-model-1", "preset",    "tiny-k2",
                                           "pixel_mm",     "0.714",       "precision", "f32",
                                           "noise_fields", "3",           NULL};

/* The file says over how many fields, until somebody else does; batches make no difference. */
static void test_noise_fields(Fixture *f, gconstpointer data)
{
    g_autoptr(DkmModel) model = open_model(f, "cpu", 2);
    g_autoptr(DkmVolume) volume = tissue(3, 32, 48);
    const gsize n = dkm_grid_voxels(dkm_volume_grid(volume));
    g_autoptr(DkmResult) three = segment(model, volume, &(DkmSegmentOptions){0});
    g_assert_cmpint(three->noise_fields, ==, 3);
    dkm_model_set_batch(model, 2);
    g_autoptr(DkmResult) batch = segment(model, volume, &(DkmSegmentOptions){0});
    g_assert_cmpuint(different(three->probability, batch->probability, n), ==, 0);
    dkm_model_set_noise_fields(model, 1);
    g_autoptr(DkmResult) one = segment(model, volume, &(DkmSegmentOptions){0});
    g_assert_cmpint(one->noise_fields, ==, 1);
    g_assert_cmpuint(different(three->probability, one->probability, n), >, 0);
    g_assert_cmpuint(different(three->kinetic, one->kinetic, n), ==, 0);
}

/* Nothing is computed nor set outside a volume of interest. */
static void test_voi(Fixture *f, gconstpointer data)
{
    g_autoptr(DkmModel) model = open_model(f, "cpu", 1);
    g_autoptr(DkmVolume) volume = tissue(4, 64, 64);
    const DkmBox voi = {{1, 10, 20}, {3, 30, 50}};
    g_autoptr(DkmResult) result =
        segment(model, volume, &(DkmSegmentOptions){.voi = &voi, .has_threshold = TRUE});
    for (int z = 0; z < 4; z++)
        for (int y = 0; y < 64; y++)
            for (int x = 0; x < 64; x++) {
                const gboolean inside = z >= 1 && z < 3 && y >= 10 && y < 30 && x >= 20 && x < 50;
                const gsize i = dkm_grid_index(&result->grid, z, y, x);
                if (inside) { /* a threshold of 0 is meant: all of it */
                    g_assert_true(dkm_mask_get(result->mask, z, y, x));
                    continue;
                }
                g_assert_cmpint(result->probability[i], ==, 0);
                g_assert_cmpint(result->kinetic[i], ==, 0);
                g_assert_false(dkm_mask_get(result->mask, z, y, x));
            }
    g_assert_cmpuint(dkm_mask_count(result->mask), >, 0);
}

static void test_predict(Fixture *f, gconstpointer data)
{
    g_autoptr(DkmModel) model = open_model(f, "cpu", 1);
    g_autoptr(DkmVolume) volume = tissue(2, 32, 32);
    g_autoptr(DkmResult) plain = segment(model, volume, &(DkmSegmentOptions){0});
    g_autoptr(DkmResult) result = segment(model, volume, &(DkmSegmentOptions){.predict = TRUE});
    g_assert_cmpuint(result->n_predicted, ==, 2);
    float low, high;
    dkm_volume_range(result->predicted[1], &low, &high);
    g_assert_cmpfloat(high - low, >, 50); /* in the images' units: 0..300 */
    g_assert_cmpfloat(high, <, 3000);
    g_autofree char *a = dkm_mask_sha256(plain->mask), *b = dkm_mask_sha256(result->mask);
    g_assert_cmpstr(a, ==, b);
}

static void test_reference_agrees(Fixture *f, gconstpointer data)
{
    g_autoptr(DkmVolume) volume = tissue(1, 32, 32);
    g_autoptr(DkmModel) one = open_model(f, "cpu", 1);
    g_autoptr(DkmModel) two = open_model(f, "reference", 1);
    g_autoptr(DkmResult) a = segment(one, volume, &(DkmSegmentOptions){0});
    g_autoptr(DkmResult) b = segment(two, volume, &(DkmSegmentOptions){0});
    for (gsize i = 0; i < dkm_grid_voxels(&a->grid); i++) {
        g_assert_cmpint(ABS(a->probability[i] - b->probability[i]), <=, 1);
        g_assert_cmpint(ABS(a->kinetic[i] - b->kinetic[i]), <=, 1);
    }
}

static void test_cancel(Fixture *f, gconstpointer data)
{
    g_autoptr(DkmModel) model = open_model(f, "cpu", 1);
    g_autoptr(DkmVolume) volume = tissue(2, 32, 32);
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    g_autoptr(GError) error = NULL;
    g_cancellable_cancel(cancel);
    const DkmSegmentOptions options = {0};
    g_assert_null(dkm_model_segment(model, volume, &options, NULL, cancel, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_CANCELLED);
    /* and the model works again */
    g_autoptr(DkmResult) result = segment(model, volume, &options);
    g_assert_nonnull(result);
}

static void test_box_outside(Fixture *f, gconstpointer data)
{
    g_autoptr(DkmModel) model = open_model(f, "cpu", 1);
    g_autoptr(DkmVolume) volume = tissue(2, 32, 32);
    g_autoptr(GError) error = NULL;
    const DkmBox voi = {{0, 0, 0}, {2, 33, 32}};
    const DkmSegmentOptions options = {.voi = &voi};
    g_assert_null(dkm_model_segment(model, volume, &options, NULL, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
}

/* Finite weights that overflow on the way, and a result that would read as "no tumour". */
static void test_overflow(Fixture *f, gconstpointer data)
{
    static const float scales[] = {1e20f, 1e30f};
    for (gsize i = 0; i < G_N_ELEMENTS(scales); i++) {
        g_autoptr(GError) error = NULL;
        random_model_write_scaled(f->path, random_model_meta, scales[i]);
        g_autoptr(DkmModel) model = open_model(f, "cpu", 1);
        g_autoptr(DkmVolume) volume = tissue(2, 32, 32);
        const DkmSegmentOptions options = {0};
        g_assert_null(dkm_model_segment(model, volume, &options, NULL, NULL, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_MODEL);
        g_test_message("%s", error->message);
        g_assert_true(g_str_has_prefix(error->message, "slice 1: the model computes"));
    }
}

/* By the largest input of each convolution on one picture of noise. */
static DkmScales *measure_scales(DkmModel *model)
{
    enum { SIDE = 32 };
    const DkmNetworkShape shape = {.samples = 1, .rows = SIDE, .columns = SIDE, .observe = TRUE};
    g_autoptr(DkmNetwork) network = dkm_model_make_network_as(model, shape, NULL);
    g_autofree float *x = g_new(float, SIDE *SIDE);
    for (gsize i = 0; i < SIDE * SIDE; i++)
        x[i] = (float)dkm_philox_normal(5, i, 0);
    g_assert_true(dkm_network_run(network, x, x, NULL, NULL));
    DkmScales *scales = dkm_scales_new();
    for (guint i = 0; i < dkm_network_n_observed(network); i++) {
        const gsize n = dkm_network_observed_count(network, i);
        g_autofree float *values = g_new(float, n);
        float largest = 0;
        g_assert_true(dkm_network_get_observed(network, i, values, NULL));
        for (gsize k = 0; k < n; k++)
            largest = fmaxf(largest, fabsf(values[k]));
        dkm_scales_set(scales, dkm_network_observed_name(network, i), largest / 127);
    }
    return scales;
}

/* int8 needs a calibration, says so in the result, and stays near f32. The file keeps its tensors.
 */
static void test_int8(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(f->folder, "int8.safetensors", NULL);
    g_autoptr(DkmModel) model = open_model(f, "reference", 1);
    g_autoptr(DkmVolume) volume = tissue(1, 32, 32);
    g_assert_null(dkm_model_open(f->path, "reference", 1, "int8", &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_MODEL);
    g_assert_nonnull(strstr(error->message, "not calibrated"));
    g_autoptr(DkmScales) scales = measure_scales(model);
    const char *const notes[] = {"int8_dice", "not measured", NULL};
    g_assert_true(dkm_model_save_calibrated(model, path, scales, notes, NULL));
    g_autoptr(DkmModel) calibrated = dkm_model_open(path, "reference", 1, "int8", NULL);
    g_assert_nonnull(calibrated);
    g_assert_cmpstr(dkm_model_meta(calibrated, "int8_dice"), ==, "not measured");
    g_assert_cmpstr(dkm_model_meta(calibrated, "preset"), ==, "tiny-k2");
    g_assert_cmpstr(dkm_model_weights_sha256(calibrated), ==, dkm_model_weights_sha256(model));
    g_autoptr(DkmResult) exact = segment(model, volume, &(DkmSegmentOptions){0});
    g_autoptr(DkmResult) rough = segment(calibrated, volume, &(DkmSegmentOptions){0});
    g_assert_cmpstr(exact->precision, ==, "f32");
    g_assert_cmpstr(rough->precision, ==, "int8");
    double moved = 0;
    for (int i = 0; i < 32 * 32; i++)
        moved += abs(exact->probability[i] - rough->probability[i]) / (255.0 * 32 * 32);
    g_test_message("probabilities moved by %g", moved);
    g_assert_cmpfloat(moved, >, 0);
    g_assert_cmpfloat(moved, <, 0.05);
    g_unlink(path);
}

/* A file without the SHA-256 of its tensors is not one of our writer's. */
static void test_no_sha256(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(f->path, &bytes, &length, NULL));
    char *key = g_strstr_len(bytes + 8, (gssize)length - 8, "\"sha256\"");
    memcpy(key, "\"sha999\"", 8);
    g_assert_true(g_file_set_contents(f->path, bytes, (gssize)length, NULL));
    g_assert_null(dkm_model_open(f->path, "cpu", 1, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_MODEL);
    g_assert_nonnull(strstr(error->message, "does not state the SHA-256"));
}

/* Metadata of files that are no models, each with what is wrong. */
static void test_foreign(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(dkm_model_open(f->path, "cpu", 1, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_MODEL);
    g_assert_nonnull(strstr(error->message, "model.safetensors"));
}

static const char *const no_input[] = {"format", "dkm-model-1", "preset", "tiny-k2", "pixel_mm",
                                       "0.7",    "input",       "all",    NULL};
static const char *const no_accord[] = {"format", "dkm-model-1", "preset",    "tiny-k2", "pixel_mm",
                                        "0.7",    "accepts",     "pre early", NULL};
static const char *const plain_code[] = {"format",   "dkm-model-1", "preset",  "tiny-k2",
                                         "pixel_mm", "0.7",         "network", "plain",
                                         "fusion",   "f3f4",        NULL};
static const char *const any_input[] = {"format",   "dkm-model-1", "preset",    "tiny-k2",
                                        "pixel_mm", "0.714",       "precision", "f32",
                                        "input",    "any",         NULL};
static const char *const no_fields[] = {"format", "dkm-model-1",  "preset", "tiny-k2", "pixel_mm",
                                        "0.7",    "noise_fields", "0",      NULL};
static const char *const no_format[] = {"preset", "tiny-k2", "pixel_mm", "0.7", NULL};
static const char *const no_preset[] = {"format",   "dkm-model-1", "preset", "huge",
                                        "pixel_mm", "0.7",         NULL};
static const char *const no_pixel[] = {"format", "dkm-model-1", "preset", "tiny-k2", NULL};
static const char *const bad_time[] = {"format", "dkm-model-1", "preset", "tiny-k2", "pixel_mm",
                                       "0.7",    "timestep",    "1001",   NULL};
static const char *const half_time[] = {"format", "dkm-model-1", "preset", "tiny-k2", "pixel_mm",
                                        "0.7",    "timestep",    "50.7x",  NULL};
static const char *const long_time[] = {"format",   "dkm-model-1", "preset",
                                        "tiny-k2",  "pixel_mm",    "0.7",
                                        "timestep", "4294967346",  NULL};
static const char *const no_seed[] = {"format", "dkm-model-1", "preset", "tiny-k2", "pixel_mm",
                                      "0.7",    "noise_seed",  "abc",    NULL};
static const char *const half_threshold[] = {
    "format", "dkm-model-1", "preset", "tiny-k2", "pixel_mm", "0.7", "threshold", "0.5abc", NULL};
static const char *const other_shape[] = {"format",   "dkm-model-1", "preset", "small",
                                          "pixel_mm", "0.7",         NULL};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, data, test) g_test_add(path, Fixture, data, set_up, test, tear_down)
    ADD("/pipeline/whole", NULL, test_whole);
    ADD("/pipeline/deterministic", NULL, test_deterministic);
    ADD("/pipeline/batch", NULL, test_batch);
    ADD("/pipeline/clamped-share", NULL, test_clamped_share);
    ADD("/pipeline/phases", any_input, test_phases);
    ADD("/pipeline/wrong-phases", any_input, test_wrong_phases);
    ADD("/pipeline/noise-fields", three_fields, test_noise_fields);
    ADD("/pipeline/voi", NULL, test_voi);
    ADD("/pipeline/predict", NULL, test_predict);
    ADD("/pipeline/reference-agrees", NULL, test_reference_agrees);
    ADD("/pipeline/cancel", NULL, test_cancel);
    ADD("/pipeline/box-outside", NULL, test_box_outside);
    ADD("/pipeline/overflow", NULL, test_overflow);
    ADD("/pipeline/int8", NULL, test_int8);
    ADD("/pipeline/no-sha256", NULL, test_no_sha256);
    ADD("/pipeline/foreign/format", no_format, test_foreign);
    ADD("/pipeline/foreign/preset", no_preset, test_foreign);
    ADD("/pipeline/foreign/pixel", no_pixel, test_foreign);
    ADD("/pipeline/foreign/timestep", bad_time, test_foreign);
    ADD("/pipeline/foreign/half-timestep", half_time, test_foreign);
    ADD("/pipeline/foreign/long-timestep", long_time, test_foreign);
    ADD("/pipeline/foreign/seed", no_seed, test_foreign);
    ADD("/pipeline/foreign/half-threshold", half_threshold, test_foreign);
    ADD("/pipeline/foreign/input", no_input, test_foreign);
    ADD("/pipeline/foreign/accepts", no_accord, test_foreign);
    ADD("/pipeline/foreign/plain-with-code", plain_code, test_foreign);
    ADD("/pipeline/foreign/noise-fields", no_fields, test_foreign);
    ADD("/pipeline/foreign/shape", other_shape, test_foreign);
    return g_test_run();
}
