#include "gui/keys.h"

typedef struct {
    const char *keys;   /* accelerators, separated by blanks; NULL: words for the sheet only */
    const char *action; /* with its parameter: "step-slice(1)" */
    const char *shown;  /* how the keys are written for a person; NULL: belongs to the line above */
    const char *words;
} Binding;

/* reading.md's table of what readers' hands know already. */
static const Binding bindings[] = {
    {"Up", "step-slice(-1)", "↑ ↓, wheel", "Previous, next slice"},
    {"Down", "step-slice(1)", NULL, NULL},
    {"<Shift>Up", "step-slice(-10)", "Shift+↑ ↓", "Ten slices"},
    {"<Shift>Down", "step-slice(10)", NULL, NULL},
    {"Home", "step-slice(-100000)", "Home, End", "First, last slice"},
    {"End", "step-slice(100000)", NULL, NULL},
    {"Page_Up", "step-layer(-1)", "Page ↑ ↓", "Previous, next mask, where it is largest"},
    {"Page_Down", "step-layer(1)", NULL, NULL},
    {"Left", "step-phase(-1)", "← →", "Previous, next phase in the marked view"},
    {"Right", "step-phase(1)", NULL, NULL},
    {"comma", "step-stage(-1)", ", .", "Previous, next stage of the reading"},
    {"period", "step-stage(1)", NULL, NULL},
    {"c", "cine", "C", "Cine over the phases; a projection turns"},
    {NULL, NULL, "Shift+move", "The planes across follow the pointer"},
    {"Tab", "step-focus(1)", "Tab", "Next view"},
    {"<Shift>ISO_Left_Tab <Shift>Tab", "step-focus(-1)", NULL, NULL},
    {"Return KP_Enter", "maximise", "Enter, double click", "One view large, and back"},
    {"plus equal KP_Add", "zoom(1)", "+ −, Ctrl+wheel, right drag",
     "Zoom (+ − with a brush: its size)"},
    {"minus KP_Subtract", "zoom(-1)", NULL, NULL},
    {"0 KP_0", "reset-look", "0", "Whole slice, window from the values"},
    {"1 KP_1", "preset(1)", "1 – 5", "Grey windows: all values, narrower, wide"},
    {"2 KP_2", "preset(2)", NULL, NULL},
    {"3 KP_3", "preset(3)", NULL, NULL},
    {"4 KP_4", "preset(4)", NULL, NULL},
    {"5 KP_5", "preset(5)", NULL, NULL},
    {"i", "invert", "I", "Invert the greys"},
    {"space", "toggle-overlays", "Space", "All overlays on, off; held: peek"},
    {"s", "toggle-masks", "S", "Masks on, off"},
    {"a", "mask-opacity(-1)", "A D", "Masks' fill less, more"},
    {"d", "mask-opacity(1)", NULL, NULL},
    {"n", "toggle-smooth", "N", "Smooth, or true pixels"},
    {"w", "arm(0)", "W", "Left button: grey window"},
    {"b", "arm(1)", "B", "Left button: brush (Ctrl erases)"},
    {"e", "arm(2)", "E", "Left button: eraser (Ctrl paints)"},
    {"bracketleft", "brush(-1)", "[ ], Shift+wheel", "Brush smaller, larger"},
    {"bracketright", "brush(1)", NULL, NULL},
    {NULL, NULL, "2 3", "With a brush: in the slice, a ball"},
    {"<Control>z", "undo", "Ctrl+Z", "Undo"},
    {"<Control>y <Control><Shift>z", "redo", "Ctrl+Y, Ctrl+Shift+Z", "Redo"},
    {"Delete", "remove-layer", "Delete", "Remove the selected mask"},
    {"F2", "rename", "F2", "Rename the selected mask"},
    {"<Control>BackSpace", "reject", "Ctrl+Backspace", "Reject the selected mask"},
    {"Escape", "escape", "Esc", "Take back the drag; drop tool, message"},
    {"<Control>o", "open", "Ctrl+O", "Open a study"},
    {"<Control>r", "run", "Ctrl+R", "Run the network"},
    {"<Control><Shift>r", "run-available", "Ctrl+Shift+R", "Run it on the available phases too"},
    {"<Control>period", "cancel-run", "Ctrl+.", "Stop the network"},
    {"<Control>Return", "accept", "Ctrl+Enter", "Accept the selected mask"},
    {"<Control>s", "export", "Ctrl+S", "Export as DICOM SEG"},
    {"question F1", "keys", "?", "This sheet"},
    {"F11", "fullscreen", "F11", "Full screen"},
    {"<Control>q <Control>w", "close", "Ctrl+Q", "Close"},
};

