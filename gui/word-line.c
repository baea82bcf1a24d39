#include "gui/word-line.h"

#include <string.h>

struct _DkmWordLine {
    GtkDrawingArea parent;
    guint32 rgb;
    char *text;
};

G_DEFINE_FINAL_TYPE(DkmWordLine, dkm_word_line, GTK_TYPE_DRAWING_AREA)

static PangoLayout *new_layout(DkmWordLine *self)
{
    PangoLayout *layout = gtk_widget_create_pango_layout(GTK_WIDGET(self), NULL);
    g_autofree char *markup = g_markup_printf_escaped(
        "<span size=\"90%%\"><span foreground=\"#%06x\">●</span> %s</span>", self->rgb, self->text);
    pango_layout_set_markup(layout, markup, -1);
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    return layout;
}

static gboolean draw(GtkWidget *widget, cairo_t *cr)
{
    g_autoptr(PangoLayout) layout = new_layout(DKM_WORD_LINE(widget));
    pango_layout_set_width(layout, gtk_widget_get_allocated_width(widget) * PANGO_SCALE);
    gtk_render_layout(gtk_widget_get_style_context(widget), cr, 0, 0, layout);
    return GDK_EVENT_STOP;
}

static void get_preferred_height(GtkWidget *widget, int *least, int *natural)
{
    g_autoptr(PangoLayout) layout = new_layout(DKM_WORD_LINE(widget));
    pango_layout_get_pixel_size(layout, NULL, natural);
    *least = *natural;
}

void dkm_word_line_set(DkmWordLine *self, const char *text)
{
    if (strcmp(self->text, text) == 0)
        return;
    g_free(self->text);
    self->text = g_strdup(text);
    atk_object_set_name(gtk_widget_get_accessible(GTK_WIDGET(self)), text);
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

static void finalize(GObject *object)
{
    g_free(DKM_WORD_LINE(object)->text);
    G_OBJECT_CLASS(dkm_word_line_parent_class)->finalize(object);
}

static void dkm_word_line_init(DkmWordLine *self)
{
    self->text = g_strdup("");
    atk_object_set_role(gtk_widget_get_accessible(GTK_WIDGET(self)), ATK_ROLE_LABEL);
}

static void dkm_word_line_class_init(DkmWordLineClass *class)
{
    G_OBJECT_CLASS(class)->finalize = finalize;
    GTK_WIDGET_CLASS(class)->draw = draw;
    GTK_WIDGET_CLASS(class)->get_preferred_height = get_preferred_height;
}

GtkWidget *dkm_word_line_new(guint32 rgb)
{
    DkmWordLine *self = g_object_new(DKM_TYPE_WORD_LINE, NULL);
    self->rgb = rgb;
    return GTK_WIDGET(self);
}
