/* dkm report STUDY SEG.dcm -o REPORT.dcm: measures the lesions of a segmentation on the study's
 * phases and writes the numbers as a structured report. */
#include "plugin/commands.h"
#include "plugin/deidentify-option.h"
#include "plugin/kinetic-plan.h"
#include "plugin/options.h"
#include "plugin/output.h"
#include "plugin/session.h"

#include "core/error.h"
#include "core/image/lesion-measures.h"

#include <math.h>
#include <string.h>

typedef struct {
    char *out, *reviewer, *reviewed;
    gboolean json;
} Options;

static void options_clear(Options *o)
{
    g_free(o->out);
    g_free(o->reviewer);
    g_free(o->reviewed);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* What is measured and with what. */
typedef struct {
    DkmSession session;
    DkmSeg *seg;
    DkmFtvParameters rule;
    guint early, late;
    DkmLesionMeasures *measures; /* one a segment */
    gint64 reviewed_unix_s;
} Report;

static void report_clear(Report *r)
{
    g_clear_pointer(&r->seg, dkm_seg_unref);
    g_clear_pointer(&r->measures, g_free);
    dkm_session_close(&r->session);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Report, report_clear)

/* PN: what a person types must be one name. */
static gboolean is_name(const char *text)
{
    if (!*text || strlen(text) > 64 || !g_utf8_validate(text, -1, NULL) || strpbrk(text, "\\="))
        return FALSE;
    for (const char *c = text; *c; c++)
        if ((guchar)*c < ' ')
            return FALSE;
    return TRUE;
}

static gboolean read_review(const Options *o, Report *r, GError **error)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_local();
    g_autoptr(GDateTime) when =
        o->reviewed ? g_date_time_new_from_iso8601(o->reviewed, zone) : g_date_time_new_now(zone);
    const char *wrong = !o->out ? "say where to write: -o REPORT.dcm"
                        : o->reviewer && !is_name(o->reviewer)
                            ? "--reviewer must be one name of at most 64 bytes"
                        : o->reviewed && !o->reviewer ? "--reviewed needs --reviewer NAME"
                        : !when ? "--reviewed must be a time as 2026-03-01T14:30:00"
                                : NULL;
    if (wrong)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE, wrong);
    else
        r->reviewed_unix_s = g_date_time_to_unix(when);
    return !wrong;
}

/* What holds no voxel is no lesion of 0 ml. A report that says "no lesion" would be a reader's
 * statement, which nothing here can make: of an empty segmentation there is no report. */
static gboolean has_lesions(Report *r, const char *path, GError **error)
{
    for (guint i = r->seg->segments->len; i-- > 0;) {
        const DkmSegReadSegment *segment = r->seg->segments->pdata[i];
        if (dkm_mask_count(segment->mask) > 0)
            continue;
        g_ptr_array_add(r->seg->assumed, g_strdup_printf("segment %d is empty: no lesion, left out",
                                                         segment->number));
        g_ptr_array_remove_index(r->seg->segments, i);
    }
    if (r->seg->segments->len)
        return TRUE;
    g_autofree char *name = g_path_get_basename(path);
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                "%s is empty: there is no lesion to measure, and that there is none is a reader's "
                "statement",
                name);
    return FALSE;
}

/* All that will be written is asked for before anything is computed. */
static gboolean prepare(const Options *o, char *const words[2], Report *r, GCancellable *cancel,
                        GError **error)
{
    g_autoptr(DkmOutputs) outputs = dkm_outputs_new();
    if (!dkm_outputs_add(outputs, o->out, error) || !dkm_deidentify_add_to(outputs, error) ||
        !dkm_outputs_spare(outputs, words[1], "the segmentation", error) ||
        !dkm_session_open(&r->session, words[0], NULL, cancel, error) ||
        !dkm_outputs_spare_studies(outputs, r->session.studies, error))
        return FALSE;
    r->seg = dkm_session_import(&r->session, words[1], error);
    return r->seg && has_lesions(r, words[1], error);
}

