/* The tissues of the phantom and what is known of them: relaxation, proton density, kinetics of the
 * contrast agent. A table of values with their sources; nothing is computed here. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
    DKM_TISSUE_FAT,
    DKM_TISSUE_SKIN,
    DKM_TISSUE_GLAND,
    DKM_TISSUE_MUSCLE,
    DKM_TISSUE_BONE,
    DKM_TISSUE_LUNG,
    DKM_TISSUE_MYOCARDIUM,
    DKM_TISSUE_BLOOD,
    DKM_TISSUE_VESSEL, /* of the breast: blood and wall within one voxel */
    DKM_TISSUE_LIVER,
    DKM_TISSUE_NIPPLE,
    DKM_TISSUE_MASS, /* vital tumour: fast uptake, wash-out */
    DKM_TISSUE_CORE, /* the poorly perfused middle of a rim-enhancing mass */
    DKM_TISSUE_COUNT
} DkmTissue;

typedef struct {
    const char *name;
    double t1_ms, t2_star_ms;
    double proton_density; /* 1: water */
    double ktrans_per_min; /* transfer constant, 1/min */
    double ve;             /* volume fraction of the extravascular extracellular space */
    double vp;             /* volume fraction of plasma */
} DkmTissueFacts;

const DkmTissueFacts *dkm_tissue_facts(DkmTissue tissue);

G_END_DECLS
