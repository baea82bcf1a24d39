/* What a finished run does to the desk: its mask becomes a layer, and nothing moves under a hand.
 * The layers must not be added to in the middle of a stroke: the result waits for its end. */
#include "gui/i18n.h"
#include "gui/reading-private.h"
#include "gui/words.h"

/* The place on screen, and the map over it. */
static gboolean has_moved(const DkmLook *now, const DkmLook *then)
{
    return now->slice != then->slice || now->row != then->row || now->column != then->column ||
           now->aim.zoom != then->aim.zoom || now->aim.centre_column != then->aim.centre_column ||
           now->aim.centre_row != then->aim.centre_row || now->map != then->map;
}

/* Of a study without a mask, where nobody has begun to paint one meanwhile. */
static gboolean may_select(const DkmReading *self)
{
    const DkmArmed armed = self->look.armed;
    return dkm_layers_count(self->open->layers) == 0 && !self->result_waited &&
           (armed == DKM_ARMED_WINDOW || armed == self->begun_look.armed);
}

/* TRUE: it is on screen too. */
static gboolean select_result(DkmReading *self, const DkmLayer *layer)
{
    self->look.layer = layer->id;
    if (has_moved(&self->look, &self->begun_look))
        return FALSE;
    self->look.map = DKM_MAP_VIEW_CODE;
    dkm_reading_show_layer(self, layer);
    return TRUE;
}

static void say_ready(DkmReading *self, const DkmLayer *layer, gboolean is_shown)
{
    if (layer->voxels == 0) {
        dkm_reading_message(self, DKM_MESSAGE_NOTE,
                            _("The network found nothing above its threshold. The mask is empty."));
        return;
    }
    if (is_shown)
        return;
    g_autofree char *name = dkm_word_layer(layer);
    g_autofree char *text = g_strdup_printf(_("%s is ready."), name);
    dkm_reading_message(self, DKM_MESSAGE_RESULT, text);
}

static gboolean add_result(DkmReading *self, const DkmRun *run, GError **error)
{
    DkmReviewCase *on = self->open;
    g_autoptr(DkmRunRecord) record = g_steal_pointer(&self->begun);
    const DkmBox *box = record->has_box ? &record->box : NULL;
    const gboolean selects = may_select(self);
    if (!dkm_review_case_set_result_in_box(on, run->result, box, error))
        return FALSE;
    dkm_run_record_finish(record, on, run->unlike);
    dkm_reading_journal_run(self, record);
    g_ptr_array_add(self->records, g_steal_pointer(&record));
    const DkmLayer *layer = dkm_layers_find(on->layers, on->result_layer);
    const gboolean shows = selects && select_result(self, layer);
    dkm_reading_changed(self, DKM_CHANGED_RESULT | DKM_CHANGED_LAYERS | DKM_CHANGED_LOOK);
    say_ready(self, layer, shows);
    return TRUE;
}

void dkm_reading_take_result(DkmReading *self)
{
    if (!self->finished || dkm_layers_is_stroking(self->open->layers))
        return;
    g_autoptr(DkmRun) run = g_steal_pointer(&self->finished);
    g_autoptr(GError) error = NULL;
    add_result(self, run, &error);
    dkm_reading_report_about(self, DKM_ADVICE_RUN, error);
    dkm_reading_jobs_changed(self);
}

void dkm_reading_run_ended(DkmReading *self, DkmRun *run)
{
    self->finished = run;
    self->result_waited = dkm_layers_is_stroking(self->open->layers);
    dkm_reading_take_result(self);
}

void dkm_reading_show_result(DkmReading *self)
{
    const DkmLayer *layer =
        self->open ? dkm_layers_find(self->open->layers, self->open->result_layer) : NULL;
    if (!layer || dkm_layers_is_stroking(self->open->layers))
        return;
    self->look.map = DKM_MAP_VIEW_CODE;
    dkm_reading_show_layer(self, layer);
    dkm_reading_changed(self, DKM_CHANGED_LOOK | DKM_CHANGED_LAYERS);
}
