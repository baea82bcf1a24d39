#include "gui/keys.h"

#include "gui/i18n.h"
#include "gui/key-map.h"

typedef struct {
    const char *keys;   /* accelerators, separated by blanks; NULL: words for the sheet only */
    const char *action; /* with its parameter: "step-slice(1)" */
    const char *shown;  /* how the keys are written for a person; NULL: belongs to the line above */
    const char *words;
    DkmKeyContext context; /* a key may mean another thing while a mask tool is armed */
} Binding;

/* reading.md's table of what readers' hands know already. */
static const Binding bindings[] = {
    {"Up", "step-slice(-1)", N_("↑ ↓, wheel"), N_("Previous, next slice")},
    {"Down", "step-slice(1)", NULL, NULL},
    {"<Shift>Up", "step-slice(-10)", N_("Shift+↑ ↓"), N_("Ten slices")},
    {"<Shift>Down", "step-slice(10)", NULL, NULL},
    {"Home", "step-slice(-100000)", N_("Home, End"), N_("First, last slice")},
    {"End", "step-slice(100000)", NULL, NULL},
    {"Page_Up", "step-layer(-1)", N_("Page ↑ ↓"), N_("Previous, next mask, where it is largest")},
    {"Page_Down", "step-layer(1)", NULL, NULL},
    {"Left", "step-phase(-1)", "← →", N_("Previous, next phase in the marked view")},
    {"Right", "step-phase(1)", NULL, NULL},
    {"comma", "step-stage(-1)", ", .", N_("Previous, next stage of the reading")},
    {"period", "step-stage(1)", NULL, NULL},
    {"c", "cine", "C", N_("Cine over the phases; a projection turns")},
    {NULL, NULL, N_("Shift+move"), N_("The planes across follow the pointer")},
    {"Tab", "step-focus(1)", N_("Tab"), N_("Next view")},
    {"<Shift>ISO_Left_Tab <Shift>Tab", "step-focus(-1)", NULL, NULL},
    {"Return KP_Enter", "maximise", N_("Enter, double click"), N_("One view large, and back")},
    {"plus equal KP_Add", "zoom(1)", N_("+ −, Ctrl+wheel, right drag"),
     N_("Zoom (+ − with a brush: its size)")},
    {"minus KP_Subtract", "zoom(-1)", NULL, NULL},
    {"0 KP_0", "reset-look", "0", N_("Whole slice, window from the values")},
    {"1 KP_1", "preset(1)", "1 – 5", N_("Grey windows: all values, narrower, wide")},
    {"2 KP_2", "preset(2)", NULL, NULL},
    {"3 KP_3", "preset(3)", NULL, NULL},
    {"4 KP_4", "preset(4)", NULL, NULL},
    {"5 KP_5", "preset(5)", NULL, NULL},
    {"6 KP_6", "preset(6)", "6", N_("Grey window as stored in the files")},
    {"i", "invert", "I", N_("Invert the greys")},
    {"space", "toggle-overlays", N_("Space"), N_("All overlays on, off; held: peek")},
    {"s", "toggle-masks", "S", N_("Masks on, off")},
    {"a", "mask-opacity(-1)", "A D", N_("Masks' fill less, more")},
    {"d", "mask-opacity(1)", NULL, NULL},
    {"n", "toggle-smooth", "N", N_("Smooth, or true pixels")},
    {"<Shift>m", "toggle-correction", N_("Shift+M"),
     N_("Motion put right in the subtraction, or not")},
    {"o", "order-phases", "O", N_("Order of the phases")},
    {"w", "arm(0)", "W", N_("Left button: grey window")},
    {"b", "arm(1)", "B", N_("Left button: brush (Ctrl erases)")},
    {"e", "arm(2)", "E", N_("Left button: eraser (Ctrl paints)")},
    {"t", "arm(3)", "T", N_("Left button: brush within values")},
    {"p", "arm(4)", "P", N_("Left button: polygon (Ctrl erases)")},
    {"l", "arm(5)", "L", N_("Left button: lasso (Ctrl erases)")},
    {"x", "arm(6)", "X", N_("Click: remove a part (Ctrl keeps it)")},
    {"v", "arm(7)", "V", N_("Box for the network")},
    {NULL, NULL, "1 – 4", N_("With the box: all slices, from, to here; none")},
    {"m", "arm(8)", "M", N_("Left button: ruler")},
    {"bracketleft", "brush(-1)", N_("[ ], Shift+wheel"), N_("Brush smaller, larger"),
     DKM_KEYS_CORRECTING},
    {"bracketright", "brush(1)", NULL, NULL, DKM_KEYS_CORRECTING},
    {NULL, NULL, "2 3", N_("With a brush: in the slice, a ball")},
    {"g", "edit(0)", N_("G, Shift+G"), N_("Grow, shrink the mask")},
    {"<Shift>g", "edit(1)", NULL, NULL},
    {"u", "edit(2)", "U", N_("Smooth the mask")},
    {"h", "edit(3)", N_("H, Shift+H"), N_("Fill holes; in each slice")},
    {"<Shift>h", "edit(4)", NULL, NULL},
    {"k", "edit(5)", N_("K, Shift+K"), N_("Keep the largest part; remove small ones")},
    {"<Shift>k", "edit(6)", NULL, NULL},
    {"<Control>k", "split", N_("Ctrl+K"), N_("Split the mask into its parts")},
    {"f", "edit(7)", "F", N_("Fill the slices between")},
    {"<Control>Down", "edit(8)", N_("Ctrl+↑ ↓"), N_("Copy to the slice before, the next")},
    {"<Control>Up", "edit(9)", NULL, NULL},
    {"<Control>z", "undo", N_("Ctrl+Z"), N_("Undo")},
    {"<Control>y <Control><Shift>z", "redo", N_("Ctrl+Y, Ctrl+Shift+Z"), N_("Redo")},
    {"<Control>n", "new-mask", N_("Ctrl+N"), N_("New mask: another lesion is painted")},
    {"Delete", "remove", N_("Delete"), N_("Remove the selected mask, or a ruler")},
    {"F2", "rename", "F2", N_("Rename the selected mask")},
    {"<Control>BackSpace", "reject", N_("Ctrl+Backspace"), N_("Reject the selected mask")},
    {"Escape", "escape", N_("Esc"), N_("Take back the drag; drop tool, message")},
    {"<Control>o", "open", N_("Ctrl+O"), N_("Open a study, or a folder of many")},
    {"<Control>l", "studies", N_("Ctrl+L"), N_("The list of the folder's studies, and back")},
    {"<Control>Page_Up", "step-study(-1)", N_("Ctrl+Page ↑ ↓"),
     N_("Previous, next study of the list")},
    {"<Control>Page_Down", "step-study(1)", NULL, NULL},
    {"<Control>r", "run", N_("Ctrl+R"), N_("Run the network")},
    {"<Control><Shift>r", "run-available", N_("Ctrl+Shift+R"),
     N_("Run it on the available phases too")},
    {"r", "show-result", "R", N_("The network's last mask, where it is largest")},
    {"<Control>period", "cancel-run", N_("Ctrl+."), N_("Stop the network")},
    {"<Control>Return", "accept", N_("Ctrl+Enter"), N_("Accept the selected mask")},
    {"<Control>i", "import", N_("Ctrl+I"), N_("Load masks from a DICOM SEG")},
    {"<Control>s", "export", N_("Ctrl+S"), N_("Export as DICOM SEG")},
    {"<Control><Shift>s", "capture", N_("Ctrl+Shift+S"), N_("Save the views as a DICOM picture")},
    {"<Control>comma", "preferences", N_("Ctrl+,"), N_("Preferences")},
    {"question F1", "keys", "?", N_("This sheet")},
    {"F11", "fullscreen", "F11", N_("Full screen")},
    {"F12", "second-window", "F12", N_("Second window, for another monitor")},
    {"<Control>q <Control>w", "close", N_("Ctrl+Q"), N_("Close")},
};

