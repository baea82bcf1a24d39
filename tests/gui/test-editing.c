/* Correcting masks in the viewer, by real pointer and key events under Xvfb. */
#include "gui/window.h"
#include "tests/gui/desk.h"
#include "tests/gui/opened.h"
#include "tests/gui/study.h"

#include <string.h>

#define LOAD_MS 180000

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

static const DkmLayer *layer(void)
{
    return dkm_layers_find(on()->layers, look()->layer);
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

/* --- what a program that died has left ---------------------------------------------------------
 */

static void recovered_by_one_question(void)
{
    char *study = study_path_small();
    open_window(study);
    paint(150, 150);
    paint(200, 220);
    g_autofree char *hash = dkm_mask_sha256(layer()->mask);
    close_window(); /* nobody asked, nothing exported: as if it had died */

    open_window(study);
    display_wait(300);
    display_shoot("20-recover");
    g_assert_null(layer());
    display_focus_newest();
    display_key("Return");
    display_wait(300);
    display_focus_newest();
    display_shoot("21-recovered");
    g_assert_nonnull(layer());
    g_autofree char *recovered = dkm_mask_sha256(layer()->mask);
    g_assert_cmpstr(recovered, ==, hash);
    const gsize voxels = layer()->voxels;
    display_key("ctrl+z"); /* with its history */
    g_assert_cmpuint(layer()->voxels, <, voxels);
    dkm_reading_discard_kept(dkm_window_reading(window));
    close_window();
    study_path_free(study);
}

/* --- the list --------------------------------------------------------------------------------- */

static void answer(const char *text)
{
    display_wait(300);
    display_focus_newest();
    display_key("ctrl+a");
    display_type(text);
    display_key("Return");
    display_wait(200);
    display_focus_newest();
}

static void lesion_list(void)
{
    char *study = study_path_small();
    open_window(study);
    paint(150, 150);
    display_key("F2");
    answer("Index lesion");
    g_assert_cmpstr(layer()->info.name, ==, "Index lesion");
    display_key("ctrl+Return");
    answer("Ada Reader");
    g_assert_cmpint(layer()->info.review, ==, DKM_REVIEW_ACCEPTED);
    paint(200, 220);
    display_shoot("22-list");
    display_key("ctrl+BackSpace");
    answer("Ada Reader");
    g_assert_cmpint(layer()->info.review, ==, DKM_REVIEW_REJECTED);
    display_shoot("23-rejected");
    display_key("ctrl+z");
    display_key("ctrl+z");
    g_assert_cmpint(layer()->info.review, ==, DKM_REVIEW_ACCEPTED);
    dkm_reading_discard_kept(dkm_window_reading(window));
    close_window();
    study_path_free(study);
}

/* --- the tools ---------------------------------------------------------------------------------
 */

static gsize voxels(void)
{
    return layer() ? layer()->voxels : 0;
}

static void polygon(void)
{
    static const double corners[4][2] = {{120, 120}, {260, 140}, {240, 260}, {130, 230}};
    display_key("p");
    g_assert_cmpint(look()->armed, ==, DKM_ARMED_POLYGON);
    for (int i = 0; i < 4; i++) {
        display_move(view(), corners[i][0], corners[i][1]);
        display_click(1);
    }
    display_move(view(), 150, 180);
    display_shoot("24-polygon");
    g_assert_cmpuint(voxels(), ==, 0); /* not before it is closed */
    display_move(view(), corners[0][0] + 2, corners[0][1] - 2);
    display_click(1);
    g_assert_cmpuint(voxels(), >, 300);
    g_assert_cmpuint(dkm_mask_slice_count(layer()->mask, look()->slice), ==, voxels());
    display_key("Escape");
}

static void course(const double places[][2], int n)
{
    display_move(view(), places[0][0], places[0][1]);
    display_press(1);
    for (int i = 1; i < n; i++)
        display_move(view(), places[i][0], places[i][1]);
}

/* Ctrl cuts a piece out of what the polygon has filled; Escape takes a drag back. */
static void lasso(void)
{
    static const double places[5][2] = {{150, 150}, {200, 150}, {210, 200}, {170, 220}, {145, 190}};
    const gsize before = voxels();
    display_key("l");
    course(places, 5);
    display_key("Escape");
    display_release(1);
    g_assert_cmpuint(voxels(), ==, before);
    display_key_down("ctrl");
    course(places, 5);
    display_shoot("25-lasso");
    display_release(1);
    display_key_up("ctrl");
    g_assert_cmpuint(voxels(), <, before - 50);
    display_key("Escape");
}

/* A drag through N places, all of it while the program does something else. */
static void drag_hastily(const int places[][2], int n)
{
    int x, y;
    gdk_window_get_origin(gtk_widget_get_window(view()), &x, &y);
    GString *line = g_string_new("xdotool");
    for (int i = 0; i < n; i++)
        g_string_append_printf(line, " mousemove %d %d%s", x + places[i][0], y + places[i][1],
                               i == 0 ? " mousedown 1" : "");
    g_string_append(line, " mouseup 1");
    g_assert_true(g_spawn_command_line_sync(line->str, NULL, NULL, NULL, NULL));
    display_wait(300);
    g_string_free(line, TRUE);
}

/* No corner may be cut. */
static void hasty_lasso(void)
{
    static const int places[5][2] = {{150, 150}, {200, 150}, {210, 200}, {170, 220}, {145, 190}};
    const gsize before = voxels();
    display_key("l");
    drag_hastily(places, 5);
    g_assert_cmpuint(voxels(), >, before + 50);
    display_key("Escape");
}

/* A ring into a mask of its own, which ends where it began: what knows the last point alone paints
 * a dot. */
static void hasty_brush(void)
{
    static const int ring[5][2] = {{150, 150}, {300, 150}, {300, 300}, {150, 300}, {150, 150}};
    DkmLayers *layers = dkm_reading_case(dkm_window_reading(window))->layers;
    const guint masks = dkm_layers_count(layers), first = layer()->id;
    const gsize before = voxels();
    display_key("ctrl+n");
    g_assert_cmpuint(dkm_layers_count(layers), ==, masks + 1);
    g_assert_cmpuint(layer()->id, !=, first);
    g_assert_cmpuint(voxels(), ==, 0);
    display_key("b");
    drag_hastily(&ring[0], 1);
    const gsize dot = voxels();
    g_assert_cmpuint(dot, >, 0);
    drag_hastily(ring, 5);
    display_shoot("25-ring");
    g_assert_cmpuint(voxels(), >, 5 * dot);
    g_assert_cmpuint(dkm_layers_find(layers, first)->voxels, ==, before);
    display_key("Escape");
    for (int i = 0; i < 3; i++)
        display_key("ctrl+z");
    g_assert_cmpuint(dkm_layers_count(layers), ==, masks);
    g_assert_cmpuint(layer()->id, ==, first);
}

static void take_spin(GtkWidget *widget, gpointer user)
{
    if (GTK_IS_SPIN_BUTTON(widget) &&
        g_strcmp0(atk_object_get_name(gtk_widget_get_accessible(widget)), "Largest value") == 0)
        *(GtkWidget **)user = widget;
    else if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), take_spin, user);
}

