/* Voxels to a picture: grey values through one window, a scalar map in colour above them, masks as
 * fill and outline above that. No widget, no file; may be used on any thread, one renderer a
 * thread. Not for: text, cursors, legends (the view and the tools draw those). */
#pragma once

#include "core/image/colour-map.h"
#include "core/volume.h"
#include "gui/viewport.h"

G_BEGIN_DECLS

/* One for all phases, in the images' units after rescale. A value. */
typedef struct {
    double centre, width;
    gboolean invert;
} DkmWindowLevel;

/* The grey picture: stored samples of one slice and what they mean. */
typedef struct {
    const guint16 *samples; /* rows x columns; NULL: black */
    gboolean is_signed;
    float slope, intercept;
} DkmGreyLayer;

/* A scalar 0..255 a voxel, coloured by TABLE: 256 premultiplied ARGB colours. */
typedef struct {
    const guint8 *values; /* rows x columns; NULL: none */
    const guint32 *table;
    gboolean is_nearest; /* classes, not amounts: never mixed */
} DkmHeatLayer;

/* A binary mask of the slice. */
typedef struct {
    const guint8 *voxels; /* rows x columns of 0 and 1 */
    guint32 colour;       /* 0xRRGGBB */
    double fill;          /* opacity of the inside, 0..1 */
    int outline;          /* width of the line just inside the edge, in picture pixels; 0: none */
} DkmMaskLayer;

/* All borrowed. */
typedef struct {
    guint32 *pixels;           /* 0x00RRGGBB: cairo's RGB24 */
    int width, height, stride; /* stride in pixels */
    DkmPlane plane;
    DkmViewport view;
    gboolean smooth; /* bilinear, else nearest; masks are always nearest: true to the voxel */
    DkmWindowLevel window;
    DkmGreyLayer grey;
    DkmHeatLayer heat;
    const DkmMaskLayer *masks;
    guint n_masks;
} DkmPicture;

/* Scratch rows and tables, kept from picture to picture. Single owner. */
typedef struct _DkmRenderer DkmRenderer;

DkmRenderer *dkm_renderer_new(void);
void dkm_renderer_free(DkmRenderer *renderer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmRenderer, dkm_renderer_free)

/* Fills every pixel of PICTURE; outside the plane it is black. */
void dkm_renderer_draw(DkmRenderer *renderer, const DkmPicture *picture);

/* The grey (0..255) that WINDOW gives to VALUE: DICOM PS3.3 C.11.2.1.2 LINEAR_EXACT. */
guint8 dkm_window_grey(const DkmWindowLevel *window, double value);
/* The colours of MAP at OPACITY (0..1), clear at 0 and rising to full opacity at a quarter of the
 * range. */
void dkm_heat_table(DkmColourMap map, double opacity, guint32 table[256]);

G_END_DECLS
