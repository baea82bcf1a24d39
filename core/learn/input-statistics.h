/* What the images of the training patients look like, for the metadata of what is trained on them
 * and for the input gate (core/model/input-gate.h) that reads them. */
#pragma once

#include "core/learn/cases.h"

G_BEGIN_DECLS

/* Over the training patients of CASES by SPLIT: text of core/model/trained-on.h; g_free. */
char *dkm_input_statistics(const GPtrArray *cases, const DkmSplit *split);

G_END_DECLS
