#include "gui/editing.h"

#include "core/edit/mask-tools.h"
#include "tests/gui/state.h"
#include "tests/gui/study.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static char *last_message, *folder, *study;

static void on_message(DkmReading *reading, guint kind, const char *text, gpointer user)
{
    g_free(last_message);
    last_message = g_strdup(text);
}

static void wait_until_idle(DkmReading *reading)
{
    int permille = 0;
    while (dkm_reading_is_loading(reading, &permille) || dkm_reading_is_exporting(reading))
        g_main_context_iteration(NULL, TRUE);
}

static DkmReading *open_study(void)
{
    DkmReading *reading = dkm_reading_new();
    g_signal_connect(reading, "message", G_CALLBACK(on_message), NULL);
    dkm_reading_open(reading, study);
    wait_until_idle(reading);
    g_assert_nonnull(dkm_reading_case(reading));
    return reading;
}

static void close_study(DkmReading *reading)
{
    dkm_reading_discard_kept(reading);
    g_object_unref(reading);
}

/* A mask of two parts with a hole, as if it were the network's. */
static guint add_mask(DkmReading *reading, const char *name)
{
    const DkmGrid *grid = dkm_review_case_grid(dkm_reading_case(reading));
    g_autoptr(DkmMask) mask = dkm_mask_new(grid, NULL);
    for (int z = 5; z < 9; z++)
        for (int y = 30; y < 50; y++)
            for (int x = 30; x < 45; x++)
                dkm_mask_slice(mask, z)[y * grid->n[2] + x] = !(z == 6 && y == 40 && x == 36);
    for (int x = 38; x < 40; x++)
        dkm_mask_slice(mask, 12)[41 * grid->n[2] + x] = 1;
    const guint id =
        dkm_layers_add(dkm_reading_case(reading)->layers, DKM_ORIGIN_NETWORK, name, mask, NULL);
    dkm_reading_layers_changed(reading);
    return id;
}

static void select_layer(DkmReading *reading, guint id)
{
    DkmLook look = *dkm_reading_look(reading);
    look.layer = id;
    dkm_reading_set_look(reading, &look);
}

/* --- who signs what leaves -------------------------------------------------------------------- */

/* Exports, and says whether the file holds TEXT. */
static gboolean export_holds(DkmReading *reading, const char *text)
{
    g_autofree char *file = g_build_filename(folder, "out.dcm", NULL), *bytes = NULL;
    gsize n = 0;
    dkm_reading_export(reading, file);
    wait_until_idle(reading);
    g_assert_true(g_str_has_prefix(last_message, "Saved as out.dcm"));
    g_assert_true(g_file_get_contents(file, &bytes, &n, NULL));
    g_remove(file);
    return memmem(bytes, n, text, strlen(text)) != NULL;
}

static void unreviewed_never_leaves_as_a_persons(void)
{
    DkmReading *reading = open_study();
    const guint first = add_mask(reading, "First mask");
    g_assert_true(export_holds(reading, "NOT ACCEPTED"));

    dkm_reading_accept(reading, "Ada Reader");
    g_assert_true(export_holds(reading, "Ada Reader"));
    g_assert_false(export_holds(reading, "NOT ACCEPTED"));

    const guint second = add_mask(reading, "Second mask");
    select_layer(reading, second);
    g_assert_true(export_holds(reading, "NOT ACCEPTED")); /* one is enough */
    g_assert_false(export_holds(reading, "Ada Reader"));
    g_assert_true(export_holds(reading, "Second mask"));

    dkm_editing_reject(reading, "Ada Reader");
    g_assert_cmpint(dkm_editing_layer(reading)->info.review, ==, DKM_REVIEW_REJECTED);
    g_assert_true(export_holds(reading, "Ada Reader"));
    g_assert_false(export_holds(reading, "Second mask")); /* what is rejected stays here */

    select_layer(reading, first);
    dkm_editing_apply(reading, DKM_EDIT_GROW); /* a person's change takes the acceptance back */
    g_assert_false(export_holds(reading, "Ada Reader"));

    dkm_editing_reject(reading, "Ada Reader");
    dkm_reading_export(reading, "nowhere");
    wait_until_idle(reading);
    g_assert_true(g_str_has_prefix(last_message, "Every mask is rejected"));
    close_study(reading);
}

static DkmViewPicture new_picture(void)
{
    guint8 *rgb = g_malloc(8 * 3 * 6);
    for (guint i = 0; i < 8 * 3 * 6; i++)
        rgb[i] = (guint8)(i * 5);
    return (DkmViewPicture){.rgb = g_bytes_new_take(rgb, 8 * 3 * 6),
                            .rows = 6,
                            .columns = 8,
                            .stride = 24,
                            .slice = 3,
                            .description = "slice 4 of 20"};
}

static void capture(DkmReading *reading, const DkmViewPicture *picture, const char *path)
{
    g_clear_pointer(&last_message, g_free);
    dkm_reading_capture(reading, picture, path);
    while (dkm_reading_is_capturing(reading))
        g_main_context_iteration(NULL, TRUE);
    g_assert_nonnull(last_message);
}

