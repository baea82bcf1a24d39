/* dkm scan DIR [--json]: studies, series and phases, the evidence for their order, every file
 * accounted for: used, set aside (why), refused (why). */
#include "plugin/commands.h"
#include "plugin/options.h"
#include "plugin/phase-options.h"
#include "plugin/session.h"

#include "core/json-value.h"
#include "dicom/dicom.h"

#include <math.h>

static const char *const verdicts[] = {"chosen", "agrees", "disagrees", "fails", "absent"};
static const char *const confidences[] = {"low", "medium", "high"};

static void add_evidence(JsonBuilder *json, const DkmPhases *dce)
{
    json_builder_set_member_name(json, "evidence");
    json_builder_begin_array(json);
    for (guint i = 0; i < dce->evidence->len; i++) {
        const DkmKeyEvidence *e = &g_array_index(dce->evidence, DkmKeyEvidence, i);
        json_builder_begin_object(json);
        dkm_json_text(json, "key", e->key);
        dkm_json_text(json, "verdict", verdicts[e->verdict]);
        dkm_json_int(json, "values", e->n_values);
        dkm_json_text(json, "detail", e->detail);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static void add_texts(JsonBuilder *json, const char *name, const GPtrArray *texts)
{
    json_builder_set_member_name(json, name);
    json_builder_begin_array(json);
    for (guint i = 0; i < texts->len; i++)
        dkm_json_add_text(json, texts->pdata[i]);
    json_builder_end_array(json);
}

static void add_dce(JsonBuilder *json, const DkmStudy *study)
{
    const DkmPhases *dce = study->dce;
    json_builder_set_member_name(json, "dce");
    if (!dce) {
        json_builder_add_null_value(json);
        dkm_json_text(json, "dce_problem", study->dce_problem);
        return;
    }
    json_builder_begin_object(json);
    dkm_json_text(json, "key", dce->key);
    dkm_json_text(json, "clock", dce->clock);
    dkm_phase_options_record(dce, json);
    dkm_json_text(json, "confidence", confidences[dce->confidence]);
    json_builder_set_member_name(json, "phases");
    json_builder_begin_array(json);
    for (guint p = 0; p < dce->n_phases; p++) {
        json_builder_begin_object(json);
        dkm_json_int(json, "slices", dce->grid.n[0]);
        dkm_json_real(json, "seconds", dce->phases[p].t_seconds);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
    dkm_json_int(json, "rows", dce->grid.n[1]);
    dkm_json_int(json, "columns", dce->grid.n[2]);
    add_evidence(json, dce);
    add_texts(json, "findings", dce->findings);
    json_builder_end_object(json);
}

static void add_series(JsonBuilder *json, const DkmStudy *study)
{
    json_builder_set_member_name(json, "series");
    json_builder_begin_array(json);
    for (guint i = 0; i < study->series->len; i++) {
        const DkmSeries *series = study->series->pdata[i];
        json_builder_begin_object(json);
        dkm_json_text(json, "series_uid", series->series_uid);
        dkm_json_text(json, "description", series->description);
        dkm_json_int(json, "images", series->frames->len);
        dkm_json_text(json, "role", series->role == DKM_SERIES_DYNAMIC ? "dynamic" : "set aside");
        dkm_json_text(json, "reason", series->reason);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

/* NULL for STUDY: notes of every study and of none. A file that names no study (it is not DICOM, or
 * damaged) counts with the study where there is but one. */
static gboolean concerns(const DkmFileNote *note, const DkmStudies *studies, const DkmStudy *study)
{
    return !study || (note->study_uid ? g_strcmp0(note->study_uid, study->study_uid) == 0
                                      : studies->studies->len == 1);
}

static void add_notes(JsonBuilder *json, const DkmStudies *studies, const DkmStudy *study,
                      DkmFileFate fate)
{
    json_builder_set_member_name(json, fate == DKM_FILE_REFUSED ? "refused" : "set_aside");
    json_builder_begin_array(json);
    for (guint i = 0; i < studies->notes->len; i++) {
        const DkmFileNote *note = &g_array_index(studies->notes, DkmFileNote, i);
        if (note->fate != fate || !concerns(note, studies, study))
            continue;
        json_builder_begin_object(json);
        dkm_json_text(json, "file", note->path);
        dkm_json_text(json, "reason", note->reason);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

/* Number of files of STUDY with a frame in its dynamics. */
static guint count_used(const DkmStudies *studies, const DkmStudy *study)
{
    g_autoptr(GHashTable) used = g_hash_table_new(g_str_hash, g_str_equal);
    guint n = 0;
    for (guint i = 0; i < studies->used->len; i++)
        g_hash_table_add(used, studies->used->pdata[i]);
    for (guint i = 0; i < studies->table->frames->len; i++) {
        const DkmFrame *frame = dkm_frame_table_get(studies->table, i);
        if (g_strcmp0(frame->study_uid, study->study_uid) == 0)
            n += g_hash_table_remove(used, frame->path);
    }
    return n;
}

/* Every file of STUDY; NULL: of the whole folder, the used ones by name too. */
static void add_files(JsonBuilder *json, const DkmStudies *studies, const DkmStudy *study)
{
    json_builder_set_member_name(json, "files");
    json_builder_begin_object(json);
    dkm_json_int(json, "used", study ? count_used(studies, study) : studies->used->len);
    if (!study)
        add_texts(json, "used_files", studies->used);
    add_notes(json, studies, study, DKM_FILE_SET_ASIDE);
    add_notes(json, studies, study, DKM_FILE_REFUSED);
    json_builder_end_object(json);
}

static void print_as_json(const DkmStudies *studies)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    json_builder_set_member_name(json, "studies");
    json_builder_begin_array(json);
    for (guint i = 0; i < studies->studies->len; i++) {
        const DkmStudy *study = studies->studies->pdata[i];
        json_builder_begin_object(json);
        dkm_json_text(json, "study_uid", study->study_uid);
        dkm_json_text(json, "date", study->first->study_date);
        add_dce(json, study);
        add_series(json, study);
        add_texts(json, "findings", study->findings);
        add_files(json, studies, study);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
    add_files(json, studies, NULL);
    json_builder_end_object(json);
    dkm_print_json(json);
}

static void print_dce(const DkmStudy *study)
{
    const DkmPhases *dce = study->dce;
    if (!dce) {
        g_print("  no dynamic series: %s\n", study->dce_problem);
        return;
    }
    g_print("  dynamic series: %u %s of %d slices, %d x %d, spacing %.3g x %.3g x %.3g mm\n",
            dce->n_phases, dce->n_phases == 1 ? "phase" : "phases", dce->grid.n[0], dce->grid.n[1],
            dce->grid.n[2], dce->grid.spacing_mm[0], dce->grid.spacing_mm[1],
            dce->grid.spacing_mm[2]);
    for (guint p = 0; p < dce->n_phases; p++) {
        if (isfinite(dce->phases[p].t_seconds))
            g_print("    phase %u at %.0f s%s\n", p + 1, dce->phases[p].t_seconds,
                    p ? "" : " (pre-contrast)");
        else
            g_print("    phase %u, time unknown%s\n", p + 1, p ? "" : " (pre-contrast)");
    }
    g_print("  order from %s, confidence %s\n", dce->key, confidences[dce->confidence]);
    for (guint i = 0; i < dce->evidence->len; i++) {
        const DkmKeyEvidence *e = &g_array_index(dce->evidence, DkmKeyEvidence, i);
        g_print("    %-9s  %s: %s\n", verdicts[e->verdict], e->key, e->detail ? e->detail : "");
    }
    for (guint i = 0; i < dce->findings->len; i++)
        g_print("  note: %s\n", (const char *)dce->findings->pdata[i]);
}

static void print_notes(const DkmStudies *studies, DkmFileFate fate, const char *heading)
{
    guint n = 0;
    for (guint i = 0; i < studies->notes->len; i++)
        n += g_array_index(studies->notes, DkmFileNote, i).fate == fate;
    if (!n)
        return;
    g_print("%u %s %s:\n", n, n == 1 ? "file" : "files", heading);
    g_autoptr(GHashTable) counts = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < studies->notes->len; i++) {
        const DkmFileNote *note = &g_array_index(studies->notes, DkmFileNote, i);
        if (note->fate != fate)
            continue;
        const guint seen = GPOINTER_TO_UINT(g_hash_table_lookup(counts, note->reason));
        g_hash_table_insert(counts, (gpointer)note->reason, GUINT_TO_POINTER(seen + 1));
        if (seen < 3) {
            g_autofree char *path = g_filename_display_name(note->path);
            g_print("  %s: %s\n", path, note->reason);
        }
    }
    GHashTableIter iter;
    gpointer reason, count;
    g_hash_table_iter_init(&iter, counts);
    while (g_hash_table_iter_next(&iter, &reason, &count))
        if (GPOINTER_TO_UINT(count) > 3)
            g_print("  ... and %u more: %s\n", GPOINTER_TO_UINT(count) - 3, (const char *)reason);
}

static void print_as_text(const DkmStudies *studies)
{
    for (guint i = 0; i < studies->studies->len; i++) {
        const DkmStudy *study = studies->studies->pdata[i];
        g_print("Study of %s, %u series\n",
                study->first->study_date ? study->first->study_date : "unknown date",
                study->series->len);
        print_dce(study);
        for (guint s = 0; s < study->series->len; s++) {
            const DkmSeries *series = study->series->pdata[s];
            g_print("  series %d, %u images%s%s: %s\n", series->number, series->frames->len,
                    series->description ? ", " : "", series->description ? series->description : "",
                    series->role == DKM_SERIES_DYNAMIC ? "dynamic" : series->reason);
        }
        for (guint f = 0; f < study->findings->len; f++)
            g_print("  note: %s\n", (const char *)study->findings->pdata[f]);
    }
    g_print("%u files used\n", studies->used->len);
    print_notes(studies, DKM_FILE_SET_ASIDE, "set aside");
    print_notes(studies, DKM_FILE_REFUSED, "refused");
}

gboolean dkm_command_scan(int argc, char **argv, GCancellable *cancel, GError **error)
{
    gboolean as_json = FALSE;
    g_auto(DkmPhaseOptions) phases = {0};
    const GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON", NULL},
                                    DKM_PHASE_OPTION_ENTRIES(&phases),
                                    G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {"DIR [OPTIONS]", "What a folder of DICOM files holds.", entries, 1, 1};
    g_auto(GStrv) rest = NULL;
    if (!dkm_options_parse(&usage, argc, argv, &rest, error))
        return FALSE;
    g_autoptr(DkmFrameTable) table = dkm_session_scan(rest[0], NULL, cancel, error);
    if (!table)
        return FALSE;
    DkmStudies *studies = dkm_studies_new(table);
    const gboolean fits = dkm_phase_options_apply(&phases, &studies, error);
    if (fits && as_json)
        print_as_json(studies);
    else if (fits)
        print_as_text(studies);
    dkm_studies_unref(studies);
    return fits;
}
