/* Order of phases: every volume of the study in a list, which of them are phases and in which
 * order, and at once why that cannot be. Changes nothing but the order it was given. */
#pragma once

#include "gui/phase-order.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Takes ORDER. Modal. The response OK can be given while the order is one that the study can be
 * read in. */
GtkWidget *dkm_order_dialog_new(GtkWindow *parent, DkmPhaseOrder *order);
/* As it is in the dialog now. Borrowed. */
const DkmPhaseOrder *dkm_order_dialog_order(GtkWidget *dialog);

G_END_DECLS
