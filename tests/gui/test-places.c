/* Windows on monitors: put, kept in a file, found again when a monitor has gone or come. */
#include "gui/places.h"

#include <glib/gstdio.h>

static const DkmMonitor two[] = {{"DP-1", {0, 0, 1920, 1080}}, {"DP-2", {1920, 0, 2560, 1440}}};
static const DkmMonitor other_side[] = {{"DP-1", {2560, 0, 1920, 1080}},
                                        {"DP-2", {0, 0, 2560, 1440}}};
static const DkmMonitor laptop[] = {{"eDP-1", {0, 27, 1366, 741}}};

static const DkmPlace on_second = {.monitor = 1,
                                   .at = {2000, 100, 1400, 1000},
                                   .is_fullscreen = TRUE,
                                   .is_shown = TRUE,
                                   .stage = DKM_STAGE_KINETICS};

static DkmPlaces *kept(void)
{
    DkmPlaces *places = dkm_places_load("/nowhere");
    const DkmPlace first = {.at = {10, 20, 1500, 900}, .is_maximised = TRUE, .is_shown = TRUE};
    dkm_places_put(places, two, 2, DKM_WINDOW_FIRST, &first);
    dkm_places_put(places, two, 2, DKM_WINDOW_SECOND, &on_second);
    return places;
}

static void assert_tile(DkmTile tile, int x, int y, int width, int height)
{
    g_assert_cmpint(tile.x, ==, x);
    g_assert_cmpint(tile.y, ==, y);
    g_assert_cmpint(tile.width, ==, width);
    g_assert_cmpint(tile.height, ==, height);
}

static void nothing_is_known_at_first(void)
{
    g_autoptr(DkmPlaces) places = dkm_places_load("/nowhere");
    DkmPlace place;
    g_assert_false(dkm_places_get(places, two, 2, DKM_WINDOW_FIRST, &place));
}

static void comes_back_from_the_file(void)
{
    g_autoptr(DkmPlaces) places = kept();
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("dkm-places-XXXXXX", &error);
    g_assert_no_error(error);
    g_autofree char *inside = g_build_filename(folder, "new", NULL);
    g_autofree char *path = g_build_filename(inside, "windows.ini", NULL);
    g_assert_true(dkm_places_save(places, path, &error));
    g_assert_no_error(error);
    g_autoptr(DkmPlaces) again = dkm_places_load(path);
    DkmPlace first, second;
    g_assert_true(dkm_places_get(again, two, 2, DKM_WINDOW_FIRST, &first));
    g_assert_true(dkm_places_get(again, two, 2, DKM_WINDOW_SECOND, &second));
    assert_tile(first.at, 10, 20, 1500, 900);
    g_assert_true(first.is_maximised && !first.is_fullscreen && first.monitor == 0);
    g_assert_cmpint(first.stage, ==, DKM_STAGE_OVERVIEW);
    assert_tile(second.at, 2000, 100, 1400, 1000);
    g_assert_true(second.is_fullscreen && second.is_shown && second.monitor == 1);
    g_assert_cmpint(second.stage, ==, DKM_STAGE_KINETICS);
    g_unlink(path);
    g_rmdir(inside);
    g_rmdir(folder);
}

static void follows_its_monitor(void)
{
    g_autoptr(DkmPlaces) places = kept();
    DkmPlace place;
    g_assert_true(dkm_places_get(places, other_side, 2, DKM_WINDOW_SECOND, &place));
    g_assert_cmpuint(place.monitor, ==, 1);
    assert_tile(place.at, 80, 100, 1400, 1000);
    g_assert_true(place.is_fullscreen);
}

static void stands_on_the_first_when_its_monitor_is_gone(void)
{
    g_autoptr(DkmPlaces) places = kept();
    DkmPlace place;
    g_assert_true(dkm_places_get(places, laptop, 1, DKM_WINDOW_SECOND, &place));
    g_assert_cmpuint(place.monitor, ==, 0);
    g_assert_false(place.is_fullscreen || place.is_maximised);
    g_assert_true(place.is_shown);
    assert_tile(place.at, 0, 27, 1366, 681); /* wholly visible */
}

