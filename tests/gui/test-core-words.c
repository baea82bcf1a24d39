/* What core says reaches the screen in a person's language, and stays English for all others. */
#include "core/error.h"
#include "core/model/input-gate.h"
#include "gui/i18n.h"
#include "tests/gui/german.h"

#include <locale.h>
#include <math.h>

/* A scanner of 0.5 T, without what a trained model's file would say. */
static char *first_sentence(void)
{
    const DkmAcquisition acquisition = {
        .field_tesla = 0.5, .fat_suppressed = TRUE, .pixel_mm = {0.7, 0.7}, .slice_mm = 2};
    const DkmBrightness unknown[DKM_TRAINED_PHASES] = {{NAN, NAN}, {NAN, NAN}, {NAN, NAN}};
    g_autoptr(GPtrArray) sentences = dkm_input_gate(NULL, &acquisition, unknown);
    g_assert_cmpuint(sentences->len, ==, 1);
    return g_strdup(sentences->pdata[0]);
}

static char *no_memory(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(dkm_error_set_no_memory(&error, 4096, "a test"));
    return g_strdup(error->message);
}

/* The command line sets no locale: its words and its JSON are the same everywhere. */
static void english_without_a_locale(void)
{
    g_autofree char *sentence = first_sentence(), *error = no_memory();
    g_assert_cmpstr(sentence, ==,
                    "Field strength 0.5 T: trained on 1.5 T and 3 T only, by the model card (its "
                    "file does not say).");
    g_assert_cmpstr(error, ==, "not enough memory for a test (4096 bytes)");
}

static void german_in_the_viewer(void)
{
    dkm_i18n_start();
    g_autofree char *sentence = first_sentence(), *error = no_memory();
    g_assert_cmpstr(sentence, ==,
                    "Feldstärke 0.5 T: trainiert nur mit 1.5 T und 3 T, laut Modellbeschreibung "
                    "(die Datei sagt es nicht).");
    g_assert_cmpstr(error, ==, "nicht genug Speicher für: a test (4096 Byte)");
}

static int run(int *argc, char ***argv)
{
    g_test_init(argc, argv, NULL);
    g_test_add_func("/core-words/english-without-a-locale", english_without_a_locale);
    g_test_add_func("/core-words/german-in-the-viewer", german_in_the_viewer);
    return g_test_run();
}

int main(int argc, char **argv)
{
    if (!german_start()) {
        g_print("1..0 # SKIP no German locale: localedef or its sources are not installed\n");
        german_stop();
        return 0;
    }
    setlocale(LC_ALL, "C"); /* german_start() tried the locale, which the first test is without */
    const int failed = run(&argc, &argv);
    german_stop();
    return failed;
}
