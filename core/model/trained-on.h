/* What is known of images: how one study was made, and over all studies that a model was trained
 * on, as its file says it ("input_statistics" of the metadata, JSON). Values. Not for: judging one
 * by the other (input-gate.h), gathering (core/learn). */
#pragma once

#include "core/frame.h"
#include "core/model/normalise.h"

G_BEGIN_DECLS

/* LOW > HIGH, as dkm_span_none() has it: nothing is known. */
typedef struct {
    double low, high;
} DkmSpan;
static inline DkmSpan dkm_span_none(void)
{
    const DkmSpan none = {1, 0};
    return none;
}
static inline gboolean dkm_span_is_known(DkmSpan span)
{
    return span.low <= span.high;
}
/* SPAN with VALUE in it; a VALUE that is no number adds nothing. */
DkmSpan dkm_span_with(DkmSpan span, double value);

enum { DKM_VENDOR_BYTES = 48, DKM_MOST_FIELDS = 8, DKM_MOST_VENDORS = 8 };

/* How one study was made. */
typedef struct {
    gboolean has_header; /* FALSE: pictures without one; what follows but the sizes is unknown */
    double field_tesla;  /* NaN: not told */
    gboolean fat_suppressed;       /* the header says so; FALSE: it does not */
    char vendor[DKM_VENDOR_BYTES]; /* Manufacturer; "": not told */
    double pixel_mm[2], slice_mm;  /* pixel: rows, columns */
    int slices;
} DkmAcquisition;

/* From the header of any image of the study, or NULL, and the lattice of its phases. */
DkmAcquisition dkm_acquisition_read(const DkmFrame *frame, const DkmGrid *grid);

/* Where the z-scores of one phase lie over the pre-contrast foreground: percentiles 1 and 99. */
typedef struct {
    double low, high;
} DkmBrightness;
/* Of PHASE, which lies on PRE's lattice (PRE itself, too). */
DkmBrightness dkm_brightness_measure(const DkmVolume *pre, const DkmVolume *phase,
                                     const DkmNormalisation *normalisation);

/* Phases in the order in which they are numbered here and in the file. */
enum { DKM_TRAINED_PRE, DKM_TRAINED_EARLY, DKM_TRAINED_LATE, DKM_TRAINED_PHASES };

/* Over the patients a model was trained on. */
typedef struct {
    guint patients, studies, slices;
    guint headers, fat_suppressed; /* studies whose images had a header; which said so */
    DkmSpan slices_a_study, pixel_mm, slice_mm;
    double field_tesla[DKM_MOST_FIELDS]; /* different ones, as they came */
    guint n_fields;
    char vendor[DKM_MOST_VENDORS][DKM_VENDOR_BYTES];
    guint n_vendors;
    DkmSpan low[DKM_TRAINED_PHASES], high[DKM_TRAINED_PHASES]; /* of DkmBrightness */
} DkmTrainedOn;

void dkm_trained_on_init(DkmTrainedOn *trained);
/* Adds one study, but no patient. BRIGHTNESS: of every phase. */
void dkm_trained_on_add(DkmTrainedOn *trained, const DkmAcquisition *acquisition,
                        const DkmBrightness brightness[DKM_TRAINED_PHASES]);
/* Where it stands in a model's metadata. */
#define DKM_TRAINED_ON_KEY "input_statistics"
/* As it stands in the metadata: one line of JSON; g_free. */
char *dkm_trained_on_to_text(const DkmTrainedOn *trained);
/* FALSE where TEXT is NULL or nothing of the kind; what TEXT leaves out is unknown. */
gboolean dkm_trained_on_parse(const char *text, DkmTrainedOn *trained);

G_END_DECLS
