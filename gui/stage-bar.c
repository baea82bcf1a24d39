#include "gui/stage-bar.h"

typedef struct {
    DkmWall *wall;
    DkmReading *reading;
    GtkWidget *buttons[DKM_STAGE_COUNT];
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
    gtk_widget_set_tooltip_text(button, why ? why : "Stage of the reading (, and .)");
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

GtkWidget *dkm_stage_bar_new(DkmWall *wall, DkmReading *reading)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 2);
    StageBar *bar = g_new0(StageBar, 1);
    bar->wall = wall;
    bar->reading = reading;
    g_object_set_data_full(G_OBJECT(box), "bar", bar, g_free);
    gtk_style_context_add_class(gtk_widget_get_style_context(box), "stage-bar");
    for (guint i = 0; i < DKM_STAGE_COUNT; i++) {
        bar->buttons[i] = gtk_toggle_button_new_with_label(dkm_stage_name((DkmStage)i));
        gtk_widget_set_focus_on_click(bar->buttons[i], FALSE);
        gtk_box_pack_start(GTK_BOX(box), bar->buttons[i], FALSE, FALSE, 0);
        g_signal_connect(bar->buttons[i], "clicked", G_CALLBACK(on_clicked), bar);
    }
    g_signal_connect_object(wall, "stage-changed", G_CALLBACK(on_stage_changed), box, 0);
    refresh(bar);
    return box;
}
