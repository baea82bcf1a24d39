/* For a build without cairo: tables and numbers alone. */
#include "plugin/ablate/report.h"

gboolean dkm_ablate_plot(const DkmAblateReport *report, GError **error)
{
    g_print("this build draws no pictures: it has no cairo\n");
    return TRUE;
}
