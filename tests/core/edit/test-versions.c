#include "core/edit/versions.h"

#include "tests/core/edit/actions.h"

/* Counted voxel by voxel. */
static void check(const DkmMask *then, const DkmMask *now, const DkmDifference *got)
{
    gsize added = 0, removed = 0, both = 0;
    const double ml = dkm_grid_voxel_ml(&actions_grid);
    for (gsize i = 0; i < dkm_grid_voxels(&actions_grid); i++) {
        const guint8 a = dkm_mask_peek_slice(then, 0)[i], b = dkm_mask_peek_slice(now, 0)[i];
        added += b && !a;
        removed += a && !b;
        both += a && b;
    }
    const gsize sum = 2 * both + added + removed;
    g_assert_cmpuint(got->added, ==, added);
    g_assert_cmpuint(got->removed, ==, removed);
    g_assert_cmpfloat_with_epsilon(got->added_ml, (double)added * ml, 1e-12);
    g_assert_cmpfloat_with_epsilon(got->removed_ml, (double)removed * ml, 1e-12);
    g_assert_cmpfloat_with_epsilon(got->dice, sum ? 2.0 * (double)both / (double)sum : 1, 1e-12);
}

static void counted_again(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    for (int round = 0; round < 20; round++) {
        g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
        g_autoptr(DkmVersions) versions = dkm_versions_new();
        g_autoptr(DkmMask) made = actions_block(2, 7);
        DkmDifference difference;
        const guint id = dkm_layers_add(layers, DKM_ORIGIN_NETWORK, "Network", made, NULL);
        for (int i = 0; i < 3 + round; i++)
            actions_tool(layers, rand);
        const DkmLayer *layer = dkm_layers_find(layers, id);
        g_autoptr(DkmMask) saved = dkm_mask_dup(layer->mask, NULL);
        dkm_versions_add(versions, layers, 1000);
        for (int i = 0; i < 5; i++)
            actions_tool(layers, rand);
        g_assert_true(dkm_versions_compare(versions, 0, layers, id, &difference));
        check(saved, layer->mask, &difference);
        g_assert_true(dkm_layers_compare_original(layers, id, &difference));
        check(made, layer->mask, &difference);
    }
}

static void each_version_is_its_own(void)
{
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    g_autoptr(DkmVersions) versions = dkm_versions_new();
    g_autoptr(DkmMask) one = actions_block(2, 4), two = actions_block(2, 6);
    DkmDifference difference;
    const guint id = dkm_layers_add(layers, DKM_ORIGIN_PERSON, NULL, one, NULL);
    dkm_versions_add(versions, layers, 10);
    dkm_layers_set_voxels(layers, id, two, NULL);
    dkm_versions_add(versions, layers, 20);
    const guint later = dkm_layers_add(layers, DKM_ORIGIN_PERSON, NULL, one, NULL);
    g_assert_cmpuint(dkm_versions_count(versions), ==, 2);
    g_assert_cmpint(dkm_versions_time(versions, 1), ==, 20);
    g_assert_true(dkm_versions_compare(versions, 0, layers, id, &difference));
    g_assert_cmpuint(difference.added, ==, 2 * 20 * 20);
    g_assert_cmpfloat_with_epsilon(difference.dice, 2.0 * 2 / (2 + 4), 1e-12);
    g_assert_true(dkm_versions_compare(versions, 1, layers, id, &difference));
    g_assert_cmpfloat(difference.dice, ==, 1);
    g_assert_false(dkm_versions_compare(versions, 1, layers, later, &difference));
    g_assert_false(dkm_layers_compare_original(layers, id, &difference)); /* a person's */
    dkm_layers_remove(layers, id, NULL);
    g_assert_false(dkm_versions_compare(versions, 0, layers, id, &difference));
}

static void rejected_is_not_saved(void)
{
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    g_autoptr(DkmVersions) versions = dkm_versions_new();
    g_autoptr(DkmMask) one = actions_block(2, 4);
    DkmDifference difference;
    const guint id = dkm_layers_add(layers, DKM_ORIGIN_NETWORK, NULL, one, NULL);
    dkm_layers_reject(layers, id, "R", 1, NULL);
    dkm_versions_add(versions, layers, 10);
    g_assert_false(dkm_versions_compare(versions, 0, layers, id, &difference));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/versions/counted-again", counted_again);
    g_test_add_func("/versions/each-version-is-its-own", each_version_is_its_own);
    g_test_add_func("/versions/rejected-is-not-saved", rejected_is_not_saved);
    return g_test_run();
}
