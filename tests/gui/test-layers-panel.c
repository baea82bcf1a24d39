/* The list of masks in the side panel, by real pointer and key events under Xvfb. */
#include "gui/window.h"
#include "tests/gui/desk.h"
#include "tests/gui/opened.h"
#include "tests/gui/study.h"

static DkmWindow *window;

static DkmReviewCase *on(void)
{
    return dkm_reading_case(dkm_window_reading(window));
}

static const DkmLook *look(void)
{
    return dkm_reading_look(dkm_window_reading(window));
}

static GtkWidget *view(void)
{
    return GTK_WIDGET(dkm_wall_view(dkm_window_wall(window), 0));
}

static void open_window(const char *study)
{
    window = opened_window(1440, 900);
    opened_load(window, study);
}

/* One large acquired plane. */
static void step_to_editing(void)
{
    for (int i = 0; i < 4 && dkm_wall_stage(dkm_window_wall(window)) != DKM_STAGE_EDIT; i++)
        display_key("period");
    g_assert_cmpint(dkm_wall_stage(dkm_window_wall(window)), ==, DKM_STAGE_EDIT);
}

static void close_window(void)
{
    gtk_widget_destroy(GTK_WIDGET(window));
    g_clear_object(&window);
    display_wait(50);
}

static void paint(double x, double y)
{
    step_to_editing();
    display_key("b");
    display_drag(view(), 1, (double[]){x, y}, (double[]){x + 60, y + 20});
    display_key("Escape");
}

/* --- in sight --------------------------------------------------------------------------------- */

static void take_list(GtkWidget *widget, gpointer user)
{
    if (GTK_IS_LIST_BOX(widget) && gtk_widget_get_mapped(widget) &&
        g_object_get_data(G_OBJECT(gtk_widget_get_parent(widget)), "panel"))
        *(GtkWidget **)user = widget;
    else if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), take_list, user);
}

static GtkListBox *list(void)
{
    GtkWidget *found = NULL;
    take_list(GTK_WIDGET(window), &found);
    g_assert_nonnull(found);
    return GTK_LIST_BOX(found);
}

static gboolean is_in_sight(GtkListBoxRow *row)
{
    GtkWidget *side = gtk_widget_get_ancestor(GTK_WIDGET(row), GTK_TYPE_SCROLLED_WINDOW);
    int x, y;
    gtk_widget_translate_coordinates(GTK_WIDGET(row), side, 0, 0, &x, &y);
    return y >= 0 && y + gtk_widget_get_allocated_height(GTK_WIDGET(row)) <=
                         gtk_widget_get_allocated_height(side);
}

/* The one that keys act on, and at least FOUR of the others' rows with it. */
static void assert_in_sight(guint four)
{
    guint n = 0;
    GtkListBoxRow *selected = gtk_list_box_get_selected_row(list()), *row;
    g_assert_nonnull(selected);
    g_assert_cmpuint(gtk_list_box_row_get_index(selected), <, dkm_layers_count(on()->layers));
    g_assert_cmpuint(dkm_layers_get(on()->layers, (guint)gtk_list_box_row_get_index(selected))->id,
                     ==, look()->layer);
    g_assert_true(is_in_sight(selected));
    for (int i = 0; (row = gtk_list_box_get_row_at_index(list(), i)); i++)
        n += is_in_sight(row);
    g_assert_cmpuint(n, >=, four);
}

static void scroll_side(double to)
{
    GtkWidget *side = gtk_widget_get_ancestor(GTK_WIDGET(list()), GTK_TYPE_SCROLLED_WINDOW);
    gtk_adjustment_set_value(gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(side)), to);
    display_wait(50);
}

/* Five masks: whichever is made, stepped to or chosen elsewhere, its row and its neighbours' show,
 * and stay there when the window becomes lower; a scroll by hand holds until the next choice. */
static void selected_is_in_sight(void)
{
    char *study = study_path_small();
    open_window(study);
    gtk_window_resize(GTK_WINDOW(window), 1450, 954);
    display_wait(300);
    for (guint i = 1; i <= 5; i++) {
        display_key("ctrl+n");
        display_wait(300);
        assert_in_sight(MIN(i, 4));
    }
    for (int i = 0; i < 5; i++) {
        display_key(i < 3 ? "Page_Down" : "Page_Up");
        display_wait(300);
        assert_in_sight(4);
    }
    display_shoot("35-five-masks");
    scroll_side(0);
    DkmLook now = *look();
    now.layer = dkm_layers_get(on()->layers, 4)->id; /* as a click on its picture might */
    dkm_reading_set_look(dkm_window_reading(window), &now);
    display_wait(300);
    assert_in_sight(4);
    gtk_window_resize(GTK_WINDOW(window), 1450, 800);
    display_wait(500);
    assert_in_sight(2);
    scroll_side(0);
    paint(150, 150); /* a stroke takes nobody's place in the panel away */
    display_wait(300);
    GtkWidget *side = gtk_widget_get_ancestor(GTK_WIDGET(list()), GTK_TYPE_SCROLLED_WINDOW);
    g_assert_cmpfloat(
        gtk_adjustment_get_value(gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(side))),
        ==, 0);
    dkm_reading_discard_kept(dkm_window_reading(window));
    close_window();
    study_path_free(study);
}

int main(int argc, char **argv)
{
    if (!desk_start(&argc, &argv, NULL))
        return 0;
    g_test_add_func("/layers-panel/selected-is-in-sight", selected_is_in_sight);
    return desk_run();
}
