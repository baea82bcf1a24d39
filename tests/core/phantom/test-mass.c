#include "core/phantom/anatomy.h"

#include <math.h>

enum { SEEDS = 60 };

/* Wherever the seed puts it, the whole mass is inside a breast: below skin, in front of muscle. */
static void lies_in_the_breast(void)
{
    for (guint64 seed = 0; seed < SEEDS; seed++) {
        g_autoptr(DkmAnatomy) anatomy = dkm_anatomy_new(seed);
        const DkmMass *mass = &anatomy->mass;
        g_assert_true(mass->centre[0] * (float)mass->side > 40);
        for (float z = -24; z <= 24; z += 2)
            for (float y = -24; y <= 24; y += 2)
                for (float x = -24; x <= 24; x += 2) {
                    const float p[3] = {mass->centre[0] + x, mass->centre[1] + y,
                                        mass->centre[2] + z};
                    DkmMixture m;
                    if (dkm_mass_depth(anatomy, p) <= 0)
                        continue;
                    dkm_anatomy_at(anatomy, p, 0.4f, &m);
                    g_assert_cmpfloat(m.depth_mm, >, 0);
                    g_assert_cmpfloat(m.share[DKM_TISSUE_MASS] + m.share[DKM_TISSUE_CORE], >,
                                      0.49f);
                }
    }
}

/* Place, side, size and kind vary; both sides and both kinds occur. */
static void varies(void)
{
    guint left = 0, rims = 0;
    float smallest = 99, largest = 0;
    for (guint64 seed = 0; seed < SEEDS; seed++) {
        g_autoptr(DkmAnatomy) anatomy = dkm_anatomy_new(seed);
        left += anatomy->mass.side > 0;
        rims += anatomy->mass.kind == DKM_MASS_RIM;
        smallest = fminf(smallest, anatomy->mass.radius_mm);
        largest = fmaxf(largest, anatomy->mass.radius_mm);
    }
    g_assert_true(left > SEEDS / 4 && left < 3 * SEEDS / 4);
    g_assert_true(rims > SEEDS / 4 && rims < 3 * SEEDS / 4);
    g_assert_cmpfloat(smallest, <, 10);
    g_assert_cmpfloat(largest, >, 13);
}

/* No ball: the surface lies at different distances in different directions. */
static void irregular(void)
{
    g_autoptr(DkmAnatomy) anatomy = dkm_anatomy_new(4);
    float nearest = 99, farthest = 0;
    for (int i = 0; i < 64; i++) {
        const float angle = (float)i * 0.0981748f;
        float r = 0;
        for (; r < 40; r += 0.1f) {
            const float p[3] = {anatomy->mass.centre[0], anatomy->mass.centre[1] + r * cosf(angle),
                                anatomy->mass.centre[2] + r * sinf(angle)};
            if (dkm_mass_depth(anatomy, p) <= 0)
                break;
        }
        nearest = fminf(nearest, r);
        farthest = fmaxf(farthest, r);
    }
    g_assert_cmpfloat(nearest, >, 3);
    g_assert_cmpfloat(farthest, >, 1.15f * nearest);
    g_assert_cmpfloat(farthest, <, 2.5f * anatomy->mass.radius_mm);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mass/lies-in-the-breast", lies_in_the_breast);
    g_test_add_func("/mass/varies", varies);
    g_test_add_func("/mass/irregular", irregular);
    return g_test_run();
}
