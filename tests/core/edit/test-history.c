#include "tests/core/edit/actions.h"

/* However many actions: undoing all gives the start, doing all again the end, byte for byte. */
static void undo_all_redo_all(guint32 seed, int actions)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    g_autofree char *start = actions_picture(layers);
    for (int i = 0; i < actions; i++)
        actions_random(layers, rand);
    while (dkm_layers_redo(layers, NULL))
        ;
    g_autofree char *end = actions_picture(layers);
    g_assert_cmpstr(start, !=, end);
    for (int round = 0; round < 2; round++) {
        while (dkm_layers_undo(layers, NULL))
            ;
        g_autofree char *undone = actions_picture(layers);
        g_assert_cmpstr(undone, ==, start);
        while (dkm_layers_redo(layers, NULL))
            ;
        g_autofree char *redone = actions_picture(layers);
        g_assert_cmpstr(redone, ==, end);
    }
}

static void short_sequences(void)
{
    for (guint32 seed = 1; seed <= 40; seed++)
        undo_all_redo_all(seed, 60);
}

static void ten_thousand(void)
{
    undo_all_redo_all(2026, 10000);
}

/* Every state on the way is met again on the way back, in whole actions. */
static void every_state_comes_back(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(99);
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    g_autoptr(GPtrArray) states = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(states, actions_picture(layers));
    for (int i = 0; i < 150; i++) {
        const guint64 serial = dkm_layers_serial(layers);
        g_autoptr(DkmMask) mask = actions_block(i % 6, 8);
        if (i % 5 == 0)
            dkm_layers_add(layers, DKM_ORIGIN_NETWORK, NULL, mask, NULL);
        else if (i % 7 == 0)
            dkm_layers_split(layers, actions_any_layer(layers, rand), 5, NULL);
        else
            actions_stroke(layers, rand);
        g_autofree char *state = actions_picture(layers);
        if (dkm_layers_serial(layers) != serial &&
            g_strcmp0(state, states->pdata[states->len - 1]) != 0)
            g_ptr_array_add(states, g_steal_pointer(&state));
    }
    for (guint i = states->len; i-- > 0;) {
        g_autofree char *state = actions_picture(layers);
        g_assert_cmpstr(state, ==, states->pdata[i]);
        g_assert_cmpint(dkm_layers_undo(layers, NULL), ==, i > 0);
    }
    g_assert_cmpuint(states->len, >, 80);
}

/* A group that is not kept was never there, whatever it held. */
static void dropped_group_leaves_nothing(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(31);
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    for (int i = 0; i < 30; i++)
        actions_stroke(layers, rand);
    for (int round = 0; round < 30; round++) {
        g_autofree char *before = actions_picture(layers);
        dkm_layers_begin(layers);
        for (int i = 0; i < 6; i++) {
            actions_stroke(layers, rand);
            actions_list(layers, rand);
        }
        g_assert_false(dkm_layers_can_undo(layers)); /* not in the middle of an action */
        dkm_layers_end(layers, FALSE);
        g_autofree char *after = actions_picture(layers);
        g_assert_cmpstr(before, ==, after);
    }
}

/* 200 strokes of a ball of 20 mm through a lattice of 180 x 448 x 448. */
static void small_in_memory(void)
{
    const DkmGrid grid = {
        {180, 448, 448}, {1, 0.7, 0.7}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    g_autoptr(DkmLayers) layers = dkm_layers_new(&grid);
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    guint id = 0;
    for (int i = 0; i < 200; i++) {
        const DkmBrush ball = {20, DKM_BRUSH_BALL, i % 3 == 2, NULL};
        const double from[3] = {g_rand_double_range(rand, 20, 160),
                                g_rand_double_range(rand, 40, 400),
                                g_rand_double_range(rand, 40, 400)};
        const double to[3] = {from[0] + 5, from[1] + 30, from[2] - 20};
        dkm_layers_stroke_begin(layers, id, &ball, from, NULL);
        dkm_layers_stroke_to(layers, to);
        const guint painted = dkm_layers_stroke_end(layers);
        id = painted ? painted : id;
    }
    g_test_message("%" G_GSIZE_FORMAT " bytes", dkm_layers_undo_bytes(layers));
    g_assert_cmpuint(dkm_layers_undo_bytes(layers), >, 200 * 1000);
    g_assert_cmpuint(dkm_layers_undo_bytes(layers), <, 64 * 1024 * 1024);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/history/short-sequences", short_sequences);
    g_test_add_func("/history/ten-thousand", ten_thousand);
    g_test_add_func("/history/every-state-comes-back", every_state_comes_back);
    g_test_add_func("/history/dropped-group-leaves-nothing", dropped_group_leaves_nothing);
    g_test_add_func("/history/small-in-memory", small_in_memory);
    return g_test_run();
}
