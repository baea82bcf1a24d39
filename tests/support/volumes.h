/* Small volumes for tests. */
#pragma once

#include "core/volume.h"

/* A volume whose every stored sample is VALUE (unsigned, slope 1). */
static inline DkmVolume *dkm_test_volume(const DkmGrid *grid, guint16 value)
{
    const gsize n = dkm_grid_voxels(grid);
    guint16 *samples = g_new(guint16, n);
    for (gsize i = 0; i < n; i++)
        samples[i] = value;
    return dkm_volume_new_take(grid, samples, FALSE, NULL, NULL);
}
