/* The one noise field that all slices share when the kinetic code is taken: standard normals that
 * depend on a seed and a place only, equal on every machine and device. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Streams of random numbers (core/philox.h), so that no two uses share a number. */
typedef enum {
    DKM_STREAM_FIELD,    /* the field below */
    DKM_STREAM_TRAINING, /* noise, timesteps, crops and order of training: core/learn */
    DKM_STREAM_TIMESTEP,
    DKM_STREAM_CROP,
    DKM_STREAM_ORDER,
    DKM_STREAM_POSTS,
    DKM_STREAM_INTENSITY,
    DKM_STREAM_INTENSITY_NOISE,
} DkmStream;

/* Rows [Y, Y+HEIGHT) and columns [X, X+WIDTH) of the field with SEED into OUT, row by row.
 * The counter is y*4096 + x on the network's lattice: sides up to 4096, independent of the image's
 * matrix and of the part that is computed. */
void dkm_noise_field(guint64 seed, int y, int x, int height, int width, float *out);

G_END_DECLS
