/* dkm bench: how far the engine and the reader are from what this machine can do, which is measured
 * in the same run. Not for: a pass or a fail. */
#include "plugin/bench.h"
#include "plugin/commands.h"
#include "plugin/options.h"

#include "core/error.h"
#include "core/model/preset.h"

#include <string.h>

typedef struct {
    const char *name;
    gboolean (*run)(DkmBench *bench, GError **error);
} Section;

static gboolean bench_peak(DkmBench *bench, GError **error);

/* In the order of the table. */
static const Section sections[] = {
    {"peak", bench_peak},           {"conv", dkm_bench_conv},
    {"network", dkm_bench_network}, {"train", dkm_bench_train},
#ifdef DKM_HAVE_DICOM
    {"read", dkm_bench_read},
#endif
};

static const double first_look_s = 0.5, look_s = 0.02; /* at each figure of the peak */

const char *dkm_bench_precision(DkmDtype dtype)
{
    return dtype == DKM_BF16 ? "bf16" : "f32";
}

static void row_clear(gpointer data)
{
    DkmBenchRow *row = data;
    g_free(row->name);
    g_free(row->note);
}

DkmBenchRow *dkm_bench_add(DkmBench *bench, const char *section, char *name, char *note)
{
    const DkmBenchRow row = {.section = section, .name = name, .note = note};
    g_array_append_val(bench->rows, row);
    return &g_array_index(bench->rows, DkmBenchRow, bench->rows->len - 1);
}

void dkm_bench_figure(DkmBenchRow *row, const DkmBenchFigure *figure)
{
    if (row->n_figures < DKM_BENCH_FIGURES)
        row->figures[row->n_figures++] = *figure;
}

double dkm_bench_flop_peak(const DkmBench *bench, DkmDtype dtype)
{
    return dtype == DKM_BF16 ? bench->peak.rates.bf16_flop : bench->peak.rates.f32_flop;
}

static gboolean look_at_peak(DkmBench *bench, double seconds, GError **error)
{
    if (g_cancellable_is_cancelled(bench->cancel)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_CANCELLED, "cancelled");
        return FALSE;
    }
    dkm_cpu_peak_raise_flop(bench->engine.device, seconds, &bench->peak);
    return TRUE;
}

gboolean dkm_bench_breathe(DkmBench *bench, GError **error)
{
    return look_at_peak(bench, look_s, error);
}

static void add_peak_row(DkmBench *bench, const DkmCpuPeak *peak)
{
    static const char *const names[] = {"f32", "bf16", "read", "add"};
    const double values[] = {peak->rates.f32_flop, peak->rates.bf16_flop, peak->read_bytes,
                             peak->rates.bytes};
    DkmBenchRow *row = dkm_bench_add(
        bench, "peak", g_strdup_printf("%d thread%s", peak->threads, peak->threads == 1 ? "" : "s"),
        NULL);
    for (int i = 0; i < 4; i++)
        dkm_bench_figure(row, &(DkmBenchFigure){.what = names[i],
                                                .value = values[i] / 1e9,
                                                .unit = i < 2 ? "GFLOP/s" : "GB/s",
                                                .ratio = NAN});
}

/* The peak of one thread, and the one that the other sections were compared with. */
static gboolean bench_peak(DkmBench *bench, GError **error)
{
    if (bench->peak.threads > 1) {
        g_auto(DkmEngine) engine = {0};
        DkmCpuPeak one = {0};
        if (!dkm_engine_open(&engine, "cpu", 1, error))
            return FALSE;
        dkm_cpu_peak_raise_flop(engine.device, first_look_s, &one);
        if (!dkm_cpu_peak_raise_bytes(engine.device, first_look_s, &one, error))
            return FALSE;
        add_peak_row(bench, &one);
    }
    if (!look_at_peak(bench, first_look_s, error))
        return FALSE;
    add_peak_row(bench, &bench->peak);
    return TRUE;
}

/* -- words in */

typedef struct {
    double seconds;
    int threads;
    char *precision, *preset, *study;
    gboolean json, ops;
    char **sections; /* empty: all */
} Options;

static void options_clear(Options *options)
{
    g_free(options->precision);
    g_free(options->preset);
    g_free(options->study);
    g_strfreev(options->sections);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean sections_are_known(char **words, GError **error)
{
    for (; *words; words++) {
        gboolean known = FALSE;
        for (gsize i = 0; i < G_N_ELEMENTS(sections); i++)
            known = known || g_str_equal(sections[i].name, *words);
        if (known)
            continue;
        g_autoptr(GString) names = g_string_new(NULL);
        for (gsize i = 0; i < G_N_ELEMENTS(sections); i++)
            g_string_append_printf(names, "%s%s", i ? ", " : "", sections[i].name);
        g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE, "there is nothing called %s to measure: %s",
                    *words, names->str);
        return FALSE;
    }
    return TRUE;
}