/* With NumLock off the keypad has the arrows too. */
static guint off_keypad(guint key)
{
    static const guint keys[][2] = {
        {GDK_KEY_KP_Up, GDK_KEY_Up},           {GDK_KEY_KP_Down, GDK_KEY_Down},
        {GDK_KEY_KP_Left, GDK_KEY_Left},       {GDK_KEY_KP_Right, GDK_KEY_Right},
        {GDK_KEY_KP_Home, GDK_KEY_Home},       {GDK_KEY_KP_End, GDK_KEY_End},
        {GDK_KEY_KP_Page_Up, GDK_KEY_Page_Up}, {GDK_KEY_KP_Page_Down, GDK_KEY_Page_Down},
        {GDK_KEY_KP_Delete, GDK_KEY_Delete}};
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        if (keys[i][0] == key)
            return keys[i][1];
    return key;
}

static gboolean is_pressed(const char *accelerator, const GdkEventKey *event)
{
    guint key;
    GdkModifierType modifiers;
    gtk_accelerator_parse(accelerator, &key, &modifiers);
    const GdkModifierType asked =
        event->state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK | GDK_MOD1_MASK | GDK_SUPER_MASK);
    const gboolean is_letter = g_unichar_isalpha(gdk_keyval_to_unicode(key));
    const guint pressed =
        is_letter ? gdk_keyval_to_lower(event->keyval) : off_keypad(event->keyval);
    if (pressed != key)
        return FALSE;
    /* "+" and "?" need Shift on some keyboards and not on others. */
    const gboolean is_symbol = !is_letter && gdk_keyval_to_unicode(key) > 32;
    return asked == modifiers || (is_symbol && asked == GDK_SHIFT_MASK);
}

