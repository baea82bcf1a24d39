#include "gui/stage-bar.h"

#include "gui/beside.h"
#include "gui/i18n.h"
#include "gui/identity.h"

typedef struct {
    DkmWall *wall;
    DkmReading *reading;
    GtkWidget *buttons[DKM_STAGE_COUNT];
    GtkWidget *patient;
    GtkWidget *others; /* a menu of the series that are no phase */
    gboolean is_refreshing;
} StageBar;

static void refresh_button(const StageBar *bar, DkmStage stage)
{
    const DkmReviewCase *on = dkm_reading_case(bar->reading);
    GtkWidget *button = bar->buttons[stage];
    DkmHanging hanging;
    const char *why = NULL;
    const gboolean has_it = on && dkm_hanging_stage(on, stage, &hanging, &why);
    gtk_widget_set_sensitive(button, has_it);
    gtk_widget_set_tooltip_text(button, why ? _(why) : _("Stage of the reading (, and .)"));
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(button), dkm_wall_stage(bar->wall) == stage);
}

static void refresh(StageBar *bar)
{
    bar->is_refreshing = TRUE;
    for (guint i = 0; i < DKM_STAGE_COUNT; i++)
        refresh_button(bar, (DkmStage)i);
    bar->is_refreshing = FALSE;
}

static void on_stage_changed(DkmWall *wall, gpointer user)
{
    refresh(g_object_get_data(user, "bar"));
}

static void on_clicked(GtkWidget *button, gpointer user)
{
    StageBar *bar = user;
    if (bar->is_refreshing)
        return;
    for (guint i = 0; i < DKM_STAGE_COUNT; i++)
        if (bar->buttons[i] == button)
            dkm_wall_set_stage(bar->wall, (DkmStage)i);
    refresh(bar);
}

static void show_patient(DkmReading *reading, guint what, gpointer user)
{
    const StageBar *bar = g_object_get_data(user, "bar");
    if (!(what & DKM_CHANGED_CASE))
        return;
    const DkmReviewCase *on = dkm_reading_case(reading);
    g_autofree char *name = dkm_identity_name(on), *details = dkm_identity_details(on);
    g_autofree char *whole = g_strconcat(name, details ? "  ·  " : NULL, details, NULL);
    gtk_label_set_text(GTK_LABEL(bar->patient), whole);
}

/* --- other series -------------------------------------------------------------------------------
 */

static void on_other(GtkWidget *item, gpointer user)
{
    const StageBar *bar = user;
    dkm_wall_show_other(bar->wall, g_object_get_data(G_OBJECT(item), "series"));
}

static void add_item(StageBar *bar, GtkWidget *menu, const char *label, const DkmSeries *series)
{
    GtkWidget *item = gtk_menu_item_new_with_label(label);
    g_object_set_data(G_OBJECT(item), "series", (gpointer)series);
    g_signal_connect(item, "activate", G_CALLBACK(on_other), bar);
    gtk_menu_shell_append(GTK_MENU_SHELL(menu), item);
}

/* Made anew for each study; its series live as long as that is open. */
static void fill_others(DkmReading *reading, guint what, gpointer user)
{
    StageBar *bar = g_object_get_data(user, "bar");
    if (!(what & DKM_CHANGED_CASE))
        return;
    g_autoptr(GPtrArray) others = dkm_reading_others(reading);
    GtkWidget *menu = gtk_menu_new();
    for (guint i = 0; i < others->len; i++) {
        const DkmSeries *series = others->pdata[i];
        g_autofree char *title = dkm_series_title(series);
        g_autofree char *label = g_strdup_printf("%d  ·  %s", series->number, title);
        add_item(bar, menu, label, series);
    }
    add_item(bar, menu, _("None"), NULL);
    gtk_widget_show_all(menu);
    gtk_menu_button_set_popup(GTK_MENU_BUTTON(bar->others), menu);
    gtk_widget_set_visible(bar->others, others->len > 0);
}

static void add_others(StageBar *bar, GtkWidget *box)
{
    bar->others = gtk_menu_button_new();
    gtk_container_add(GTK_CONTAINER(bar->others), gtk_label_new(_("Other series ▾")));
    gtk_widget_show_all(bar->others);
    gtk_widget_set_no_show_all(bar->others, TRUE);
    gtk_widget_set_focus_on_click(bar->others, FALSE);
    gtk_widget_set_tooltip_text(bar->others,
                                _("T2, diffusion, …: in the marked view of the comparison"));
    gtk_box_pack_start(GTK_BOX(box), bar->others, FALSE, FALSE, 0);
    g_signal_connect_object(bar->reading, "changed", G_CALLBACK(fill_others), box, 0);
    fill_others(bar->reading, DKM_CHANGED_CASE, box);
}

void dkm_stage_bar_show_patient(GtkWidget *widget, gboolean shows)
{
    const StageBar *bar = g_object_get_data(G_OBJECT(widget), "bar");
    gtk_widget_set_visible(bar->patient, shows);
}

static void add_patient(StageBar *bar, GtkWidget *box)
{
    bar->patient = gtk_label_new("");
    gtk_label_set_ellipsize(GTK_LABEL(bar->patient), PANGO_ELLIPSIZE_END);
    gtk_widget_set_no_show_all(bar->patient, TRUE);
    gtk_style_context_add_class(gtk_widget_get_style_context(bar->patient), "patient");
    gtk_box_pack_end(GTK_BOX(box), bar->patient, FALSE, FALSE, 8);
    g_signal_connect_object(bar->reading, "changed", G_CALLBACK(show_patient), box, 0);
    show_patient(bar->reading, DKM_CHANGED_CASE, box);
}

GtkWidget *dkm_stage_bar_new(DkmWall *wall, DkmReading *reading)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 2);
    StageBar *bar = g_new0(StageBar, 1);
    bar->wall = wall;
    bar->reading = reading;
    g_object_set_data_full(G_OBJECT(box), "bar", bar, g_free);
    gtk_style_context_add_class(gtk_widget_get_style_context(box), "stage-bar");
    for (guint i = 0; i < DKM_STAGE_COUNT; i++) {
        bar->buttons[i] = gtk_toggle_button_new_with_label(_(dkm_stage_name((DkmStage)i)));
        gtk_widget_set_focus_on_click(bar->buttons[i], FALSE);
        gtk_box_pack_start(GTK_BOX(box), bar->buttons[i], FALSE, FALSE, 0);
        g_signal_connect(bar->buttons[i], "clicked", G_CALLBACK(on_clicked), bar);
    }
    add_others(bar, box);
    add_patient(bar, box);
    g_signal_connect_object(wall, "stage-changed", G_CALLBACK(on_stage_changed), box, 0);
    refresh(bar);
    return box;
}
