#include "core/image/tiff-stack.h"

#include "core/atomic-file.h"
#include "core/error.h"
#include "core/json-value.h"
#include "core/regular-file.h"

#include <stdio.h>
#include <string.h>
#include <tiffio.h>
#include <unistd.h>

enum { MAX_SIDE = 4096, MAX_PAGES = 4096, MAX_SAMPLES = 16 };
static const gsize max_bytes = (gsize)1 << 30;

typedef TIFF TiffFile;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TiffFile, TIFFClose)

/* The library's handlers are process-wide and would write to stderr: silence them once, for good.
 */
static void silence_library(void)
{
    static gsize once;
    if (g_once_init_enter(&once)) {
        TIFFSetErrorHandler(NULL);
        TIFFSetWarningHandler(NULL);
        TIFFSetErrorHandlerExt(NULL);
        TIFFSetWarningHandlerExt(NULL);
        g_once_init_leave(&once, 1);
    }
}

static gboolean input_error(GError **error, const char *path, int page, const char *what)
{
    g_autofree char *name = g_path_get_basename(path);
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "%s, page %d: %s", name, page + 1, what);
    return FALSE;
}

typedef struct {
    guint32 width, height;
    guint16 samples, bits, format;
} PageSize;

static gboolean read_page_size(TIFF *tiff, const char *path, int page, PageSize *size,
                               GError **error)
{
    guint16 planar = 0;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &size->bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &size->samples);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &size->format);
    if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &size->width) ||
        !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &size->height))
        return input_error(error, path, page, "no image size");
    const gboolean is_float = size->bits == 32 && size->format == SAMPLEFORMAT_IEEEFP;
    const gboolean is_count =
        (size->bits == 8 || size->bits == 16) && size->format == SAMPLEFORMAT_UINT;
    if (!is_float && !is_count)
        return input_error(error, path, page,
                           "samples are neither 8-bit or 16-bit unsigned nor 32-bit float");
    if (planar != PLANARCONFIG_CONTIG || TIFFIsTiled(tiff))
        return input_error(error, path, page, "planes or tiles are not read");
    if (!size->width || !size->height || size->width > MAX_SIDE || size->height > MAX_SIDE)
        return input_error(error, path, page, "image size is 0 or over 4096");
    if (!size->samples || size->samples > MAX_SAMPLES)
        return input_error(error, path, page, "number of samples is 0 or over 16");
    return TRUE;
}

/* A chain of directories that breaks off is a damaged file, not a shorter stack. */
static gboolean count_pages(TIFF *tiff, const char *path, int *pages, GError **error)
{
    *pages = 1;
    while (!TIFFLastDirectory(tiff)) {
        if (!TIFFReadDirectory(tiff))
            return input_error(error, path, *pages, "damaged or cut off");
        if (++*pages > MAX_PAGES)
            return input_error(error, path, MAX_PAGES, "more than 4096 pages");
    }
    return TRUE;
}

static gboolean read_pages(TIFF *tiff, const char *path, DkmTiffStack *out, GError **error)
{
    const gsize row = (gsize)out->width * (gsize)out->samples * (gsize)out->bits / 8;
    for (int page = 0; page < out->pages; page++) {
        PageSize size;
        /* from one to the next: to go to a page by its number is to walk past all before it */
        if (page ? !TIFFReadDirectory(tiff) : !TIFFSetDirectory(tiff, 0))
            return input_error(error, path, page, "damaged");
        if (!read_page_size(tiff, path, page, &size, error))
            return FALSE;
        if ((int)size.width != out->width || (int)size.height != out->height ||
            size.samples != out->samples || size.bits != out->bits ||
            (gsize)TIFFScanlineSize(tiff) != row)
            return input_error(error, path, page, "differs in size from the first page");
        guint8 *to = out->data + (gsize)page * (gsize)out->height * row;
        for (int y = 0; y < out->height; y++)
            if (TIFFReadScanline(tiff, to + (gsize)y * row, (guint32)y, 0) != 1)
                return input_error(error, path, page, "damaged or cut off");
    }
    return TRUE;
}

static TIFF *open_to_read(const char *path, GError **error)
{
    g_autoptr(GError) cause = NULL;
    const int fd = dkm_regular_file_open(path, DKM_ERROR_INPUT, &cause);
    if (fd < 0) {
        input_error(error, path, 0, cause->message);
        return NULL;
    }
    TIFF *tiff = TIFFFdOpen(fd, path, "rm");
    if (!tiff) {
        input_error(error, path, 0, "not a readable TIFF file");
        close(fd);
    }
    return tiff;
}

static gboolean read_stack(const char *path, gboolean any_width, DkmTiffStack *out, GError **error)
{
    silence_library();
    *out = (DkmTiffStack){0};
    g_autoptr(TiffFile) tiff = open_to_read(path, error);
    if (!tiff)
        return FALSE;
    PageSize size;
    if (!read_page_size(tiff, path, 0, &size, error))
        return FALSE;
    if (!any_width && size.bits != 8)
        return input_error(error, path, 0, "samples are not 8-bit unsigned");
    DkmTiffStack stack = {.height = (int)size.height,
                          .width = (int)size.width,
                          .samples = size.samples,
                          .bits = size.bits};
    if (!count_pages(tiff, path, &stack.pages, error))
        return FALSE;
    const gsize bytes =
        (gsize)stack.pages * size.height * size.width * size.samples * size.bits / 8;
    if (bytes > max_bytes)
        return input_error(error, path, 0, "the stack is over 1 GiB");
    stack.data = g_try_malloc(bytes);
    if (!stack.data)
        return dkm_error_set_no_memory(error, bytes, "a TIFF stack");
    if (!read_pages(tiff, path, &stack, error)) {
        dkm_tiff_stack_clear(&stack);
        return FALSE;
    }
    *out = stack;
    return TRUE;
}

