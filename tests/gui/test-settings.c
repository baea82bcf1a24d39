#include "gui/settings.h"

#include "core/error.h"
#include "gui/private-file.h"

#include <glib/gstdio.h>

static guint n_changes;
static double brush_before;

static void on_changed(DkmSettings *settings, gconstpointer before, gpointer user)
{
    n_changes++;
    brush_before = ((const DkmPreferences *)before)->brush_mm;
}

/* Everyone is told once, what is kept is what is used, and nothing is written for nothing. */
static void tells_and_keeps(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = dkm_private_path(g_get_user_config_dir(), "viewer.ini");
    DkmSettings *settings = dkm_settings_get();
    g_assert_true(settings == dkm_settings_get());
    g_autoptr(GPtrArray) problems = dkm_settings_take_problems(settings);
    g_assert_cmpuint(problems->len, ==, 1); /* of the file that main() has made */
    g_assert_null(dkm_settings_take_problems(settings));
    DkmPreferences next = *dkm_settings_preferences(settings);
    g_assert_cmpfloat(next.brush_mm, ==, 40);
    g_signal_connect(settings, "changed", G_CALLBACK(on_changed), NULL);
    g_assert_true(dkm_settings_set(settings, &next, &error));
    g_assert_cmpuint(n_changes, ==, 0);
    next.brush_mm = 900;
    next.curve_band = 20;
    g_assert_true(dkm_settings_set(settings, &next, &error));
    g_assert_cmpuint(n_changes, ==, 1);
    g_assert_cmpfloat(brush_before, ==, 40);
    g_assert_cmpfloat(dkm_settings_preferences(settings)->brush_mm, ==, 40);
    g_autoptr(GPtrArray) none = g_ptr_array_new_with_free_func(g_free);
    DkmPreferences back;
    dkm_preferences_load(path, &back, none);
    g_assert_cmpuint(none->len, ==, 0);
    g_assert_true(dkm_preferences_equal(&back, dkm_settings_preferences(settings)));
    g_unlink(path);
}

/* Nothing is touched where nobody prefers anything; a plain C locale would hide any language. */
static void takes_the_language(void)
{
    static const struct {
        DkmLanguage language;
        const char *all, *lang, *says, *all_after, *lang_after;
    } rows[] = {
        {DKM_LANGUAGE_SYSTEM, "C", NULL, NULL, "C", NULL},
        {DKM_LANGUAGE_GERMAN, "C", NULL, "de", "C.UTF-8", NULL},
        {DKM_LANGUAGE_GERMAN, NULL, NULL, "de", NULL, "C.UTF-8"},
        {DKM_LANGUAGE_GERMAN, NULL, "fr_FR.UTF-8", "de", NULL, "fr_FR.UTF-8"},
        {DKM_LANGUAGE_ENGLISH, "de_DE.UTF-8", "C", "en", "de_DE.UTF-8", "C"},
    };
    DkmSettings *settings = dkm_settings_get();
    DkmPreferences next = *dkm_settings_preferences(settings);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) names = g_strsplit("LANGUAGE LC_ALL LC_MESSAGES LANG", " ", -1);
        for (guint k = 0; names[k]; k++)
            g_unsetenv(names[k]);
        if (rows[i].all)
            g_setenv("LC_ALL", rows[i].all, TRUE);
        if (rows[i].lang)
            g_setenv("LANG", rows[i].lang, TRUE);
        next.language = rows[i].language;
        g_assert_true(dkm_settings_set(settings, &next, NULL));
        dkm_settings_take_language();
        g_assert_cmpstr(g_getenv("LANGUAGE"), ==, rows[i].says);
        g_assert_cmpstr(g_getenv("LC_ALL"), ==, rows[i].all_after);
        g_assert_cmpstr(g_getenv("LANG"), ==, rows[i].lang_after);
    }
    g_autofree char *path = dkm_private_path(g_get_user_config_dir(), "viewer.ini");
    g_unlink(path);
}

/* A folder that cannot be written: the change holds for now, and somebody is told. */
static void cannot_keep(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = dkm_private_path(g_get_user_config_dir(), "viewer.ini");
    DkmSettings *settings = dkm_settings_get();
    DkmPreferences next = *dkm_settings_preferences(settings);
    next.brush_mm = 3;
    g_mkdir(path, 0700);
    g_assert_false(dkm_settings_set(settings, &next, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
    g_assert_cmpfloat(dkm_settings_preferences(settings)->brush_mm, ==, 3);
    g_rmdir(path);
}

int main(int argc, char **argv)
{
    char *config = g_dir_make_tmp("dkm-config-XXXXXX", NULL);
    g_setenv("XDG_CONFIG_HOME", config, TRUE);
    g_autofree char *path = dkm_private_path(config, "viewer.ini");
    g_autofree char *folder = g_path_get_dirname(path);
    g_mkdir(folder, 0700);
    g_assert_true(g_file_set_contents(path, "[viewer]\nbrush-mm=99\n", -1, NULL));
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/settings/tells-and-keeps", tells_and_keeps);
    g_test_add_func("/settings/cannot-keep", cannot_keep);
    g_test_add_func("/settings/takes-the-language", takes_the_language);
    const int failed = g_test_run();
    g_rmdir(folder);
    g_rmdir(config);
    g_free(config);
    return failed;
}
