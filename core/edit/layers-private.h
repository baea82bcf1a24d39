/* What the files of the layers share (layers, stroke, history, record); nobody else includes it. */
#pragma once

#include "core/edit/layers.h"

G_BEGIN_DECLS

/* A part of an action. DELTA is NULL where no voxel changed. */
typedef struct {
    guint id;
    gboolean continues; /* belongs to the same action as the step before */
    DkmLayerInfo before, after;
    DkmDelta *delta;
} DkmStep;

/* A stroke in progress; layer is NULL where there is none. */
typedef struct {
    DkmLayer *layer;
    DkmBrush brush;
    double last[3];
    DkmFlips flips;
    gboolean makes_layer;
} DkmStroke;

struct _DkmLayers {
    DkmGrid grid;
    GPtrArray *slots; /* of DkmLayer*, absent ones too; slot i has id i + 1 */
    GPtrArray *steps; /* of DkmStep*; the first `done` of them are in effect */
    guint done;
    guint group_depth; /* dkm_layers_begin() calls that have not ended */
    guint group_first; /* index of the group's first step */
    guint group_slots; /* slots when it began */
    DkmStroke stroke;
    guint64 serial;
    DkmRecordFunc observer;
    gpointer observer_data;
};

/* layers.c */
DkmLayerInfo dkm_layer_info_copy(const DkmLayerInfo *info);
void dkm_layer_info_clear(DkmLayerInfo *info);
DkmLayer *dkm_layers_add_slot(DkmLayers *layers);
void dkm_layers_drop_last_slot(DkmLayers *layers);
/* Of a new layer; NAME NULL: the next free "Lesion N". */
DkmLayerInfo dkm_layers_first_info(const DkmLayers *layers, DkmOrigin origin, const char *name);
/* INFO once a person has changed voxels. */
DkmLayerInfo dkm_layer_info_edited(const DkmLayerInfo *info);
/* Present or not. */
DkmLayer *dkm_layers_slot(const DkmLayers *layers, guint id);
gboolean dkm_layers_hold_mask(DkmLayers *layers, DkmLayer *layer, GError **error);
void dkm_layer_set_info(DkmLayer *layer, const DkmLayerInfo *info);

/* stroke.c */
void dkm_layers_stroke_free(DkmLayers *layers);

/* history.c */
void dkm_step_free(gpointer step);
/* Brings STEP into effect (INFO is its after) or out of it (its before). */
gboolean dkm_layers_run_step(DkmLayers *layers, const DkmStep *step, const DkmLayerInfo *info,
                             GError **error);
/* STEP, taken, is in effect already; what was undone before it is forgotten. */
void dkm_layers_remember(DkmLayers *layers, DkmStep *step);
/* Does and remembers a step of LAYER to the description AFTER; both AFTER and DELTA are taken. */
gboolean dkm_layers_act(DkmLayers *layers, DkmLayer *layer, DkmLayerInfo after, DkmDelta *delta,
                        GError **error);

/* record.c: what an observer is told. */
typedef enum { DKM_RECORD_ACTION = 1, DKM_RECORD_UNDO, DKM_RECORD_REDO } DkmRecordKind;
/* FIRST: index of the action's first step, up to the last one that is done. */
void dkm_layers_tell(const DkmLayers *layers, DkmRecordKind kind, guint first);

G_END_DECLS
