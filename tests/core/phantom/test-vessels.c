#include "core/phantom/anatomy.h"

#include <math.h>

/* Thin tubes on both sides, in pieces without jumps, all of them within the body. */
static void tubes(void)
{
    g_autoptr(DkmAnatomy) anatomy = dkm_anatomy_new(5);
    guint left = 0, outside = 0;
    g_assert_cmpuint(anatomy->vessels->len, >, 200);
    for (guint i = 0; i < anatomy->vessels->len; i++) {
        const DkmVesselPiece *piece = &g_array_index(anatomy->vessels, DkmVesselPiece, i);
        float length = 0;
        DkmMixture mixture;
        for (int a = 0; a < 3; a++)
            length += (piece->to[a] - piece->from[a]) * (piece->to[a] - piece->from[a]);
        g_assert_cmpfloat(sqrtf(length), <, 25);
        g_assert_true(piece->radius_mm > 0.1f && piece->radius_mm < 2);
        dkm_anatomy_at(anatomy, piece->to, 0.4f, &mixture);
        outside += mixture.depth_mm < 0;
        left += piece->to[0] > 0;
    }
    g_assert_cmpuint(outside, <, anatomy->vessels->len / 20);
    g_assert_true(left > anatomy->vessels->len / 4 && left < 3 * anatomy->vessels->len / 4);
}

/* Two end in the mass. */
static void feed_the_mass(void)
{
    g_autoptr(DkmAnatomy) anatomy = dkm_anatomy_new(5);
    guint ends = 0;
    for (guint i = 0; i < anatomy->vessels->len; i++)
        ends += dkm_mass_depth(anatomy, g_array_index(anatomy->vessels, DkmVesselPiece, i).to) > 2;
    g_assert_cmpuint(ends, >=, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vessels/tubes", tubes);
    g_test_add_func("/vessels/feed-the-mass", feed_the_mass);
    return g_test_run();
}
