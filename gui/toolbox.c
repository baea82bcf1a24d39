#include "gui/toolbox.h"

struct _DkmToolbox {
    DkmTool *armed[DKM_ARMED_COUNT];
    DkmTool *pan, *zoom;
};

DkmToolbox *dkm_toolbox_new(void)
{
    DkmToolbox *box = g_new0(DkmToolbox, 1);
    box->armed[DKM_ARMED_WINDOW] = dkm_tool_window_new();
    box->armed[DKM_ARMED_BRUSH] = dkm_tool_brush_new(FALSE);
    box->armed[DKM_ARMED_ERASER] = dkm_tool_brush_new(TRUE);
    box->armed[DKM_ARMED_LIMITED] = dkm_tool_limited_brush_new();
    box->armed[DKM_ARMED_POLYGON] = dkm_tool_outline_new(FALSE);
    box->armed[DKM_ARMED_LASSO] = dkm_tool_outline_new(TRUE);
    box->armed[DKM_ARMED_PART] = dkm_tool_part_new();
    box->armed[DKM_ARMED_BOX] = dkm_tool_box_new();
    box->armed[DKM_ARMED_RULER] = dkm_tool_ruler_new();
    box->pan = dkm_tool_pan_new();
    box->zoom = dkm_tool_zoom_new();
    return box;
}

void dkm_toolbox_free(DkmToolbox *box)
{
    if (!box)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(box->armed); i++)
        g_object_unref(box->armed[i]);
    g_object_unref(box->pan);
    g_object_unref(box->zoom);
    g_free(box);
}

DkmTool *dkm_toolbox_pick(const DkmToolbox *box, guint button, const DkmLook *look)
{
    switch (button) {
    case GDK_BUTTON_PRIMARY:
        return box->armed[look->armed];
    case GDK_BUTTON_MIDDLE:
        return box->pan;
    case GDK_BUTTON_SECONDARY:
        return box->zoom;
    default:
        return NULL;
    }
}
