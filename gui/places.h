/* Where the viewer's windows stand on a desk with one or more monitors, kept in a key file for each
 * arrangement of monitors. No widget: see second-window.h and window-places.c for those. */
#pragma once

#include "gui/hanging.h"

G_BEGIN_DECLS

/* A monitor and the part of the desktop that windows may take on it, in logical pixels. The first
 * one of a list is the person's main one. */
typedef struct {
    const char *name; /* of the plug; unique in a list */
    DkmTile area;
} DkmMonitor;

/* Of one window. A value. */
typedef struct {
    guint monitor; /* number in the list */
    DkmTile at;    /* on the desktop; of a window that fills the monitor: when it does not */
    gboolean is_maximised, is_fullscreen;
    gboolean is_shown; /* the second window may be put away */
    DkmStage stage;    /* that hangs in it */
} DkmPlace;

typedef enum { DKM_WINDOW_FIRST, DKM_WINDOW_SECOND } DkmWhichWindow;

typedef struct _DkmPlaces DkmPlaces;

/* What is in the file at PATH; nothing where there is none, or it is no such file. */
DkmPlaces *dkm_places_load(const char *path);
gboolean dkm_places_save(const DkmPlaces *places, const char *path, GError **error);
void dkm_places_free(DkmPlaces *places);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmPlaces, dkm_places_free)

/* Where WHICH stood when these N (> 0) monitors were last there; where they never were, where it
 * stood last: on its monitor if that is among them, else on the first one and neither maximised
 * nor full screen. Always wholly on that monitor. FALSE: nothing is known. */
gboolean dkm_places_get(const DkmPlaces *places, const DkmMonitor *monitors, guint n,
                        DkmWhichWindow which, DkmPlace *out);
void dkm_places_put(DkmPlaces *places, const DkmMonitor *monitors, guint n, DkmWhichWindow which,
                    const DkmPlace *place);

/* For a second window that has no place yet: a whole monitor that the first window is not on, or
 * the right half of the only one. */
DkmPlace dkm_places_second(const DkmMonitor *monitors, guint n, guint first_on);
/* The monitor that holds most of AT. */
guint dkm_places_monitor_of(const DkmMonitor *monitors, guint n, DkmTile at);

G_END_DECLS
