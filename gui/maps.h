/* The scalar maps that are laid over an image in colour, one slice at a time as bytes: what the
 * network predicts from the pre-contrast phase alone, and what the contrast phases measure.
 * No widget. */
#pragma once

#include "core/edit/review-case.h"
#include "core/image/colour-map.h"
#include "core/image/cut.h"

G_BEGIN_DECLS

typedef enum {
    DKM_MAP_VIEW_CODE,        /* the network's kinetic code */
    DKM_MAP_VIEW_PROBABILITY, /* the network's tumour probability */
    DKM_MAP_VIEW_PE,          /* measured enhancement of the early phase, percent */
    DKM_MAP_VIEW_SER,         /* measured signal enhancement ratio */
    DKM_MAP_VIEW_CURVE,       /* measured type of the curve: persistent, plateau, wash-out */
    DKM_MAP_VIEW_AGREEMENT,   /* where the selected mask and the measured enhancement differ */
    DKM_MAP_VIEW_COUNT,
} DkmMapView;

/* Colours of those maps that show amounts, not classes; all rise in luminance. */
typedef enum { DKM_HEAT_HEAT, DKM_HEAT_BLUE_YELLOW, DKM_HEAT_GREY } DkmHeat;

/* Values that have a name together. */
typedef struct {
    double from, to;          /* in the map's unit */
    const char *name, *words; /* "wash-out", "wash-out > 1.1" */
} DkmMapClass;

typedef struct {
    const char *name;   /* "Kinetic code" */
    const char *origin; /* "predicted from pre-contrast", "measured" */
    DkmColourMap colours;
    const char *low, *middle, *high; /* what 0, 128 and 255 mean, for the legend */
    const char *unit;
    double full; /* what 255 means, in that unit; 0: LOW, MIDDLE and HIGH name three classes, */
                 /* bytes 85, 170 and 255 */
    DkmMapClass classes[3]; /* from low to high, of a map of numbers; no name: none */
} DkmMapInfo;

/* What maps are made of. All borrowed. */
typedef struct {
    const DkmReviewCase *on;
    float background;         /* see dkm_kinetics_slice() */
    const DkmMask *enhancing; /* UCSF's rule over the whole study, or NULL */
    guint layer;              /* that is compared with it */
    double curve_band;        /* as in dkm_curve_type_within() */
} DkmMapSource;

const DkmMapInfo *dkm_map_info(DkmMapView map);
/* As a person likes them; SER's steps and classes keep their own. */
DkmColourMap dkm_map_colours(DkmMapView map, DkmHeat heat);
/* "143 %": what BYTE of MAP means, "" where it means nothing; of the kinetic code its share of the
 * range. g_free. */
char *dkm_map_format(DkmMapView map, guint8 byte);
/* Whether the case has what MAP needs. */
gboolean dkm_map_is_available(const DkmMapSource *of, DkmMapView map);
/* Plane INDEX along CUT of MAP into OUT (rows x columns bytes); FALSE where it is not available. */
gboolean dkm_map_cut(const DkmMapSource *of, DkmMapView map, const DkmCut *cut, int index,
                     guint8 *out);

G_END_DECLS
