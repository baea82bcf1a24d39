/* A folder of several studies in the window: the list, its keys, and going on to the next one. */
#include "gui/recent.h"
#include "gui/window.h"
#include "tests/gui/desk.h"
#include "tests/gui/display.h"
#include "tests/gui/studies.h"

#define LOAD_MS 60000

static DkmWindow *window;
static char *root;

static DkmReading *reading(void)
{
    return dkm_window_reading(window);
}

static DkmStudyList *list(void)
{
    return dkm_reading_studies(reading());
}

static gboolean is_listed(gpointer data)
{
    return list() != NULL;
}

static gboolean is_shown(gpointer name)
{
    int permille;
    const DkmReviewCase *on = dkm_reading_case(reading());
    return on && !dkm_reading_is_loading(reading(), &permille) &&
           (!name || strcmp(on->patient_name, name) == 0);
}

static void wait_for(const char *name)
{
    g_assert_true(display_wait_for(is_shown, (gpointer)name, LOAD_MS));
}

static void open_window(void)
{
    window = g_object_ref_sink(dkm_window_new(NULL));
    gtk_window_resize(GTK_WINDOW(window), 1440, 900);
    gtk_widget_show(GTK_WIDGET(window));
    display_wait(200);
    display_focus_newest();
    dkm_window_open(window, root);
    g_assert_true(display_wait_for(is_listed, NULL, LOAD_MS));
    display_wait(400);
}

static void close_window(void)
{
    dkm_reading_discard_kept(reading());
    gtk_widget_destroy(GTK_WIDGET(window));
    g_clear_object(&window);
    display_wait(50);
}

static void take_page(GtkWidget *widget, gpointer user)
{
    if (GTK_IS_STACK(widget))
        *(const char **)user = gtk_stack_get_visible_child_name(GTK_STACK(widget));
    else if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), take_page, user);
}

static const char *page(void)
{
    const char *name = NULL;
    take_page(GTK_WIDGET(window), &name);
    return name;
}

static void take_bar(GtkWidget *widget, gpointer user)
{
    if (GTK_IS_INFO_BAR(widget))
        *(GtkWidget **)user = widget;
    else if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), take_bar, user);
}

static gboolean has_message(void)
{
    GtkWidget *bar = NULL;
    take_bar(GTK_WIDGET(window), &bar);
    return gtk_widget_get_visible(bar);
}

static gboolean has_picture(gpointer data)
{
    for (guint i = 0; i < dkm_study_list_count(list()); i++)
        if (!dkm_study_list_get(list(), i)->picture &&
            dkm_study_list_get(list(), i)->summary->n_phases > 0)
            return FALSE;
    return TRUE;
}

/* By keys alone: choose, open, the next one, back to the list. */
static void keys(void)
{
    open_window();
    g_assert_cmpstr(page(), ==, "studies");
    g_assert_null(dkm_reading_case(reading()));
    g_assert_true(display_wait_for(has_picture, NULL, LOAD_MS));
    display_shoot("studies");
    display_key("Escape"); /* there is nothing to go back to */
    display_wait(100);
    g_assert_cmpstr(page(), ==, "studies");
    display_key("Down"); /* Cleo's, whose slices are uneven */
    display_key("Return");
    display_wait(200);
    g_assert_cmpstr(page(), ==, "studies");
    g_assert_null(dkm_reading_case(reading()));
    display_key("Down");
    display_key("Return");
    wait_for("Reed, Dora");
    g_assert_cmpstr(page(), ==, "reading");
    display_key("ctrl+Next");
    wait_for("Stone, Ella");
    display_key("ctrl+Prior");
    wait_for("Reed, Dora");
    display_key("ctrl+Prior"); /* over the one that cannot be read */
    wait_for("Adams, Eve");
    display_key("ctrl+Prior");
    display_wait(200);
    g_assert_true(is_shown((gpointer) "Adams, Eve")); /* the first stays */
    display_key("ctrl+l");
    display_wait(200);
    g_assert_cmpstr(page(), ==, "studies");
    display_key("Escape");
    display_wait(200);
    g_assert_cmpstr(page(), ==, "reading");
    close_window();
}

/* Another study's error is not left over the one on the desk. */
static void error_stays_with_the_list(void)
{
    open_window();
    display_type("dora");
    display_wait(200);
    display_key("Return");
    wait_for("Reed, Dora");
    display_key("ctrl+l");
    display_wait(200);
    display_key("Up"); /* Cleo's, which cannot be read */
    display_key("Return");
    display_wait(200);
    g_assert_cmpstr(page(), ==, "studies");
    g_assert_true(has_message());
    display_key("Escape");
    display_wait(200);
    g_assert_cmpstr(page(), ==, "reading");
    g_assert_false(has_message());
    close_window();
}

