/* A folder of the test's own for what the viewer keeps, edits and settings: nobody's keys, windows
 * or masks. Gone when the test ends. */
#pragma once

#include <glib/gstdio.h>

/* Before anything asks for the folder. state_free(). */
static inline char *state_new(void)
{
    char *state = g_dir_make_tmp("dkm-state-XXXXXX", NULL);
    g_setenv("XDG_STATE_HOME", state, TRUE);
    g_setenv("XDG_CONFIG_HOME", state, TRUE);
    return state;
}

static inline void state_free(char *state)
{
    g_autofree char *program = g_build_filename(state, "dkm-workstation", NULL);
    g_autofree char *edits = g_build_filename(program, "edits", NULL);
    const char *const folders[] = {edits, program};
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autoptr(GDir) dir = g_dir_open(folders[i], 0, NULL);
        for (const char *name; dir && (name = g_dir_read_name(dir));) {
            g_autofree char *path = g_build_filename(folders[i], name, NULL);
            g_unlink(path);
        }
    }
    g_rmdir(edits);
    g_rmdir(program);
    g_rmdir(state);
    g_free(state);
}
