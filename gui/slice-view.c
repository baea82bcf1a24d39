#include "gui/slice-view.h"

#include "gui/annotations.h"
#include "gui/beside.h"
#include "gui/box-outline.h"
#include "gui/i18n.h"
#include "gui/ruler-marks.h"

#include <gdk/gdkx.h>
#include <math.h>
#include <string.h>

struct _DkmSliceView {
    GtkDrawingArea parent;
    DkmReading *reading;
    const DkmToolbox *toolbox;
    DkmPaneSpec spec;
    DkmPane *pane;
    cairo_surface_t *surface; /* the pane's pixels, in device pixels */
    gboolean is_stale;        /* the surface does not show the case as it is */
    gboolean is_focused;
    gboolean is_running; /* the network, when a change was told last */
    DkmTool *dragging;   /* the tool of the drag in progress, or NULL */
    guint button;
    double turned; /* of a step of the wheel, by a device that turns in fractions */
    int pending;   /* planes still to be paged, one a frame: none is skipped */
    guint tick;
    gboolean has_point;
    DkmToolPoint point; /* the last one, where has_point */
    DkmArmed refused;   /* the tool that is armed and was said not to work here; else WINDOW */
};

G_DEFINE_FINAL_TYPE(DkmSliceView, dkm_slice_view, GTK_TYPE_DRAWING_AREA)

/* A hand that is faster than the screen is followed for this long, then it has to wait. */
#define MOST_PENDING 30

