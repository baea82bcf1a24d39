/* results.json and table.md: what a plan has shown so far. */
#include "plugin/ablate/report.h"

#include "core/atomic-file.h"
#include "core/error.h"
#include "core/json-value.h"
#include "plugin/ablate/json-read.h"
#include "plugin/options.h"

#include <math.h>
#include <string.h>

static gboolean write_text(const DkmAblate *ablate, const char *name, const char *text,
                           GError **error)
{
    g_autofree char *path = g_build_filename(ablate->out, name, NULL);
    return dkm_atomic_write(path, text, strlen(text), error);
}

/* -- JSON */

static void begin_array(JsonBuilder *json, const char *name)
{
    json_builder_set_member_name(json, name);
    json_builder_begin_array(json);
}

static void add_interval(JsonBuilder *json, const char *name, DkmInterval interval)
{
    begin_array(json, name);
    dkm_json_add_real(json, interval.low);
    dkm_json_add_real(json, interval.high);
    json_builder_end_array(json);
}

/* Members whose names begin with PREFIX. */
static void add_difference(JsonBuilder *json, const char *prefix, const DkmAblateDifference *d)
{
    g_autofree char *mean = g_strconcat(prefix, "difference", NULL),
                    *range = g_strconcat(prefix, "difference_interval", NULL),
                    *p = g_strconcat(prefix, "wilcoxon_p", NULL);
    dkm_json_real(json, mean, d->mean);
    add_interval(json, range, d->interval);
    dkm_json_real(json, p, d->test.p);
}

static void add_summary(JsonBuilder *json, const DkmAblateSummary *s)
{
    dkm_json_int(json, "patients_n", s->n);
    dkm_json_real(json, "dice_mean", s->dice);
    dkm_json_real(json, "dice_sd", s->dice_sd);
    add_interval(json, "dice_interval", s->interval);
    dkm_json_real(json, "jaccard_mean", s->jaccard);
    dkm_json_real(json, "jaccard_sd", s->jaccard_sd);
    dkm_json_real(json, "shifted_dice_mean", s->shifted);
    dkm_json_real(json, "shifted_dice_sd", s->shifted_sd);
    dkm_json_real(json, "hd95_mm_mean", s->hd95_mm);
    dkm_json_real(json, "hd95_mm_sd", s->hd95_sd);
    dkm_json_int(json, "hd95_patients", s->hd95_n);
    dkm_json_real(json, "slice_lesion_sensitivity", s->lesion_sensitivity);
    dkm_json_real(json, "false_positives_per_slice", s->false_positives);
    dkm_json_real(json, "calibration_error", s->calibration_error);
    dkm_json_int(json, "pairs", s->to_baseline.pairs);
    add_difference(json, "", &s->to_baseline);
}

/* Thresholds chosen on the validation patients, in the order of the folds. */
static void add_chosen(JsonBuilder *json, const DkmAblateLine *line, const DkmAblateSummary *s)
{
    begin_array(json, "chosen_thresholds");
    for (guint i = 0; i < line->thresholds->len; i++)
        dkm_json_add_real(json, g_array_index(line->thresholds, double, i));
    json_builder_end_array(json);
    dkm_json_real(json, "chosen_threshold_dice_mean", s->chosen);
    dkm_json_real(json, "chosen_threshold_dice_sd", s->chosen_sd);
    dkm_json_real(json, "chosen_threshold_gain", s->chosen_gain);
    add_interval(json, "chosen_threshold_gain_interval", s->chosen_interval);
    add_difference(json, "chosen_threshold_", &s->chosen_to_baseline);
}

