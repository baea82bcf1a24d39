/* What the parts of the anatomy share. Nothing outside core/phantom includes this. */
#pragma once

#include "core/phantom/anatomy.h"

#include <math.h>

G_BEGIN_DECLS

/* A place and what is known of it. */
typedef struct {
    float p[3];              /* LPS, mm */
    float q[3];              /* mirrored: lateral, posterior, superior */
    const DkmBreast *breast; /* of this side */
    float depth_mm;          /* below the skin's surface, negative outside */
    float chest_mm;          /* below the surface that the chest would have without breasts */
    float half_mm;           /* half a voxel */
} DkmSite;

/* The numbers of the plan: the I-th draw of SEED between LOW and HIGH. */
float dkm_draw(guint64 seed, guint32 i, float low, float high);

void dkm_site_init(const DkmAnatomy *anatomy, const float p[3], float half_mm, DkmSite *site);
/* Half width (u), depth (v) and their centre of the chest at height W. */
void dkm_chest_ellipse(float w, float half[2], float *centre_v);

void dkm_breast_plan(DkmBreast *breast, guint64 seed, guint32 first_draw);
/* Place at HEIGHT (0 base .. 1 nipple) and ANGLE around the axis, SHARE of the way to the skin;
 * mirrored coordinates. */
void dkm_breast_place(const DkmBreast *breast, float height, float angle, float share, float q[3]);
void dkm_breast_cover(const DkmAnatomy *anatomy, const DkmSite *site, DkmMixture *mixture);
/* Everything behind the breast: muscle, ribs, lungs, heart, liver, spine. */
void dkm_chest_cover(const DkmAnatomy *anatomy, const DkmSite *site, DkmMixture *mixture);

void dkm_mass_plan(DkmAnatomy *anatomy);
void dkm_mass_cover(const DkmAnatomy *anatomy, const DkmSite *site, DkmMixture *mixture);
void dkm_vessels_plan(DkmAnatomy *anatomy);

/* P moved by SHIFT and measured in grains of GRAIN mm: a place in the random field. */
static inline void dkm_grain(const float p[3], float grain, const float shift[3], float out[3])
{
    for (int a = 0; a < 3; a++)
        out[a] = p[a] / grain + shift[a];
}

static inline float dkm_length(const float d[3])
{
    return sqrtf(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
}

G_END_DECLS
