/* Where tensors that live for a while lie in one arena. Pure arithmetic: no memory, no graph. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A tensor that is needed from step FIRST to step LAST, both included. */
typedef struct {
    gsize bytes;
    int first, last;
    gsize offset; /* set by place(): a multiple of 64 */
} DkmLifetime;

/* Gives every lifetime an offset so that no two that share a step overlap: one after the other,
 * each into the smallest gap that holds it, in the best of three orders. Returns the bytes of the
 * arena. */
gsize dkm_lifetimes_place(DkmLifetime *lifetimes, gsize n);
/* The most bytes that are needed in one step: no placing can do with less. */
gsize dkm_lifetimes_lower_bound(const DkmLifetime *lifetimes, gsize n);
/* BYTES rounded up to what place() gives a tensor. */
static inline gsize dkm_lifetime_padded(gsize bytes)
{
    return (bytes + 63) & ~(gsize)63;
}

G_END_DECLS
