/* Which of several ways is the fastest: the choice alone, a pure function; conv-tune.c measures. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* MS: RUNS timings of the first candidate, then of the next one, and so on; a candidate with one
 * that is no positive number failed. The first one whose median lies within 3 % of the least: less
 * is noise, and the first is the heuristics' best guess. -1: all failed. */
int dkm_tune_choose(const float *ms, int candidates, int runs);

G_END_DECLS