/* No bound is words, a percentage has no decimals; both can be typed over and come back. */
static void limits_are_readable(void)
{
    GtkWidget *spin = NULL;
    DkmLook now = *look();
    now.limit = dkm_limit_default(DKM_LIMIT_PE, &now.window);
    dkm_reading_set_look(dkm_window_reading(window), &now);
    take_spin(GTK_WIDGET(window), &spin);
    g_assert_cmpstr(gtk_entry_get_text(GTK_ENTRY(spin)), ==, "no limit");
    gtk_spin_button_update(GTK_SPIN_BUTTON(spin));
    g_assert_cmpfloat((double)look()->limit.high, ==, DKM_LIMIT_MOST);
    gtk_entry_set_text(GTK_ENTRY(spin), "150");
    gtk_spin_button_update(GTK_SPIN_BUTTON(spin));
    g_assert_cmpfloat((double)look()->limit.high, ==, 150);
    g_assert_cmpstr(gtk_entry_get_text(GTK_ENTRY(spin)), ==, "150");
}

static void take_mask(GtkWidget *widget, gpointer user)
{
    if (GTK_IS_LIST_BOX_ROW(widget) && gtk_widget_get_mapped(widget))
        *(GtkWidget **)user = widget;
    else if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), take_mask, user);
}

