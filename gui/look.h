/* How the study on the desk is looked at: one value, shared by all linked views. Setting it (see
 * reading.h) redraws them. Not for: the study itself. */
#pragma once

#include "core/image/cut.h"
#include "core/image/link.h"
#include "gui/limit.h"
#include "gui/maps.h"
#include "gui/render.h"

G_BEGIN_DECLS

/* Images that share one grey window: all measured phases, all subtractions, the turning projection;
 * the same of what hangs beside the study; and all predicted phases. */
typedef enum {
    DKM_GROUP_PHASES,
    DKM_GROUP_SUBTRACTIONS,
    DKM_GROUP_PROJECTION,
    DKM_GROUP_PRIOR,
    DKM_GROUP_PRIOR_SUBTRACTIONS,
    DKM_GROUP_OTHER,
    DKM_GROUP_PREDICTED,
} DkmWindowGroup;

/* The tool that the left button has. */
typedef enum {
    DKM_ARMED_WINDOW,
    DKM_ARMED_BRUSH,
    DKM_ARMED_ERASER,
    DKM_ARMED_LIMITED, /* a brush bound to the look's limit */
    DKM_ARMED_POLYGON,
    DKM_ARMED_LASSO,
    DKM_ARMED_PART,
    DKM_ARMED_BOX,
    DKM_ARMED_RULER,
    DKM_ARMED_COUNT,
} DkmArmed;

/* It has a size in millimetres. */
static inline gboolean dkm_armed_is_brush(DkmArmed armed)
{
    return armed == DKM_ARMED_BRUSH || armed == DKM_ARMED_ERASER || armed == DKM_ARMED_LIMITED;
}

/* It works on masks, or on what makes them. */
static inline gboolean dkm_armed_is_for_masks(DkmArmed armed)
{
    return armed != DKM_ARMED_WINDOW && armed != DKM_ARMED_RULER;
}

typedef struct {
    int slice;           /* the acquired plane in view, */
    int row, column;     /* and the planes across it: together the voxel of the crosshair */
    DkmAim aim;          /* of the acquired plane; zoom is the same in all */
    double centre_slice; /* what is in the middle of the planes across, along the slices */
    DkmWindowLevel window, sub_window, mip_window; /* by DkmWindowGroup */
    DkmWindowLevel prior_window, prior_sub_window, other_window, predicted_window;
    int angle;               /* of the turning projection */
    gboolean smooth;         /* interpolated grey values */
    gboolean shows_overlays; /* Space: everything above the images, masks and colours */
    gboolean shows_masks;
    gboolean corrects_motion; /* of the early subtraction; off unless a person asks for it */
    double mask_opacity, map_opacity;
    DkmMapView map;
    DkmHeat heat;      /* colours of maps of amounts */
    double curve_band; /* share of the early value that a plateau may be off by; 0: 0.1 */
    DkmArmed armed;
    double brush_mm; /* radius */
    gboolean brush_is_ball;
    DkmLimit limit;
    gboolean has_box; /* the network's mask is kept inside box */
    DkmBox box;
    guint layer; /* id of the layer that is painted, accepted; 0: none */
} DkmLook;

/* STORED, from the files, shows what a window from the values (LOW to HIGH, nearly all of them)
 * would drown: it is much narrower, and the bright tissue (P95) is in it. */
gboolean dkm_window_is_better(const DkmWindowLevel *stored, double low, double p95, double high);
/* The window of GROUP. Borrowed from LOOK. */
DkmWindowLevel *dkm_look_window(DkmLook *look, DkmWindowGroup group);
/* Decimals with which the limits of a window so wide are told apart; a value in it needs one more.
 */
int dkm_look_decimals(double width);
/* The plane that CUT shows, and setting it; dkm_reading_set_look() keeps it inside the study. */
int dkm_look_index(const DkmLook *look, const DkmCut *cut);
void dkm_look_set_index(DkmLook *look, const DkmCut *cut, int index);
/* What of CUT's plane is looked at, and looking there. */
DkmAim dkm_look_aim(const DkmLook *look, const DkmCut *cut, const DkmGrid *grid);
void dkm_look_set_aim(DkmLook *look, const DkmCut *cut, const DkmGrid *grid, const DkmAim *aim);
/* LOOK at the same place of the lattice that LINK leads to. OUTSIDE: a bit (1 << axis) for each
 * index axis along which the place is none of that lattice's; it is then at its border. */
DkmLook dkm_look_linked(const DkmLook *look, const DkmLink *link, guint *outside);

#define DKM_BRUSH_LEAST_MM 0.5
#define DKM_BRUSH_MOST_MM 40.0

G_END_DECLS
