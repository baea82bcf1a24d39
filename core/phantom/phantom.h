/* A synthetic breast DCE-MRI study with a known mass: the demonstration and the source of tests.
 * The same request gives the same bytes, whatever the number of threads. Not for: DICOM. */
#pragma once

#include "core/mask.h"
#include "core/phantom/anatomy.h"
#include "core/phantom/protocol.h"
#include "core/progress.h"
#include "core/volume.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
    const DkmPhantomProtocol *protocol;
    guint64 seed;
    guint n_phases; /* only the first so many; 0: all of the protocol */
    int coarse;     /* only every so many-th voxel along each axis, for tests; 0 and 1: all */
    int threads;    /* 0: one a core */
} DkmPhantomRequest;

typedef struct {
    DkmVolume *volumes[DKM_PHANTOM_MAX_PHASES]; /* n_phases of them, signed samples, on one grid */
    guint n_phases;
    const double *t_seconds; /* start of each phase; the protocol's */
    DkmMask *truth;          /* the voxels whose centre is inside the mass */
    DkmMass mass;
} DkmPhantom;

/* Errors: NO_MEMORY, CANCELLED. Owner: caller. */
DkmPhantom *dkm_phantom_new(const DkmPhantomRequest *request, DkmProgress *progress,
                            GCancellable *cancel, GError **error);
void dkm_phantom_free(DkmPhantom *phantom);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmPhantom, dkm_phantom_free)

/* Who it is, so that two seeds are two patients: "DKM-PHANTOM-2" and "Phantom^Seed 2" for seed 2,
 * "DKM-PHANTOM" and "Phantom^DKM" for seed 1. g_free. */
char *dkm_phantom_patient_id(guint64 seed);
char *dkm_phantom_patient_name(guint64 seed);

/* The box of the mass with MARGIN_MM around it, inside the grid. */
DkmBox dkm_phantom_voi(const DkmPhantom *phantom, double margin_mm);
const char *dkm_phantom_mass_kind(const DkmPhantom *phantom); /* "rim" or "homogeneous" */

G_END_DECLS
