#include "gui/advice.h"

#include "gui/i18n.h"

#include "core/error.h"

/* Whatever was being done. */
static const char *advice_of_code(int code)
{
    switch ((DkmError)code) {
    case DKM_ERROR_NO_MEMORY:
        return N_("The memory is full: close other programs and try again.");
    case DKM_ERROR_MODEL:
        return N_("This model cannot be used: choose another one, or install it again.");
    case DKM_ERROR_DEVICE:
        return N_("The network cannot compute on this device: choose another one.");
    case DKM_ERROR_INTERNAL:
        return N_("This is an error of the program: save your work, and report it.");
    default:
        return NULL;
    }
}

static const char *advice_of_input(DkmAdvice about)
{
    switch (about) {
    case DKM_ADVICE_FOLDER:
        return N_(
            "Choose the folder that holds the study’s DICOM files, or send the images again.");
    case DKM_ADVICE_IMAGES:
        return N_("Images of this study cannot be read: send them again from the scanner or the "
                  "archive.");
    case DKM_ADVICE_MASK:
        return N_("The masks of this file were not loaded: choose another file.");
    case DKM_ADVICE_RUN:
    case DKM_ADVICE_EXPORT:
        break;
    }
    return NULL;
}

static const char *find_advice(DkmAdvice about, int code)
{
    if (code == DKM_ERROR_INPUT || code == DKM_ERROR_UNSUPPORTED)
        return advice_of_input(about);
    if (code == DKM_ERROR_OUTPUT && about == DKM_ADVICE_EXPORT)
        return N_("Nothing was saved: choose a folder with room on its disk that you may write "
                  "into.");
    return advice_of_code(code);
}

char *dkm_advice_text(DkmAdvice about, const GError *error)
{
    const char *advice = error->domain == DKM_ERROR ? find_advice(about, error->code) : NULL;
    return advice ? g_strdup_printf(_("%s Cause: %s"), _(advice), error->message)
                  : g_strdup(error->message);
}
