/* What each preference does to a window, at once. */
#include "gui/private-file.h"
#include "gui/recent.h"
#include "gui/settings.h"
#include "tests/gui/desk.h"
#include "tests/gui/opened.h"
#include "tests/gui/study.h"
#include "tests/support/says.h"

#include <glib/gstdio.h>
#include <string.h>

#define LOAD_MS 60000

static DkmWindow *window;

static DkmReading *reading(void)
{
    return dkm_window_reading(window);
}

static void new_window(void)
{
    window = opened_window(1440, 900);
}

static void open_study(const char *study)
{
    opened_load(window, study);
}

static void close_window(void)
{
    opened_close(&window);
}

static DkmPreferences now(void)
{
    return *dkm_settings_preferences(dkm_settings_get());
}

static void set(const DkmPreferences *next)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(dkm_settings_set(dkm_settings_get(), next, &error));
    g_assert_no_error(error);
    display_wait(50);
}

static void take_label(GtkWidget *widget, gpointer user)
{
    const char **text = user;
    if (!*text)
        return;
    if (GTK_IS_LABEL(widget) && gtk_widget_get_mapped(widget) &&
        strstr(gtk_label_get_text(GTK_LABEL(widget)), *text))
        *text = NULL;
    else if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), take_label, user);
}

static gboolean shows(const char *text)
{
    take_label(GTK_WIDGET(window), &text);
    return text == NULL;
}

/* The file that main() has made: its good lines hold from the start, the bad one is said, and is
 * still said when the study has opened. */
static void from_the_file(void)
{
    char *study = study_path_small();
    new_window();
    g_assert_true(shows("line 4"));
    open_study(study);
    g_assert_true(shows("line 4"));
    g_assert_cmpfloat(dkm_reading_look(reading())->brush_mm, ==, 7);
    g_assert_cmpint(dkm_wall_stage(dkm_window_wall(window)), ==, DKM_STAGE_KINETICS);
    close_window();
    study_path_free(study);
}

static void at_once(void)
{
    char *study = study_path_small();
    int before, after;
    new_window();
    open_study(study);
    DkmPreferences next = now();
    next.stage = DKM_STAGE_EDIT;
    next.left_button = DKM_ARMED_BRUSH;
    next.brush_mm = 3;
    next.brush_is_ball = TRUE;
    next.masks_are_outlines = TRUE;
    next.heat = DKM_HEAT_BLUE_YELLOW;
    next.curve_band = 20;
    set(&next);
    const DkmLook *look = dkm_reading_look(reading());
    g_assert_cmpint(dkm_wall_stage(dkm_window_wall(window)), ==, DKM_STAGE_EDIT);
    g_assert_cmpint(look->armed, ==, DKM_ARMED_BRUSH);
    g_assert_cmpfloat(look->brush_mm, ==, 3);
    g_assert_true(look->brush_is_ball);
    g_assert_cmpfloat(look->mask_opacity, ==, 0);
    g_assert_cmpint(look->heat, ==, DKM_HEAT_BLUE_YELLOW);
    g_assert_cmpfloat_with_epsilon(look->curve_band, 0.2, 1e-9);
    g_object_get(gtk_settings_get_default(), "gtk-xft-dpi", &before, NULL);
    next.text_scale = 1.5;
    set(&next);
    g_object_get(gtk_settings_get_default(), "gtk-xft-dpi", &after, NULL);
    g_assert_cmpfloat_with_epsilon((double)after / MAX(before, 96 * 1024), 1.5, 0.01);
    display_wait(200);
    display_shoot("preferences-large-text");
    next = dkm_preferences_default();
    set(&next);
    close_window();
    study_path_free(study);
}

static guint n_turns;

static void on_look(DkmReading *of, guint what, gpointer user)
{
    n_turns += (what & DKM_CHANGED_LOOK) != 0;
}

static guint turns_in(int ms)
{
    n_turns = 0;
    display_wait(ms);
    return n_turns;
}

