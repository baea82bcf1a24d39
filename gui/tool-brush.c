#include "gui/editing.h"
#include "gui/tool.h"

typedef struct {
    DkmTool parent;
    gboolean erases, is_limited;
    DkmReading *reading; /* that has still to hear of what was swept, or NULL */
    guint telling;
} BrushTool;

typedef DkmToolClass BrushToolClass;
static GType brush_tool_get_type(void);
G_DEFINE_FINAL_TYPE(BrushTool, brush_tool, DKM_TYPE_TOOL)

static gboolean erases_now(const BrushTool *self, const DkmToolPoint *at)
{
    return self->erases != ((at->modifiers & GDK_CONTROL_MASK) != 0);
}

static void press(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at)
{
    const BrushTool *self = (BrushTool *)tool;
    const DkmLook *look = dkm_reading_look(reading);
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmThreshold) only = self->is_limited ? dkm_editing_threshold(reading, &error) : NULL;
    const DkmBrush brush = {look->brush_mm, look->brush_is_ball ? DKM_BRUSH_BALL : 0,
                            erases_now(self, at), only};
    if (only || !self->is_limited)
        dkm_layers_stroke_begin(dkm_reading_case(reading)->layers, look->layer, &brush, at->zyx,
                                &error);
    dkm_reading_report(reading, error);
    dkm_reading_layers_changed(reading);
}

static void stop_telling(BrushTool *self)
{
    g_clear_handle_id(&self->telling, g_source_remove);
    g_clear_object(&self->reading);
}

static gboolean tell(gpointer tool)
{
    BrushTool *self = tool;
    g_autoptr(DkmReading) reading = g_steal_pointer(&self->reading);
    self->telling = 0;
    if (dkm_reading_case(reading))
        dkm_reading_layers_changed(reading);
    return G_SOURCE_REMOVE;
}

/* Sweeps through every point, however many have come while the program was busy, and tells of them
 * once, when all have been swept and before the next frame is painted. */
static void drag(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at)
{
    BrushTool *self = (BrushTool *)tool;
    dkm_layers_stroke_to(dkm_reading_case(reading)->layers, at->zyx);
    if (self->telling)
        return;
    self->reading = g_object_ref(reading);
    self->telling = g_idle_add_full(G_PRIORITY_HIGH_IDLE, tell, self, NULL);
}

static void release(DkmTool *tool, DkmReading *reading)
{
    stop_telling((BrushTool *)tool);
    dkm_layers_stroke_end(dkm_reading_case(reading)->layers);
    dkm_reading_layers_changed(reading);
}

static void cancel(DkmTool *tool, DkmReading *reading)
{
    stop_telling((BrushTool *)tool);
    dkm_layers_stroke_cancel(dkm_reading_case(reading)->layers);
    dkm_reading_layers_changed(reading);
}

/* The brush's true outline in millimetres: dark and light, to be seen on any grey; dashed where it
 * erases. */
static void draw(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at, cairo_t *cr)
{
    const double radius =
        dkm_reading_look(reading)->brush_mm * dkm_viewport_scale(&at->view, &at->plane);
    const double dashes[] = {4, 3};
    cairo_save(cr);
    cairo_new_path(cr);
    cairo_arc(cr, at->x + 0.5, at->y + 0.5, MAX(radius, 1.5), 0, 2 * G_PI);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.6);
    cairo_set_line_width(cr, 3);
    cairo_stroke_preserve(cr);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_set_line_width(cr, 1.2);
    if (erases_now((BrushTool *)tool, at))
        cairo_set_dash(cr, dashes, 2, 0);
    cairo_stroke(cr);
    if (((BrushTool *)tool)->is_limited) { /* a second ring: not all that is inside is painted */
        cairo_arc(cr, at->x + 0.5, at->y + 0.5, MAX(radius - 4, 1), 0, 2 * G_PI);
        cairo_set_source_rgb(cr, 1, 0.82, 0.35);
        cairo_stroke(cr);
    }
    cairo_restore(cr);
}

static void finalize(GObject *object)
{
    stop_telling((BrushTool *)object);
    G_OBJECT_CLASS(brush_tool_parent_class)->finalize(object);
}

static void brush_tool_init(BrushTool *self)
{
}

static void brush_tool_class_init(BrushToolClass *class)
{
    G_OBJECT_CLASS(class)->finalize = finalize;
    class->every_point = TRUE;
    class->cursor = "crosshair";
    class->press = press;
    class->drag = drag;
    class->release = release;
    class->cancel = cancel;
    class->draw = draw;
}

DkmTool *dkm_tool_brush_new(gboolean erases)
{
    BrushTool *self = g_object_new(brush_tool_get_type(), NULL);
    self->erases = erases;
    return DKM_TOOL(self);
}

DkmTool *dkm_tool_limited_brush_new(void)
{
    BrushTool *self = g_object_new(brush_tool_get_type(), NULL);
    self->is_limited = TRUE;
    return DKM_TOOL(self);
}
