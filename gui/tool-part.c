/* A click on a mask removes the part under the pointer; with Ctrl it keeps that one alone. */
#include "gui/editing.h"
#include "gui/tool.h"

#include <math.h>

typedef struct {
    DkmTool parent;
} PartTool;

typedef DkmToolClass PartToolClass;
static GType part_tool_get_type(void);
G_DEFINE_FINAL_TYPE(PartTool, part_tool, DKM_TYPE_TOOL)

static void press(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at)
{
    const int zyx[3] = {(int)lround(at->zyx[0]), (int)lround(at->zyx[1]), (int)lround(at->zyx[2])};
    dkm_editing_part(reading, zyx, (at->modifiers & GDK_CONTROL_MASK) != 0);
}

static void draw(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at, cairo_t *cr)
{
    const gboolean keeps = (at->modifiers & GDK_CONTROL_MASK) != 0;
    cairo_save(cr);
    cairo_translate(cr, at->x + 12, at->y - 12);
    cairo_arc(cr, 0, 0, 6, 0, 2 * G_PI);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.7);
    cairo_fill(cr);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_set_line_width(cr, 1.6);
    cairo_move_to(cr, -3, keeps ? 0 : -3);
    cairo_line_to(cr, keeps ? -1 : 3, 3);
    cairo_move_to(cr, keeps ? -1 : -3, 3);
    cairo_line_to(cr, 3, -3);
    cairo_stroke(cr);
    cairo_restore(cr);
}

static void part_tool_init(PartTool *self)
{
}

static void part_tool_class_init(PartToolClass *class)
{
    class->cursor = "crosshair";
    class->press = press;
    class->draw = draw;
}

DkmTool *dkm_tool_part_new(void)
{
    return g_object_new(part_tool_get_type(), NULL);
}
