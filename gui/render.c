#include "gui/render.h"

#include <math.h>
#include <string.h>

#define BLEND_ONE 256u /* weights of the interpolation have 8 bits */
#define KEPT_ROWS 4

/* For one picture column: the voxel to its left and the weight of the one to its right. */
typedef struct {
    gint32 index;
    guint32 weight;
} Tap;

/* Source rows that have been stretched to the picture's width already: neighbouring picture rows
 * share them. */
typedef struct {
    int source[KEPT_ROWS]; /* which row each holds; -1: none */
    gpointer row[KEPT_ROWS];
    int next;
} RowCache;

typedef struct {
    guint32 grey[65536]; /* by stored sample, shifted to unsigned */
    DkmWindowLevel window;
    DkmGreyLayer of;
} GreyTable;

struct _DkmRenderer {
    int width;       /* that the scratch is made for */
    Tap *taps;       /* interpolating */
    gint32 *nearest; /* columns */
    guint8 *mixed;   /* one row of heat values */
    guint8 *edge;    /* one row of a mask: 0 outside, 1 inside, 2 outline */
    RowCache grey, heat, mask;
    GreyTable *table;
};

/* One call of draw: the picture columns [first, end) show a voxel. */
typedef struct {
    DkmRenderer *renderer;
    const DkmPicture *picture;
    int first, end;
} Pass;

typedef void (*StretchFunc)(const Pass *pass, gconstpointer source, gpointer out);

DkmRenderer *dkm_renderer_new(void)
{
    DkmRenderer *renderer = g_new0(DkmRenderer, 1);
    renderer->table = g_new0(GreyTable, 1);
    renderer->width = -1;
    return renderer;
}

static void cache_clear(RowCache *cache)
{
    for (int i = 0; i < KEPT_ROWS; i++)
        g_clear_pointer(&cache->row[i], g_free);
}

static void scratch_clear(DkmRenderer *renderer)
{
    g_clear_pointer(&renderer->taps, g_free);
    g_clear_pointer(&renderer->nearest, g_free);
    g_clear_pointer(&renderer->mixed, g_free);
    g_clear_pointer(&renderer->edge, g_free);
    cache_clear(&renderer->grey);
    cache_clear(&renderer->heat);
    cache_clear(&renderer->mask);
}

void dkm_renderer_free(DkmRenderer *renderer)
{
    if (!renderer)
        return;
    scratch_clear(renderer);
    g_free(renderer->table);
    g_free(renderer);
}

static void cache_make(RowCache *cache, gsize bytes)
{
    for (int i = 0; i < KEPT_ROWS; i++)
        cache->row[i] = g_malloc0(bytes);
}

static void scratch_fit(DkmRenderer *renderer, int width)
{
    if (renderer->width == width)
        return;
    scratch_clear(renderer);
    renderer->width = width;
    const gsize n = (gsize)width;
    renderer->taps = g_new(Tap, n);
    renderer->nearest = g_new(gint32, n);
    renderer->mixed = g_new(guint8, n);
    renderer->edge = g_new(guint8, n);
    cache_make(&renderer->grey, n * sizeof(guint16));
    cache_make(&renderer->heat, n);
    cache_make(&renderer->mask, n);
}

static void cache_forget(RowCache *cache)
{
    for (int i = 0; i < KEPT_ROWS; i++)
        cache->source[i] = -1;
}

/* --- tables ----------------------------------------------------------------------------------- */

guint8 dkm_window_grey(const DkmWindowLevel *window, double value)
{
    const double share = (value - window->centre) / MAX(window->width, 1e-9) + 0.5;
    const double grey = floor(CLAMP(share, 0.0, 1.0) * 255 + 0.5);
    return (guint8)(window->invert ? 255 - grey : grey);
}

void dkm_heat_table(DkmColourMap map, double opacity, guint32 table[256])
{
    const guint8(*colours)[3] = dkm_colour_map(map);
    for (int i = 0; i < 256; i++) {
        const double alpha = CLAMP(opacity, 0.0, 1.0) * MIN(i / 64.0, 1.0);
        guint32 argb = (guint32)(alpha * 255 + 0.5) << 24;
        for (int k = 0; k < 3; k++)
            argb |= (guint32)(colours[i][k] * alpha + 0.5) << (16 - 8 * k);
        table[i] = argb;
    }
}

