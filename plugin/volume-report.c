#include "plugin/volume-report.h"

#include "plugin/commit.h"
#include "plugin/options.h"

#include <math.h>
#include <string.h>

static void row_clear(gpointer data)
{
    g_free(((DkmVolumeRow *)data)->name);
}

GArray *dkm_volume_rows_new(void)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(DkmVolumeRow));
    g_array_set_clear_func(rows, row_clear);
    return rows;
}

static const DkmVolumeRow *row_of(const DkmVolumeReport *r, guint i)
{
    return &g_array_index(r->rows, DkmVolumeRow, i);
}

static double false_sum(const DkmVolumeRow *row)
{
    double sum = 0;
    for (int s = 0; s < DKM_SITES; s++)
        sum += row->false_ml[s];
    return sum;
}

/* Without an early phase nothing is known of these. */
static gboolean is_known(const DkmVolumeReport *r, int site)
{
    return r->has_early || (site != DKM_SITE_VESSEL && site != DKM_SITE_ENHANCING);
}

static const char caution[] =
    "No organ is segmented: sites are rules of geometry and enhancement, the first that holds.";

static void print_false(const DkmVolumeReport *r)
{
    g_print("\nFalse positives in ml, by site\n%-58s %7s", "", "all");
    for (int s = 0; s < DKM_SITES; s++)
        if (is_known(r, s))
            g_print("  %s", dkm_site_name((DkmSite)s));
    g_print("\n");
    for (guint i = 0; i < r->rows->len; i++) {
        const DkmVolumeRow *row = row_of(r, i);
        g_print("%-58s %7.1f", row->name, false_sum(row));
        for (int s = 0; s < DKM_SITES; s++)
            if (is_known(r, s))
                g_print("  %*.1f", (int)strlen(dkm_site_name((DkmSite)s)), row->false_ml[s]);
        g_print("\n");
    }
    g_print("%s\n", caution);
    for (int s = 0; s < DKM_SITES; s++)
        if (is_known(r, s))
            g_print("  %s: %s\n", dkm_site_name((DkmSite)s), dkm_site_rule((DkmSite)s));
    if (!r->has_early)
        g_print("  The study has no early phase: vessels are not told apart.\n");
}

void dkm_volume_report_print_table(const DkmVolumeReport *r)
{
    const DkmBox *b = &r->voi;
    g_print("Truth %s: %" G_GSIZE_FORMAT " voxels, %.1f ml, %" G_GSIZE_FORMAT
            " of them in the VOI %d,%d,%d,%d,%d,%d (%s)\n"
            "Lesions and parts of at least %g ml; a lesion is found where %g %% of it are\n"
            "%-58s %6s %6s %8s %7s  %s\n",
            r->truth, row_of(r, 0)->whole.truth, (double)row_of(r, 0)->whole.truth * r->voxel_ml,
            row_of(r, 0)->voi.truth, b->first[0], b->first[1], b->first[2], b->end[0], b->end[1],
            b->end[2], r->voi_from, r->least_ml, 100 * DKM_FOUND_SHARE, "Dice", "whole", "VOI",
            "lesions", "false", "sees");
    for (guint i = 0; i < r->rows->len; i++) {
        const DkmVolumeRow *row = row_of(r, i);
        g_print("%-58s %6.3f %6.3f %3u/%-4u %7u  %s\n", row->name, row->whole.dice, row->voi.dice,
                row->lesions.found, row->lesions.lesions, row->lesions.false_parts, row->sees);
    }
    print_false(r);
}

static void add_overlap(JsonBuilder *json, const char *name, const DkmOverlap *o)
{
    json_builder_set_member_name(json, name);
    json_builder_begin_object(json);
    dkm_json_real(json, "dice", o->dice);
    dkm_json_int(json, "truth", (gint64)o->truth);
    dkm_json_int(json, "predicted", (gint64)o->predicted);
    dkm_json_int(json, "both", (gint64)o->both);
    json_builder_end_object(json);
}

static void add_row(JsonBuilder *json, const DkmVolumeReport *r, const DkmVolumeRow *row)
{
    json_builder_begin_object(json);
    dkm_json_text(json, "predictor", row->name);
    dkm_json_text(json, "sees", row->sees);
    add_overlap(json, "whole", &row->whole);
    add_overlap(json, "voi", &row->voi);
    dkm_json_int(json, "lesions", row->lesions.lesions);
    dkm_json_int(json, "lesions_found", row->lesions.found);
    dkm_json_real(json, "lesion_sensitivity",
                  row->lesions.lesions ? (double)row->lesions.found / row->lesions.lesions : NAN);
    dkm_json_int(json, "parts", row->lesions.parts);
    dkm_json_int(json, "false_parts", row->lesions.false_parts);
    json_builder_set_member_name(json, "false_positive_ml");
    json_builder_begin_object(json);
    dkm_json_real(json, "all", false_sum(row));
    for (int s = 0; s < DKM_SITES; s++)
        if (is_known(r, s))
            dkm_json_real(json, dkm_site_name((DkmSite)s), row->false_ml[s]);
    json_builder_end_object(json);
    json_builder_end_object(json);
}

void dkm_volume_report_print_json(const DkmVolumeReport *r)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    dkm_json_text(json, "program", "DKM Workstation");
    dkm_json_text(json, "version", DKM_VERSION);
    dkm_json_text(json, "commit", DKM_COMMIT);
    dkm_json_text(json, "command", r->command);
    dkm_json_text(json, "weights_sha256", r->weights_sha256);
    dkm_json_text(json, "device", r->device);
    dkm_json_text(json, "truth", r->truth);
    dkm_json_text(json, "voi_from", r->voi_from);
    dkm_json_box(json, "voi_zyx", &r->voi);
    dkm_json_real(json, "least_lesion_ml", r->least_ml);
    dkm_json_text(json, "sites_caution", caution);
    json_builder_set_member_name(json, "sites");
    json_builder_begin_object(json);
    for (int s = 0; s < DKM_SITES; s++)
        if (is_known(r, s))
            dkm_json_text(json, dkm_site_name((DkmSite)s), dkm_site_rule((DkmSite)s));
    json_builder_end_object(json);
    json_builder_set_member_name(json, "results");
    json_builder_begin_array(json);
    for (guint i = 0; i < r->rows->len; i++)
        add_row(json, r, row_of(r, i));
    json_builder_end_array(json);
    json_builder_end_object(json);
    dkm_print_json(json);
}
