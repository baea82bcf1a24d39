#include "gui/i18n.h"
#include "tests/gui/german.h"

#include <langinfo.h>
#include <locale.h>

static void words_are_german(void)
{
    g_assert_cmpstr(_("Undo"), ==, "Rückgängig");
    g_assert_cmpstr(_("no such word"), ==, "no such word");
    g_assert_cmpstr(nl_langinfo(MON_5), ==, "Mai");
}

/* What is written with a comma cannot be read back. */
static void numbers_keep_their_point(void)
{
    g_autofree char *text = g_strdup_printf("%.2f", 1.25);
    g_assert_cmpstr(text, ==, "1.25");
    g_assert_cmpstr(setlocale(LC_NUMERIC, NULL), ==, "C");
}

static int run(int *argc, char ***argv)
{
    g_test_init(argc, argv, NULL);
    dkm_i18n_start();
    g_test_add_func("/i18n/words-are-german", words_are_german);
    g_test_add_func("/i18n/numbers-keep-their-point", numbers_keep_their_point);
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
