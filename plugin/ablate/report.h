/* What the writers of a report share. For this folder's report.c and plot*.c. */
#pragma once

#include "plugin/ablate/results.h"

/* Borrowed. */
typedef struct {
    const DkmAblate *ablate;
    const GArray *steps;
    const DkmAblateResults *results;
    const GArray *summaries; /* of DkmAblateSummary, one a line of RESULTS */
} DkmAblateReport;

/* curves.svg, boxes.svg, reliability.svg, examples-ROW.png. Errors: OUTPUT, NO_MEMORY. */
gboolean dkm_ablate_plot(const DkmAblateReport *report, GError **error);
