/* A host in plain C: loads the module, segments STUDY with MODEL, prints the mask's hash and the
 * number of voxels that it counts itself. Usage: host MODULE MODEL STUDY */
#include "plugin/dkm-plugin.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const struct dkm_plugin_api *load(const char *path)
{
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module) {
        fprintf(stderr, "host: %s\n", dlerror());
        return NULL;
    }
    dkm_plugin_get_api_function get_api;
    *(void **)&get_api = dlsym(module, DKM_PLUGIN_SYMBOL); /* POSIX's way to a function */
    return get_api ? get_api(DKM_PLUGIN_ABI) : NULL;
}

static int32_t on_progress(void *user, int32_t permille)
{
    *(int32_t *)user = permille;
    return 0;
}

/* The mask as the host gets it: how many voxels are set, or -1. */
static int64_t count_mask(const struct dkm_plugin_api *dkm, struct dkm_plugin_session *session)
{
    struct dkm_plugin_grid grid = {.size = sizeof grid};
    if (dkm->get_grid(session, &grid, NULL) != DKM_PLUGIN_OK)
        return -1;
    const uint64_t n = (uint64_t)grid.n[0] * grid.n[1] * grid.n[2];
    unsigned char *mask = malloc(n);
    int64_t count = -1;
    if (mask && dkm->read(session, DKM_PLUGIN_MASK, mask, n, NULL) == DKM_PLUGIN_OK) {
        count = 0;
        for (uint64_t i = 0; i < n; i++)
            count += mask[i];
    }
    free(mask);
    return count;
}

static int32_t run(const struct dkm_plugin_api *dkm, char **argv, struct dkm_plugin_error *error)
{
    struct dkm_plugin_session *session = NULL;
    int32_t permille = 0, status = dkm->session_open(&session, error);
    struct dkm_plugin_request request = {
        .size = sizeof request, .progress = on_progress, .user = &permille};
    struct dkm_plugin_result result = {.size = sizeof result};
    if (status == DKM_PLUGIN_OK)
        status = dkm->load_model(session, argv[2], "cpu", 1, error);
    if (status == DKM_PLUGIN_OK)
        status = dkm->open_study(session, argv[3], error);
    if (status == DKM_PLUGIN_OK)
        status = dkm->segment(session, &request, &result, error);
    if (status == DKM_PLUGIN_OK)
        printf("%s %" PRId64 " of %" PRIu64 " at %d\n", result.mask_sha256,
               count_mask(dkm, session), result.voxels, permille);
    dkm->session_close(session);
    return status;
}

int main(int argc, char **argv)
{
    struct dkm_plugin_error error = {.size = sizeof error};
    if (argc != 4) {
        fprintf(stderr, "usage: host MODULE MODEL STUDY\n");
        return 2;
    }
    const struct dkm_plugin_api *dkm = load(argv[1]);
    if (!dkm || dkm->size < sizeof *dkm)
        return 1;
    const int32_t status = run(dkm, argv, &error);
    if (status != DKM_PLUGIN_OK)
        fprintf(stderr, "host: %s\n", error.text);
    return status;
}
