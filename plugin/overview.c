#include "plugin/overview.h"

#include "core/atomic-file.h"
#include "core/error.h"
#include "core/image/colour-map.h"

#include <cairo.h>
#include <math.h>

enum { PANEL = 320, ROWS = 3, COLUMNS = 3, TOP = 56, GAP = 8, CAPTION = 20 };

typedef cairo_surface_t Surface;
typedef cairo_t Drawing;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Surface, cairo_surface_destroy)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Drawing, cairo_destroy)

typedef struct {
    float low, high; /* shown black and white */
} Window;

/* ROWS slices: the one with most mask and those halfway to its ends; the middle where it is empty.
 */
static void choose_slices(const DkmMask *mask, int slices[ROWS])
{
    const int n = dkm_mask_grid(mask)->n[0];
    int first = n, last = -1, best = n / 2;
    gsize most = 0;
    for (int z = 0; z < n; z++) {
        const gsize count = dkm_mask_slice_count(mask, z);
        if (!count)
            continue;
        first = MIN(first, z);
        last = MAX(last, z);
        if (count > most) {
            most = count;
            best = z;
        }
    }
    if (last < 0) {
        first = n / 4;
        last = n - 1 - n / 4;
    }
    slices[0] = (first + best) / 2;
    slices[1] = best;
    slices[2] = (best + last + 1) / 2;
}

static guint32 rgb(double r, double g, double b)
{
    return (guint32)r << 16 | (guint32)g << 8 | (guint32)b;
}

static gboolean is_edge(const DkmMask *mask, int z, int y, int x)
{
    const int *n = dkm_mask_grid(mask)->n;
    if (!dkm_mask_get(mask, z, y, x))
        return FALSE;
    return x == 0 || y == 0 || x == n[2] - 1 || y == n[1] - 1 || !dkm_mask_get(mask, z, y, x - 1) ||
           !dkm_mask_get(mask, z, y, x + 1) || !dkm_mask_get(mask, z, y - 1, x) ||
           !dkm_mask_get(mask, z, y + 1, x);
}

typedef enum { SHOW_IMAGE, SHOW_MASK, SHOW_HEAT } Show;

static guint32 pixel(const DkmOverview *o, const Window *window, Show show, const int zyx[3])
{
    const float value = dkm_volume_value(o->pre, zyx[0], zyx[1], zyx[2]);
    const double grey =
        255.0 * CLAMP((value - window->low) / (window->high - window->low), 0.0f, 1.0f);
    if (show == SHOW_MASK && is_edge(o->result->mask, zyx[0], zyx[1], zyx[2]))
        return rgb(255, 210, 0);
    if (show == SHOW_HEAT) {
        const guint8 heat =
            o->result->kinetic[dkm_grid_index(&o->result->grid, zyx[0], zyx[1], zyx[2])];
        const guint8 *colour = dkm_colour_map(DKM_COLOUR_HEAT)[heat];
        const double share = 0.25 + 0.6 * heat / 255.0;
        return rgb(grey * (1 - share) + colour[0] * share, grey * (1 - share) + colour[1] * share,
                   grey * (1 - share) + colour[2] * share);
    }
    return rgb(grey, grey, grey);
}

static Surface *slice_picture(const DkmOverview *o, const Window *window, Show show, int z)
{
    const int *n = dkm_volume_grid(o->pre)->n;
    Surface *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, n[2], n[1]);
    guint8 *data = cairo_image_surface_get_data(surface);
    const int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; data && y < n[1]; y++) {
        guint32 *row = (guint32 *)(void *)(data + (gsize)y * (gsize)stride);
        for (int x = 0; x < n[2]; x++)
            row[x] = pixel(o, window, show, (const int[3]){z, y, x});
    }
    cairo_surface_mark_dirty(surface);
    return surface;
}

static void draw_text(Drawing *cr, double x, double y, double size, const char *text)
{
    cairo_set_source_rgb(cr, 0.85, 0.85, 0.85);
    cairo_set_font_size(cr, size);
    cairo_move_to(cr, x, y);
    cairo_show_text(cr, text);
}

/* Fits a slice into its panel with the pixel's true aspect. */
static void draw_panel(Drawing *cr, const DkmOverview *o, Surface *picture, double x, double y)
{
    const DkmGrid *grid = dkm_volume_grid(o->pre);
    const double width = grid->n[2] * grid->spacing_mm[2],
                 height = grid->n[1] * grid->spacing_mm[1];
    const double scale = PANEL / MAX(width, height);
    cairo_save(cr);
    cairo_translate(cr, x + (PANEL - width * scale) / 2, y + (PANEL - height * scale) / 2);
    cairo_scale(cr, scale * grid->spacing_mm[2], scale * grid->spacing_mm[1]);
    cairo_set_source_surface(cr, picture, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_GOOD);
    cairo_paint(cr);
    cairo_restore(cr);
}

static void draw_row(Drawing *cr, const DkmOverview *o, const Window *window, int row, int z)
{
    static const char *const captions[COLUMNS] = {"pre-contrast", "segmentation", "kinetic code"};
    const double y = TOP + row * (PANEL + CAPTION + GAP);
    for (int column = 0; column < COLUMNS; column++) {
        const double x = GAP + column * (PANEL + GAP);
        g_autoptr(Surface) picture = slice_picture(o, window, (Show)column, z);
        g_autofree char *caption = g_strdup_printf("%s, slice %d", captions[column], z + 1);
        draw_panel(cr, o, picture, x, y);
        draw_text(cr, x, y + PANEL + CAPTION - 6, 13, caption);
    }
}

static cairo_status_t append(void *closure, const unsigned char *data, unsigned int length)
{
    g_byte_array_append(closure, data, length);
    return CAIRO_STATUS_SUCCESS;
}

gboolean dkm_overview_write(const DkmOverview *o, const char *path, GError **error)
{
    const int width = COLUMNS * (PANEL + GAP) + GAP;
    const int height = TOP + ROWS * (PANEL + CAPTION + GAP);
    int slices[ROWS];
    Window window = {.low = 0, .high = dkm_volume_quantile(o->pre, 0.995, 0)};
    window.high = MAX(window.high, window.low + 1e-6f);
    g_autoptr(Surface) surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    g_autoptr(Drawing) cr = cairo_create(surface);
    g_autoptr(GByteArray) png = g_byte_array_new();
    cairo_set_source_rgb(cr, 0.06, 0.06, 0.07);
    cairo_paint(cr);
    draw_text(cr, GAP, 22, 16, o->title);
    draw_text(cr, GAP, 44, 13, "Research use only - not for diagnosis");
    choose_slices(o->result->mask, slices);
    for (int row = 0; row < ROWS; row++)
        draw_row(cr, o, &window, row, slices[row]);
    if (cairo_surface_write_to_png_stream(surface, append, png) != CAIRO_STATUS_SUCCESS) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_NO_MEMORY,
                            "not enough memory for the overview picture");
        return FALSE;
    }
    return dkm_atomic_write(path, png->data, png->len, error);
}
