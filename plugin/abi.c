/* The C ABI of dkm-plugin.h over the same sequence as the command line. Not for: logic of its own.
 */
#include "plugin/abi.h"

#include "core/error.h"
#include "core/model/pipeline.h"
#include "plugin/session.h"

#include <string.h>

struct dkm_plugin_session {
    DkmModel *model;
    DkmSession study; /* studies NULL where the volume came from memory */
    DkmVolume *volume;
    DkmResult *result;
};

static int32_t succeed(struct dkm_plugin_error *out)
{
    if (out && out->size >= sizeof *out) {
        out->status = DKM_PLUGIN_OK;
        out->text[0] = '\0';
    }
    return DKM_PLUGIN_OK;
}

/* Hands ERROR over, cut at a character's border, and frees it. */
static int32_t fail(struct dkm_plugin_error *out, GError *error)
{
    const int32_t status = error ? dkm_error_exit_status(error) : DKM_PLUGIN_INTERNAL;
    const char *text = error ? error->message : "failed and does not say why";
    if (out && out->size >= sizeof *out) {
        const char *end = NULL;
        out->status = status;
        g_strlcpy(out->text, text, sizeof out->text);
        if (!g_utf8_validate(out->text, -1, &end))
            out->text[end - out->text] = '\0';
    }
    g_clear_error(&error);
    return status;
}

static int32_t misuse(struct dkm_plugin_error *out, const char *sentence)
{
    return fail(out, g_error_new_literal(DKM_ERROR, DKM_ERROR_USAGE, sentence));
}

static int32_t answer(struct dkm_plugin_error *out, gboolean done, GError *error)
{
    return done ? succeed(out) : fail(out, error);
}

static int32_t session_open(struct dkm_plugin_session **session, struct dkm_plugin_error *error)
{
    if (!session)
        return misuse(error, "session_open needs a place for the session");
    *session = g_new0(struct dkm_plugin_session, 1);
    return succeed(error);
}

static void drop_input(struct dkm_plugin_session *session)
{
    g_clear_pointer(&session->result, dkm_result_unref);
    g_clear_pointer(&session->volume, dkm_volume_unref);
    dkm_session_close(&session->study);
}

static void session_close(struct dkm_plugin_session *session)
{
    if (!session)
        return;
    drop_input(session);
    dkm_model_close(session->model);
    g_free(session);
}

static int32_t load_model(struct dkm_plugin_session *session, const char *path, const char *device,
                          int32_t threads, struct dkm_plugin_error *out)
{
    g_autoptr(GError) error = NULL;
    if (!session || threads < 0)
        return misuse(out, "load_model needs a session, and threads of 0 or more");
    g_autofree char *found = path ? g_strdup(path) : dkm_model_find(DKM_SHIPPED_PRE, &error);
    DkmModel *model =
        found ? dkm_model_open(found, device ? device : "auto", threads, NULL, &error) : NULL;
    if (model) {
        dkm_model_close(session->model);
        session->model = model;
    }
    return answer(out, model != NULL, g_steal_pointer(&error));
}

static int32_t open_study(struct dkm_plugin_session *session, const char *folder,
                          struct dkm_plugin_error *out)
{
    g_auto(DkmSession) study = {0};
    GError *error = NULL;
    if (!session || !folder)
        return misuse(out, "open_study needs a session and a folder");
    if (!dkm_session_open(&study, folder, NULL, NULL, &error))
        return fail(out, error);
    DkmVolume *volume = dkm_session_phase(&study, 0, NULL, &error);
    if (!volume)
        return fail(out, error);
    drop_input(session);
    session->volume = dkm_volume_ref(volume);
    session->study = study;
    study = (DkmSession){0};
    return succeed(out);
}

static int32_t set_volume(struct dkm_plugin_session *session,
                          const struct dkm_plugin_volume *volume, struct dkm_plugin_error *out)
{
    GError *error = NULL;
    if (!session || !volume || volume->size < sizeof *volume)
        return misuse(out, "set_volume needs a session, and a volume with its size filled in");
    DkmVolume *copy = dkm_abi_volume_copy(volume, &error);
    if (!copy)
        return fail(out, error);
    drop_input(session);
    session->volume = copy;
    return succeed(out);
}

static int32_t get_grid(struct dkm_plugin_session *session, struct dkm_plugin_grid *grid,
                        struct dkm_plugin_error *out)
{
    if (!session || !session->volume || !grid || grid->size < sizeof *grid)
        return misuse(out, "get_grid needs a session with an input, and a grid with its size");
    dkm_abi_grid_fill(dkm_volume_grid(session->volume), grid);
    return succeed(out);
}

/* What one run needs of its request. */
typedef struct {
    DkmBox voi;
    DkmSegmentOptions options;
    dkm_plugin_progress progress;
    void *user;
} Request;