/* What is typed finds, and does nothing to the study that lies behind the list. */
static void typing(void)
{
    open_window();
    display_type("dora");
    display_wait(200);
    display_key("Return");
    wait_for("Reed, Dora");
    const DkmArmed armed = dkm_reading_look(reading())->armed;
    const gboolean overlays = dkm_reading_look(reading())->shows_overlays;
    display_key("ctrl+l");
    display_wait(200);
    display_type("be b"); /* the brush, the eraser, the peek */
    display_key("ctrl+z");
    display_wait(200);
    g_assert_cmpint(dkm_reading_look(reading())->armed, ==, armed);
    g_assert_cmpint(dkm_reading_look(reading())->shows_overlays, ==, overlays);
    display_shoot("studies-nothing-found");
    display_key("Escape"); /* takes back what was typed */
    display_wait(200);
    g_assert_cmpstr(page(), ==, "studies");
    display_key("Escape");
    display_wait(200);
    g_assert_cmpstr(page(), ==, "reading");
    g_assert_true(is_shown((gpointer) "Reed, Dora"));
    close_window();
}

/* Masks that are not exported: nothing is left before a person has said so. */
static void guards_masks(void)
{
    open_window();
    display_type("dora");
    display_wait(200);
    display_key("Return");
    wait_for("Reed, Dora");
    g_autoptr(GError) error = NULL;
    DkmReviewCase *on = dkm_reading_case(reading());
    g_assert_cmpuint(dkm_layers_add(on->layers, DKM_ORIGIN_PERSON, NULL, NULL, &error), >, 0);
    dkm_reading_layers_changed(reading());
    g_assert_true(dkm_reading_is_unsaved(reading()));
    display_key("ctrl+Next");
    display_wait(400);
    display_focus_newest();
    display_shoot("studies-guard");
    display_key("Escape"); /* keeps working */
    display_wait(300);
    display_focus_newest();
    g_assert_true(is_shown((gpointer) "Reed, Dora"));
    g_assert_true(dkm_reading_is_unsaved(reading()));
    display_key("ctrl+Next");
    display_wait(400);
    display_focus_newest();
    display_key("alt+d");
    wait_for("Stone, Ella");
    close_window();
}

/* Forty times on and back, faster than a study loads: the header and the pictures are those of the
 * study that was asked for last. */
static void fast_hands(void)
{
    open_window();
    GAction *step = g_action_map_lookup_action(G_ACTION_MAP(window), "step-study");
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    for (int i = 0; i < 200; i++) {
        const DkmReviewCase *before = dkm_reading_case(reading());
        const gboolean had = before != NULL;
        g_action_activate(step, g_variant_new_int32(g_rand_boolean(rand) ? 1 : -1));
        const DkmReviewCase *on = dkm_reading_case(reading());
        g_assert_true(on || !had);
        if (on) {
            const char *title = gtk_window_get_title(GTK_WINDOW(window));
            g_assert_true(g_str_has_prefix(title, on->patient_name));
            for (guint p = 0; p < dkm_review_case_n_phases(on); p++)
                g_assert_true(i % 5 || !dkm_review_case_phase(on, p) ||
                              dkm_grid_equal(dkm_volume_grid(dkm_review_case_phase(on, p)),
                                             dkm_review_case_grid(on), 0.01));
        }
        display_wait((int)g_rand_int_range(rand, 0, 12));
    }
    wait_for(NULL);
    close_window();
}

static gboolean has_recent(gpointer action)
{
    g_autoptr(GPtrArray) entries = dkm_recent_load();
    return entries->len == GPOINTER_TO_UINT(action);
}

static void act(const char *name, GVariant *parameter)
{
    g_action_activate(g_action_map_lookup_action(G_ACTION_MAP(window), name), parameter);
}

/* What was opened last stands on the first page of the next window, and opens with its list. */
static void reopens(void)
{
    dkm_recent_clear();
    open_window();
    display_type("ella");
    display_wait(200);
    display_key("Return");
    wait_for("Stone, Ella");
    g_assert_true(display_wait_for(has_recent, GUINT_TO_POINTER(2), LOAD_MS));
    close_window();
    window = g_object_ref_sink(dkm_window_new(NULL));
    gtk_window_resize(GTK_WINDOW(window), 1440, 900);
    gtk_widget_show(GTK_WIDGET(window));
    display_wait(500);
    display_focus_newest();
    g_assert_cmpstr(page(), ==, "welcome");
    display_shoot("studies-recent");
    act("open-recent", g_variant_new_int32(0)); /* it shares its folder with another patient's */
    wait_for("Stone, Ella");
    g_assert_cmpstr(page(), ==, "reading");
    display_key("ctrl+Prior");
    wait_for("Reed, Dora");
    act("clear-recent", NULL);
    g_assert_true(display_wait_for(has_recent, GUINT_TO_POINTER(0), LOAD_MS));
    close_window();
}