static gboolean is_pressed(const char *accelerator, const GdkEventKey *event)
{
    guint key;
    GdkModifierType modifiers;
    gtk_accelerator_parse(accelerator, &key, &modifiers);
    const GdkModifierType asked =
        event->state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK | GDK_MOD1_MASK | GDK_SUPER_MASK);
    const gboolean is_letter = g_unichar_isalpha(gdk_keyval_to_unicode(key));
    const guint pressed = is_letter ? gdk_keyval_to_lower(event->keyval) : event->keyval;
    if (pressed != key)
        return FALSE;
    /* "+" and "?" need Shift on some keyboards and not on others. */
    const gboolean is_symbol = !is_letter && gdk_keyval_to_unicode(key) > 32;
    return asked == modifiers || (is_symbol && asked == GDK_SHIFT_MASK);
}

static const Binding *find(const GdkEventKey *event)
{
    for (guint i = 0; i < G_N_ELEMENTS(bindings); i++) {
        g_auto(GStrv) keys = g_strsplit(bindings[i].keys ? bindings[i].keys : "", " ", -1);
        for (guint k = 0; keys[k]; k++)
            if (is_pressed(keys[k], event))
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

gboolean dkm_keys_handle(GtkWindow *window, GActionMap *group, const GdkEventKey *event)
{
    const Binding *binding = is_typing(window, event) ? NULL : find(event);
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

static void add_line(GtkGrid *grid, const Binding *binding, int column, int row)
{
    GtkWidget *keys = gtk_label_new(binding->shown), *words = gtk_label_new(binding->words);
    gtk_widget_set_halign(keys, GTK_ALIGN_END);
    gtk_widget_set_halign(words, GTK_ALIGN_START);
    gtk_style_context_add_class(gtk_widget_get_style_context(keys), "key");
    gtk_grid_attach(grid, keys, 2 * column, row, 1, 1);
    gtk_grid_attach(grid, words, 2 * column + 1, row, 1, 1);
}

GtkWidget *dkm_keys_sheet_new(GtkWindow *parent)
{
    GtkWidget *dialog = gtk_dialog_new_with_buttons(
        "Keys", parent, GTK_DIALOG_DESTROY_WITH_PARENT | GTK_DIALOG_USE_HEADER_BAR, NULL, NULL);
    GtkWidget *grid = gtk_grid_new();
    g_object_set(grid, "column-spacing", 24, "row-spacing", 5, "margin", 20, NULL);
    int lines = 0, line = 0;
    for (guint i = 0; i < G_N_ELEMENTS(bindings); i++)
        lines += bindings[i].shown != NULL;
    const int half = (lines + 1) / 2;
    for (guint i = 0; i < G_N_ELEMENTS(bindings); i++) {
        if (!bindings[i].shown)
            continue;
        add_line(GTK_GRID(grid), &bindings[i], line / half, line % half);
        line++;
    }
    gtk_container_add(GTK_CONTAINER(gtk_dialog_get_content_area(GTK_DIALOG(dialog))), grid);
    gtk_widget_show_all(grid);
    return dialog;
}
