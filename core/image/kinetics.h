/* Kinetics measured from real phases: percent enhancement, signal enhancement ratio, wash-out,
 * UCSF's functional tumour volume, curves. Source of the FTV rule: UCSF's headers and published
 * method, see README.md here. S0, S1, S2: pre-contrast, early, late. */
#pragma once

#include "core/mask.h"
#include "core/volume.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
    DKM_MAP_PE,          /* 100 (S1-S0)/S0, percent */
    DKM_MAP_SER,         /* (S1-S0)/(S2-S0), a ratio; 0 where S2 <= S0 */
    DKM_MAP_WASHOUT,     /* 100 (S2-S1)/S1, percent: negative is wash-out */
    DKM_MAP_SUBTRACTION, /* S1-S0, in the images' units */
} DkmMapKind;

/* The measured phases, on one grid. Borrowed. LATE may be NULL where a map does not need it (PE,
 * SUBTRACTION). */
typedef struct {
    const DkmVolume *pre, *early, *late;
} DkmKineticSource;

/* One slice of a map into OUT (n[1]*n[2] floats). Voxels with S0 < BACKGROUND are 0. */
void dkm_kinetics_slice(DkmMapKind kind, const DkmKineticSource *source, int z, float background,
                        float *out);

/* The same of N voxels whose values in the phases are S[0], S[1] and S[2] (NULL: none). */
void dkm_kinetics_values(DkmMapKind kind, const float *const s[3], gsize n, float background,
                         float *out);

/* UCSF's parameters of one functional tumour volume. */
typedef struct {
    double pre_contrast_threshold; /* S0 at least this; 0: PCT_BACKGROUND of the VOI's 95th
                                      percentile of S0 */
    double pct_background;         /* percent, 60 */
    double pe_threshold;           /* percent, 70: 100 (S1-S0) >= this * S0 */
    int minimum_neighbours;        /* of 26 that satisfy the same, over the whole volume: 4 */
    double ser_threshold;          /* for the second volume: SER at least this, 0.9, in UCSF's
                                      single precision (ftv.c) */
} DkmFtvParameters;
extern const DkmFtvParameters dkm_ftv_ispy; /* the I-SPY preset */

typedef struct {
    gsize pe_voxels, ser_voxels; /* S2 > S0 and the rule; of those with SER from ser_threshold */
    double pe_ml, ser_ml;
    double used_pre_contrast_threshold;
    DkmMask *mask; /* of pe_voxels; owned */
} DkmFtv;

/* FTV inside VOI. Errors: GEOMETRY (grids differ, VOI outside), NO_MEMORY, CANCELLED. */
gboolean dkm_ftv_compute(const DkmKineticSource *source, const DkmBox *voi,
                         const DkmFtvParameters *parameters, DkmFtv *out, GCancellable *cancel,
                         GError **error);
void dkm_ftv_clear(DkmFtv *ftv);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkmFtv, dkm_ftv_clear)

typedef enum {
    DKM_CURVE_NONE,
    DKM_CURVE_PERSISTENT,
    DKM_CURVE_PLATEAU,
    DKM_CURVE_WASHOUT
} DkmCurveType;
/* Type of a curve by its change from early to late peak: over +10 %, within, under -10 % (of the
 * early value). NONE where enhancement is under 10 %. */
DkmCurveType dkm_curve_type(double s0, double early, double late);
/* The same with another BAND than 0.1, as a share of the early value; 0 or less: 0.1. */
DkmCurveType dkm_curve_type_within(double s0, double early, double late, double band);
const char *dkm_curve_type_name(DkmCurveType type); /* "persistent", ... */

G_END_DECLS
