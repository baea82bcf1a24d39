/* The pixels of a tile: in the tensor itself where they lie inside it, else a copy with zeros. */
#include "core/net/cpu/blocks.h"
#include "core/net/cpu/winograd.h"

#include <string.h>

static gsize value_at(const DkmWinoPatch *patch, int row, int column)
{
    const DkmShape s = patch->tensor->shape;
    return (((gsize)patch->sample * (gsize)s.h + (gsize)row) * (gsize)s.w + (gsize)column) *
               (gsize)s.c +
           (gsize)patch->first_channel;
}

static gboolean is_inside(const DkmWinoPatch *p)
{
    const DkmShape s = p->tensor->shape;
    return p->row >= 0 && p->column >= 0 && p->row + p->side <= s.h && p->column + p->side <= s.w;
}

static void copy_with_border(const DkmWinoPatch *p, void *room)
{
    const DkmShape s = p->tensor->shape;
    const gsize pixel = (gsize)p->channels * dkm_dtype_size(p->tensor->dtype);
    guint8 *to = room;
    for (int r = p->row; r < p->row + p->side; r++)
        for (int c = p->column; c < p->column + p->side; c++, to += pixel) {
            if (r >= 0 && r < s.h && c >= 0 && c < s.w)
                memcpy(to, dkm_tensor_at(p->tensor, value_at(p, r, c)), pixel);
            else
                memset(to, 0, pixel);
        }
}

void dkm_wino_patch(const DkmWinoPatch *patch, void *room, DkmWinoGather *tile)
{
    const DkmShape s = patch->tensor->shape;
    const gboolean inside = is_inside(patch);
    tile->channels = (gsize)patch->channels;
    tile->dtype = patch->tensor->dtype;
    tile->pixel_stride = inside ? (gsize)s.c : tile->channels;
    tile->row_stride = tile->pixel_stride * (gsize)(inside ? s.w : patch->side);
    tile->x =
        inside ? dkm_tensor_at(patch->tensor, value_at(patch, patch->row, patch->column)) : room;
    if (!inside)
        copy_with_border(patch, room);
}