/* The projection of the overview turns once it is marked, slower and faster while it does. */
static void cine(void)
{
    char *study = study_path_small();
    new_window();
    open_study(study);
    g_signal_connect(reading(), "changed", G_CALLBACK(on_look), NULL);
    DkmPreferences next = now();
    next.cine_per_second = 0.2;
    set(&next);
    dkm_wall_step_focus(dkm_window_wall(window), -1);
    dkm_wall_toggle_cine(dkm_window_wall(window));
    g_assert_cmpuint(turns_in(900), <=, 1);
    next.cine_per_second = 8;
    set(&next);
    g_assert_true(dkm_wall_has_cine(dkm_window_wall(window)));
    g_assert_cmpuint(turns_in(1200), >=, 5);
    next = dkm_preferences_default();
    set(&next);
    close_window();
    study_path_free(study);
}

static gboolean has_recents(gpointer n)
{
    g_autoptr(GPtrArray) entries = dkm_recent_load();
    return entries->len == GPOINTER_TO_UINT(n);
}

static void keeps_no_recent(void)
{
    char *study = study_path_small();
    new_window();
    open_study(study);
    g_assert_true(display_wait_for(has_recents, GUINT_TO_POINTER(1), LOAD_MS));
    DkmPreferences next = now();
    next.keeps_recent = FALSE;
    set(&next);
    g_assert_true(display_wait_for(has_recents, GUINT_TO_POINTER(0), LOAD_MS));
    open_study(study);
    display_wait(300);
    g_assert_true(has_recents(GUINT_TO_POINTER(0)));
    next.keeps_recent = TRUE;
    set(&next);
    close_window();
    study_path_free(study);
}

static void add_mask(void)
{
    g_autoptr(GError) error = NULL;
    DkmLayers *layers = dkm_reading_case(reading())->layers;
    const guint id = dkm_layers_add(layers, DKM_ORIGIN_PERSON, NULL, NULL, &error);
    g_assert_no_error(error);
    DkmLook look = *dkm_reading_look(reading());
    look.layer = id;
    dkm_reading_set_look(reading(), &look);
    dkm_reading_layers_changed(reading());
}

/* Without the question the masks are not lost: they wait for the study. */
static void leaves_without_asking(void)
{
    char *study = study_path_small(), *other = study_path_pre_only();
    DkmJournalState state;
    new_window();
    open_study(study);
    add_mask();
    DkmPreferences next = now();
    next.asks_before_leaving = FALSE;
    set(&next);
    g_autofree char *uid = g_strdup(dkm_reading_case(reading())->study->study_uid);
    dkm_window_open(window, other);
    g_assert_true(display_wait_for(opened_is_loaded, window, LOAD_MS));
    dkm_window_open(window, study);
    g_assert_true(display_wait_for(opened_is_loaded, window, LOAD_MS));
    g_assert_cmpstr(dkm_reading_case(reading())->study->study_uid, ==, uid);
    g_assert_true(dkm_reading_get_kept(reading(), &state));
    dkm_reading_recover(reading());
    g_assert_cmpuint(dkm_layers_count(dkm_reading_case(reading())->layers), ==, 1);
    next.asks_before_leaving = TRUE;
    set(&next);
    close_window();
    study_path_free(study);
    study_path_free(other);
}

static gboolean has_dialogs(gpointer n)
{
    guint found = 0;
    GList *all = gtk_window_list_toplevels();
    for (GList *at = all; at; at = at->next)
        found += GTK_IS_DIALOG(at->data) && gtk_widget_get_mapped(at->data);
    g_list_free(all);
    return found == GPOINTER_TO_UINT(n);
}

static GtkWidget *dialog(void)
{
    GtkWidget *found = NULL;
    GList *all = gtk_window_list_toplevels();
    for (GList *at = all; at; at = at->next)
        if (GTK_IS_DIALOG(at->data) && gtk_widget_get_mapped(at->data))
            found = at->data;
    g_list_free(all);
    g_assert_nonnull(found);
    return found;
}

typedef struct {
    const char *name;
    GtkWidget *control;
} Sought;

static void take_control(GtkWidget *widget, gpointer user)
{
    Sought *sought = user;
    const char *name = atk_object_get_name(gtk_widget_get_accessible(widget));
    if (!GTK_IS_LABEL(widget) && name && strcmp(name, sought->name) == 0)
        sought->control = widget;
    if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), take_control, user);
}

