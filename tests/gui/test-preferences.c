#include "gui/preferences.h"

#include "core/error.h"
#include "tests/support/says.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

static char *folder, *path;

static DkmPreferences load(GPtrArray **problems)
{
    DkmPreferences out;
    *problems = g_ptr_array_new_with_free_func(g_free);
    dkm_preferences_load(path, &out, *problems);
    return out;
}

static void write_text(const char *text)
{
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* None of them the default. */
static DkmPreferences others(void)
{
    return (DkmPreferences){.left_button = DKM_ARMED_BRUSH,
                            .stage = DKM_STAGE_EDIT,
                            .brush_mm = 2.5,
                            .brush_is_ball = TRUE,
                            .mask_opacity = 0.4,
                            .map_opacity = 0.5,
                            .masks_are_outlines = TRUE,
                            .heat = DKM_HEAT_GREY,
                            .cine_per_second = 4,
                            .curve_band = 15,
                            .text_scale = 1.25,
                            .language = DKM_LANGUAGE_GERMAN,
                            .reader = "Dr. Änne Grün; #1 = [x]"};
}

static void comes_back(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) problems = NULL;
    const DkmPreferences saved = others(), otherwise = dkm_preferences_default();
    GStatBuf found;
    g_unlink(path);
    DkmPreferences back = load(&problems);
    g_assert_true(dkm_preferences_equal(&back, &otherwise));
    g_assert_false(dkm_preferences_equal(&saved, &otherwise));
    g_assert_true(dkm_preferences_save(&saved, path, &error));
    g_assert_no_error(error);
    g_assert_cmpint(g_stat(path, &found), ==, 0);
    g_assert_cmpint(found.st_mode & 0777, ==, 0600);
    g_ptr_array_unref(problems);
    back = load(&problems);
    g_assert_cmpuint(problems->len, ==, 0);
    g_assert_true(dkm_preferences_equal(&back, &saved));
    g_assert_cmpstr(back.reader, ==, saved.reader);
}

/* What a newer program, or a person, has written stays. */
static void keeps_what_it_does_not_know(void)
{
    g_autofree char *text = NULL;
    g_autoptr(GPtrArray) problems = NULL;
    write_text("# mine\n[viewer]\nbrush-mm=7\nfrom-the-future=yes\n\n[window]\nwidth=3\n");
    DkmPreferences now = load(&problems);
    g_assert_cmpuint(problems->len, ==, 0);
    g_assert_cmpfloat(now.brush_mm, ==, 7);
    now.brush_mm = 8;
    g_assert_true(dkm_preferences_save(&now, path, NULL));
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    const char *const kept[] = {"# mine", "from-the-future=yes", "[window]", "width=3",
                                "brush-mm=8"};
    for (guint i = 0; i < G_N_ELEMENTS(kept); i++)
        assert_says(text, kept[i]);
}

static void keeps_bounds(void)
{
    static const struct {
        const char *line, *says;
        double brush, band, scale;
    } rows[] = {
        {"brush-mm=900", "line 2", 40, 10, 1},
        {"brush-mm=-1", "0.5 is taken", 0.5, 10, 1},
        {"brush-mm=nan", "cannot be understood", 5, 10, 1},
        {"brush-mm=1,5", "cannot be understood", 5, 10, 1},
        {"brush-mm=", "cannot be understood", 5, 10, 1},
        {"left-button=hammer", "hammer", 5, 10, 1},
        {"first-stage=prior", "prior", 5, 10, 1},
        {"keep-recent=perhaps", "true is taken", 5, 10, 1},
        {"curve-band-percent=0", "out of bounds", 5, 1, 1},
        {"text-scale=1e9", "2 is taken", 5, 10, 2},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) problems = NULL;
        g_autofree char *text = g_strdup_printf("[viewer]\n%s\n", rows[i].line);
        write_text(text);
        const DkmPreferences now = load(&problems);
        g_assert_cmpuint(problems->len, ==, 1);
        g_test_message("%s", (char *)problems->pdata[0]);
        assert_says(problems->pdata[0], rows[i].says);
        assert_says(problems->pdata[0], "line 2");
        g_assert_cmpfloat(now.brush_mm, ==, rows[i].brush);
        g_assert_cmpfloat(now.curve_band, ==, rows[i].band);
        g_assert_cmpfloat(now.text_scale, ==, rows[i].scale);
        g_assert_cmpint(now.left_button, ==, DKM_ARMED_WINDOW);
        g_assert_true(now.keeps_recent);
    }
}

