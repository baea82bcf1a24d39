#include "core/model/lattice.h"

#include "core/error.h"
#include "core/i18n.h"

#include <math.h>

/* Pixels around a volume of interest that the network sees as well: what it needs to judge the
 * edge. Of the network's lattice. */
enum { MARGIN = 32, MAX_SIDE = 4096 };
static const double same_size = 0.02;

/* One axis: source pixels (the image's) against network pixels. Centres coincide. */
typedef struct {
    int source, whole; /* pixels of the plane, and of the plane on the network's lattice */
    int first, size;   /* the part that is computed; may reach beyond WHOLE, mirrored */
    int box[2];        /* of source pixels: first and end */
    double step;       /* source pixels a network pixel */
} Axis;

struct _DkmLattice {
    Axis axis[2]; /* rows, columns */
};

/* Network pixels to source pixels, as fractional indices. */
static double to_source(const Axis *axis, double network)
{
    return (network - (axis->whole - 1) / 2.0) * axis->step + (axis->source - 1) / 2.0;
}

static double to_network(const Axis *axis, double source)
{
    return (source - (axis->source - 1) / 2.0) / axis->step + (axis->whole - 1) / 2.0;
}

static int round_up(int n)
{
    return (n + DKM_LATTICE_STEP - 1) / DKM_LATTICE_STEP * DKM_LATTICE_STEP;
}

static gboolean set_axis(Axis *axis, int n, double spacing_mm, double pixel_mm, GError **error)
{
    const double step = pixel_mm / spacing_mm;
    const gboolean same = fabs(step - 1) <= same_size;
    const double whole = same ? n : round(n / step);
    axis->source = n;
    if (!(whole <= MAX_SIDE)) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                    _("slices of %d pixels of %.3f mm are larger than the model can take"), n,
                    spacing_mm);
        return FALSE;
    }
    axis->whole = MAX(1, (int)whole);
    axis->step = same ? 1 : step;
    return TRUE;
}

static void set_part(Axis *axis, int first, int end)
{
    axis->box[0] = first;
    axis->box[1] = end;
    axis->first = 0;
    axis->size = round_up(axis->whole);
    if (first <= 0 && end >= axis->source)
        return;
    const int low = (int)floor(to_network(axis, first)) - MARGIN;
    const int high = (int)ceil(to_network(axis, end - 1)) + 1 + MARGIN;
    axis->first = MAX(0, low);
    axis->size = round_up(MIN(axis->whole, high) - axis->first);
    /* keep to real pixels where there are enough of them */
    axis->first = MAX(0, MIN(axis->first, axis->whole - axis->size));
}

DkmLattice *dkm_lattice_new(const DkmGrid *grid, double pixel_mm, const DkmBox *box, GError **error)
{
    g_autofree DkmLattice *lattice = g_new0(DkmLattice, 1);
    for (int i = 0; i < 2; i++) {
        Axis *axis = &lattice->axis[i];
        if (!set_axis(axis, grid->n[i + 1], grid->spacing_mm[i + 1], pixel_mm, error))
            return NULL;
        set_part(axis, box->first[i + 1], box->end[i + 1]);
    }
    return g_steal_pointer(&lattice);
}

void dkm_lattice_free(DkmLattice *lattice)
{
    g_free(lattice);
}

int dkm_lattice_rows(const DkmLattice *lattice)
{
    return lattice->axis[0].size;
}

int dkm_lattice_columns(const DkmLattice *lattice)
{
    return lattice->axis[1].size;
}

int dkm_lattice_first_row(const DkmLattice *lattice)
{
    return lattice->axis[0].first;
}

int dkm_lattice_first_column(const DkmLattice *lattice)
{
    return lattice->axis[1].first;
}

gboolean dkm_lattice_equal(const DkmLattice *a, const DkmLattice *b)
{
    for (int i = 0; i < 2; i++) {
        const Axis *p = &a->axis[i], *q = &b->axis[i];
        if (p->source != q->source || p->whole != q->whole || p->first != q->first ||
            p->size != q->size || p->box[0] != q->box[0] || p->box[1] != q->box[1] ||
            p->step != q->step)
            return FALSE;
    }
    return TRUE;
}

/* Weighted neighbours of every output pixel of an axis: COUNT[i] inputs from FIRST[i], weights in
 * row i of WEIGHT. */
typedef struct {
    int n, width;
    int *first, *count;
    float *weight;
} Taps;

static void taps_clear(Taps *taps)
{
    g_free(taps->first);
    g_free(taps->count);
    g_free(taps->weight);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Taps, taps_clear)