/* --- what a person has changed ------------------------------------------------------------------
 */

static char *file_path(void)
{
    return g_build_filename(g_get_user_config_dir(), "dkm-workstation", "keys.ini", NULL);
}

/* Of the whole program; with what was wrong in the file. Main thread. */
static DkmKeyMap *key_map(GPtrArray **problems)
{
    static DkmKeyMap *map;
    static GPtrArray *wrong;
    if (!map) {
        DkmKeyDefault defaults[G_N_ELEMENTS(bindings)];
        const char *words = NULL; /* a row without words goes with the row before */
        for (guint i = 0; i < G_N_ELEMENTS(bindings); i++) {
            words = bindings[i].words ? bindings[i].words : words;
            defaults[i] = (DkmKeyDefault){bindings[i].action ? bindings[i].action : "",
                                          bindings[i].keys, bindings[i].context, words};
        }
        map = dkm_key_map_new(defaults, G_N_ELEMENTS(bindings));
        wrong = g_ptr_array_new_with_free_func(g_free);
        g_autofree char *path = file_path(), *text = NULL;
        if (g_file_get_contents(path, &text, NULL, NULL))
            dkm_key_map_load(map, text, wrong);
    }
    if (problems)
        *problems = wrong;
    return map;
}

static void save(GPtrArray *problems)
{
    g_autofree char *path = file_path(), *folder = g_path_get_dirname(path);
    g_autofree char *text = dkm_key_map_save(key_map(NULL));
    g_autoptr(GError) error = NULL;
    g_mkdir_with_parents(folder, 0700);
    if (!g_file_set_contents(path, text, -1, &error))
        g_ptr_array_add(problems, g_strdup(error->message));
}

GPtrArray *dkm_keys_clashes(void)
{
    return dkm_key_map_clashes(key_map(NULL));
}

static const Binding *find(const GdkEventKey *event, DkmKeyContext context)
{
    const DkmKeyMap *map = key_map(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(bindings); i++) {
        g_auto(GStrv) keys = g_strsplit(dkm_key_map_keys(map, i), " ", -1);
        for (guint k = 0; keys[k]; k++)
            if (*keys[k] && is_pressed(keys[k], event) &&
                dkm_key_context_overlaps(bindings[i].context, context))
                return &bindings[i];
    }
    return NULL;
}

static gboolean is_typing(GtkWindow *window, const GdkEventKey *event)
{
    GtkWidget *focus = gtk_window_get_focus(window);
    return GTK_IS_EDITABLE(focus) && !(event->state & GDK_CONTROL_MASK) &&
           event->keyval != GDK_KEY_Escape;
}

gboolean dkm_keys_handle(GtkWindow *window, GActionMap *group, const GdkEventKey *event,
                         gboolean is_correcting)
{
    const DkmKeyContext context = is_correcting ? DKM_KEYS_CORRECTING : DKM_KEYS_READING;
    const Binding *binding = is_typing(window, event) ? NULL : find(event, context);
    if (!binding)
        return FALSE;
    g_autofree char *name = NULL;
    g_autoptr(GVariant) parameter = NULL;
    if (!g_action_parse_detailed_name(binding->action, &name, &parameter, NULL))
        return FALSE;
    GAction *action = g_action_map_lookup_action(group, name);
    if (action && g_action_get_enabled(action))
        g_action_activate(action, parameter);
    return TRUE;
}

