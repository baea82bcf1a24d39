#include "gui/editing.h"
#include "gui/tool.h"

typedef struct {
    DkmTool parent;
    gboolean erases, is_limited;
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

static void drag(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at)
{
    dkm_layers_stroke_to(dkm_reading_case(reading)->layers, at->zyx);
    dkm_reading_layers_changed(reading);
}

static void release(DkmTool *tool, DkmReading *reading)
{
    dkm_layers_stroke_end(dkm_reading_case(reading)->layers);
    dkm_reading_layers_changed(reading);
}

static void cancel(DkmTool *tool, DkmReading *reading)
{
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

static void brush_tool_init(BrushTool *self)
{
}

static void brush_tool_class_init(BrushToolClass *class)
{
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
