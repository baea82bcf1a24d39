/* The rows of `dkm bench` in words and as JSON. */
#include "plugin/bench/bench.h"
#include "plugin/options.h"

static void print_figure(const DkmBenchFigure *f)
{
    g_print("  %s %.*f %s", f->what, f->value < 100 ? 3 : 0, f->value, f->unit);
    if (isfinite(f->ratio))
        g_print(" = %.2f %s", f->ratio, f->ratio_of);
    if (f->goal_ratio > 0)
        g_print(" (goal %.2f)", f->goal_ratio);
    if (f->goal_value > 0)
        g_print(" (goal %g %s)", f->goal_value, f->unit);
}

static void print_section(const DkmBench *bench, const char *section)
{
    g_print("\n%s\n", section);
    for (guint i = 0; i < bench->rows->len; i++) {
        const DkmBenchRow *row = &g_array_index(bench->rows, DkmBenchRow, i);
        if (!g_str_equal(row->section, section))
            continue;
        g_print("%-4s %-*s", row->precision ? row->precision : "", row->n_figures ? 36 : 0,
                row->name);
        for (int k = 0; k < row->n_figures; k++)
            print_figure(&row->figures[k]);
        g_print("%s%s\n", row->note ? "  -- " : "", row->note ? row->note : "");
    }
}

void dkm_bench_print_text(const DkmBench *bench)
{
    g_autofree char *device = dkm_engine_describe(&bench->engine);
    g_print("%s\n", device);
    for (const DkmBenchSection *s = dkm_bench_sections; s->name; s++)
        if (dkm_bench_wants(bench, s->name))
            print_section(bench, s->name);
}

static void add_figure(JsonBuilder *json, const DkmBenchFigure *f)
{
    json_builder_begin_object(json);
    dkm_json_text(json, "what", f->what);
    dkm_json_real(json, "value", f->value);
    dkm_json_text(json, "unit", f->unit);
    dkm_json_real(json, "ratio", f->ratio);
    dkm_json_text(json, "ratio_of", f->ratio_of);
    dkm_json_real(json, "goal_value", f->goal_value > 0 ? f->goal_value : NAN);
    dkm_json_real(json, "goal_ratio", f->goal_ratio > 0 ? f->goal_ratio : NAN);
    json_builder_end_object(json);
}

static void add_section(JsonBuilder *json, const DkmBench *bench, const char *section)
{
    json_builder_set_member_name(json, section);
    json_builder_begin_array(json);
    for (guint i = 0; i < bench->rows->len; i++) {
        const DkmBenchRow *row = &g_array_index(bench->rows, DkmBenchRow, i);
        if (!g_str_equal(row->section, section))
            continue;
        json_builder_begin_object(json);
        dkm_json_text(json, "name", row->name);
        dkm_json_text(json, "precision", row->precision);
        dkm_json_text(json, "note", row->note);
        json_builder_set_member_name(json, "figures");
        json_builder_begin_array(json);
        for (int k = 0; k < row->n_figures; k++)
            add_figure(json, &row->figures[k]);
        json_builder_end_array(json);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static void add_machine(JsonBuilder *json, const DkmBench *bench, const char *device)
{
    const DkmCpuPeak *peak = &bench->peak;
    const double unknown = peak->threads ? 1 : NAN;
    json_builder_set_member_name(json, "machine");
    json_builder_begin_object(json);
    dkm_json_text(json, "device", device);
    dkm_json_int(json, "threads", peak->threads);
    dkm_json_real(json, "fp32_gflops", unknown * peak->rates.f32_flop / 1e9);
    dkm_json_real(json, "bf16_gflops", unknown * peak->rates.bf16_flop / 1e9);
    dkm_json_real(json, "read_gbytes", unknown * peak->read_bytes / 1e9);
    json_builder_end_object(json);
}

static void add_results(JsonBuilder *json, const DkmBench *bench)
{
    json_builder_set_member_name(json, "rows");
    json_builder_begin_array(json);
    for (guint i = 0; i < bench->results->len; i++) {
        const DkmBenchResult *r = &g_array_index(bench->results, DkmBenchResult, i);
        json_builder_begin_object(json);
        dkm_json_text(json, "work", r->work);
        dkm_json_text(json, "preset", r->preset);
        dkm_json_text(json, "engine", r->engine);
        dkm_json_text(json, "dtype", r->dtype);
        dkm_json_int(json, "threads", bench->peak.threads);
        dkm_json_real(json, "ms_median", r->ms_median);
        dkm_json_real(json, "ms_best", r->ms_best);
        dkm_json_int(json, "runs", r->runs);
        dkm_json_real(json, "gflops", r->gflops);
        dkm_json_real(json, "ratio_to_best_peer", r->ratio);
        dkm_json_real(json, "difference", r->difference);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

void dkm_bench_print_json(const DkmBench *bench)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    g_autofree char *device = dkm_engine_describe(&bench->engine);
    json_builder_begin_object(json);
    dkm_json_text(json, "device", device);
    dkm_json_int(json, "threads", bench->peak.threads);
    add_machine(json, bench, device);
    add_results(json, bench);
    for (const DkmBenchSection *s = dkm_bench_sections; s->name; s++)
        if (dkm_bench_wants(bench, s->name))
            add_section(json, bench, s->name);
    json_builder_end_object(json);
    dkm_print_json(json);
}
