/* One picture of a result: the slices with most tumour; pre-contrast, mask, heat map side by side.
 */
#pragma once

#include "core/model/pipeline.h"

typedef struct {
    const DkmVolume *pre;
    const DkmResult *result;
    const char *title; /* no patient data: the file may travel */
} DkmOverview;

/* Writes a PNG, complete or not at all. */
gboolean dkm_overview_write(const DkmOverview *overview, const char *path, GError **error);
