#include "gui/app.h"

#include "gui/i18n.h"
#include "gui/window.h"

#define BASE "/org/dkm/Viewer"

void dkm_app_load_theme(void)
{
    g_autoptr(GtkCssProvider) css = gtk_css_provider_new();
    gtk_css_provider_load_from_resource(css, BASE "/viewer.css");
    g_object_set(gtk_settings_get_default(), "gtk-application-prefer-dark-theme", TRUE, NULL);
    gtk_style_context_add_provider_for_screen(gdk_screen_get_default(), GTK_STYLE_PROVIDER(css),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    gtk_icon_theme_add_resource_path(gtk_icon_theme_get_default(), BASE "/icons");
    gtk_window_set_default_icon_name("dkm-viewer");
}

/* PATH, or NULL: what the window shows first is that it is being opened. */
static void new_window(GtkApplication *app, const char *path)
{
    const gboolean is_only_one = !gtk_application_get_windows(app);
    DkmWindow *window = dkm_window_new(app);
    if (is_only_one)
        dkm_window_restore(window);
    if (path)
        dkm_window_open(window, path);
    gtk_window_present(GTK_WINDOW(window));
}

/* GDBus ends a program by SIGTERM when the session's bus goes away, strokes and all: not this one.
 */
static void outlive_bus(GApplication *app)
{
    GDBusConnection *bus = g_application_get_dbus_connection(app);
    if (bus)
        g_dbus_connection_set_exit_on_close(bus, FALSE);
}

static void on_startup(GApplication *app, gpointer user)
{
    outlive_bus(app);
    dkm_app_load_theme();
}

static void on_activate(GApplication *app, gpointer user)
{
    new_window(GTK_APPLICATION(app), NULL);
}

static void on_open(GApplication *app, gpointer files, int n, const char *hint, gpointer user)
{
    GFile **file = files;
    for (int i = 0; i < n; i++) {
        g_autofree char *path = g_file_get_path(file[i]);
        new_window(GTK_APPLICATION(app), path);
    }
}

GtkApplication *dkm_app_new(void)
{
    gtk_disable_setlocale(); /* it would bring the decimal comma back */
    dkm_i18n_start();
    GtkApplication *app = gtk_application_new("org.dkm.Viewer", G_APPLICATION_HANDLES_OPEN |
                                                                    G_APPLICATION_NON_UNIQUE);
    g_signal_connect(app, "startup", G_CALLBACK(on_startup), NULL);
    g_signal_connect(app, "activate", G_CALLBACK(on_activate), NULL);
    g_signal_connect(app, "open", G_CALLBACK(on_open), NULL);
    return app;
}
