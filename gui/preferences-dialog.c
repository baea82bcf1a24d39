#include "gui/preferences-dialog.h"

#include "gui/i18n.h"

#include <string.h>

typedef enum { LINE_HEADING, LINE_NUMBER, LINE_CHOICE, LINE_FLAG, LINE_TEXT } LineKind;

typedef struct {
    LineKind kind;
    const char *label, *tip;
    gsize offset;
    const char *const *words;
    double least, most, step, shown; /* SHOWN: of the stored one, 100 for percent */
} Line;

static const char *const stages[] = {N_("Overview"), N_("Compare"), N_("Kinetics"), N_("Edit"),
                                     NULL};
static const char *const buttons[] = {N_("Grey window"), N_("Brush"), N_("Eraser"),
                                      N_("Brush within values"), NULL};
static const char *const shapes[] = {N_("Disc in the slice"), N_("Ball through the slices"), NULL};
static const char *const styles[] = {N_("Filled"), N_("Outline"), NULL};
static const char *const heats[] = {N_("Heat"), N_("Blue to yellow"), N_("Grey"), NULL};

static const char *const languages[] = {N_("As the computer"), "English", "Deutsch", NULL};

#define AT(field) G_STRUCT_OFFSET(DkmPreferences, field)
static const Line lines[] = {
    {LINE_HEADING, N_("Reading"), NULL, 0, NULL, 0, 0, 0, 0},
    {LINE_CHOICE, N_("A study opens on"),
     N_("Where it has what that stage needs; else on the overview"), AT(stage), stages, 0, 0, 0, 0},
    {LINE_CHOICE, N_("The left button first is"), NULL, AT(left_button), buttons, 0, 0, 0, 0},
    {LINE_NUMBER, N_("Cine, phases a second"), NULL, AT(cine_per_second), NULL, DKM_CINE_LEAST,
     DKM_CINE_MOST, 0.5, 1},
    {LINE_NUMBER, N_("Plateau band, ± %"),
     N_("Of the early value: on the screen. What is exported keeps ± 10 %."), AT(curve_band), NULL,
     DKM_BAND_LEAST, DKM_BAND_MOST, 1, 1},
    {LINE_CHOICE, N_("Colours of maps"), NULL, AT(heat), heats, 0, 0, 0, 0},
    {LINE_NUMBER, N_("Opacity of maps, %"), NULL, AT(map_opacity), NULL, 0, 1, 5, 100},
    {LINE_HEADING, N_("Masks"), NULL, 0, NULL, 0, 0, 0, 0},
    {LINE_CHOICE, N_("Masks are"), NULL, AT(masks_are_outlines), styles, 0, 0, 0, 0},
    {LINE_NUMBER, N_("Opacity of the filling, %"), NULL, AT(mask_opacity), NULL, 0, 1, 5, 100},
    {LINE_NUMBER, N_("Radius of the brush, mm"), NULL, AT(brush_mm), NULL, DKM_BRUSH_LEAST_MM,
     DKM_BRUSH_MOST_MM, 0.5, 1},
    {LINE_CHOICE, N_("The brush is a"), NULL, AT(brush_is_ball), shapes, 0, 0, 0, 0},
    {LINE_HEADING, N_("Program"), NULL, 0, NULL, 0, 0, 0, 0},
    {LINE_TEXT, N_("Reader’s name"), N_("Is offered when a mask is accepted"), AT(reader), NULL, 0,
     0, 0, 0},
    {LINE_FLAG, N_("Ask before leaving masks that are not exported"),
     N_("Without the question they are kept on disk and come back when the study is opened again"),
     AT(asks_before_leaving), NULL, 0, 0, 0, 0},
    {LINE_FLAG, N_("Remember what was opened last"), N_("In a file that this user alone can read"),
     AT(keeps_recent), NULL, 0, 0, 0, 0},
    {LINE_CHOICE, N_("Language"), N_("From the next start of the program"), AT(language), languages,
     0, 0, 0, 0},
    {LINE_NUMBER, N_("Size of text, %"), NULL, AT(text_scale), NULL, DKM_TEXT_LEAST, DKM_TEXT_MOST,
     5, 100},
};

