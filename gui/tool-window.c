#include "gui/tool.h"

/* A drag of this many pixels changes centre or width by the width that it began with. */
#define PIXELS_A_WIDTH 400.0

typedef struct {
    DkmTool parent;
    double x, y;
    DkmWindowGroup group;
    DkmWindowLevel start;
} WindowTool;

typedef DkmToolClass WindowToolClass;
static GType window_tool_get_type(void);
G_DEFINE_FINAL_TYPE(WindowTool, window_tool, DKM_TYPE_TOOL)

static void press(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at)
{
    WindowTool *self = (WindowTool *)tool;
    self->x = at->x;
    self->y = at->y;
    DkmLook look = *dkm_reading_look(reading);
    self->group = at->group;
    self->start = *dkm_look_window(&look, at->group);
}

static void drag(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at)
{
    const WindowTool *self = (WindowTool *)tool;
    const double step = self->start.width / PIXELS_A_WIDTH;
    DkmLook look = *dkm_reading_look(reading);
    DkmWindowLevel *window = dkm_look_window(&look, self->group);
    window->width = MAX(self->start.width + (at->x - self->x) * step * 2, step);
    window->centre = self->start.centre + (at->y - self->y) * step;
    dkm_reading_set_look(reading, &look);
}

static void cancel(DkmTool *tool, DkmReading *reading)
{
    DkmLook look = *dkm_reading_look(reading);
    *dkm_look_window(&look, ((WindowTool *)tool)->group) = ((WindowTool *)tool)->start;
    dkm_reading_set_look(reading, &look);
}

static void window_tool_init(WindowTool *self)
{
}

static void window_tool_class_init(WindowToolClass *class)
{
    class->press = press;
    class->drag = drag;
    class->cancel = cancel;
}

DkmTool *dkm_tool_window_new(void)
{
    return g_object_new(window_tool_get_type(), NULL);
}
