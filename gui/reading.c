#include "gui/i18n.h"
#include "gui/memory.h"
#include "gui/reading-private.h"
#include "gui/words.h"

#include "core/error.h"

#define POLL_MS 100

G_DEFINE_FINAL_TYPE(DkmReading, dkm_reading, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, SIGNAL_MESSAGE, N_SIGNALS };
static guint signals[N_SIGNALS];

static const DkmLook first_look = {
    .smooth = TRUE,
    .shows_overlays = TRUE,
    .shows_masks = TRUE,
    .mask_opacity = 0.25,
    .map_opacity = 0.75,
    .map = DKM_MAP_VIEW_PE,
    .brush_mm = 5,
    .limit = {DKM_LIMIT_PE, 70, (float)DKM_LIMIT_MOST},
};

static void dkm_reading_init(DkmReading *self)
{
    self->look = first_look;
    self->to_load = g_array_new(FALSE, FALSE, sizeof(guint));
    self->runner = dkm_runner_new();
    self->records = g_ptr_array_new_with_free_func((GDestroyNotify)dkm_run_record_free);
    self->coverage = dkm_coverage_new();
    self->rulers = dkm_rulers_new();
    self->has_model = dkm_runner_has_model();
}

static void dispose(GObject *object)
{
    DkmReading *self = DKM_READING(object);
    dkm_reading_clear(self);
    g_clear_handle_id(&self->timer, g_source_remove);
    g_clear_pointer(&self->to_load, g_array_unref);
    g_clear_pointer(&self->records, g_ptr_array_unref);
    g_clear_pointer(&self->asking, dkm_job_drop);
    g_clear_pointer(&self->facts, dkm_runner_facts_free);
    g_clear_pointer(&self->runner, dkm_runner_unref);
    g_clear_pointer(&self->path, g_free);
    g_clear_pointer(&self->root, g_free);
    g_clear_pointer(&self->stem, g_free);
    g_clear_pointer(&self->asked_uid, g_free);
    g_clear_object(&self->list);
    g_clear_pointer(&self->coverage, dkm_coverage_free);
    g_clear_pointer(&self->rulers, dkm_rulers_free);
    G_OBJECT_CLASS(dkm_reading_parent_class)->dispose(object);
}