typedef struct {
    GtkWidget *dialog;
    GtkWidget *controls[G_N_ELEMENTS(lines)];
    gboolean is_filling; /* the controls change because the preferences have */
    DkmPreferencesProblem problem;
    gpointer user;
} Dialog;

/* --- between controls and preferences --------------------------------------------------------- */

static void fill(Dialog *self)
{
    const DkmPreferences *now = dkm_settings_preferences(dkm_settings_get());
    self->is_filling = TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        const gconstpointer at = G_STRUCT_MEMBER_P(now, lines[i].offset);
        GtkWidget *control = self->controls[i];
        if (lines[i].kind == LINE_NUMBER)
            gtk_spin_button_set_value(GTK_SPIN_BUTTON(control),
                                      *(const double *)at * lines[i].shown);
        else if (lines[i].kind == LINE_CHOICE)
            gtk_combo_box_set_active(GTK_COMBO_BOX(control), *(const int *)at);
        else if (lines[i].kind == LINE_FLAG)
            gtk_switch_set_active(GTK_SWITCH(control), *(const gboolean *)at);
        else if (lines[i].kind == LINE_TEXT &&
                 strcmp(gtk_entry_get_text(GTK_ENTRY(control)), at) != 0)
            gtk_entry_set_text(GTK_ENTRY(control), at);
    }
    self->is_filling = FALSE;
}

static void read_control(const Line *line, GtkWidget *control, DkmPreferences *out)
{
    gpointer at = G_STRUCT_MEMBER_P(out, line->offset);
    if (line->kind == LINE_NUMBER)
        *(double *)at = gtk_spin_button_get_value(GTK_SPIN_BUTTON(control)) / line->shown;
    else if (line->kind == LINE_CHOICE)
        *(int *)at = gtk_combo_box_get_active(GTK_COMBO_BOX(control));
    else if (line->kind == LINE_FLAG)
        *(gboolean *)at = gtk_switch_get_active(GTK_SWITCH(control));
    else if (line->kind == LINE_TEXT)
        g_strlcpy(at, gtk_entry_get_text(GTK_ENTRY(control)), DKM_READER_BYTES);
}

static void set(Dialog *self, const DkmPreferences *next)
{
    g_autoptr(GError) error = NULL;
    if (!dkm_settings_set(dkm_settings_get(), next, &error))
        self->problem(error, self->user);
}

/* Only what this control says: a number that is shown rounded is not taken back. */
static void on_control(Dialog *self, GtkWidget *control)
{
    DkmPreferences next = *dkm_settings_preferences(dkm_settings_get());
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
        if (self->controls[i] == control)
            read_control(&lines[i], control, &next);
    if (!self->is_filling)
        set(self, &next);
}

static void on_changed(GtkWidget *control, gpointer user)
{
    on_control(user, control);
}

static void on_switched(GObject *control, GParamSpec *property, gpointer user)
{
    on_control(user, GTK_WIDGET(control));
}

static void on_defaults(GtkButton *button, gpointer user)
{
    const DkmPreferences otherwise = dkm_preferences_default();
    set(user, &otherwise);
    fill(user);
}

static void on_settings(DkmSettings *settings, gconstpointer before, gpointer user)
{
    fill(g_object_get_data(user, "preferences"));
}

/* --- making it -------------------------------------------------------------------------------- */

static GtkWidget *new_combo(const Line *line, Dialog *self)
{
    GtkWidget *combo = gtk_combo_box_text_new();
    for (guint i = 0; line->words[i]; i++)
        gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(combo), _(line->words[i]));
    g_signal_connect(combo, "changed", G_CALLBACK(on_changed), self);
    return combo;
}

static GtkWidget *new_spin(const Line *line, Dialog *self)
{
    GtkWidget *spin = gtk_spin_button_new_with_range(line->least * line->shown,
                                                     line->most * line->shown, line->step);
    gtk_spin_button_set_digits(GTK_SPIN_BUTTON(spin), line->step < 1 ? 1 : 0);
    gtk_entry_set_width_chars(GTK_ENTRY(spin), 6);
    g_signal_connect(spin, "value-changed", G_CALLBACK(on_changed), self);
    return spin;
}

