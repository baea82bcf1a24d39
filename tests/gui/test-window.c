/* The window around the pictures: its messages, and what it tells those who cannot see it. */
#include "tests/gui/desk.h"
#include "tests/gui/opened.h"
#include "tests/gui/study.h"

#include <glib/gstdio.h>
#include <string.h>

static DkmWindow *window;

static void open_window_on(const char *study)
{
    window = opened_window(1440, 900);
    opened_load(window, study);
}

static char *open_window(void)
{
    char *study = study_path_small();
    open_window_on(study);
    return study;
}

static void close_window(char *study)
{
    opened_close(&window);
    study_path_free(study);
}

/* --- every widget of the window --------------------------------------------------------------- */

typedef void (*Visit)(GtkWidget *widget, gpointer user);
typedef struct {
    Visit visit;
    gpointer user;
} Walk;

static void walk_into(GtkWidget *widget, gpointer data)
{
    const Walk *walk = data;
    walk->visit(widget, walk->user);
    if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), walk_into, data);
}

static void walk_window(Visit visit, gpointer user)
{
    Walk walk = {visit, user};
    walk_into(GTK_WIDGET(window), &walk);
}

static void take_revealer(GtkWidget *widget, gpointer user)
{
    if (GTK_IS_REVEALER(widget) && !GTK_IS_INFO_BAR(gtk_widget_get_parent(widget)))
        *(GtkWidget **)user = widget;
}

static void take_bar(GtkWidget *widget, gpointer user)
{
    if (GTK_IS_INFO_BAR(widget))
        *(GtkWidget **)user = widget;
}

typedef struct {
    const char *starts;
    GtkWidget *label;
} LabelSought;

static void take_label(GtkWidget *widget, gpointer user)
{
    LabelSought *sought = user;
    if (GTK_IS_LABEL(widget) &&
        g_str_has_prefix(gtk_label_get_text(GTK_LABEL(widget)), sought->starts))
        sought->label = widget;
}

static GtkWidget *seek_label(const char *starts)
{
    LabelSought sought = {starts, NULL};
    walk_window(take_label, &sought);
    return sought.label;
}

static GtkWidget *find_label(const char *starts)
{
    GtkWidget *label = seek_label(starts);
    g_assert_nonnull(label);
    return label;
}

/* In the window. */
static GdkRectangle place_of(GtkWidget *widget)
{
    GdkRectangle at = {0, 0, gtk_widget_get_allocated_width(widget),
                       gtk_widget_get_allocated_height(widget)};
    gtk_widget_translate_coordinates(widget, GTK_WIDGET(window), 0, 0, &at.x, &at.y);
    return at;
}

/* --- opening --------------------------------------------------------------------------------- */

/* However busy the machine is: before anything has been read, and in the first picture. */
static void opening_shows_at_once(void)
{
    char *study = study_path_small();
    window = g_object_ref_sink(dkm_window_new(NULL));
    g_assert_true(gtk_widget_get_visible(find_label("No study is open")));
    dkm_window_open(window, study);
    g_assert_true(gtk_widget_get_visible(find_label("Opening")));
    gtk_widget_show(GTK_WIDGET(window));
    GtkWidget *none = seek_label("No study is open"); /* of the full screen alone */
    g_assert_false(none && gtk_widget_get_mapped(none));
    g_assert_true(gtk_widget_get_mapped(find_label("Reading the files' headers")));
    GtkWidget *loading = NULL;
    walk_window(take_revealer, &loading);
    g_assert_true(gtk_revealer_get_child_revealed(GTK_REVEALER(loading)));
    g_assert_true(display_wait_for(opened_is_loaded, window, OPENED_MS));
    display_wait(100);
    g_assert_true(gtk_widget_get_visible(find_label("Example, One")));
    close_window(study);
}

/* --- messages --------------------------------------------------------------------------------- */

