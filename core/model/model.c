/* Model files: what makes one complete, where the shipped one lies. */
#include "core/model/model.h"

#include "core/error.h"
#include "core/model/model-private.h"
#include "core/net/dtype.h"
#include "core/own-file.h"

#include <string.h>

#define NO_SEED G_MAXUINT64
static const char *const format = "dkm-model-1";

void dkm_model_close(DkmModel *model)
{
    if (!model)
        return;
    g_clear_pointer(&model->network, dkm_network_free);
    g_clear_pointer(&model->params, dkm_params_free);
    g_clear_pointer(&model->weights, dkm_weights_close);
    g_clear_pointer(&model->scales, dkm_scales_free);
    g_free(model->device);
    dkm_engine_close(&model->engine);
    g_free(model);
}

static gboolean refuse(const char *path, const char *reason, GError **error)
{
    g_autofree char *name = g_path_get_basename(path);
    g_set_error(error, DKM_ERROR, DKM_ERROR_MODEL, "%s is no model of this program: %s", name,
                reason);
    return FALSE;
}

/* Value of KEY, or FALLBACK where the file does not say. */
static const char *meta(const DkmModel *model, const char *key, const char *fallback)
{
    const char *value = dkm_weights_meta(model->weights, key);
    return value ? value : fallback;
}

/* What follows from other fields must not be said otherwise. */
static gboolean agrees(const DkmModel *model, const char *key, const char *value, GError **error)
{
    const char *said = meta(model, key, value);
    if (strcmp(said, value) == 0)
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_MODEL,
                "its metadata contradict each other: %s \"%s\" where it must be \"%s\"", key, said,
                value);
    return FALSE;
}

static gboolean read_network(DkmModel *model, GError **error)
{
    DkmPreset *p = &model->preset;
    DkmNetworkKind network = p->network;
    if (!dkm_input_parse(meta(model, "input", dkm_input_name(p->input)), &p->input, error) ||
        !dkm_network_kind_parse(meta(model, "network", dkm_network_kind_name(network)), &network,
                                error))
        return FALSE;
    dkm_preset_set_network(p, network);
    g_autofree char *accepted = dkm_preset_accepted(p);
    return agrees(model, "accepts", accepted, error) &&
           (network != DKM_NETWORK_PLAIN || agrees(model, "fusion", "none", error));
}

static gboolean read_preset(DkmModel *model, GError **error)
{
    DkmPreset *p = &model->preset;
    g_autofree char *fusion = NULL;
    if (!dkm_preset_find(meta(model, "preset", ""), p, error))
        return FALSE;
    if (!read_network(model, error))
        return FALSE;
    fusion = dkm_fusion_name(p->fuse);
    return dkm_reading_parse(meta(model, "reading", dkm_reading_name(p->reading)), &p->reading,
                             error) &&
           dkm_tap_parse(meta(model, "tap", dkm_tap_name(p->tap)), &p->tap, error) &&
           dkm_fusion_parse(meta(model, "fusion", fusion), p->fuse, error) &&
           dkm_normalise_rule_parse(dkm_model_meta(model, "normalisation"), &model->rule, error);
}

/* A CPU computes in f32, exact on every machine, unless it is asked for bf16; what else there is,
 * is made for bf16. */
static const char *default_precision(const DkmModel *model)
{
    const DkmEngine *e = &model->engine;
    const gboolean has_bf16 = !e->backend->has_dtype || e->backend->has_dtype(e->device, DKM_BF16);
    return dkm_engine_is_cpu(e) || !has_bf16 ? "f32" : "bf16";
}

/* The calibration, where there is one: complete, and measured with these tensors. */
static gboolean read_scales(DkmModel *model, GError **error)
{
    const char *text = dkm_weights_meta(model->weights, "int8_scales");
    if (!text)
        return TRUE;
    if (strcmp(meta(model, "int8_tensors", ""), dkm_weights_sha256(model->weights)) != 0) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_MODEL,
                            "its int8 calibration was made with other tensors");
        return FALSE;
    }
    model->scales = dkm_scales_parse(text, error);
    return model->scales && dkm_network_check_scales(&model->preset, model->scales, error);
}

/* TEXT as a number of 0 to MOST and nothing else, or OTHERWISE. */
static guint64 whole_number(const char *text, guint64 most, guint64 otherwise)
{
    guint64 number;
    return g_ascii_string_to_unsigned(text, 10, 0, most, &number, NULL) ? number : otherwise;
}

