/* Small made-up cases: a bright blob that takes up contrast on noisy tissue. Enough to train tiny
 * networks on in seconds. */
#pragma once

#include "core/learn/cases.h"

/* N cases of SLICES slices of SIDE pixels, named "case-0", ...; deterministic. */
GPtrArray *synthetic_cases(int n, int slices, int side);