enum { SIGNAL_FOCUSED, SIGNAL_MAXIMISE, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- what the buttons do here
 * --------------------------------------------------------------------- */

/* A projection has no voxel to point at. */
static gboolean is_projection(const DkmSliceView *self)
{
    return self->spec.image == DKM_IMAGE_MIP;
}

/* Masks are painted in the acquired slices; across them with a ball alone, never on a projection.
 * NULL: what is armed can be used here. */
static const char *why_not_here(const DkmSliceView *self, const DkmLook *look)
{
    const gboolean across = self->spec.cut != DKM_CUT_ACQUIRED && self->point.cut.normal != 0;
    if (look->armed == DKM_ARMED_RULER)
        return dkm_tool_ruler_why_not(&self->spec);
    if (look->armed == DKM_ARMED_WINDOW)
        return NULL;
    if (self->spec.beside != DKM_BESIDE_NONE)
        return _("Masks and boxes are drawn on the study itself, not on what hangs beside it.");
    if (is_projection(self))
        return _("Masks and boxes are drawn on slices; the projection shows all of them at once. "
                 "Draw in another view, or press W to change this one’s grey window.");
    if (across && !look->brush_is_ball)
        return _("Masks and boxes are drawn on the acquired slices, across them with a 3D brush "
                 "alone "
                 "(3).");
    return NULL;
}

static DkmTool *pick(DkmSliceView *self, guint button)
{
    const DkmLook *look = dkm_reading_look(self->reading);
    if (is_projection(self) && button != GDK_BUTTON_PRIMARY)
        return NULL;
    if (button == GDK_BUTTON_PRIMARY && why_not_here(self, look))
        return NULL;
    return dkm_toolbox_pick(self->toolbox, button, look);
}

/* Once for each time that a tool is taken up. */
static void refuse(DkmSliceView *self)
{
    const DkmLook *look = dkm_reading_look(self->reading);
    const char *why = why_not_here(self, look);
    if (!why || self->refused == look->armed)
        return;
    self->refused = look->armed;
    dkm_reading_message(self->reading, DKM_MESSAGE_NOTE, why);
}

/* --- drawing ---------------------------------------------------------------------------------- */

static void fit_surface(DkmSliceView *self, int width, int height)
{
    if (self->surface && cairo_image_surface_get_width(self->surface) == width &&
        cairo_image_surface_get_height(self->surface) == height)
        return;
    g_clear_pointer(&self->surface, cairo_surface_destroy);
    self->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    self->is_stale = TRUE;
}

static void render(DkmSliceView *self)
{
    const double scale = gtk_widget_get_scale_factor(GTK_WIDGET(self));
    const int width = (int)(gtk_widget_get_allocated_width(GTK_WIDGET(self)) * scale);
    const int height = (int)(gtk_widget_get_allocated_height(GTK_WIDGET(self)) * scale);
    fit_surface(self, width, height);
    if (!self->is_stale)
        return;
    cairo_surface_flush(self->surface);
    const DkmCanvas canvas = {(guint32 *)(gpointer)cairo_image_surface_get_data(self->surface),
                              width, height, cairo_image_surface_get_stride(self->surface) / 4,
                              scale};
    const DkmScene scene = dkm_reading_scene_of(self->reading, self->spec.beside);
    dkm_pane_draw(self->pane, &self->spec, &scene, &canvas);
    cairo_surface_mark_dirty(self->surface);
    self->is_stale = FALSE;
}

static void draw_frame(DkmSliceView *self, cairo_t *cr, int width, int height)
{
    if (!self->is_focused || !dkm_reading_case(self->reading))
        return;
    cairo_set_source_rgba(cr, 0.36, 0.62, 0.75, 0.9);
    cairo_set_line_width(cr, 1);
    cairo_rectangle(cr, 0.5, 0.5, width - 1, height - 1);
    cairo_stroke(cr);
}

/* What is on screen now goes into the coverage. */
static void note_painted(DkmSliceView *self)
{
    const DkmScene scene = dkm_reading_scene_of(self->reading, self->spec.beside);
    const DkmVolume *pre;
    const gboolean shows =
        scene.on && self->spec.image != DKM_IMAGE_MIP && dkm_pane_volume(&self->spec, &scene, &pre);
    const DkmShown shown = shows ? dkm_pane_shown(&self->spec, &scene) : (DkmShown){0};
    dkm_coverage_paint(dkm_reading_coverage(self->reading), self, shows ? &shown : NULL,
                       g_get_monotonic_time());
}

static void unmap(GtkWidget *widget)
{
    DkmSliceView *self = DKM_SLICE_VIEW(widget);
    dkm_coverage_paint(dkm_reading_coverage(self->reading), self, NULL, g_get_monotonic_time());
    GTK_WIDGET_CLASS(dkm_slice_view_parent_class)->unmap(widget);
}

/* POINTER becomes part of it. */
static DkmAnnotations annotations(DkmSliceView *self, DkmPointer *pointer)
{
    int permille;
    GtkWidget *widget = GTK_WIDGET(self);
    const DkmBeside beside = self->spec.beside;
    *pointer = dkm_reading_pointer_of(self->reading, beside);
    return (DkmAnnotations){.context = gtk_widget_get_pango_context(widget),
                            .width = gtk_widget_get_allocated_width(widget),
                            .height = gtk_widget_get_allocated_height(widget),
                            .pane = self->pane,
                            .spec = &self->spec,
                            .scene = dkm_reading_scene_of(self->reading, beside),
                            .reading = self->reading,
                            .coverage = dkm_reading_coverage(self->reading),
                            .pointer = pointer,
                            .is_loading = dkm_reading_is_loading(self->reading, &permille) ||
                                          dkm_reading_is_loading_beside(self->reading, beside),
                            .is_here = self->has_point};
}

static gboolean query_tooltip(GtkWidget *widget, gint x, gint y, gboolean by_key, GtkTooltip *tip)
{
    DkmPointer pointer;
    const DkmAnnotations words = annotations(DKM_SLICE_VIEW(widget), &pointer);
    g_autofree char *text = by_key ? NULL : dkm_annotations_tip(&words, x, y);
    gtk_tooltip_set_text(tip, text);
    return text != NULL;
}

static gboolean draw(GtkWidget *widget, cairo_t *cr)
{
    DkmSliceView *self = DKM_SLICE_VIEW(widget);
    const int width = gtk_widget_get_allocated_width(widget);
    const int height = gtk_widget_get_allocated_height(widget);
    const double scale = gtk_widget_get_scale_factor(widget);
    render(self);
    cairo_save(cr);
    cairo_scale(cr, 1 / scale, 1 / scale);
    cairo_set_source_surface(cr, self->surface, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
    cairo_paint(cr);
    cairo_restore(cr);
    note_painted(self);
    DkmPointer pointer;
    const DkmAnnotations words = annotations(self, &pointer);
    dkm_annotations_draw(&words, cr);
    dkm_box_outline_draw(&self->spec, &words.scene, width, height, cr);
    dkm_ruler_marks_draw(&words, cr);
    draw_frame(self, cr, width, height);
    DkmTool *tool = pick(self, GDK_BUTTON_PRIMARY);
    if (tool && self->has_point && dkm_reading_case(self->reading))
        dkm_tool_draw(tool, self->reading, &self->point, cr);
    return GDK_EVENT_STOP;
}

/* --- the pointer ------------------------------------------------------------------------------ */

/* Of the lattice that is shown. */
static void voxel_at(DkmSliceView *self, const DkmScene *scene, double x, double y, double zyx[3])
{
    GtkWidget *widget = GTK_WIDGET(self);
    if (!scene->on)
        return;
    const DkmCut cut = dkm_pane_cut(&self->spec, scene->on);
    const DkmViewport view =
        dkm_pane_viewport(&self->spec, scene, gtk_widget_get_allocated_width(widget),
                          gtk_widget_get_allocated_height(widget));
    double place[2];
    dkm_viewport_to_voxel(&view, x, y, &place[1], &place[0]);
    dkm_cut_to_zyx(&cut, dkm_review_case_grid(scene->on), place, dkm_look_index(scene->look, &cut),
                   zyx);
}

/* The point in the study's own lattice: what hangs beside it moves with it, in the same way, so
 * that pan and zoom work there as they do here. */
static DkmToolPoint point_at(DkmSliceView *self, double x, double y, GdkModifierType modifiers)
{
    GtkWidget *widget = GTK_WIDGET(self);
    const DkmScene scene = dkm_reading_scene(self->reading);
    DkmPaneSpec spec = self->spec;
    spec.beside = DKM_BESIDE_NONE;
    DkmToolPoint at = {.x = x, .y = y, .modifiers = modifiers};
    at.plane = dkm_pane_plane(&spec, &scene);
    at.cut = dkm_pane_cut(&spec, scene.on);
    at.group = dkm_pane_group(&self->spec);
    at.view = dkm_pane_viewport(&spec, &scene, gtk_widget_get_allocated_width(widget),
                                gtk_widget_get_allocated_height(widget));
    const DkmScene shown = dkm_reading_scene_of(self->reading, self->spec.beside);
    double there[3] = {0, 0, 0};
    voxel_at(self, &shown, x, y, there);
    if (shown.link)
        dkm_link_back(shown.link, there, at.zyx);
    else
        memcpy(at.zyx, there, sizeof at.zyx);
    return at;
}

static void set_point(DkmSliceView *self, double x, double y, GdkModifierType modifiers)
{
    self->has_point = TRUE;
    self->point = point_at(self, x, y, modifiers);
    const DkmPointer pointer = {TRUE,
                                self->spec.beside,
                                self->spec.beside ? 0 : self->spec.phase,
                                {self->point.zyx[0], self->point.zyx[1], self->point.zyx[2]}};
    const DkmPointer none = {0};
    dkm_reading_set_pointer(self->reading, is_projection(self) ? &none : &pointer);
}

#define RENDERED_BY                                                                                \
    (DKM_CHANGED_CASE | DKM_CHANGED_PHASES | DKM_CHANGED_LAYERS | DKM_CHANGED_RESULT |             \
     DKM_CHANGED_LOOK | DKM_CHANGED_DERIVED)

/* A pointer that rests is over what is seen there now: another slice, or another place of it. */
static void keep_pointing(DkmSliceView *self)
{
    if (self->has_point && !self->dragging && gtk_widget_get_mapped(GTK_WIDGET(self)) &&
        dkm_reading_case(self->reading))
        set_point(self, self->point.x, self->point.y, self->point.modifiers);
}

/* Views that wait for a run say so, from its beginning to its end. */
static gboolean has_run_begun_or_ended(DkmSliceView *self)
{
    int permille;
    double seconds;
    const gboolean did_run = self->is_running;
    self->is_running = dkm_reading_is_running(self->reading, &permille, &seconds);
    return self->is_running != did_run;
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    DkmSliceView *self = user;
    if (what & DKM_CHANGED_CASE) {
        self->dragging = NULL;
        self->pending = 0;
        self->turned = 0;
    }
    if (what & RENDERED_BY)
        self->is_stale = TRUE;
    if (dkm_reading_look(reading)->armed != self->refused)
        self->refused = DKM_ARMED_WINDOW;
    if (has_run_begun_or_ended(self) ||
        (what & (RENDERED_BY | DKM_CHANGED_POINTER | DKM_CHANGED_RULERS)))
        gtk_widget_queue_draw(GTK_WIDGET(self));
    if (what & DKM_CHANGED_LOOK)
        keep_pointing(self);
}

/* With Shift the planes across follow the pointer. */
static void lead_crosshair(DkmSliceView *self)
{
    DkmLook look = *dkm_reading_look(self->reading);
    const double *zyx = self->point.zyx;
    look.slice = (int)lround(zyx[0]);
    look.row = (int)lround(zyx[1]);
    look.column = (int)lround(zyx[2]);
    dkm_reading_set_look(self->reading, &look);
}

static gboolean button_press(GtkWidget *widget, GdkEventButton *event)
{
    DkmSliceView *self = DKM_SLICE_VIEW(widget);
    if (!dkm_reading_case(self->reading))
        return GDK_EVENT_PROPAGATE;
    g_signal_emit(self, signals[SIGNAL_FOCUSED], 0);
    if (event->type == GDK_2BUTTON_PRESS && event->button == GDK_BUTTON_PRIMARY &&
        dkm_reading_look(self->reading)->armed == DKM_ARMED_WINDOW)
        g_signal_emit(self, signals[SIGNAL_MAXIMISE], 0);
    if (event->type != GDK_BUTTON_PRESS || self->dragging)
        return GDK_EVENT_STOP;
    set_point(self, event->x, event->y, event->state);
    self->dragging = pick(self, event->button);
    self->button = event->button;
    if (self->dragging) {
        gdk_window_set_event_compression(event->window,
                                         !dkm_tool_takes_every_point(self->dragging));
        dkm_tool_press(self->dragging, self->reading, &self->point);
    } else if (event->button == GDK_BUTTON_PRIMARY)
        refuse(self);
    return GDK_EVENT_STOP;
}

static gboolean motion(GtkWidget *widget, GdkEventMotion *event)
{
    DkmSliceView *self = DKM_SLICE_VIEW(widget);
    if (!dkm_reading_case(self->reading))
        return GDK_EVENT_PROPAGATE;
    set_point(self, event->x, event->y, event->state);
    if (self->dragging)
        dkm_tool_drag(self->dragging, self->reading, &self->point);
    else if ((event->state & GDK_SHIFT_MASK) && !is_projection(self))
        lead_crosshair(self);
    return GDK_EVENT_STOP;
}

static gboolean button_release(GtkWidget *widget, GdkEventButton *event)
{
    DkmSliceView *self = DKM_SLICE_VIEW(widget);
    if (self->dragging && event->button == self->button) {
        DkmTool *tool = g_steal_pointer(&self->dragging);
        gdk_window_set_event_compression(event->window, TRUE);
        dkm_tool_release(tool, self->reading);
    }
    return GDK_EVENT_STOP;
}

static gboolean enter(GtkWidget *widget, GdkEventCrossing *event)
{
    DkmSliceView *self = DKM_SLICE_VIEW(widget);
    if (dkm_reading_case(self->reading))
        set_point(self, event->x, event->y, event->state);
    DkmTool *tool = pick(self, GDK_BUTTON_PRIMARY);
    g_autoptr(GdkCursor) cursor = NULL;
    const char *shape = tool ? dkm_tool_cursor(tool) : "not-allowed";
    if (shape)
        cursor = gdk_cursor_new_from_name(gtk_widget_get_display(widget), shape);
    gdk_window_set_cursor(gtk_widget_get_window(widget), cursor);
    return GDK_EVENT_PROPAGATE;
}

static gboolean leave(GtkWidget *widget, GdkEventCrossing *event)
{
    DkmSliceView *self = DKM_SLICE_VIEW(widget);
    if (self->dragging)
        return GDK_EVENT_PROPAGATE;
    self->has_point = FALSE;
    dkm_reading_set_pointer(self->reading, &(DkmPointer){0});
    return GDK_EVENT_PROPAGATE;
}

/* --- the wheel -------------------------------------------------------------------------------- */

/* Whole steps: a smooth device's fractions are gathered until they are one. */
static int wheel_steps(DkmSliceView *self, const GdkEventScroll *event)
{
    if (event->direction == GDK_SCROLL_UP || event->direction == GDK_SCROLL_DOWN)
        return event->direction == GDK_SCROLL_UP ? -1 : 1;
    if (event->direction != GDK_SCROLL_SMOOTH)
        return 0;
    self->turned = event->is_stop ? 0 : self->turned + event->delta_y;
    const int steps = (int)trunc(self->turned);
    self->turned -= steps;
    return steps;
}

static void zoom_at(const DkmSliceView *self, DkmLook *look, const DkmToolPoint *at, double factor)
{
    const DkmGrid *grid = dkm_review_case_grid(dkm_reading_case(self->reading));
    if (is_projection(self))
        return;
    const DkmAim old = dkm_look_aim(look, &at->cut, grid);
    const DkmAim aim = dkm_aim_zoomed(&old, &at->view, at->x, at->y, factor);
    dkm_look_set_aim(look, &at->cut, grid, &aim);
}

/* FALSE at the end of the planes. */
static gboolean page_one(DkmSliceView *self, int step)
{
    DkmLook look = *dkm_reading_look(self->reading);
    if (is_projection(self)) {
        look.angle += step;
        dkm_reading_set_look(self->reading, &look);
        return TRUE;
    }
    const DkmCut cut = dkm_pane_cut(&self->spec, dkm_reading_case(self->reading));
    const int before = dkm_look_index(&look, &cut);
    dkm_look_set_index(&look, &cut, before + step);
    dkm_reading_set_look(self->reading, &look);
    return dkm_look_index(dkm_reading_look(self->reading), &cut) != before;
}

static gboolean stop_paging(DkmSliceView *self)
{
    self->pending = 0;
    self->tick = 0;
    return G_SOURCE_REMOVE;
}

/* Runs before each frame is painted, and ends with the last plane: one frame more would keep the
 * next turn of the wheel waiting. */
static gboolean on_tick(GtkWidget *widget, GdkFrameClock *clock, gpointer user)
{
    DkmSliceView *self = DKM_SLICE_VIEW(widget);
    if (!dkm_reading_case(self->reading) || self->pending == 0)
        return stop_paging(self);
    const int step = self->pending > 0 ? 1 : -1;
    self->pending -= step;
    const gboolean has_paged = page_one(self, step);
    if (has_paged && self->has_point)
        set_point(self, self->point.x, self->point.y, self->point.modifiers);
    return has_paged && self->pending != 0 ? G_SOURCE_CONTINUE : stop_paging(self);
}

void dkm_slice_view_page(DkmSliceView *self, int step)
{
    if (!dkm_reading_case(self->reading))
        return;
    self->pending = CLAMP(self->pending + step, -MOST_PENDING, MOST_PENDING);
    if (!self->tick)
        self->tick = gtk_widget_add_tick_callback(GTK_WIDGET(self), on_tick, NULL, NULL);
}

static gboolean scroll(GtkWidget *widget, GdkEventScroll *event)
{
    DkmSliceView *self = DKM_SLICE_VIEW(widget);
    if (!dkm_reading_case(self->reading))
        return GDK_EVENT_PROPAGATE;
    g_signal_emit(self, signals[SIGNAL_FOCUSED], 0);
    const int steps = wheel_steps(self, event);
    if (steps == 0)
        return GDK_EVENT_STOP;
    DkmLook look = *dkm_reading_look(self->reading);
    const DkmToolPoint at = point_at(self, event->x, event->y, event->state);
    if (event->state & GDK_CONTROL_MASK)
        zoom_at(self, &look, &at, pow(1.15, -steps));
    else if ((event->state & GDK_SHIFT_MASK) && dkm_armed_is_for_masks(look.armed))
        look.brush_mm *= pow(1.15, -steps);
    else {
        dkm_slice_view_page(self, steps * ((event->state & GDK_SHIFT_MASK) ? 5 : 1));
        return GDK_EVENT_STOP;
    }
    dkm_reading_set_look(self->reading, &look);
    set_point(self, event->x, event->y, event->state);
    return GDK_EVENT_STOP;
}

/* --- the object ------------------------------------------------------------------------------- */

static void finalize(GObject *object)
{
    DkmSliceView *self = DKM_SLICE_VIEW(object);
    g_clear_pointer(&self->pane, dkm_pane_free);
    g_clear_pointer(&self->surface, cairo_surface_destroy);
    g_clear_object(&self->reading);
    G_OBJECT_CLASS(dkm_slice_view_parent_class)->finalize(object);
}

/* Touchpads turn in fractions alone under Wayland. X makes steps of them by itself, and asked for
 * fractions it loses the first step of a wheel. */
static GdkEventMask scroll_mask(const DkmSliceView *self)
{
    const GdkDisplay *display = gtk_widget_get_display(GTK_WIDGET(self));
    return GDK_SCROLL_MASK | (GDK_IS_X11_DISPLAY(display) ? 0 : GDK_SMOOTH_SCROLL_MASK);
}

static void dkm_slice_view_init(DkmSliceView *self)
{
    self->pane = dkm_pane_new();
    self->is_stale = TRUE;
    gtk_widget_set_hexpand(GTK_WIDGET(self), TRUE);
    gtk_widget_set_vexpand(GTK_WIDGET(self), TRUE);
    gtk_widget_set_has_tooltip(GTK_WIDGET(self), TRUE);
    gtk_widget_add_events(GTK_WIDGET(self), GDK_BUTTON_PRESS_MASK | GDK_BUTTON_RELEASE_MASK |
                                                GDK_POINTER_MOTION_MASK | scroll_mask(self) |
                                                GDK_ENTER_NOTIFY_MASK | GDK_LEAVE_NOTIFY_MASK);
}

static void dkm_slice_view_class_init(DkmSliceViewClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->finalize = finalize;
    widget->draw = draw;
    widget->query_tooltip = query_tooltip;
    widget->unmap = unmap;
    widget->button_press_event = button_press;
    widget->button_release_event = button_release;
    widget->motion_notify_event = motion;
    widget->enter_notify_event = enter;
    widget->leave_notify_event = leave;
    widget->scroll_event = scroll;
    const char *const names[] = {"focused", "maximise"};
    for (guint i = 0; i < N_SIGNALS; i++)
        signals[i] = g_signal_new(names[i], DKM_TYPE_SLICE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
}

GtkWidget *dkm_slice_view_new(DkmReading *reading, const DkmToolbox *toolbox)
{
    DkmSliceView *self = g_object_new(DKM_TYPE_SLICE_VIEW, NULL);
    self->reading = g_object_ref(reading);
    self->toolbox = toolbox;
    g_signal_connect_object(reading, "changed", G_CALLBACK(on_changed), self, 0);
    return GTK_WIDGET(self);
}

const DkmPaneSpec *dkm_slice_view_spec(DkmSliceView *self)
{
    return &self->spec;
}

void dkm_slice_view_set_spec(DkmSliceView *self, const DkmPaneSpec *spec)
{
    self->spec = *spec;
    self->is_stale = TRUE;
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

const DkmToolPoint *dkm_slice_view_point(DkmSliceView *self)
{
    return self->has_point && gtk_widget_get_mapped(GTK_WIDGET(self)) ? &self->point : NULL;
}

void dkm_slice_view_set_focused(DkmSliceView *self, gboolean focused)
{
    self->is_focused = focused;
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

gboolean dkm_slice_view_cancel_drag(DkmSliceView *self)
{
    DkmTool *tool = g_steal_pointer(&self->dragging);
    if (tool)
        dkm_tool_cancel(tool, self->reading);
    return tool != NULL;
}
