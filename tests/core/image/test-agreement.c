#include "core/image/agreement.h"

static const DkmGrid small = {{5, 20, 20}, {2, 1, 1}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

static DkmMask *block(int first, int end)
{
    DkmMask *mask = dkm_mask_new(&small, NULL);
    for (int z = 1; z < 3; z++)
        for (int y = first; y < end; y++)
            for (int x = first; x < end; x++)
                dkm_mask_slice(mask, z)[y * 20 + x] = 1;
    return mask;
}

static void counts(void)
{
    g_autoptr(DkmMask) mask = block(4, 14), enhancing = block(9, 19);
    const DkmBox whole = dkm_box_whole(&small);
    DkmAgreement agreement;
    dkm_agreement(mask, enhancing, &whole, &agreement);
    g_assert_cmpfloat_with_epsilon(agreement.mask_ml, 0.4, 1e-9);
    g_assert_cmpfloat_with_epsilon(agreement.enhancing_ml, 0.4, 1e-9);
    g_assert_cmpfloat_with_epsilon(agreement.both_ml, 0.1, 1e-9);
    g_assert_cmpfloat_with_epsilon(agreement.dice, 0.25, 1e-9);
    DkmBox near;
    g_assert_true(dkm_mask_box(mask, 2, &near));
    g_assert_true(near.first[0] == 0 && near.end[0] == 4 && near.first[1] == 2 &&
                  near.end[2] == 16);
    dkm_agreement(mask, enhancing, &near, &agreement);
    g_assert_cmpfloat_with_epsilon(agreement.enhancing_ml, 2 * 7 * 7 * 2e-3, 1e-9);
}

static void nothing_agrees_with_nothing(void)
{
    g_autoptr(DkmMask) none = dkm_mask_new(&small, NULL), some = block(3, 5);
    const DkmBox whole = dkm_box_whole(&small);
    DkmAgreement agreement;
    DkmBox box;
    dkm_agreement(none, none, &whole, &agreement);
    g_assert_cmpfloat(agreement.dice, ==, 1);
    dkm_agreement(some, none, &whole, &agreement);
    g_assert_cmpfloat(agreement.dice, ==, 0);
    g_assert_false(dkm_mask_box(none, 2, &box));
}

static void bytes(void)
{
    const guint8 mask[4] = {0, 1, 0, 1}, enhancing[4] = {0, 0, 1, 1};
    guint8 out[4];
    dkm_agreement_bytes(mask, enhancing, 4, out);
    g_assert_true(out[0] == DKM_AGREE_NEITHER && out[1] == DKM_AGREE_MASK_ONLY);
    g_assert_true(out[2] == DKM_AGREE_ENHANCING_ONLY && out[3] == DKM_AGREE_BOTH);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/agreement/counts", counts);
    g_test_add_func("/agreement/nothing-agrees-with-nothing", nothing_agrees_with_nothing);
    g_test_add_func("/agreement/bytes", bytes);
    return g_test_run();
}
