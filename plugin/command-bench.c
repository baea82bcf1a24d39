/* dkm bench: how far the engine and the reader are from what this machine can do, which is measured
 * in the same run. Here are its words; what is measured is in bench/. Not for: a pass or a fail. */
#include "plugin/bench/bench.h"
#include "plugin/commands.h"
#include "plugin/options.h"

#include "core/error.h"
#include "core/model/preset.h"
#include "core/net/dtype.h"

enum { MOST_SECTIONS = 5, MOST_SLICES = 1024 };

typedef struct {
    double seconds;
    int threads, batch;
    char *device, *precision, *preset, *study, *python, *isa;
    gboolean json, ops, layers, direct, peers;
    char **sections; /* empty: all */
} Options;

static void options_clear(Options *options)
{
    g_free(options->device);
    g_free(options->precision);
    g_free(options->preset);
    g_free(options->study);
    g_free(options->python);
    g_free(options->isa);
    g_strfreev(options->sections);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean sections_are_known(char **words, GError **error)
{
    for (; *words; words++) {
        gboolean known = FALSE;
        for (const DkmBenchSection *s = dkm_bench_sections; s->name; s++)
            known = known || g_str_equal(s->name, *words);
        if (known)
            continue;
        g_autoptr(GString) names = g_string_new(NULL);
        for (const DkmBenchSection *s = dkm_bench_sections; s->name; s++)
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", s->name);
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
    if (o->batch < 0 || o->batch > MOST_SLICES) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE, "--batch must lie between 1 and %d",
                    MOST_SLICES);
        return FALSE;
    }
    return (!o->preset || dkm_preset_find(o->preset, &preset, error)) &&
           sections_are_known(o->sections, error);
}

/* --peers, --peers=PYTHON */
static gboolean take_peers(const char *option, const char *value, gpointer data, GError **error)
{
    Options *o = data;
    o->peers = TRUE;
    g_free(o->python);
    o->python = g_strdup(value);
    return TRUE;
}

static gboolean parse(int argc, char **argv, Options *o, GError **error)
{
    const GOptionEntry entries[] = {
        {"seconds", 0, 0, G_OPTION_ARG_DOUBLE, &o->seconds,
         "How long to measure each part, about (default 10)", "S"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &o->threads, "0: one a core", "N"},
        {"device", 0, 0, G_OPTION_ARG_STRING, &o->device,
         "cpu (default), cuda, reference: ratios to a peak are the cpu's alone", "NAME"},
        {"batch", 0, 0, G_OPTION_ARG_INT, &o->batch,
         "Slices a run (default: one; training 4, of wide networks one)", "N"},
        {"precision", 0, 0, G_OPTION_ARG_STRING, &o->precision,
         "f32, bf16, int8, or some of them with commas between (default: f32,bf16)", "NAMES"},
        {"preset", 0, 0, G_OPTION_ARG_STRING, &o->preset,
         "Networks to run (default: small and paper)", "NAME"},
        {"study", 0, 0, G_OPTION_ARG_FILENAME, &o->study,
         "Read this study (default: one that is written for it)", "DIR"},
        {"ops", 0, 0, G_OPTION_ARG_NONE, &o->ops,
         "Also where the time of a network goes, by kind of op", NULL},
        {"layers", 0, 0, G_OPTION_ARG_NONE, &o->layers, "Also layer by layer", NULL},
        {"isa", 0, 0, G_OPTION_ARG_STRING, &o->isa,
         "portable, avx2, avx512, avx512vnni, avx512bf16 or amx (default: the best of this "
         "machine)",
         "NAME"},
        {"direct", 0, 0, G_OPTION_ARG_NONE, &o->direct,
         "Convolutions in f32 by their definition, not by Winograd's way", NULL},
        {"peers", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK, (gpointer)take_peers,
         "Beside PyTorch and onnxruntime, as far as PYTHON has them (default: DKM_PEERS_PYTHON, or "
         "python3); alone where no section is named",
         "PYTHON"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {"[peak] [conv] [network] [train] [read]",
                            "Ratios to what this machine can do at most, measured in the same run.",
                            entries,
                            0,
                            MOST_SECTIONS,
                            o};
    return dkm_options_parse(&usage, argc, argv, &o->sections, error) && options_fit(o, error);
}

/* "f32,int8": each at most once. g_array_unref, of DkmPrecision. */
static GArray *parse_precisions(const char *text, GError **error)
{
    g_autoptr(GArray) precisions = g_array_new(FALSE, FALSE, sizeof(DkmPrecision));
    g_auto(GStrv) names = g_strsplit(text ? text : "f32,bf16", ",", -1);
    for (gsize i = 0; names[i]; i++) {
        DkmPrecision precision;
        if (!dkm_precision_parse(names[i], &precision, error))
            return NULL;
        if (g_strv_contains((const char *const *)names + i + 1, names[i])) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE, "--precision names %s twice", names[i]);
            return NULL;
        }
        g_array_append_val(precisions, precision);
    }
    return g_steal_pointer(&precisions);
}

/* int8 on a unit that has none would be measured for nothing. */
static gboolean has_precisions(const DkmBench *bench, GError **error)
{
    const DkmEngine *engine = &bench->engine;
    for (int i = 0; i < bench->n_precisions; i++)
        if (bench->precisions[i] == DKM_PRECISION_INT8 &&
            !engine->backend->has_int8(engine->device)) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE,
                        "%s has nothing that is fast in int8: take f32 or bf16",
                        engine->backend->describe(engine->device));
            return FALSE;
        }
    return TRUE;
}

gboolean dkm_command_bench(int argc, char **argv, GCancellable *cancel, GError **error)
{
    g_auto(Options) options = {.seconds = 10};
    if (!parse(argc, argv, &options, error))
        return FALSE;
    g_autoptr(GArray) precisions = parse_precisions(options.precision, error);
    if (!precisions)
        return FALSE;
    const char *const presets[] = {options.preset ? options.preset : "small",
                                   options.preset ? NULL : "paper", NULL};
    g_auto(DkmBench) bench = {
        .seconds = options.seconds,
        .ops = options.ops,
        .layers = options.layers,
        .device_name = options.device ? options.device : "cpu",
        .batch = options.batch,
        .device = {.threads = options.threads, .isa = options.isa, .direct = options.direct},
        .study = options.study,
        .presets = presets,
        .precisions = (const DkmPrecision *)(void *)precisions->data,
        .n_precisions = (int)precisions->len,
        .sections = (const char *const *)options.sections,
        .peers = options.peers,
        .python = options.python,
        .cancel = cancel};
    if (!dkm_bench_open(&bench, error) || !has_precisions(&bench, error) ||
        !dkm_bench_run(&bench, error))
        return FALSE;
    (options.json ? dkm_bench_print_json : dkm_bench_print_text)(&bench);
    return TRUE;
}
