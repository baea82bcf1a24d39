/* What a person does to the masks of the open study besides painting: the list, and the tools that
 * change a whole mask. All of the selected one (the look's layer); each is one step to undo, and
 * reports its own errors as messages. Main thread. Not for: drags (tool.h). */
#pragma once

#include "gui/reading.h"

G_BEGIN_DECLS

/* The selected layer, or NULL. Borrowed. */
const DkmLayer *dkm_editing_layer(DkmReading *self);
/* 0xRRGGBB: what a person chose, else the one of its id. */
guint32 dkm_editing_colour(const DkmLayer *layer);

/* An empty mask, which is then the selected one: what is painted next is another lesion. */
void dkm_editing_begin_mask(DkmReading *self);
void dkm_editing_reject(DkmReading *self, const char *reviewer);
void dkm_editing_rename(DkmReading *self, const char *name);
void dkm_editing_recolour(DkmReading *self, guint id, guint32 colour);
/* Every part a lesion of its own; small ones stay together in the last. */
void dkm_editing_split(DkmReading *self);

/* Longest diameters, in millimetres; 0 where LAYER is empty. Takes some milliseconds. */
typedef struct {
    double in_space_mm, in_plane_mm;
} DkmLesionSize;
DkmLesionSize dkm_editing_measure(const DkmLayer *layer);

/* What changes the voxels of the whole mask. */
typedef enum {
    DKM_EDIT_GROW,
    DKM_EDIT_SHRINK,
    DKM_EDIT_SMOOTH,
    DKM_EDIT_FILL_HOLES,  /* in all three dimensions */
    DKM_EDIT_FILL_SLICES, /* in each slice */
    DKM_EDIT_KEEP_LARGEST,
    DKM_EDIT_REMOVE_SMALL, /* parts under DKM_SMALL_MM3 */
    DKM_EDIT_INTERPOLATE,  /* the slices between those that hold something */
    DKM_EDIT_COPY_TO_NEXT, /* the slice in view to the next one, which is then shown */
    DKM_EDIT_COPY_TO_LAST, /* to the one before */
    DKM_EDIT_COUNT,
} DkmEdit;
#define DKM_STEP_MM 1.0   /* grow, shrink; at least to the nearest neighbour */
#define DKM_SMOOTH_MM 2.0 /* radius */
#define DKM_SMALL_MM3 20.0

/* "Grow 1 mm". Static. */
const char *dkm_edit_name(DkmEdit edit);
void dkm_editing_apply(DkmReading *self, DkmEdit edit);

/* A click on the part at ZYX of the selected layer, or of the first that has one there, which is
 * then selected: the part goes, or with KEEP all else does. */
void dkm_editing_part(DkmReading *self, const int zyx[3], gboolean keep);

/* What the look's limit lets be painted in the view that the pointer is in. NULL where its phases
 * are not there. */
DkmThreshold *dkm_editing_threshold(DkmReading *self, GError **error);
/* Its depth: 1 all slices, 2 from and 3 to the slice in view; 0 removes it. */
void dkm_editing_set_box_depth(DkmReading *self, int choice);

/* The selected layer's mask (a reference), or an empty one. For one tool's press. */
DkmMask *dkm_editing_base(DkmReading *self, GError **error);
/* The selected layer's voxels become MADE, which is taken; without a layer a new one holds them.
 * NULL: ERROR is reported. */
void dkm_editing_take(DkmReading *self, DkmMask *made, const GError *error);

G_END_DECLS
