/* The farthest two points of a set lie on its convex hull, and a point of that on the hull of its
 * own plane: planes are reduced to their hulls before pairs are compared. */
#include "core/image/diameter.h"

#include <math.h>
#include <string.h>

/* Planes are counted in half slices, -1 to 2 n: even ones hold the faces between rows and columns
 * of a slice, odd ones those between two slices. */
typedef struct {
    double zyx[3];
} Corner;

typedef struct {
    const DkmMask *mask;
    const DkmGrid *grid;
    GArray *plane;       /* of Corner, by y and then x */
    GArray *hull;        /* of Corner: scratch */
    GArray *all;         /* of Corner: what is left of every plane */
    DkmDiameter longest; /* in one slice */
} Search;

static gboolean is_set(const Search *s, int z, int y, int x)
{
    const int *n = s->grid->n;
    return z >= 0 && y >= 0 && x >= 0 && z < n[0] && y < n[1] && x < n[2] &&
           dkm_mask_get(s->mask, z, y, x);
}

static double distance2(const Search *s, const Corner *a, const Corner *b)
{
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        const double d = (a->zyx[i] - b->zyx[i]) * s->grid->spacing_mm[i];
        sum += d * d;
    }
    return sum;
}

/* Of each row only the ends can lie on the hull. */
static void add_row(Search *s, double z, double y, double first, double last)
{
    if (first > last)
        return;
    const Corner ends[2] = {{{z, y, first}}, {{z, y, last}}};
    g_array_append_vals(s->plane, ends, first < last ? 2 : 1);
}

/* Faces between row Y-1 and Y of a slice, and those between columns of row Y. */
static void add_slice_row(Search *s, int z, int y)
{
    double between[2] = {G_MAXDOUBLE, -1}, in_row[2] = {G_MAXDOUBLE, -1};
    for (int x = 0; x < s->grid->n[2]; x++) {
        const gboolean here = is_set(s, z, y, x);
        if (here != is_set(s, z, y - 1, x)) {
            between[0] = MIN(between[0], x);
            between[1] = x;
        }
        if (here) {
            in_row[0] = MIN(in_row[0], x - 0.5);
            in_row[1] = x + 0.5;
        }
    }
    add_row(s, z, y - 0.5, between[0], between[1]);
    add_row(s, z, y, in_row[0], in_row[1]);
}

/* Faces between slice Z-1 and Z. */
static void add_between_slices(Search *s, int z)
{
    for (int y = 0; y < s->grid->n[1]; y++) {
        double ends[2] = {G_MAXDOUBLE, -1};
        for (int x = 0; x < s->grid->n[2]; x++)
            if (is_set(s, z, y, x) != is_set(s, z - 1, y, x)) {
                ends[0] = MIN(ends[0], x);
                ends[1] = x;
            }
        add_row(s, z - 0.5, y, ends[0], ends[1]);
    }
}

static double turn(const Corner *a, const Corner *b, const Corner *c)
{
    return (b->zyx[1] - a->zyx[1]) * (c->zyx[2] - a->zyx[2]) -
           (b->zyx[2] - a->zyx[2]) * (c->zyx[1] - a->zyx[1]);
}

static void add_half_hull(Search *s, gboolean backwards)
{
    const guint n = s->plane->len, first = s->hull->len;
    for (guint i = 0; i < n; i++) {
        const Corner next = g_array_index(s->plane, Corner, backwards ? n - 1 - i : i);
        while (s->hull->len >= first + 2 &&
               turn(&g_array_index(s->hull, Corner, s->hull->len - 2),
                    &g_array_index(s->hull, Corner, s->hull->len - 1), &next) <= 0)
            g_array_set_size(s->hull, s->hull->len - 1);
        g_array_append_val(s->hull, next);
    }
}

static void take_longest(const Search *s, const GArray *corners, DkmDiameter *out)
{
    double best = out->mm * out->mm;
    for (guint i = 0; i < corners->len; i++)
        for (guint j = i + 1; j < corners->len; j++) {
            const Corner *a = &g_array_index(corners, Corner, i);
            const Corner *b = &g_array_index(corners, Corner, j);
            const double d2 = distance2(s, a, b);
            if (d2 <= best)
                continue;
            best = d2;
            out->mm = sqrt(d2);
            memcpy(out->ends_zyx[0], a->zyx, sizeof a->zyx);
            memcpy(out->ends_zyx[1], b->zyx, sizeof b->zyx);
        }
}

/* Reduces the plane that was collected to its hull (Andrew's monotone chain) and keeps that. */
static void end_plane(Search *s, gboolean is_slice)
{
    g_array_set_size(s->hull, 0);
    add_half_hull(s, FALSE);
    add_half_hull(s, TRUE);
    if (is_slice)
        take_longest(s, s->hull, &s->longest);
    g_array_append_vals(s->all, s->hull->data, s->hull->len);
    g_array_set_size(s->plane, 0);
}

static void search(Search *s)
{
    const int *n = s->grid->n;
    for (int z = 0; z <= n[0]; z++) {
        const gboolean below = z > 0 && dkm_mask_slice_count(s->mask, z - 1);
        const gboolean here = z < n[0] && dkm_mask_slice_count(s->mask, z);
        if (below || here) {
            add_between_slices(s, z);
            end_plane(s, FALSE);
        }
        if (!here)
            continue;
        for (int y = 0; y <= n[1]; y++)
            add_slice_row(s, z, y);
        end_plane(s, TRUE);
    }
}

void dkm_diameters_measure(const DkmMask *mask, DkmDiameter *in_space, DkmDiameter *in_plane)
{
    Search s = {.mask = mask, .grid = dkm_mask_grid(mask)};
    s.plane = g_array_new(FALSE, FALSE, sizeof(Corner));
    s.hull = g_array_new(FALSE, FALSE, sizeof(Corner));
    s.all = g_array_new(FALSE, FALSE, sizeof(Corner));
    search(&s);
    if (in_plane)
        *in_plane = s.longest;
    if (in_space) {
        *in_space = (DkmDiameter){0};
        take_longest(&s, s.all, in_space);
    }
    g_array_unref(s.plane);
    g_array_unref(s.hull);
    g_array_unref(s.all);
}
