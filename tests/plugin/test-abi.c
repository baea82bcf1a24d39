/* The module as a host sees it: what it exports, what it refuses, and that it computes what the
 * core computes. */
#include "plugin/dkm-plugin.h"

#include "core/model/pipeline.h"
#include "core/philox.h"
#include "tests/support/random-model.h"

#include <glib/gstdio.h>
#include <gmodule.h>
#include <math.h>

enum { SLICES = 3, ROWS = 40, COLUMNS = 36, VOXELS = SLICES * ROWS * COLUMNS };

typedef struct {
    GModule *module;
    const struct dkm_plugin_api *dkm;
    struct dkm_plugin_session *session;
    char *folder, *model;
    gint16 samples[VOXELS];
    struct dkm_plugin_volume volume;
    struct dkm_plugin_error error;
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    dkm_plugin_get_api_function get_api = NULL;
    f->module = g_module_open(g_getenv("DKM_PLUGIN"), G_MODULE_BIND_LOCAL);
    g_assert_nonnull(f->module);
    g_assert_true(g_module_symbol(f->module, DKM_PLUGIN_SYMBOL, (gpointer *)&get_api));
    g_assert_null(get_api(DKM_PLUGIN_ABI + 1));
    g_assert_null(get_api(0));
    f->dkm = get_api(DKM_PLUGIN_ABI);
    f->error.size = sizeof f->error;
    g_assert_cmpint(f->dkm->session_open(&f->session, &f->error), ==, DKM_PLUGIN_OK);
    f->folder = g_dir_make_tmp("dkm-abi-XXXXXX", NULL);
    f->model = g_build_filename(f->folder, "model.safetensors", NULL);
    random_model_write(f->model, random_model_meta);
    for (int i = 0; i < VOXELS; i++)
        f->samples[i] = (gint16)(300 * dkm_philox_uniform(3, i / 5, 78));
    f->volume = (struct dkm_plugin_volume){
        .size = sizeof f->volume,
        .sample = DKM_PLUGIN_INT16,
        .grid = {.size = sizeof f->volume.grid,
                 .n = {SLICES, ROWS, COLUMNS},
                 .spacing_mm = {2, 0.7, 0.7},
                 .axis_lps = {{1, 0, 0}, {0, 0, -1}, {0, 1, 0}}},
        .samples = f->samples,
        .bytes = sizeof f->samples,
        .slope = 1,
    };
}

static void tear_down(Fixture *f, gconstpointer data)
{
    f->dkm->session_close(f->session);
    g_module_close(f->module);
    g_unlink(f->model);
    g_rmdir(f->folder);
    g_free(f->model);
    g_free(f->folder);
}

static void load_all(Fixture *f)
{
    g_assert_cmpint(f->dkm->load_model(f->session, f->model, "cpu", 1, &f->error), ==, 0);
    g_assert_cmpint(f->dkm->set_volume(f->session, &f->volume, &f->error), ==, 0);
    g_assert_cmpstr(f->error.text, ==, "");
}

static void test_table(Fixture *f, gconstpointer data)
{
    g_assert_cmpuint(f->dkm->size, ==, sizeof *f->dkm);
    g_assert_cmpuint(f->dkm->version, ==, DKM_PLUGIN_ABI);
    g_assert_nonnull(f->dkm->product_version);
    f->dkm->session_close(NULL);
}

/* The same mask as the core, voxel by voxel, and the other two maps. */
static void test_same_as_core(Fixture *f, gconstpointer data)
{
    load_all(f);
    struct dkm_plugin_result result = {.size = sizeof result};
    g_assert_cmpint(f->dkm->segment(f->session, NULL, &result, &f->error), ==, 0);
    g_autoptr(DkmModel) model = dkm_model_open(f->model, "cpu", 1, NULL, NULL);
    const DkmGrid grid = {.n = {SLICES, ROWS, COLUMNS},
                          .spacing_mm = {2, 0.7, 0.7},
                          .axis_lps = {{1, 0, 0}, {0, 0, -1}, {0, 1, 0}}};
    g_autoptr(DkmVolume) volume =
        dkm_volume_new_take(&grid, g_memdup2(f->samples, sizeof f->samples), TRUE, NULL, NULL);
    g_autoptr(DkmResult) expected =
        dkm_model_segment(model, volume, &(DkmSegmentOptions){0}, NULL, NULL, NULL);
    g_autofree char *sha256 = dkm_mask_sha256(expected->mask);
    const guint8 *maps[] = {dkm_mask_peek_slice(expected->mask, 0), expected->probability,
                            expected->kinetic};
    for (guint m = 0; m < 3; m++) {
        guint8 voxels[VOXELS];
        g_assert_cmpint(f->dkm->read(f->session, m + 1, voxels, sizeof voxels, NULL), ==, 0);
        g_assert_cmpmem(voxels, sizeof voxels, maps[m], VOXELS);
    }
    g_assert_cmpstr(result.mask_sha256, ==, sha256);
    g_assert_cmpstr(result.weights_sha256, ==, dkm_model_weights_sha256(model));
    g_assert_cmpuint(result.voxels, ==, dkm_mask_count(expected->mask));
    g_assert_cmpuint(result.voxels, >, 0);
    g_assert_cmpuint(result.voxels, <, VOXELS);
}

