/* The second window: shown, put away, its keys. */
#include "gui/second-window.h"
#include "gui/window-private.h"

static gboolean on_key_press(GtkWidget *second, GdkEventKey *event, gpointer user)
{
    return dkm_window_take_key(user, GTK_WINDOW(second), event);
}

static gboolean on_key_release(GtkWidget *second, GdkEventKey *event, gpointer user)
{
    dkm_window_release_key(user, event);
    return GDK_EVENT_PROPAGATE;
}

static gboolean on_configure(GtkWidget *second, GdkEventConfigure *event, gpointer user)
{
    dkm_window_note_place(GTK_WINDOW(second), &((DkmWindow *)user)->second_at);
    return GDK_EVENT_PROPAGATE;
}

/* Its cross puts it away; the reading goes on in the first window. */
static gboolean on_delete(GtkWidget *second, GdkEventAny *event, gpointer user)
{
    dkm_window_toggle_second(user);
    return GDK_EVENT_STOP;
}

static void show(DkmWindow *self, const DkmPlace *place)
{
    self->second = dkm_second_window_new(self->reading, place->stage);
    self->second_at = place->at;
    gtk_window_set_application(GTK_WINDOW(self->second),
                               gtk_window_get_application(GTK_WINDOW(self)));
    g_signal_connect(self->second, "key-press-event", G_CALLBACK(on_key_press), self);
    g_signal_connect(self->second, "key-release-event", G_CALLBACK(on_key_release), self);
    g_signal_connect(self->second, "configure-event", G_CALLBACK(on_configure), self);
    g_signal_connect(self->second, "delete-event", G_CALLBACK(on_delete), self);
    dkm_window_put_at(GTK_WINDOW(self->second), place);
    gtk_widget_show(self->second);
}

void dkm_window_drop_second(DkmWindow *self)
{
    g_clear_pointer(&self->second, gtk_widget_destroy);
}

void dkm_window_toggle_second(DkmWindow *self)
{
    if (self->second) {
        dkm_window_keep_places(self); /* where it stood */
        dkm_window_drop_second(self);
    } else {
        DkmPlace place;
        if (!dkm_window_kept_place(DKM_WINDOW_SECOND, &place))
            place = dkm_window_new_place(self);
        show(self, &place);
    }
    dkm_window_keep_places(self);
}

void dkm_window_restore(DkmWindow *self)
{
    DkmPlace place;
    if (dkm_window_kept_place(DKM_WINDOW_FIRST, &place)) {
        self->first_at = place.at;
        dkm_window_put_at(GTK_WINDOW(self), &place);
    }
    if (dkm_window_kept_place(DKM_WINDOW_SECOND, &place) && place.is_shown)
        show(self, &place);
}

GtkWidget *dkm_window_second(DkmWindow *self)
{
    return self->second;
}

GtkWindow *dkm_window_typed_in(DkmWindow *self)
{
    return self->typed_in ? self->typed_in : GTK_WINDOW(self);
}

DkmWall *dkm_window_wall_typed_in(DkmWindow *self)
{
    GtkWindow *typed_in = dkm_window_typed_in(self);
    return typed_in == GTK_WINDOW(self) ? self->wall
                                        : dkm_second_window_wall(DKM_SECOND_WINDOW(typed_in));
}
