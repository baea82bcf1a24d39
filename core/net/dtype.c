/* The names of dtypes and precisions. */
#include "core/net/dtype.h"

#include "core/error.h"

static const char *const names[] = {[DKM_F32] = "f32", [DKM_BF16] = "bf16"};
static const char *const precisions[] = {
    [DKM_PRECISION_F32] = "f32", [DKM_PRECISION_BF16] = "bf16", [DKM_PRECISION_INT8] = "int8"};

/* The place of TEXT among N words, or -1. */
static int find(const char *const *words, guint n, const char *text)
{
    for (guint i = 0; i < n; i++)
        if (g_str_equal(words[i], text))
            return (int)i;
    return -1;
}

const char *dkm_dtype_name(DkmDtype dtype)
{
    return names[dtype];
}

gboolean dkm_dtype_parse(const char *text, DkmDtype *dtype, GError **error)
{
    const int found = find(names, G_N_ELEMENTS(names), text);
    if (found >= 0)
        *dtype = (DkmDtype)found;
    else
        g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE, "%s is no precision: f32 or bf16", text);
    return found >= 0;
}

const char *dkm_precision_name(DkmPrecision precision)
{
    return precisions[precision];
}

gboolean dkm_precision_parse(const char *text, DkmPrecision *precision, GError **error)
{
    const int found = find(precisions, G_N_ELEMENTS(precisions), text);
    if (found >= 0)
        *precision = (DkmPrecision)found;
    else
        g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE, "%s is no precision: f32, bf16 or int8",
                    text);
    return found >= 0;
}

DkmDtype dkm_precision_dtype(DkmPrecision precision)
{
    return precision == DKM_PRECISION_F32 ? DKM_F32 : DKM_BF16;
}
