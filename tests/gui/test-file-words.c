/* What is wrong with a file is said in a person's language: dicom's words in the viewer. */
#include "dicom/dicom.h"
#include "gui/i18n.h"
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

static int run(int *argc, char ***argv)
{
    g_test_init(argc, argv, NULL);
    dkm_i18n_start();
    g_test_add_func("/file-words/a-damaged-file-in-german", a_damaged_file_in_german);
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