/* A volume from memory is the pre-contrast phase alone. */
static void test_phases(Fixture *f, gconstpointer data)
{
    load_all(f);
    struct dkm_plugin_result result = {.size = sizeof result, .phases_used = 9};
    struct dkm_plugin_request request = {.size = sizeof request, .phases = DKM_PLUGIN_AVAILABLE};
    g_assert_cmpint(f->dkm->segment(f->session, &request, &result, &f->error), ==,
                    DKM_PLUGIN_USAGE);
    g_assert_nonnull(strstr(f->error.text, "no later phases"));
    request.phases = 2;
    g_assert_cmpint(f->dkm->segment(f->session, &request, &result, &f->error), ==,
                    DKM_PLUGIN_USAGE);
    request.phases = DKM_PLUGIN_PRE;
    g_assert_cmpint(f->dkm->segment(f->session, &request, &result, &f->error), ==, 0);
    g_assert_cmpuint(result.phases_used, ==, 0);
}

/* Samples of another kind with the same values give the same mask but for rounding. */
static void test_kinds_of_samples(Fixture *f, gconstpointer data)
{
    guint16 shifted[VOXELS];
    float real[VOXELS];
    guint64 voxels[3];
    load_all(f);
    for (int i = 0; i < VOXELS; i++) {
        shifted[i] = (guint16)(f->samples[i] + 40000);
        real[i] = f->samples[i];
    }
    const void *const samples[] = {f->samples, shifted, real};
    const double intercepts[] = {0, -40000, 0};
    for (guint kind = 0; kind < 3; kind++) {
        struct dkm_plugin_result result = {.size = sizeof result};
        f->volume.sample = DKM_PLUGIN_INT16 + kind;
        f->volume.samples = samples[kind];
        f->volume.bytes = VOXELS * (kind == 2 ? 4 : 2);
        f->volume.intercept = intercepts[kind];
        g_assert_cmpint(f->dkm->set_volume(f->session, &f->volume, &f->error), ==, 0);
        g_assert_cmpint(f->dkm->segment(f->session, NULL, &result, &f->error), ==, 0);
        voxels[kind] = result.voxels;
    }
    g_assert_cmpuint(voxels[1], ==, voxels[0]);
    g_assert_cmpfloat(fabs((double)voxels[2] - (double)voxels[0]), <=, 0.001 * VOXELS);
}

static void test_voi(Fixture *f, gconstpointer data)
{
    load_all(f);
    struct dkm_plugin_request request = {
        .size = sizeof request, .has_voi = 1, .first = {1, 4, 4}, .end = {2, 30, 30}};
    guint8 mask[VOXELS];
    g_assert_cmpint(f->dkm->segment(f->session, &request, NULL, &f->error), ==, 0);
    g_assert_cmpint(f->dkm->read(f->session, DKM_PLUGIN_MASK, mask, VOXELS, NULL), ==, 0);
    for (int i = 0; i < VOXELS; i++) {
        const int z = i / (ROWS * COLUMNS), y = i / COLUMNS % ROWS, x = i % COLUMNS;
        if (z != 1 || y < 4 || y >= 30 || x < 4 || x >= 30)
            g_assert_cmpint(mask[i], ==, 0);
    }
    request.end[0] = SLICES + 1;
    g_assert_cmpint(f->dkm->segment(f->session, &request, NULL, &f->error), ==, DKM_PLUGIN_INPUT);
    g_assert_cmpstr(f->error.text, !=, "");
}

static int32_t cancel_at_once(void *user, int32_t permille)
{
    return 1;
}

