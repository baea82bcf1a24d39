/* How the study on the desk is looked at: one value, shared by all linked views. Setting it (see
 * reading.h) redraws them. Not for: the study itself. */
#pragma once

#include "gui/maps.h"
#include "gui/render.h"

G_BEGIN_DECLS

/* The tool that the left button has. */
typedef enum { DKM_ARMED_WINDOW, DKM_ARMED_BRUSH, DKM_ARMED_ERASER } DkmArmed;

typedef struct {
    int slice;
    DkmAim aim;
    DkmWindowLevel window;
    gboolean smooth;         /* interpolated grey values */
    gboolean shows_overlays; /* Space: everything above the images, masks and colours */
    gboolean shows_masks;
    double mask_opacity, map_opacity;
    DkmMapView map;
    DkmArmed armed;
    double brush_mm; /* radius */
    gboolean brush_is_ball;
    guint layer; /* id of the layer that is painted, accepted; 0: none */
} DkmLook;

#define DKM_BRUSH_LEAST_MM 0.5
#define DKM_BRUSH_MOST_MM 40.0

G_END_DECLS