static gboolean table_is_for(const GreyTable *table, const DkmPicture *picture)
{
    const DkmGreyLayer *a = &table->of, *b = &picture->grey;
    const DkmWindowLevel *v = &table->window, *w = &picture->window;
    return a->slope == b->slope && a->intercept == b->intercept && a->is_signed == b->is_signed &&
           v->centre == w->centre && v->width == w->width && v->invert == w->invert &&
           a->samples != NULL;
}

static void table_fit(GreyTable *table, const DkmPicture *picture)
{
    if (table_is_for(table, picture))
        return;
    table->of = picture->grey;
    table->window = picture->window;
    const int shift = picture->grey.is_signed ? 32768 : 0;
    for (int i = 0; i < 65536; i++) {
        const double value =
            (i - shift) * (double)picture->grey.slope + (double)picture->grey.intercept;
        table->grey[i] = dkm_window_grey(&picture->window, value) * 0x010101u;
    }
}

/* --- rows stretched to the picture's width -----------------------------------------------------
 */

static void tap_fit(DkmRenderer *renderer, const DkmPicture *picture, int x, double column)
{
    const int last = picture->plane.columns - 1;
    const double inside = CLAMP(column, 0.0, (double)last);
    const int index = MIN((int)inside, MAX(last - 1, 0));
    const int nearest = (int)(inside + 0.5);
    renderer->nearest[x] = nearest;
    renderer->taps[x].index = index;
    if (picture->smooth)
        renderer->taps[x].weight = (guint32)((inside - index) * BLEND_ONE + 0.5);
    else
        renderer->taps[x].weight = nearest > index ? BLEND_ONE : 0;
}

static void columns_fit(Pass *pass)
{
    const DkmPicture *picture = pass->picture;
    for (int x = 0; x < picture->width; x++) {
        const double column = picture->view.first_column + x * picture->view.column_step;
        if (column < -0.5 || column >= picture->plane.columns - 0.5)
            continue;
        if (pass->end == 0)
            pass->first = x;
        pass->end = x + 1;
        tap_fit(pass->renderer, picture, x, column);
    }
}

static void stretch_grey(const Pass *pass, gconstpointer source, gpointer out)
{
    const guint16 *in = source, flip = pass->picture->grey.is_signed ? 0x8000 : 0;
    const int right = pass->picture->plane.columns > 1;
    guint16 *row = out;
    for (int x = pass->first; x < pass->end; x++) {
        const Tap tap = pass->renderer->taps[x];
        const guint32 a = in[tap.index] ^ flip, b = in[tap.index + right] ^ flip;
        row[x] = (guint16)((a * (BLEND_ONE - tap.weight) + b * tap.weight) >> 8);
    }
}

static void stretch_heat(const Pass *pass, gconstpointer source, gpointer out)
{
    const guint8 *in = source;
    const int right = pass->picture->plane.columns > 1;
    guint8 *row = out;
    for (int x = pass->first; x < pass->end; x++) {
        const Tap tap = pass->renderer->taps[x];
        const guint32 a = in[tap.index], b = in[tap.index + right];
        row[x] = (guint8)((a * (BLEND_ONE - tap.weight) + b * tap.weight) >> 8);
    }
}

/* Row INDEX of the plane at BASE, stretched, from CACHE where it is there. */
static gconstpointer stretched(const Pass *pass, RowCache *cache, StretchFunc stretch, int index,
                               gconstpointer row)
{
    for (int i = 0; i < KEPT_ROWS; i++)
        if (cache->source[i] == index)
            return cache->row[i];
    const int slot = cache->next;
    cache->next = (slot + 1) % KEPT_ROWS;
    cache->source[slot] = index;
    stretch(pass, row, cache->row[slot]);
    return cache->row[slot];
}

/* --- one row of the picture ------------------------------------------------------------------- */