static GtkWidget *new_control(const Line *line, Dialog *self)
{
    GtkWidget *control;
    switch (line->kind) {
    case LINE_CHOICE:
        return new_combo(line, self);
    case LINE_NUMBER:
        return new_spin(line, self);
    case LINE_FLAG:
        control = gtk_switch_new();
        gtk_widget_set_halign(control, GTK_ALIGN_START);
        g_signal_connect(control, "notify::active", G_CALLBACK(on_switched), self);
        return control;
    default:
        control = gtk_entry_new();
        gtk_entry_set_placeholder_text(GTK_ENTRY(control), _("As the computer knows you"));
        gtk_entry_set_width_chars(GTK_ENTRY(control), 26);
        g_signal_connect(control, "changed", G_CALLBACK(on_changed), self);
        return control;
    }
}

static void add_line(Dialog *self, GtkGrid *grid, guint i)
{
    const Line *line = &lines[i];
    GtkWidget *label = gtk_label_new(_(line->label));
    gtk_widget_set_halign(label, GTK_ALIGN_START);
    if (line->kind == LINE_HEADING) {
        gtk_style_context_add_class(gtk_widget_get_style_context(label), "heading");
        g_object_set(label, "margin-top", i ? 10 : 0, NULL);
        gtk_grid_attach(grid, label, 0, (int)i, 2, 1);
        return;
    }
    GtkWidget *control = self->controls[i] = new_control(line, self);
    gtk_label_set_mnemonic_widget(GTK_LABEL(label), control);
    atk_object_set_name(gtk_widget_get_accessible(control), _(line->label));
    gtk_widget_set_tooltip_text(control, line->tip ? _(line->tip) : NULL);
    gtk_widget_set_tooltip_text(label, line->tip ? _(line->tip) : NULL);
    gtk_grid_attach(grid, label, 0, (int)i, 1, 1);
    gtk_grid_attach(grid, control, 1, (int)i, 1, 1);
}

static GtkWidget *new_foot(Dialog *self)
{
    GtkWidget *foot = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
    GtkWidget *words =
        gtk_label_new(_("Changes apply at once; the language changes at the next start."));
    GtkWidget *defaults = gtk_button_new_with_label(_("Back to the defaults"));
    gtk_style_context_add_class(gtk_widget_get_style_context(words), "dim");
    g_signal_connect(defaults, "clicked", G_CALLBACK(on_defaults), self);
    gtk_box_pack_start(GTK_BOX(foot), words, FALSE, FALSE, 0);
    gtk_box_pack_end(GTK_BOX(foot), defaults, FALSE, FALSE, 0);
    return foot;
}

GtkWidget *dkm_preferences_dialog_new(GtkWindow *parent, DkmPreferencesProblem problem,
                                      gpointer user)
{
    Dialog *self = g_new0(Dialog, 1);
    self->problem = problem;
    self->user = user;
    self->dialog = gtk_dialog_new_with_buttons(
        _("Preferences"), parent, GTK_DIALOG_DESTROY_WITH_PARENT | GTK_DIALOG_USE_HEADER_BAR, NULL,
        NULL);
    g_object_set_data_full(G_OBJECT(self->dialog), "preferences", self, g_free);
    GtkWidget *box = gtk_dialog_get_content_area(GTK_DIALOG(self->dialog));
    GtkWidget *grid = gtk_grid_new();
    g_object_set(grid, "column-spacing", 24, "row-spacing", 5, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
        add_line(self, GTK_GRID(grid), i);
    g_object_set(box, "margin", 16, "spacing", 16, NULL);
    gtk_container_add(GTK_CONTAINER(box), grid);
    gtk_container_add(GTK_CONTAINER(box), new_foot(self));
    fill(self);
    g_signal_connect_object(dkm_settings_get(), "changed", G_CALLBACK(on_settings), self->dialog,
                            0);
    gtk_widget_show_all(box);
    return self->dialog;
}
