/* Which tissue is where: a woman's chest in prone position, both breasts, one of them with a mass.
 * Every place can be asked alone, so both shapes of examination cut the same body. Patient
 * millimetres, LPS. A shared immutable. Not for: signal, lattices. */
#pragma once

#include "core/phantom/field.h"
#include "core/phantom/tissue.h"

G_BEGIN_DECLS

/* One breast, in mirrored coordinates: u lateral, v posterior, w superior (mm). */
typedef struct {
    float nipple[3];
    float base_v;                         /* where the breast leaves the chest */
    float half_width, half_up, half_down; /* at the base */
    float gland[3], gland_half[3];        /* the ellipsoid that holds most of the gland */
    float density;                        /* 0 fatty .. 1 dense */
    float texture[3];                     /* shifts the random field */
} DkmBreast;

typedef enum { DKM_MASS_HOMOGENEOUS, DKM_MASS_RIM } DkmMassKind;

/* The mass, in LPS. */
typedef struct {
    DkmMassKind kind;
    int side; /* +1 left, -1 right */
    float centre[3], radius_mm, stretch[3];
    float lobes, spikes; /* how irregular: share of the radius; mm */
    float texture[3];
} DkmMass;

/* A piece of a vessel, in LPS. */
typedef struct {
    float from[3], to[3], radius_mm;
} DkmVesselPiece;

typedef struct {
    guint64 seed;
    DkmField *field;
    DkmBreast breasts[2]; /* left, right */
    DkmMass mass;
    GArray *vessels; /* of DkmVesselPiece */
} DkmAnatomy;

DkmAnatomy *dkm_anatomy_new(guint64 seed);
void dkm_anatomy_free(DkmAnatomy *anatomy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmAnatomy, dkm_anatomy_free)

/* Shares of the tissues at one place, and how its agent differs from the tissue's usual. */
typedef struct {
    float share[DKM_TISSUE_COUNT];  /* 0..1; the rest up to 1 is air */
    float uptake[DKM_TISSUE_COUNT]; /* factor on the concentration */
    float depth_mm;                 /* below the skin's surface */
} DkmMixture;

/* The mixture at P (LPS) averaged over about HALF_MM to each side, without small vessels. */
void dkm_anatomy_at(const DkmAnatomy *anatomy, const float p[3], float half_mm, DkmMixture *out);
/* Covers SHARE of the mixture by TISSUE. */
void dkm_mixture_cover(DkmMixture *mixture, DkmTissue tissue, float share);
/* Depth of P (LPS) below the surface of the mass; the truth is where it is positive. */
float dkm_mass_depth(const DkmAnatomy *anatomy, const float p[3]);

G_END_DECLS
