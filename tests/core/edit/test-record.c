#include "core/edit/versions.h"
#include "core/error.h"
#include "tests/core/edit/actions.h"

#include <string.h>

static void keep(gpointer records, const guint8 *record, gsize length)
{
    g_ptr_array_add(records, g_bytes_new(record, length));
}

static gboolean replay(DkmLayers *layers, GBytes *record, GError **error)
{
    gsize length;
    const guint8 *data = g_bytes_get_data(record, &length);
    return dkm_layers_replay(layers, data, length, error);
}

/* Whoever does what the records say has the same masks after each, and the same undo and redo. */
static void replayed_is_equal(void)
{
    for (guint32 seed = 1; seed <= 4; seed++) {
        g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
        g_autoptr(DkmLayers) live = dkm_layers_new(&actions_grid);
        g_autoptr(DkmLayers) again = dkm_layers_new(&actions_grid);
        g_autoptr(GPtrArray) records =
            g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
        g_autoptr(GError) error = NULL;
        dkm_layers_set_observer(live, keep, records);
        for (int i = 0; i < 150; i++) {
            actions_random(live, rand);
            for (guint k = 0; k < records->len; k++)
                g_assert_true(replay(again, records->pdata[k], &error));
            g_assert_no_error(error);
            g_ptr_array_set_size(records, 0);
            if (i % 10)
                continue;
            g_autofree char *expected = actions_picture(live), *got = actions_picture(again);
            g_assert_cmpstr(got, ==, expected);
        }
        dkm_layers_set_observer(live, NULL, NULL);
        do {
            g_autofree char *expected = actions_picture(live), *got = actions_picture(again);
            g_assert_cmpstr(got, ==, expected);
            g_assert_cmpint(dkm_layers_undo(again, NULL), ==, dkm_layers_can_undo(live));
        } while (dkm_layers_undo(live, NULL));
    }
}

/* A record of one action, however many steps it has. */
static void one_record_an_action(void)
{
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_autoptr(DkmMask) mask = actions_block(0, 2);
    dkm_mask_slice(mask, 7)[5] = 1;
    dkm_layers_set_observer(layers, keep, records);
    const guint id = dkm_layers_add(layers, DKM_ORIGIN_NETWORK, "N", mask, NULL);
    g_assert_cmpuint(records->len, ==, 1);
    dkm_layers_split(layers, id, 9, NULL);
    g_assert_cmpuint(records->len, ==, 2);
    dkm_layers_undo(layers, NULL);
    g_assert_cmpuint(records->len, ==, 3);
    dkm_layers_begin(layers);
    dkm_layers_remove(layers, id, NULL);
    dkm_layers_end(layers, FALSE);
    g_assert_cmpuint(records->len, ==, 3); /* it never happened */
}

/* Of a journal that was written before layers knew of foreign algorithms. */
static void old_records_are_read(void)
{
    static const guint8 added[] = {1, 1, 3, 0, 1, 0, 0, 2, 'A', 0, 0};
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    g_autoptr(GError) error = NULL;
    g_assert_true(dkm_layers_replay(layers, added, sizeof added, &error));
    g_assert_no_error(error);
    const DkmLayerInfo *info = &dkm_layers_get(layers, 0)->info;
    g_assert_cmpstr(info->name, ==, "A");
    g_assert_null(info->algorithm);
    g_assert_true(info->touched);
}

static void check_foreign(const DkmLayer *layer, DkmMade made)
{
    g_assert_cmpint(layer->info.origin, ==, DKM_ORIGIN_FOREIGN);
    g_assert_cmpstr(layer->info.algorithm, ==, "BreastVendor 3");
    g_assert_cmpint(dkm_layer_made(layer), ==, made);
}

/* Whose algorithm it was stays known through strokes, parting, undo and the journal; it is not
 * compared as if the network had made it. */
