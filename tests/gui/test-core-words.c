/* What core says reaches the screen in a person's language, and stays English for all others. */
#include "core/edit/layers.h"
#include "core/error.h"
#include "core/model/input-gate.h"
#include "core/series/set-aside.h"
#include "gui/advice.h"
#include "gui/i18n.h"
#include "tests/gui/german.h"

#include <locale.h>
#include <math.h>
#include <string.h>

/* A scanner of 0.5 T, without what a trained model's file would say. */
static char *first_sentence(void)
{
    const DkmAcquisition acquisition = {
        .field_tesla = 0.5, .fat_suppressed = TRUE, .pixel_mm = {0.7, 0.7}, .slice_mm = 2};
    const DkmBrightness unknown[DKM_TRAINED_PHASES] = {{NAN, NAN}, {NAN, NAN}, {NAN, NAN}};
    g_autoptr(GPtrArray) findings = dkm_input_gate_find(NULL, &acquisition, unknown);
    g_assert_cmpuint(findings->len, ==, 1);
    g_assert_cmpstr(findings->pdata[0], ==, "field|card|0.5|1.5|3"); /* in every language */
    return dkm_input_gate_sentence(findings->pdata[0]);
}

static char *no_memory(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(dkm_error_set_no_memory(&error, 4096, "a test"));
    return g_strdup(error->message);
}

/* Why what says CLASS, TYPE and DESCRIPTION is no phase. */
static char *aside(const char *class, const char *type, const char *description)
{
    const DkmFrame frame = {.modality = "MR",
                            .sop_class_uid = class,
                            .image_type = type,
                            .series_description = description,
                            .samples_per_pixel = 1};
    return dkm_frame_set_aside_reason(&frame);
}

#define MR_IMAGE "1.2.840.10008.5.1.4.1.1.4"
#define SEG "1.2.840.10008.5.1.4.1.1.66.4"

static void reasons(const char *const expected[3])
{
    g_autofree char *seg = aside(SEG, NULL, NULL);
    g_autofree char *map = aside(MR_IMAGE, "DERIVED\\PRIMARY\\PE", NULL);
    g_autofree char *localizer = aside(MR_IMAGE, "ORIGINAL\\PRIMARY", "3 plane loc");
    g_assert_cmpstr(seg, ==, expected[0]);
    g_assert_nonnull(strstr(seg, "(SEG)")); /* how masks are found among what is set aside */
    g_assert_cmpstr(map, ==, expected[1]);
    g_assert_cmpstr(localizer, ==, expected[2]);
}

/* The command line sets no locale: its words and its JSON are the same everywhere. */
static void english_without_a_locale(void)
{
    g_autofree char *sentence = first_sentence(), *error = no_memory();
    g_assert_cmpstr(sentence, ==,
                    "Field strength 0.5 T: trained on 1.5 T and 3 T only, by the model card (its "
                    "file does not say).");
    g_assert_cmpstr(error, ==, "not enough memory for a test (4096 bytes)");
    reasons(
        (const char *const[]){"a segmentation (SEG), not an image",
                              "derived: percent enhancement map (ImageType DERIVED\\PRIMARY\\PE)",
                              "localizer (by its SeriesDescription)"});
}

static void german_in_the_viewer(void)
{
    dkm_i18n_start();
    g_autofree char *sentence = first_sentence(), *error = no_memory();
    g_assert_cmpstr(sentence, ==,
                    "Feldstärke 0.5 T: trainiert nur mit 1.5 T und 3 T, laut Modellbeschreibung "
                    "(die Datei sagt es nicht).");
    g_assert_cmpstr(error, ==, "nicht genug Speicher für: a test (4096 Byte)");
    reasons((const char *const[]){
        "eine Segmentierung (SEG), kein Bild",
        "abgeleitet: Karte der prozentualen Anreicherung (ImageType DERIVED\\PRIMARY\\PE)",
        "Localizer (laut SeriesDescription)"});
}

static void expect_advice(DkmAdvice about, int code, const char *german)
{
    g_autoptr(GError) error = g_error_new_literal(DKM_ERROR, code, "x");
    g_autofree char *text = dkm_advice_text(about, error);
    g_assert_cmpstr(text, ==, german);
}

static void advice_in_german(void)
{
    expect_advice(DKM_ADVICE_FOLDER, DKM_ERROR_INPUT,
                  "Den Ordner mit den DICOM-Dateien der Studie wählen oder die Bilder noch einmal "
                  "senden. Ursache: x");
    expect_advice(DKM_ADVICE_IMAGES, DKM_ERROR_INPUT,
                  "Bilder dieser Studie lassen sich nicht lesen: sie noch einmal vom Scanner oder "
                  "aus dem Archiv senden. Ursache: x");
    expect_advice(DKM_ADVICE_IMAGES, DKM_ERROR_NO_MEMORY,
                  "Der Speicher ist voll: andere Programme schließen und erneut versuchen. "
                  "Ursache: x");
    expect_advice(DKM_ADVICE_EXPORT, DKM_ERROR_OUTPUT,
                  "Nichts wurde gespeichert: einen Ordner mit freiem Platz und Schreibrecht "
                  "wählen. Ursache: x");
    expect_advice(DKM_ADVICE_RUN, DKM_ERROR_USAGE, "x"); /* nothing to advise */
    g_autoptr(GError) foreign = g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_IO, "y");
    g_autofree char *text = dkm_advice_text(DKM_ADVICE_EXPORT, foreign);
    g_assert_cmpstr(text, ==, "y");
}

/* What a person meets while editing. */
static void a_foreign_mask_in_german(void)
{
    const DkmGrid grid = {{1, 2, 2}, {1, 1, 1}, {0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    DkmGrid other = grid;
    other.n[2] = 3;
    g_autoptr(DkmLayers) layers = dkm_layers_new(&grid);
    g_autoptr(DkmMask) mask = dkm_mask_new(&other, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_cmpuint(dkm_layers_add(layers, DKM_ORIGIN_PERSON, NULL, mask, &error), ==, 0);
    g_assert_cmpstr(error->message, ==,
                    "die Maske liegt nicht auf dem Gitter der Bilder dieser Studie");
}

static int run(int *argc, char ***argv)
{
    g_test_init(argc, argv, NULL);
    g_test_add_func("/core-words/english-without-a-locale", english_without_a_locale);
    g_test_add_func("/core-words/german-in-the-viewer", german_in_the_viewer);
    g_test_add_func("/core-words/advice-in-german", advice_in_german);
    g_test_add_func("/core-words/a-foreign-mask-in-german", a_foreign_mask_in_german);
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
