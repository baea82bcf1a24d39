/* The examinations that can be imitated: lattice, phases, clock. A table; nothing is computed from
 * a seed here but on which side the mass is. */
#pragma once

#include "core/grid.h"
#include "core/phantom/signal.h"

G_BEGIN_DECLS

enum { DKM_PHANTOM_MAX_PHASES = 6 };

typedef enum { DKM_PHANTOM_SAGITTAL, DKM_PHANTOM_AXIAL } DkmPhantomShape;

typedef struct {
    const char *layout; /* the name of the DICOM layout that such a scan comes in */
    DkmPhantomShape shape;
    guint n_phases;
    double t_seconds[DKM_PHANTOM_MAX_PHASES]; /* start of each phase */
    double injection_seconds;                 /* on the same clock */
    double centre_seconds;                    /* from a phase's start to the middle of k-space */
    double scale; /* stored value of a signal of 1 at full sensitivity */
    double noise; /* standard deviation in each of the two channels, in stored values */
} DkmPhantomProtocol;

/* The sequence is the same in all: what dicom/write-mr tells in its headers. */
extern const DkmSequence dkm_phantom_sequence;

/* NULL where no protocol has that name. */
const DkmPhantomProtocol *dkm_phantom_protocol_find(const char *layout);
/* The I-th of all, NULL behind the last. */
const DkmPhantomProtocol *dkm_phantom_protocol_nth(guint i);
/* The lattice: the unilateral one holds the breast on SIDE (+1 left, -1 right). COARSE: only every
 * so many-th voxel along each axis (1: all), for tests. */
DkmGrid dkm_phantom_protocol_grid(const DkmPhantomProtocol *protocol, int side, int coarse);

G_END_DECLS
