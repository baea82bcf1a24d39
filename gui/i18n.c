#include "gui/i18n.h"

#include "core/own-file.h"

#include <locale.h>
#include <string.h>

#define CATALOGUE "de/LC_MESSAGES/" GETTEXT_PACKAGE ".mo" /* one that is always there */

/* NULL where the program has no catalogue: the C library's own folder then. */
static char *find_folder(void)
{
    static const char *const places[] = {"resources/po/" CATALOGUE, "share/locale/" CATALOGUE,
                                         NULL};
    const char *given = g_getenv("DKM_LOCALE_DIR");
    if (given && *given)
        return g_strdup(given);
    g_autofree char *found = dkm_own_file_find(places);
    if (found)
        found[strlen(found) - strlen("/" CATALOGUE)] = '\0';
    return g_steal_pointer(&found);
}

void dkm_i18n_start(void)
{
    g_autofree char *folder = find_folder();
    setlocale(LC_ALL, "");
    /* With a decimal comma, numbers printed into files, journals, DICOM and command lines could not
     * be read back; the same lines print what is on the screen. */
    setlocale(LC_NUMERIC, "C");
    if (folder)
        bindtextdomain(GETTEXT_PACKAGE, folder);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    textdomain(GETTEXT_PACKAGE);
}
