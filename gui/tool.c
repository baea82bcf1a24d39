#include "gui/tool.h"

G_DEFINE_ABSTRACT_TYPE(DkmTool, dkm_tool, G_TYPE_OBJECT)

static void dkm_tool_init(DkmTool *self)
{
}

static void dkm_tool_class_init(DkmToolClass *class)
{
}

void dkm_tool_press(DkmTool *self, DkmReading *reading, const DkmToolPoint *at)
{
    if (DKM_TOOL_GET_CLASS(self)->press)
        DKM_TOOL_GET_CLASS(self)->press(self, reading, at);
}

void dkm_tool_drag(DkmTool *self, DkmReading *reading, const DkmToolPoint *at)
{
    if (DKM_TOOL_GET_CLASS(self)->drag)
        DKM_TOOL_GET_CLASS(self)->drag(self, reading, at);
}

void dkm_tool_release(DkmTool *self, DkmReading *reading)
{
    if (DKM_TOOL_GET_CLASS(self)->release)
        DKM_TOOL_GET_CLASS(self)->release(self, reading);
}

void dkm_tool_cancel(DkmTool *self, DkmReading *reading)
{
    if (DKM_TOOL_GET_CLASS(self)->cancel)
        DKM_TOOL_GET_CLASS(self)->cancel(self, reading);
}

void dkm_tool_draw(DkmTool *self, DkmReading *reading, const DkmToolPoint *at, cairo_t *cr)
{
    if (DKM_TOOL_GET_CLASS(self)->draw)
        DKM_TOOL_GET_CLASS(self)->draw(self, reading, at, cr);
}

const char *dkm_tool_cursor(DkmTool *self)
{
    return DKM_TOOL_GET_CLASS(self)->cursor;
}

gboolean dkm_tool_takes_every_point(DkmTool *self)
{
    return DKM_TOOL_GET_CLASS(self)->every_point;
}