static gboolean options_fit(const Options *o, GError **error)
{
    DkmPreset preset;
    if (!(o->seconds > 0 && o->seconds <= 600) || o->threads < 0 || o->threads > DKM_MOST_THREADS) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE,
                            "--seconds must lie between 0 and 600, --threads between 0 and 256");
        return FALSE;
    }
    if (o->precision && strcmp(o->precision, "f32") != 0 && strcmp(o->precision, "bf16") != 0) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE, "%s is no precision: f32 or bf16",
                    o->precision);
        return FALSE;
    }
    return (!o->preset || dkm_preset_find(o->preset, &preset, error)) &&
           sections_are_known(o->sections, error);
}

static gboolean parse(int argc, char **argv, Options *o, GError **error)
{
    const GOptionEntry entries[] = {
        {"seconds", 0, 0, G_OPTION_ARG_DOUBLE, &o->seconds,
         "How long to measure each part, about (default 10)", "S"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &o->threads, "0: one a core", "N"},
        {"precision", 0, 0, G_OPTION_ARG_STRING, &o->precision, "f32 or bf16 (default: both)",
         "NAME"},
        {"preset", 0, 0, G_OPTION_ARG_STRING, &o->preset,
         "Networks to run (default: small and paper)", "NAME"},
        {"study", 0, 0, G_OPTION_ARG_FILENAME, &o->study,
         "Read this study (default: one that is written for it)", "DIR"},
        {"ops", 0, 0, G_OPTION_ARG_NONE, &o->ops,
         "Also where the time of a network goes, by kind of op", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {"[peak] [conv] [network] [train] [read]",
                            "Ratios to what this machine can do at most, measured in the same run.",
                            entries, 0, G_N_ELEMENTS(sections)};
    return dkm_options_parse(&usage, argc, argv, &o->sections, error) && options_fit(o, error);
}

/* -- words out */

static gboolean wants(const Options *o, const char *section)
{
    return !o->sections[0] || g_strv_contains((const char *const *)o->sections, section);
}

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
        g_print("%-4s %-36s", row->precision ? row->precision : "", row->name);
        for (int k = 0; k < row->n_figures; k++)
            print_figure(&row->figures[k]);
        g_print("%s%s\n", row->note ? "  -- " : "", row->note ? row->note : "");
    }
}

static void print_as_text(const DkmBench *bench, const Options *o)
{
    g_autofree char *device = dkm_engine_describe(&bench->engine);
    g_print("%s\n", device);
    for (gsize i = 0; i < G_N_ELEMENTS(sections); i++)
        if (wants(o, sections[i].name))
            print_section(bench, sections[i].name);
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

static void print_as_json(const DkmBench *bench, const Options *o)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    g_autofree char *device = dkm_engine_describe(&bench->engine);
    json_builder_begin_object(json);
    dkm_json_text(json, "device", device);
    dkm_json_int(json, "threads", bench->peak.threads);
    for (gsize i = 0; i < G_N_ELEMENTS(sections); i++)
        if (wants(o, sections[i].name))
            add_section(json, bench, sections[i].name);
    json_builder_end_object(json);
    dkm_print_json(json);
}

/* -- the run */

/* The peak is told first and measured to the end. */
static gboolean run_sections(DkmBench *bench, const Options *o, GError **error)
{
    if (!look_at_peak(bench, first_look_s, error) ||
        !dkm_cpu_peak_raise_bytes(bench->engine.device, first_look_s, &bench->peak, error))
        return FALSE;
    for (gsize i = G_N_ELEMENTS(sections); i-- > 0;)
        if (wants(o, sections[i].name)) {
            if (!sections[i].run(bench, error))
                return FALSE;
        }
    return TRUE;
}

static void choose_precisions(DkmBench *bench, const Options *o)
{
    static const DkmDtype both[] = {DKM_F32, DKM_BF16};
    bench->precisions = o->precision && strcmp(o->precision, "bf16") == 0 ? both + 1 : both;
    bench->n_precisions = o->precision ? 1 : 2;
}

gboolean dkm_command_bench(int argc, char **argv, GCancellable *cancel, GError **error)
{
    g_auto(Options) options = {.seconds = 10};
    if (!parse(argc, argv, &options, error))
        return FALSE;
    const char *const presets[] = {options.preset ? options.preset : "small",
                                   options.preset ? NULL : "paper", NULL};
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(DkmBenchRow));
    g_array_set_clear_func(rows, row_clear);
    DkmBench bench = {.seconds = options.seconds,
                      .ops = options.ops,
                      .study = options.study,
                      .presets = presets,
                      .rows = rows,
                      .cancel = cancel};
    if (!dkm_engine_open(&bench.engine, "cpu", options.threads, error))
        return FALSE;
    choose_precisions(&bench, &options);
    const gboolean done = run_sections(&bench, &options, error);
    if (done && options.json)
        print_as_json(&bench, &options);
    else if (done)
        print_as_text(&bench, &options);
    dkm_engine_close(&bench.engine);
    return done;
}