static Taps taps_new(int n, int width)
{
    return (Taps){.n = n,
                  .width = width,
                  .first = g_new0(int, n),
                  .count = g_new0(int, n),
                  .weight = g_new0(float, (gsize)n *(gsize)width)};
}

/* Output I is centred at CENTRE of an axis of LENGTH inputs: a triangle of half-width REACH, at
 * least linear interpolation, wider where pixels are merged. Places beyond the ends are held. */
static void taps_set(Taps *taps, int i, double centre, double reach, int length)
{
    float *weight = taps->weight + (gsize)i * (gsize)taps->width;
    centre = CLAMP(centre, 0, length - 1);
    const int first = MAX(0, (int)ceil(centre - reach)),
              last = MIN(length - 1, (int)floor(centre + reach));
    double sum = 0;
    taps->first[i] = first;
    taps->count[i] = MIN(taps->width, last - first + 1);
    for (int k = 0; k < taps->count[i]; k++) {
        weight[k] = (float)MAX(0, 1 - fabs(first + k - centre) / reach);
        sum += weight[k];
    }
    for (int k = 0; k < taps->count[i]; k++)
        weight[k] = (float)(weight[k] / sum);
}

static int mirrored(int i, int n)
{
    if (n == 1)
        return 0;
    const int period = 2 * (n - 1);
    i = ((i % period) + period) % period;
    return i < n ? i : period - i;
}

/* From source pixels to the part on the network's lattice. */
static Taps taps_inward(const Axis *axis)
{
    const double reach = MAX(1, axis->step);
    Taps taps = taps_new(axis->size, 2 * (int)ceil(reach) + 1);
    for (int i = 0; i < axis->size; i++)
        taps_set(&taps, i, to_source(axis, mirrored(axis->first + i, axis->whole)), reach,
                 axis->source);
    return taps;
}

/* From the part, shrunk, to the source pixels of the box. */
static Taps taps_outward(const Axis *axis, int shrink)
{
    const double reach = MAX(1, 1 / (axis->step * shrink));
    Taps taps = taps_new(axis->box[1] - axis->box[0], 2 * (int)ceil(reach) + 1);
    for (int i = 0; i < taps.n; i++) {
        const double place = to_network(axis, axis->box[0] + i) - axis->first;
        taps_set(&taps, i, (place + 0.5) / shrink - 0.5, reach, axis->size / shrink);
    }
    return taps;
}

/* What taps are applied to: WIDTH columns, STEP values apart, in rows of STRIDE values. */
typedef struct {
    const float *values;
    int width;
    gsize stride, step;
} Plane;

/* Every output row: the rows that it needs, weighted, then its columns. */
static void resample(const Taps *rows, const Taps *columns, const Plane *in, float *out,
                     gsize out_stride)
{
    g_autofree float *sum = g_new(float, in->width);
    for (int i = 0; i < rows->n; i++) {
        const float *weight = rows->weight + (gsize)i * (gsize)rows->width;
        for (int x = 0; x < in->width; x++) {
            const float *column = in->values + (gsize)x * in->step;
            sum[x] = 0;
            for (int k = 0; k < rows->count[i]; k++)
                sum[x] += weight[k] * column[(gsize)(rows->first[i] + k) * in->stride];
        }
        for (int j = 0; j < columns->n; j++) {
            const float *w = columns->weight + (gsize)j * (gsize)columns->width;
            float value = 0;
            for (int k = 0; k < columns->count[j]; k++)
                value += w[k] * sum[columns->first[j] + k];
            out[(gsize)i * out_stride + (gsize)j] = value;
        }
    }
}

void dkm_lattice_read(const DkmLattice *lattice, const float *plane, float *out)
{
    const int width = lattice->axis[1].source;
    g_auto(Taps) rows = taps_inward(&lattice->axis[0]);
    g_auto(Taps) columns = taps_inward(&lattice->axis[1]);
    const Plane in = {plane, width, (gsize)width, 1};
    resample(&rows, &columns, &in, out, (gsize)columns.n);
}

void dkm_lattice_write(const DkmLattice *lattice, const DkmLatticePicture *picture, float *out)
{
    const Axis *y = &lattice->axis[0], *x = &lattice->axis[1];
    const int width = x->size / picture->shrink;
    g_auto(Taps) rows = taps_outward(y, picture->shrink);
    g_auto(Taps) columns = taps_outward(x, picture->shrink);
    const Plane in = {picture->values + picture->channel, width,
                      (gsize)width * (gsize)picture->channels, (gsize)picture->channels};
    resample(&rows, &columns, &in, out + (gsize)y->box[0] * (gsize)x->source + (gsize)x->box[0],
             (gsize)x->source);
}
