#include "gui/limit.h"

#include "gui/i18n.h"

const char *dkm_limit_name(DkmLimitImage image)
{
    static const char *const names[DKM_LIMIT_COUNT] = {
        [DKM_LIMIT_PHASE] = N_("Phase of the view"),
        [DKM_LIMIT_SUBTRACTION] = N_("Early − pre-contrast"),
        [DKM_LIMIT_PE] = N_("Enhancement, %"),
        [DKM_LIMIT_SER] = N_("Enhancement ratio"),
        [DKM_LIMIT_WASHOUT] = N_("Change after early, %")};
    return names[image];
}

DkmLimit dkm_limit_default(DkmLimitImage image, const DkmWindowLevel *window)
{
    const float most = (float)DKM_LIMIT_MOST;
    switch (image) {
    case DKM_LIMIT_SUBTRACTION:
        return (DkmLimit){image, (float)(0.2 * window->width), most};
    case DKM_LIMIT_PE:
        return (DkmLimit){image, 70, most};
    case DKM_LIMIT_SER:
        return (DkmLimit){image, 0.9f, most};
    case DKM_LIMIT_WASHOUT:
        return (DkmLimit){image, -most, -10};
    case DKM_LIMIT_PHASE:
    case DKM_LIMIT_COUNT:
        break;
    }
    return (DkmLimit){DKM_LIMIT_PHASE, (float)window->centre, most};
}
