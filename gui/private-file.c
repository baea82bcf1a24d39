#include "gui/private-file.h"

#include "gui/i18n.h"

#include "core/error.h"

#include <glib/gstdio.h>
#include <string.h>

#define FOLDER "dkm-workstation"
#define MOST_BYTES (16 << 20)

char *dkm_private_path(const char *base, const char *name)
{
    return g_build_filename(base, FOLDER, name, NULL);
}

/* The first line that a key file cannot hold, from 1; 0: every line by itself is one. */
static guint bad_line(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    gboolean has_group = FALSE;
    for (guint i = 0; lines[i]; i++) {
        const char *line = g_strstrip(lines[i]);
        if (!*line || *line == '#')
            continue;
        const gboolean is_group = *line == '[' && g_str_has_suffix(line, "]") && strlen(line) > 2;
        const char *equals = strchr(line, '=');
        if (!g_utf8_validate(line, -1, NULL) ||
            (!is_group && (!has_group || !equals || equals == line)))
            return i + 1;
        has_group = has_group || is_group;
    }
    return 0;
}

static gboolean fail(GError **error, const char *name, guint line, const GError *why)
{
    if (line > 0)
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, _("%s: line %u cannot be understood"), name,
                    line);
    else
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "%s: %s", name, why->message);
    return FALSE;
}

GKeyFile *dkm_private_load(const char *path, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) why = NULL;
    g_autofree char *text = NULL, *name = g_path_get_basename(path);
    GStatBuf found;
    gsize length = 0;
    if (g_stat(path, &found) != 0)
        return g_steal_pointer(&file);
    if (!S_ISREG(found.st_mode) || found.st_size > MOST_BYTES) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, _("%s is not a file of this program"), name);
        return NULL;
    }
    if (!g_file_get_contents(path, &text, &length, &why)) {
        fail(error, name, 0, why);
        return NULL;
    }
    const guint line = strlen(text) == length ? bad_line(text) : 1;
    if (line > 0 ||
        !g_key_file_load_from_data(file, text, length, G_KEY_FILE_KEEP_COMMENTS, &why)) {
        fail(error, name, line, why);
        return NULL;
    }
    return g_steal_pointer(&file);
}

gboolean dkm_private_save(GKeyFile *file, const char *path, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *folder = g_path_get_dirname(path);
    gsize length = 0;
    g_autofree char *text = g_key_file_to_data(file, &length, NULL);
    g_mkdir_with_parents(folder, 0700);
    if (g_file_set_contents_full(path, text, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                 &why))
        return TRUE;
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_OUTPUT, why->message);
    return FALSE;
}
