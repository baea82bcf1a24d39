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

/* curves.svg, boxes.svg, reliability.svg, and the pictures below. Errors: OUTPUT, NO_MEMORY. */
gboolean dkm_ablate_plot(const DkmAblateReport *report, GError **error);
/* examples-ROW.png of the rows whose evaluations are younger than their picture. Needs the cases
 * and the models: nothing where no cases are given. Errors: theirs. */
gboolean dkm_ablate_plot_examples(const DkmAblateReport *report, GError **error);
char *dkm_ablate_examples_path(const DkmAblateReport *report, int row); /* g_free */
