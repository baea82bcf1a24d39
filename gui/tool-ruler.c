/* The ruler: a drag in a slice is measured. Not for: what a ruler looks like (ruler-marks.h). */
#include "gui/i18n.h"
#include "gui/tool.h"

#include <math.h>

/* A drag shorter than this is a click; a pointer this near to a line means it. In logical pixels.
 */
#define LEAST_PIXELS 3.0
#define NEAR_PIXELS 7.0

typedef struct {
    DkmTool parent;
    guint drawn; /* which ruler the drag draws */
    double x, y; /* where it began */
    double pixels;
} RulerTool;

typedef DkmToolClass RulerToolClass;
static GType ruler_tool_get_type(void);
G_DEFINE_FINAL_TYPE(RulerTool, ruler_tool, DKM_TYPE_TOOL)

static const DkmGrid *grid_of(DkmReading *reading)
{
    return dkm_review_case_grid(dkm_reading_case(reading));
}

/* The ruler of the drag may have been removed below it. */
static gboolean is_drawing(const RulerTool *self, DkmReading *reading)
{
    return dkm_rulers_count(dkm_reading_rulers(reading)) == self->drawn + 1;
}

static void press(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at)
{
    RulerTool *self = (RulerTool *)tool;
    DkmRulers *rulers = dkm_reading_rulers(reading);
    const DkmGrid *grid = grid_of(reading);
    DkmRuler ruler = {.normal = at->cut.normal};
    for (int end = 0; end < 2; end++)
        for (int k = 0; k < 3; k++)
            ruler.ends_zyx[end][k] = CLAMP(at->zyx[k], -0.5, grid->n[k] - 0.5);
    self->drawn = dkm_rulers_count(rulers);
    self->x = at->x;
    self->y = at->y;
    self->pixels = 0;
    dkm_rulers_add(rulers, &ruler);
    dkm_reading_rulers_changed(reading);
}

static void drag(DkmTool *tool, DkmReading *reading, const DkmToolPoint *at)
{
    RulerTool *self = (RulerTool *)tool;
    if (!is_drawing(self, reading))
        return;
    self->pixels = hypot(at->x - self->x, at->y - self->y);
    dkm_rulers_stretch(dkm_reading_rulers(reading), grid_of(reading), at->zyx);
    dkm_reading_rulers_changed(reading);
}

static void cancel(DkmTool *tool, DkmReading *reading)
{
    const RulerTool *self = (RulerTool *)tool;
    if (!is_drawing(self, reading))
        return;
    dkm_rulers_remove(dkm_reading_rulers(reading), self->drawn);
    dkm_reading_rulers_changed(reading);
}

static void release(DkmTool *tool, DkmReading *reading)
{
    if (((RulerTool *)tool)->pixels < LEAST_PIXELS)
        cancel(tool, reading);
}

static void ruler_tool_init(RulerTool *self)
{
}

static void ruler_tool_class_init(RulerToolClass *class)
{
    class->cursor = "crosshair";
    class->press = press;
    class->drag = drag;
    class->release = release;
    class->cancel = cancel;
}

DkmTool *dkm_tool_ruler_new(void)
{
    return g_object_new(ruler_tool_get_type(), NULL);
}

const char *dkm_tool_ruler_why_not(const DkmPaneSpec *spec)
{
    if (spec->beside != DKM_BESIDE_NONE)
        return _("The ruler measures the study itself, not what hangs beside it.");
    if (spec->image == DKM_IMAGE_MIP)
        return _("The ruler measures in slices; the projection shows all of them at once. Measure "
                 "in another view, or press W to change this one’s grey window.");
    return NULL;
}

/* -1: none. */
static int ruler_at(DkmReading *reading, const DkmToolPoint *at)
{
    const double scale = dkm_viewport_scale(&at->view, &at->plane);
    return dkm_rulers_hit(dkm_reading_rulers(reading), grid_of(reading), at->cut.normal, at->zyx,
                          NEAR_PIXELS / scale);
}

gboolean dkm_tool_ruler_remove(DkmReading *reading, const DkmToolPoint *at)
{
    const gboolean is_armed = dkm_reading_look(reading)->armed == DKM_ARMED_RULER;
    DkmRulers *rulers = dkm_reading_rulers(reading);
    int i = at ? ruler_at(reading, at) : -1;
    if (i < 0 && is_armed)
        i = (int)dkm_rulers_count(rulers) - 1;
    if (i < 0)
        return is_armed;
    dkm_rulers_remove(rulers, (guint)i);
    dkm_reading_rulers_changed(reading);
    return TRUE;
}
