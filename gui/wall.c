#include "gui/wall.h"

#include "gui/hanging.h"

#define GAP 2

struct _DkmWall {
    GtkContainer parent;
    DkmReading *reading;
    DkmToolbox *toolbox;
    GPtrArray *views; /* of DkmSliceView* */
    guint n;          /* in use */
    guint focus;
    gboolean is_maximised;
};

G_DEFINE_FINAL_TYPE(DkmWall, dkm_wall, GTK_TYPE_CONTAINER)

/* --- which view shows what -------------------------------------------------------------------- */

static void show_views(DkmWall *self)
{
    for (guint i = 0; i < self->views->len; i++) {
        const gboolean shown = i < self->n && (!self->is_maximised || i == self->focus);
        gtk_widget_set_visible(self->views->pdata[i], shown);
        dkm_slice_view_set_focused(self->views->pdata[i], i == self->focus && !self->is_maximised);
    }
    gtk_widget_queue_resize(GTK_WIDGET(self));
}

void dkm_wall_rehang(DkmWall *self)
{
    DkmPaneSpec panes[DKM_HANGING_MOST] = {{0}};
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    self->n = on ? dkm_hanging_first(on, panes) : DKM_HANGING_MOST;
    for (guint i = 0; i < self->n; i++)
        dkm_slice_view_set_spec(self->views->pdata[i], &panes[i]);
    self->is_maximised = FALSE;
    self->focus = 0;
    show_views(self);
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    if (what & DKM_CHANGED_CASE)
        dkm_wall_rehang(user);
}

void dkm_wall_toggle_maximised(DkmWall *self)
{
    if (!dkm_reading_case(self->reading))
        return;
    self->is_maximised = !self->is_maximised;
    show_views(self);
}

void dkm_wall_step_focus(DkmWall *self, int step)
{
    self->focus = (self->focus + self->n + (guint)step) % self->n;
    show_views(self);
}

void dkm_wall_step_phase(DkmWall *self, int step)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    if (!on)
        return;
    DkmSliceView *view = self->views->pdata[self->focus];
    DkmPaneSpec spec = *dkm_slice_view_spec(view);
    spec.phase = (guint)CLAMP((int)spec.phase + step, 0, (int)dkm_review_case_n_phases(on) - 1);
    dkm_slice_view_set_spec(view, &spec);
}

gboolean dkm_wall_cancel_drag(DkmWall *self)
{
    gboolean any = FALSE;
    for (guint i = 0; i < self->views->len; i++)
        any = dkm_slice_view_cancel_drag(self->views->pdata[i]) || any;
    return any;
}

guint dkm_wall_n_views(DkmWall *self)
{
    return self->n;
}

DkmSliceView *dkm_wall_view(DkmWall *self, guint i)
{
    return i < self->n ? self->views->pdata[i] : NULL;
}

static void on_focused(DkmSliceView *view, gpointer user)
{
    DkmWall *self = user;
    guint i;
    if (g_ptr_array_find(self->views, view, &i) && i != self->focus) {
        self->focus = i;
        show_views(self);
    }
}

static void on_maximise(DkmSliceView *view, gpointer user)
{
    dkm_wall_toggle_maximised(user);
}

/* --- the container ---------------------------------------------------------------------------- */

static void size_allocate(GtkWidget *widget, GtkAllocation *area)
{
    DkmWall *self = DKM_WALL(widget);
    gtk_widget_set_allocation(widget, area);
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    const DkmPlane plane = on ? dkm_pane_plane(on) : (DkmPlane){1, 1, {1, 1}};
    const guint n = self->is_maximised ? 1 : self->n;
    const int rows = (int)dkm_hanging_rows(n, &plane, area->width, area->height);
    const int columns = ((int)n + rows - 1) / rows;
    for (guint i = 0, place = 0; i < self->n; i++) {
        if (!gtk_widget_get_visible(self->views->pdata[i]))
            continue;
        const int row = (int)place / columns, column = (int)place % columns;
        place++;
        GtkAllocation part = {area->x + column * area->width / columns,
                              area->y + row * area->height / rows, 0, 0};
        part.width = area->x + (column + 1) * area->width / columns - part.x;
        part.height = area->y + (row + 1) * area->height / rows - part.y;
        part.width = MAX(part.width - (column + 1 < columns ? GAP : 0), 1);
        part.height = MAX(part.height - (row + 1 < rows ? GAP : 0), 1);
        gtk_widget_size_allocate(self->views->pdata[i], &part);
    }
}

static void forall(GtkContainer *container, gboolean internals, GtkCallback callback, gpointer data)
{
    DkmWall *self = DKM_WALL(container);
    for (guint i = self->views ? self->views->len : 0; i-- > 0;) /* a callback may remove it */
        callback(self->views->pdata[i], data);
}

static void remove_view(GtkContainer *container, GtkWidget *child)
{
    DkmWall *self = DKM_WALL(container);
    gtk_widget_unparent(child);
    if (self->views)
        g_ptr_array_remove(self->views, child);
}

static void get_preferred(GtkWidget *widget, int *minimum, int *natural)
{
    *minimum = 320;
    *natural = 900;
}

static void finalize(GObject *object)
{
    DkmWall *self = DKM_WALL(object);
    g_clear_pointer(&self->views, g_ptr_array_unref);
    g_clear_pointer(&self->toolbox, dkm_toolbox_free);
    g_clear_object(&self->reading);
    G_OBJECT_CLASS(dkm_wall_parent_class)->finalize(object);
}

static void dkm_wall_init(DkmWall *self)
{
    gtk_widget_set_has_window(GTK_WIDGET(self), FALSE);
    gtk_style_context_add_class(gtk_widget_get_style_context(GTK_WIDGET(self)), "wall");
    self->views = g_ptr_array_new();
    self->toolbox = dkm_toolbox_new();
}

static void dkm_wall_class_init(DkmWallClass *class)
{
    G_OBJECT_CLASS(class)->finalize = finalize;
    GTK_WIDGET_CLASS(class)->size_allocate = size_allocate;
    GTK_WIDGET_CLASS(class)->get_preferred_width = get_preferred;
    GTK_WIDGET_CLASS(class)->get_preferred_height = get_preferred;
    GTK_CONTAINER_CLASS(class)->forall = forall;
    GTK_CONTAINER_CLASS(class)->remove = remove_view;
}

GtkWidget *dkm_wall_new(DkmReading *reading)
{
    DkmWall *self = g_object_new(DKM_TYPE_WALL, NULL);
    self->reading = g_object_ref(reading);
    for (guint i = 0; i < DKM_HANGING_MOST; i++) {
        GtkWidget *view = dkm_slice_view_new(reading, self->toolbox);
        gtk_widget_set_parent(view, GTK_WIDGET(self));
        g_ptr_array_add(self->views, view);
        g_signal_connect(view, "focused", G_CALLBACK(on_focused), self);
        g_signal_connect(view, "maximise", G_CALLBACK(on_maximise), self);
    }
    g_signal_connect_object(reading, "changed", G_CALLBACK(on_changed), self, 0);
    dkm_wall_rehang(self);
    return GTK_WIDGET(self);
}
