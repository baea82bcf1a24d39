/* What one view shows of the case, as pixels: which phase, which map above it, which masks above
 * that. No widget; the view draws text and cursors over it. */
#pragma once

#include "gui/look.h"
#include "gui/render.h"

G_BEGIN_DECLS

/* A value. */
typedef struct {
    guint phase;        /* the grey image */
    gboolean shows_map; /* the look's map in colour above it */
    gboolean is_bare;   /* no overlay at all: the reference image */
} DkmPaneSpec;

/* Renderer and kept map slice of one view. Single owner. */
typedef struct _DkmPane DkmPane;

typedef struct {
    guint32 *pixels; /* cairo's RGB24 */
    int width, height, stride;
    double scale; /* device pixels per logical one: lines keep their width */
} DkmCanvas;

DkmPane *dkm_pane_new(void);
void dkm_pane_free(DkmPane *pane);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmPane, dkm_pane_free)

/* Fills CANVAS. ON may be NULL: black. BACKGROUND: see dkm_kinetics_slice(). */
void dkm_pane_draw(DkmPane *pane, const DkmPaneSpec *spec, const DkmReviewCase *on,
                   const DkmLook *look, float background, const DkmCanvas *canvas);

/* The map's byte at (row Y, column X) of the slice drawn last; FALSE where no map was drawn. */
gboolean dkm_pane_map_at(const DkmPane *pane, int y, int x, guint8 *byte);

/* The plane that ON's slices lie in. */
DkmPlane dkm_pane_plane(const DkmReviewCase *on);
/* 0xRRGGBB of layer ID, the same in every view and list. */
guint32 dkm_layer_colour(guint id);

G_END_DECLS