static gboolean measure(Report *r, GCancellable *cancel, GError **error)
{
    DkmUcsfParameters ucsf;
    DkmKineticSource source = {0};
    dkm_kinetic_plan_phases(r->session.study->dce, &r->early, &r->late);
    if (!dkm_kinetic_plan_rule(&r->session, &r->rule, &ucsf, error))
        return FALSE;
    if (r->early && (!(source.pre = dkm_session_phase(&r->session, 0, cancel, error)) ||
                     !(source.early = dkm_session_phase(&r->session, r->early, cancel, error))))
        return FALSE;
    if (r->late && !(source.late = dkm_session_phase(&r->session, r->late, cancel, error)))
        return FALSE;
    r->measures = g_new0(DkmLesionMeasures, r->seg->segments->len);
    for (guint i = 0; i < r->seg->segments->len; i++) {
        const DkmSegReadSegment *segment = r->seg->segments->pdata[i];
        if (!dkm_lesion_measure(segment->mask, r->early ? &source : NULL, &r->rule, &r->measures[i],
                                cancel, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean write_report(const Options *o, const Report *r, const char *seg_path,
                             GCancellable *cancel, GError **error)
{
    const guint n = r->seg->segments->len;
    g_autofree DkmReportLesion *lesions = g_new0(DkmReportLesion, n);
    for (guint i = 0; i < n; i++)
        lesions[i] = (DkmReportLesion){
            ((const DkmSegReadSegment *)r->seg->segments->pdata[i])->number, &r->measures[i]};
    g_autofree char *rule = g_strdup_printf(
        "phases 1, %u, %u; FTV: PE >= %g %%, late above pre, %d of 26 neighbours, pre-contrast %s "
        "%g%s; curve: change from early to late over 10 %%",
        r->early + 1, r->late + 1, r->rule.pe_threshold, r->rule.minimum_neighbours,
        r->rule.pre_contrast_threshold > 0 ? ">=" : "from",
        r->rule.pre_contrast_threshold > 0 ? r->rule.pre_contrast_threshold
                                           : r->rule.pct_background,
        r->rule.pre_contrast_threshold > 0 ? "" : " % of the 95th percentile around the lesion");
    const DkmReportRequest request = {.table = r->session.studies->table,
                                      .phases = r->session.study->dce,
                                      .early = r->early,
                                      .late = r->late,
                                      .seg_path = seg_path,
                                      .lesions = lesions,
                                      .n_lesions = n,
                                      .rule = r->early ? rule : NULL,
                                      .software_version = DKM_VERSION,
                                      .reviewer = o->reviewer,
                                      .reviewed_unix_s = r->reviewed_unix_s};
    return dkm_dicom_write_report(&request, o->out, cancel, error);
}

static void print_lesion(const DkmSegReadSegment *segment, const DkmLesionMeasures *m)
{
    g_print("segment %d, %s: %.3f ml, longest %.1f mm, in a slice %.1f mm\n", segment->number,
            segment->label ? segment->label : "no label", m->volume_ml, m->in_space.mm,
            m->in_plane.mm);
    if (!m->has_curve)
        return;
    g_print("  early enhancement: mean %.0f %%", m->mean.pe_percent);
    if (m->has_worst)
        g_print(", worst 3x3 %.0f %% at %d,%d,%d (z, y, x)", m->worst.pe_percent, m->worst_zyx[0],
                m->worst_zyx[1], m->worst_zyx[2]);
    if (m->has_late)
        g_print("\n  curve of the %s: %s; functional tumour volume %.3f ml",
                m->has_worst ? "worst 3x3" : "mean", dkm_curve_type_name(m->curve), m->ftv_ml);
    g_print("\n");
}

static void print_json_lesion(JsonBuilder *json, const DkmSegReadSegment *segment,
                              const DkmLesionMeasures *m)
{
    json_builder_begin_object(json);
    dkm_json_int(json, "segment", segment->number);
    dkm_json_text(json, "label", segment->label);
    dkm_json_text(json, "tracking_uid", segment->tracking_uid);
    dkm_json_int(json, "voxels", (gint64)m->voxels);
    dkm_json_real(json, "volume_ml", m->volume_ml);
    dkm_json_real(json, "longest_mm", m->in_space.mm);
    dkm_json_real(json, "longest_in_slice_mm", m->in_plane.mm);
    dkm_json_real(json, "pe_mean_percent", m->has_curve ? m->mean.pe_percent : NAN);
    dkm_json_real(json, "pe_worst_3x3_percent", m->has_worst ? m->worst.pe_percent : NAN);
    dkm_json_text(json, "curve", m->has_late ? dkm_curve_type_name(m->curve) : NULL);
    dkm_json_real(json, "ftv_ml", m->has_late ? m->ftv_ml : NAN);
    json_builder_end_object(json);
}

static void print_result(const Options *o, const Report *r)
{
    const guint n = r->seg->segments->len;
    if (!o->json) {
        for (guint i = 0; i < r->seg->assumed->len; i++)
            g_print("assumed: %s\n", (const char *)r->seg->assumed->pdata[i]);
        for (guint i = 0; i < n; i++)
            print_lesion(r->seg->segments->pdata[i], &r->measures[i]);
        g_print("saved %s\nResearch use only, not for diagnosis.\n", o->out);
        return;
    }
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    dkm_json_text(json, "report", o->out);
    dkm_json_int(json, "early_phase", r->early + 1);
    dkm_json_int(json, "late_phase", r->late + 1);
    dkm_json_sentences(json, "assumed", r->seg->assumed);
    json_builder_set_member_name(json, "lesions");
    json_builder_begin_array(json);
    for (guint i = 0; i < n; i++)
        print_json_lesion(json, r->seg->segments->pdata[i], &r->measures[i]);
    json_builder_end_array(json);
    json_builder_end_object(json);
    dkm_print_json(json);
}

gboolean dkm_command_report(int argc, char **argv, GCancellable *cancel, GError **error)
{
    g_auto(Options) o = {0};
    g_auto(Report) r = {0};
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &o.out, "The report to write", "REPORT.dcm"},
        {"reviewer", 0, 0, G_OPTION_ARG_STRING, &o.reviewer,
         "Who vouches for the segmentation: the report is verified (who reviewed the SEG)", "NAME"},
        {"reviewed", 0, 0, G_OPTION_ARG_STRING, &o.reviewed, "When (now)", "TIME"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o.json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {
        "STUDY SEG.dcm -o REPORT.dcm [OPTIONS]",
        "Measure the lesions of a segmentation; structured report (DICOM SR, TID 1500).",
        entries,
        2,
        2,
        .more = &dkm_deidentify_options};
    g_auto(GStrv) rest = NULL;
    if (!dkm_options_parse(&usage, argc, argv, &rest, error) || !read_review(&o, &r, error) ||
        !prepare(&o, rest, &r, cancel, error) || !measure(&r, cancel, error) ||
        !write_report(&o, &r, rest[1], cancel, error) || !dkm_deidentify_finish(error))
        return FALSE;
    print_result(&o, &r);
    return TRUE;
}
