/* Training cases: three phases and a mask of one patient's examination, from TIFF stacks on disk or
 * given by a host that read DICOM. */
#pragma once

#include "core/learn/split.h"
#include "core/mask.h"
#include "core/model/trained-on.h"

G_BEGIN_DECLS

typedef enum { DKM_PHASE_PRE, DKM_PHASE_EARLY, DKM_PHASE_LATE, DKM_PHASE_KINDS } DkmPhaseKind;

/* Immutable once made; single owner. Phases and mask share one lattice. */
typedef struct {
    char *name; /* the patient: what the split goes by */
    DkmVolume *phase[DKM_PHASE_KINDS];
    DkmMask *mask;
    DkmNormaliseRule rule; /* by which the pre-contrast phase was measured: */
    DkmNormalisation normalisation;
    DkmAcquisition acquisition; /* without a header, unless its maker sets one */
    gboolean is_volume; /* every slice of it, in order; else picked slices. Set by its maker */
} DkmCase;

/* Takes references on PHASES and MASK. Errors: INPUT (phases differ in size, nothing in them), with
 * the case's name. */
DkmCase *dkm_case_new(const char *name, DkmVolume *const phases[DKM_PHASE_KINDS], DkmMask *mask,
                      DkmNormaliseRule rule, GError **error);
void dkm_case_free(DkmCase *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmCase, dkm_case_free)

/* Appends every case that FOLDER's cases.csv (columns case, slices, pixel_mm, slice_mm) names:
 * NAME.tif with samples pre, early, late and NAME-mask.tif. Errors: INPUT with the file. */
gboolean dkm_cases_load_stacks(const char *folder, DkmNormaliseRule rule, GPtrArray *cases,
                               GError **error);

/* FALSE and DKM_ERROR_INPUT, naming the case, where pixel sizes differ by more than 2 %: a network
 * is trained at one. */
gboolean dkm_cases_same_pixels(const GPtrArray *cases, GError **error);

/* One slice of one case. */
typedef struct {
    const DkmCase *c;
    int z;
} DkmSample;

/* All slices of the patients of CASES that have ROLE, in their order. */
GArray *dkm_cases_samples(const GPtrArray *cases, const DkmSplit *split, DkmSplitRole role);
/* Keeps at most N of SAMPLES, spread evenly. */
void dkm_cases_spread(GArray *samples, int n);
/* At most N slices of the validation patients, spread evenly. */
GArray *dkm_cases_validation(const GPtrArray *cases, const DkmSplit *split, int n);

G_END_DECLS
