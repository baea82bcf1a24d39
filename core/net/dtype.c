/* The names of dtypes. */
#include "core/net/dtype.h"

#include "core/error.h"

static const char *const names[] = {[DKM_F32] = "f32", [DKM_BF16] = "bf16"};

const char *dkm_dtype_name(DkmDtype dtype)
{
    return names[dtype];
}

gboolean dkm_dtype_parse(const char *text, DkmDtype *dtype, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_str_equal(names[i], text)) {
            *dtype = (DkmDtype)i;
            return TRUE;
        }
    g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE, "%s is no precision: f32 or bf16", text);
    return FALSE;
}
