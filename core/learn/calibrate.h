/* What int8 needs to know of a model: how large the inputs of its convolutions become on slices of
 * training patients, and how far its probabilities move by a choice of scales. Not for: deciding
 * whether int8 is good enough (evaluate.h, on the validation patients). */
#pragma once

#include "core/learn/cases.h"
#include "core/model/network.h"

G_BEGIN_DECLS

/* Of each convolution that takes int8: how often each magnitude occurs in its input. Immutable. */
typedef struct _DkmRanges DkmRanges;

/* What is looked at: the middle of each slice. Borrowed. */
typedef struct {
    const GArray *samples; /* of DkmSample */
    int side;              /* of the square, and of the networks' one sample */
    GCancellable *cancel;
} DkmCalibrateOn;

/* NETWORK observes. */
DkmRanges *dkm_ranges_measure(DkmNetwork *network, const DkmCalibrateOn *on, GError **error);
void dkm_ranges_free(DkmRanges *ranges);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmRanges, dkm_ranges_free)
/* Scales by which PERCENT of the values of each input (100: all) are not clamped, as near as bf16
 * tells magnitudes apart. */
DkmScales *dkm_ranges_scales(const DkmRanges *ranges, double percent);

/* The mean of |difference| of the probabilities of two networks. */
gboolean dkm_calibrate_difference(DkmNetwork *a, DkmNetwork *b, const DkmCalibrateOn *on,
                                  double *difference, GError **error);

G_END_DECLS
