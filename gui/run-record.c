#include "gui/run-record.h"

#include "gui/i18n.h"
#include "gui/words.h"

#include <string.h>

/* Of the images themselves: their numbers change with the order of the phases. */
static char *hash_inputs(const DkmReviewCase *on, guint early, guint late)
{
    const guint phases[] = {0, early, late};
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (guint i = 0; i < G_N_ELEMENTS(phases); i++) {
        if (i > 0 && phases[i] == 0) /* not seen: the place stays empty */
            g_checksum_update(sum, (const guchar *)"-\n", 2);
        for (int z = 0; (i == 0 || phases[i] > 0) && z < dkm_review_case_grid(on)->n[0]; z++) {
            const DkmFrame *frame = dkm_frame_table_get(
                on->studies->table, on->study->dce->phases[phases[i]].frames[z]);
            g_autofree char *name = g_strdup_printf(
                "%s/%d\n", frame->sop_instance_uid ? frame->sop_instance_uid : "", frame->frame);
            g_checksum_update(sum, (const guchar *)name, -1);
        }
    }
    return g_strdup(g_checksum_get_string(sum));
}

DkmRunRecord *dkm_run_record_begin(const DkmReviewCase *on, const DkmLook *look, guint early,
                                   guint late)
{
    DkmRunRecord *record = g_new0(DkmRunRecord, 1);
    record->early = early;
    record->late = late;
    record->inputs = hash_inputs(on, early, late);
    record->order_given = g_strdup(on->study->dce->order_given);
    record->has_box = look->has_box;
    record->box = look->box;
    return record;
}

void dkm_run_record_finish(DkmRunRecord *record, const DkmReviewCase *on, GPtrArray *unlike)
{
    const DkmResult *result = on->result;
    record->layer = on->result_layer;
    record->phases_used = g_strdup(result->phases_used);
    record->weights_sha256 = g_strdup(result->weights_sha256);
    record->device = g_strdup(result->device);
    record->precision = g_strdup(result->precision);
    record->scales_sha256 = g_strdup(result->scales_sha256);
    record->threshold = (double)result->threshold;
    record->noise_seed = result->noise_seed;
    record->noise_fields = result->noise_fields;
    record->unlike = g_ptr_array_ref(unlike);
    record->unix_s = g_get_real_time() / G_USEC_PER_SEC;
}

void dkm_run_record_free(DkmRunRecord *record)
{
    if (!record)
        return;
    g_free(record->phases_used);
    g_free(record->weights_sha256);
    g_free(record->device);
    g_free(record->precision);
    g_free(record->scales_sha256);
    g_free(record->inputs);
    g_free(record->order_given);
    g_clear_pointer(&record->unlike, g_ptr_array_unref);
    g_free(record);
}

char *dkm_run_record_text(const DkmRunRecord *record)
{
    g_autoptr(GDateTime) when = g_date_time_new_from_unix_local(record->unix_s);
    g_autofree char *time = when ? g_date_time_format(when, _("%e %b %H:%M")) : g_strdup("?");
    g_autofree char *text = g_strdup_printf(
        record->has_box ? _("From %s in a box, weights %.8s, on %s, %s")
                        : _("From %s, weights %.8s, on %s, %s"),
        dkm_word(record->phases_used), record->weights_sha256, record->device, g_strchug(time));
    if (!record->order_given)
        return g_steal_pointer(&text);
    return g_strdup_printf(_("%s. Order of phases set by reader: %s"), text, record->order_given);
}

char *dkm_run_record_parameters(const DkmRunRecord *record)
{
    char threshold[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(threshold, sizeof threshold, "%.3f", record->threshold);
    return g_strdup_printf("weights sha256 %s; threshold %s; device %s; phases %s%s%s%s",
                           record->weights_sha256, threshold, record->device, record->phases_used,
                           record->has_box ? "; in a box" : "",
                           record->order_given ? "; order of phases given by a person " : "",
                           record->order_given ? record->order_given : "");
}

/* --- on disk ---------------------------------------------------------------------------------- */

#define GROUP "run"

static void save_box(GKeyFile *file, const DkmBox *box)
{
    int numbers[6];
    for (int axis = 0; axis < 3; axis++) {
        numbers[axis] = box->first[axis];
        numbers[3 + axis] = box->end[axis];
    }
    g_key_file_set_integer_list(file, GROUP, "box", numbers, G_N_ELEMENTS(numbers));
}

static void save_text(GKeyFile *file, const char *key, const char *text)
{
    if (text)
        g_key_file_set_string(file, GROUP, key, text);
}

char *dkm_run_record_save(const DkmRunRecord *record)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_key_file_set_uint64(file, GROUP, "layer", record->layer);
    g_key_file_set_uint64(file, GROUP, "early", record->early);
    g_key_file_set_uint64(file, GROUP, "late", record->late);
    g_key_file_set_uint64(file, GROUP, "noise-seed", record->noise_seed);
    g_key_file_set_integer(file, GROUP, "noise-fields", record->noise_fields);
    g_key_file_set_int64(file, GROUP, "time", record->unix_s);
    g_key_file_set_double(file, GROUP, "threshold", record->threshold);
    save_text(file, "phases", record->phases_used);
    save_text(file, "weights", record->weights_sha256);
    save_text(file, "device", record->device);
    save_text(file, "precision", record->precision);
    save_text(file, "scales", record->scales_sha256);
    save_text(file, "inputs", record->inputs);
    save_text(file, "order-given", record->order_given);
    g_key_file_set_string_list(file, GROUP, "unlike",
                               (const char *const *)(gpointer)record->unlike->pdata,
                               record->unlike->len);
    if (record->has_box)
        save_box(file, &record->box);
    return g_key_file_to_data(file, NULL, NULL);
}