/* The two plane rows that picture row Y lies between; FALSE outside the plane. */
static gboolean row_tap(const DkmPicture *picture, int y, Tap *tap)
{
    const int last = picture->plane.rows - 1;
    const double row = picture->view.first_row + y * picture->view.row_step;
    if (row < -0.5 || row >= last + 0.5)
        return FALSE;
    const double inside = CLAMP(row, 0.0, (double)last);
    tap->index = MIN((int)inside, MAX(last - 1, 0));
    const double share = inside - tap->index;
    tap->weight = picture->smooth ? (guint32)(share * BLEND_ONE + 0.5)
                  : share >= 0.5  ? BLEND_ONE
                                  : 0;
    return TRUE;
}

static void draw_grey_row(const Pass *pass, Tap tap, guint32 *restrict out)
{
    const DkmPicture *picture = pass->picture;
    const gsize columns = (gsize)picture->plane.columns;
    const guint16 *samples = picture->grey.samples;
    const int below = MIN(tap.index + 1, picture->plane.rows - 1);
    RowCache *cache = &pass->renderer->grey;
    const guint16 *restrict a =
        stretched(pass, cache, stretch_grey, tap.index, samples + (gsize)tap.index * columns);
    const guint16 *restrict b =
        stretched(pass, cache, stretch_grey, below, samples + (gsize)below * columns);
    const guint32 *restrict grey = pass->renderer->table->grey;
    const guint32 down = tap.weight, up = BLEND_ONE - down;
    for (int x = pass->first; x < pass->end; x++)
        out[x] = grey[(a[x] * up + b[x] * down) >> 8];
}

static inline guint32 blend(guint32 under, guint32 premultiplied)
{
    const guint32 keep = 256 - (premultiplied >> 24) - (premultiplied >> 31);
    const guint32 red_blue = ((under & 0xff00ff) * keep >> 8) & 0xff00ff;
    const guint32 green = ((under & 0x00ff00) * keep >> 8) & 0x00ff00;
    return (red_blue | green) + (premultiplied & 0xffffff);
}

static void draw_heat_row(const Pass *pass, Tap tap, guint32 *restrict out)
{
    const DkmPicture *picture = pass->picture;
    const gsize columns = (gsize)picture->plane.columns;
    const guint8 *values = picture->heat.values;
    const int below = MIN(tap.index + 1, picture->plane.rows - 1);
    RowCache *cache = &pass->renderer->heat;
    const guint8 *restrict a =
        stretched(pass, cache, stretch_heat, tap.index, values + (gsize)tap.index * columns);
    const guint8 *restrict b =
        stretched(pass, cache, stretch_heat, below, values + (gsize)below * columns);
    guint8 *restrict mixed = pass->renderer->mixed;
    const guint32 down = tap.weight, up = BLEND_ONE - down;
    for (int x = pass->first; x < pass->end; x++)
        mixed[x] = (guint8)((a[x] * up + b[x] * down) >> 8);
    const guint32 *restrict table = picture->heat.table;
    for (int x = pass->first; x < pass->end; x++)
        out[x] = blend(out[x], table[mixed[x]]);
}

static void stretch_mask(const Pass *pass, gconstpointer source, gpointer out)
{
    const guint8 *in = source;
    guint8 *row = out;
    for (int x = pass->first; x < pass->end; x++)
        row[x] = in[pass->renderer->nearest[x]];
}

/* Of the row that is nearer alone. */
static void draw_class_row(const Pass *pass, Tap tap, guint32 *restrict out)
{
    const DkmPicture *picture = pass->picture;
    const int row = MIN(tap.index + (tap.weight >= BLEND_ONE / 2), picture->plane.rows - 1);
    const guint8 *restrict values =
        stretched(pass, &pass->renderer->heat, stretch_mask, row,
                  picture->heat.values + (gsize)row * (gsize)picture->plane.columns);
    for (int x = pass->first; x < pass->end; x++)
        out[x] = blend(out[x], picture->heat.table[values[x]]);
}

/* --- masks ------------------------------------------------------------------------------------ */

/* The plane row nearest to picture row Y; -1 outside the plane. */
static int nearest_row(const DkmPicture *picture, int y)
{
    const double row = picture->view.first_row + y * picture->view.row_step;
    if (row < -0.5 || row >= picture->plane.rows - 0.5)
        return -1;
    return (int)(MAX(row, 0.0) + 0.5);
}

static const guint8 *mask_row(const Pass *pass, const DkmMaskLayer *mask, int row)
{
    const gsize columns = (gsize)pass->picture->plane.columns;
    return stretched(pass, &pass->renderer->mask, stretch_mask, row,
                     mask->voxels + (gsize)row * columns);
}

