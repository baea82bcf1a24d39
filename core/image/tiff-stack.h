/* Multi-page TIFF through libtiff: float and label stacks out (with a geometry sidecar), the
 * training crops and other stacks in. What is written is what ImageJ's own reader takes: deflate
 * without a predictor, classic TIFF as long as it is large enough. */
#pragma once

#include "core/grid.h"

G_BEGIN_DECLS

/* Samples of a stack that was read. */
typedef struct {
    int pages, height, width, samples; /* samples per pixel, interleaved */
    int bits;                          /* of a sample: 8 or 16, unsigned; 32: IEEE float */
    guint8 *data;                      /* pages, y, x, sample; host byte order; owned */
} DkmTiffStack;

/* Reads an 8-bit multi-page TIFF whose pages agree in size. Errors INPUT name the file and page;
 * sizes are bounded (4096 x 4096 x 4096 pages, 1 GiB) before anything is allocated. Compare the
 * number of pages with what you expect: a file cut inside the link between two pages reads as a
 * shorter one. */
gboolean dkm_tiff_stack_read(const char *path, DkmTiffStack *out, GError **error);
/* The same of samples of any of the widths above. */
gboolean dkm_tiff_stack_read_any(const char *path, DkmTiffStack *out, GError **error);
void dkm_tiff_stack_clear(DkmTiffStack *stack);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkmTiffStack, dkm_tiff_stack_clear)

/* The pages of a stack to write. All borrowed. */
typedef struct {
    const DkmGrid *grid;
    const void *data; /* z, y, x */
    int bits;         /* 8: labels; 32: floats */
    const char *description;
    guint64 most_classic_bytes; /* more samples than these make a BigTIFF; 0: what offsets of 32
                                   bits reach */
} DkmTiffPages;

/* Write n[0] pages of n[1] x n[2]; PATH.json holds the geometry. Atomic: temporary file, fsync,
 * rename. DESCRIPTION goes into ImageDescription (it must say "research use only"). */
gboolean dkm_tiff_write(const char *path, const DkmTiffPages *pages, GError **error);
gboolean dkm_tiff_write_u8(const char *path, const DkmGrid *grid, const guint8 *data,
                           const char *description, GError **error);
gboolean dkm_tiff_write_f32(const char *path, const DkmGrid *grid, const float *data,
                            const char *description, GError **error);

G_END_DECLS
