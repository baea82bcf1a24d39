/* A reader orders the phases in a real window, by keys and by dragging. */
#include "gui/order-dialog.h"
#include "gui/ordering.h"
#include "gui/window.h"
#include "tests/gui/desk.h"
#include "tests/gui/display.h"
#include "tests/gui/study.h"
#include "tests/support/says.h"

#include <string.h>

#define LOAD_MS 120000

static DkmWindow *window;

static DkmReading *reading(void)
{
    return dkm_window_reading(window);
}

static gboolean is_loaded(gpointer data)
{
    int permille;
    const DkmReviewCase *on = dkm_reading_case(reading());
    return on && dkm_review_case_phase(on, 0) && !dkm_reading_is_loading(reading(), &permille);
}

static void wait_loaded(void)
{
    display_wait(300);
    g_assert_true(display_wait_for(is_loaded, NULL, LOAD_MS));
    display_wait(300);
}

/* Three phases, and a T2 on other slices. */
static char *open_window(void)
{
    char *study = study_path_followed();
    window = g_object_ref_sink(dkm_window_new(NULL));
    gtk_window_resize(GTK_WINDOW(window), 1440, 900);
    gtk_widget_show(GTK_WIDGET(window));
    display_wait(200);
    display_focus_newest();
    dkm_window_open(window, study);
    wait_loaded();
    return study;
}

static void close_window(char *study)
{
    dkm_reading_discard_kept(reading());
    gtk_widget_destroy(GTK_WIDGET(window));
    g_clear_object(&window);
    display_wait(50);
    study_path_free(study);
}

static const char *given(void)
{
    return dkm_reading_case(reading())->study->dce->order_given;
}

/* --- what is on the screen -------------------------------------------------------------------- */

/* The toplevel that is titled so, or asks so; NULL: it is not there. */
static GtkWidget *find_dialog(const char *title)
{
    g_autoptr(GList) all = gtk_window_list_toplevels();
    for (GList *at = all; at; at = at->next) {
        if (!GTK_IS_DIALOG(at->data) || !gtk_widget_get_mapped(at->data))
            continue;
        const char *name = atk_object_get_name(gtk_widget_get_accessible(at->data));
        if (g_strcmp0(gtk_window_get_title(at->data), title) == 0 || g_strcmp0(name, title) == 0)
            return at->data;
    }
    return NULL;
}

#define TITLE "Order of phases"
#define QUESTION "Discard the masks of this study?"

typedef struct {
    const char *part;
    GType type;
    GtkWidget *found;
} Sought;

static void take(GtkWidget *widget, gpointer user)
{
    Sought *sought = user;
    const gboolean is_type = G_TYPE_CHECK_INSTANCE_TYPE(widget, sought->type);
    if (is_type && gtk_widget_get_mapped(widget) &&
        (!sought->part || strstr(gtk_label_get_text(GTK_LABEL(widget)), sought->part)))
        sought->found = widget;
    else if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), take, user);
}

static gboolean shows(GtkWidget *in, const char *part)
{
    Sought sought = {part, GTK_TYPE_LABEL, NULL};
    take(in, &sought);
    return sought.found != NULL;
}

static gboolean can_ok(GtkWidget *dialog)
{
    return gtk_widget_get_sensitive(
        gtk_dialog_get_widget_for_response(GTK_DIALOG(dialog), GTK_RESPONSE_OK));
}

static GtkWidget *open_dialog(void)
{
    display_focus(GTK_WIDGET(window));
    display_key("o");
    display_wait(300);
    GtkWidget *dialog = find_dialog(TITLE);
    g_assert_nonnull(dialog);
    display_focus_newest();
    return dialog;
}

static void press(const char *keys)
{
    display_key(keys);
    display_wait(400); /* a button that is activated by its key is down for a while */
}

/* "213|4": numbers of the phases, then of what is set aside. */
static void assert_rows(GtkWidget *dialog, const char *expected)
{
    const DkmPhaseOrder *order = dkm_order_dialog_order(dialog);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint row = 0; row < dkm_phase_order_count(order); row++) {
        guint number;
        dkm_phase_order_get(order, row, &number);
        if (row == dkm_phase_order_n_phases(order))
            g_string_append_c(text, '|');
        g_string_append_printf(text, "%u", number);
    }
    g_assert_cmpstr(text->str, ==, expected);
}