static gboolean row_is_empty(const Pass *pass, const DkmMaskLayer *mask, int row)
{
    const gsize columns = (gsize)pass->picture->plane.columns;
    return row < 0 || !memchr(mask->voxels + (gsize)row * columns, 1, columns);
}

/* edge = 1 inside, 2 where one of the eight pixels WIDTH away is outside: a closed line. */
static void find_edge(const Pass *pass, const DkmMaskLayer *mask, int y)
{
    const int width = mask->outline;
    const int row_above = nearest_row(pass->picture, y - width);
    const int row_below = nearest_row(pass->picture, y + width);
    const gboolean whole = row_above >= 0 && row_below >= 0;
    const guint8 *restrict here = mask_row(pass, mask, nearest_row(pass->picture, y));
    guint8 *restrict edge = pass->renderer->edge;
    for (int x = pass->first; x < pass->end; x++) {
        const gboolean rim = x - width < pass->first || x + width >= pass->end;
        edge[x] = here[x] * (guint8)(1 + (!whole || rim));
    }
    if (!whole)
        return;
    const guint8 *above = mask_row(pass, mask, row_above), *below = mask_row(pass, mask, row_below);
    for (int x = pass->first + width; x < pass->end - width; x++) {
        const guint8 beside = here[x - width] & here[x + width];
        const guint8 over = above[x - width] & above[x] & above[x + width];
        const guint8 under = below[x - width] & below[x] & below[x + width];
        const guint8 inner = beside & over & under;
        edge[x] = (guint8)(here[x] * (2 - inner));
    }
}

static guint32 premultiplied(guint32 rgb, double opacity)
{
    guint32 argb = (guint32)(opacity * 255 + 0.5) << 24;
    for (int shift = 0; shift < 24; shift += 8)
        argb |= (guint32)(((rgb >> shift) & 0xff) * opacity + 0.5) << shift;
    return argb;
}

static void draw_mask(const Pass *pass, const DkmMaskLayer *mask)
{
    const DkmPicture *picture = pass->picture;
    const guint8 *edge = pass->renderer->edge;
    const guint32 colours[3] = {0, premultiplied(mask->colour, mask->fill),
                                premultiplied(mask->colour, 1)};
    cache_forget(&pass->renderer->mask);
    for (int y = 0; y < picture->height; y++) {
        if (row_is_empty(pass, mask, nearest_row(picture, y)))
            continue;
        find_edge(pass, mask, y);
        guint32 *out = picture->pixels + (gsize)y * (gsize)picture->stride;
        for (int x = pass->first; x < pass->end; x++)
            if (edge[x])
                out[x] = blend(out[x], colours[edge[x]]);
    }
}

/* --- the picture ------------------------------------------------------------------------------ */

static void draw_row(const Pass *pass, int y)
{
    const DkmPicture *picture = pass->picture;
    guint32 *out = picture->pixels + (gsize)y * (gsize)picture->stride;
    Tap tap;
    if (pass->end == 0 || !picture->grey.samples || !row_tap(picture, y, &tap)) {
        memset(out, 0, (gsize)picture->width * sizeof *out);
        return;
    }
    memset(out, 0, (gsize)pass->first * sizeof *out);
    memset(out + pass->end, 0, (gsize)(picture->width - pass->end) * sizeof *out);
    draw_grey_row(pass, tap, out);
    if (picture->heat.values && picture->heat.is_nearest)
        draw_class_row(pass, tap, out);
    else if (picture->heat.values)
        draw_heat_row(pass, tap, out);
}

void dkm_renderer_draw(DkmRenderer *renderer, const DkmPicture *picture)
{
    scratch_fit(renderer, picture->width);
    if (picture->grey.samples)
        table_fit(renderer->table, picture);
    cache_forget(&renderer->grey);
    cache_forget(&renderer->heat);
    Pass pass = {renderer, picture, 0, 0};
    columns_fit(&pass);
    for (int y = 0; y < picture->height; y++)
        draw_row(&pass, y);
    for (guint i = 0; i < picture->n_masks && pass.end > 0; i++)
        draw_mask(&pass, &picture->masks[i]);
}
