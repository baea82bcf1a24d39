#include "core/image/components.h"

/* Two planes of 3 x 5: a corner across planes joins, a gap of one does not. */
static void test_corners(void)
{
    static const guint8 mask[] = {1, 0, 0, 0, 1, /**/ 0, 0, 0, 0, 0, /**/ 0, 0, 0, 0, 0,
                                  0, 0, 0, 0, 0, /**/ 0, 1, 0, 0, 0, /**/ 0, 0, 1, 0, 0};
    guint32 labels[30];
    g_assert_cmpuint(dkm_components_label(mask, (const int[3]){2, 3, 5}, labels), ==, 2);
    g_assert_cmpuint(labels[0], ==, 1);
    g_assert_cmpuint(labels[4], ==, 2);
    g_assert_cmpuint(labels[21], ==, 1);
    g_assert_cmpuint(labels[27], ==, 1);
    g_assert_cmpuint(labels[1], ==, 0);
}

/* Rows do not wrap around. */
static void test_edges(void)
{
    static const guint8 mask[] = {0, 0, 1, 1, 0, 0};
    guint32 labels[6];
    g_assert_cmpuint(dkm_components_label(mask, (const int[3]){1, 2, 3}, labels), ==, 2);
    static const guint8 none[6] = {0};
    g_assert_cmpuint(dkm_components_label(none, (const int[3]){1, 2, 3}, labels), ==, 0);
    g_assert_cmpuint(labels[2], ==, 0);
}

/* A large part is one part, without recursion. */
static void test_large(void)
{
    const int n[3] = {20, 64, 64};
    const gsize count = (gsize)20 * 64 * 64;
    g_autofree guint8 *mask = g_malloc(count);
    g_autofree guint32 *labels = g_new(guint32, count);
    for (gsize i = 0; i < count; i++)
        mask[i] = 7;
    g_assert_cmpuint(dkm_components_label(mask, n, labels), ==, 1);
    g_assert_cmpuint(labels[count - 1], ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/components/corners", test_corners);
    g_test_add_func("/components/edges", test_edges);
    g_test_add_func("/components/large", test_large);
    return g_test_run();
}