static int top_of(GtkWidget *widget)
{
    int x, y;
    gtk_widget_translate_coordinates(widget, GTK_WIDGET(window), 0, 0, &x, &y);
    return y;
}

/* They appear under the masks, which stay where they were; and the views keep their width. */
static void limits_move_no_mask(void)
{
    GtkWidget *spin = NULL, *mask = NULL;
    take_mask(GTK_WIDGET(window), &mask);
    take_spin(GTK_WIDGET(window), &spin);
    g_assert_false(gtk_widget_get_mapped(spin));
    const int before = top_of(mask), width = gtk_widget_get_allocated_width(view());
    display_key("t");
    display_wait(300);
    g_assert_true(gtk_widget_get_mapped(spin));
    g_assert_cmpint(top_of(mask), ==, before);
    g_assert_cmpint(top_of(spin), >, before);
    g_assert_cmpint(gtk_widget_get_allocated_width(view()), ==, width);
    display_key("Escape");
}

/* Paints nothing but the lesion, which enhances, though the brush goes far over its edge. */
static void limited_brush(void)
{
    const gsize before = voxels();
    DkmLook now = *look();
    now.limit = (DkmLimit){DKM_LIMIT_PE, 5, 1000};
    now.brush_mm = 12;
    dkm_reading_set_look(dkm_window_reading(window), &now);
    display_key("t");
    display_drag(view(), 1, (double[]){90, 230}, (double[]){300, 290});
    display_shoot("26-limited");
    g_assert_cmpuint(voxels(), >, before);
    const DkmVolume *pre = dkm_review_case_phase(on(), 0), *early = dkm_review_case_phase(on(), 1);
    const DkmGrid *grid = dkm_review_case_grid(on());
    gsize outside = 0;
    display_key("ctrl+z");
    g_autoptr(DkmMask) without = dkm_mask_dup(layer()->mask, NULL);
    display_key("ctrl+y");
    for (int y = 0; y < grid->n[1]; y++)
        for (int x = 0; x < grid->n[2]; x++) {
            const int z = look()->slice;
            const float s0 = dkm_volume_value(pre, z, y, x), s1 = dkm_volume_value(early, z, y, x);
            outside += dkm_mask_get(layer()->mask, z, y, x) && !dkm_mask_get(without, z, y, x) &&
                       (s0 <= 0 || 100 * (s1 - s0) / s0 < 5);
        }
    g_assert_cmpuint(outside, ==, 0);
    display_key("Escape");
}

static void part(void)
{
    display_key("b");
    DkmLook now = *look();
    now.brush_mm = 3;
    dkm_reading_set_look(dkm_window_reading(window), &now);
    const gsize before = voxels();
    display_drag(view(), 1, (double[]){560, 330}, (double[]){565, 330});
    const gsize with = voxels();
    g_assert_cmpuint(with, >, before);
    display_key("x");
    display_move(view(), 562, 330);
    display_click(1);
    g_assert_cmpuint(voxels(), ==, before);
    display_key("Escape");
}