static void a_message_moves_no_picture(void)
{
    char *study = open_window();
    GtkWidget *bar = NULL, *view = GTK_WIDGET(dkm_wall_view(dkm_window_wall(window), 0));
    walk_window(take_bar, &bar);
    g_assert_false(gtk_widget_get_mapped(bar));
    const GdkRectangle before = place_of(view);
    g_autoptr(GError) error =
        g_error_new(G_FILE_ERROR, 0,
                    "A message as long as the longest that there are, over more than one line: "
                    "the disk is full, free some space on it and save again, nothing is lost yet.");
    dkm_reading_report(dkm_window_reading(window), error);
    display_wait(600);
    g_assert_true(gtk_widget_get_mapped(bar));
    display_shoot("window-message");
    const GdkRectangle after = place_of(view), over = place_of(bar);
    g_assert_true(gdk_rectangle_equal(&before, &after));
    g_assert_cmpint(over.height, >, 20);
    const char *const kept[] = {"Example, One", "Research use only"};
    for (guint i = 0; i < G_N_ELEMENTS(kept); i++) {
        const GdkRectangle place = place_of(find_label(kept[i]));
        g_assert_false(gdk_rectangle_intersect(&place, &over, NULL));
    }
    const GdkRectangle stage = place_of(GTK_WIDGET(dkm_window_wall(window)));
    g_assert_cmpint(over.x, >=, stage.x); /* over pictures, never over the side's words */
    g_assert_cmpint(over.x + over.width, <=, stage.x + stage.width);
    display_key("Escape");
    display_wait(400);
    g_assert_false(gtk_widget_get_mapped(bar));
    close_window(study);
}

static void begin_stroke(void)
{
    DkmReading *reading = dkm_window_reading(window);
    const DkmBrush brush = {6, DKM_BRUSH_BALL, FALSE, NULL};
    dkm_layers_stroke_begin(dkm_reading_case(reading)->layers, dkm_reading_look(reading)->layer,
                            &brush, (double[]){5, 60, 60}, NULL);
    dkm_reading_layers_changed(reading);
}

static void end_stroke(void)
{
    dkm_layers_stroke_end(dkm_reading_case(dkm_window_reading(window))->layers);
    dkm_reading_layers_changed(dkm_window_reading(window));
}

/* What was said of an action goes when the next one has succeeded; an error stays. */
static void old_messages_go(void)
{
    char *study = open_window();
    DkmReading *reading = dkm_window_reading(window);
    GtkWidget *bar = NULL;
    walk_window(take_bar, &bar);
    dkm_reading_message(reading, DKM_MESSAGE_NOTE, "That changes nothing");
    dkm_reading_layers_changed(reading); /* nor did it */
    g_assert_true(gtk_widget_get_visible(bar));
    begin_stroke();
    g_assert_true(gtk_widget_get_visible(bar));
    end_stroke();
    g_assert_false(gtk_widget_get_visible(bar));
    dkm_reading_message(reading, DKM_MESSAGE_DONE, "Saved, not accepted: Lesion 1");
    dkm_reading_accept(reading, "Ada Reader");
    g_assert_false(gtk_widget_get_visible(bar));
    dkm_reading_message(reading, DKM_MESSAGE_ERROR, "The disk is full");
    dkm_reading_undo(reading);
    g_assert_true(gtk_widget_get_visible(bar));
    close_window(study);
}

/* --- a touchpad --------------------------------------------------------------------------------
 */

static void turn(GtkWidget *view, double steps)
{
    g_autoptr(GdkEvent) event = gdk_event_new(GDK_SCROLL);
    event->scroll.window = g_object_ref(gtk_widget_get_window(view));
    event->scroll.direction = GDK_SCROLL_SMOOTH;
    event->scroll.delta_y = steps;
    event->scroll.x = event->scroll.y = 150;
    gdk_event_set_device(
        event, gdk_seat_get_pointer(gdk_display_get_default_seat(gdk_display_get_default())));
    gtk_main_do_event(event);
    display_wait(60);
}

/* A fraction of a step turns nothing yet, and none is lost: ten of 0.25 are two steps and a half.
 */
