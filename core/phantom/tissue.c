#include "core/phantom/tissue.h"

/* T1 at 1.5 T: fat and gland from Rakow-Penner et al., JMRI 23:87 (2006); muscle, blood, myocardium
 * and liver from Stanisz et al., MRM 54:507 (2005). A mass is a little below gland, as its higher
 * signal before contrast in the I-SPY studies says. T2*, densities and skin are round values that
 * give the grey levels of such studies. Ktrans and ve of malignant and normal breast tissue: within
 * the ranges of Tofts et al., MRM 33:564 (1995), and Yankeelov et al., MRI 25:1 (2007); blood's vp
 * is 1 - haematocrit (0.42). */
static const DkmTissueFacts facts[DKM_TISSUE_COUNT] = {
    [DKM_TISSUE_FAT] = {"fat", 296, 25, 0.95, 0.004, 0.04, 0.002},
    [DKM_TISSUE_SKIN] = {"skin", 900, 18, 0.70, 0.020, 0.25, 0.010},
    [DKM_TISSUE_GLAND] = {"fibroglandular tissue", 1266, 35, 0.85, 0.016, 0.30, 0.010},
    [DKM_TISSUE_MUSCLE] = {"muscle", 1008, 24, 0.75, 0.030, 0.12, 0.012},
    [DKM_TISSUE_BONE] = {"bone", 700, 4, 0.30, 0.010, 0.10, 0.010},
    [DKM_TISSUE_LUNG] = {"lung", 1200, 1.5, 0.20, 0.020, 0.10, 0.050},
    [DKM_TISSUE_MYOCARDIUM] = {"myocardium", 1030, 30, 0.80, 0.50, 0.20, 0.08},
    [DKM_TISSUE_BLOOD] = {"blood", 1441, 80, 0.95, 0, 1, 0.58},
    [DKM_TISSUE_VESSEL] = {"vessel", 1441, 60, 0.90, 0, 1, 0.55},
    [DKM_TISSUE_LIVER] = {"liver", 576, 22, 0.75, 0.15, 0.25, 0.10},
    [DKM_TISSUE_NIPPLE] = {"nipple", 1000, 25, 0.80, 0.06, 0.35, 0.03},
    [DKM_TISSUE_MASS] = {"mass", 1180, 38, 0.87, 0.80, 0.42, 0.07},
    [DKM_TISSUE_CORE] = {"core of a mass", 1300, 42, 0.92, 0.14, 0.50, 0.02},
};

const DkmTissueFacts *dkm_tissue_facts(DkmTissue tissue)
{
    return &facts[tissue];
}