/* Said by its line, put aside whole, and the defaults until something is changed. */
static void a_broken_file(void)
{
    g_autoptr(GPtrArray) problems = NULL;
    g_autofree char *aside = g_strconcat(path, ".broken", NULL), *text = NULL;
    const DkmPreferences otherwise = dkm_preferences_default();
    write_text("[viewer]\nbrush-mm=7\n<<<<<<<\n");
    const DkmPreferences now = load(&problems);
    g_assert_true(dkm_preferences_equal(&now, &otherwise));
    g_assert_cmpuint(problems->len, ==, 1);
    assert_says(problems->pdata[0], "line 3");
    assert_says(problems->pdata[0], "viewer.ini.broken");
    g_assert_true(g_file_get_contents(aside, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "[viewer]\nbrush-mm=7\n<<<<<<<\n");
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_true(dkm_preferences_save(&now, path, NULL));
    g_unlink(aside);
}

/* Whatever a caller sets, what is kept can be used. */
static void clamps(void)
{
    DkmPreferences now = others();
    now.left_button = (DkmArmed)77;
    now.stage = (DkmStage)-1;
    now.brush_mm = NAN;
    now.mask_opacity = 7;
    now.cine_per_second = -INFINITY;
    memset(now.reader, 'x', sizeof now.reader);
    memcpy(now.reader + sizeof now.reader - 2, "ü", 2); /* cut in the middle of a character */
    dkm_preferences_clamp(&now);
    g_assert_cmpint(now.left_button, ==, DKM_ARMED_WINDOW);
    g_assert_cmpint(now.stage, ==, DKM_STAGE_OVERVIEW);
    g_assert_cmpfloat(now.brush_mm, ==, 5);
    g_assert_cmpfloat(now.mask_opacity, ==, 1);
    g_assert_cmpfloat(now.cine_per_second, ==, 2);
    g_assert_true(g_utf8_validate(now.reader, -1, NULL));
    g_assert_cmpuint(strlen(now.reader), ==, sizeof now.reader - 2);
}

/* At the start all of it; later what was changed alone: the rest is as the reader's hands left it.
 */
static void applies(void)
{
    const DkmPreferences now = others();
    DkmPreferences next = now;
    DkmLook look = {.armed = DKM_ARMED_BOX, .brush_mm = 11, .mask_opacity = 0.9};
    dkm_preferences_apply(&now, NULL, &look);
    g_assert_cmpint(look.armed, ==, DKM_ARMED_BRUSH);
    g_assert_cmpfloat(look.brush_mm, ==, 2.5);
    g_assert_true(look.brush_is_ball);
    g_assert_cmpfloat(look.mask_opacity, ==, 0); /* outlines */
    g_assert_cmpfloat(look.map_opacity, ==, 0.5);
    g_assert_cmpint(look.heat, ==, DKM_HEAT_GREY);
    g_assert_cmpfloat_with_epsilon(look.curve_band, 0.15, 1e-9);
    look.armed = DKM_ARMED_LASSO;
    look.brush_mm = 6;
    next.masks_are_outlines = FALSE;
    next.curve_band = 20;
    dkm_preferences_apply(&next, &now, &look);
    g_assert_cmpint(look.armed, ==, DKM_ARMED_LASSO);
    g_assert_cmpfloat(look.brush_mm, ==, 6);
    g_assert_cmpfloat(look.mask_opacity, ==, 0.4);
    g_assert_cmpfloat_with_epsilon(look.curve_band, 0.2, 1e-9);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("dkm-preferences-XXXXXX", NULL);
    path = g_build_filename(folder, "viewer.ini", NULL);
    g_test_add_func("/preferences/comes-back", comes_back);
    g_test_add_func("/preferences/keeps-what-it-does-not-know", keeps_what_it_does_not_know);
    g_test_add_func("/preferences/keeps-bounds", keeps_bounds);
    g_test_add_func("/preferences/a-broken-file", a_broken_file);
    g_test_add_func("/preferences/clamps", clamps);
    g_test_add_func("/preferences/applies", applies);
    const int failed = g_test_run();
    g_unlink(path);
    g_rmdir(folder);
    g_free(path);
    g_free(folder);
    return failed;
}