static void whole_mask(void)
{
    static const char *const keys[] = {"g", "shift+g", "h", "u"};
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *before = dkm_mask_sha256(layer()->mask);
        const gboolean could = dkm_layers_can_redo(on()->layers);
        display_key(keys[i]);
        g_autofree char *after = dkm_mask_sha256(layer()->mask);
        g_assert_false(could);
        g_assert_true(g_strcmp0(before, after) != 0 || g_str_equal(keys[i], "h"));
    }
    const int slice = look()->slice;
    display_key("ctrl+Down");
    g_assert_cmpint(look()->slice, ==, slice + 1);
    g_assert_cmpuint(dkm_mask_slice_count(layer()->mask, slice + 1), >, 0);
    display_key("Up");
    display_shoot("27-whole-mask");
}

static void box(void)
{
    display_key("v");
    display_drag(view(), 1, (double[]){100, 110}, (double[]){280, 300});
    g_assert_true(look()->has_box);
    g_assert_cmpint(look()->box.first[0], ==, 0);
    display_key("2");
    display_key("Down");
    display_key("Down");
    display_key("3");
    g_assert_cmpint(look()->box.end[0] - look()->box.first[0], ==, 3);
    display_shoot("28-box");
    display_key("w");
    display_wait(200);
    display_shoot("28-box-stays");
    display_key("v");
    display_key("4");
    g_assert_false(look()->has_box);
    display_key("Escape");
}

/* What the network made, as it would come, is compared with what it has become. */
static void difference(void)
{
    char *study = study_path_small();
    open_window(study);
    g_autoptr(DkmMask) mask = dkm_mask_new(dkm_review_case_grid(on()), NULL);
    for (int y = 40; y < 60; y++)
        for (int x = 30; x < 60; x++)
            dkm_mask_slice(mask, look()->slice)[y * dkm_mask_grid(mask)->n[2] + x] = 1;
    dkm_layers_add(on()->layers, DKM_ORIGIN_NETWORK, "Network", mask, NULL);
    dkm_reading_layers_changed(dkm_window_reading(window));
    paint(150, 150);
    display_shoot("29-difference");
    DkmDifference now;
    g_assert_true(dkm_layers_compare_original(on()->layers, look()->layer, &now));
    g_assert_cmpuint(now.added, >, 0);
    dkm_reading_discard_kept(dkm_window_reading(window));
    close_window();
    study_path_free(study);
}

static void tools(void)
{
    char *study = study_path_small();
    open_window(study);
    step_to_editing();
    polygon();
    lasso();
    hasty_lasso();
    hasty_brush();
    limits_are_readable();
    limits_move_no_mask();
    limited_brush();
    part();
    whole_mask();
    box();
    while (dkm_layers_can_undo(on()->layers))
        display_key("ctrl+z");
    g_assert_cmpuint(dkm_layers_count(on()->layers), ==, 0);
    dkm_reading_discard_kept(dkm_window_reading(window));
    close_window();
    study_path_free(study);
}

/* --- where no mask can be drawn ----------------------------------------------------------------
 */

static void count_message(DkmReading *reading, guint kind, const char *text, gpointer user)
{
    if (strstr(text, "drawn on slices"))
        ++*(guint *)user;
}

/* Its grey window follows the values once they are there. */
static gboolean has_projection(gpointer data)
{
    return dkm_reading_scene(dkm_window_reading(window)).mip != NULL;
}

/* The overview's first view is the projection: a brush says so there, once, and does nothing. */
static void projection_refuses_tools(void)
{
    char *study = study_path_small();
    open_window(study);
    g_assert_true(display_wait_for(has_projection, NULL, LOAD_MS));
    guint told = 0;
    g_signal_connect(dkm_window_reading(window), "message", G_CALLBACK(count_message), &told);
    const DkmWindowLevel before = look()->mip_window;
    static const char *const keys[] = {"b", "e", "p", "l", "x", "v"};
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        display_key(keys[i]);
        for (int twice = 0; twice < 2; twice++)
            display_drag(view(), 1, (double[]){100, 100}, (double[]){160, 130});
        g_assert_cmpuint(told, ==, i + 1);
    }
    display_shoot("30-projection");
    g_assert_cmpfloat(look()->mip_window.width, ==, before.width);
    g_assert_cmpfloat(look()->mip_window.centre, ==, before.centre);
    g_assert_null(layer());
    g_assert_false(look()->has_box);
    display_key("w");
    display_drag(view(), 1, (double[]){100, 100}, (double[]){160, 130});
    g_assert_cmpfloat(look()->mip_window.width, >, before.width);
    close_window();
    study_path_free(study);
}

