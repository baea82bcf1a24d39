/* The keyboard: one table of keys, actions and words, from which the keys work and the cheat sheet
 * is written. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Activates the window action bound to EVENT, in GROUP (actions without their "win." prefix).
 * Some keys mean another thing while a mask tool is armed (IS_CORRECTING). FALSE where none is
 * bound, or where the focus is in a text entry and the key would be typed. */
gboolean dkm_keys_handle(GtkWindow *window, GActionMap *group, const GdkEventKey *event,
                         gboolean is_correcting);

/* The table as a window to read, and to give actions other keys. */
GtkWidget *dkm_keys_sheet_new(GtkWindow *parent);
/* See dkm_key_map_clashes(). */
GPtrArray *dkm_keys_clashes(void);

G_END_DECLS
