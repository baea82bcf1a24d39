/* Names of dtypes come back as what they name; any other word is refused. */
#include "core/net/dtype.h"

#include "core/error.h"

static void names(void)
{
    const DkmDtype all[] = {DKM_F32, DKM_BF16};
    for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autoptr(GError) error = NULL;
        DkmDtype found = all[1 - i];
        g_assert_true(dkm_dtype_parse(dkm_dtype_name(all[i]), &found, &error));
        g_assert_no_error(error);
        g_assert_cmpint(found, ==, all[i]);
    }
}

static void refused(void)
{
    const char *const words[] = {"", "f16", "F32", "bf16 "};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        g_autoptr(GError) error = NULL;
        DkmDtype found = DKM_BF16;
        g_assert_false(dkm_dtype_parse(words[i], &found, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
        g_assert_cmpint(found, ==, DKM_BF16);
    }
}

static void precisions(void)
{
    static const struct {
        const char *name;
        DkmPrecision precision;
        DkmDtype dtype;
    } rows[] = {{"f32", DKM_PRECISION_F32, DKM_F32},
                {"bf16", DKM_PRECISION_BF16, DKM_BF16},
                {"int8", DKM_PRECISION_INT8, DKM_BF16}};
    g_autoptr(GError) error = NULL;
    DkmPrecision found = DKM_PRECISION_INT8;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_true(dkm_precision_parse(rows[i].name, &found, &error));
        g_assert_no_error(error);
        g_assert_cmpint(found, ==, rows[i].precision);
        g_assert_cmpstr(dkm_precision_name(found), ==, rows[i].name);
        g_assert_cmpint(dkm_precision_dtype(found), ==, rows[i].dtype);
    }
    g_assert_false(dkm_precision_parse("int4", &found, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dtype/names", names);
    g_test_add_func("/dtype/refused", refused);
    g_test_add_func("/dtype/precisions", precisions);
    return g_test_run();
}
