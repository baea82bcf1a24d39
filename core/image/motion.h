/* How far the patient has moved between two phases, region by region: block matching by normalised
 * cross-correlation, which contrast medium disturbs little. And a phase moved back by it. */
#pragma once

#include "core/volume.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Regions along z, y, x. */
enum { DKM_MOTION_Z = 2, DKM_MOTION_Y = 3, DKM_MOTION_X = 3 };
#define DKM_MOTION_REGIONS (DKM_MOTION_Z * DKM_MOTION_Y * DKM_MOTION_X)

typedef struct {
    gboolean is_known;     /* FALSE: air, or nothing to hold on to */
    double shift_voxel[3]; /* z, y, x: what lies at p in the first phase lies at p + shift later */
    double length_mm;
    double correlation; /* 0..1, at that shift */
} DkmMotionRegion;

typedef struct {
    DkmMotionRegion regions[DKM_MOTION_REGIONS]; /* x fastest */
    double worst_mm;                             /* of the known regions */
} DkmMotion;

/* Shifts of up to 2 slices and 5 voxels. BACKGROUND: below it a voxel is air. Errors: GEOMETRY,
 * CANCELLED. */
gboolean dkm_motion_measure(const DkmVolume *first, const DkmVolume *later, float background,
                            DkmMotion *out, GCancellable *cancel, GError **error);
/* LATER moved back, the shift between the regions' middles interpolated: linear in space, one
 * slope. Errors: NO_MEMORY, CANCELLED. */
DkmVolume *dkm_motion_correct(const DkmVolume *later, const DkmMotion *motion, GCancellable *cancel,
                              GError **error);

G_END_DECLS
