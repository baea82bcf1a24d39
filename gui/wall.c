#include "gui/wall.h"

#include "gui/beside.h"
#include "gui/i18n.h"
#include "gui/panels.h"

#define GAP 2
/* Cine: phases slowly enough to see the change, the projection smoothly. */
#define PHASE_MS 500
#define TURN_MS 120

struct _DkmWall {
    GtkContainer parent;
    DkmReading *reading;
    DkmToolbox *toolbox;
    GPtrArray *views;            /* of DkmSliceView* */
    DkmStage stage, first_stage; /* that hangs, that hangs when a study is opened */
    gboolean keeps_stage;        /* the first one is what a person picked last */
    DkmHanging hanging;
    guint focus;
    gboolean is_maximised;
    double cine_speed; /* of the usual one */
    guint cine;        /* the timer, or 0 */
};

G_DEFINE_FINAL_TYPE(DkmWall, dkm_wall, GTK_TYPE_CONTAINER)

static guint stage_changed;

/* --- which view shows what -------------------------------------------------------------------- */

void dkm_wall_take_keys(DkmWall *self)
{
    GtkWidget *top = gtk_widget_get_toplevel(GTK_WIDGET(self));
    GtkWidget *now = GTK_IS_WINDOW(top) ? gtk_window_get_focus(GTK_WINDOW(top)) : NULL;
    const gboolean is_busy =
        now && (GTK_IS_EDITABLE(now) || gtk_widget_get_ancestor(now, GTK_TYPE_POPOVER));
    if (gtk_widget_get_mapped(GTK_WIDGET(self)) && !is_busy)
        gtk_widget_grab_focus(self->views->pdata[self->focus]);
}

static void show_views(DkmWall *self)
{
    for (guint i = 0; i < self->views->len; i++) {
        const gboolean shown = i < self->hanging.n && (!self->is_maximised || i == self->focus);
        gtk_widget_set_visible(self->views->pdata[i], shown);
        dkm_slice_view_set_focused(self->views->pdata[i], i == self->focus && !self->is_maximised);
    }
    gtk_widget_queue_resize(GTK_WIDGET(self));
    dkm_wall_take_keys(self);
}

/* The arrow keys page from the first: a projection would turn instead. */
static guint first_slices(const DkmHanging *hanging)
{
    for (guint i = 0; i < hanging->n; i++)
        if (hanging->panes[i].image != DKM_IMAGE_MIP)
            return i;
    return 0;
}

void dkm_wall_rehang(DkmWall *self)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    g_clear_handle_id(&self->cine, g_source_remove);
    dkm_wall_cancel_drag(self);
    if (!on)
        self->hanging = (DkmHanging){.n = 1};
    else if (!dkm_hanging_stage(on, self->stage, &self->hanging, NULL))
        dkm_hanging_stage(on, self->stage = DKM_STAGE_OVERVIEW, &self->hanging, NULL);
    for (guint i = 0; i < self->hanging.n; i++)
        dkm_slice_view_set_spec(self->views->pdata[i], &self->hanging.panes[i]);
    if (self->stage == DKM_STAGE_PRIOR)
        dkm_reading_load_prior(self->reading);
    self->is_maximised = FALSE;
    self->focus = first_slices(&self->hanging);
    show_views(self);
    g_signal_emit(self, stage_changed, 0);
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    DkmWall *self = user;
    if (!(what & DKM_CHANGED_CASE))
        return;
    self->stage = self->first_stage;
    dkm_wall_rehang(self);
}

DkmStage dkm_wall_stage(DkmWall *self)
{
    return self->stage;
}

void dkm_wall_set_stage(DkmWall *self, DkmStage stage)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    DkmHanging hanging;
    if (!on || stage == self->stage || !dkm_hanging_stage(on, stage, &hanging, NULL))
        return;
    self->stage = stage;
    if (self->keeps_stage)
        self->first_stage = stage;
    dkm_wall_rehang(self);
}

void dkm_wall_keep_stage(DkmWall *self, DkmStage stage)
{
    self->keeps_stage = TRUE;
    self->stage = self->first_stage = stage;
    dkm_wall_rehang(self);
}