static gboolean read_request(const struct dkm_plugin_request *in, Request *request)
{
    *request = (Request){0};
    if (!in)
        return TRUE;
    if (in->size < sizeof *in || in->has_voi > 1 || in->phases > DKM_PLUGIN_AVAILABLE ||
        !(in->threshold >= 0 && in->threshold <= 1))
        return FALSE;
    for (int a = 0; a < 3; a++) {
        if (in->first[a] > G_MAXINT || in->end[a] > G_MAXINT)
            return FALSE;
        request->voi.first[a] = (int)in->first[a];
        request->voi.end[a] = (int)in->end[a];
    }
    request->options.voi = in->has_voi ? &request->voi : NULL;
    request->options.has_threshold = in->threshold > 0;
    request->options.threshold = (float)in->threshold;
    request->progress = in->progress;
    request->user = in->user;
    return TRUE;
}

static gboolean tick(int permille, gpointer user)
{
    const Request *request = user;
    return request->progress(request->user, permille) == 0;
}

static gboolean add_posts(struct dkm_plugin_session *session, DkmSegmentOptions *options,
                          GError **error)
{
    if (session->study.studies)
        return dkm_session_add_posts(&session->study, session->model, options, NULL, error);
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE,
                        "a volume from memory has no later phases: phases must be 0");
    return FALSE;
}

static void fill_result(const DkmResult *from, struct dkm_plugin_result *to)
{
    g_autofree char *sha256 = dkm_mask_sha256(from->mask);
    to->phases_used = (strstr(from->phases_used, "early") ? 1u : 0) |
                      (strstr(from->phases_used, "late") ? 2u : 0);
    to->voxels = dkm_mask_count(from->mask);
    to->volume_ml = dkm_mask_volume_ml(from->mask);
    to->seconds = from->seconds;
    to->threshold = (double)from->threshold;
    g_strlcpy(to->mask_sha256, sha256, sizeof to->mask_sha256);
    g_strlcpy(to->weights_sha256, from->weights_sha256, sizeof to->weights_sha256);
    g_strlcpy(to->device, from->device, sizeof to->device);
}

static int32_t segment(struct dkm_plugin_session *session, const struct dkm_plugin_request *in,
                       struct dkm_plugin_result *result, struct dkm_plugin_error *out)
{
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    GError *error = NULL;
    Request request;
    if (!session || !session->model || !session->volume)
        return misuse(out, "segment needs a session with a model and an input");
    if (!read_request(in, &request) || (result && result->size < sizeof *result))
        return misuse(out, "segment needs sizes filled in, and a threshold between 0 and 1");
    if (in && in->phases == DKM_PLUGIN_AVAILABLE && !add_posts(session, &request.options, &error))
        return fail(out, error);
    const DkmSessionRun run = {.model = session->model,
                               .pre_contrast = session->volume,
                               .options = &request.options,
                               .tick = request.progress ? tick : NULL,
                               .user = &request};
    DkmResult *made = dkm_session_segment(&run, cancel, &error);
    if (!made)
        return fail(out, error);
    g_clear_pointer(&session->result, dkm_result_unref);
    session->result = made;
    if (result)
        fill_result(made, result);
    return succeed(out);
}

static const guint8 *find_map(const DkmResult *result, uint32_t map)
{
    switch (map) {
    case DKM_PLUGIN_MASK:
        return dkm_mask_peek_slice(result->mask, 0);
    case DKM_PLUGIN_PROBABILITY:
        return result->probability;
    case DKM_PLUGIN_KINETIC:
        return result->kinetic;
    default:
        return NULL;
    }
}

static int32_t read_map(struct dkm_plugin_session *session, uint32_t map, void *voxels,
                        uint64_t bytes, struct dkm_plugin_error *out)
{
    if (!session || !session->result || !voxels)
        return misuse(out, "read needs a session that has segmented, and a place for the voxels");
    const guint8 *from = find_map(session->result, map);
    if (!from || bytes != dkm_grid_voxels(&session->result->grid))
        return misuse(out, "there is no such map, or the place has not one byte a voxel");
    memcpy(voxels, from, (gsize)bytes);
    return succeed(out);
}

static int32_t write_seg(struct dkm_plugin_session *session, const char *path,
                         struct dkm_plugin_error *out)
{
    GError *error = NULL;
    if (!session || !session->result || !session->study.studies || !path)
        return misuse(out, "write_seg needs a path, and a study that was opened and segmented");
    const DkmSessionSeg seg = {.path = path};
    const gboolean done =
        dkm_session_write_seg(&session->study, session->result, &seg, NULL, &error);
    return answer(out, done, error);
}

static const struct dkm_plugin_api api = {
    .size = sizeof api,
    .version = DKM_PLUGIN_ABI,
    .product_version = DKM_VERSION,
    .session_open = session_open,
    .session_close = session_close,
    .load_model = load_model,
    .open_study = open_study,
    .set_volume = set_volume,
    .get_grid = get_grid,
    .segment = segment,
    .read = read_map,
    .write_seg = write_seg,
};

const struct dkm_plugin_api *dkm_plugin_get_api(uint32_t abi)
{
    return abi == DKM_PLUGIN_ABI ? &api : NULL;
}
