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
    self->start = dkm_look_aim(dkm_reading_look(reading), &at->cut,
                               dkm_review_case_grid(dkm_reading_case(reading)));
}

static DkmAim panned(const MoveTool *self, const DkmToolPoint *at)
{
    DkmAim aim = self->start;
    aim.centre_column -= (at->x - self->from.x) * self->from.view.column_step;
    aim.centre_row -= (at->y - self->from.y) * self->from.view.row_step;
    return aim;
}

static void look_at(const MoveTool *self, DkmReading *reading, const DkmAim *aim)
{
    DkmLook look = *dkm_reading_look(reading);
    dkm_look_set_aim(&look, &self->from.cut, dkm_review_case_grid(dkm_reading_case(reading)), aim);
    dkm_reading_set_look(reading, &look);
}

static void drag(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at)
{
    const MoveTool *self = (MoveTool *)tool;
    const DkmAim aim =
        self->zooms ? dkm_aim_zoomed(&self->start, &self->from.view, self->from.x, self->from.y,
                                     exp2((self->from.y - at->y) / PIXELS_A_DOUBLING))
                    : panned(self, at);
    look_at(self, reading, &aim);
}

static void cancel(DkmTool *tool, DkmReading *reading)
{
    const MoveTool *self = (MoveTool *)tool;
    look_at(self, reading, &self->start);
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