DkmStage dkm_wall_first_stage(DkmWall *self)
{
    return self->first_stage;
}

void dkm_wall_step_stage(DkmWall *self, int step)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    if (on)
        dkm_wall_set_stage(self, dkm_hanging_step(on, self->stage, step));
}

void dkm_wall_show_other(DkmWall *self, const DkmSeries *series)
{
    dkm_reading_show_other(self->reading, series);
    dkm_wall_set_stage(self, DKM_STAGE_COMPARE);
    DkmSliceView *view = self->views->pdata[self->focus];
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    if (!dkm_reading_other(self->reading)) {
        dkm_wall_rehang(self);
        return;
    }
    const DkmPaneSpec spec = {.beside = DKM_BESIDE_OTHER,
                              .cut = dkm_cut_new(dkm_review_case_grid(on), DKM_CUT_ACQUIRED).side};
    dkm_slice_view_set_spec(view, &spec);
}

void dkm_wall_toggle_maximised(DkmWall *self)
{
    if (!dkm_reading_case(self->reading))
        return;
    self->is_maximised = !self->is_maximised;
    show_views(self);
}

void dkm_wall_step_focus(DkmWall *self, int step)
{
    self->focus = (self->focus + self->hanging.n + (guint)step) % self->hanging.n;
    show_views(self);
}

static void turn(DkmWall *self, int step)
{
    DkmLook look = *dkm_reading_look(self->reading);
    look.angle += step;
    dkm_reading_set_look(self->reading, &look);
}

/* Of what hangs beside the study a part is loaded: the others are passed over. */
static guint next_loaded(const DkmReviewCase *on, const DkmPaneSpec *spec, int step)
{
    const int least = spec->image == DKM_IMAGE_SUBTRACTION ? 1 : 0;
    int at = (int)spec->phase + step;
    while (at >= least && at < (int)dkm_review_case_n_phases(on) &&
           !dkm_review_case_phase(on, (guint)at))
        at += step;
    return at >= least && at < (int)dkm_review_case_n_phases(on) ? (guint)at : spec->phase;
}

/* Two studies side by side stay at the same kind of phase: the views are hung in pairs. */
static void step_partner(DkmWall *self, const DkmPaneSpec *stepped)
{
    const guint i = self->focus ^ 1u;
    if (self->stage != DKM_STAGE_PRIOR || i >= self->hanging.n)
        return;
    DkmSliceView *view = self->views->pdata[i];
    DkmPaneSpec spec = *dkm_slice_view_spec(view);
    const DkmReviewCase *from = dkm_reading_scene_of(self->reading, stepped->beside).on;
    const DkmReviewCase *to = dkm_reading_scene_of(self->reading, spec.beside).on;
    if (!from || !to || spec.image != stepped->image)
        return;
    spec.phase = dkm_review_phase_like(from, stepped->phase, to);
    dkm_slice_view_set_spec(view, &spec);
}

/* WRAPS: the first follows the last. */
static void step_phase(DkmWall *self, int step, gboolean wraps)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    DkmSliceView *view = self->views->pdata[self->focus];
    DkmPaneSpec spec = *dkm_slice_view_spec(view);
    if (spec.image == DKM_IMAGE_MIP) {
        turn(self, step);
        return;
    }
    if (spec.beside) {
        on = dkm_reading_scene_of(self->reading, spec.beside).on;
        spec.phase = on ? next_loaded(on, &spec, step) : 0;
        dkm_slice_view_set_spec(view, &spec);
        step_partner(self, &spec);
        return;
    }
    const int n = spec.image == DKM_IMAGE_PREDICTED
                      ? (on->result ? (int)on->result->n_predicted : 1)
                      : (int)dkm_review_case_n_phases(on);
    const int least = spec.image == DKM_IMAGE_SUBTRACTION ? 1 : 0, now = (int)spec.phase + step;
    spec.phase = (guint)CLAMP(wraps && now >= n ? least : now, least, MAX(n - 1, least));
    dkm_slice_view_set_spec(view, &spec);
    step_partner(self, &spec);
}

