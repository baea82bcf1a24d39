#include "dicom/seg-frames.h"

gsize dkm_seg_packed_bytes(gsize frames, gsize pixels)
{
    const gsize bytes = (frames * pixels + 7) / 8;
    return bytes + (bytes & 1);
}

void dkm_seg_pack(const guint8 *voxels, gsize pixels, gsize k, guint8 *bits)
{
    gsize bit = k * pixels;
    for (gsize i = 0; i < pixels; i++, bit++)
        if (voxels[i])
            bits[bit / 8] |= (guint8)(1u << bit % 8);
}

void dkm_seg_unpack(const guint8 *bits, gsize pixels, gsize k, guint8 *voxels)
{
    gsize bit = k * pixels;
    for (gsize i = 0; i < pixels; i++, bit++)
        if (bits[bit / 8] >> bit % 8 & 1)
            voxels[i] = 1;
}
