#include "gui/run-record.h"

#include "gui/i18n.h"
#include "gui/words.h"

#include <string.h>

DkmRunRecord *dkm_run_record_begin(const DkmLook *look)
{
    DkmRunRecord *record = g_new0(DkmRunRecord, 1);
    record->has_box = look->has_box;
    record->box = look->box;
    return record;
}

void dkm_run_record_finish(DkmRunRecord *record, const DkmReviewCase *on, GPtrArray *unlike)
{
    record->layer = on->result_layer;
    record->result = dkm_result_ref(on->result);
    record->unlike = g_ptr_array_ref(unlike);
    record->unix_s = g_get_real_time() / G_USEC_PER_SEC;
}

void dkm_run_record_free(DkmRunRecord *record)
{
    if (!record)
        return;
    dkm_result_unref(record->result);
    g_clear_pointer(&record->unlike, g_ptr_array_unref);
    g_free(record);
}

char *dkm_run_record_text(const DkmRunRecord *record)
{
    const DkmResult *result = record->result;
    g_autoptr(GDateTime) when = g_date_time_new_from_unix_local(record->unix_s);
    g_autofree char *time = when ? g_date_time_format(when, _("%e %b %H:%M")) : g_strdup("?");
    return g_strdup_printf(record->has_box ? _("From %s in a box, weights %.8s, on %s, %s")
                                           : _("From %s, weights %.8s, on %s, %s"),
                           dkm_word(result->phases_used), result->weights_sha256, result->device,
                           g_strchug(time));
}

/* NULL where the box is the run's. */
static const char *other_box(const DkmRunRecord *record, const DkmLook *look)
{
    if (!record->has_box)
        return look->has_box ? _("before the box was drawn") : NULL;
    if (!look->has_box)
        return _("in a box that is gone");
    return memcmp(&record->box, &look->box, sizeof look->box) ? _("in another box") : NULL;
}

char *dkm_run_record_stale(const DkmRunRecord *record, const DkmReviewCase *on, const DkmLook *look)
{
    const gboolean is_other_phase =
        (record->early && record->early != on->early) || (record->late && record->late != on->late);
    const char *box = other_box(record, look);
    if (box && is_other_phase)
        return g_strdup_printf(
            _("Outdated: made %s, from other phases. Run again to bring it up to date."), box);
    if (box)
        return g_strdup_printf(_("Outdated: made %s. Run again to bring it up to date."), box);
    return g_strdup(is_other_phase
                        ? _("Outdated: made from other phases. Run again to bring it up to date.")
                        : NULL);
}