static void dkm_reading_class_init(DkmReadingClass *class)
{
    G_OBJECT_CLASS(class)->dispose = dispose;
    signals[SIGNAL_CHANGED] = g_signal_new("changed", DKM_TYPE_READING, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
    signals[SIGNAL_MESSAGE] = g_signal_new("message", DKM_TYPE_READING, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_STRING);
}

DkmReading *dkm_reading_new(void)
{
    return g_object_new(DKM_TYPE_READING, NULL);
}

void dkm_reading_changed(DkmReading *self, guint what)
{
    if (what & DKM_CHANGED_RESULT)
        dkm_reading_fit_predicted(self);
    g_signal_emit(self, signals[SIGNAL_CHANGED], 0, what);
}

void dkm_reading_message(DkmReading *self, DkmMessage kind, const char *text)
{
    g_signal_emit(self, signals[SIGNAL_MESSAGE], 0, (guint)kind, text);
}

void dkm_reading_report(DkmReading *self, const GError *error)
{
    if (error && !g_error_matches(error, DKM_ERROR, DKM_ERROR_CANCELLED))
        dkm_reading_message(self, DKM_MESSAGE_ERROR, error->message);
}

void dkm_reading_report_about(DkmReading *self, DkmAdvice about, const GError *error)
{
    if (!error || g_error_matches(error, DKM_ERROR, DKM_ERROR_CANCELLED))
        return;
    g_autofree char *text = dkm_advice_text(about, error);
    dkm_reading_message(self, DKM_MESSAGE_ERROR, text);
}

DkmReviewCase *dkm_reading_case(DkmReading *self)
{
    return self->open;
}

const char *dkm_reading_path(DkmReading *self)
{
    return self->path;
}

const char *dkm_reading_root(DkmReading *self)
{
    return self->root;
}

const DkmLook *dkm_reading_look(DkmReading *self)
{
    return &self->look;
}

DkmScene dkm_reading_scene(DkmReading *self)
{
    return (DkmScene){.on = self->open,
                      .look = &self->look,
                      .mip = self->mip,
                      .enhancing = self->enhancing,
                      .motion = self->has_motion ? &self->motion : NULL,
                      .corrected = self->look.corrects_motion ? self->corrected : NULL,
                      .background = self->background,
                      .rulers = self->rulers};
}

static void keep_inside(DkmReading *self)
{
    DkmLook *look = &self->look;
    const int *n = dkm_review_case_grid(self->open)->n;
    look->slice = CLAMP(look->slice, 0, n[0] - 1);
    look->row = CLAMP(look->row, 0, n[1] - 1);
    look->column = CLAMP(look->column, 0, n[2] - 1);
    look->angle = (look->angle % DKM_ANGLES + DKM_ANGLES) % DKM_ANGLES;
    if (!dkm_layers_find(self->open->layers, look->layer))
        look->layer = 0;
}

void dkm_reading_set_look(DkmReading *self, const DkmLook *look)
{
    const DkmWindowLevel *old = &self->look.window;
    if (look->window.centre != old->centre || look->window.width != old->width)
        self->window_is_set = TRUE;
    self->look = *look;
    if (self->open)
        keep_inside(self);
    self->look.brush_mm = CLAMP(look->brush_mm, DKM_BRUSH_LEAST_MM, DKM_BRUSH_MOST_MM);
    self->look.mask_opacity = CLAMP(look->mask_opacity, 0.0, 1.0);
    self->look.map_opacity = CLAMP(look->map_opacity, 0.0, 1.0);
    dkm_reading_changed(self, DKM_CHANGED_LOOK);
}

DkmCoverage *dkm_reading_coverage(DkmReading *self)
{
    return self->coverage;
}

DkmRulers *dkm_reading_rulers(DkmReading *self)
{
    return self->rulers;
}

void dkm_reading_rulers_changed(DkmReading *self)
{
    dkm_reading_changed(self, DKM_CHANGED_RULERS);
}

const DkmPointer *dkm_reading_pointer(DkmReading *self)
{
    return &self->pointer;
}

void dkm_reading_set_pointer(DkmReading *self, const DkmPointer *pointer)
{
    self->pointer = *pointer;
    dkm_reading_changed(self, DKM_CHANGED_POINTER);
}

static gboolean poll_jobs(gpointer data)
{
    dkm_reading_changed(data, DKM_CHANGED_JOBS);
    return G_SOURCE_CONTINUE;
}

void dkm_reading_jobs_changed(DkmReading *self)
{
    const gboolean busy = self->loading || self->running || self->exporting || self->capturing;
    if (busy && !self->timer)
        self->timer = g_timeout_add(POLL_MS, poll_jobs, self);
    else if (!busy)
        g_clear_handle_id(&self->timer, g_source_remove);
    dkm_reading_changed(self, DKM_CHANGED_JOBS);
}

/* What a person has chosen for the room stays (opacity, tool, brush); all else goes. */
void dkm_reading_clear(DkmReading *self)
{
    g_clear_pointer(&self->loading, dkm_job_drop);
    g_clear_pointer(&self->running, dkm_job_drop);
    g_clear_pointer(&self->comparing, dkm_job_drop);
    g_clear_pointer(&self->finished, dkm_run_free);
    g_clear_pointer(&self->begun, dkm_run_record_free);
    g_clear_pointer(&self->unlike, g_ptr_array_unref);
    if (self->records)
        g_ptr_array_set_size(self->records, 0);
    g_clear_pointer(&self->exporting, dkm_job_drop);
    g_clear_pointer(&self->capturing, dkm_job_drop);
    dkm_reading_journal_close(self);
    g_clear_pointer(&self->importing, dkm_job_drop);
    g_clear_pointer(&self->deriving, dkm_job_drop);
    g_clear_pointer(&self->mip, dkm_volume_unref);
    g_clear_pointer(&self->measuring, dkm_job_drop);
    g_clear_pointer(&self->enhancing, dkm_mask_unref);
    g_clear_pointer(&self->moving, dkm_job_drop);
    g_clear_pointer(&self->fitting, dkm_job_drop);
    g_clear_pointer(&self->corrected, dkm_volume_unref);
    self->has_motion = FALSE;
    self->look.corrects_motion = FALSE;
    for (guint i = 0; i < DKM_BESIDE_COUNT; i++)
        dkm_reading_drop_beside(self, (DkmBeside)i);
    g_clear_pointer(&self->open, dkm_review_case_free);
    dkm_memory_give_back_soon();
    if (self->to_load)
        g_array_set_size(self->to_load, 0);
    self->pointer = (DkmPointer){0};
    dkm_coverage_clear(self->coverage);
    dkm_rulers_clear(self->rulers);
    self->window_is_set = FALSE;
    self->saved_serial = 0;
    g_clear_pointer(&self->exporting_path, g_free);
    g_clear_pointer(&self->exported, g_free);
    g_clear_pointer(&self->tracking, g_hash_table_unref);
    self->low = self->high = self->background = 0;
    self->stored_window = (DkmWindowLevel){0, 0, FALSE};
    self->prefers_stored = FALSE;
    self->first_sub_window = self->first_mip_window = (DkmWindowLevel){0, 1, FALSE};
    self->look.slice = self->look.row = self->look.column = self->look.angle = 0;
    self->first_predicted_window = (DkmWindowLevel){0};
    self->look.sub_window = self->first_sub_window;
    self->look.mip_window = self->first_mip_window;
    self->look.layer = 0;
    self->look.has_box = FALSE;
    self->look.map = first_look.map;
    self->look.shows_overlays = self->look.shows_masks = TRUE;
}

static DkmWindowLevel preset_window(const DkmReading *self, guint preset)
{
    static const double shares[DKM_WINDOW_PRESETS] = {1, 0.7, 0.5, 0.35, 1.5};
    const double width = MAX(self->high - self->low, 1e-6) * shares[preset];
    return (DkmWindowLevel){self->low + width / 2, width, FALSE};
}

void dkm_reading_set_preset(DkmReading *self, guint preset)
{
    if (!self->open || preset >= DKM_WINDOW_PRESETS)
        return;
    DkmLook look = self->look;
    look.window = preset_window(self, preset);
    look.window.invert = self->look.window.invert;
    dkm_reading_set_look(self, &look);
}

void dkm_reading_set_stored_window(DkmReading *self)
{
    if (!self->open)
        return;
    if (self->stored_window.width <= 0) {
        dkm_reading_message(self, DKM_MESSAGE_NOTE,
                            _("These files hold no grey window of their own."));
        return;
    }
    DkmLook look = self->look;
    look.window = self->stored_window;
    look.window.invert = self->look.window.invert;
    dkm_reading_set_look(self, &look);
}

void dkm_reading_reset_look(DkmReading *self)
{
    if (!self->open)
        return;
    const DkmGrid *grid = dkm_review_case_grid(self->open);
    self->look.aim = (DkmAim){1, (grid->n[2] - 1) / 2.0, (grid->n[1] - 1) / 2.0};
    self->look.centre_slice = (grid->n[0] - 1) / 2.0;
    self->look.sub_window = self->first_sub_window;
    self->look.mip_window = self->first_mip_window;
    self->look.window = self->prefers_stored ? self->stored_window : preset_window(self, 0);
    self->look.predicted_window =
        self->first_predicted_window.width > 0 ? self->first_predicted_window : self->look.window;
    self->window_is_set = FALSE;
    dkm_reading_changed(self, DKM_CHANGED_LOOK);
}

/* --- editing ---------------------------------------------------------------------------------- */

void dkm_reading_layers_changed(DkmReading *self)
{
    const DkmLayers *layers = self->open->layers;
    if (!dkm_layers_find(layers, self->look.layer)) {
        const guint n = dkm_layers_count(layers);
        self->look.layer = n ? dkm_layers_get(layers, n - 1)->id : 0;
    }
    dkm_reading_changed(self, DKM_CHANGED_LAYERS);
    dkm_reading_take_result(self);
}

void dkm_reading_show_layer(DkmReading *self, const DkmLayer *layer)
{
    self->look.layer = layer->id;
    self->look.shows_overlays = self->look.shows_masks = TRUE;
    if (layer->voxels == 0)
        return;
    int at[3];
    dkm_mask_middle(layer->mask, at);
    self->look.slice = at[0];
    self->look.row = at[1];
    self->look.column = at[2];
}

void dkm_reading_step_layer(DkmReading *self, int step)
{
    const int n = self->open ? (int)dkm_layers_count(self->open->layers) : 0;
    if (n == 0)
        return;
    int at = step > 0 ? -1 : n;
    for (int i = 0; i < n; i++)
        if (dkm_layers_get(self->open->layers, (guint)i)->id == self->look.layer)
            at = i;
    at = (at + step + n) % n;
    dkm_reading_show_layer(self, dkm_layers_get(self->open->layers, (guint)at));
    dkm_reading_changed(self, DKM_CHANGED_LOOK | DKM_CHANGED_LAYERS);
}

static void step_history(DkmReading *self, gboolean (*step)(DkmLayers *, GError **))
{
    g_autoptr(GError) error = NULL;
    if (!self->open)
        return;
    step(self->open->layers, &error);
    dkm_reading_report(self, error);
    dkm_reading_layers_changed(self);
}

void dkm_reading_undo(DkmReading *self)
{
    step_history(self, dkm_layers_undo);
}

void dkm_reading_redo(DkmReading *self)
{
    step_history(self, dkm_layers_redo);
}

void dkm_reading_accept(DkmReading *self, const char *reviewer)
{
    g_autoptr(GError) error = NULL;
    const gint64 now = g_get_real_time() / G_USEC_PER_SEC;
    dkm_layers_accept(self->open->layers, self->look.layer, reviewer, now, &error);
    dkm_reading_report(self, error);
    dkm_reading_layers_changed(self);
}

void dkm_reading_remove_layer(DkmReading *self)
{
    g_autoptr(GError) error = NULL;
    if (!self->open)
        return;
    dkm_layers_remove(self->open->layers, self->look.layer, &error);
    dkm_reading_report(self, error);
    dkm_reading_layers_changed(self);
}

char *dkm_reading_not_accepted(DkmReading *self)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; self->open && i < dkm_layers_count(self->open->layers); i++) {
        const DkmLayer *layer = dkm_layers_get(self->open->layers, i);
        if (layer->info.review != DKM_REVIEW_ACCEPTED && layer->info.review != DKM_REVIEW_REJECTED)
            g_ptr_array_add(names, dkm_word_layer(layer));
    }
    const guint n = names->len;
    g_ptr_array_add(names, NULL);
    return n ? g_strjoinv(", ", (char **)names->pdata) : NULL;
}

gboolean dkm_reading_is_unsaved(DkmReading *self)
{
    const DkmLayers *layers = self->open ? self->open->layers : NULL;
    return layers && dkm_layers_serial(layers) != self->saved_serial &&
           (dkm_layers_count(layers) > 0 || dkm_layers_can_undo(layers));
}
