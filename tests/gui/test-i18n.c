#include "gui/i18n.h"
#include "gui/words.h"
#include "tests/gui/german.h"

#include "core/image/cut.h"
#include "core/image/kinetics.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>

static void words_are_german(void)
{
    g_assert_cmpstr(_("Undo"), ==, "Rückgängig");
    g_assert_cmpstr(_("no such word"), ==, "no such word");
    g_assert_cmpstr(nl_langinfo(MON_5), ==, "Mai");
}

/* Fixed words that core calls its things by: one that is renamed there is missed here. */
static void words_of_core_are_german(void)
{
    for (DkmCutKind side = DKM_CUT_ACQUIRED; side <= DKM_CUT_AXIAL; side++) {
        const char *name = dkm_cut_name(&(DkmCut){.side = side});
        g_test_message("%s", name);
        g_assert_true(dkm_word(name) != name);
    }
    for (DkmCurveType type = DKM_CURVE_PERSISTENT; type <= DKM_CURVE_WASHOUT; type++)
        g_assert_true(dkm_word(dkm_curve_type_name(type)) != dkm_curve_type_name(type));
    g_assert_cmpstr(dkm_word(dkm_breast_side((double[]){50, 0, 0})), ==, "Linke Brust");
    g_assert_cmpstr(dkm_word(dkm_breast_side((double[]){-50, 0, 0})), ==, "Rechte Brust");
    g_assert_cmpstr(dkm_word(""), ==, "");
    g_assert_null(dkm_word(NULL));
}

static void phases_are_german(void)
{
    static const char *const names[] = {"Nativ", "Frühphase", "Phase 3", "Spätphase"};
    const DkmReviewCase on = {.early = 1, .late = 3}, two = {.early = 1, .late = 1};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *name = dkm_word_phase(&on, i);
        g_assert_cmpstr(name, ==, names[i]);
    }
    g_autofree char *only = dkm_word_phase(&two, 1);
    g_assert_cmpstr(only, ==, "Nach Kontrastmittel");
}

static void expect_layer(const char *name, gboolean named, const char *german)
{
    const DkmLayer layer = {.info = {.name = (char *)name, .named = named}};
    g_autofree char *words = dkm_word_layer(&layer);
    g_assert_cmpstr(words, ==, german);
}

/* What the program calls a mask is translated where it is shown, and nothing else. */
static void layers_are_german(void)
{
    g_autoptr(DkmLayers) layers = dkm_layers_new(&(DkmGrid){.n = {1, 1, 1}});
    const guint id = dkm_layers_add(layers, DKM_ORIGIN_PERSON, NULL, NULL, NULL);
    expect_layer(dkm_layers_find(layers, id)->info.name, FALSE, "Läsion 1");
    expect_layer("Lesion 1", TRUE, "Lesion 1"); /* a person typed it */
    expect_layer("Lesion 1 of 2", FALSE, "Lesion 1 of 2");
    expect_layer("Lesion ", FALSE, "Lesion ");
    expect_layer("Network, pre-contrast", FALSE, "Netz, nativ");
    expect_layer("Network, pre-contrast, early, in the box", FALSE,
                 "Netz, nativ, Frühphase, im Kasten");
    expect_layer("Network, mine", FALSE, "Network, mine"); /* of a file that was imported */
    expect_layer(NULL, FALSE, NULL);
}

/* What is written with a comma cannot be read back. */
static void numbers_keep_their_point(void)
{
    g_autofree char *text = g_strdup_printf("%.2f", 1.25);
    g_assert_cmpstr(text, ==, "1.25");
    g_assert_cmpstr(setlocale(LC_NUMERIC, NULL), ==, "C");
}

/* What dkm prints is read by scripts. */
static void the_command_keeps_its_point(void)
{
    const char *command = g_getenv("DKM_COMMAND");
    g_autofree char *folder = g_dir_make_tmp("dkm-i18n-XXXXXX", NULL), *out = NULL;
    g_autofree char *study = g_build_filename(folder, "study", NULL);
    const char *const argv[] = {command, "phantom", "--phases=pre", "-o", study, NULL};
    const char *const tidy[] = {"rm", "-r", folder, NULL};
    g_autoptr(GError) error = NULL;
    if (!command) {
        g_test_skip("dkm is not built");
        return;
    }
    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_nonnull(strstr(out, " x 2.000 mm"));
    g_spawn_sync(NULL, (char **)tidy, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                 &error);
    g_assert_no_error(error);
}

static int run(int *argc, char ***argv)
{
    g_test_init(argc, argv, NULL);
    dkm_i18n_start();
    g_test_add_func("/i18n/words-are-german", words_are_german);
    g_test_add_func("/i18n/words-of-core-are-german", words_of_core_are_german);
    g_test_add_func("/i18n/phases-are-german", phases_are_german);
    g_test_add_func("/i18n/layers-are-german", layers_are_german);
    g_test_add_func("/i18n/numbers-keep-their-point", numbers_keep_their_point);
    g_test_add_func("/i18n/the-command-keeps-its-point", the_command_keeps_its_point);
    return g_test_run();
}

int main(int argc, char **argv)
{
    if (!german_start()) {
        g_print("1..0 # SKIP no German locale: localedef or its sources are not installed\n");
        german_stop();
        return 0;
    }
    const int failed = run(&argc, &argv);
    german_stop();
    return failed;
}
