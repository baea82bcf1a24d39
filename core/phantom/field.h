/* A smooth random field over space: the texture of tissue, the wobble of outlines. Value noise on a
 * periodic lattice of random numbers (Perlin, SIGGRAPH 1985), so any point can be asked in any
 * order by any thread. A shared immutable. Not for: the noise of the measurement. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _DkmField DkmField;

DkmField *dkm_field_new(guint64 seed);
void dkm_field_free(DkmField *field);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmField, dkm_field_free)

/* -1..1 (mostly within 0.6) at P, a place in units of the field's grain. */
float dkm_field_at(const DkmField *field, const float p[3]);
/* OCTAVES of it, each half as coarse and half as strong, scaled back to -1..1. */
float dkm_field_sum(const DkmField *field, const float p[3], int octaves);
/* 1 on the sheets where the field is zero, falling to 0 where it is WIDTH away from it: fibres and
 * septa. */
float dkm_field_sheet(const DkmField *field, const float p[3], float width);

/* The share of a voxel inside, whose centre lies DEPTH_MM inside a surface; HALF_MM: half a voxel.
 */
static inline float dkm_share_inside(float depth_mm, float half_mm)
{
    const float share = 0.5f + depth_mm / (2 * half_mm);
    return share < 0 ? 0 : share > 1 ? 1 : share;
}
/* 0 below LOW, 1 above HIGH, smooth between. */
static inline float dkm_smooth_step(float low, float high, float value)
{
    float t = (value - low) / (high - low);
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return t * t * (3 - 2 * t);
}

G_END_DECLS
