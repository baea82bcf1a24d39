/* The device that the programs of this folder test: cuda, or what DKM_TEST_DEVICE names, so that
 * they can be rehearsed where there is no GPU. */
#pragma once

#include "core/net/backend.h"

static inline const char *test_device_name(void)
{
    const char *named = g_getenv("DKM_TEST_DEVICE");
    return named && *named ? named : "cuda";
}

/* NULL, after TAP's words for a skipped program, where it cannot be used. */
static inline const DkmBackend *test_device(void)
{
    g_autofree char *why = NULL;
    const DkmBackend *backend = dkm_backend_probe(test_device_name(), &why);
    if (!backend)
        g_print("1..0 # SKIP %s: %s\n", test_device_name(), why);
    return backend;
}
