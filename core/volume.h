/* One phase of images: stored 16-bit samples with slope and intercept per slice, on a grid.
 * A shared immutable: atomic reference count, never changed after new. Readers convert. */
#pragma once

#include "core/grid.h"

G_BEGIN_DECLS

typedef struct _DkmVolume DkmVolume;

/* SAMPLES (z, y, x; g_free-able, 16 bit, read as signed where IS_SIGNED), SLOPE and INTERCEPT (one
 * float a slice, or NULL for 1 and 0) are taken. Returns a new reference, never NULL. */
DkmVolume *dkm_volume_new_take(const DkmGrid *grid, void *samples, gboolean is_signed, float *slope,
                               float *intercept);
DkmVolume *dkm_volume_ref(DkmVolume *volume);
void dkm_volume_unref(DkmVolume *volume);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmVolume, dkm_volume_unref)

const DkmGrid *dkm_volume_grid(const DkmVolume *volume);
gboolean dkm_volume_is_signed(const DkmVolume *volume);
/* Stored samples of slice Z, n[1]*n[2] of them, row by row. Borrowed. */
const guint16 *dkm_volume_slice(const DkmVolume *volume, int z);
/* value = stored * slope + intercept, of slice Z. */
float dkm_volume_slope(const DkmVolume *volume, int z);
float dkm_volume_intercept(const DkmVolume *volume, int z);
/* Value (after rescale) of one voxel. */
float dkm_volume_value(const DkmVolume *volume, int z, int y, int x);
/* Values (after rescale) of slice Z into OUT, n[1]*n[2] floats. */
void dkm_volume_read_slice(const DkmVolume *volume, int z, float *out);
/* Smallest and largest value over the whole volume. */
void dkm_volume_range(const DkmVolume *volume, float *low, float *high);
/* The value below which SHARE (0..1) of the voxels with a value over ABOVE lie. For windows and
 * normalisation. */
float dkm_volume_quantile(const DkmVolume *volume, double share, float above);
/* N of them in one go over the voxels. */
void dkm_volume_quantiles(const DkmVolume *volume, float above, guint n, const double *shares,
                          float *values);

G_END_DECLS
