/* What a failed call leaves of a device: no driver is needed to say that something failed. */
#include "core/error.h"
#include "core/net/cuda/device.h"

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

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cuda-device/launch-loses", launch_loses);
    g_test_add_func("/cuda-device/memory-does-not", memory_does_not);
    g_test_add_func("/cuda-device/capture-does-not", capture_does_not);
    g_test_add_func("/cuda-device/cudnn-loses", cudnn_loses);
    return g_test_run();
}
