/* A German session for one test program, also where the system has no German locale. */
#pragma once

#include <glib.h>

/* Makes the locale in a folder of its own and points the environment at it; before the first
 * window. FALSE where localedef or its sources are not installed. */
gboolean german_start(void);
void german_stop(void);
