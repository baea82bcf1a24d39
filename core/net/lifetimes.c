#include "core/net/lifetimes.h"

/* The order of the array decides between equals, so that the result is always the same. */
static int by_age(const DkmLifetime *x, const DkmLifetime *y)
{
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x < y ? -1 : x > y;
}

static int larger_first(gconstpointer a, gconstpointer b)
{
    const DkmLifetime *x = *(DkmLifetime *const *)a, *y = *(DkmLifetime *const *)b;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return by_age(x, y);
}

static int longer_first(gconstpointer a, gconstpointer b)
{
    const DkmLifetime *x = *(DkmLifetime *const *)a, *y = *(DkmLifetime *const *)b;
    const int x_steps = x->last - x->first, y_steps = y->last - y->first;
    if (x_steps != y_steps)
        return x_steps > y_steps ? -1 : 1;
    return larger_first(a, b);
}

static int earlier_first(gconstpointer a, gconstpointer b)
{
    return by_age(*(DkmLifetime *const *)a, *(DkmLifetime *const *)b);
}

static gboolean share_a_step(const DkmLifetime *a, const DkmLifetime *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* The smallest gap between those of PLACED (sorted by offset) that live when ONE does; behind them
 * all where none is large enough. */
static gsize best_offset(const GPtrArray *placed, const DkmLifetime *one)
{
    const gsize bytes = dkm_lifetime_padded(one->bytes);
    gsize best = 0, best_gap = G_MAXSIZE, end = 0;
    for (guint i = 0; i < placed->len; i++) {
        const DkmLifetime *other = g_ptr_array_index(placed, i);
        if (!share_a_step(one, other))
            continue;
        const gsize gap = other->offset > end ? other->offset - end : 0;
        if (gap >= bytes && gap < best_gap) {
            best = end;
            best_gap = gap;
        }
        end = MAX(end, other->offset + dkm_lifetime_padded(other->bytes));
    }
    return best_gap == G_MAXSIZE ? end : best;
}

static void insert_by_offset(GPtrArray *placed, DkmLifetime *one)
{
    guint at = placed->len;
    while (at > 0 && ((DkmLifetime *)g_ptr_array_index(placed, at - 1))->offset > one->offset)
        at--;
    g_ptr_array_insert(placed, (gint)at, one);
}

static gsize place_in_order(GPtrArray *order, GCompareFunc compare)
{
    g_autoptr(GPtrArray) placed = g_ptr_array_new();
    gsize end = 0;
    g_ptr_array_sort(order, compare);
    for (guint i = 0; i < order->len; i++) {
        DkmLifetime *one = g_ptr_array_index(order, i);
        one->offset = best_offset(placed, one);
        insert_by_offset(placed, one);
        end = MAX(end, one->offset + dkm_lifetime_padded(one->bytes));
    }
    return end;
}

/* No order is best for every network: the three are tried, the best is done again. */
gsize dkm_lifetimes_place(DkmLifetime *lifetimes, gsize n)
{
    static const GCompareFunc compares[] = {larger_first, longer_first, earlier_first};
    g_autoptr(GPtrArray) order = g_ptr_array_new();
    gsize best = 0, least = G_MAXSIZE;
    for (gsize i = 0; i < n; i++)
        g_ptr_array_add(order, &lifetimes[i]);
    for (gsize k = 0; k < G_N_ELEMENTS(compares); k++) {
        const gsize bytes = place_in_order(order, compares[k]);
        if (bytes < least) {
            least = bytes;
            best = k;
        }
    }
    return place_in_order(order, compares[best]);
}

gsize dkm_lifetimes_lower_bound(const DkmLifetime *lifetimes, gsize n)
{
    gsize most = 0;
    for (gsize i = 0; i < n; i++) { /* the peak is reached where some lifetime begins */
        gsize bytes = 0;
        for (gsize j = 0; j < n; j++)
            if (lifetimes[j].first <= lifetimes[i].first && lifetimes[i].first <= lifetimes[j].last)
                bytes += dkm_lifetime_padded(lifetimes[j].bytes);
        most = MAX(most, bytes);
    }
    return most;
}
