/* What keys and buttons do. */
#include "gui/editing.h"
#include "gui/keys.h"
#include "gui/ordering.h"
#include "gui/window-private.h"

#include <math.h>
#include <string.h>

#define OPACITY_STEP 0.1
#define BRUSH_STEP 1.2
#define ZOOM_STEP 1.25
#define STORED 6 /* of the grey windows' digits */

typedef GSimpleAction Action;

static void on_open(Action *action, GVariant *parameter, gpointer user)
{
    dkm_window_ask_open(user);
}

static void on_cancel_open(Action *action, GVariant *parameter, gpointer user)
{
    dkm_reading_cancel_open(((DkmWindow *)user)->reading);
}

static void on_run(Action *action, GVariant *parameter, gpointer user)
{
    dkm_reading_run(((DkmWindow *)user)->reading);
}

static void on_run_available(Action *action, GVariant *parameter, gpointer user)
{
    dkm_reading_run_available(((DkmWindow *)user)->reading);
}

static void on_toggle_correction(Action *action, GVariant *parameter, gpointer user)
{
    dkm_reading_toggle_correction(((DkmWindow *)user)->reading);
}

static void on_cancel_run(Action *action, GVariant *parameter, gpointer user)
{
    dkm_reading_cancel_run(((DkmWindow *)user)->reading);
}

static void on_show_result(Action *action, GVariant *parameter, gpointer user)
{
    dkm_reading_show_result(((DkmWindow *)user)->reading);
}

static void on_accept(Action *action, GVariant *parameter, gpointer user)
{
    dkm_window_ask_reviewer(user);
}

static void on_import(Action *action, GVariant *parameter, gpointer user)
{
    dkm_window_ask_import(user);
}

static void on_export(Action *action, GVariant *parameter, gpointer user)
{
    dkm_window_ask_export(user);
}

static void on_capture(Action *action, GVariant *parameter, gpointer user)
{
    dkm_window_ask_capture(user);
}

static void on_undo(Action *action, GVariant *parameter, gpointer user)
{
    dkm_reading_undo(((DkmWindow *)user)->reading);
}

static void on_redo(Action *action, GVariant *parameter, gpointer user)
{
    dkm_reading_redo(((DkmWindow *)user)->reading);
}

static void on_new_mask(Action *action, GVariant *parameter, gpointer user)
{
    dkm_editing_begin_mask(((DkmWindow *)user)->reading);
}

static void on_remove_layer(Action *action, GVariant *parameter, gpointer user)
{
    dkm_reading_remove_layer(((DkmWindow *)user)->reading);
}

/* What Delete means where the pointer is. */
static void on_remove(Action *action, GVariant *parameter, gpointer user)
{
    DkmWindow *self = user;
    const DkmToolPoint *at = dkm_wall_point(dkm_window_wall_typed_in(self));
    if (!dkm_tool_ruler_remove(self->reading, at))
        dkm_reading_remove_layer(self->reading);
}

static void on_reject(Action *action, GVariant *parameter, gpointer user)
{
    dkm_window_ask_reject(user);
}

static void on_rename(Action *action, GVariant *parameter, gpointer user)
{
    dkm_window_ask_name(user);
}

static void on_split(Action *action, GVariant *parameter, gpointer user)
{
    dkm_editing_split(((DkmWindow *)user)->reading);
}

static void on_edit(Action *action, GVariant *parameter, gpointer user)
{
    dkm_editing_apply(((DkmWindow *)user)->reading, (DkmEdit)g_variant_get_int32(parameter));
}

static void on_step_phase(Action *action, GVariant *parameter, gpointer user)
{
    dkm_wall_step_phase(dkm_window_wall_typed_in(user), g_variant_get_int32(parameter));
}

static void on_stage(Action *action, GVariant *parameter, gpointer user)
{
    dkm_wall_set_stage(dkm_window_wall_typed_in(user), (DkmStage)g_variant_get_int32(parameter));
}

static void on_step_stage(Action *action, GVariant *parameter, gpointer user)
{
    dkm_wall_step_stage(dkm_window_wall_typed_in(user), g_variant_get_int32(parameter));
}

static void on_cine(Action *action, GVariant *parameter, gpointer user)
{
    dkm_wall_toggle_cine(dkm_window_wall_typed_in(user));
}

static void on_step_slice(Action *action, GVariant *parameter, gpointer user)
{
    dkm_wall_step_slice(dkm_window_wall_typed_in(user), g_variant_get_int32(parameter));
}

static void on_step_focus(Action *action, GVariant *parameter, gpointer user)
{
    dkm_wall_step_focus(dkm_window_wall_typed_in(user), g_variant_get_int32(parameter));
}

static void on_step_layer(Action *action, GVariant *parameter, gpointer user)
{
    dkm_reading_step_layer(((DkmWindow *)user)->reading, g_variant_get_int32(parameter));
}

