/* What files hold or lack is said in a person's language: dicom's words, a run's record. */
#include "core/model/input-gate.h"
#include "dicom/dicom.h"
#include "gui/i18n.h"
#include "gui/run-record.h"
#include "tests/gui/german.h"

#include <glib/gstdio.h>
#include <string.h>

/* The scan's error for a folder that holds one file of BYTES. */
static char *error_for(const char *bytes, gsize length)
{
    g_autofree char *folder = g_dir_make_tmp("dkm-words-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "a.dcm", NULL);
    g_autoptr(GError) error = NULL;
    g_file_set_contents(path, bytes, (gssize)length, &error);
    g_assert_no_error(error);
    g_assert_null(dkm_dicom_scan(folder, NULL, NULL, &error));
    g_remove(path);
    g_rmdir(folder);
    return g_strdup(error->message);
}

static void a_damaged_file_in_german(void)
{
    char bytes[140] = {0};
    memcpy(bytes + 128, "DICM", 4);
    g_autofree char *foreign = error_for("%PDF", 4), *cut = error_for(bytes, 132);
    g_test_message("%s\n%s", foreign, cut);
    g_assert_true(g_str_has_suffix(foreign, "a.dcm: keine DICOM-Datei)"));
    g_assert_true(g_str_has_suffix(cut, "a.dcm: keine Transfersyntax im Dateikopf)"));
}

#define OLD "Pixels of 1.20 x 1.20 mm: trained on 0.70 mm."

/* The input gate's findings are kept in no language, and shown in that of the session. */
static void a_run_of_an_english_session(void)
{
    static const char *const saved =
        "[run]\nlayer=1\nphases=a\nweights=b\ndevice=c\n"
        "unlike=slices|file|5|2|2.5;vendor|file|Philips|GE\\; Siemens|Canon;" OLD ";\n";
    static const char *const expected[] = {
        "Schichtabstand 5.00 mm: trainiert mit 2.00 bis 2.50 mm.",
        "Gerät von Philips: trainiert nur mit Bildern von GE; Siemens, Canon.",
        OLD /* of version 0.1, which kept sentences */};
    g_autoptr(DkmRunRecord) record = dkm_run_record_load(saved);
    g_assert_nonnull(record);
    g_autofree char *again = dkm_run_record_save(record);
    g_autoptr(DkmRunRecord) copy = dkm_run_record_load(again);
    g_assert_nonnull(strstr(again, "unlike=slices|file|5|2|2.5;vendor|"));
    g_assert_cmpuint(copy->unlike->len, ==, G_N_ELEMENTS(expected));
    g_autoptr(GPtrArray) words = dkm_input_gate_sentences(copy->unlike);
    for (guint i = 0; i < words->len; i++)
        g_assert_cmpstr(words->pdata[i], ==, expected[i]);
}

static int run(int *argc, char ***argv)
{
    g_test_init(argc, argv, NULL);
    dkm_i18n_start();
    g_test_add_func("/file-words/a-damaged-file-in-german", a_damaged_file_in_german);
    g_test_add_func("/file-words/a-run-of-an-english-session", a_run_of_an_english_session);
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
