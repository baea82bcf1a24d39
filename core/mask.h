/* A binary mask on a grid, one byte a voxel, 0 or 1.
 * Filled by its maker, immutable once shared: whoever edits works on a dup (core/edit does). */
#pragma once

#include "core/grid.h"

G_BEGIN_DECLS

typedef struct _DkmMask DkmMask;

/* All zero. NULL and DKM_ERROR_NO_MEMORY where it does not fit. */
DkmMask *dkm_mask_new(const DkmGrid *grid, GError **error);
DkmMask *dkm_mask_dup(const DkmMask *mask, GError **error);
DkmMask *dkm_mask_ref(DkmMask *mask);
void dkm_mask_unref(DkmMask *mask);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmMask, dkm_mask_unref)

const DkmGrid *dkm_mask_grid(const DkmMask *mask);
/* Voxels of slice Z, n[1]*n[2] bytes. Writable only for the maker. */
guint8 *dkm_mask_slice(DkmMask *mask, int z);
const guint8 *dkm_mask_peek_slice(const DkmMask *mask, int z);
static inline gboolean dkm_mask_get(const DkmMask *mask, int z, int y, int x)
{
    return dkm_mask_peek_slice(mask, z)[(gsize)y * (gsize)dkm_mask_grid(mask)->n[2] + (gsize)x];
}
/* Number of voxels set, in the whole mask and in one slice. */
gsize dkm_mask_count(const DkmMask *mask);
gsize dkm_mask_slice_count(const DkmMask *mask, int z);
/* Where a reader wants to look first: the slice with most of it, and there the middle. MASK is not
 * empty. */
void dkm_mask_middle(const DkmMask *mask, int zyx[3]);
/* The smallest box that holds all of MASK, MARGIN_MM wider on all sides as far as its grid goes;
 * FALSE, and an empty box, where nothing is set. */
gboolean dkm_mask_box(const DkmMask *mask, double margin_mm, DkmBox *box);
double dkm_mask_volume_ml(const DkmMask *mask);
/* Lower-case hex SHA-256 of the voxel bytes (z, y, x order). Free with g_free. */
char *dkm_mask_sha256(const DkmMask *mask);

G_END_DECLS
