#include "core/edit/layers.h"
#include "core/error.h"

static const DkmGrid grid = {{12, 48, 40}, {3, 1, 1}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

/* Everything a person could see, in one text: descriptions and the hash of every layer's voxels. */
static char *picture(const DkmLayers *layers)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < dkm_layers_count(layers); i++) {
        const DkmLayer *layer = dkm_layers_get(layers, i);
        g_autofree char *hash = dkm_mask_sha256(layer->mask);
        g_assert_cmpuint(layer->voxels, ==, dkm_mask_count(layer->mask));
        g_string_append_printf(text, "%u %s %d %d %d %s %s\n", layer->id, layer->info.name,
                               layer->info.origin, layer->info.review, layer->info.touched,
                               layer->info.reviewer ? layer->info.reviewer : "-", hash);
    }
    return g_string_free(text, FALSE);
}

static DkmMask *block(int first, int end)
{
    DkmMask *mask = dkm_mask_new(&grid, NULL);
    for (int z = first; z < end; z++)
        for (int y = 10; y < 30; y++)
            for (int x = 5; x < 25; x++)
                dkm_mask_slice(mask, z)[y * grid.n[2] + x] = 1;
    return mask;
}

static void stroke(DkmLayers *layers, guint id, gboolean erase, double from, double to)
{
    const DkmBrush brush = {4, 0, erase};
    g_assert_true(dkm_layers_stroke_begin(layers, id, &brush, (double[]){5, from, from}, NULL));
    dkm_layers_stroke_to(layers, (double[]){5, to, to});
    dkm_layers_stroke_end(layers);
}

static void made_and_reviewed(void)
{
    g_autoptr(DkmLayers) layers = dkm_layers_new(&grid);
    g_autoptr(DkmMask) mask = block(3, 6);
    const guint id = dkm_layers_add(layers, DKM_ORIGIN_NETWORK, "Network", mask, NULL);
    const DkmLayer *layer = dkm_layers_find(layers, id);
    g_assert_cmpint(dkm_layer_made(layer), ==, DKM_MADE_AUTOMATIC);
    g_assert_cmpint(layer->info.review, ==, DKM_REVIEW_UNREVIEWED);

    stroke(layers, id, FALSE, 20, 35);
    g_assert_cmpint(dkm_layer_made(layer), ==, DKM_MADE_SEMIAUTOMATIC);
    g_assert_cmpint(layer->info.review, ==, DKM_REVIEW_EDITED);

    g_assert_true(dkm_layers_accept(layers, id, "A. Reader", 1000, NULL));
    g_assert_cmpint(layer->info.review, ==, DKM_REVIEW_ACCEPTED);
    g_assert_cmpstr(layer->info.reviewer, ==, "A. Reader");

    stroke(layers, id, TRUE, 20, 22);
    g_assert_cmpint(layer->info.review, ==, DKM_REVIEW_EDITED);
    g_assert_null(layer->info.reviewer);

    g_assert_true(dkm_layers_undo(layers, NULL));
    g_assert_cmpstr(layer->info.reviewer, ==, "A. Reader");
    g_assert_true(dkm_layers_undo(layers, NULL) && dkm_layers_undo(layers, NULL));
    g_assert_cmpint(dkm_layer_made(layer), ==, DKM_MADE_AUTOMATIC);
    g_assert_true(dkm_layers_undo(layers, NULL));
    g_assert_cmpuint(dkm_layers_count(layers), ==, 0);
    g_assert_false(dkm_layers_undo(layers, NULL));
}

static void painting_makes_a_layer(void)
{
    g_autoptr(DkmLayers) layers = dkm_layers_new(&grid);
    stroke(layers, 0, TRUE, 10, 20); /* nothing to erase */
    g_assert_false(dkm_layers_can_undo(layers));
    stroke(layers, 0, FALSE, 10, 20);
    const DkmLayer *layer = dkm_layers_get(layers, 0);
    g_assert_cmpstr(layer->info.name, ==, "Lesion 1");
    g_assert_cmpint(dkm_layer_made(layer), ==, DKM_MADE_MANUAL);
    g_assert_true(dkm_layers_undo(layers, NULL));
    g_assert_cmpuint(dkm_layers_count(layers), ==, 0);
    g_assert_true(dkm_layers_redo(layers, NULL));
    g_assert_cmpuint(dkm_layers_get(layers, 0)->voxels, >, 0);
    stroke(layers, dkm_layers_get(layers, 0)->id, FALSE, 10, 20); /* changes no voxel: no step */
    g_assert_true(dkm_layers_undo(layers, NULL));
    g_assert_false(dkm_layers_can_undo(layers));
}

