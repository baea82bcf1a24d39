#include "core/error.h"

#include "core/i18n.h"

G_DEFINE_QUARK(dkm - error, dkm_error)

int dkm_error_exit_status(const GError *error)
{
    if (!error)
        return 0;
    if (error->domain != DKM_ERROR)
        return 70;
    switch ((DkmError)error->code) {
    case DKM_ERROR_USAGE:
        return 2;
    case DKM_ERROR_INPUT:
    case DKM_ERROR_UNSUPPORTED:
    case DKM_ERROR_GEOMETRY:
        return 3;
    case DKM_ERROR_MODEL:
        return 4;
    case DKM_ERROR_OUTPUT:
        return 5;
    case DKM_ERROR_NO_MEMORY:
    case DKM_ERROR_DEVICE:
        return 6;
    case DKM_ERROR_CANCELLED:
        return 130;
    case DKM_ERROR_INTERNAL:
        break;
    }
    return 70;
}

gboolean dkm_error_set_no_memory(GError **error, gsize bytes, const char *what)
{
    g_set_error(error, DKM_ERROR, DKM_ERROR_NO_MEMORY, _("not enough memory for %s (%lu bytes)"),
                what, (gulong)bytes);
    return FALSE;
}