/* --- the sheet: to read, and to change keys on --------------------------------------------------
 */

typedef struct {
    GtkWidget *dialog, *notes;
    GtkWidget *buttons[G_N_ELEMENTS(bindings)]; /* of the lines; NULL: no key to set */
    int waiting;                                /* binding that gets the next key; -1: none */
} Sheet;

/* A line and the bindings below it that it speaks for. */
static guint end_of_line(guint first)
{
    guint end = first + 1;
    while (end < G_N_ELEMENTS(bindings) && !bindings[end].shown)
        end++;
    return end;
}

static char *line_label(guint first)
{
    const DkmKeyMap *map = key_map(NULL);
    gboolean is_default = TRUE;
    for (guint i = first; i < end_of_line(first); i++)
        is_default = is_default && dkm_key_map_is_default(map, i);
    if (is_default)
        return g_strdup(_(bindings[first].shown));
    GString *text = g_string_new(NULL);
    for (guint i = first; i < end_of_line(first); i++) {
        g_auto(GStrv) keys = g_strsplit(dkm_key_map_keys(map, i), " ", 2);
        guint key = 0;
        GdkModifierType modifiers = 0;
        gtk_accelerator_parse(keys[0] ? keys[0] : "", &key, &modifiers);
        g_autofree char *label = gtk_accelerator_get_label(key, modifiers);
        g_string_append_printf(text, "%s%s", text->len ? " " : "", label);
    }
    return g_string_free(text, FALSE);
}

static void refresh(const Sheet *sheet)
{
    for (guint i = 0; i < G_N_ELEMENTS(bindings); i++) {
        g_autofree char *label = sheet->buttons[i] ? line_label(i) : NULL;
        const gboolean waits = sheet->waiting >= (int)i && sheet->waiting < (int)end_of_line(i);
        if (label)
            gtk_button_set_label(GTK_BUTTON(sheet->buttons[i]), waits ? _("Press a key…") : label);
    }
}

static void say(const Sheet *sheet, const GPtrArray *problems)
{
    GString *text = g_string_new(_("Click on a key to change it."));
    for (guint i = 0; i < problems->len; i++)
        g_string_append_printf(text, "\n%s", (const char *)problems->pdata[i]);
    gtk_label_set_text(GTK_LABEL(sheet->notes), text->str);
    g_string_free(text, TRUE);
}

static void on_key_clicked(GtkButton *button, gpointer user)
{
    Sheet *sheet = user;
    sheet->waiting = -1;
    for (guint i = 0; i < G_N_ELEMENTS(bindings); i++)
        if (sheet->buttons[i] == GTK_WIDGET(button))
            sheet->waiting = (int)i;
    refresh(sheet);
}

static void take_key(Sheet *sheet, const GdkEventKey *event)
{
    const GdkModifierType modifiers =
        event->state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK | GDK_MOD1_MASK);
    g_autofree char *keys = gtk_accelerator_name(gdk_keyval_to_lower(event->keyval), modifiers);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    char *why = NULL;
    if (!dkm_key_map_set(key_map(NULL), (guint)sheet->waiting, keys, &why))
        g_ptr_array_add(problems, why);
    else
        save(problems);
    const int next = sheet->waiting + 1;
    const gboolean has_next = next < (int)G_N_ELEMENTS(bindings) && !bindings[next].shown;
    sheet->waiting = problems->len == 0 && has_next ? next : -1;
    say(sheet, problems);
    refresh(sheet);
}

static gboolean on_sheet_key(GtkWidget *dialog, GdkEventKey *event, gpointer user)
{
    Sheet *sheet = user;
    if (sheet->waiting < 0 || event->is_modifier)
        return GDK_EVENT_PROPAGATE;
    if (event->keyval == GDK_KEY_Escape) {
        sheet->waiting = -1;
        refresh(sheet);
    } else {
        take_key(sheet, event);
    }
    return GDK_EVENT_STOP;
}

static void on_reset(GtkButton *button, gpointer user)
{
    Sheet *sheet = user;
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    sheet->waiting = -1;
    dkm_key_map_reset(key_map(NULL));
    save(problems);
    say(sheet, problems);
    refresh(sheet);
}

