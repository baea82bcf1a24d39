/* The frame of `dkm bench`: its sections, its rows, the peak that all are compared with. */
#include "plugin/bench/bench.h"

#include "core/error.h"

static gboolean bench_peak(DkmBench *bench, GError **error);

const DkmBenchSection dkm_bench_sections[] = {
    {"peak", bench_peak},           {"conv", dkm_bench_conv},
    {"network", dkm_bench_network}, {"train", dkm_bench_train},
#ifdef DKM_HAVE_DICOM
    {"read", dkm_bench_read},
#endif
    {"peers", dkm_bench_peers},     {NULL, NULL},
};

static const double first_look_s = 0.5, look_s = 0.02; /* at each figure of the peak */

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

static gboolean has_peak(const DkmBench *bench)
{
    return bench->engine.backend == &dkm_backend_cpu;
}

double dkm_bench_bound(const DkmBench *bench, const DkmPlan *plan)
{
    return has_peak(bench) ? dkm_plan_bound(plan, &bench->peak.rates) : NAN;
}

double dkm_bench_flop_peak(const DkmBench *bench, DkmPrecision precision)
{
    if (!has_peak(bench))
        return NAN;
    const DkmRates *rates = &bench->peak.rates;
    return precision == DKM_PRECISION_INT8   ? rates->int8_flop
           : precision == DKM_PRECISION_BF16 ? rates->bf16_flop
                                             : rates->f32_flop;
}

void dkm_bench_result(DkmBench *bench, const DkmBenchResult *result)
{
    g_array_append_val(bench->results, *result);
}

static void result_clear(gpointer result)
{
    g_free(((DkmBenchResult *)result)->engine);
}

static int compare(gconstpointer a, gconstpointer b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double dkm_bench_median(GArray *values)
{
    if (values->len == 0)
        return NAN;
    g_array_sort(values, compare);
    const guint middle = values->len / 2;
    const double upper = g_array_index(values, double, middle);
    return values->len % 2 ? upper : (g_array_index(values, double, middle - 1) + upper) / 2;
}

static gboolean look_at_peak(DkmBench *bench, double seconds, GError **error)
{
    if (g_cancellable_is_cancelled(bench->cancel)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_CANCELLED, "cancelled");
        return FALSE;
    }
    if (has_peak(bench))
        dkm_cpu_peak_raise_flop(bench->engine.device, seconds, &bench->peak);
    return TRUE;
}

gboolean dkm_bench_breathe(DkmBench *bench, GError **error)
{
    return look_at_peak(bench, look_s, error);
}

static void add_peak_row(DkmBench *bench, const DkmCpuPeak *peak)
{
    static const char *const names[] = {"f32", "bf16", "int8", "read", "add"};
    const double values[] = {peak->rates.f32_flop, peak->rates.bf16_flop, peak->rates.int8_flop,
                             peak->read_bytes, peak->rates.bytes};
    DkmBenchRow *row = dkm_bench_add(
        bench, "peak", g_strdup_printf("%d thread%s", peak->threads, peak->threads == 1 ? "" : "s"),
        NULL);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        dkm_bench_figure(row, &(DkmBenchFigure){.what = names[i],
                                                .value = values[i] / 1e9,
                                                .unit = i < 3 ? "GFLOP/s" : "GB/s",
                                                .ratio = NAN});
}

/* The peak of one thread, and the one that the other sections were compared with. */
static gboolean bench_peak(DkmBench *bench, GError **error)
{
    if (!has_peak(bench)) {
        dkm_bench_add(bench, "peak", g_strdup("measured on the cpu alone"), NULL);
        return TRUE;
    }
    if (bench->peak.threads > 1) {
        g_auto(DkmEngine) engine = {0};
        DkmCpuPeak one = {0};
        DkmDeviceOptions options = bench->device;
        options.threads = 1;
        if (!dkm_engine_open_with(&engine, "cpu", &options, error))
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

gboolean dkm_bench_open(DkmBench *bench, GError **error)
{
    bench->rows = g_array_new(FALSE, FALSE, sizeof(DkmBenchRow));
    g_array_set_clear_func(bench->rows, row_clear);
    bench->results = g_array_new(FALSE, FALSE, sizeof(DkmBenchResult));
    g_array_set_clear_func(bench->results, result_clear);
    return dkm_engine_open_with(&bench->engine, bench->device_name, &bench->device, error);
}

void dkm_bench_close(DkmBench *bench)
{
    g_clear_pointer(&bench->rows, g_array_unref);
    g_clear_pointer(&bench->results, g_array_unref);
    dkm_engine_close(&bench->engine);
}

gboolean dkm_bench_wants(const DkmBench *bench, const char *section)
{
    const gboolean reads_alone = bench->sections[0] && !bench->sections[1] &&
                                 g_str_equal(bench->sections[0], "read"); /* has peers of its own */
    if (g_str_equal(section, "peers"))
        return bench->peers && !reads_alone;
    return bench->sections[0] ? g_strv_contains(bench->sections, section) : !bench->peers;
}

/* The peak is told first and measured to the end. */
gboolean dkm_bench_run(DkmBench *bench, GError **error)
{
    if (!look_at_peak(bench, first_look_s, error) ||
        (has_peak(bench) &&
         !dkm_cpu_peak_raise_bytes(bench->engine.device, first_look_s, &bench->peak, error)))
        return FALSE;
    for (gsize i = G_N_ELEMENTS(dkm_bench_sections) - 1; i-- > 0;) {
        const DkmBenchSection *section = &dkm_bench_sections[i];
        if (dkm_bench_wants(bench, section->name) && !section->run(bench, error))
            return FALSE;
    }
    return TRUE;
}
