#include "core/series/words.h"

#include "core/i18n.h"

#include <string.h>

char *dkm_person_name_words(const char *dicom)
{
    g_auto(GStrv) groups = g_strsplit(dicom ? dicom : "", "=", 2);
    g_auto(GStrv) parts = g_strsplit(groups[0] ? groups[0] : "", "^", -1);
    g_autoptr(GString) given = g_string_new(NULL);
    for (guint i = 1; parts[0] && parts[i] && i < 3; i++)
        if (*g_strstrip(parts[i]))
            g_string_append_printf(given, "%s%s", given->len ? " " : "", parts[i]);
    const char *family = parts[0] ? g_strstrip(parts[0]) : "";
    if (!*family && !given->len)
        return g_strdup(_("(no name)"));
    return given->len ? g_strdup_printf("%s, %s", family, given->str) : g_strdup(family);
}

char *dkm_date_words(const char *dicom)
{
    if (!dicom || !*dicom)
        return g_strdup(_("(no date)"));
    if (strlen(dicom) != 8)
        return g_strdup(dicom);
    return g_strdup_printf("%.4s-%.2s-%.2s", dicom, dicom + 4, dicom + 6);
}