/* Of the T2, which the phases' clock says nothing of: the time of day. */
static void assert_time(GtkWidget *dialog, guint row, int column)
{
    Sought sought = {NULL, GTK_TYPE_TREE_VIEW, NULL};
    GtkTreeIter iter;
    g_autofree char *text = NULL;
    take(dialog, &sought);
    GtkTreeModel *model = gtk_tree_view_get_model(GTK_TREE_VIEW(sought.found));
    g_assert_true(gtk_tree_model_iter_nth_child(model, &iter, NULL, (int)row));
    gtk_tree_model_get(model, &iter, column, &text, -1);
    g_assert_true(g_regex_match_simple("^[0-9]{2}:[0-9]{2}:[0-9]{2}$", text, 0, 0));
}

/* --- by keys ---------------------------------------------------------------------------------- */

static void by_keys(void)
{
    char *study = open_window();
    g_assert_true(shows(GTK_WIDGET(window), "Order of phases…"));
    g_assert_false(shows(GTK_WIDGET(window), "Order set by reader"));
    GtkWidget *dialog = open_dialog();
    assert_rows(dialog, "123|4");
    g_assert_true(shows(dialog, "This is what the rules found."));
    assert_time(dialog, 3, 4);
    press("alt+Down");
    assert_rows(dialog, "213|4");
    g_assert_true(shows(dialog, "Please check: the order given by a person (2,1,3)"));
    g_assert_true(can_ok(dialog));
    press("End");
    press("0"); /* the T2 before contrast: the core says why not, and nothing can be taken */
    assert_rows(dialog, "4213");
    g_assert_true(shows(dialog, "Not possible: mixed geometry"));
    g_assert_false(can_ok(dialog));
    display_shoot("order-not-possible");
    press("Return");
    g_assert_true(find_dialog(TITLE) == dialog);
    press("Delete");
    assert_rows(dialog, "213|4");
    press("alt+r");
    assert_rows(dialog, "123|4");
    g_assert_true(shows(dialog, "This is what the rules found."));
    press("Escape");
    g_assert_null(find_dialog(TITLE));
    g_assert_null(given());
    dialog = open_dialog();
    press("alt+Down");
    press("Return");
    wait_loaded();
    g_assert_null(find_dialog(TITLE));
    g_assert_cmpstr(given(), ==, "2,1,3");
    g_assert_true(shows(GTK_WIDGET(window), "Order set by reader: 2,1,3"));
    display_shoot("order-set");
    dialog = open_dialog();
    assert_rows(dialog, "213|4");
    press("alt+r");
    press("Return");
    wait_loaded();
    g_assert_null(given());
    g_assert_false(shows(GTK_WIDGET(window), "Order set by reader"));
    close_window(study);
}

/* --- by the pointer --------------------------------------------------------------------------- */

static void by_dragging(void)
{
    char *study = open_window();
    GtkWidget *dialog = open_dialog();
    Sought sought = {NULL, GTK_TYPE_TREE_VIEW, NULL};
    take(dialog, &sought);
    GtkTreeView *view = GTK_TREE_VIEW(sought.found);
    double at[2][2];
    for (int i = 0; i < 2; i++) {
        g_autoptr(GtkTreePath) path = gtk_tree_path_new_from_indices(2 * i, -1);
        GdkRectangle cell;
        int x, y;
        gtk_tree_view_get_cell_area(view, path, gtk_tree_view_get_column(view, 3), &cell);
        gtk_tree_view_convert_bin_window_to_widget_coords(view, cell.x + 30,
                                                          cell.y + cell.height - 3, &x, &y);
        at[i][0] = x;
        at[i][1] = y;
    }
    display_drag(GTK_WIDGET(view), 1, at[0], at[1]);
    display_wait(400);
    assert_rows(dialog, "231|4");
    press("Escape");
    close_window(study);
}

/* --- masks ------------------------------------------------------------------------------------ */

static guint n_masks(void)
{
    return dkm_layers_count(dkm_reading_case(reading())->layers);
}

static void paint(void)
{
    const DkmBrush brush = {6, DKM_BRUSH_BALL, FALSE, NULL};
    const double at[3] = {8, 40, 40};
    DkmLayers *layers = dkm_reading_case(reading())->layers;
    g_assert_true(dkm_layers_stroke_begin(layers, 0, &brush, at, NULL));
    dkm_layers_stroke_end(layers);
    dkm_reading_layers_changed(reading());
}

