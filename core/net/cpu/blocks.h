/* How work is cut into blocks for the pool: by shape alone, so that results do not depend on the
 * number of threads. Included by the op files of this folder. */
#pragma once

#include "core/net/cpu/rows.h"

/* About what one block holds: large beside the cost of dealing it out, small beside a cache. */
enum { DKM_BLOCK_VALUES = 32768 };

/* COUNT items cut into N blocks of SIZE, the last one shorter. */
typedef struct {
    gsize count, size, n;
} DkmBlocks;

static inline DkmBlocks dkm_blocks_of(gsize count, gsize values_per_item)
{
    const gsize size = MAX(1, DKM_BLOCK_VALUES / MAX(1, values_per_item));
    return (DkmBlocks){count, size, (count + size - 1) / size};
}
static inline gsize dkm_blocks_first(const DkmBlocks *blocks, gsize block)
{
    return block * blocks->size;
}
static inline gsize dkm_blocks_count(const DkmBlocks *blocks, gsize block)
{
    return MIN(blocks->size, blocks->count - block * blocks->size);
}

/* The byte address of value I of a tensor. */
static inline void *dkm_tensor_at(const DkmTensor *tensor, gsize i)
{
    return (guint8 *)tensor->data + i * dkm_dtype_size(tensor->dtype);
}

/* Cuts arrays off a call's workspace; with BASE NULL it only counts the bytes. */
typedef struct {
    guint8 *base;
    gsize used;
} DkmScratch;

static inline void *dkm_scratch_take(DkmScratch *scratch, gsize count, gsize size)
{
    void *taken = scratch->base ? scratch->base + scratch->used : NULL;
    scratch->used += (count * size + 63) / 64 * 64;
    return taken;
}
