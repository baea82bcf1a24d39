/* Which voxels may be painted: those whose value in an image (a phase, a subtraction, a map) lies
 * in a range. Values are read a slice at a time, when a brush first gets there, and kept.
 * Shared by reference count; one thread. Not for: painting (brush.h). */
#pragma once

#include "core/image/kinetics.h"

G_BEGIN_DECLS

typedef struct _DkmThreshold DkmThreshold;

/* Writes the n[1]*n[2] values of slice Z to OUT. */
typedef void (*DkmSliceReader)(gpointer data, int z, float *out);

/* LOW <= value <= HIGH is accepted; HIGH may be HUGE_VALF. DATA is freed by DESTROY. */
DkmThreshold *dkm_threshold_new(const DkmGrid *grid, float low, float high, DkmSliceReader read,
                                gpointer data, GDestroyNotify destroy);
/* The values of one phase, and those of a measured map (BACKGROUND: see dkm_kinetics_slice());
 * both keep what they read from alive. */
DkmThreshold *dkm_threshold_new_for_phase(DkmVolume *volume, float low, float high);
DkmThreshold *dkm_threshold_new_for_map(DkmMapKind kind, const DkmKineticSource *source,
                                        float background, float low, float high);
DkmThreshold *dkm_threshold_ref(DkmThreshold *threshold);
void dkm_threshold_unref(DkmThreshold *threshold);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmThreshold, dkm_threshold_unref)

/* Whether voxel (Z, Y, X) of the grid may be painted. Without memory for a slice none may. */
gboolean dkm_threshold_accepts(DkmThreshold *threshold, int z, int y, int x);

G_END_DECLS
