/* The secret by which names, UIDs and dates are replaced: who has it can tell who was who. */
#include "core/atomic-file.h"
#include "core/error.h"
#include "dicom/dicom.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/random.h>

static gboolean make_key(const char *path, GError **error)
{
    guint8 key[DKM_DEIDENTIFY_KEY_BYTES];
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(GError) cause = NULL;
    if (getrandom(key, sizeof key, 0) == (gssize)sizeof key &&
        g_mkdir_with_parents(folder, 0700) == 0 &&
        g_file_set_contents_full(path, (const char *)key, sizeof key,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                 &cause))
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT,
                "the key of de-identification cannot be made: %s",
                cause ? cause->message : g_strerror(errno));
    return FALSE;
}

GBytes *dkm_dicom_deidentify_key(const char *path, GError **error)
{
    g_autofree char *own =
        path ? g_strdup(path)
             : g_build_filename(g_get_user_data_dir(), "dkm-workstation", "deidentify.key", NULL);
    g_autofree char *bytes = NULL;
    gsize length = 0;
    if (!g_file_test(own, G_FILE_TEST_EXISTS) && !make_key(own, error))
        return NULL;
    g_autoptr(GError) cause = NULL;
    if (g_file_get_contents(own, &bytes, &length, &cause) && length >= DKM_DEIDENTIFY_KEY_BYTES)
        return g_bytes_new_take(g_steal_pointer(&bytes), length);
    g_autofree char *name = g_path_get_basename(own);
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "%s: %s", name,
                cause ? cause->message : "shorter than a key");
    return NULL;
}