static void a_touchpad_pages_whole_slices(void)
{
    char *study = open_window();
    GtkWidget *view = GTK_WIDGET(dkm_wall_view(dkm_window_wall(window), 2));
    const DkmLook *look = dkm_reading_look(dkm_window_reading(window));
    const int first = look->slice;
    for (int i = 1; i <= 10; i++) {
        turn(view, 0.25);
        g_assert_cmpint(look->slice, ==, first + i / 4);
    }
    turn(view, -1.5);
    g_assert_cmpint(look->slice, ==, first + 1);
    close_window(study);
}

/* --- names for those who hear the window ------------------------------------------------------ */

static gboolean has_text(const char *text)
{
    return text && *text;
}

/* GTK makes some controls of several: the whole has the name. */
static GtkWidget *whole_of(GtkWidget *widget)
{
    GtkWidget *combo = gtk_widget_get_ancestor(widget, GTK_TYPE_COMBO_BOX);
    GtkWidget *colour = gtk_widget_get_ancestor(widget, GTK_TYPE_COLOR_BUTTON);
    return combo ? combo : colour ? colour : widget;
}

/* GTK's own cross of a message, which is never shown. */
static gboolean is_unused(GtkWidget *widget)
{
    return !gtk_widget_get_visible(widget) && gtk_widget_get_ancestor(widget, GTK_TYPE_INFO_BAR);
}

static void take_nameless(GtkWidget *widget, gpointer user)
{
    if (!gtk_widget_get_can_focus(widget) || GTK_IS_WINDOW(widget) || GTK_IS_LABEL(widget) ||
        GTK_IS_SCROLLED_WINDOW(widget) || is_unused(widget))
        return;
    AtkObject *accessible = gtk_widget_get_accessible(whole_of(widget));
    if (has_text(atk_object_get_name(accessible)))
        return;
    g_autofree char *path = gtk_widget_path_to_string(gtk_widget_get_path(widget));
    g_test_message("no accessible name: %s", path);
    ++*(guint *)user;
}

/* With a mask in the list, so that its row is there. */
static void every_control_has_a_name(void)
{
    char *study = open_window();
    DkmReading *reading = dkm_window_reading(window);
    DkmReviewCase *on = dkm_reading_case(reading);
    g_autoptr(GError) error = NULL;
    g_assert_cmpuint(dkm_layers_add(on->layers, DKM_ORIGIN_PERSON, NULL, NULL, &error), >, 0);
    g_assert_no_error(error);
    dkm_reading_layers_changed(reading);
    display_wait(100);
    guint nameless = 0;
    walk_window(take_nameless, &nameless);
    g_assert_cmpuint(nameless, ==, 0);
    close_window(study);
}

static void the_mask_menu_needs_a_mask(void)
{
    char *study = open_window();
    DkmReading *reading = dkm_window_reading(window);
    GtkWidget *menu = gtk_widget_get_ancestor(find_label("Change the whole mask"), GTK_TYPE_BUTTON);
    g_autofree char *why = gtk_widget_get_tooltip_text(menu);
    g_assert_false(gtk_widget_get_sensitive(menu));
    g_assert_true(g_str_has_prefix(why, "No mask"));
    const double at[3] = {5, 60, 60};
    DkmLayers *layers = dkm_reading_case(reading)->layers;
    dkm_layers_stroke_begin(layers, 0, &(DkmBrush){6, DKM_BRUSH_BALL, FALSE, NULL}, at, NULL);
    dkm_layers_stroke_end(layers);
    dkm_reading_layers_changed(reading);
    g_assert_true(gtk_widget_get_sensitive(menu));
    dkm_reading_undo(reading);
    g_assert_false(gtk_widget_get_sensitive(menu));
    close_window(study);
}

