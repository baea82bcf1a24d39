/* Slices in patient space: which frames share a lattice, which slice each one is, and whether the
 * slices make an even, straight stack. Positions come from ImagePositionPatient and
 * ImageOrientationPatient alone, never from SliceLocation or InstanceNumber. */
#pragma once

#include "core/frame.h"
#include "core/grid.h"

G_BEGIN_DECLS

/* Positions closer than this along the normal are one slice. */
#define DKM_POSITION_TOLERANCE_MM 0.01
/* No picture of a body has pixels or slices farther apart. */
#define DKM_SPACING_MAX_MM 100.0

/* TRUE where FRAME says where it lies: finite position, orthonormal directions, spacing above 0 and
 * not over DKM_SPACING_MAX_MM, size. */
gboolean dkm_frame_has_geometry(const DkmFrame *frame);
/* Same frame of reference, rows, columns, orientation and pixel spacing (1e-3 each). */
gboolean dkm_frame_same_lattice(const DkmFrame *a, const DkmFrame *b);
/* Unit normal of the slice, row x column direction. */
void dkm_frame_normal(const DkmFrame *frame, double normal[3]);
/* Place of FRAME along NORMAL, mm. */
double dkm_frame_position_mm(const DkmFrame *frame, const double normal[3]);
/* "256 x 256 of 0.703 x 0.703 mm, sagittal" for a message; g_free. */
char *dkm_frame_lattice_words(const DkmFrame *frame);

/* Frames sorted into slices. Single owner; borrows the table and the frame indices. */
typedef struct {
    const DkmFrameTable *table;
    const guint *frames; /* n_frames indices into the table */
    guint n_frames;
    double normal[3];
    guint n_slices;
    double *position_mm; /* of each slice along the normal, ascending */
    guint *slice;        /* of each frame */
    guint *count;        /* frames of each slice */
} DkmStack;

/* Errors: GEOMETRY naming the file without a position or of another lattice than the first. */
gboolean dkm_stack_init(DkmStack *stack, const DkmFrameTable *table, const guint *frames,
                        guint n_frames, GError **error);
void dkm_stack_clear(DkmStack *stack);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkmStack, dkm_stack_clear)

static inline const DkmFrame *dkm_stack_frame(const DkmStack *stack, guint i)
{
    return dkm_frame_table_get(stack->table, stack->frames[i]);
}
/* "slice 34 of 60 (at 12.50 mm)"; g_free. */
char *dkm_stack_slice_words(const DkmStack *stack, guint slice);
/* The lattice of the stack. Errors: GEOMETRY naming the slice: uneven spacing (> 1 %) or over
 * DKM_SPACING_MAX_MM, a gap where slices are missing, in-plane drift along the normal (sheared),
 * images of one slice that lie apart. */
gboolean dkm_stack_grid(const DkmStack *stack, DkmGrid *grid, GError **error);

G_END_DECLS