/* TEXT as a number and nothing else, or 0. */
static double real_number(const char *text)
{
    char *end = NULL;
    const double number = g_ascii_strtod(text, &end);
    return end != text && *end == 0 ? number : 0;
}

/* 0: neither. */
static int read_noise_fields(const DkmModel *model)
{
    const char *text = meta(model, "noise_fields", "1");
    return strcmp(text, "none") == 0 ? DKM_NO_NOISE
                                     : (int)whole_number(text, DKM_MOST_NOISE_FIELDS, 0);
}

static gboolean read_metadata(DkmModel *model, const char *path, GError **error)
{
    g_autoptr(GError) cause = NULL;
    const char *precision = meta(model, "precision", default_precision(model));
    if (strcmp(meta(model, "format", ""), format) != 0)
        return refuse(path, "its metadata lack the format \"dkm-model-1\"", error);
    if (!dkm_weights_meta(model->weights, "sha256"))
        return refuse(path, "it does not state the SHA-256 of its tensors", error);
    if (!read_preset(model, &cause) || !read_scales(model, &cause))
        return refuse(path, cause->message, error);
    model->preset.timestep = (int)whole_number(meta(model, "timestep", "50"), 1000, 0);
    model->noise_fields = read_noise_fields(model);
    model->noise_seed = whole_number(meta(model, "noise_seed", "0"), NO_SEED - 1, NO_SEED);
    model->pixel_mm = real_number(meta(model, "pixel_mm", "0"));
    model->threshold = (float)real_number(meta(model, "threshold", "0.5"));
    if (model->preset.timestep < 1)
        return refuse(path, "its timestep lies outside 1..1000", error);
    if (model->noise_fields == 0)
        return refuse(path, "its noise fields are not 1 to 64, or none", error);
    if (model->noise_seed == NO_SEED)
        return refuse(path, "its noise seed is no number", error);
    if (!(model->pixel_mm > 0.01 && model->pixel_mm < 100))
        return refuse(path, "it does not say its pixel size", error);
    if (!(model->threshold > 0 && model->threshold < 1))
        return refuse(path, "its threshold lies outside 0..1", error);
    return dkm_precision_parse(precision, &model->precision, &cause) ||
           refuse(path, cause->message, error);
}

static gboolean load(DkmModel *model, const char *path, GError **error)
{
    model->weights = dkm_weights_open(path, error);
    if (!model->weights || !read_metadata(model, path, error))
        return FALSE;
    model->params = dkm_params_new(model->engine.backend, model->engine.device);
    return dkm_network_declare(&model->preset, FALSE, model->params, error) &&
           dkm_weights_load(model->weights, "", model->params, error);
}

gboolean dkm_model_check_int8(const DkmModel *model, GError **error)
{
    const DkmBackend *backend = model->engine.backend;
    if (backend->has_int8 && backend->has_int8(model->engine.device))
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE,
                "%s has nothing that is fast in int8: take f32 or bf16, or a CPU with AVX512_VNNI "
                "or AMX (--device cpu)",
                model->device);
    return FALSE;
}

const DkmScales *dkm_model_scales_in_use(const DkmModel *model)
{
    return model->precision == DKM_PRECISION_INT8 ? model->scales : NULL;
}

char *dkm_model_scales_sha256(const DkmModel *model)
{
    if (!dkm_model_scales_in_use(model))
        return NULL;
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, meta(model, "int8_scales", ""), -1);
}

static gboolean precision_fits(const DkmModel *model, const char *path, GError **error)
{
    g_autofree char *name = g_path_get_basename(path);
    if (model->precision != DKM_PRECISION_INT8)
        return TRUE;
    if (model->scales)
        return dkm_model_check_int8(model, error);
    g_set_error(
        error, DKM_ERROR, DKM_ERROR_MODEL,
        "%s is not calibrated for int8: take f32 or bf16, or calibrate it on training cases "
        "(dkm calibrate)",
        name);
    return FALSE;
}

DkmModel *dkm_model_open(const char *path, const char *device, int threads, const char *precision,
                         GError **error)
{
    g_autoptr(DkmModel) model = g_new0(DkmModel, 1);
    DkmPrecision wanted = DKM_PRECISION_F32;
    if ((precision && !dkm_precision_parse(precision, &wanted, error)) ||
        !dkm_engine_open(&model->engine, device, threads, error))
        return NULL;
    model->device = dkm_engine_describe(&model->engine);
    if (!load(model, path, error))
        return NULL;
    if (precision)
        model->precision = wanted;
    if (!precision_fits(model, path, error))
        return NULL;
    return g_steal_pointer(&model);
}