/* Whose algorithm made a mask that was imported is read beside it. */
static void a_foreign_algorithm_is_named(void)
{
    char *study = open_window();
    DkmReading *reading = dkm_window_reading(window);
    const DkmLayerInfo info = {
        .present = TRUE, .origin = DKM_ORIGIN_FOREIGN, .algorithm = (char *)"BreastVendor 3"};
    dkm_layers_add_described(dkm_reading_case(reading)->layers, &info, NULL, NULL);
    dkm_reading_layers_changed(reading);
    dkm_reading_step_layer(reading, 1);
    display_wait(100);
    GtkWidget *label = find_label("By another program");
    g_assert_nonnull(strstr(gtk_label_get_text(GTK_LABEL(label)), "BreastVendor 3"));
    display_shoot("foreign");
    close_window(study);
}

/* --- where masks are looked for ----------------------------------------------------------------
 */

static GtkWidget *newest_dialog(void)
{
    g_autoptr(GList) tops = gtk_window_list_toplevels();
    for (GList *top = tops; top; top = top->next)
        if (GTK_IS_DIALOG(top->data) && gtk_widget_get_mapped(top->data))
            return top->data;
    return NULL;
}

static gboolean has_dialog(gpointer data)
{
    return newest_dialog() != NULL;
}

static char *folder_of_import(void)
{
    display_key("ctrl+i");
    g_assert_true(display_wait_for(has_dialog, NULL, 10000));
    display_wait(300);
    display_focus_newest();
    return gtk_file_chooser_get_current_folder(GTK_FILE_CHOOSER(newest_dialog()));
}

static gboolean is_idle(gpointer data)
{
    DkmReading *reading = dkm_window_reading(window);
    return !dkm_reading_is_exporting(reading) && !dkm_reading_is_importing(reading);
}

