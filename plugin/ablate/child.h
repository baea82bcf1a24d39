/* One child process: a command of our own program, its lines as they come, its last words. All
 * calls and callbacks in the thread that runs the default main context. Not for: what it computes.
 */
#pragma once

#include <gio/gio.h>

typedef struct _DkmAblateChild DkmAblateChild;

typedef struct {
    char **words;                                  /* argv; the program's path first; borrowed */
    const char *out;                               /* file for standard output; NULL: lines */
    void (*line)(gpointer data, const char *line); /* of standard output */
    /* STATUS: the exit status, 128 + N for signal N. WORDS: the last line on standard error, "".
     * The child is freed behind it. */
    void (*end)(gpointer data, int status, const char *words);
    gpointer data;
} DkmAblateChildSetup;

/* Errors: OUTPUT where it cannot be started. Freed after its end. */
DkmAblateChild *dkm_ablate_child_start(const DkmAblateChildSetup *setup, GError **error);
/* Asks it to stop, as Ctrl-C does: a training writes its checkpoint first. Once. */
void dkm_ablate_child_stop(DkmAblateChild *child);
