/* The window on half a laptop's screen: all of it is there, and the patient above all. A warning of
 * GTK's about a size ends the test. */
#include "tests/gui/desk.h"
#include "tests/gui/opened.h"
#include "tests/gui/study.h"

#include <string.h>

#define WIDTH 958
#define HEIGHT 480

static DkmWindow *window;

static char *open_window(void)
{
    char *study = study_path_small();
    window = opened_window(0, 0);
    opened_load(window, study);
    return study;
}

static void close_window(char *study)
{
    opened_close(&window);
    study_path_free(study);
}

/* --- what is where ---------------------------------------------------------------------------- */

typedef struct {
    const char *words;
    GtkWidget *label;
} Sought;

static void seek(GtkWidget *widget, gpointer user)
{
    Sought *sought = user;
    if (GTK_IS_LABEL(widget) && gtk_widget_get_mapped(widget) &&
        strstr(gtk_label_get_text(GTK_LABEL(widget)), sought->words))
        sought->label = widget;
    if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), seek, user);
}

static GtkWidget *find_label(const char *words)
{
    Sought sought = {words, NULL};
    seek(GTK_WIDGET(window), &sought);
    g_assert_nonnull(sought.label);
    return sought.label;
}

static GdkRectangle place_of(GtkWidget *widget)
{
    GdkRectangle at = {0, 0, gtk_widget_get_allocated_width(widget),
                       gtk_widget_get_allocated_height(widget)};
    gtk_widget_translate_coordinates(widget, GTK_WIDGET(window), 0, 0, &at.x, &at.y);
    return at;
}

static void assert_whole(GtkWidget *label)
{
    const GdkRectangle at = place_of(label);
    g_assert_true(gtk_widget_get_mapped(label));
    g_assert_false(pango_layout_is_ellipsized(gtk_label_get_layout(GTK_LABEL(label))));
    g_assert_cmpint(at.x, >=, 0);
    g_assert_cmpint(at.x + at.width, <=, WIDTH);
    g_assert_cmpint(at.y + at.height, <=, HEIGHT);
}

/* The view of the side's sections. */
static GtkScrolledWindow *side_of(GtkWidget *inside)
{
    return GTK_SCROLLED_WINDOW(gtk_widget_get_ancestor(inside, GTK_TYPE_SCROLLED_WINDOW));
}

/* --- the tests -------------------------------------------------------------------------------- */

static void the_first_window_is_on_the_screen(void)
{
    char *study = open_window();
    GdkWindow *own = gtk_widget_get_window(GTK_WIDGET(window));
    g_assert_cmpint(gdk_window_get_width(own), <=, WIDTH);
    g_assert_cmpint(gdk_window_get_height(own), <=, HEIGHT);
    g_assert_cmpint(gdk_window_get_width(own), >=, WIDTH - 20); /* and uses it */
    g_assert_cmpint(gdk_window_get_height(own), >=, HEIGHT - 20);
    close_window(study);
}

static void the_patient_is_whole(void)
{
    char *study = open_window();
    assert_whole(find_label("Example, One"));
    assert_whole(find_label("ID "));
    display_shoot("small-screen");
    gtk_window_resize(GTK_WINDOW(window), 1500, HEIGHT - 60); /* and in the header again */
    display_wait(300);
    GtkWidget *header = gtk_window_get_titlebar(GTK_WINDOW(window));
    g_assert_true(gtk_widget_is_ancestor(find_label("Example, One"), header));
    close_window(study);
}

/* Down to the last word, with a mask in its list. */
static void the_side_scrolls(void)
{
    char *study = open_window();
    DkmReading *reading = dkm_window_reading(window);
    g_autoptr(GError) error = NULL;
    dkm_layers_add(dkm_reading_case(reading)->layers, DKM_ORIGIN_PERSON, NULL, NULL, &error);
    g_assert_no_error(error);
    dkm_reading_layers_changed(reading);
    display_wait(400);
    GtkWidget *curves = find_label("Time-intensity curves");
    GtkScrolledWindow *side = side_of(find_label("Network and maps"));
    g_assert_true(side_of(curves) == side);
    const GdkRectangle at = place_of(GTK_WIDGET(side));
    g_assert_cmpint(at.x + at.width, <=, WIDTH);
    g_assert_cmpint(at.height, >, HEIGHT / 2);
    GtkAdjustment *down = gtk_scrolled_window_get_vadjustment(side);
    g_assert_cmpfloat(gtk_adjustment_get_upper(down), >, gtk_adjustment_get_page_size(down));
    gtk_adjustment_set_value(down, gtk_adjustment_get_upper(down));
    display_wait(300);
    display_shoot("small-screen-scrolled");
    const GdkRectangle heading = place_of(curves);
    g_assert_cmpint(heading.y, >=, at.y);
    g_assert_cmpint(heading.y + heading.height, <=, at.y + at.height);
    close_window(study);
}

static GtkWidget *dialog_of_keys(void)
{
    g_autoptr(GList) tops = gtk_window_list_toplevels();
    for (GList *top = tops; top; top = top->next)
        if (GTK_IS_DIALOG(top->data) && gtk_widget_get_mapped(top->data))
            return top->data;
    return NULL;
}

static void the_keys_fit(void)
{
    char *study = open_window();
    g_action_group_activate_action(G_ACTION_GROUP(window), "keys", NULL);
    display_wait(600);
    GtkWidget *sheet = dialog_of_keys();
    g_assert_nonnull(sheet);
    g_assert_cmpint(gdk_window_get_height(gtk_widget_get_window(sheet)), <=, HEIGHT);
    g_assert_cmpint(gdk_window_get_width(gtk_widget_get_window(sheet)), <=, WIDTH);
    display_shoot("small-screen-keys");
    gtk_widget_destroy(sheet);
    close_window(study);
}

int main(int argc, char **argv)
{
    if (!desk_start(&argc, &argv, G_STRINGIFY(WIDTH) "x" G_STRINGIFY(HEIGHT) "x24"))
        return 0;
    g_test_add_func("/small-screen/first-window", the_first_window_is_on_the_screen);
    g_test_add_func("/small-screen/patient", the_patient_is_whole);
    g_test_add_func("/small-screen/side", the_side_scrolls);
    g_test_add_func("/small-screen/keys", the_keys_fit);
    return desk_run();
}