/* --- one long ID ------------------------------------------------------------------------------ */

#define LONG_ID "1.3.6.1.4.1.14519.5.2.1.6279.6001.298806137288633453246975630178"
#define LONG_NAME "Featherstonehaugh-Wolfeschlegel^Maximiliana Theodora"

static void take_table(GtkWidget *widget, gpointer user)
{
    if (GTK_IS_TREE_VIEW(widget))
        *(GtkTreeView **)user = GTK_TREE_VIEW(widget);
    else if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), take_table, user);
}

static GtkTreeViewColumn *column_of(GtkTreeView *table, const char *title)
{
    for (guint i = 0; i < gtk_tree_view_get_n_columns(table); i++)
        if (g_str_equal(gtk_tree_view_column_get_title(gtk_tree_view_get_column(table, (int)i)),
                        title))
            return gtk_tree_view_get_column(table, (int)i);
    g_assert_not_reached();
}

/* The first row's text in COLUMN is not wider than its cell. */
static gboolean is_whole(GtkTreeView *table, GtkTreeViewColumn *column)
{
    GtkTreeModel *model = gtk_tree_view_get_model(table);
    GtkTreeIter first;
    g_autoptr(GList) cells = gtk_cell_layout_get_cells(GTK_CELL_LAYOUT(column));
    int least, wanted;
    g_assert_true(gtk_tree_model_get_iter_first(model, &first));
    gtk_tree_view_column_cell_set_cell_data(column, model, &first, FALSE, FALSE);
    gtk_cell_renderer_get_preferred_width(cells->data, GTK_WIDGET(table), &least, &wanted);
    return wanted <= gtk_tree_view_column_get_width(column);
}

static gboolean has_tip_with(GtkTreeView *table, const char *words)
{
    GtkTreeModel *model = gtk_tree_view_get_model(table);
    GtkTreeIter first;
    g_autofree char *tip = NULL;
    g_assert_true(gtk_tree_model_get_iter_first(model, &first));
    gtk_tree_model_get(model, &first, gtk_tree_view_get_tooltip_column(table), &tip, -1);
    return tip && strstr(tip, words);
}

/* It takes no width from the name, and nothing runs off the window. */
static void a_long_id_gives_way(void)
{
    static const StudiesSpec specs[] = {
        {"long", LONG_ID, LONG_NAME, "MR breast left", "uneven", "20010102", 3},
        {"short", "S-1", "Stone^Ella", "MR breast", NULL, "20010323", 2},
    };
    char *usual = root;
    root = g_dir_make_tmp("dkm-studies-XXXXXX", NULL);
    for (guint i = 0; i < G_N_ELEMENTS(specs); i++)
        studies_write(root, &specs[i], i + 1);
    open_window();
    GtkTreeView *table = NULL;
    take_table(GTK_WIDGET(window), &table);
    g_assert_nonnull(table);
    display_shoot("studies-long-id");
    GtkTreeViewColumn *id = column_of(table, "ID");
    g_assert_cmpint(gtk_tree_view_column_get_width(id), <, 240);
    g_assert_cmpint(gtk_tree_view_column_get_width(id), >, 60);
    g_assert_true(is_whole(table, column_of(table, "Patient")));
    g_assert_true(has_tip_with(table, LONG_ID));
    int width = 0;
    for (guint i = 0; i < gtk_tree_view_get_n_columns(table); i++)
        width += gtk_tree_view_column_get_width(gtk_tree_view_get_column(table, (int)i));
    g_assert_cmpint(width, <=, gtk_widget_get_allocated_width(GTK_WIDGET(window)));
    close_window();
    studies_free(root);
    root = usual;
}

int main(int argc, char **argv)
{
    if (!desk_start(&argc, &argv, NULL))
        return 0;
    root = studies_new();
    g_test_add_func("/studies/keys", keys);
    g_test_add_func("/studies/error-stays-with-the-list", error_stays_with_the_list);
    g_test_add_func("/studies/typing", typing);
    g_test_add_func("/studies/guards-masks", guards_masks);
    g_test_add_func("/studies/fast-hands", fast_hands);
    g_test_add_func("/studies/a-long-id-gives-way", a_long_id_gives_way);
    g_test_add_func("/studies/reopens", reopens);
    const int failed = desk_run();
    studies_free(root);
    return failed;
}
