/* A dot and a line of words beside it that may change with every move of the pointer: it keeps its
 * height whatever it says, so that new words are drawn, and nothing is laid out again, as a label
 * would have it: a page of slices would wait for a second frame. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define DKM_TYPE_WORD_LINE (dkm_word_line_get_type())
G_DECLARE_FINAL_TYPE(DkmWordLine, dkm_word_line, DKM, WORD_LINE, GtkDrawingArea)

/* RGB: 0xRRGGBB of the dot. */
GtkWidget *dkm_word_line_new(guint32 rgb);
/* Also what it is called for those who hear it. Words that do not fit end in "…". */
void dkm_word_line_set(DkmWordLine *self, const char *text);

G_END_DECLS