/* A cancelled run leaves the result of the one before. */
static void test_cancel(Fixture *f, gconstpointer data)
{
    guint8 before[VOXELS], after[VOXELS];
    load_all(f);
    g_assert_cmpint(f->dkm->segment(f->session, NULL, NULL, NULL), ==, 0);
    g_assert_cmpint(f->dkm->read(f->session, DKM_PLUGIN_KINETIC, before, VOXELS, NULL), ==, 0);
    const struct dkm_plugin_request request = {.size = sizeof request, .progress = cancel_at_once};
    g_assert_cmpint(f->dkm->segment(f->session, &request, NULL, &f->error), ==,
                    DKM_PLUGIN_CANCELLED);
    g_assert_cmpint(f->error.status, ==, DKM_PLUGIN_CANCELLED);
    g_assert_cmpint(f->dkm->read(f->session, DKM_PLUGIN_KINETIC, after, VOXELS, NULL), ==, 0);
    g_assert_cmpmem(before, VOXELS, after, VOXELS);
}

static int32_t set_wrong_volume(Fixture *f, int mistake)
{
    static const float not_finite[VOXELS] = {[7] = INFINITY};
    struct dkm_plugin_volume v = f->volume;
    switch (mistake) {
    case 0:
        v.size = 8;
        break;
    case 1:
        v.sample = 9;
        break;
    case 2:
        v.bytes -= 1;
        break;
    case 3:
        v.samples = NULL;
        break;
    case 4:
        v.slope = NAN;
        break;
    case 5:
        v.grid.n[1] = 0;
        break;
    case 6:
        v.grid.n[0] = 0x80000001u;
        break;
    case 7:
        v.grid.axis_lps[0][0] = 2;
        break;
    default:
        v.sample = DKM_PLUGIN_FLOAT32;
        v.samples = not_finite;
        v.bytes = sizeof not_finite;
    }
    return f->dkm->set_volume(f->session, &v, &f->error);
}

/* Each mistake is named and leaves the session usable. */
static void test_wrong_volumes(Fixture *f, gconstpointer data)
{
    static const int32_t expected[] = {2, 2, 2, 2, 2, 3, 3, 3, 3};
    load_all(f);
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_assert_cmpint(set_wrong_volume(f, (int)i), ==, expected[i]);
        g_assert_cmpstr(f->error.text, !=, "");
    }
    g_assert_cmpint(f->dkm->segment(f->session, NULL, NULL, &f->error), ==, 0);
    g_assert_cmpint(f->error.status, ==, 0);
}

/* Calls out of order, sizes left empty, no place for an error: refused, never a crash. */
static void test_misuse(Fixture *f, gconstpointer data)
{
    const struct dkm_plugin_api *dkm = f->dkm;
    struct dkm_plugin_grid grid = {.size = sizeof grid}, empty = {0};
    guint8 byte;
    g_assert_cmpint(dkm->session_open(NULL, NULL), ==, 2);
    g_assert_cmpint(dkm->get_grid(f->session, &grid, NULL), ==, 2);
    g_assert_cmpint(dkm->segment(f->session, NULL, NULL, NULL), ==, 2);
    g_assert_cmpint(dkm->read(f->session, DKM_PLUGIN_MASK, &byte, 1, NULL), ==, 2);
    g_assert_cmpint(dkm->load_model(f->session, "no-such-file", NULL, 1, &f->error), ==, 4);
    g_assert_nonnull(strstr(f->error.text, "no-such-file"));
    g_assert_cmpint(dkm->load_model(f->session, f->model, "abacus", 1, &f->error), ==, 2);
    g_assert_cmpint(dkm->open_study(f->session, f->folder, &f->error), ==, 3);
    load_all(f);
    g_assert_cmpint(dkm->get_grid(f->session, &empty, NULL), ==, 2);
    g_assert_cmpint(dkm->get_grid(f->session, &grid, NULL), ==, 0);
    g_assert_cmpuint(grid.n[2], ==, COLUMNS);
    g_assert_cmpint(dkm->segment(f->session, &(struct dkm_plugin_request){0}, NULL, NULL), ==, 2);
    g_assert_cmpint(dkm->segment(f->session, NULL, NULL, NULL), ==, 0);
    g_assert_cmpint(dkm->read(f->session, 4, &byte, 1, NULL), ==, 2);
    g_assert_cmpint(dkm->read(f->session, DKM_PLUGIN_MASK, &byte, 1, NULL), ==, 2);
    /* a volume from memory has no study to refer to */
    g_assert_cmpint(dkm->write_seg(f->session, "never.dcm", &f->error), ==, 2);
}

#define ADD(name, function) g_test_add("/abi/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("table", test_table);
    ADD("same-as-core", test_same_as_core);
    ADD("phases", test_phases);
    ADD("kinds-of-samples", test_kinds_of_samples);
    ADD("voi", test_voi);
    ADD("cancel", test_cancel);
    ADD("wrong-volumes", test_wrong_volumes);
    ADD("misuse", test_misuse);
    return g_test_run();
}