gboolean dkm_tiff_stack_read(const char *path, DkmTiffStack *out, GError **error)
{
    return read_stack(path, FALSE, out, error);
}

gboolean dkm_tiff_stack_read_any(const char *path, DkmTiffStack *out, GError **error)
{
    return read_stack(path, TRUE, out, error);
}

void dkm_tiff_stack_clear(DkmTiffStack *stack)
{
    g_clear_pointer(&stack->data, g_free);
}

/* ImageJ takes the distance of the slices from the description, in the unit of the resolution. */
static char *describe(const DkmGrid *grid, const char *description)
{
    char spacing_cm[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(spacing_cm, sizeof spacing_cm, "%.9g", grid->spacing_mm[0] / 10);
    return g_strdup_printf("ImageJ=1.52i\nunit=cm\nspacing=%s\n%s\n", spacing_cm, description);
}

static void set_page_tags(TIFF *tiff, const DkmGrid *grid, int bits, const char *description)
{
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, (guint32)grid->n[2]);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, (guint32)grid->n[1]);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, bits == 32 ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, (guint32)grid->n[1]);
    TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER);
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, 10.0 / grid->spacing_mm[2]);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, 10.0 / grid->spacing_mm[1]);
    TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, description);
    TIFFSetField(tiff, TIFFTAG_SOFTWARE, "DKM Workstation");
}

/* libtiff may change the buffer it is given (with a predictor, or on a machine of the other byte
 * order), so each row is copied first. */
static gboolean write_pages(TIFF *tiff, const DkmTiffPages *stack)
{
    const gsize row_bytes = (gsize)stack->grid->n[2] * (gsize)stack->bits / 8;
    g_autofree guint8 *row = g_malloc(row_bytes);
    g_autofree char *description = describe(stack->grid, stack->description);
    const guint8 *from = stack->data;
    for (int z = 0; z < stack->grid->n[0]; z++) {
        set_page_tags(tiff, stack->grid, stack->bits, description);
        for (int y = 0; y < stack->grid->n[1]; y++, from += row_bytes) {
            memcpy(row, from, row_bytes);
            if (TIFFWriteScanline(tiff, row, (guint32)y, 0) != 1)
                return FALSE;
        }
        if (!TIFFWriteDirectory(tiff))
            return FALSE;
    }
    return TRUE;
}

static void add_numbers(JsonBuilder *json, const char *name, const double values[3])
{
    json_builder_set_member_name(json, name);
    json_builder_begin_array(json);
    for (int i = 0; i < 3; i++)
        dkm_json_add_real(json, values[i]);
    json_builder_end_array(json);
}

static gboolean write_sidecar(const char *path, const DkmGrid *grid, const char *description,
                              GError **error)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    json_builder_set_member_name(json, "description");
    dkm_json_add_text(json, description);
    json_builder_set_member_name(json, "size_zyx");
    json_builder_begin_array(json);
    for (int a = 0; a < 3; a++)
        json_builder_add_int_value(json, grid->n[a]);
    json_builder_end_array(json);
    add_numbers(json, "spacing_zyx_mm", grid->spacing_mm);
    add_numbers(json, "origin_lps_mm", grid->origin_lps);
    add_numbers(json, "direction_z_lps", grid->axis_lps[0]);
    add_numbers(json, "direction_y_lps", grid->axis_lps[1]);
    add_numbers(json, "direction_x_lps", grid->axis_lps[2]);
    json_builder_end_object(json);
    g_autoptr(JsonNode) root = json_builder_get_root(json);
    g_autofree char *text = json_to_string(root, TRUE);
    g_autofree char *sidecar = g_strconcat(path, ".json", NULL);
    return dkm_atomic_write(sidecar, text, strlen(text), error);
}

/* Deflate grows what it cannot shrink by far less than one in 512. */
static gboolean needs_big(const DkmTiffPages *stack)
{
    const guint64 pages = (guint64)stack->grid->n[0];
    const guint64 bytes = dkm_grid_voxels(stack->grid) * (guint64)stack->bits / 8;
    if (stack->most_classic_bytes)
        return bytes > stack->most_classic_bytes;
    return bytes + bytes / 512 + pages * 4096 > G_MAXUINT32;
}

gboolean dkm_tiff_write(const char *path, const DkmTiffPages *stack, GError **error)
{
    silence_library();
    g_autofree char *temporary = dkm_atomic_temporary(path);
    g_autofree char *name = g_path_get_basename(path);
    TIFF *tiff = TIFFOpen(temporary, needs_big(stack) ? "w8" : "w4");
    gboolean written = tiff != NULL && write_pages(tiff, stack) && TIFFFlush(tiff);
    g_clear_pointer(&tiff, TIFFClose);
    if (!written) {
        remove(temporary);
        g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT,
                    "cannot write %s (disk full or no permission)", name);
        return FALSE;
    }
    return dkm_atomic_commit(temporary, path, error) &&
           write_sidecar(path, stack->grid, stack->description, error);
}

gboolean dkm_tiff_write_u8(const char *path, const DkmGrid *grid, const guint8 *data,
                           const char *description, GError **error)
{
    return dkm_tiff_write(path, &(DkmTiffPages){grid, data, 8, description, 0}, error);
}

gboolean dkm_tiff_write_f32(const char *path, const DkmGrid *grid, const float *data,
                            const char *description, GError **error)
{
    return dkm_tiff_write(path, &(DkmTiffPages){grid, data, 32, description, 0}, error);
}
