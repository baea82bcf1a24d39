/* Who stands behind the selected mask, and the way out: always in sight, however many masks there
 * are above it. */
#include "gui/i18n.h"
#include "gui/panels.h"

GtkWidget *dkm_review_bar_new(void)
{
    static const char *const buttons[][2] = {{N_("Accept…"), "win.accept"},
                                             {N_("Reject…"), "win.reject"},
                                             {N_("Export…"), "win.export"}};
    GtkWidget *bar = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
    gtk_box_set_homogeneous(GTK_BOX(bar), TRUE);
    gtk_style_context_add_class(gtk_widget_get_style_context(bar), "section");
    for (guint i = 0; i < G_N_ELEMENTS(buttons); i++)
        gtk_box_pack_start(GTK_BOX(bar), dkm_panel_button(_(buttons[i][0]), NULL, buttons[i][1]),
                           TRUE, TRUE, 0);
    return bar;
}
