/* The ABI's plain structs to the core's types and back. For abi*.c alone; hosts use dkm-plugin.h.
 */
#pragma once

#include "core/volume.h"
#include "plugin/dkm-plugin.h"

/* The module's one symbol. */
__attribute__((visibility("default"))) const struct dkm_plugin_api *
dkm_plugin_get_api(uint32_t abi);

/* A copy of the caller's voxels. Errors: GEOMETRY, INPUT (samples that are no numbers), USAGE (a
 * size that does not fit), NO_MEMORY. */
DkmVolume *dkm_abi_volume_copy(const struct dkm_plugin_volume *volume, GError **error);
void dkm_abi_grid_fill(const DkmGrid *from, struct dkm_plugin_grid *to);
