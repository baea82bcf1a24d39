/* The image and the range of values that the limited brush is bound to. A value; no widget. */
#pragma once

#include "gui/render.h"

G_BEGIN_DECLS

typedef enum {
    DKM_LIMIT_PHASE, /* of the view that is painted in */
    DKM_LIMIT_SUBTRACTION,
    DKM_LIMIT_PE,
    DKM_LIMIT_SER,
    DKM_LIMIT_WASHOUT,
    DKM_LIMIT_COUNT,
} DkmLimitImage;

typedef struct {
    DkmLimitImage image;
    float low, high; /* both accepted */
} DkmLimit;
#define DKM_LIMIT_MOST 100000.0

/* "Enhancement, %". Static. */
const char *dkm_limit_name(DkmLimitImage image);
/* Where a reader begins: what the window shows bright, UCSF's 70 % and 0.9. */
DkmLimit dkm_limit_default(DkmLimitImage image, const DkmWindowLevel *window);

G_END_DECLS