/* --- the side panel --------------------------------------------------------------------------- */

static void take_accept(GtkWidget *widget, gpointer user)
{
    if (GTK_IS_BUTTON(widget) &&
        g_strcmp0(gtk_button_get_label(GTK_BUTTON(widget)), "Accept…") == 0)
        *(GtkWidget **)user = widget;
    else if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), take_accept, user);
}

static void take_selected(GtkWidget *widget, gpointer user)
{
    if (GTK_IS_LIST_BOX(widget) && gtk_list_box_get_selected_row(GTK_LIST_BOX(widget)))
        *(GtkWidget **)user = GTK_WIDGET(gtk_list_box_get_selected_row(GTK_LIST_BOX(widget)));
    else if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), take_selected, user);
}

/* The last of many masks, when it is selected. */
static void selected_is_in_sight(GtkWidget *accept)
{
    GtkWidget *row = NULL;
    int x, y;
    display_key("Page_Up");
    display_wait(500);
    take_selected(GTK_WIDGET(window), &row);
    g_assert_nonnull(row);
    gtk_widget_translate_coordinates(row, accept, 0, gtk_widget_get_allocated_height(row), &x, &y);
    g_assert_cmpint(y, <=, 0);
}

/* Fat, mass and air under the pointer: curves of all kinds, and of one height in words. */
static void nothing_jumps(GtkWidget *accept)
{
    int x, y, first = -1;
    step_to_editing();
    for (int at = 20; at < 300; at += 40) {
        display_move(view(), at, at);
        display_wait(50);
        gtk_widget_translate_coordinates(accept, GTK_WIDGET(window), 0, 0, &x, &y);
        first = first < 0 ? y : first;
        g_assert_cmpint(y, ==, first);
    }
}

/* However many masks there are. */
static void accept_stays_in_sight(void)
{
    char *study = study_path_small();
    GtkWidget *accept = NULL;
    int x, y;
    open_window(study);
    g_autoptr(DkmMask) mask = dkm_mask_new(dkm_review_case_grid(on()), NULL);
    for (int i = 0; i < 8; i++)
        dkm_layers_add(on()->layers, DKM_ORIGIN_NETWORK, "Network", mask, NULL);
    dkm_reading_layers_changed(dkm_window_reading(window));
    display_wait(300);
    take_accept(GTK_WIDGET(window), &accept);
    g_assert_nonnull(accept);
    g_assert_null(gtk_widget_get_ancestor(accept, GTK_TYPE_SCROLLED_WINDOW));
    gtk_widget_translate_coordinates(accept, GTK_WIDGET(window), 0, 0, &x, &y);
    g_assert_cmpint(y + gtk_widget_get_allocated_height(accept), <,
                    gtk_widget_get_allocated_height(GTK_WIDGET(window)));
    selected_is_in_sight(accept);
    nothing_jumps(accept);
    display_shoot("24-many-masks");
    dkm_reading_discard_kept(dkm_window_reading(window));
    close_window();
    study_path_free(study);
}

int main(int argc, char **argv)
{
    if (!desk_start(&argc, &argv, NULL))
        return 0;
    g_test_add_func("/editing/recovered-by-one-question", recovered_by_one_question);
    g_test_add_func("/editing/lesion-list", lesion_list);
    g_test_add_func("/editing/projection-refuses-tools", projection_refuses_tools);
    g_test_add_func("/editing/difference", difference);
    g_test_add_func("/editing/tools", tools);
    g_test_add_func("/editing/accept-stays-in-sight", accept_stays_in_sight);
    return desk_run();
}
