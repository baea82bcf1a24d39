/* Where a test of the viewer's windows sits: a display, edits and settings of its own, the theme.
 *
 *     int main(int argc, char **argv)
 *     {
 *         if (!desk_start(&argc, &argv, NULL))
 *             return 0;
 *         g_test_add_func(...);
 *         return desk_run();
 *     } */
#pragma once

#include <glib.h>

/* SCREEN: "3000x1960x24"; NULL: the usual one. FALSE: nothing can be tested here; the test has said
 * why. */
gboolean desk_start(int *argc, char ***argv, const char *screen);
/* The folder of edits and settings. */
const char *desk_folder(void);
/* All tests; then the desk is cleared. What main() returns. */
int desk_run(void);
