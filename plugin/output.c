#include "plugin/output.h"

#include "core/atomic-file.h"
#include "core/error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char *real; /* canonical path, also of what is not there yet */
    gboolean is_folder, is_there;
    dev_t device;
    ino_t inode;
} Output;

struct DkmOutputs {
    GArray *list; /* of Output */
};

static void output_clear(gpointer output)
{
    g_free(((Output *)output)->real);
}

DkmOutputs *dkm_outputs_new(void)
{
    DkmOutputs *outputs = g_new(DkmOutputs, 1);
    outputs->list = g_array_new(FALSE, FALSE, sizeof(Output));
    g_array_set_clear_func(outputs->list, output_clear);
    return outputs;
}

void dkm_outputs_free(DkmOutputs *outputs)
{
    g_array_unref(outputs->list);
    g_free(outputs);
}

static gboolean refuse(GError **error, const char *path, const char *why)
{
    g_autofree char *name = g_path_get_basename(path);
    g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, "cannot write %s: %s", name, why);
    return FALSE;
}

/* The real path of the deepest part that is there, and the rest as it stands. */
static char *make_canonical(const char *path)
{
    char *there = realpath(path, NULL);
    if (there) {
        char *copy = g_strdup(there);
        free(there);
        return copy;
    }
    g_autofree char *folder = g_path_get_dirname(path), *name = g_path_get_basename(path);
    if (g_str_equal(folder, path))
        return g_strdup(path);
    g_autofree char *above = make_canonical(folder);
    return g_build_filename(above, name, NULL);
}

static gboolean are_same(const Output *a, const Output *b)
{
    return g_str_equal(a->real, b->real) ||
           (a->is_there && b->is_there && a->device == b->device && a->inode == b->inode);
}

static gboolean add(DkmOutputs *outputs, const char *path, gboolean is_folder, GError **error)
{
    struct stat there;
    Output output = {.real = make_canonical(path), .is_folder = is_folder};
    output.is_there = g_stat(path, &there) == 0;
    if (output.is_there) {
        output.device = there.st_dev;
        output.inode = there.st_ino;
    }
    gboolean clashes = FALSE;
    for (guint i = 0; i < outputs->list->len && !clashes; i++) {
        const Output *other = &g_array_index(outputs->list, Output, i);
        clashes = are_same(&output, other) && !(is_folder && other->is_folder);
    }
    g_array_append_val(outputs->list, output);
    if (!clashes)
        return TRUE;
    g_autofree char *name = g_path_get_basename(path);
    g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE,
                "%s would be written twice: results need names of their own", name);
    return FALSE;
}

gboolean dkm_outputs_add(DkmOutputs *outputs, const char *path, GError **error)
{
    if (!*path) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE, "a file to write has no name");
        return FALSE;
    }
    g_autofree char *target = dkm_atomic_target(path, error);
    if (!target)
        return FALSE;
    g_autofree char *folder = g_path_get_dirname(target);
    const char *why = !g_file_test(folder, G_FILE_TEST_IS_DIR) ? "its folder does not exist"
                      : g_access(folder, W_OK | X_OK) != 0     ? "its folder may not be written to"
                                                               : NULL;
    return why ? refuse(error, path, why) : add(outputs, target, FALSE, error);
}

/* FOLDER and what is absent above it, down to one that is there and may be written to. */
static gboolean add_folders(DkmOutputs *outputs, const char *folder, GError **error)
{
    g_autofree char *path = g_strdup(folder);
    while (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        if (!add(outputs, path, TRUE, error))
            return FALSE;
        char *above = g_path_get_dirname(path);
        g_free(path);
        path = above;
    }
    const char *why = !g_file_test(path, G_FILE_TEST_IS_DIR) ? "there is a file where a folder is "
                                                               "wanted"
                      : g_access(path, W_OK | X_OK) == 0     ? NULL
                      : g_str_equal(path, folder)            ? "the folder may not be written to"
                                                             : "its folder may not be written to";
    return why ? refuse(error, folder, why) : add(outputs, path, TRUE, error);
}

gboolean dkm_outputs_add_folder(DkmOutputs *outputs, const char *folder, const char *const *names,
                                GError **error)
{
    if (!*folder) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE, "a folder to write to has no name");
        return FALSE;
    }
    if (!add_folders(outputs, folder, error))
        return FALSE;
    const gboolean is_there = g_file_test(folder, G_FILE_TEST_IS_DIR);
    for (guint i = 0; names[i]; i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);
        if (!(is_there ? dkm_outputs_add(outputs, path, error) : add(outputs, path, FALSE, error)))
            return FALSE;
    }
    return TRUE;
}

gboolean dkm_outputs_spare(const DkmOutputs *outputs, const char *path, const char *what,
                           GError **error)
{
    struct stat source;
    if (g_stat(path, &source) != 0)
        return TRUE;
    for (guint i = 0; i < outputs->list->len; i++) {
        const Output *output = &g_array_index(outputs->list, Output, i);
        if (output->is_folder || !output->is_there || output->device != source.st_dev ||
            output->inode != source.st_ino)
            continue;
        g_autofree char *name = g_path_get_basename(output->real);
        g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, "%s is %s and will not be overwritten",
                    name, what);
        return FALSE;
    }
    return TRUE;
}

gboolean dkm_outputs_spare_studies(const DkmOutputs *outputs, const DkmStudies *studies,
                                   GError **error)
{
    for (guint i = 0; i < studies->used->len; i++)
        if (!dkm_outputs_spare(outputs, studies->used->pdata[i], "an image of the study", error))
            return FALSE;
    for (guint i = 0; i < studies->notes->len; i++)
        if (!dkm_outputs_spare(outputs, g_array_index(studies->notes, DkmFileNote, i).path,
                               "a file of the study", error))
            return FALSE;
    return TRUE;
}

gboolean dkm_output_make_folder(const char *folder, GError **error)
{
    return g_mkdir_with_parents(folder, 0755) == 0 || refuse(error, folder, g_strerror(errno));
}

void dkm_output_prefix_saved(const char *path, GError **error)
{
    g_autofree char *name = g_path_get_basename(path);
    g_prefix_error(error, "%s is saved, what belongs to it is not complete: ", name);
}
