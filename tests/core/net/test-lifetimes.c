#include "core/net/lifetimes.h"

#include "core/philox.h"

static gsize below(guint64 seed, gsize index, gsize limit)
{
    return (gsize)(dkm_philox_uniform(seed, index, 3) * (double)limit);
}

/* Lifetimes like a network's: most are short, a few span it (skips). */
static void fill(DkmLifetime *lives, gsize n, guint64 seed)
{
    for (gsize i = 0; i < n; i++) {
        const gsize length = below(seed, 4 * i, 8) ? below(seed, 4 * i + 1, 4) : n / 2;
        lives[i] = (DkmLifetime){.bytes = 1 + below(seed, 4 * i + 2, 100000), .first = (int)i};
        lives[i].last = (int)MIN(i + length, n - 1);
    }
}

static gboolean overlap(const DkmLifetime *a, const DkmLifetime *b)
{
    return a->first <= b->last && b->first <= a->last && a->offset < b->offset + b->bytes &&
           b->offset < a->offset + a->bytes;
}

static void random_lifetimes(void)
{
    enum { N = 120 };
    double worst = 0;
    for (guint64 seed = 1; seed <= 40; seed++) {
        DkmLifetime lives[N];
        fill(lives, N, seed);
        const gsize bytes = dkm_lifetimes_place(lives, N);
        const gsize bound = dkm_lifetimes_lower_bound(lives, N);
        for (gsize i = 0; i < N; i++) {
            g_assert_cmpuint(lives[i].offset % 64, ==, 0);
            g_assert_cmpuint(lives[i].offset + lives[i].bytes, <=, bytes);
            for (gsize j = 0; j < i; j++)
                g_assert_false(overlap(&lives[i], &lives[j]));
        }
        g_assert_cmpuint(bytes, >=, bound);
        worst = MAX(worst, (double)bytes / (double)bound);
    }
    g_test_message("largest arena: %.3f of the lower bound", worst);
    g_assert_cmpfloat(worst, <=, 1.15);
}

static void a_chain_needs_two(void)
{
    DkmLifetime lives[50];
    for (int i = 0; i < 50; i++)
        lives[i] = (DkmLifetime){.bytes = 640, .first = i, .last = i + 1};
    g_assert_cmpuint(dkm_lifetimes_place(lives, 50), ==, 1280);
    g_assert_cmpuint(dkm_lifetimes_lower_bound(lives, 50), ==, 1280);
}

/* When the second and the fourth die they leave gaps of 640 and 256: the last takes the smaller. */
static void the_smallest_gap(void)
{
    DkmLifetime lives[] = {
        {1280, 0, 9}, {640, 0, 4}, {576, 0, 9}, {256, 0, 4}, {192, 0, 9}, {128, 5, 9},
    };
    const gsize bytes = dkm_lifetimes_place(lives, G_N_ELEMENTS(lives));
    g_assert_cmpuint(bytes, ==, 1280 + 640 + 576 + 256 + 192);
    g_assert_cmpuint(lives[5].offset, ==, lives[3].offset);
}

static void nothing(void)
{
    g_assert_cmpuint(dkm_lifetimes_place(NULL, 0), ==, 0);
    g_assert_cmpuint(dkm_lifetimes_lower_bound(NULL, 0), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lifetimes/random", random_lifetimes);
    g_test_add_func("/lifetimes/chain", a_chain_needs_two);
    g_test_add_func("/lifetimes/smallest-gap", the_smallest_gap);
    g_test_add_func("/lifetimes/nothing", nothing);
    return g_test_run();
}
