/* Philox4x32-10, the counter-based generator behind every random number that must be the same on
 * every machine, device and thread count. Source: Salmon et al., SC 2011. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Four random words for a key and a 128-bit counter (words in order of significance: counter[0]
 * least). */
void dkm_philox(const guint32 key[2], const guint32 counter[4], guint32 out[4]);
/* A standard normal for (SEED, INDEX, STREAM): Box-Muller in double on words 0 and 1 of
 * philox(key = seed, counter = (index low, index high, stream, 0)); u = (word + 0.5) / 2^32. */
double dkm_philox_normal(guint64 seed, guint64 index, guint32 stream);
/* Uniform in [0,1) with 32 bits for the same. */
double dkm_philox_uniform(guint64 seed, guint64 index, guint32 stream);

G_END_DECLS
