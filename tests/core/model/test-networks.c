/* Parameter and FLOP counts of both modules against the published and the computed ones. */
#include "core/model/diffusion.h"
#include "core/model/segmentation.h"

typedef struct {
    DkmGraph *graph;
    DkmDiffusion dm;
    DkmSegmentation sm;
} Nets;

static void nets_clear(Nets *nets)
{
    g_clear_pointer(&nets->graph, dkm_graph_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Nets, nets_clear)

static Nets build_dm(const DkmPreset *preset, int side)
{
    Nets nets = {.graph = dkm_graph_new(DKM_F32)};
    const DkmDiffusionInput input = {
        .x = dkm_graph_input(nets.graph, "x",
                             (DkmShape){1, side, side, dkm_preset_dm_inputs(preset)}),
        .time = dkm_graph_input(nets.graph, "time", (DkmShape){1, 1, 1, 1}),
        .dropout_step = DKM_NO_VALUE};
    nets.dm = dkm_diffusion_build(nets.graph, preset, &input);
    return nets;
}

static Nets build_sm(const DkmPreset *preset, int side, gboolean training)
{
    Nets nets = {.graph = dkm_graph_new(DKM_F32)};
    DkmSegmentationInput input = {
        .x = dkm_graph_input(nets.graph, "x_0", (DkmShape){1, side, side, 1}),
        .training = training};
    for (int i = 0; i < DKM_LEVELS; i++) {
        g_autofree char *name = g_strdup_printf("f%d", i + 1);
        input.code[i] = dkm_graph_input(
            nets.graph, name,
            (DkmShape){1, side >> i, side >> i, dkm_preset_code_channels(preset, i)});
    }
    nets.sm = dkm_segmentation_build(nets.graph, preset, &input);
    return nets;
}

static DkmPreset preset_of(const char *name, const char *fusion)
{
    DkmPreset preset;
    g_autoptr(GError) error = NULL;
    dkm_preset_find(name, &preset, &error);
    g_assert_no_error(error);
    if (fusion)
        dkm_fusion_parse(fusion, preset.fuse, &error);
    g_assert_no_error(error);
    return preset;
}

static void assert_weights(const Nets *nets, gint64 wanted)
{
    g_autoptr(GError) error = NULL;
    dkm_graph_check(nets->graph, &error);
    g_assert_no_error(error);
    g_assert_cmpint(dkm_graph_n_weights(nets->graph), ==, wanted);
}

static void test_dm_parameters(void)
{
    static const struct {
        const char *preset;
        gint64 wanted;
    } rows[] = {{"paper", 34423297},
                {"paper-k2", 34424450},
                {"small", 2160769},
                {"small-k2", 2161058},
                {"ddpm-cifar", 35746307}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const DkmPreset preset = preset_of(rows[i].preset, NULL);
        g_auto(Nets) nets = build_dm(&preset, 32);
        assert_weights(&nets, rows[i].wanted);
    }
}

/* Readings B2 with two outputs: the "2 in, 2 out" of the specification. */
static void test_dm_two_inputs(void)
{
    DkmPreset preset = preset_of("paper-k2", NULL);
    preset.reading = DKM_READING_B2;
    g_auto(Nets) nets = build_dm(&preset, 32);
    assert_weights(&nets, 34425602);
}

static void test_sm_parameters(void)
{
    static const struct {
        const char *preset, *fusion;
        gint64 wanted;
    } rows[] = {
        {"paper", "f3f4", 38898625}, {"paper", "none", 35097025}, {"small", "f3f4", 2434033}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        for (int training = 0; training < 2; training++) {
            const DkmPreset preset = preset_of(rows[i].preset, rows[i].fusion);
            g_auto(Nets) nets = build_sm(&preset, 32, training);
            assert_weights(&nets, rows[i].wanted);
        }
}

/* The control has as many parameters as the preset's own network with f3f4. */
static void test_plain_parameters(void)
{
    static const struct {
        const char *preset;
        gint64 wanted, beside;
    } rows[] = {
        {"paper", 38614565, 38898625}, {"small", 2415941, 2434033}, {"tiny", 151312, 152845}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        for (int training = 0; training < 2; training++) {
            DkmPreset preset = preset_of(rows[i].preset, NULL);
            dkm_preset_set_network(&preset, DKM_NETWORK_PLAIN);
            g_assert_false(dkm_preset_uses_dm(&preset));
            g_auto(Nets) nets = build_sm(&preset, 32, training);
            assert_weights(&nets, rows[i].wanted);
            g_assert_cmpfloat(ABS((double)rows[i].wanted / (double)rows[i].beside - 1), <, 0.02);
        }
}

/* To two decimals of a GFLOP, the precision of the specification's tables. */
static void assert_gflop(const Nets *nets, const DkmValue *outputs, int n, double wanted,
                         double within)
{
    const double got = dkm_graph_flop(nets->graph, outputs, n) / 1e9;
    if (!(ABS(got - wanted) <= within))
        g_test_fail_printf("%.3f GFLOP, expected %.2f", got, wanted);
}

static void test_dm_flop(void)
{
    static const struct {
        const char *preset;
        double full, decoder, encoder;
    } rows[] = {{"paper", 732.06, 250.9, 181.2}, {"small", 46.01, 15.9, 11.4}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        DkmPreset preset = preset_of(rows[i].preset, NULL);
        g_auto(Nets) decoder = build_dm(&preset, 256);
        assert_gflop(&decoder, &decoder.dm.prediction, 1, rows[i].full, 0.006);
        assert_gflop(&decoder, &decoder.dm.code[2], 2, rows[i].decoder, 0.06);
        preset.tap = DKM_TAP_ENCODER;
        g_auto(Nets) encoder = build_dm(&preset, 256);
        assert_gflop(&encoder, encoder.dm.code, 4, rows[i].encoder, 0.06);
    }
}

static void test_sm_flop(void)
{
    static const struct {
        const char *preset, *fusion;
        double wanted, within;
    } rows[] = {{"paper", "f3f4", 220.96, 0.006},
                {"paper", "none", 206.3, 0.06},
                {"small", "f3f4", 13.84, 0.006}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const DkmPreset preset = preset_of(rows[i].preset, rows[i].fusion);
        g_auto(Nets) nets = build_sm(&preset, 256, FALSE);
        assert_gflop(&nets, &nets.sm.logits, 1, rows[i].wanted, rows[i].within);
    }
}

/* The encoder's codes do not need the middle nor the decoder. */
static void test_encoder_alone(void)
{
    DkmPreset preset = preset_of("tiny", NULL);
    preset.tap = DKM_TAP_ENCODER;
    g_auto(Nets) nets = build_dm(&preset, 32);
    g_autofree gboolean *live = dkm_graph_live(nets.graph, nets.dm.code, DKM_LEVELS);
    for (int i = 0; i < dkm_graph_n_nodes(nets.graph); i++) {
        const char *scope = dkm_graph_node(nets.graph, i)->scope;
        if (live[i])
            g_assert_false(g_str_has_prefix(scope, "mid") || g_str_has_prefix(scope, "up"));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/dm-parameters", test_dm_parameters);
    g_test_add_func("/model/dm-two-inputs", test_dm_two_inputs);
    g_test_add_func("/model/sm-parameters", test_sm_parameters);
    g_test_add_func("/model/dm-flop", test_dm_flop);
    g_test_add_func("/model/sm-flop", test_sm_flop);
    g_test_add_func("/model/encoder-alone", test_encoder_alone);
    g_test_add_func("/networks/plain-parameters", test_plain_parameters);
    return g_test_run();
}
