/* What the tests of core/net share: a device with a store of parameters, and random numbers that
 * are the same everywhere. */
#pragma once

#include "core/net/plan.h"
#include "core/philox.h"

typedef struct {
    const DkmBackend *backend;
    DkmDevice *device;
    DkmParams *params;
} Fixture;

static inline Fixture fixture_open_with(const DkmBackend *backend, const DkmDeviceOptions *options)
{
    Fixture f = {.backend = backend};
    g_autoptr(GError) error = NULL;
    f.device = backend->open(options, &error);
    g_assert_no_error(error);
    f.params = dkm_params_new(backend, f.device);
    return f;
}

static inline Fixture fixture_open(const DkmBackend *backend)
{
    return fixture_open_with(backend, &(DkmDeviceOptions){0});
}

static inline void fixture_close(Fixture *f)
{
    dkm_params_free(f->params);
    f->backend->close(f->device);
}

/* Standard normals. */
static inline void fill_normal(float *data, gsize count, guint64 seed)
{
    for (gsize i = 0; i < count; i++)
        data[i] = (float)dkm_philox_normal(seed, i, 0);
}

static inline float *new_normal(gsize count, guint64 seed)
{
    float *data = g_new(float, count);
    fill_normal(data, count, seed);
    return data;
}

/* Fills every parameter with standard normals, so that no gradient hides behind a zero. */
static inline void randomise_params(DkmParams *params, guint64 seed)
{
    for (guint i = 0; i < dkm_params_count(params); i++) {
        g_autoptr(GError) error = NULL;
        const char *name = dkm_params_name(params, i);
        const DkmShape shape = dkm_params_shape(params, name);
        g_autofree float *data = new_normal(dkm_shape_count(shape), seed + i);
        dkm_params_set(params, name, shape, data, &error);
        g_assert_no_error(error);
    }
}
