/* The voxels of a binary mask that changed sides, as runs. Applied twice it gives the mask back, so
 * one delta serves undo and redo; its code bytes are what a journal writes.
 * Not for: masks with more than two values. */
#pragma once

#include "core/mask.h"

G_BEGIN_DECLS

/* Runs being collected, in any order, none overlapping. Zero-initialised by the owner. */
typedef struct {
    GArray *runs;
} DkmFlips;

/* The LENGTH voxels from offset START (z, y, x order) changed sides. */
void dkm_flips_add(DkmFlips *flips, gsize start, gsize length);
/* Voxels in the runs from index FIRST on. */
gsize dkm_flips_count(const DkmFlips *flips, guint first);
void dkm_flips_clear(DkmFlips *flips);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkmFlips, dkm_flips_clear)

/* A shared immutable. */
typedef struct _DkmDelta DkmDelta;

/* Sorts and joins the runs of FLIPS (which stays the caller's). NULL where there is none. */
DkmDelta *dkm_delta_new(DkmFlips *flips);
/* From the empty mask to MASK; NULL where MASK is empty. */
DkmDelta *dkm_delta_new_from_mask(const DkmMask *mask);
/* From one mask to another on the same grid; NULL where they are equal. */
DkmDelta *dkm_delta_new_between(const DkmMask *from, const DkmMask *to);
/* From the bytes that dkm_delta_code() gave, for a mask of VOXELS voxels. DKM_ERROR_INPUT where
 * they say something else. */
DkmDelta *dkm_delta_new_from_code(const guint8 *code, gsize length, gsize voxels, GError **error);
DkmDelta *dkm_delta_ref(DkmDelta *delta);
void dkm_delta_unref(DkmDelta *delta);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmDelta, dkm_delta_unref)

/* Flips the delta's voxels in MASK, which has the grid it was made for. Returns the change in the
 * number of voxels set. */
gssize dkm_delta_apply(const DkmDelta *delta, DkmMask *mask);
/* How many of the delta's voxels are set in MASK. */
gsize dkm_delta_count_set(const DkmDelta *delta, const DkmMask *mask);
/* Number of voxels that change sides. */
gsize dkm_delta_voxels(const DkmDelta *delta);
/* What it says, as LENGTH bytes. Borrowed. */
const guint8 *dkm_delta_code(const DkmDelta *delta, gsize *length);
/* Memory it holds, in bytes. */
gsize dkm_delta_bytes(const DkmDelta *delta);

G_END_DECLS
