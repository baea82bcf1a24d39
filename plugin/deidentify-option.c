#include "plugin/deidentify-option.h"

#include "core/atomic-file.h"
#include "core/error.h"
#include "dicom/dicom.h"

#include <glib/gstdio.h>
#include <string.h>

/* Of this process, which runs one command. */
static char *list_path, *key_path;
static gboolean key_is_unused; /* made by this command at KEY_PATH, and nothing with it yet */

static const GOptionEntry entries[] = {
    {"deidentify", 0, 0, G_OPTION_ARG_FILENAME, &list_path,
     "De-identify the DICOM objects that are written; LIST tells what was removed", "LIST.json"},
    {"deidentify-key", 0, 0, G_OPTION_ARG_FILENAME, &key_path,
     "The secret for names, UIDs and dates; made where it is not there (the user's own)", "FILE"},
    G_OPTION_ENTRY_NULL};

/* A list is never written over anything: what was removed before is worth keeping. */
static gboolean begin(GError **error)
{
    if (!list_path) {
        if (key_path)
            g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE,
                                "--deidentify-key needs --deidentify LIST.json");
        return !key_path;
    }
    g_autoptr(DkmOutputs) outputs = dkm_outputs_new();
    if (g_file_test(list_path, G_FILE_TEST_EXISTS)) {
        g_autofree char *name = g_path_get_basename(list_path);
        g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, "%s is there already", name);
        return FALSE;
    }
    if (!dkm_deidentify_add_to(outputs, error))
        return FALSE;
    const gboolean is_new = key_path && !g_file_test(key_path, G_FILE_TEST_EXISTS);
    g_autoptr(GBytes) key = dkm_dicom_deidentify_key(key_path, error);
    key_is_unused = is_new && key;
    return key && dkm_dicom_deidentify_begin(key, error);
}

gboolean dkm_deidentify_add_to(DkmOutputs *outputs, GError **error)
{
    if (list_path && !dkm_outputs_add(outputs, list_path, error))
        return FALSE;
    if (!key_path)
        return TRUE;
    return g_file_test(key_path, G_FILE_TEST_EXISTS)
               ? dkm_outputs_spare(outputs, key_path, "the key", error)
               : dkm_outputs_add(outputs, key_path, error);
}

const DkmMoreOptions dkm_deidentify_options = {entries, begin};

gboolean dkm_deidentify_finish(GError **error)
{
    if (!list_path)
        return TRUE;
    g_auto(GStrv) removed = dkm_dicom_deidentify_end();
    key_is_unused &= !removed[0];
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    dkm_json_text(json, "profile",
                  "PS3.15 basic profile for what DKM Workstation writes, with modified dates");
    dkm_json_texts(json, "removed", (const char *const *)removed);
    json_builder_end_object(json);
    g_autofree char *text = dkm_json_to_text(json);
    return dkm_atomic_write(list_path, text, strlen(text), error);
}

void dkm_deidentify_abandon(void)
{
    g_auto(GStrv) removed = dkm_dicom_deidentify_end();
    if (key_is_unused && !removed[0])
        g_unlink(key_path);
}