const char *dkm_model_weights_sha256(const DkmModel *model)
{
    return dkm_weights_sha256(model->weights);
}

const char *dkm_model_device(const DkmModel *model)
{
    return model->device;
}

char *dkm_model_accepted(const DkmModel *model)
{
    return dkm_preset_accepted(&model->preset);
}

gboolean dkm_model_accepts(const DkmModel *model, gboolean with_early, gboolean with_late)
{
    return dkm_preset_accepts(&model->preset,
                              (with_early ? DKM_POST_EARLY : 0) | (with_late ? DKM_POST_LATE : 0));
}

const char *dkm_model_meta(const DkmModel *model, const char *key)
{
    return dkm_weights_meta(model->weights, key);
}

DkmNetwork *dkm_model_make_network(DkmModel *model, int rows, int columns, GError **error)
{
    const DkmNetworkShape shape = {.dtype = dkm_precision_dtype(model->precision),
                                   .scales = dkm_model_scales_in_use(model),
                                   .samples = 1,
                                   .rows = rows,
                                   .columns = columns,
                                   .noise_fields = model->noise_fields};
    return dkm_model_make_network_as(model, shape, error);
}

DkmNetwork *dkm_model_make_network_as(DkmModel *model, DkmNetworkShape shape, GError **error)
{
    shape.preset = &model->preset;
    if (model->noise_fields == DKM_NO_NOISE)
        shape.noise_fields = DKM_NO_NOISE;
    return dkm_network_new(&shape, model->params, error);
}

void dkm_model_set_noise_fields(DkmModel *model, int n)
{
    if (model->noise_fields != DKM_NO_NOISE) /* the mean over any number of them is the same */
        model->noise_fields = CLAMP(n, 1, DKM_MOST_NOISE_FIELDS);
}

void dkm_model_set_batch(DkmModel *model, int slices)
{
    model->batch = slices;
}

static void add_pair(GPtrArray *pairs, const char *key, const char *value)
{
    g_ptr_array_add(pairs, g_strdup(key));
    g_ptr_array_add(pairs, g_strdup(value));
}

gboolean dkm_model_save_calibrated(DkmModel *model, const char *path, const DkmScales *scales,
                                   const char *const *notes, GError **error)
{
    g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) old = dkm_weights_dup_meta(model->weights);
    g_autofree char *text = dkm_scales_to_text(scales);
    for (gsize i = 0; old[i]; i += 2)
        if (!g_str_has_prefix(old[i], "int8_"))
            add_pair(pairs, old[i], old[i + 1]);
    add_pair(pairs, "int8_tensors", dkm_weights_sha256(model->weights));
    add_pair(pairs, "int8_scales", text);
    for (; *notes; notes += 2)
        add_pair(pairs, notes[0], notes[1]);
    g_ptr_array_add(pairs, NULL);
    const DkmWeightsPart part = {"", model->params};
    return dkm_weights_save(path, &part, 1, (const char *const *)pairs->pdata, error);
}

float dkm_model_threshold(const DkmModel *model)
{
    return model->threshold;
}

DkmNormaliseRule dkm_model_normalise_rule(const DkmModel *model)
{
    return model->rule;
}

char *dkm_model_find(DkmShippedModel which, GError **error)
{
    static const char *const places[][3] = {
        [DKM_SHIPPED_PRE] = {"resources/models/default.safetensors",
                             "share/dkm-workstation/models/default.safetensors", NULL},
        [DKM_SHIPPED_ANY_PHASES] = {"resources/models/any-phases.safetensors",
                                    "share/dkm-workstation/models/any-phases.safetensors", NULL}};
    const char *given = g_getenv("DKM_MODEL");
    if (given && *given)
        return g_strdup(given);
    g_autofree char *path = dkm_own_file_find(places[which]), *own = dkm_own_path();
    if (path)
        return g_steal_pointer(&path);
    g_set_error(
        error, DKM_ERROR, DKM_ERROR_MODEL,
        "no model found: neither %s nor %s lies in a folder above %s; name one with --model "
        "or DKM_MODEL",
        places[which][0], places[which][1], own ? own : "the program");
    return NULL;
}
