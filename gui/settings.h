/* The preferences of the whole program, and who is told when they change. Main thread. */
#pragma once

#include "gui/preferences.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define DKM_TYPE_SETTINGS (dkm_settings_get_type())
/* Signal: "changed" (gconstpointer: the DkmPreferences before). */
G_DECLARE_FINAL_TYPE(DkmSettings, dkm_settings, DKM, SETTINGS, GObject)

/* The one of the program; reads viewer.ini when it is asked for first. Borrowed. */
DkmSettings *dkm_settings_get(void);
/* First thing in main(), before words are looked up and threads are made: the environment names the
 * language that is preferred. */
void dkm_settings_take_language(void);
/* Borrowed; holds until the next change. */
const DkmPreferences *dkm_settings_preferences(DkmSettings *self);
/* What was wrong in the file, once: who asks first shows it. NULL: nothing, or it was asked for.
 * g_ptr_array_unref. */
GPtrArray *dkm_settings_take_problems(DkmSettings *self);
/* Takes effect at once, within bounds; FALSE with DKM_ERROR_OUTPUT where it could not be kept for
 * the next start. */
gboolean dkm_settings_set(DkmSettings *self, const DkmPreferences *preferences, GError **error);

G_END_DECLS
