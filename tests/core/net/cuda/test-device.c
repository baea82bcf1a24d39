/* What of a device needs no driver: what a failed call leaves of it, which plans it takes.
 * Argument: a description of a device. */
#include "core/error.h"
#include "core/net/cuda/device.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static void expect(DkmCudaDevice *device, cudaError_t status, int code, gboolean lost)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(dkm_cuda_check(device, status, "a launch", &error));
    g_assert_error(error, DKM_ERROR, code);
    g_assert_true(g_str_has_prefix(error->message, "a launch: CUDA says "));
    g_assert_true((device->lost != NULL) == lost);
    g_clear_error(&error);
    g_assert_true(dkm_cuda_is_alive(device, &error) != lost);
}

static void launch_loses(void)
{
    DkmCudaDevice device = {0};
    expect(&device, cudaErrorLaunchFailure, DKM_ERROR_DEVICE, TRUE);
    g_autofree char *first = g_strdup(device.lost);
    expect(&device, cudaErrorIllegalAddress, DKM_ERROR_DEVICE, TRUE);
    g_assert_cmpstr(device.lost, ==, first);
    g_free(device.lost);
}

static void memory_does_not(void)
{
    DkmCudaDevice device = {0};
    expect(&device, cudaErrorMemoryAllocation, DKM_ERROR_NO_MEMORY, FALSE);
}

/* The plan is run without a capture then. */
static void capture_does_not(void)
{
    DkmCudaDevice device = {.capturing = TRUE};
    expect(&device, cudaErrorStreamCaptureUnsupported, DKM_ERROR_DEVICE, FALSE);
    device.capturing = FALSE;
    expect(&device, cudaErrorLaunchFailure, DKM_ERROR_DEVICE, TRUE);
    g_free(device.lost);
}

/* cuDNN's failures count as the runtime's. */
static void cudnn_loses(void)
{
    DkmCudaDevice device = {0};
    g_autoptr(GError) memory = NULL, failure = NULL;
    g_assert_false(
        dkm_cudnn_check(CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED, "a run", &memory));
    g_assert_false(dkm_cuda_lose(&device, memory));
    g_assert_null(device.lost);
    g_assert_false(dkm_cudnn_check(CUDNN_STATUS_EXECUTION_FAILED, "a run", &failure));
    g_assert_false(dkm_cuda_lose(&device, failure));
    g_assert_cmpstr(device.lost, ==, failure->message);
    g_free(device.lost);
}

static char *device_json;

/* A device that plans and cannot run. */
static DkmCudaDevice described(const char *folder)
{
    g_autoptr(GError) error = NULL;
    DkmCudaDevice device = {.identity = g_strdup("described")};
    device.target = dkm_cudnn_target_new_from_json(device_json, &error);
    g_assert_no_error(error);
    device.convs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, dkm_cuda_conv_plans_free);
    device.cache = dkm_plan_cache_open(folder, 1 << 24);
    return device;
}

static void clear(DkmCudaDevice *device)
{
    g_hash_table_unref(device->convs);
    dkm_cudnn_target_free(device->target);
    dkm_plan_cache_close(device->cache);
    g_free(device->identity);
}

/* The workspace of a data gradient: planned, or taken from the cache. */
static gsize plan_one(const char *folder)
{
    DkmCudaDevice device = described(folder);
    const DkmOpParams p = {.kernel = 3, .stride = 1, .out_shape = {1, 32, 32, 64}};
    const DkmOpCall call = {
        .kind = DKM_OP_CONV_DGRAD,
        .p = &p,
        .in = {{&device, {1, 32, 32, 64}, DKM_F32}, {&device, {64, 3, 3, 64}, DKM_F32}},
        .out = {{&device, {1, 32, 32, 64}, DKM_F32}},
        .n_in = 2,
        .n_out = 1};
    const gsize bytes = dkm_cuda_conv_dgrad.workspace(&device, &call);
    clear(&device);
    return bytes;
}

/* The path of the only file in FOLDER. */
static char *only_file(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    char *path = g_build_filename(folder, g_dir_read_name(dir), NULL);
    g_assert_null(g_dir_read_name(dir));
    return path;
}

/* Kept for the next process; what is spoilt is planned anew and kept again. */
static void plans_are_kept(void)
{
    g_autofree char *folder = g_dir_make_tmp("dkm-plans-XXXXXX", NULL), *kept = NULL, *again = NULL;
    const gsize bytes = plan_one(folder);
    g_autofree char *path = only_file(folder);
    g_assert_true(g_file_get_contents(path, &kept, NULL, NULL));
    g_assert_nonnull(strstr(kept, "described"));
    g_assert_cmpuint(plan_one(folder), ==, bytes);
    g_assert_true(g_file_set_contents(path, "junk", -1, NULL));
    g_assert_cmpuint(plan_one(folder), ==, bytes);
    g_assert_true(g_file_get_contents(path, &again, NULL, NULL));
    g_assert_cmpstr(kept, ==, again);
    g_unlink(path);
    g_rmdir(folder);
}

static void fastest(void)
{
    float ms[] = {3, 9, 3, 2, 8, 1, 1, 7, 7, INFINITY, INFINITY, 0}; /* medians 3, 2, 7, none */
    g_assert_cmpuint(dkm_cuda_fastest(ms, 4, 3), ==, 1);
    float even[] = {5, 5, 5, 5, 5, 5};
    g_assert_cmpuint(dkm_cuda_fastest(even, 2, 3), ==, 0); /* cuDNN's guess stands */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cuda-device/launch-loses", launch_loses);
    g_test_add_func("/cuda-device/memory-does-not", memory_does_not);
    g_test_add_func("/cuda-device/capture-does-not", capture_does_not);
    g_test_add_func("/cuda-device/cudnn-loses", cudnn_loses);
    g_test_add_func("/cuda-device/fastest", fastest);
    if (argc > 1 && g_file_get_contents(argv[1], &device_json, NULL, NULL))
        g_test_add_func("/cuda-device/plans-are-kept", plans_are_kept);
    const int result = g_test_run();
    g_free(device_json);
    return result;
}
