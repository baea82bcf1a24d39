/* The box that a run of the network is kept inside: dragged in a slice, through all slices until
 * its first and last one are set. Views draw it (box-outline.h). */
#include "gui/tool.h"

#include <math.h>

typedef struct {
    DkmTool parent;
    double from[2]; /* row, column */
    DkmLook start;
} BoxTool;

typedef DkmToolClass BoxToolClass;
static GType box_tool_get_type(void);
G_DEFINE_FINAL_TYPE(BoxTool, box_tool, DKM_TYPE_TOOL)

static void press(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at)
{
    BoxTool *self = (BoxTool *)tool;
    self->start = *dkm_reading_look(reading);
    self->from[0] = at->zyx[1];
    self->from[1] = at->zyx[2];
}

/* The voxels between both ends, whichever comes first, inside the lattice. */
static void set_axis(DkmBox *box, int axis, double a, double b, int n)
{
    box->first[axis] = (int)CLAMP(lround(MIN(a, b)), 0, n - 1);
    box->end[axis] = (int)CLAMP(lround(MAX(a, b)), 0, n - 1) + 1;
}

static void drag(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at)
{
    const BoxTool *self = (BoxTool *)tool;
    const DkmGrid *grid = dkm_review_case_grid(dkm_reading_case(reading));
    DkmLook look = *dkm_reading_look(reading);
    if (!look.has_box)
        look.box = dkm_box_whole(grid);
    look.has_box = TRUE;
    set_axis(&look.box, 1, self->from[0], at->zyx[1], grid->n[1]);
    set_axis(&look.box, 2, self->from[1], at->zyx[2], grid->n[2]);
    dkm_reading_set_look(reading, &look);
}

static void cancel(DkmTool *tool, DkmReading *reading)
{
    const BoxTool *self = (BoxTool *)tool;
    DkmLook look = *dkm_reading_look(reading);
    look.has_box = self->start.has_box;
    look.box = self->start.box;
    dkm_reading_set_look(reading, &look);
}

static void box_tool_init(BoxTool *self)
{
}

static void box_tool_class_init(BoxToolClass *class)
{
    class->cursor = "crosshair";
    class->press = press;
    class->drag = drag;
    class->cancel = cancel;
}

DkmTool *dkm_tool_box_new(void)
{
    return g_object_new(box_tool_get_type(), NULL);
}