/* Presets of the tool that is armed: grey windows, or the brush in two and in three dimensions. */
static void on_preset(Action *action, GVariant *parameter, gpointer user)
{
    DkmReading *reading = ((DkmWindow *)user)->reading;
    const int digit = g_variant_get_int32(parameter);
    DkmLook look = *dkm_reading_look(reading);
    if (look.armed == DKM_ARMED_BOX) {
        dkm_editing_set_box_depth(reading, digit == 4 ? 0 : digit);
    } else if (!dkm_armed_is_brush(look.armed) && digit == STORED) {
        dkm_reading_set_stored_window(reading);
    } else if (!dkm_armed_is_brush(look.armed)) {
        dkm_reading_set_preset(reading, (guint)digit - 1);
    } else if (digit == 2 || digit == 3) {
        look.brush_is_ball = digit == 3;
        dkm_reading_set_look(reading, &look);
    }
}

static void on_maximise(Action *action, GVariant *parameter, gpointer user)
{
    dkm_wall_toggle_maximised(dkm_window_wall_typed_in(user));
}

static void on_reset_look(Action *action, GVariant *parameter, gpointer user)
{
    DkmWindow *self = user;
    dkm_wall_rehang(dkm_window_wall_typed_in(self));
    dkm_reading_reset_look(self->reading);
}

static void on_studies(Action *action, GVariant *parameter, gpointer user)
{
    DkmWindow *self = user;
    dkm_window_show_studies(self, !self->shows_studies || !dkm_reading_case(self->reading));
}

static void on_step_study(Action *action, GVariant *parameter, gpointer user)
{
    dkm_window_step_study(user, g_variant_get_int32(parameter));
}

static void on_keys(Action *action, GVariant *parameter, gpointer user)
{
    gtk_window_present(GTK_WINDOW(dkm_keys_sheet_new(user)));
}

static void on_preferences(Action *action, GVariant *parameter, gpointer user)
{
    dkm_window_show_preferences(user);
}

static void on_order_phases(Action *action, GVariant *parameter, gpointer user)
{
    dkm_window_order_phases(user);
}

static void on_fullscreen(Action *action, GVariant *parameter, gpointer user)
{
    GtkWindow *typed_in = dkm_window_typed_in(user);
    GdkWindow *window = gtk_widget_get_window(GTK_WIDGET(typed_in));
    if (window && (gdk_window_get_state(window) & GDK_WINDOW_STATE_FULLSCREEN))
        gtk_window_unfullscreen(typed_in);
    else
        gtk_window_fullscreen(typed_in);
}

static void on_second(Action *action, GVariant *parameter, gpointer user)
{
    dkm_window_toggle_second(user);
}

static void on_close(Action *action, GVariant *parameter, gpointer user)
{
    gtk_window_close(user);
}

static void on_escape(Action *action, GVariant *parameter, gpointer user)
{
    DkmWindow *self = user;
    if (dkm_wall_cancel_drag(dkm_window_wall_typed_in(self)))
        return;
    gtk_widget_hide(GTK_WIDGET(self->bar));
    DkmLook look = *dkm_reading_look(self->reading);
    look.armed = DKM_ARMED_WINDOW;
    dkm_reading_set_look(self->reading, &look);
}

/* Everything that only changes the look, by the action's name. */
static void on_look(Action *action, GVariant *parameter, gpointer user)
{
    DkmWindow *self = user;
    const char *name = g_action_get_name(G_ACTION(action));
    const int step = parameter ? g_variant_get_int32(parameter) : 0;
    DkmLook look = *dkm_reading_look(self->reading);
    const gboolean is_zoom = g_str_equal(name, "zoom"), has_brush = dkm_armed_is_brush(look.armed);
    if (g_str_equal(name, "brush") || (is_zoom && has_brush))
        look.brush_mm *= pow(BRUSH_STEP, step);
    else if (is_zoom)
        look.aim.zoom = CLAMP(look.aim.zoom * pow(ZOOM_STEP, step), 0.25, 40);
    else if (g_str_equal(name, "invert"))
        look.mip_window.invert = look.sub_window.invert = look.window.invert = !look.window.invert;
    else if (g_str_equal(name, "toggle-overlays"))
        look.shows_overlays = !look.shows_overlays;
    else if (g_str_equal(name, "toggle-masks"))
        look.shows_masks = !look.shows_masks;
    else if (g_str_equal(name, "toggle-smooth"))
        look.smooth = !look.smooth;
    else if (g_str_equal(name, "mask-opacity"))
        look.mask_opacity += step * OPACITY_STEP;
    else if (g_str_equal(name, "arm"))
        look.armed = (DkmArmed)step;
    dkm_reading_set_look(self->reading, &look);
}