static void add_patients(JsonBuilder *json, const DkmAblateLine *line)
{
    begin_array(json, "patients");
    for (guint i = 0; i < line->patients->len; i++) {
        const DkmAblatePatient *p = &g_array_index(line->patients, DkmAblatePatient, i);
        json_builder_begin_object(json);
        dkm_json_text(json, "case", p->name);
        dkm_json_int(json, "fold", p->fold);
        dkm_json_real(json, "dice", p->dice);
        dkm_json_real(json, "jaccard", p->jaccard);
        dkm_json_real(json, "hd95_mm", p->hd95_mm);
        dkm_json_real(json, "shifted_dice", p->shifted);
        dkm_json_real(json, "chosen_threshold_dice", p->chosen);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

/* The records of all trainings behind row R, as they lie in the folder. */
static void add_records(JsonBuilder *json, const DkmAblate *ablate, const GArray *steps, int r)
{
    begin_array(json, "trainings");
    for (guint i = 0; i < steps->len; i++) {
        const DkmAblateStep *step = &g_array_index(steps, DkmAblateStep, i);
        const gboolean is_own = step->kind == DKM_ABLATE_SM && step->row == r;
        const gboolean is_shared =
            step->kind == DKM_ABLATE_DM &&
            step->diffusion == dkm_ablate_plan_row(ablate->plan, (guint)r)->diffusion;
        if (step->state != DKM_ABLATE_DONE || (!is_own && !is_shared))
            continue;
        g_autofree char *path = dkm_ablate_path(ablate, step, DKM_ABLATE_RECORD);
        g_autoptr(JsonParser) parser = json_parser_new();
        if (json_parser_load_from_file(parser, path, NULL) && json_parser_get_root(parser))
            json_builder_add_value(json, json_node_copy(json_parser_get_root(parser)));
    }
    json_builder_end_array(json);
}

/* How the numbers of row R were measured: fold, weights, command, sources. */
static void add_evaluations(JsonBuilder *json, const DkmAblateReport *r, int row)
{
    begin_array(json, "evaluations");
    for (guint i = 0; i < r->steps->len; i++) {
        const DkmAblateStep *step = &g_array_index(r->steps, DkmAblateStep, i);
        if (step->kind != DKM_ABLATE_EVALUATION || step->row != row ||
            step->state != DKM_ABLATE_DONE)
            continue;
        g_autofree char *path = dkm_ablate_path(r->ablate, step, DKM_ABLATE_EVALUATION_FILE);
        g_autoptr(JsonParser) parser = json_parser_new();
        g_autofree char *text = NULL;
        g_file_get_contents(path, &text, NULL, NULL);
        JsonObject *root = text ? dkm_json_parse(parser, text) : NULL;
        JsonObject *model = root ? dkm_json_get_object(root, "model") : NULL;
        if (!root)
            continue;
        json_builder_begin_object(json);
        dkm_json_int(json, "fold", step->fold);
        dkm_json_text(json, "weights_sha256",
                      model ? dkm_json_get_text(model, "weights_sha256") : NULL);
        dkm_json_text(json, "command", dkm_json_get_text(root, "command"));
        dkm_json_text(json, "commit", dkm_json_get_text(root, "commit"));
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static void add_line(JsonBuilder *json, const DkmAblateReport *r, guint i)
{
    const DkmAblateLine *line = dkm_ablate_results_line(r->results, i);
    json_builder_begin_object(json);
    dkm_json_text(json, "name", line->name);
    dkm_json_text(json, "sees", line->sees);
    dkm_json_text(json, "control", line->control);
    dkm_json_int(json, "folds", line->folds);
    dkm_json_real(json, "sm_values", line->sm_values);
    dkm_json_real(json, "dm_values", line->dm_values);
    add_summary(json, &g_array_index(r->summaries, DkmAblateSummary, i));
    add_chosen(json, line, &g_array_index(r->summaries, DkmAblateSummary, i));
    add_patients(json, line);
    if (line->row >= 0) {
        add_records(json, r->ablate, r->steps, line->row);
        add_evaluations(json, r, line->row);
    }
    json_builder_end_object(json);
}

static void add_lines(JsonBuilder *json, const DkmAblateReport *r, const char *name,
                      gboolean models)
{
    begin_array(json, name);
    for (guint i = 0; i < r->results->lines->len; i++)
        if ((dkm_ablate_results_line(r->results, i)->row >= 0) == models)
            add_line(json, r, i);
    json_builder_end_array(json);
}

static void add_missing(JsonBuilder *json, const DkmAblateReport *r)
{
    begin_array(json, "missing");
    for (guint i = 0; i < r->steps->len; i++) {
        const DkmAblateStep *step = &g_array_index(r->steps, DkmAblateStep, i);
        if (step->state == DKM_ABLATE_DONE)
            continue;
        g_autofree char *name = dkm_ablate_step_name(r->ablate->plan, step);
        json_builder_begin_object(json);
        dkm_json_text(json, "name", name);
        dkm_json_text(json, "kind", dkm_ablate_kind_name(step->kind));
        dkm_json_text(json, "why", step->why);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static gboolean write_json(const DkmAblateReport *r, GError **error)
{
    const DkmAblatePlan *plan = r->ablate->plan;
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    dkm_json_text(json, "program", "DKM Workstation");
    dkm_json_text(json, "version", DKM_VERSION);
    dkm_json_text(json, "commit", dkm_ablate_commit());
    dkm_json_text(json, "plan", plan->name);
    dkm_json_text(json, "note", plan->note);
    dkm_json_text(json, "baseline",
                  plan->baseline < 0 ? NULL
                                     : dkm_ablate_plan_row(plan, (guint)plan->baseline)->name);
    add_lines(json, r, "rows", TRUE);
    add_lines(json, r, "predictors", FALSE);
    add_missing(json, r);
    json_builder_end_object(json);
    g_autofree char *text = dkm_json_to_text(json);
    return write_text(r->ablate, "results.json", text, error);
}

/* -- Markdown */

static void number(GString *text, const char *format, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append(text,
                    isfinite(value) ? g_ascii_formatd(buffer, sizeof buffer, format, value) : "");
}

static void pair(GString *text, double mean, double sd, const char *format)
{
    number(text, format, mean);
    if (isfinite(mean) && isfinite(sd)) {
        g_string_append(text, " ± ");
        number(text, format, sd);
    }
    g_string_append(text, " | ");
}

static void interval(GString *text, DkmInterval i, const char *format)
{
    number(text, format, i.low);
    g_string_append(text, isfinite(i.low) ? " to " : "");
    number(text, format, i.high);
    g_string_append(text, " | ");
}

static void size(GString *text, const DkmAblateLine *line)
{
    number(text, "%.2f M", line->sm_values / 1e6);
    if (isfinite(line->dm_values)) {
        g_string_append(text, " + ");
        number(text, "%.2f M", line->dm_values / 1e6);
    }
}

static void probability(GString *text, const DkmWilcoxon *test)
{
    if (isfinite(test->p) && test->p < 1e-4)
        g_string_append(text, "< 0.0001");
    else
        number(text, "%.4f", test->p);
    g_string_append(text, " | ");
}

/* A cell's text may hold what ends a cell. */
static void cell(GString *text, const char *words)
{
    for (const char *c = words ? words : ""; *c; c++)
        g_string_append_printf(text, *c == '|' ? "\\%c" : "%c", *c == '\n' ? ' ' : *c);
    g_string_append(text, " | ");
}

static void difference(GString *text, const DkmAblateDifference *d)
{
    number(text, "%+.3f", d->mean);
    g_string_append(text, " | ");
    interval(text, d->interval, "%+.3f");
    probability(text, &d->test);
}

static void table_line(GString *text, const DkmAblateReport *r, guint i)
{
    const DkmAblateLine *line = dkm_ablate_results_line(r->results, i);
    const DkmAblateSummary *s = &g_array_index(r->summaries, DkmAblateSummary, i);
    g_string_append(text, "| ");
    cell(text, line->name);
    g_string_append_printf(text, "%u of %u folds, %u | ", line->folds, r->ablate->plan->folds->len,
                           s->n);
    pair(text, s->dice, s->dice_sd, "%.3f");
    interval(text, s->interval, "%.3f");
    pair(text, s->jaccard, s->jaccard_sd, "%.3f");
    pair(text, s->shifted, s->shifted_sd, "%.3f");
    difference(text, &s->to_baseline);
    pair(text, s->hd95_mm, s->hd95_sd, "%.1f");
    number(text, "%.2f", s->lesion_sensitivity);
    g_string_append(text, " | ");
    number(text, "%.2f", s->false_positives);
    g_string_append(text, " | ");
    number(text, "%.3f", s->calibration_error);
    g_string_append(text, " | ");
    size(text, line);
    g_string_append(text, " | ");
    cell(text, line->sees);
    g_string_truncate(text, text->len - strlen(" "));
    g_string_append(text, "\n");
}

static const char table_head[] =
    "| row | patients | Dice | 95 % interval | Jaccard | Dice, shifted windows | difference to the "
    "baseline | its 95 % interval | p | HD95, mm | lesions found | false "
    "positives a slice | calibration error | parameters | sees |\n"
    "|---|---|---|---|---|---|---:|---|---:|---|---:|---:|---:|---|---|\n";

static void table(GString *text, const DkmAblateReport *r, gboolean models)
{
    g_string_append(text, table_head);
    for (guint i = 0; i < r->results->lines->len; i++)
        if ((dkm_ablate_results_line(r->results, i)->row >= 0) == models)
            table_line(text, r, i);
    g_string_append(text, "\n");
}

static void thresholds(GString *text, const DkmAblateReport *r)
{
    g_string_append(text,
                    "With the threshold, of 0.05 to 0.95, that has the highest mean Dice on each "
                    "fold's validation patients, who are in no number here:\n\n"
                    "| row | threshold, by fold | Dice | gain over 0.5 | its 95 % interval | "
                    "difference to the baseline at its own | its 95 % interval | p |\n"
                    "|---|---|---|---:|---|---:|---|---:|\n");
    for (guint i = 0; i < r->results->lines->len; i++) {
        const DkmAblateLine *line = dkm_ablate_results_line(r->results, i);
        const DkmAblateSummary *s = &g_array_index(r->summaries, DkmAblateSummary, i);
        if (line->thresholds->len == 0)
            continue;
        g_string_append(text, "| ");
        cell(text, line->name);
        for (guint k = 0; k < line->thresholds->len; k++) {
            g_string_append(text, k ? ", " : "");
            number(text, "%.2f", g_array_index(line->thresholds, double, k));
        }
        g_string_append(text, " | ");
        pair(text, s->chosen, s->chosen_sd, "%.3f");
        number(text, "%+.3f", s->chosen_gain);
        g_string_append(text, " | ");
        interval(text, s->chosen_interval, "%+.3f");
        difference(text, &s->chosen_to_baseline);
        g_string_truncate(text, text->len - strlen(" "));
        g_string_append(text, "\n");
    }
    g_string_append(text, "\n");
}

static gboolean has_thresholds(const DkmAblateReport *r)
{
    for (guint i = 0; i < r->results->lines->len; i++)
        if (dkm_ablate_results_line(r->results, i)->thresholds->len > 0)
            return TRUE;
    return FALSE;
}

static void controls(GString *text, const DkmAblatePlan *plan)
{
    for (guint i = 0; i < plan->rows->len; i++) {
        const DkmAblateRow *row = dkm_ablate_plan_row(plan, i);
        if (row->control)
            g_string_append_printf(text, "* **%s**: %s\n", row->name, row->control);
    }
    g_string_append(text, "\n");
}

static void recipes(GString *text, const DkmAblatePlan *plan)
{
    g_string_append(text, "## How they were trained\n\n");
    for (guint i = 0; i < plan->diffusion->len; i++) {
        const DkmAblateDiffusion *d = dkm_ablate_plan_diffusion(plan, i);
        g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
        dkm_ablate_recipe_add_words(d->recipe, words);
        g_ptr_array_add(words, NULL);
        g_autofree char *options = g_strjoinv(" ", (char **)words->pdata);
        g_string_append_printf(text, "* diffusion `%s`: `dkm train dm %s`\n", d->name, options);
    }
    for (guint i = 0; i < plan->rows->len; i++) {
        const DkmAblateRow *row = dkm_ablate_plan_row(plan, i);
        g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
        dkm_ablate_recipe_add_words(row->recipe, words);
        g_ptr_array_add(words, NULL);
        g_autofree char *options = g_strjoinv(" ", (char **)words->pdata);
        g_string_append_printf(
            text, "* %s%s%s: `dkm train sm %s`\n", row->name, row->diffusion < 0 ? "" : " on ",
            row->diffusion < 0 ? "" : dkm_ablate_plan_diffusion(plan, (guint)row->diffusion)->name,
            options);
    }
    g_string_append(text, "\n");
}

static void missing(GString *text, const DkmAblateReport *r)
{
    if (dkm_ablate_steps_count(r->steps, DKM_ABLATE_DONE) == r->steps->len)
        return;
    g_string_append(text, "## Missing\n\n");
    for (guint i = 0; i < r->steps->len; i++) {
        const DkmAblateStep *step = &g_array_index(r->steps, DkmAblateStep, i);
        if (step->state == DKM_ABLATE_DONE || step->kind == DKM_ABLATE_EVALUATION)
            continue;
        g_autofree char *name = dkm_ablate_step_name(r->ablate->plan, step);
        g_string_append_printf(text, "* %s: %s\n", name, step->why ? step->why : "not done yet");
    }
    g_string_append(text, "\n");
}

static gboolean write_table(const DkmAblateReport *r, GError **error)
{
    const DkmAblatePlan *plan = r->ablate->plan;
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text, "# %s\n\nMade by `dkm ablate` %s (%s). ", plan->name, DKM_VERSION,
                           dkm_ablate_commit());
    g_string_append(
        text, "Each patient is measured once, by the fold that kept it for the test; pixels are "
              "pooled over a patient's slices. Mean ± standard deviation over patients; intervals "
              "are patient-level bootstrap (10,000 resamples); p is Wilcoxon's signed-rank test of "
              "the Dice of the same patients, two-sided, not corrected for the number of rows. "
              "Lesions are the label's parts in each slice, of 20 mm² and more, found where a "
              "tenth of one is "
              "predicted; a false positive is such a part of the prediction that touches no label. "
              "Research use only.\n\n");
    if (plan->note)
        g_string_append_printf(text, "%s\n\n", plan->note);
    table(text, r, TRUE);
    g_string_append(text, "Predictors without a network, on the same windows:\n\n");
    table(text, r, FALSE);
    if (has_thresholds(r))
        thresholds(text, r);
    controls(text, plan);
    recipes(text, plan);
    missing(text, r);
    return write_text(r->ablate, "table.md", text->str, error);
}

gboolean dkm_ablate_report(const DkmAblate *ablate, GArray *steps, GError **error)
{
    g_autoptr(DkmAblateResults) results = dkm_ablate_results_load(ablate, steps, error);
    g_autoptr(GArray) summaries = g_array_new(FALSE, FALSE, sizeof(DkmAblateSummary));
    for (guint i = 0; results && i < results->lines->len; i++) {
        const DkmAblateSummary s = dkm_ablate_summarise(results, i);
        g_array_append_val(summaries, s);
    }
    const DkmAblateReport report = {ablate, steps, results, summaries};
    return results && write_json(&report, error) && write_table(&report, error) &&
           dkm_ablate_plot(&report, error);
}