static void foreign_stays_foreign(void)
{
    g_autoptr(DkmLayers) live = dkm_layers_new(&actions_grid);
    g_autoptr(DkmLayers) again = dkm_layers_new(&actions_grid);
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_autoptr(DkmMask) mask = actions_block(0, 2);
    const DkmLayerInfo info = {.present = TRUE,
                               .origin = DKM_ORIGIN_FOREIGN,
                               .review = DKM_REVIEW_ACCEPTED,
                               .name = (char *)"Mass",
                               .reviewer = (char *)"Doe^Jane",
                               .algorithm = (char *)"BreastVendor 3",
                               .reviewed_unix_s = 1234567};
    DkmDifference difference;
    dkm_mask_slice(mask, 7)[5] = 1;
    dkm_layers_set_observer(live, keep, records);
    const guint id = dkm_layers_add_described(live, &info, mask, NULL);
    check_foreign(dkm_layers_find(live, id), DKM_MADE_AUTOMATIC);
    g_assert_cmpstr(dkm_layers_find(live, id)->info.reviewer, ==, "Doe^Jane");
    g_assert_false(dkm_layers_compare_original(live, id, &difference));
    g_assert_true(dkm_layers_split(live, id, 9, NULL));
    g_assert_cmpuint(dkm_layers_count(live), ==, 2);
    for (guint k = 0; k < records->len; k++)
        g_assert_true(replay(again, records->pdata[k], NULL));
    for (guint i = 0; i < 2; i++)
        check_foreign(dkm_layers_get(again, i), DKM_MADE_SEMIAUTOMATIC);
    g_assert_true(dkm_layers_undo(again, NULL));
    check_foreign(dkm_layers_get(again, 0), DKM_MADE_AUTOMATIC);
    g_assert_cmpint(dkm_layers_get(again, 0)->info.reviewed_unix_s, ==, 1234567);
}

/* Whatever the bytes: refused, or a state that is sound; and what is refused changes nothing. */
static void damage_is_refused(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(77);
    g_autoptr(DkmLayers) live = dkm_layers_new(&actions_grid);
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    dkm_layers_set_observer(live, keep, records);
    for (int i = 0; i < 60; i++)
        actions_random(live, rand);
    guint refused = 0;
    for (int round = 0; round < 1500; round++) {
        g_autoptr(DkmLayers) again = dkm_layers_new(&actions_grid);
        const guint n = (guint)g_rand_int_range(rand, 0, (gint32)MIN(records->len, 12));
        for (guint i = 0; i < n; i++)
            replay(again, records->pdata[i], NULL);
        gsize length;
        const guint8 *data = g_bytes_get_data(records->pdata[n], &length);
        g_autofree guint8 *bytes = g_memdup2(data, length);
        const int flips = g_rand_int_range(rand, 1, 4);
        for (int i = 0; i < flips; i++)
            bytes[g_rand_int_range(rand, 0, (gint32)MIN(length, 60))] ^=
                (guint8)(1 << g_rand_int_range(rand, 0, 8));
        g_autofree char *before = actions_picture(again);
        g_autoptr(GError) error = NULL;
        const gsize shorter = (gsize)g_rand_int_range(rand, 0, (gint32)length + 1);
        if (!dkm_layers_replay(again, bytes, round % 2 ? length : shorter, &error)) {
            g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
            g_autofree char *after = actions_picture(again);
            g_assert_cmpstr(before, ==, after);
            refused++;
        } else {
            g_autofree char *sound = actions_picture(again); /* checks every count */
        }
    }
    g_assert_cmpuint(refused, >, 300);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/record/old-records-are-read", old_records_are_read);
    g_test_add_func("/record/foreign-stays-foreign", foreign_stays_foreign);
    g_test_add_func("/record/replayed-is-equal", replayed_is_equal);
    g_test_add_func("/record/one-record-an-action", one_record_an_action);
    g_test_add_func("/record/damage-is-refused", damage_is_refused);
    return g_test_run();
}