/* The picture leaves as it is, with the name of who has accepted what it shows. */
static void picture_of_the_views(void)
{
    g_autofree char *file = g_build_filename(folder, "view.dcm", NULL), *bytes = NULL;
    gsize n = 0, length;
    DkmViewPicture picture = new_picture();
    DkmReading *reading = dkm_reading_new();
    g_signal_connect(reading, "message", G_CALLBACK(on_message), NULL);
    capture(reading, &picture, file);
    g_assert_true(g_str_has_prefix(last_message, "No study is open"));
    g_object_unref(reading);

    reading = open_study();
    add_mask(reading, "Mask");
    dkm_reading_accept(reading, "Ada Reader");
    capture(reading, &picture, "/nowhere/at/all/view.dcm");
    g_assert_null(strstr(last_message, "saved"));
    capture(reading, &picture, file);
    g_assert_cmpstr(last_message, ==, "The picture is saved as view.dcm.");
    g_assert_true(g_file_get_contents(file, &bytes, &n, NULL));
    const guint8 *rgb = g_bytes_get_data(picture.rgb, &length);
    g_assert_nonnull(memmem(bytes, n, rgb, length));
    g_assert_nonnull(memmem(bytes, n, "slice 4 of 20", 13));
    g_assert_nonnull(memmem(bytes, n, "Ada Reader", 10));
    g_remove(file);

    dkm_reading_export(reading, file);
    wait_until_idle(reading);
    capture(reading, &picture, file); /* never over the masks */
    g_assert_nonnull(strstr(last_message, "choose another name"));
    g_remove(file);
    g_bytes_unref(picture.rgb);
    close_study(reading);
}

/* What is suggested is there for nothing else yet. */
static void suggests_a_new_name(void)
{
    DkmReading *reading = open_study();
    g_autofree char *expected = g_strconcat(study, "-seg.dcm", NULL);
    g_autofree char *second = g_strconcat(study, "-seg-v2.dcm", NULL);
    g_autofree char *third = g_strconcat(study, "-seg-v3.dcm", NULL);
    g_autofree char *first_name = dkm_reading_new_path(reading, "seg");
    g_assert_cmpstr(first_name, ==, expected);
    add_mask(reading, "Mask");
    dkm_reading_export(reading, first_name);
    wait_until_idle(reading);
    g_autofree char *second_name = dkm_reading_new_path(reading, "seg");
    g_assert_cmpstr(second_name, ==, second);
    dkm_reading_export(reading, second_name);
    wait_until_idle(reading);
    g_autofree char *third_name = dkm_reading_new_path(reading, "seg");
    g_assert_cmpstr(third_name, ==, third);
    g_remove(first_name);
    g_remove(second_name);
    close_study(reading);
}

/* Each export is a version; so is what the network made. */
static void exports_are_versions(void)
{
    DkmReading *reading = open_study();
    DkmDifference difference;
    const guint id = add_mask(reading, "Network");
    const DkmReviewCase *on = dkm_reading_case(reading);
    export_holds(reading, "x");
    dkm_editing_apply(reading, DKM_EDIT_GROW);
    g_assert_cmpuint(dkm_versions_count(on->versions), ==, 1);
    g_assert_true(dkm_versions_compare(on->versions, 0, on->layers, id, &difference));
    g_assert_cmpuint(difference.added, >, 0);
    g_assert_cmpuint(difference.removed, ==, 0);
    export_holds(reading, "x");
    g_assert_true(dkm_versions_compare(on->versions, 1, on->layers, id, &difference));
    g_assert_cmpfloat(difference.dice, ==, 1);
    g_assert_true(dkm_layers_compare_original(on->layers, id, &difference));
    g_assert_cmpfloat(difference.dice, <, 1);
    close_study(reading);
}

/* --- the list --------------------------------------------------------------------------------- */

static void list(void)
{
    DkmReading *reading = open_study();
    const guint id = add_mask(reading, "Network");
    DkmLayers *layers = dkm_reading_case(reading)->layers;
    const guint32 first = dkm_editing_colour(dkm_editing_layer(reading));
    dkm_editing_rename(reading, "Index lesion");
    dkm_editing_recolour(reading, id, 0x123456);
    g_assert_cmpstr(dkm_editing_layer(reading)->info.name, ==, "Index lesion");
    g_assert_cmphex(dkm_editing_colour(dkm_editing_layer(reading)), ==, 0x123456);
    dkm_editing_split(reading);
    g_assert_cmpuint(dkm_layers_count(layers), ==, 2);
    g_clear_pointer(&last_message, g_free);
    dkm_editing_split(reading); /* it hangs together now, and that is said */
    g_assert_nonnull(last_message);
    g_assert_cmpuint(dkm_layers_count(layers), ==, 2);
    for (int i = 0; i < 3; i++)
        dkm_reading_undo(reading);
    g_assert_cmpuint(dkm_layers_count(layers), ==, 1);
    g_assert_cmpstr(dkm_editing_layer(reading)->info.name, ==, "Network");
    g_assert_cmphex(dkm_editing_colour(dkm_editing_layer(reading)), ==, first);
    close_study(reading);
}