/* In the study's folder, and then where the last ones were. */
static void imports_begin_beside_the_study(void)
{
    char *study = open_window();
    DkmReading *reading = dkm_window_reading(window);
    g_autofree char *folder = g_dir_make_tmp("dkm-masks-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "mask.dcm", NULL);
    dkm_layers_add(dkm_reading_case(reading)->layers, DKM_ORIGIN_PERSON, NULL, NULL, NULL);
    dkm_reading_layers_changed(reading);
    dkm_reading_export(reading, file);
    g_assert_true(display_wait_for(is_idle, NULL, 30000));
    g_autofree char *first = folder_of_import();
    g_assert_cmpstr(first, ==, study);
    display_type(file);
    display_key("Return");
    display_wait(500);
    g_assert_true(display_wait_for(is_idle, NULL, 30000));
    display_focus_newest();
    g_autofree char *second = folder_of_import();
    g_assert_cmpstr(second, ==, folder);
    display_key("Escape");
    display_wait(200);
    g_unlink(file);
    g_rmdir(folder);
    close_window(study);
}

/* --- the pointer ------------------------------------------------------------------------------ */

static double pointed_slice(void)
{
    const DkmPointer *pointer = dkm_reading_pointer(dkm_window_reading(window));
    g_assert_true(pointer->is_over);
    return pointer->zyx[0];
}

/* However the slice has changed, a pointer that rests is over the new one: its curve is of what is
 * seen there. */
static void a_resting_pointer_is_over_the_slice_that_is_seen(void)
{
    char *study = open_window();
    DkmReading *reading = dkm_window_reading(window);
    display_move(GTK_WIDGET(dkm_wall_view(dkm_window_wall(window), 1)), 150, 150);
    display_wait(100);
    const int before = dkm_reading_look(reading)->slice;
    g_assert_cmpfloat(pointed_slice(), ==, before);
    display_key("Tab"); /* the keys go to another view than the pointer's */
    display_key("Tab");
    display_key("Up");
    display_wait(200);
    g_assert_cmpint(dkm_reading_look(reading)->slice, ==, before - 1);
    g_assert_cmpfloat(pointed_slice(), ==, before - 1);
    display_key("Home"); /* a jump */
    display_wait(200);
    g_assert_cmpint(dkm_reading_look(reading)->slice, ==, 0);
    g_assert_cmpfloat(pointed_slice(), ==, 0);
    close_window(study);
}

/* The overview's first view is a projection, which arrow keys turn: they page from the start, and
 * in whichever view was wheeled in last. */
static void arrow_keys_page_from_the_start(void)
{
    char *study = open_window();
    DkmReading *reading = dkm_window_reading(window);
    DkmWall *wall = dkm_window_wall(window);
    const int slice = dkm_reading_look(reading)->slice, angle = dkm_reading_look(reading)->angle;
    g_assert_cmpint(dkm_slice_view_spec(dkm_wall_view(wall, 0))->image, ==, DKM_IMAGE_MIP);
    g_assert_cmpuint(dkm_wall_focus(wall), ==, 1);
    display_key("Down");
    display_wait(200);
    g_assert_cmpint(dkm_reading_look(reading)->slice, ==, slice + 1);
    g_assert_cmpint(dkm_reading_look(reading)->angle, ==, angle);
    display_move(GTK_WIDGET(dkm_wall_view(wall, 2)), 150, 150);
    g_assert_cmpuint(dkm_wall_focus(wall), ==, 1); /* passing over marks nothing */
    display_repeat(5, "1", "50");
    display_wait(200);
    g_assert_cmpuint(dkm_wall_focus(wall), ==, 2);
    display_move(GTK_WIDGET(dkm_wall_view(wall, 0)), 150, 150);
    display_repeat(5, "1", "50");
    display_wait(200);
    g_assert_cmpuint(dkm_wall_focus(wall), ==, 0);
    display_key("Down");
    display_wait(200);
    g_assert_cmpint(dkm_reading_look(reading)->angle, ==, angle + 2);
    close_window(study);
}

/* Columns, rows, slices: as the distances beside them are in. */
static void size_and_spacing_are_in_one_order(void)
{
    char *study = open_window();
    g_assert_nonnull(find_label("112 × 112 × 20, 1.20 × 1.20 × 3.00 mm"));
    close_window(study);
}

static void take_scale(GtkWidget *widget, gpointer user)
{
    if (GTK_IS_SCALE(widget))
        *(GtkWidget **)user = widget;
}

/* Who scrolls the side panel must not change what it passes under the pointer. */
static void the_wheel_turns_no_control(void)
{
    char *study = open_window();
    DkmReading *reading = dkm_window_reading(window);
    GtkWidget *scale = NULL;
    walk_window(take_scale, &scale);
    g_assert_nonnull(scale);
    const double value = gtk_range_get_value(GTK_RANGE(scale));
    const DkmLook before = *dkm_reading_look(reading);
    display_move(scale, gtk_widget_get_allocated_width(scale) / 2.0,
                 gtk_widget_get_allocated_height(scale) / 2.0);
    display_click(5);
    display_wait(200);
    g_assert_cmpfloat(gtk_range_get_value(GTK_RANGE(scale)), ==, value);
    g_assert_cmpfloat(dkm_reading_look(reading)->mask_opacity, ==, before.mask_opacity);
    g_assert_cmpfloat(dkm_reading_look(reading)->map_opacity, ==, before.map_opacity);
    close_window(study);
}

/* --- names in the dialogs ----------------------------------------------------------------------
 */

/* A file chooser's inside is GTK's; a dialog itself is heard by its title or its first words. */
static void assert_names(const char *action, GtkWidget *dialog)
{
    guint nameless = 0;
    Walk walk = {take_nameless, &nameless};
    if (!GTK_IS_FILE_CHOOSER(dialog))
        walk_into(dialog, &walk);
    if (nameless)
        g_test_message("in the dialog of %s", action);
    g_assert_cmpuint(nameless, ==, 0);
    const char *title = gtk_window_get_title(GTK_WINDOW(dialog));
    g_assert_true(has_text(title) || GTK_IS_MESSAGE_DIALOG(dialog));
    g_assert_true(has_text(atk_object_get_name(gtk_widget_get_accessible(dialog))));
}

static void close_dialog(GtkWidget *dialog)
{
    if (GTK_IS_MESSAGE_DIALOG(dialog) || GTK_IS_FILE_CHOOSER(dialog))
        gtk_dialog_response(GTK_DIALOG(dialog), GTK_RESPONSE_CANCEL);
    else
        gtk_window_close(GTK_WINDOW(dialog));
    display_wait(200);
    g_assert_null(newest_dialog());
}

/* All that the window asks, and the keys' sheet. */
static void every_dialog_has_names(void)
{
    static const char *const actions[] = {"open",   "import", "export", "capture",
                                          "accept", "reject", "rename", "keys"};
    char *study = open_window();
    const double at[3] = {5, 60, 60};
    DkmLayers *layers = dkm_reading_case(dkm_window_reading(window))->layers;
    dkm_layers_stroke_begin(layers, 0, &(DkmBrush){6, DKM_BRUSH_BALL, FALSE, NULL}, at, NULL);
    dkm_layers_stroke_end(layers);
    dkm_reading_layers_changed(dkm_window_reading(window));
    dkm_reading_step_layer(dkm_window_reading(window), 1);
    for (guint i = 0; i < G_N_ELEMENTS(actions); i++) {
        g_action_group_activate_action(G_ACTION_GROUP(window), actions[i], NULL);
        g_assert_true(display_wait_for(has_dialog, NULL, 10000));
        display_wait(200);
        g_autofree char *name = g_strdup_printf("dialog-%s", actions[i]);
        display_shoot(name);
        assert_names(actions[i], newest_dialog());
        close_dialog(newest_dialog());
    }
    gtk_window_close(GTK_WINDOW(window)); /* with a mask that is not exported */
    g_assert_true(display_wait_for(has_dialog, NULL, 10000));
    assert_names("close", newest_dialog());
    close_dialog(newest_dialog());
    g_assert_true(gtk_widget_get_visible(GTK_WIDGET(window))); /* "keep working" */
    close_window(study);
}

/* The question about what a program that died has left. */
static void the_question_after_a_crash_has_names(void)
{
    char *study = open_window();
    const double at[3] = {5, 60, 60};
    DkmLayers *layers = dkm_reading_case(dkm_window_reading(window))->layers;
    dkm_layers_stroke_begin(layers, 0, &(DkmBrush){6, DKM_BRUSH_BALL, FALSE, NULL}, at, NULL);
    dkm_layers_stroke_end(layers);
    gtk_widget_destroy(GTK_WIDGET(window));
    g_clear_object(&window);
    open_window_on(study);
    g_assert_true(display_wait_for(has_dialog, NULL, 10000));
    assert_names("recovery", newest_dialog());
    close_window(study);
}

int main(int argc, char **argv)
{
    if (!desk_start(&argc, &argv, NULL))
        return 0;
    g_test_add_func("/window/opening-shows-at-once", opening_shows_at_once);
    g_test_add_func("/window/a-message-moves-no-picture", a_message_moves_no_picture);
    g_test_add_func("/window/old-messages-go", old_messages_go);
    g_test_add_func("/window/a-touchpad-pages-whole-slices", a_touchpad_pages_whole_slices);
    g_test_add_func("/window/every-control-has-a-name", every_control_has_a_name);
    g_test_add_func("/window/the-mask-menu-needs-a-mask", the_mask_menu_needs_a_mask);
    g_test_add_func("/window/a-foreign-algorithm-is-named", a_foreign_algorithm_is_named);
    g_test_add_func("/window/imports-begin-beside-the-study", imports_begin_beside_the_study);
    g_test_add_func("/window/a-resting-pointer-is-over-the-slice-that-is-seen",
                    a_resting_pointer_is_over_the_slice_that_is_seen);
    g_test_add_func("/window/size-and-spacing-are-in-one-order", size_and_spacing_are_in_one_order);
    g_test_add_func("/window/arrow-keys-page-from-the-start", arrow_keys_page_from_the_start);
    g_test_add_func("/window/the-wheel-turns-no-control", the_wheel_turns_no_control);
    g_test_add_func("/window/every-dialog-has-names", every_dialog_has_names);
    g_test_add_func("/window/the-question-after-a-crash-has-names",
                    the_question_after_a_crash_has_names);
    return desk_run();
}