static void add_line(Sheet *sheet, GtkGrid *grid, guint i, int place, int half)
{
    const int column = place / half, row = place % half;
    GtkWidget *keys, *words = gtk_label_new(_(bindings[i].words));
    if (bindings[i].keys) {
        keys = sheet->buttons[i] = gtk_button_new_with_label("");
        gtk_button_set_relief(GTK_BUTTON(keys), GTK_RELIEF_NONE);
        gtk_widget_set_focus_on_click(keys, FALSE);
        g_signal_connect(keys, "clicked", G_CALLBACK(on_key_clicked), sheet);
    } else {
        keys = gtk_label_new(_(bindings[i].shown));
        g_object_set(keys, "margin-end", 10, NULL);
    }
    gtk_widget_set_halign(keys, GTK_ALIGN_END);
    gtk_widget_set_halign(words, GTK_ALIGN_START);
    gtk_style_context_add_class(gtk_widget_get_style_context(keys), "key");
    gtk_grid_attach(grid, keys, 2 * column, row, 1, 1);
    gtk_grid_attach(grid, words, 2 * column + 1, row, 1, 1);
}

static GtkWidget *new_grid(Sheet *sheet)
{
    GtkWidget *grid = gtk_grid_new();
    g_object_set(grid, "column-spacing", 16, "row-spacing", 0, "margin", 12, NULL);
    int lines = 0, line = 0;
    for (guint i = 0; i < G_N_ELEMENTS(bindings); i++)
        lines += bindings[i].shown != NULL;
    for (guint i = 0; i < G_N_ELEMENTS(bindings); i++)
        if (bindings[i].shown)
            add_line(sheet, GTK_GRID(grid), i, line++, (lines + 1) / 2);
    return grid;
}

/* The title and the foot of the sheet, and a frame around it. */
#define SHEET_EXTRA 140

/* As large as INSIDE, as far as the screen that PARENT is on has room for it. */
static GtkWidget *scrolled(GtkWidget *inside, GtkWindow *parent)
{
    GtkWidget *view = gtk_scrolled_window_new(NULL, NULL);
    GdkWindow *on = gtk_widget_get_window(GTK_WIDGET(parent));
    GdkDisplay *display = gtk_widget_get_display(GTK_WIDGET(parent));
    GdkMonitor *monitor =
        on ? gdk_display_get_monitor_at_window(display, on) : gdk_display_get_monitor(display, 0);
    GdkRectangle area = {0, 0, 1440, 900};
    if (monitor)
        gdk_monitor_get_workarea(monitor, &area);
    g_object_set(view, "propagate-natural-width", TRUE, "propagate-natural-height", TRUE,
                 "max-content-height", MAX(area.height - SHEET_EXTRA, 100), "max-content-width",
                 MAX(area.width - 40, 100), "overlay-scrolling", FALSE, NULL);
    gtk_container_add(GTK_CONTAINER(view), inside);
    return view;
}

GtkWidget *dkm_keys_sheet_new(GtkWindow *parent)
{
    Sheet *sheet = g_new0(Sheet, 1);
    GPtrArray *problems;
    sheet->waiting = -1;
    sheet->dialog = gtk_dialog_new_with_buttons(
        _("Keys"), parent, GTK_DIALOG_DESTROY_WITH_PARENT | GTK_DIALOG_USE_HEADER_BAR, NULL, NULL);
    g_object_set_data_full(G_OBJECT(sheet->dialog), "sheet", sheet, g_free);
    GtkWidget *box = gtk_dialog_get_content_area(GTK_DIALOG(sheet->dialog));
    GtkWidget *foot = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
    GtkWidget *reset = gtk_button_new_with_label(_("Back to the defaults"));
    sheet->notes = gtk_label_new("");
    g_object_set(foot, "margin", 12, NULL);
    gtk_box_pack_start(GTK_BOX(foot), sheet->notes, FALSE, FALSE, 0);
    gtk_box_pack_end(GTK_BOX(foot), reset, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), scrolled(new_grid(sheet), parent), TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(box), foot, FALSE, FALSE, 0);
    key_map(&problems);
    say(sheet, problems);
    refresh(sheet);
    g_signal_connect(reset, "clicked", G_CALLBACK(on_reset), sheet);
    g_signal_connect(sheet->dialog, "key-press-event", G_CALLBACK(on_sheet_key), sheet);
    gtk_widget_show_all(box);
    return sheet->dialog;
}