static void cancelled_stroke_leaves_nothing(void)
{
    g_autoptr(DkmLayers) layers = dkm_layers_new(&grid);
    g_autoptr(DkmMask) mask = block(3, 6);
    const guint id = dkm_layers_add(layers, DKM_ORIGIN_NETWORK, "Network", mask, NULL);
    g_autofree char *before = picture(layers);
    const DkmBrush brush = {6, DKM_BRUSH_BALL, TRUE};
    const guint targets[] = {id, 0};
    for (int i = 0; i < 2; i++) {
        dkm_layers_stroke_begin(layers, targets[i], &brush, (double[]){5, 20, 20}, NULL);
        dkm_layers_stroke_to(layers, (double[]){5, 25, 25});
        dkm_layers_stroke_cancel(layers);
        g_autofree char *after = picture(layers);
        g_assert_cmpstr(before, ==, after);
    }
}

static void foreign_lattice_is_refused(void)
{
    DkmGrid other = grid;
    other.origin_lps[0] += 5;
    g_autoptr(DkmLayers) layers = dkm_layers_new(&grid);
    g_autoptr(DkmMask) mask = dkm_mask_new(&other, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_cmpuint(dkm_layers_add(layers, DKM_ORIGIN_NETWORK, "x", mask, &error), ==, 0);
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
    g_assert_false(dkm_layers_can_undo(layers));
}

static guint any_layer(const DkmLayers *layers, GRand *rand)
{
    const guint n = dkm_layers_count(layers);
    return n ? dkm_layers_get(layers, (guint)g_rand_int_range(rand, 0, (gint32)n))->id : 0;
}

static void random_stroke(DkmLayers *layers, GRand *rand)
{
    const DkmBrush brush = {g_rand_double_range(rand, 0.3, 9), g_rand_int_range(rand, -1, 3),
                            g_rand_boolean(rand)};
    const guint id = g_rand_int_range(rand, 0, 8) ? any_layer(layers, rand) : 0;
    for (int i = 0, n = g_rand_int_range(rand, 1, 6); i <= n; i++) {
        const double at[3] = {g_rand_double_range(rand, -2, 14), g_rand_double_range(rand, -5, 53),
                              g_rand_double_range(rand, -5, 45)};
        if (i == 0)
            dkm_layers_stroke_begin(layers, id, &brush, at, NULL);
        else
            dkm_layers_stroke_to(layers, at);
    }
    if (g_rand_int_range(rand, 0, 10))
        dkm_layers_stroke_end(layers);
    else
        dkm_layers_stroke_cancel(layers);
}

static void random_action(DkmLayers *layers, GRand *rand)
{
    const int kind = g_rand_int_range(rand, 0, 20);
    g_autoptr(DkmMask) mask = NULL;
    if (kind == 0) {
        mask = block(g_rand_int_range(rand, 0, 6), g_rand_int_range(rand, 6, 12));
        dkm_layers_add(layers, DKM_ORIGIN_NETWORK, "Network", mask, NULL);
    } else if (kind == 1)
        dkm_layers_remove(layers, any_layer(layers, rand), NULL);
    else if (kind == 2)
        dkm_layers_accept(layers, any_layer(layers, rand), "R", 5, NULL);
    else if (kind == 3)
        dkm_layers_undo(layers, NULL);
    else if (kind == 4)
        dkm_layers_redo(layers, NULL);
    else
        random_stroke(layers, rand);
}

static void undo_all_redo_all(void)
{
    for (guint32 seed = 1; seed <= 8; seed++) {
        g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
        g_autoptr(DkmLayers) layers = dkm_layers_new(&grid);
        g_autofree char *start = picture(layers);
        for (int i = 0; i < 300; i++)
            random_action(layers, rand);
        while (dkm_layers_redo(layers, NULL))
            ;
        g_autofree char *end = picture(layers);
        for (int round = 0; round < 2; round++) {
            while (dkm_layers_undo(layers, NULL))
                ;
            g_autofree char *undone = picture(layers);
            g_assert_cmpstr(undone, ==, start);
            while (dkm_layers_redo(layers, NULL))
                ;
            g_autofree char *redone = picture(layers);
            g_assert_cmpstr(redone, ==, end);
        }
        g_assert_cmpuint(dkm_layers_undo_bytes(layers), <, 300 * 4000);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/layers/made-and-reviewed", made_and_reviewed);
    g_test_add_func("/layers/painting-makes-a-layer", painting_makes_a_layer);
    g_test_add_func("/layers/cancelled-stroke-leaves-nothing", cancelled_stroke_leaves_nothing);
    g_test_add_func("/layers/foreign-lattice-is-refused", foreign_lattice_is_refused);
    g_test_add_func("/layers/undo-all-redo-all", undo_all_redo_all);
    return g_test_run();
}
