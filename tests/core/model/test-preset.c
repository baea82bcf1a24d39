#include "core/error.h"
#include "core/model/preset.h"

static void test_names(void)
{
    for (guint i = 0; dkm_preset_names[i]; i++) {
        DkmPreset preset;
        g_autoptr(GError) error = NULL;
        g_assert_true(dkm_preset_find(dkm_preset_names[i], &preset, &error));
        g_assert_cmpstr(preset.name, ==, dkm_preset_names[i]);
        g_assert_cmpint(preset.outputs, ==,
                        g_str_has_suffix(preset.name, "-k2")     ? 2
                        : g_str_equal(preset.name, "ddpm-cifar") ? 3
                                                                 : 1);
    }
}

static void test_unknown(void)
{
    static const char *const names[] = {"", "smal", "small-k", "-k2", "ddpm-cifar-k2"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        DkmPreset preset;
        g_autoptr(GError) error = NULL;
        g_assert_false(dkm_preset_find(names[i], &preset, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
    }
}

static void test_fusion_texts(void)
{
    static const char *const sets[] = {"none", "f1", "f2f4", "f3f4", "f1f2f3f4"};
    for (guint i = 0; i < G_N_ELEMENTS(sets); i++) {
        gboolean fuse[DKM_LEVELS];
        g_autoptr(GError) error = NULL;
        g_assert_true(dkm_fusion_parse(sets[i], fuse, &error));
        g_autofree char *name = dkm_fusion_name(fuse);
        g_assert_cmpstr(name, ==, sets[i]);
    }
    gboolean fuse[DKM_LEVELS];
    g_autoptr(GError) error = NULL;
    g_assert_false(dkm_fusion_parse("f4f3", fuse, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
}

static void test_inputs(void)
{
    DkmPreset preset;
    dkm_preset_find("small", &preset, NULL);
    g_assert_cmpint(dkm_preset_dm_inputs(&preset), ==, 1);
    preset.reading = DKM_READING_B2;
    g_assert_cmpint(dkm_preset_dm_inputs(&preset), ==, 2);
    g_assert_cmpint(dkm_preset_code_channels(&preset, 0), ==, 32);
    g_assert_cmpint(dkm_preset_code_channels(&preset, 3), ==, 64);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/preset/names", test_names);
    g_test_add_func("/preset/unknown", test_unknown);
    g_test_add_func("/preset/fusion-texts", test_fusion_texts);
    g_test_add_func("/preset/inputs", test_inputs);
    return g_test_run();
}
