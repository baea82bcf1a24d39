/* What the preferences do to a window. */
#include "gui/i18n.h"
#include "gui/preferences-dialog.h"
#include "gui/settings.h"
#include "gui/window-private.h"

static const DkmPreferences *now(void)
{
    return dkm_settings_preferences(dkm_settings_get());
}

/* Of the whole program: dots an inch, which GTK counts in 1024ths. */
static void scale_text(double scale)
{
    static int dpi;
    GtkSettings *settings = gtk_settings_get_default();
    if (!dpi)
        g_object_get(settings, "gtk-xft-dpi", &dpi, NULL);
    if (dpi <= 0)
        dpi = 96 * 1024;
    g_object_set(settings, "gtk-xft-dpi", (int)(dpi * scale + 0.5), NULL);
}

static void apply(DkmWindow *self, const DkmPreferences *before)
{
    DkmLook look = *dkm_reading_look(self->reading);
    dkm_preferences_apply(now(), before, &look);
    dkm_reading_set_look(self->reading, &look);
    dkm_wall_set_cine(self->wall, now()->cine_per_second);
    if (!before || before->text_scale != now()->text_scale)
        scale_text(now()->text_scale);
    if (before && before->stage != now()->stage)
        dkm_wall_set_stage(self->wall, now()->stage);
    if (!now()->keeps_recent && (!before || before->keeps_recent))
        dkm_window_clear_recent(self);
}

static void on_settings(DkmSettings *settings, gconstpointer before, gpointer user)
{
    apply(user, before);
}

#define PROBLEM "preferences-problem"

/* The wall has hung the overview; a study that lacks the stage stays there. What was wrong in the
 * file is said once more: the study that opens has taken the words away. */
static void on_reading(DkmReading *reading, guint what, gpointer user)
{
    DkmWindow *self = user;
    if (!(what & DKM_CHANGED_CASE) || !dkm_reading_case(reading))
        return;
    dkm_wall_set_stage(self->wall, now()->stage);
    g_autofree char *problem = g_object_steal_data(G_OBJECT(self), PROBLEM);
    if (problem)
        dkm_window_say(self, problem);
}

static void show_problem(const GError *error, gpointer user)
{
    g_autofree char *text =
        g_strdup_printf(_("The preferences hold until the program ends, and could not be kept: %s"),
                        error->message);
    dkm_window_say(user, text);
}

static void forget_dialog(DkmWindow *self)
{
    g_object_set_data(G_OBJECT(self), "preferences-dialog", NULL);
}

void dkm_window_show_preferences(DkmWindow *self)
{
    GtkWidget *dialog = g_object_get_data(G_OBJECT(self), "preferences-dialog");
    if (!dialog) {
        dialog = dkm_preferences_dialog_new(GTK_WINDOW(self), show_problem, self);
        g_object_set_data(G_OBJECT(self), "preferences-dialog", dialog);
        g_signal_connect_object(dialog, "destroy", G_CALLBACK(forget_dialog), self,
                                G_CONNECT_SWAPPED);
    }
    gtk_window_present(GTK_WINDOW(dialog));
}

void dkm_window_follow_preferences(DkmWindow *self)
{
    g_signal_connect_object(dkm_settings_get(), "changed", G_CALLBACK(on_settings), self, 0);
    g_signal_connect_object(self->reading, "changed", G_CALLBACK(on_reading), self, 0);
    apply(self, NULL);
    g_autoptr(GPtrArray) problems = dkm_settings_take_problems(dkm_settings_get());
    if (!problems)
        return;
    g_ptr_array_add(problems, NULL);
    char *text = g_strjoinv("\n", (char **)problems->pdata);
    dkm_window_say(self, text);
    g_object_set_data_full(G_OBJECT(self), PROBLEM, text, g_free);
}