static void each_arrangement_has_its_own(void)
{
    g_autoptr(DkmPlaces) places = kept();
    DkmPlace put_away = {.at = {700, 100, 600, 500}}, place;
    dkm_places_put(places, laptop, 1, DKM_WINDOW_SECOND, &put_away);
    g_assert_true(dkm_places_get(places, laptop, 1, DKM_WINDOW_SECOND, &place));
    g_assert_false(place.is_shown);
    assert_tile(place.at, 700, 100, 600, 500);
    g_assert_true(dkm_places_get(places, two, 2, DKM_WINDOW_SECOND, &place));
    g_assert_true(place.is_shown && place.is_fullscreen);
}

static void a_damaged_file_moves_nothing_away(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;
    const int file = g_file_open_tmp("dkm-places-XXXXXX", &path, &error);
    g_assert_no_error(error);
    g_close(file, NULL);
    const char *const texts[] = {
        "[last]\narrangement=x\n[x]\nsecond-at=2147483647;-2147483648;2147483647;1;\n"
        "second-stage=nonsense\nsecond-state=shown;\n",
        "[last]\narrangement=x\n[x]\nsecond-at=1;2;\n",
        "[last]\narrangement=x\n[x]\nsecond-at=0;0;0;0;\n", "no key file", ""};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        DkmPlace place;
        g_file_set_contents(path, texts[i], -1, &error);
        g_assert_no_error(error);
        g_autoptr(DkmPlaces) places = dkm_places_load(path);
        g_assert_true(dkm_places_get(places, two, 2, DKM_WINDOW_SECOND, &place) == (i == 0));
        if (i == 0) {
            assert_tile(place.at, 0, 0, 1920, 360);
            g_assert_cmpint(place.stage, ==, DKM_STAGE_OVERVIEW);
        }
    }
    g_unlink(path);
}

static void a_new_second_window_takes_the_other_monitor(void)
{
    DkmPlace place = dkm_places_second(two, 2, 0);
    g_assert_cmpuint(place.monitor, ==, 1);
    g_assert_true(place.is_maximised && place.is_shown);
    place = dkm_places_second(two, 2, 1);
    g_assert_cmpuint(place.monitor, ==, 0);
    place = dkm_places_second(laptop, 1, 0);
    g_assert_false(place.is_maximised);
    assert_tile(place.at, 683, 27, 683, 681);
}

static void is_on_the_monitor_that_holds_most_of_it(void)
{
    g_assert_cmpuint(dkm_places_monitor_of(two, 2, (DkmTile){1500, 0, 1000, 800}), ==, 1);
    g_assert_cmpuint(dkm_places_monitor_of(two, 2, (DkmTile){1300, 0, 1000, 800}), ==, 0);
    g_assert_cmpuint(dkm_places_monitor_of(two, 2, (DkmTile){-5000, 0, 10, 10}), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/places/nothing-is-known-at-first", nothing_is_known_at_first);
    g_test_add_func("/places/comes-back-from-the-file", comes_back_from_the_file);
    g_test_add_func("/places/follows-its-monitor", follows_its_monitor);
    g_test_add_func("/places/stands-on-the-first-when-its-monitor-is-gone",
                    stands_on_the_first_when_its_monitor_is_gone);
    g_test_add_func("/places/each-arrangement-has-its-own", each_arrangement_has_its_own);
    g_test_add_func("/places/a-damaged-file-moves-nothing-away", a_damaged_file_moves_nothing_away);
    g_test_add_func("/places/a-new-second-window-takes-the-other-monitor",
                    a_new_second_window_takes_the_other_monitor);
    g_test_add_func("/places/is-on-the-monitor-that-holds-most-of-it",
                    is_on_the_monitor_that_holds_most_of_it);
    return g_test_run();
}
