/* A volume smoothed by a Gaussian, separably, its borders mirrored. */
#pragma once

#include "core/volume.h"

G_BEGIN_DECLS

/* SIGMA in voxels (z, y, x), cut off at four of them; 0: not along this axis. The values (z, y, x;
 * g_free), or NULL and NO_MEMORY. */
float *dkm_volume_smooth(const DkmVolume *volume, const double sigma[3], GError **error);

G_END_DECLS