void dkm_wall_step_phase(DkmWall *self, int step)
{
    if (dkm_reading_case(self->reading))
        step_phase(self, step, FALSE);
}

void dkm_wall_step_slice(DkmWall *self, int step)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    DkmSliceView *view = self->views->pdata[self->focus];
    if (!on)
        return;
    const DkmPaneSpec *spec = dkm_slice_view_spec(view);
    if (ABS(step) == 1 || spec->image == DKM_IMAGE_MIP) {
        dkm_slice_view_page(view, step);
        return;
    }
    const DkmCut cut = dkm_pane_cut(spec, on); /* a jump */
    DkmLook look = *dkm_reading_look(self->reading);
    dkm_look_set_index(&look, &cut, dkm_look_index(&look, &cut) + step);
    dkm_reading_set_look(self->reading, &look);
}

static gboolean on_cine(gpointer data)
{
    step_phase(data, 1, TRUE);
    return G_SOURCE_CONTINUE;
}

void dkm_wall_toggle_cine(DkmWall *self)
{
    if (!dkm_reading_case(self->reading))
        return;
    if (self->cine) {
        g_clear_handle_id(&self->cine, g_source_remove);
        return;
    }
    const DkmPaneSpec *spec = dkm_slice_view_spec(self->views->pdata[self->focus]);
    const double ms = spec->image == DKM_IMAGE_MIP ? TURN_MS : PHASE_MS;
    self->cine = g_timeout_add((guint)MAX(ms / self->cine_speed, 10), on_cine, self);
}

void dkm_wall_set_cine(DkmWall *self, double per_second)
{
    self->cine_speed = per_second * PHASE_MS / 1000;
    if (self->cine) { /* begins anew, faster or slower */
        dkm_wall_toggle_cine(self);
        dkm_wall_toggle_cine(self);
    }
}

gboolean dkm_wall_has_cine(DkmWall *self)
{
    return self->cine != 0;
}

gboolean dkm_wall_cancel_drag(DkmWall *self)
{
    gboolean any = FALSE;
    for (guint i = 0; i < self->views->len; i++)
        any = dkm_slice_view_cancel_drag(self->views->pdata[i]) || any;
    return any;
}

const DkmToolPoint *dkm_wall_point(DkmWall *self)
{
    const DkmToolPoint *at = NULL;
    for (guint i = 0; i < self->hanging.n && !at; i++)
        at = dkm_slice_view_point(self->views->pdata[i]);
    return at;
}

guint dkm_wall_focus(DkmWall *self)
{
    return self->focus;
}

guint dkm_wall_n_views(DkmWall *self)
{
    return self->hanging.n;
}

DkmSliceView *dkm_wall_view(DkmWall *self, guint i)
{
    return i < self->hanging.n ? self->views->pdata[i] : NULL;
}

static void on_focused(DkmSliceView *view, gpointer user)
{
    DkmWall *self = user;
    guint i;
    if (!g_ptr_array_find(self->views, view, &i))
        return;
    if (i != self->focus) {
        self->focus = i;
        show_views(self);
    }
    dkm_wall_take_keys(self);
}

static void on_maximise(DkmSliceView *view, gpointer user)
{
    dkm_wall_toggle_maximised(user);
}

/* --- the container ---------------------------------------------------------------------------- */

static void size_allocate(GtkWidget *widget, GtkAllocation *area)
{
    DkmWall *self = DKM_WALL(widget);
    gtk_widget_set_allocation(widget, area);
    const DkmScene scene = dkm_reading_scene(self->reading);
    const DkmPaneSpec acquired = {0};
    const DkmPlane plane = scene.on ? dkm_pane_plane(&acquired, &scene) : (DkmPlane){1, 1, {1, 1}};
    const DkmTile whole = {area->x, area->y, area->width, area->height};
    for (guint i = 0; i < self->hanging.n; i++) {
        if (!gtk_widget_get_visible(self->views->pdata[i]))
            continue;
        const DkmTile tile =
            self->is_maximised ? whole : dkm_hanging_tile(&self->hanging, i, &plane, whole, GAP);
        GtkAllocation place = {tile.x, tile.y, tile.width, tile.height};
        gtk_widget_size_allocate(self->views->pdata[i], &place);
    }
}

