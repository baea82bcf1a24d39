/* The window's parts on a screen of any size. A patient's name is never cut: where the header is
 * too narrow for it, it gets a strip of its own, over as many lines as it needs. */
#include "gui/window-private.h"

#define WIDTH 1440
#define HEIGHT 900
/* What a window without a window manager's frame has around it, on both sides together. */
#define FRAME 10
/* Lower than this, the curve would leave the side's sections no room: it scrolls with them. */
#define LOW 640

/* --- the first size --------------------------------------------------------------------------- */

static gboolean work_area(DkmWindow *self, GdkRectangle *area)
{
    GdkDisplay *display = gtk_widget_get_display(GTK_WIDGET(self));
    GdkMonitor *monitor = gdk_display_get_primary_monitor(display);
    if (!monitor)
        monitor = gdk_display_get_monitor(display, 0);
    if (monitor)
        gdk_monitor_get_workarea(monitor, area);
    return monitor != NULL;
}

/* GTK adds the header to a default size. */
static void set_first_size(DkmWindow *self)
{
    GdkRectangle area = {0, 0, WIDTH, HEIGHT};
    int header = 0;
    gtk_widget_get_preferred_height(GTK_WIDGET(self->header), NULL, &header);
    if (work_area(self, &area))
        area.height -= header;
    gtk_window_set_default_size(GTK_WINDOW(self), CLAMP(area.width - FRAME, 1, WIDTH),
                                CLAMP(area.height - FRAME, 1, HEIGHT));
}

/* --- the patient ------------------------------------------------------------------------------ */

static int natural_width(gpointer widget)
{
    int width;
    gtk_widget_get_preferred_width(widget, NULL, &width);
    return width;
}

static gboolean is_in_strip(const DkmWindow *self)
{
    return gtk_widget_get_parent(GTK_WIDGET(self->title)) == GTK_WIDGET(self->strip);
}

static void move_title(DkmWindow *self, gboolean to_strip)
{
    g_autoptr(GtkWidget) title = g_object_ref(GTK_WIDGET(self->title));
    if (to_strip) {
        gtk_header_bar_set_custom_title(self->header, gtk_box_new(GTK_ORIENTATION_VERTICAL, 0));
        gtk_box_pack_start(self->strip, title, TRUE, TRUE, 0);
    } else {
        gtk_container_remove(GTK_CONTAINER(self->strip), title);
        gtk_header_bar_set_custom_title(self->header, title);
    }
    gtk_widget_set_visible(GTK_WIDGET(self->strip), to_strip);
}

/* In the strip words wrap; in the header nothing may ask for more room than there is. */
static void set_lines(DkmWindow *self, gboolean wraps, gboolean is_one_line)
{
    GtkLabel *const labels[] = {self->patient, self->details};
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self->title), is_one_line
                                                                    ? GTK_ORIENTATION_HORIZONTAL
                                                                    : GTK_ORIENTATION_VERTICAL);
    gtk_box_set_spacing(self->title, is_one_line ? 12 : 0);
    for (guint i = 0; i < G_N_ELEMENTS(labels); i++) {
        gtk_label_set_ellipsize(labels[i], wraps ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_END);
        gtk_label_set_line_wrap(labels[i], wraps && !is_one_line);
        gtk_label_set_line_wrap_mode(labels[i], PANGO_WRAP_WORD_CHAR);
        gtk_label_set_xalign(labels[i], wraps ? 0 : 0.5F);
    }
}

static void place_patient(DkmWindow *self, int width)
{
    set_lines(self, FALSE, FALSE);
    const int title = natural_width(self->title);
    const int header = natural_width(self->header) - (is_in_strip(self) ? 0 : title);
    const gboolean to_strip = header + title > width;
    if (to_strip != is_in_strip(self))
        move_title(self, to_strip);
    if (to_strip)
        set_lines(self, TRUE,
                  natural_width(self->patient) + natural_width(self->details) + 2 * 24 < width);
}

/* --- the curve -------------------------------------------------------------------------------- */

static void place_curve(DkmWindow *self, int height)
{
    GtkBox *to = height < LOW ? self->panel : self->side;
    GtkWidget *from = gtk_widget_get_parent(self->curve);
    if (from == GTK_WIDGET(to))
        return;
    g_autoptr(GtkWidget) curve = g_object_ref(self->curve);
    gtk_container_remove(GTK_CONTAINER(from), curve);
    gtk_box_pack_end(to, curve, FALSE, FALSE, 0);
}

/* --- messages --------------------------------------------------------------------------------- */

/* Where messages may be: over the pictures, and over everything while there are none. */
static GdkRectangle room_for_messages(DkmWindow *self, GtkWidget *overlay)
{
    GtkWidget *stage = GTK_WIDGET(self->stage);
    GtkWidget *under = gtk_widget_get_mapped(stage) ? stage : overlay;
    GdkRectangle room = {0, 0, gtk_widget_get_allocated_width(under),
                         gtk_widget_get_allocated_height(under)};
    gtk_widget_translate_coordinates(under, overlay, 0, 0, &room.x, &room.y);
    return room;
}

/* GTK would put them in the middle of the whole window, over the side's words. */
static gboolean on_place_message(GtkOverlay *overlay, GtkWidget *bar, GdkRectangle *at,
                                 gpointer user)
{
    const GdkRectangle room = room_for_messages(user, GTK_WIDGET(overlay));
    int least, natural;
    gtk_widget_get_preferred_width(bar, &least, &natural);
    at->width = MAX(least, MIN(natural, room.width));
    gtk_widget_get_preferred_height_for_width(bar, at->width, NULL, &at->height);
    at->x = room.x + (room.width - at->width) / 2;
    at->y = room.y + room.height - at->height;
    return TRUE;
}

/* --- following the window --------------------------------------------------------------------- */

static void lay(DkmWindow *self, int width, int height)
{
    place_patient(self, width - FRAME);
    place_curve(self, height);
}

static gboolean on_configure(GtkWidget *widget, GdkEventConfigure *event, gpointer user)
{
    lay(DKM_WINDOW(widget), event->width, event->height);
    return GDK_EVENT_PROPAGATE;
}

void dkm_window_layout(DkmWindow *self)
{
    GtkWidget *widget = GTK_WIDGET(self);
    if (gtk_widget_get_mapped(widget))
        lay(self, gtk_widget_get_allocated_width(widget), gtk_widget_get_allocated_height(widget));
}

void dkm_window_layout_init(DkmWindow *self)
{
    set_first_size(self);
    g_signal_connect(self, "configure-event", G_CALLBACK(on_configure), NULL);
    g_signal_connect_object(gtk_widget_get_parent(GTK_WIDGET(self->bar)), "get-child-position",
                            G_CALLBACK(on_place_message), self, 0);
    g_signal_connect(self, "map", G_CALLBACK(dkm_window_layout), NULL);
}
