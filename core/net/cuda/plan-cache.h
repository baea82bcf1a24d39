/* Compiled plans on disk, so that a program compiles a convolution once a machine and not once a
 * start. A folder of files, one a key; what is not readable, not ours or not of this key is as if
 * it were not there, and what cannot be written is not kept: never an error. Single owner. Not for:
 * what a key must hold (conv.c). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _DkmPlanCache DkmPlanCache;

/* FOLDER is made where it is missing, for its owner alone; NULL: the user's cache folder. At most
 * MOST_BYTES are kept: the oldest entries go first. */
DkmPlanCache *dkm_plan_cache_open(const char *folder, gsize most_bytes);
void dkm_plan_cache_close(DkmPlanCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmPlanCache, dkm_plan_cache_close)

/* What was kept under KEY, g_free; NULL where nothing is. */
char *dkm_plan_cache_get(DkmPlanCache *cache, const char *key);
void dkm_plan_cache_put(DkmPlanCache *cache, const char *key, const char *text);

G_END_DECLS
