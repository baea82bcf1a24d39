/* write-cases FOLDER N SLICES SIDE: made-up training cases as TIFF stacks with cases.csv, as
 * `dkm train --cases FOLDER` reads them. */
#include "tests/core/learn/synthetic.h"

#include <stdio.h>
#include <stdlib.h>
#include <tiffio.h>

/* One page: samples interleaved, 8 bit. */
static gboolean write_page(TIFF *tiff, const DkmGrid *grid, int samples, guint8 *rows)
{
    const gsize stride = (gsize)grid->n[2] * (gsize)samples;
    gboolean ok = TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, grid->n[2]) &&
                  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, grid->n[1]) &&
                  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, samples) &&
                  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8) &&
                  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) &&
                  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    for (int y = 0; ok && y < grid->n[1]; y++)
        ok = TIFFWriteScanline(tiff, rows + (gsize)y * stride, (uint32_t)y, 0) >= 0;
    return ok && TIFFWriteDirectory(tiff);
}

static gboolean write_stack(const char *folder, const DkmCase *c, gboolean mask)
{
    const DkmGrid *grid = dkm_mask_grid(c->mask);
    const int samples = mask ? 1 : DKM_PHASE_KINDS;
    const gsize pixels = (gsize)grid->n[1] * (gsize)grid->n[2];
    g_autofree char *name = g_strconcat(c->name, mask ? "-mask.tif" : ".tif", NULL);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree guint8 *page = g_malloc(pixels * (gsize)samples);
    TIFF *tiff = TIFFOpen(path, "w");
    gboolean ok = tiff != NULL;
    for (int z = 0; ok && z < grid->n[0]; z++) {
        for (gsize i = 0; i < pixels; i++)
            for (int s = 0; s < samples; s++)
                page[i * (gsize)samples + (gsize)s] =
                    mask ? dkm_mask_peek_slice(c->mask, z)[i] * 255
                         : (guint8)dkm_volume_slice(c->phase[s], z)[i];
        ok = write_page(tiff, grid, samples, page);
    }
    if (tiff)
        TIFFClose(tiff);
    return ok;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: write-cases FOLDER N SLICES SIDE\n");
        return 2;
    }
    g_autoptr(GPtrArray) cases = synthetic_cases(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
    g_autoptr(GString) list = g_string_new("case,slices,pixel_mm,slice_mm\n");
    g_autofree char *path = g_build_filename(argv[1], "cases.csv", NULL);
    gboolean ok = TRUE;
    for (guint i = 0; ok && i < cases->len; i++) {
        const DkmCase *c = g_ptr_array_index(cases, i);
        ok = write_stack(argv[1], c, FALSE) && write_stack(argv[1], c, TRUE);
        g_string_append_printf(list, "%s,%s,0.7,2\n", c->name, argv[3]);
    }
    return ok && g_file_set_contents(path, list->str, -1, NULL) ? 0 : 1;
}
