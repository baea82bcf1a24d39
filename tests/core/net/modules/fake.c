/* A module that computes nothing: a good one, or what FAKE_* spoils of it. Brings all that it
 * needs, as a real one does. */
#include "core/error.h"
#include "core/net/backend.h"

#include <gmodule.h>
#include <string.h>

#ifndef FAKE_ABI
#define FAKE_ABI DKM_BACKEND_ABI
#endif
#ifndef FAKE_NAME
#define FAKE_NAME "cuda"
#endif

static gboolean probe(char **why)
{
#ifdef FAKE_REFUSES
    *why = g_strdup("no driver\nis here");
    return FALSE;
#elif defined FAKE_SULKS
    return FALSE;
#else
    return TRUE;
#endif
}

static DkmDevice *device_open(const DkmDeviceOptions *options, GError **error)
{
#ifdef FAKE_IS_FULL
    dkm_error_set_no_memory(error, 4096, "the fake device");
    return NULL;
#else
    return g_malloc0(1);
#endif
}

static void device_close(DkmDevice *device)
{
    g_free(device);
}

static const char *describe(DkmDevice *device)
{
    return "fake, 0 threads";
}

static void *memory_alloc(DkmDevice *device, gsize bytes, GError **error)
{
    return g_malloc0(bytes);
}

static void memory_free(DkmDevice *device, void *memory)
{
    g_free(memory);
}

static gboolean copy(DkmDevice *device, void *to, const void *from, gsize bytes, GError **error)
{
    memcpy(to, from, bytes);
    return TRUE;
}

static gsize workspace(DkmDevice *device, const DkmOpCall *call)
{
    return 0;
}

#ifndef FAKE_HAS_A_HOLE
static gboolean run(DkmDevice *device, const DkmOpCall *call, GError **error)
{
    g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE, "a fake computes nothing");
    return FALSE;
}
#endif

static void release(DkmDevice *device, gpointer prepared)
{
}

static gboolean adam(DkmDevice *device, const DkmAdamArrays *arrays, const DkmAdamStep *step,
                     GError **error)
{
    return TRUE;
}

static gboolean ema(DkmDevice *device, float *average, const float *param, gsize count, float decay,
                    GError **error)
{
    return TRUE;
}

static gboolean sum_squares(DkmDevice *device, const float *values, gsize count, double *sum,
                            GError **error)
{
    *sum = 0;
    return TRUE;
}

#ifdef FAKE_HALF_CAPTURES
static gboolean capture_begin(DkmDevice *device, GError **error)
{
    return TRUE;
}
#endif

#ifdef FAKE_NEEDS_DRIVER
int driver(void);
#endif

static gboolean has_dtype(DkmDevice *device, DkmDtype dtype)
{
#ifdef FAKE_NEEDS_DRIVER
    return driver() && dtype == DKM_F32;
#else
    return dtype == DKM_F32;
#endif
}

static const DkmBackend backend = {
    .abi = FAKE_ABI,
    .name = FAKE_NAME,
    .probe = probe,
    .open = device_open,
    .close = device_close,
    .describe = describe,
    .alloc = memory_alloc,
    .free = memory_free,
    .upload = copy,
    .download = copy,
    .workspace = workspace,
#ifndef FAKE_HAS_A_HOLE
    .run = run,
#endif
    .release = release,
    .adam = adam,
    .ema = ema,
    .sum_squares = sum_squares,
    .has_dtype = has_dtype,
#ifdef FAKE_HALF_CAPTURES
    .capture_begin = capture_begin,
#endif
};

#ifdef FAKE_IS_NO_MODULE
#define dkm_backend_v1 something_else
#endif

G_MODULE_EXPORT const DkmBackend *dkm_backend_v1(void);

G_MODULE_EXPORT const DkmBackend *dkm_backend_v1(void)
{
#ifdef FAKE_IS_EMPTY
    const gboolean gives = FALSE;
#else
    const gboolean gives = TRUE;
#endif
    return gives ? &backend : NULL;
}