/* On the same slices they stay, and nobody is asked; on others nothing is lost unasked. */
static void masks_are_not_lost(void)
{
    char *study = open_window();
    paint();
    open_dialog();
    press("alt+Down");
    press("Return");
    wait_loaded();
    g_assert_cmpstr(given(), ==, "2,1,3");
    g_assert_cmpuint(n_masks(), ==, 1);
    g_assert_true(dkm_reading_is_unsaved(reading()));
    GtkWidget *dialog = open_dialog();
    for (int i = 0; i < 3; i++) {
        press("Home");
        press("Delete");
    }
    g_assert_true(shows(dialog, "no pre-contrast phase"));
    press("End");
    press("0");
    assert_rows(dialog, "4|123");
    press("Return");
    g_assert_nonnull(find_dialog(QUESTION));
    display_focus_newest();
    display_shoot("order-discard");
    press("Escape");
    g_assert_null(find_dialog(QUESTION));
    g_assert_true(find_dialog(TITLE) == dialog);
    g_assert_cmpuint(n_masks(), ==, 1);
    g_assert_cmpstr(given(), ==, "2,1,3");
    display_focus(dialog);
    press("Return");
    display_focus_newest();
    press("alt+d");
    wait_loaded();
    g_assert_null(find_dialog(TITLE));
    g_assert_cmpstr(given(), ==, "4");
    g_assert_cmpuint(n_masks(), ==, 0);
    open_dialog();
    press("alt+r");
    press("Return");
    wait_loaded();
    g_assert_null(given());
    close_window(study);
}

/* A study that the rules cannot read: O, from the first page. */
static void opens_what_the_rules_do_not(void)
{
    char *study = study_path_derived();
    window = g_object_ref_sink(dkm_window_new(NULL));
    gtk_window_resize(GTK_WINDOW(window), 1440, 900);
    gtk_widget_show(GTK_WIDGET(window));
    display_wait(200);
    display_focus_newest();
    dkm_window_open(window, study);
    display_wait(2000);
    g_assert_null(dkm_reading_case(reading()));
    GtkWidget *dialog = open_dialog();
    assert_rows(dialog, "|123");
    g_assert_true(shows(dialog, "The rules found no phases"));
    g_assert_false(can_ok(dialog));
    press("0");
    press("Down");
    press("1");
    press("Down");
    press("2");
    assert_rows(dialog, "123");
    display_shoot("order-none-found");
    press("Return");
    wait_loaded();
    g_assert_cmpstr(given(), ==, "1,2,3");
    close_window(study);
}

/* --- for those who cannot see it ---------------------------------------------------------------
 */

static void take_nameless(GtkWidget *widget, gpointer user)
{
    const gboolean is_control = GTK_IS_TREE_VIEW(widget) || GTK_IS_COMBO_BOX(widget) ||
                                (GTK_IS_BUTTON(widget) && !GTK_IS_TOGGLE_BUTTON(widget));
    const char *name = atk_object_get_name(gtk_widget_get_accessible(widget));
    if (is_control && gtk_widget_get_mapped(widget) && (!name || !*name)) {
        g_test_message("no accessible name: %s", G_OBJECT_TYPE_NAME(widget));
        (*(guint *)user)++;
    }
    if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), take_nameless, user);
}

static void is_named(void)
{
    char *study = open_window();
    guint nameless = 0;
    take_nameless(open_dialog(), &nameless);
    g_assert_cmpuint(nameless, ==, 0);
    press("Escape");
    display_focus(GTK_WIDGET(window));
    display_key("question");
    display_wait(400);
    GtkWidget *sheet = find_dialog("Keys");
    g_assert_nonnull(sheet);
    g_assert_true(shows(sheet, "Order of the phases"));
    gtk_widget_destroy(sheet);
    close_window(study);
}

int main(int argc, char **argv)
{
    if (!desk_start(&argc, &argv, NULL))
        return 0;
    g_test_add_func("/order-dialog/by-keys", by_keys);
    g_test_add_func("/order-dialog/by-dragging", by_dragging);
    g_test_add_func("/order-dialog/masks-are-not-lost", masks_are_not_lost);
    g_test_add_func("/order-dialog/opens-what-the-rules-do-not", opens_what_the_rules_do_not);
    g_test_add_func("/order-dialog/is-named", is_named);
    return desk_run();
}