static GtkWidget *control(const char *name)
{
    Sought sought = {name, NULL};
    take_control(dialog(), &sought);
    g_assert_nonnull(sought.control);
    return sought.control;
}

/* By its key, once; each kind of control works, and follows what is set elsewhere. */
static void in_the_dialog(void)
{
    new_window();
    display_key("ctrl+comma");
    g_assert_true(display_wait_for(has_dialogs, GUINT_TO_POINTER(1), 5000));
    display_wait(300);
    display_shoot("preferences");
    gtk_spin_button_set_value(GTK_SPIN_BUTTON(control("Opacity of maps, %")), 40);
    g_assert_cmpfloat(dkm_reading_look(reading())->map_opacity, ==, 0.4);
    gtk_combo_box_set_active(GTK_COMBO_BOX(control("The left button first is")), 2);
    g_assert_cmpint(dkm_reading_look(reading())->armed, ==, DKM_ARMED_ERASER);
    gtk_entry_set_text(GTK_ENTRY(control("Reader’s name")), "Grün, Änne");
    g_assert_cmpstr(now().reader, ==, "Grün, Änne");
    gtk_switch_set_active(GTK_SWITCH(control("Remember what was opened last")), FALSE);
    g_assert_false(now().keeps_recent);
    DkmPreferences next = now();
    next.brush_mm = 9.5;
    set(&next);
    g_assert_cmpfloat(
        gtk_spin_button_get_value(GTK_SPIN_BUTTON(control("Radius of the brush, mm"))), ==, 9.5);
    const DkmPreferences otherwise = dkm_preferences_default();
    set(&otherwise);
    g_assert_cmpint(gtk_combo_box_get_active(GTK_COMBO_BOX(control("The left button first is"))),
                    ==, 0);
    display_focus_newest();
    display_key("Escape");
    g_assert_true(display_wait_for(has_dialogs, GUINT_TO_POINTER(0), 5000));
    close_window();
}

/* Whoever accepts is the reader that the preferences name. */
static void offers_the_reader(void)
{
    char *study = study_path_small();
    DkmPreferences next = now();
    g_strlcpy(next.reader, "Grün, Änne", sizeof next.reader);
    set(&next);
    new_window();
    open_study(study);
    add_mask();
    display_key("ctrl+Return");
    g_assert_true(display_wait_for(has_dialogs, GUINT_TO_POINTER(1), 5000));
    display_wait(200);
    display_focus_newest();
    display_key("Return");
    g_assert_true(display_wait_for(has_dialogs, GUINT_TO_POINTER(0), 5000));
    const DkmLayer *layer = dkm_layers_get(dkm_reading_case(reading())->layers, 0);
    g_assert_cmpint(layer->info.review, ==, DKM_REVIEW_ACCEPTED);
    g_assert_cmpstr(layer->info.reviewer, ==, "Grün, Änne");
    close_window();
    study_path_free(study);
}

int main(int argc, char **argv)
{
    if (!desk_start(&argc, &argv, NULL))
        return 0;
    g_autofree char *path = dkm_private_path(desk_folder(), "viewer.ini");
    g_autofree char *folder = g_path_get_dirname(path);
    g_mkdir(folder, 0700);
    g_assert_true(g_file_set_contents(
        path, "[viewer]\nbrush-mm=7\nfirst-stage=kinetics\nmap-colours=purple\n", -1, NULL));
    g_test_add_func("/window-preferences/from-the-file", from_the_file);
    g_test_add_func("/window-preferences/at-once", at_once);
    g_test_add_func("/window-preferences/cine", cine);
    g_test_add_func("/window-preferences/keeps-no-recent", keeps_no_recent);
    g_test_add_func("/window-preferences/leaves-without-asking", leaves_without_asking);
    g_test_add_func("/window-preferences/in-the-dialog", in_the_dialog);
    g_test_add_func("/window-preferences/offers-the-reader", offers_the_reader);
    return desk_run();
}
