/* The mask layers of one case (the network's mask, a person's lesions), what has been done to them
 * and how to undo it. Every action is one step: a layer's description before and after, and the
 * voxels that changed sides; adding a layer is a step from absent to present.
 * A single-owner mutable: main thread. A job gets a dkm_mask_dup(). Not for: pictures, files. */
#pragma once

#include "core/edit/brush.h"
#include "core/mask.h"

G_BEGIN_DECLS

typedef enum {
    DKM_ORIGIN_PERSON,
    DKM_ORIGIN_NETWORK,
    DKM_ORIGIN_FOREIGN, /* an algorithm that is not ours, as a file says */
} DkmOrigin;

typedef enum {
    DKM_REVIEW_UNREVIEWED, /* nobody has looked at it, as far as we know */
    DKM_REVIEW_EDITED,     /* a person changed voxels and has not accepted the result yet */
    DKM_REVIEW_ACCEPTED,   /* by reviewer; any later stroke takes this back */
    DKM_REVIEW_REJECTED,   /* by reviewer: no lesion; it does not leave */
} DkmReview;

typedef enum { DKM_MADE_AUTOMATIC, DKM_MADE_SEMIAUTOMATIC, DKM_MADE_MANUAL } DkmMade;

/* What is said about a layer. Texts are GRefStrings, or NULL. */
typedef struct {
    gboolean present;
    DkmOrigin origin;
    DkmReview review;
    gboolean touched; /* a person has changed its voxels */
    gboolean named;   /* a person typed its name: it is shown as it stands in every language */
    guint32 colour;   /* 0xRRGGBB that a person chose; 0: the one of its id */
    char *name;       /* "Lesion 1" */
    char *reviewer;   /* who accepted or rejected it */
    char *algorithm;  /* the name of a foreign one */
    gint64 reviewed_unix_s;
} DkmLayerInfo;

/* Borrowed from the layers; valid until they change. */
typedef struct {
    guint id; /* never used again in this case */
    DkmLayerInfo info;
    DkmMask *mask; /* the editor's own: read it through dkm_mask_peek_slice() only */
    gsize voxels;
} DkmLayer;

typedef struct _DkmLayers DkmLayers;

DkmLayers *dkm_layers_new(const DkmGrid *grid);
void dkm_layers_free(DkmLayers *layers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmLayers, dkm_layers_free)

const DkmGrid *dkm_layers_grid(const DkmLayers *layers);
/* Layers that are present, in the order of their making. */
guint dkm_layers_count(const DkmLayers *layers);
const DkmLayer *dkm_layers_get(const DkmLayers *layers, guint i);
/* NULL where no present layer has ID. */
const DkmLayer *dkm_layers_find(const DkmLayers *layers, guint id);
/* AUTOMATIC as the network (or a foreign algorithm) left it, SEMIAUTOMATIC once a person touched
 * it, MANUAL where drawn. */
DkmMade dkm_layer_made(const DkmLayer *layer);
/* Changes with every change of any voxel or description. */
guint64 dkm_layers_serial(const DkmLayers *layers);

/* Each of these is one undo step. They return FALSE (or id 0) with DKM_ERROR_NO_MEMORY or
 * DKM_ERROR_GEOMETRY (VOXELS on another grid) and then leave everything as it was. NAME NULL: the
 * next free "Lesion N". VOXELS NULL: an empty layer. */
guint dkm_layers_add(DkmLayers *layers, DkmOrigin origin, const char *name, const DkmMask *voxels,
                     GError **error);
/* As a file describes it: INFO is present, its texts are any strings and are copied. */
guint dkm_layers_add_described(DkmLayers *layers, const DkmLayerInfo *info, const DkmMask *voxels,
                               GError **error);
gboolean dkm_layers_remove(DkmLayers *layers, guint id, GError **error);
gboolean dkm_layers_accept(DkmLayers *layers, guint id, const char *reviewer, gint64 unix_s,
                           GError **error);
gboolean dkm_layers_reject(DkmLayers *layers, guint id, const char *reviewer, gint64 unix_s,
                           GError **error);
gboolean dkm_layers_rename(DkmLayers *layers, guint id, const char *name, GError **error);
gboolean dkm_layers_recolour(DkmLayers *layers, guint id, guint32 colour, GError **error);
/* The layer's voxels become VOXELS, as a tool made them (mask-tools.h); no step where they are. */
gboolean dkm_layers_set_voxels(DkmLayers *layers, guint id, const DkmMask *voxels, GError **error);
/* The layer keeps its largest part, each other part becomes a layer; at most MOST in all. */
gboolean dkm_layers_split(DkmLayers *layers, guint id, guint most, GError **error);

/* What is done between begin and end is one step to undo. END without KEEP takes it all back. May
 * be nested. */
void dkm_layers_begin(DkmLayers *layers);
void dkm_layers_end(DkmLayers *layers, gboolean keep);

/* A stroke: begin, any number of to, then end (one undo step, or none where no voxel changed) or
 * cancel. ID 0 paints a new layer, which is part of the same step. Positions are fractional
 * indices z, y, x. Begin takes an erasing brush without a layer as a stroke that does nothing. */
gboolean dkm_layers_stroke_begin(DkmLayers *layers, guint id, const DkmBrush *brush,
                                 const double at[3], GError **error);
void dkm_layers_stroke_to(DkmLayers *layers, const double at[3]);
/* The id of the layer that was painted; 0 where nothing changed. */
guint dkm_layers_stroke_end(DkmLayers *layers);
void dkm_layers_stroke_cancel(DkmLayers *layers);
gboolean dkm_layers_is_stroking(const DkmLayers *layers);

/* Unlimited in number. A stroke in progress is ended first. FALSE without an error where there is
 * nothing to undo (redo). */
gboolean dkm_layers_can_undo(const DkmLayers *layers);
gboolean dkm_layers_can_redo(const DkmLayers *layers);
gboolean dkm_layers_undo(DkmLayers *layers, GError **error);
gboolean dkm_layers_redo(DkmLayers *layers, GError **error);
/* Memory that the steps hold, in bytes. */
gsize dkm_layers_undo_bytes(const DkmLayers *layers);

/* What happens, as bytes (record.c): every finished action, undo and redo calls OBSERVER, which
 * must not change the layers. NULL: nobody is told. */
typedef void (*DkmRecordFunc)(gpointer data, const guint8 *record, gsize length);
void dkm_layers_set_observer(DkmLayers *layers, DkmRecordFunc observer, gpointer data);
/* Does what RECORD says, on layers that are as they were when it was told. Nobody is told. Errors:
 * INPUT where it says nothing that can be done here, NO_MEMORY; then nothing has changed. */
gboolean dkm_layers_replay(DkmLayers *layers, const guint8 *record, gsize length, GError **error);

G_END_DECLS