static void forall(GtkContainer *container, gboolean internals, GtkCallback callback, gpointer data)
{
    DkmWall *self = DKM_WALL(container);
    for (guint i = self->views ? self->views->len : 0; i-- > 0;) /* a callback may remove it */
        callback(self->views->pdata[i], data);
}

static void remove_view(GtkContainer *container, GtkWidget *child)
{
    DkmWall *self = DKM_WALL(container);
    gtk_widget_unparent(child);
    if (self->views)
        g_ptr_array_remove(self->views, child);
}

static void map(GtkWidget *widget)
{
    GTK_WIDGET_CLASS(dkm_wall_parent_class)->map(widget);
    dkm_wall_take_keys(DKM_WALL(widget));
}

/* An arrow that means nothing does not go on to the controls beside the views. */
static gboolean focus(GtkWidget *widget, GtkDirectionType direction)
{
    if (direction >= GTK_DIR_UP && gtk_container_get_focus_child(GTK_CONTAINER(widget)))
        return TRUE;
    return GTK_WIDGET_CLASS(dkm_wall_parent_class)->focus(widget, direction);
}

static void get_preferred(GtkWidget *widget, int *minimum, int *natural)
{
    *minimum = 320;
    *natural = 900;
}

static void finalize(GObject *object)
{
    DkmWall *self = DKM_WALL(object);
    g_clear_handle_id(&self->cine, g_source_remove);
    g_clear_pointer(&self->views, g_ptr_array_unref);
    g_clear_pointer(&self->toolbox, dkm_toolbox_free);
    g_clear_object(&self->reading);
    G_OBJECT_CLASS(dkm_wall_parent_class)->finalize(object);
}

static void dkm_wall_init(DkmWall *self)
{
    gtk_widget_set_has_window(GTK_WIDGET(self), FALSE);
    gtk_style_context_add_class(gtk_widget_get_style_context(GTK_WIDGET(self)), "wall");
    self->views = g_ptr_array_new();
    self->toolbox = dkm_toolbox_new();
    self->cine_speed = 1;
}

static void dkm_wall_class_init(DkmWallClass *class)
{
    G_OBJECT_CLASS(class)->finalize = finalize;
    GTK_WIDGET_CLASS(class)->size_allocate = size_allocate;
    GTK_WIDGET_CLASS(class)->map = map;
    GTK_WIDGET_CLASS(class)->focus = focus;
    GTK_WIDGET_CLASS(class)->get_preferred_width = get_preferred;
    GTK_WIDGET_CLASS(class)->get_preferred_height = get_preferred;
    GTK_CONTAINER_CLASS(class)->forall = forall;
    GTK_CONTAINER_CLASS(class)->remove = remove_view;
    stage_changed = g_signal_new("stage-changed", DKM_TYPE_WALL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

GtkWidget *dkm_wall_new(DkmReading *reading)
{
    DkmWall *self = g_object_new(DKM_TYPE_WALL, NULL);
    self->reading = g_object_ref(reading);
    for (guint i = 0; i < DKM_HANGING_MOST; i++) {
        GtkWidget *view = dkm_slice_view_new(reading, self->toolbox);
        gtk_widget_set_parent(view, GTK_WIDGET(self));
        g_autofree char *name = g_strdup_printf(_("View %u"), i + 1);
        dkm_panel_name(view, name);
        gtk_widget_set_can_focus(view, TRUE);
        g_ptr_array_add(self->views, view);
        g_signal_connect(view, "focused", G_CALLBACK(on_focused), self);
        g_signal_connect(view, "maximise", G_CALLBACK(on_maximise), self);
    }
    g_signal_connect_object(reading, "changed", G_CALLBACK(on_changed), self, 0);
    dkm_wall_rehang(self);
    return GTK_WIDGET(self);
}
