/* The calibration of a model: its text, its checks, and which convolutions it belongs to. */
#include "core/model/scales.h"

#include "core/error.h"
#include "core/model/network.h"

#include <string.h>

static void test_text(void)
{
    g_autoptr(DkmScales) scales = dkm_scales_new();
    g_autoptr(GError) error = NULL;
    dkm_scales_set(scales, "b.conv", 1.0f / 3);
    dkm_scales_set(scales, "a.conv", 1e-7f);
    g_autofree char *text = dkm_scales_to_text(scales);
    g_assert_true(g_str_has_prefix(text, "a.conv 1"));
    g_autoptr(DkmScales) again = dkm_scales_parse(text, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(dkm_scales_count(again), ==, 2);
    g_assert_cmpfloat(dkm_scales_get(again, "b.conv"), ==, 1.0f / 3);
    g_assert_cmpfloat(dkm_scales_get(again, "a.conv"), ==, 1e-7f);
    g_assert_cmpfloat(dkm_scales_get(again, "c.conv"), ==, 0);
}

static void test_damaged(void)
{
    static const struct {
        const char *text, *says;
    } rows[] = {{"a.conv 0\n", "a.conv is no positive number"},
                {"a.conv -1\n", "a.conv is no positive number"},
                {"b 1\na.conv nan\n", "a.conv is no positive number"},
                {"a.conv inf\n", "a.conv is no positive number"},
                {"a.conv 1e39\n", "a.conv is no positive number"},
                {"a.conv 1x\n", "a.conv is no positive number"},
                {"a.conv 1\na.conv 2\n", "a.conv stands there twice"},
                {"a.conv\n", "a.conv is no name and scale"},
                {"a.conv 1 2\n", "a.conv 1 2 is no name and scale"},
                {" 1\n", "is no name and scale"}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(dkm_scales_parse(rows[i].text, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_MODEL);
        g_assert_nonnull(strstr(error->message, rows[i].says));
    }
}

static DkmPreset find_preset(const char *name)
{
    DkmPreset preset;
    g_assert_true(dkm_preset_find(name, &preset, NULL));
    return preset;
}

/* Both modules' wide convolutions; not the first ones, the last ones, the time embedding's layers,
 * nor what only predicted phases need. */
static void test_which(void)
{
    static const char *const in[] = {"dm.down1.res1.conv1", "dm.down1.stride2", "dm.mid.attn.q",
                                     "dm.up3.res3.conv2",   "sm.k3.W1x1",       "sm.k1.conv2",
                                     "sm.k4.proj1x1",       "sm.up1.conv1"};
    static const char *const out[] = {"dm.conv_in",        "dm.conv_out",       "dm.temb.1",
                                      "sm.k1.conv1",       "sm.head1x1",        "sm.up1.conv2",
                                      "dm.up1.res1.conv1", "dm.down2.res1.temb"};
    const DkmPreset preset = find_preset("small");
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmScales) scales = dkm_network_same_scales(&preset, 0.5f, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(dkm_scales_count(scales), ==, 65);
    for (guint i = 0; i < G_N_ELEMENTS(in); i++) {
        g_assert_cmpfloat(dkm_scales_get(scales, in[i]), ==, 0.5f);
        g_assert_cmpfloat(dkm_scales_get(scales, out[i]), ==, 0);
    }
    g_assert_true(dkm_network_check_scales(&preset, scales, &error));
    g_assert_no_error(error);
}

/* One too few, one too many. */
static void test_incomplete(void)
{
    const DkmPreset preset = find_preset("tiny");
    g_autoptr(GError) few = NULL, many = NULL;
    g_autoptr(DkmScales) scales = dkm_network_same_scales(&preset, 0.5f, NULL);
    g_autofree char *text = dkm_scales_to_text(scales);
    char *second = strchr(text, '\n') + 1;
    g_autofree char *name = g_strndup(text, (gsize)(strchr(text, ' ') - text));
    g_autoptr(DkmScales) rest = dkm_scales_parse(second, NULL);
    g_assert_false(dkm_network_check_scales(&preset, rest, &few));
    g_assert_error(few, DKM_ERROR, DKM_ERROR_MODEL);
    g_assert_nonnull(strstr(few->message, name));
    g_assert_nonnull(strstr(few->message, "is missing"));
    dkm_scales_set(scales, "sm.head1x1", 1);
    g_assert_false(dkm_network_check_scales(&preset, scales, &many));
    g_assert_error(many, DKM_ERROR, DKM_ERROR_MODEL);
    g_assert_nonnull(strstr(many->message, "sm.head1x1 belongs to no convolution"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/scales/text", test_text);
    g_test_add_func("/scales/damaged", test_damaged);
    g_test_add_func("/scales/which", test_which);
    g_test_add_func("/scales/incomplete", test_incomplete);
    return g_test_run();
}
