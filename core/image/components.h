/* Connected parts of a mask. Not for: what counts as a lesion, which its user says. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Numbers the parts of MASK (z, y, x; N voxels; 0 or not) that hang together by any of the 26
 * neighbours: LABELS (as many) gets 1, 2, ... in the order of their first voxels, 0 outside.
 * Returns how many there are. */
guint dkm_components_label(const guint8 *mask, const int n[3], guint32 *labels);

G_END_DECLS
