/* Binary frames as a Segmentation object packs them: bits of all frames in one run, least
 * significant first, no padding between frames (PS3.5, 8.1.1). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Label Map Segmentation Storage (DICOM 2024d), which DCMTK 3.6.7 does not know. */
#define DKM_LABELMAP_STORAGE "1.2.840.10008.5.1.4.1.1.66.7"

/* Bytes of FRAMES frames of PIXELS pixels, even. */
gsize dkm_seg_packed_bytes(gsize frames, gsize pixels);
/* Sets the bits of frame K where VOXELS (PIXELS bytes) are not 0. BITS starts as zeros. */
void dkm_seg_pack(const guint8 *voxels, gsize pixels, gsize k, guint8 *bits);
/* Sets VOXELS to 1 where the bit of frame K is set; leaves the others. */
void dkm_seg_unpack(const guint8 *bits, gsize pixels, gsize k, guint8 *voxels);

G_END_DECLS
