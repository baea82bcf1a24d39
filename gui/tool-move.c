/* The two tools that move the picture: pan (middle button) and zoom (right button). */
#include "gui/tool.h"

#include <math.h>

/* A drag of this many pixels doubles the size. */
#define PIXELS_A_DOUBLING 120.0

typedef struct {
    DkmTool parent;
    gboolean zooms;
    DkmToolPoint from;
    DkmAim start;
} MoveTool;

typedef DkmToolClass MoveToolClass;
static GType move_tool_get_type(void);
G_DEFINE_FINAL_TYPE(MoveTool, move_tool, DKM_TYPE_TOOL)

static void press(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at)
{
    MoveTool *self = (MoveTool *)tool;
    self->from = *at;
    self->start = dkm_reading_look(reading)->aim;
}

static DkmAim panned(const MoveTool *self, const DkmToolPoint *at)
{
    DkmAim aim = self->start;
    aim.centre_column -= (at->x - self->from.x) * self->from.view.column_step;
    aim.centre_row -= (at->y - self->from.y) * self->from.view.row_step;
    return aim;
}

static void drag(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at)
{
    const MoveTool *self = (MoveTool *)tool;
    DkmLook look = *dkm_reading_look(reading);
    if (self->zooms)
        look.aim = dkm_aim_zoomed(&self->start, &self->from.view, self->from.x, self->from.y,
                                  exp2((self->from.y - at->y) / PIXELS_A_DOUBLING));
    else
        look.aim = panned(self, at);
    dkm_reading_set_look(reading, &look);
}

static void cancel(DkmTool *tool, DkmReading *reading)
{
    DkmLook look = *dkm_reading_look(reading);
    look.aim = ((MoveTool *)tool)->start;
    dkm_reading_set_look(reading, &look);
}

static void move_tool_init(MoveTool *self)
{
}

static void move_tool_class_init(MoveToolClass *class)
{
    class->press = press;
    class->drag = drag;
    class->cancel = cancel;
}

DkmTool *dkm_tool_pan_new(void)
{
    return g_object_new(move_tool_get_type(), NULL);
}

DkmTool *dkm_tool_zoom_new(void)
{
    MoveTool *self = g_object_new(move_tool_get_type(), NULL);
    self->zooms = TRUE;
    return DKM_TOOL(self);
}
