/* Maximum intensity projections that turn around the patient's long axis: the overview of a
 * subtraction. */
#pragma once

#include "core/volume.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* AFTER minus BEFORE, on one grid, all of it: 16 bit signed with one slope. Errors: GEOMETRY,
 * NO_MEMORY, CANCELLED. */
DkmVolume *dkm_volume_subtract(const DkmVolume *after, const DkmVolume *before,
                               GCancellable *cancel, GError **error);

/* Projections of a volume that has one slope (dkm_volume_subtract()'s), as "slices" of angle
 * 360 / N_ANGLES degrees each; rows run from head to foot, columns at first to the patient's left.
 * Nearest voxels, none skipped along a ray. Errors: NO_MEMORY, CANCELLED. */
DkmVolume *dkm_volume_project(const DkmVolume *volume, int n_angles, GCancellable *cancel,
                              GError **error);
/* Patient direction that columns of the projection at slice ANGLE run to. */
void dkm_projection_direction(int angle, int n_angles, double lps[3]);

G_END_DECLS