/* 4 slices of 3 mm, 20 x 15 pixels of 1.2 mm: the surface lies half a voxel outside. */
static void diameters(void)
{
    DkmReading *reading = open_study();
    add_mask(reading, "Network");
    dkm_editing_apply(reading, DKM_EDIT_KEEP_LARGEST);
    const DkmLesionSize size = dkm_editing_measure(dkm_editing_layer(reading));
    g_assert_cmpfloat_with_epsilon(size.in_plane_mm, hypot(20 * 1.2, 15 * 1.2), 1.2);
    g_assert_cmpfloat(size.in_space_mm, >, size.in_plane_mm);
    g_assert_cmpfloat(size.in_space_mm, <, hypot(size.in_plane_mm, 4 * 3) + 0.01);
    close_study(reading);
}

/* --- the whole mask --------------------------------------------------------------------------- */

static void every_tool_is_one_step(void)
{
    DkmReading *reading = open_study();
    add_mask(reading, "Network");
    DkmLook look = *dkm_reading_look(reading);
    look.slice = 5;
    dkm_reading_set_look(reading, &look);
    const DkmMask *mask = dkm_editing_layer(reading)->mask;
    g_autofree char *before = dkm_mask_sha256(mask);
    for (int edit = 0; edit < DKM_EDIT_COUNT; edit++) {
        g_assert_nonnull(dkm_edit_name((DkmEdit)edit));
        select_layer(reading, dkm_editing_layer(reading)->id);
        dkm_editing_apply(reading, (DkmEdit)edit);
        g_autofree char *after = dkm_mask_sha256(mask);
        g_assert_cmpstr(after, !=, before);
        g_assert_cmpint(dkm_layer_made(dkm_editing_layer(reading)), ==, DKM_MADE_SEMIAUTOMATIC);
        dkm_reading_undo(reading);
        g_autofree char *undone = dkm_mask_sha256(mask);
        g_assert_cmpstr(undone, ==, before);
        g_assert_cmpint(dkm_layer_made(dkm_editing_layer(reading)), ==, DKM_MADE_AUTOMATIC);
        look.layer = dkm_editing_layer(reading)->id;
        dkm_reading_set_look(reading, &look); /* the slice of before */
    }
    close_study(reading);
}

static void copied_slice_is_shown(void)
{
    DkmReading *reading = open_study();
    add_mask(reading, "Network");
    DkmLook look = *dkm_reading_look(reading);
    look.slice = 8;
    dkm_reading_set_look(reading, &look);
    const DkmMask *mask = dkm_editing_layer(reading)->mask;
    dkm_editing_apply(reading, DKM_EDIT_COPY_TO_NEXT);
    g_assert_cmpint(dkm_reading_look(reading)->slice, ==, 9);
    g_assert_cmpuint(dkm_mask_slice_count(mask, 9), ==, dkm_mask_slice_count(mask, 8));
    look.slice = dkm_mask_grid(mask)->n[0] - 1;
    dkm_reading_set_look(reading, &look);
    g_clear_pointer(&last_message, g_free);
    dkm_editing_apply(reading, DKM_EDIT_COPY_TO_NEXT); /* there is none */
    g_assert_nonnull(last_message);
    close_study(reading);
}

static void without_a_mask(void)
{
    DkmReading *reading = open_study();
    dkm_editing_apply(reading, DKM_EDIT_GROW);
    dkm_editing_split(reading);
    dkm_editing_rename(reading, "x");
    dkm_editing_reject(reading, "x");
    g_assert_null(dkm_editing_layer(reading));
    g_assert_false(dkm_layers_can_undo(dkm_reading_case(reading)->layers));
    close_study(reading);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    char *state = state_new();
    folder = g_dir_make_tmp("dkm-edit-XXXXXX", NULL);
    study = study_path_small();
    g_test_add_func("/reading-edit/unreviewed-never-leaves-as-a-persons",
                    unreviewed_never_leaves_as_a_persons);
    g_test_add_func("/reading-edit/picture-of-the-views", picture_of_the_views);
    g_test_add_func("/reading-edit/suggests-a-new-name", suggests_a_new_name);
    g_test_add_func("/reading-edit/exports-are-versions", exports_are_versions);
    g_test_add_func("/reading-edit/list", list);
    g_test_add_func("/reading-edit/diameters", diameters);
    g_test_add_func("/reading-edit/every-tool-is-one-step", every_tool_is_one_step);
    g_test_add_func("/reading-edit/copied-slice-is-shown", copied_slice_is_shown);
    g_test_add_func("/reading-edit/without-a-mask", without_a_mask);
    const int failed = g_test_run();
    study_path_free(study);
    g_rmdir(folder);
    g_free(folder);
    state_free(state);
    return failed;
}
