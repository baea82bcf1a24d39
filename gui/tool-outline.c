/* Polygon and lasso: what lies inside an outline in the slice is painted, or with Ctrl erased.
 * A polygon's corners are clicked; a click on its first or last corner closes it. */
#include "gui/editing.h"
#include "gui/tool.h"

#include "core/edit/mask-tools.h"

#include <math.h>

/* A click this near to a corner means the corner, in logical pixels. */
#define NEAR_PIXELS 7.0

typedef double Corner[2]; /* row, column */

typedef struct {
    DkmTool parent;
    gboolean is_lasso;
    GArray *corners; /* of Corner, in the slice that they were begun in */
    int slice;
    gboolean erases;
    DkmReading *reading; /* while there are corners: the tool drops them when it is put away */
    gulong handler;
} OutlineTool;

typedef DkmToolClass OutlineToolClass;
static GType outline_tool_get_type(void);
G_DEFINE_FINAL_TYPE(OutlineTool, outline_tool, DKM_TYPE_TOOL)

static void drop(OutlineTool *self)
{
    g_array_set_size(self->corners, 0);
    if (self->reading)
        g_clear_signal_handler(&self->handler, self->reading);
    g_clear_object(&self->reading);
}

/* Another study, slice or tool: what was begun is meant no more. */
static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    OutlineTool *self = user;
    const DkmLook *look = dkm_reading_look(reading);
    const DkmArmed own = self->is_lasso ? DKM_ARMED_LASSO : DKM_ARMED_POLYGON;
    if ((what & DKM_CHANGED_CASE) || look->armed != own || look->slice != self->slice)
        drop(self);
}

static void begin(OutlineTool *self, DkmReading *reading, const DkmToolPoint *at)
{
    self->slice = (int)lround(at->zyx[0]);
    self->erases = (at->modifiers & GDK_CONTROL_MASK) != 0;
    self->reading = g_object_ref(reading);
    self->handler = g_signal_connect(reading, "changed", G_CALLBACK(on_changed), self);
}

static void add(OutlineTool *self, const DkmToolPoint *at)
{
    const Corner corner = {at->zyx[1], at->zyx[2]};
    g_array_append_val(self->corners, corner);
}

static void fill(OutlineTool *self, DkmReading *reading)
{
    g_autoptr(GError) error = NULL;
    const DkmOutline outline = {0, self->slice, (const Corner *)(gpointer)self->corners->data,
                                self->corners->len};
    g_autoptr(DkmMask) base = dkm_editing_base(reading, &error);
    DkmMask *made = base ? dkm_mask_fill_outline(base, &outline, self->erases, &error) : NULL;
    drop(self);
    dkm_editing_take(reading, made, error);
}

static gboolean is_at_corner(const OutlineTool *self, guint i, const DkmToolPoint *at)
{
    const double *corner = g_array_index(self->corners, Corner, i);
    double x, y;
    dkm_viewport_to_pixel(&at->view, corner[1], corner[0], &x, &y);
    return hypot(x - at->x, y - at->y) <= NEAR_PIXELS;
}

static void press(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at)
{
    OutlineTool *self = (OutlineTool *)tool;
    if (self->is_lasso)
        drop(self);
    const guint n = self->corners->len;
    if (n == 0)
        begin(self, reading, at);
    if (!self->is_lasso && n >= 3 && (is_at_corner(self, 0, at) || is_at_corner(self, n - 1, at)))
        fill(self, reading);
    else if (n == 0 || !is_at_corner(self, n - 1, at))
        add(self, at);
}

static void drag(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at)
{
    OutlineTool *self = (OutlineTool *)tool;
    if (self->is_lasso && self->corners->len > 0)
        add(self, at);
}

static void release(DkmTool *tool, DkmReading *reading)
{
    OutlineTool *self = (OutlineTool *)tool;
    if (!self->is_lasso)
        return;
    if (self->corners->len >= 3)
        fill(self, reading);
    else
        drop(self);
}

static void cancel(DkmTool *tool, DkmReading *reading)
{
    drop((OutlineTool *)tool);
}

static void draw(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at, cairo_t *cr)
{
    const OutlineTool *self = (OutlineTool *)tool;
    const double dashes[] = {4, 3};
    if (self->corners->len == 0)
        return;
    cairo_save(cr);
    cairo_new_path(cr);
    for (guint i = 0; i < self->corners->len; i++) {
        const double *corner = g_array_index(self->corners, Corner, i);
        double x, y;
        dkm_viewport_to_pixel(&at->view, corner[1], corner[0], &x, &y);
        cairo_line_to(cr, x + 0.5, y + 0.5);
    }
    cairo_line_to(cr, at->x + 0.5, at->y + 0.5);
    cairo_close_path(cr);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.6);
    cairo_set_line_width(cr, 3);
    cairo_stroke_preserve(cr);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_set_line_width(cr, 1.2);
    if (self->erases)
        cairo_set_dash(cr, dashes, 2, 0);
    cairo_stroke(cr);
    cairo_restore(cr);
}

static void finalize(GObject *object)
{
    OutlineTool *self = (OutlineTool *)object;
    drop(self);
    g_array_unref(self->corners);
    G_OBJECT_CLASS(outline_tool_parent_class)->finalize(object);
}

static void outline_tool_init(OutlineTool *self)
{
    self->corners = g_array_new(FALSE, FALSE, sizeof(Corner));
}

static void outline_tool_class_init(OutlineToolClass *class)
{
    G_OBJECT_CLASS(class)->finalize = finalize;
    class->cursor = "crosshair";
    class->every_point = TRUE; /* a lasso is its points */
    class->press = press;
    class->drag = drag;
    class->release = release;
    class->cancel = cancel;
    class->draw = draw;
}

DkmTool *dkm_tool_outline_new(gboolean is_lasso)
{
    OutlineTool *self = g_object_new(outline_tool_get_type(), NULL);
    self->is_lasso = is_lasso;
    return DKM_TOOL(self);
}
