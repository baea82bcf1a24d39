#include "core/edit/layers.h"
#include "core/error.h"
#include "tests/core/edit/actions.h"

static void stroke(DkmLayers *layers, guint id, gboolean erase, double from, double to)
{
    const DkmBrush brush = {4, 0, erase};
    g_assert_true(dkm_layers_stroke_begin(layers, id, &brush, (double[]){5, from, from}, NULL));
    dkm_layers_stroke_to(layers, (double[]){5, to, to});
    dkm_layers_stroke_end(layers);
}

static void made_and_reviewed(void)
{
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    g_autoptr(DkmMask) mask = actions_block(3, 6);
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
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
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
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    g_autoptr(DkmMask) mask = actions_block(3, 6);
    const guint id = dkm_layers_add(layers, DKM_ORIGIN_NETWORK, "Network", mask, NULL);
    g_autofree char *before = actions_picture(layers);
    const DkmBrush brush = {6, DKM_BRUSH_BALL, TRUE};
    const guint targets[] = {id, 0};
    for (int i = 0; i < 2; i++) {
        dkm_layers_stroke_begin(layers, targets[i], &brush, (double[]){5, 20, 20}, NULL);
        dkm_layers_stroke_to(layers, (double[]){5, 25, 25});
        dkm_layers_stroke_cancel(layers);
        g_autofree char *after = actions_picture(layers);
        g_assert_cmpstr(before, ==, after);
    }
}

static void foreign_lattice_is_refused(void)
{
    DkmGrid other = actions_grid;
    other.origin_lps[0] += 5;
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    g_autoptr(DkmMask) mask = dkm_mask_new(&other, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_cmpuint(dkm_layers_add(layers, DKM_ORIGIN_NETWORK, "x", mask, &error), ==, 0);
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
    g_assert_false(dkm_layers_can_undo(layers));
}

static void list_changes(void)
{
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    g_autoptr(DkmMask) mask = actions_block(3, 6);
    const guint id = dkm_layers_add(layers, DKM_ORIGIN_NETWORK, "Network", mask, NULL);
    g_autofree char *before = actions_picture(layers);
    const DkmLayer *layer = dkm_layers_find(layers, id);
    g_assert_true(dkm_layers_rename(layers, id, "Index lesion", NULL));
    g_assert_true(dkm_layers_recolour(layers, id, 0x00ff80, NULL));
    g_assert_true(dkm_layers_reject(layers, id, "A. Reader", 77, NULL));
    g_assert_cmpstr(layer->info.name, ==, "Index lesion");
    g_assert_true(layer->info.named);
    g_assert_cmphex(layer->info.colour, ==, 0x00ff80);
    g_assert_cmpint(layer->info.review, ==, DKM_REVIEW_REJECTED);
    g_assert_cmpint(layer->info.reviewed_unix_s, ==, 77);
    g_assert_cmpint(dkm_layer_made(layer), ==, DKM_MADE_AUTOMATIC);     /* no voxel was touched */
    g_assert_true(dkm_layers_rename(layers, id, "Index lesion", NULL)); /* no step */
    for (int i = 0; i < 3; i++)
        g_assert_true(dkm_layers_undo(layers, NULL));
    g_autofree char *after = actions_picture(layers);
    g_assert_cmpstr(before, ==, after);
}

/* A tool's mask is one step, makes the layer a person's and takes an acceptance back. */
static void voxels_of_a_tool(void)
{
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    g_autoptr(DkmMask) mask = actions_block(3, 6), wider = actions_block(2, 7);
    const guint id = dkm_layers_add(layers, DKM_ORIGIN_NETWORK, "Network", mask, NULL);
    const DkmLayer *layer = dkm_layers_find(layers, id);
    g_assert_true(dkm_layers_accept(layers, id, "R", 5, NULL));
    g_assert_true(dkm_layers_set_voxels(layers, id, mask, NULL)); /* the same: no step */
    g_assert_cmpint(layer->info.review, ==, DKM_REVIEW_ACCEPTED);
    g_assert_true(dkm_layers_set_voxels(layers, id, wider, NULL));
    g_assert_cmpint(layer->info.review, ==, DKM_REVIEW_EDITED);
    g_assert_cmpint(dkm_layer_made(layer), ==, DKM_MADE_SEMIAUTOMATIC);
    g_assert_cmpuint(layer->voxels, ==, dkm_mask_count(wider));
    g_assert_true(dkm_layers_undo(layers, NULL));
    g_assert_cmpuint(layer->voxels, ==, dkm_mask_count(mask));
    g_assert_cmpstr(layer->info.reviewer, ==, "R");
}

static void split_is_one_step(void)
{
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    g_autoptr(DkmMask) mask = actions_block(0, 2);
    for (int i = 0; i < 3; i++)
        dkm_mask_slice(mask, 5 + 2 * i)[100 + 300 * i] = 1;
    const guint id = dkm_layers_add(layers, DKM_ORIGIN_NETWORK, "Network", mask, NULL);
    g_autofree char *before = actions_picture(layers);
    g_assert_true(dkm_layers_split(layers, id, 20, NULL));
    g_assert_cmpuint(dkm_layers_count(layers), ==, 4);
    g_assert_cmpuint(dkm_layers_find(layers, id)->voxels, ==, dkm_mask_count(mask) - 3);
    g_assert_cmpstr(dkm_layers_get(layers, 3)->info.name, ==, "Lesion 3");
    g_assert_cmpint(dkm_layer_made(dkm_layers_get(layers, 3)), ==, DKM_MADE_SEMIAUTOMATIC);
    g_autofree char *parted = actions_picture(layers);
    g_assert_true(dkm_layers_undo(layers, NULL));
    g_autofree char *undone = actions_picture(layers);
    g_assert_cmpstr(undone, ==, before);
    g_assert_true(dkm_layers_redo(layers, NULL));
    g_autofree char *redone = actions_picture(layers);
    g_assert_cmpstr(redone, ==, parted);
    g_assert_false(dkm_layers_can_redo(layers));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/layers/made-and-reviewed", made_and_reviewed);
    g_test_add_func("/layers/painting-makes-a-layer", painting_makes_a_layer);
    g_test_add_func("/layers/cancelled-stroke-leaves-nothing", cancelled_stroke_leaves_nothing);
    g_test_add_func("/layers/foreign-lattice-is-refused", foreign_lattice_is_refused);
    g_test_add_func("/layers/list-changes", list_changes);
    g_test_add_func("/layers/voxels-of-a-tool", voxels_of_a_tool);
    g_test_add_func("/layers/split-is-one-step", split_is_one_step);
    return g_test_run();
}
