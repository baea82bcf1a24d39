/* Beside a mask that the network (or a foreign algorithm) made: what it was made with, where its
 * images are unlike those trained on, and that it is outdated. */
#include "gui/i18n.h"
#include "gui/panels.h"

#include "core/model/input-gate.h"

typedef struct {
    GtkWidget *made, *unlike, *stale;
} RunNote;

static char *made_text(const DkmLayer *layer, const DkmRunRecord *record)
{
    if (record)
        return dkm_run_record_text(record);
    if (layer && layer->info.origin == DKM_ORIGIN_FOREIGN)
        return g_strdup_printf(_("By another program’s algorithm, as its file says: %s."),
                               layer->info.algorithm);
    return layer && layer->info.origin == DKM_ORIGIN_NETWORK
               ? g_strdup(_("By the network, before this study was opened now: what it was made "
                            "with is not known here."))
               : NULL;
}

/* In the words of whoever reads it, not of whoever ran the network; NULL where nothing differs. */
static char *unlike_text(const DkmRunRecord *record)
{
    g_autoptr(GPtrArray) sentences = dkm_input_gate_sentences(record->unlike);
    return sentences->len > 0
               ? dkm_panel_sentences(_("Its images are unlike those trained on:"), sentences)
               : NULL;
}

static void refresh(const RunNote *note, DkmReading *reading)
{
    const DkmReviewCase *on = dkm_reading_case(reading);
    const DkmLook *look = dkm_reading_look(reading);
    const DkmLayer *layer = on ? dkm_layers_find(on->layers, look->layer) : NULL;
    const DkmRunRecord *record = layer ? dkm_reading_run_of(reading, layer->id) : NULL;
    g_autofree char *made = made_text(layer, record);
    g_autofree char *stale = record ? dkm_run_record_stale(record, on, look) : NULL;
    g_autofree char *unlike = record ? unlike_text(record) : NULL;
    dkm_panel_say(note->made, made);
    dkm_panel_say(note->stale, stale);
    dkm_panel_say(note->unlike, unlike);
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    if (what & (DKM_CHANGED_CASE | DKM_CHANGED_LAYERS | DKM_CHANGED_RESULT | DKM_CHANGED_LOOK))
        refresh(g_object_get_data(user, "note"), reading);
}

GtkWidget *dkm_run_note_new(DkmReading *reading)
{
    RunNote *note = g_new0(RunNote, 1);
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
    *note = (RunNote){dkm_panel_label("", "dim"), dkm_panel_label("", "warning-text"),
                      dkm_panel_label("", "warning-text")};
    GtkWidget *const parts[] = {note->stale, note->made, note->unlike};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        gtk_widget_set_no_show_all(parts[i], TRUE);
        gtk_box_pack_start(GTK_BOX(box), parts[i], FALSE, FALSE, 0);
    }
    g_object_set_data_full(G_OBJECT(box), "note", note, g_free);
    g_signal_connect_object(reading, "changed", G_CALLBACK(on_changed), box, 0);
    refresh(note, reading);
    return box;
}
