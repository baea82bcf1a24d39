#include "core/phantom/anatomy.h"

#include <math.h>

static float share_at(const DkmAnatomy *anatomy, float x, float y, float z, DkmTissue tissue)
{
    DkmMixture mixture;
    dkm_anatomy_at(anatomy, (const float[]){x, y, z}, 0.4f, &mixture);
    return mixture.share[tissue];
}

/* Every place holds shares that are none, all, or air beside them. */
static void shares_add_up(void)
{
    g_autoptr(DkmAnatomy) anatomy = dkm_anatomy_new(3);
    for (float z = -80; z < 80; z += 9.7f)
        for (float y = -120; y < 190; y += 6.3f)
            for (float x = -165; x < 165; x += 5.9f) {
                DkmMixture mixture;
                float sum = 0;
                dkm_anatomy_at(anatomy, (const float[]){x, y, z}, 0.4f, &mixture);
                for (int t = 0; t < DKM_TISSUE_COUNT; t++) {
                    g_assert_true(mixture.share[t] >= 0 && mixture.share[t] <= 1.00001f);
                    sum += mixture.share[t];
                }
                g_assert_cmpfloat(sum, <, 1.0001f);
                if (mixture.depth_mm > 1)
                    g_assert_cmpfloat(sum, >, 0.9999f);
                if (mixture.depth_mm < -1)
                    g_assert_cmpfloat(sum, ==, 0);
            }
}

/* From the air in front through the nipple, the breast and the chest to the lung: in that order. */
static void from_front_to_back(void)
{
    for (guint64 seed = 0; seed < 12; seed++) {
        g_autoptr(DkmAnatomy) anatomy = dkm_anatomy_new(seed);
        const DkmBreast *b = &anatomy->breasts[0];
        const float x = b->nipple[0], z = b->nipple[2];
        float gland = 0, muscle = 0, lung = 0;
        g_assert_cmpfloat(share_at(anatomy, x, b->nipple[1] - 12, z, DKM_TISSUE_SKIN), ==, 0);
        g_assert_cmpfloat(share_at(anatomy, x, b->nipple[1], z, DKM_TISSUE_NIPPLE), >, 0.5f);
        for (float y = b->nipple[1]; y < 10; y += 1)
            gland += share_at(anatomy, x, y, z, DKM_TISSUE_GLAND) +
                     share_at(anatomy, x, y, z, DKM_TISSUE_MASS) +
                     share_at(anatomy, x, y, z, DKM_TISSUE_CORE);
        for (float y = 10; y < 60; y += 1)
            muscle += share_at(anatomy, x, y, z, DKM_TISSUE_MUSCLE);
        for (float y = 60; y < 100; y += 1)
            lung += share_at(anatomy, -60, y + 20, 25, DKM_TISSUE_LUNG);
        g_assert_cmpfloat(gland, >, 4);
        g_assert_cmpfloat(muscle, >, 6);
        g_assert_cmpfloat(lung, >, 20);
    }
}

static void organs(void)
{
    g_autoptr(DkmAnatomy) anatomy = dkm_anatomy_new(1);
    g_assert_cmpfloat(share_at(anatomy, 36, 68, -20, DKM_TISSUE_BLOOD), >, 0.9f);
    g_assert_cmpfloat(share_at(anatomy, 22, 138, 0, DKM_TISSUE_BLOOD), >, 0.9f);
    g_assert_cmpfloat(share_at(anatomy, -62, 100, -70, DKM_TISSUE_LIVER), >, 0.9f);
}

/* Both breasts, and another woman for another seed. */
static void differs_by_seed(void)
{
    g_autoptr(DkmAnatomy) a = dkm_anatomy_new(1), again = dkm_anatomy_new(1),
                          b = dkm_anatomy_new(2);
    g_assert_cmpmem(&a->breasts, sizeof a->breasts, &again->breasts, sizeof a->breasts);
    g_assert_cmpmem(&a->mass, sizeof a->mass, &again->mass, sizeof a->mass);
    g_assert_cmpfloat(a->breasts[0].nipple[1], !=, b->breasts[0].nipple[1]);
    g_assert_cmpfloat(a->mass.centre[0], !=, b->mass.centre[0]);
    g_assert_cmpfloat(a->breasts[0].nipple[1], !=, a->breasts[1].nipple[1]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/anatomy/shares-add-up", shares_add_up);
    g_test_add_func("/anatomy/from-front-to-back", from_front_to_back);
    g_test_add_func("/anatomy/organs", organs);
    g_test_add_func("/anatomy/differs-by-seed", differs_by_seed);
    return g_test_run();
}