void dkm_window_add_actions(DkmWindow *self)
{
    static const GActionEntry entries[] = {
        {"open", on_open},
        {"cancel-open", on_cancel_open},
        {"run", on_run},
        {"run-available", on_run_available},
        {"toggle-correction", on_toggle_correction},
        {"cancel-run", on_cancel_run},
        {"show-result", on_show_result},
        {"accept", on_accept},
        {"import", on_import},
        {"export", on_export},
        {"capture", on_capture},
        {"reject", on_reject},
        {"rename", on_rename},
        {"split", on_split},
        {"edit", on_edit, "i"},
        {"undo", on_undo},
        {"redo", on_redo},
        {"new-mask", on_new_mask},
        {"remove-layer", on_remove_layer},
        {"remove", on_remove},
        {"step-phase", on_step_phase, "i"},
        {"step-focus", on_step_focus, "i"},
        {"step-layer", on_step_layer, "i"},
        {"preset", on_preset, "i"},
        {"maximise", on_maximise},
        {"reset-look", on_reset_look},
        {"studies", on_studies},
        {"step-study", on_step_study, "i"},
        {"keys", on_keys},
        {"preferences", on_preferences},
        {"order-phases", on_order_phases},
        {"fullscreen", on_fullscreen},
        {"second-window", on_second},
        {"close", on_close},
        {"escape", on_escape},
        {"step-slice", on_step_slice, "i"},
        {"stage", on_stage, "i"},
        {"step-stage", on_step_stage, "i"},
        {"cine", on_cine},
        {"zoom", on_look, "i"},
        {"mask-opacity", on_look, "i"},
        {"brush", on_look, "i"},
        {"arm", on_look, "i"},
        {"invert", on_look},
        {"toggle-overlays", on_look},
        {"toggle-masks", on_look},
        {"toggle-smooth", on_look},
    };
    g_action_map_add_action_entries(G_ACTION_MAP(self), entries, G_N_ELEMENTS(entries), self);
}

/* What changes a study, or how it is looked at, waits while the list hides it. */
static gboolean is_for_window(const char *name)
{
    static const char *const names[] = {"open",       "cancel-open", "cancel-run",
                                        "studies",    "step-study",  "keys",
                                        "fullscreen", "close",       "preferences"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i], name) == 0)
            return TRUE;
    return FALSE;
}

static void enable(DkmWindow *self, const char *name, gboolean enabled)
{
    if (self->shows_studies && !is_for_window(name))
        enabled = FALSE;
    GAction *action = g_action_map_lookup_action(G_ACTION_MAP(self), name);
    if (g_action_get_enabled(action) != enabled)
        g_simple_action_set_enabled(G_SIMPLE_ACTION(action), enabled);
}

void dkm_window_update_actions(DkmWindow *self)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    const gboolean layers = on && dkm_layers_count(on->layers) > 0;
    int permille;
    double seconds;
    const gboolean running = dkm_reading_is_running(self->reading, &permille, &seconds);
    static const char *const of_looking[] = {"step-phase",
                                             "step-focus",
                                             "preset",
                                             "maximise",
                                             "reset-look",
                                             "step-slice",
                                             "stage",
                                             "step-stage",
                                             "cine",
                                             "zoom",
                                             "brush",
                                             "arm",
                                             "toggle-overlays",
                                             "toggle-masks",
                                             "toggle-smooth",
                                             "invert",
                                             "mask-opacity",
                                             "escape",
                                             "toggle-correction"};
    for (guint i = 0; i < G_N_ELEMENTS(of_looking); i++)
        enable(self, of_looking[i], TRUE);
    enable(self, "studies", dkm_window_has_studies(self));
    enable(self, "step-study", dkm_window_has_studies(self));
    enable(self, "run",
           on && dkm_review_case_phase(on, 0) && !running && dkm_reading_has_model(self->reading));
    g_autofree char *why_not = dkm_reading_why_not_available(self->reading);
    enable(self, "order-phases", dkm_reading_can_order(self->reading));
    enable(self, "run-available", !running && !why_not);
    enable(self, "cancel-run", running);
    enable(self, "show-result", on && dkm_layers_find(on->layers, on->result_layer));
    enable(self, "import", on && !dkm_reading_is_importing(self->reading));
    enable(self, "capture", on && !dkm_reading_is_capturing(self->reading));
    enable(self, "undo", on && dkm_layers_can_undo(on->layers));
    enable(self, "redo", on && dkm_layers_can_redo(on->layers));
    enable(self, "accept", layers && dkm_reading_look(self->reading)->layer);
    enable(self, "step-layer", layers);
    static const char *const of_one_mask[] = {"reject", "rename", "split", "edit"};
    for (guint i = 0; i < G_N_ELEMENTS(of_one_mask); i++)
        enable(self, of_one_mask[i], layers && dkm_reading_look(self->reading)->layer);
    const gboolean has_mask = layers && dkm_reading_look(self->reading)->layer;
    enable(self, "new-mask", on != NULL);
    enable(self, "remove-layer", has_mask);
    enable(self, "remove", has_mask || dkm_rulers_count(dkm_reading_rulers(self->reading)) > 0);
    enable(self, "export", layers && !dkm_reading_is_exporting(self->reading));
}