static void load_box(GKeyFile *file, DkmRunRecord *record)
{
    gsize n = 0;
    g_autofree int *numbers = g_key_file_get_integer_list(file, GROUP, "box", &n, NULL);
    record->has_box = numbers && n == 6;
    for (int axis = 0; record->has_box && axis < 3; axis++) {
        record->box.first[axis] = numbers[axis];
        record->box.end[axis] = numbers[3 + axis];
    }
}

static void load_unlike(GKeyFile *file, DkmRunRecord *record)
{
    g_auto(GStrv) sentences = g_key_file_get_string_list(file, GROUP, "unlike", NULL, NULL);
    record->unlike = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; sentences && sentences[i]; i++)
        g_ptr_array_add(record->unlike, g_strdup(sentences[i]));
}

DkmRunRecord *dkm_run_record_load(const char *text)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    if (!g_key_file_load_from_data(file, text, strlen(text), 0, NULL))
        return NULL;
    g_autoptr(DkmRunRecord) record = g_new0(DkmRunRecord, 1);
    record->layer = (guint)g_key_file_get_uint64(file, GROUP, "layer", NULL);
    record->early = (guint)g_key_file_get_uint64(file, GROUP, "early", NULL);
    record->late = (guint)g_key_file_get_uint64(file, GROUP, "late", NULL);
    record->noise_seed = g_key_file_get_uint64(file, GROUP, "noise-seed", NULL);
    record->noise_fields = g_key_file_get_integer(file, GROUP, "noise-fields", NULL);
    record->unix_s = g_key_file_get_int64(file, GROUP, "time", NULL);
    record->threshold = g_key_file_get_double(file, GROUP, "threshold", NULL);
    record->phases_used = g_key_file_get_string(file, GROUP, "phases", NULL);
    record->weights_sha256 = g_key_file_get_string(file, GROUP, "weights", NULL);
    record->device = g_key_file_get_string(file, GROUP, "device", NULL);
    record->precision = g_key_file_get_string(file, GROUP, "precision", NULL);
    record->scales_sha256 = g_key_file_get_string(file, GROUP, "scales", NULL);
    record->inputs = g_key_file_get_string(file, GROUP, "inputs", NULL);
    record->order_given = g_key_file_get_string(file, GROUP, "order-given", NULL);
    load_box(file, record);
    load_unlike(file, record);
    const gboolean is_whole =
        record->layer && record->phases_used && record->weights_sha256 && record->device;
    return is_whole ? g_steal_pointer(&record) : NULL;
}

/* --- is it still what a run would use? -------------------------------------------------------- */

/* NULL where the box is the run's. */
static const char *other_box(const DkmRunRecord *record, const DkmLook *look)
{
    if (!record->has_box)
        return look->has_box ? _("before the box was drawn") : NULL;
    if (!look->has_box)
        return _("in a box that is gone");
    return memcmp(&record->box, &look->box, sizeof look->box) ? _("in another box") : NULL;
}

/* Before images were hashed: other numbers of phases. */
static gboolean saw_others(const DkmRunRecord *record, const DkmReviewCase *on)
{
    if (!record->inputs)
        return (record->early && record->early != on->early) ||
               (record->late && record->late != on->late);
    if ((record->early && !on->early) || (record->late && !on->late))
        return TRUE;
    g_autofree char *now =
        hash_inputs(on, record->early ? on->early : 0, record->late ? on->late : 0);
    return strcmp(now, record->inputs) != 0;
}

char *dkm_run_record_why_stale(const DkmRunRecord *record, const DkmReviewCase *on,
                               const DkmLook *look)
{
    const gboolean is_other_phase = saw_others(record, on);
    const char *box = other_box(record, look);
    if (box && is_other_phase)
        return g_strdup_printf(_("Outdated: made %s, from other phases."), box);
    if (box)
        return g_strdup_printf(_("Outdated: made %s."), box);
    return g_strdup(is_other_phase ? _("Outdated: made from other phases.") : NULL);
}

char *dkm_run_record_stale(const DkmRunRecord *record, const DkmReviewCase *on, const DkmLook *look)
{
    g_autofree char *why = dkm_run_record_why_stale(record, on, look);
    return why ? g_strdup_printf("%s %s", why, _("Run again to bring it up to date.")) : NULL;
}
