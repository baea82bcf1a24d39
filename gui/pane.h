/* What one view shows of the case, as pixels: which image, cut which way, which map above it, which
 * masks above that. No widget; the view draws text and cursors over it. */
#pragma once

#include "core/image/motion.h"
#include "gui/coverage.h"
#include "gui/look.h"
#include "gui/render.h"
#include "gui/rulers.h"

G_BEGIN_DECLS

typedef enum {
    DKM_IMAGE_PHASE,
    DKM_IMAGE_SUBTRACTION, /* the phase less the pre-contrast one */
    DKM_IMAGE_MIP,         /* the turning projection of the early subtraction */
    DKM_IMAGE_PREDICTED,   /* the network's post-contrast phase: never measured */
} DkmImage;

/* Whose images: the study's, or what hangs beside it and is only looked at. */
typedef enum { DKM_BESIDE_NONE, DKM_BESIDE_PRIOR, DKM_BESIDE_OTHER, DKM_BESIDE_COUNT } DkmBeside;

/* A value. */
typedef struct {
    DkmImage image;
    guint phase; /* which phase; of the predicted ones which */
    DkmCutKind cut;
    gboolean shows_map;   /* the look's map in colour above it, */
    gboolean has_own_map; /* or this one: */
    DkmMapView map;
    gboolean is_bare;     /* no overlay at all: the reference image */
    gboolean shows_lines; /* where the planes across lie */
    DkmBeside beside;     /* then CUT is not ACQUIRED: its slices may lie another way */
    gboolean shows_date;  /* large: of two studies side by side */
} DkmPaneSpec;

/* What there is to be shown. All borrowed; MIP and ENHANCING may be NULL. */
typedef struct {
    const DkmReviewCase *on; /* NULL: black */
    const DkmLook *look;
    const DkmVolume *mip;     /* dkm_volume_project()'s */
    const DkmMask *enhancing; /* see DkmMapSource */
    const DkmMotion *motion;  /* from the pre-contrast to the early phase, or NULL */
    DkmVolume *corrected;     /* the early phase moved back; NULL unless asked for and there */
    float background;         /* see dkm_kinetics_slice() */
    const DkmRulers *rulers;  /* of the study, or NULL */
    const DkmLink *link;      /* from the study's lattice to that of what hangs beside it, or NULL:
                                 the scene is the study's own; the look is the linked one */
    guint outside;            /* see dkm_look_linked() */
    const DkmSeries *series;  /* of DKM_BESIDE_OTHER */
} DkmScene;

/* Renderer and kept planes of one view. Single owner. */
typedef struct _DkmPane DkmPane;

typedef struct {
    guint32 *pixels; /* cairo's RGB24 */
    int width, height, stride;
    double scale; /* device pixels per logical one: lines keep their width */
} DkmCanvas;

DkmPane *dkm_pane_new(void);
void dkm_pane_free(DkmPane *pane);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmPane, dkm_pane_free)

/* Fills CANVAS. */
void dkm_pane_draw(DkmPane *pane, const DkmPaneSpec *spec, const DkmScene *scene,
                   const DkmCanvas *canvas);

/* The map's byte at (row Y, column X) of the picture drawn last; FALSE where no map was drawn. */
gboolean dkm_pane_map_at(const DkmPane *pane, int y, int x, guint8 *byte);

/* The volume whose voxels are the grey picture, less PRE where that is given; NULL while it is not
 * there. Of the projection its own. */
const DkmVolume *dkm_pane_volume(const DkmPaneSpec *spec, const DkmScene *scene,
                                 const DkmVolume **pre);
DkmMapSource dkm_scene_maps(const DkmScene *scene);
DkmMapView dkm_pane_map(const DkmPaneSpec *spec, const DkmLook *look);
/* SPEC shows a subtraction whose later phase was moved back. */
gboolean dkm_pane_is_corrected(const DkmPaneSpec *spec, const DkmScene *scene);
/* What SPEC shows, for the coverage. */
DkmShown dkm_pane_shown(const DkmPaneSpec *spec, const DkmScene *scene);
DkmWindowGroup dkm_pane_group(const DkmPaneSpec *spec);
DkmCut dkm_pane_cut(const DkmPaneSpec *spec, const DkmReviewCase *on);
/* The plane of SPEC's picture and what of it is looked at. */
DkmPlane dkm_pane_plane(const DkmPaneSpec *spec, const DkmScene *scene);
DkmAim dkm_pane_aim(const DkmPaneSpec *spec, const DkmScene *scene);
/* Where SPEC's picture lies in one of WIDTH x HEIGHT: beside the study at the study's scale. */
DkmViewport dkm_pane_viewport(const DkmPaneSpec *spec, const DkmScene *scene, int width,
                              int height);
/* 0xRRGGBB of layer ID, the same in every view and list. */
guint32 dkm_layer_colour(guint id);

G_END_DECLS
