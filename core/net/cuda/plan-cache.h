/* Compiled plans on disk, a file each, so that a device compiles and times a graph once. Knows
 * texts and keys, nothing of cuDNN. What is missing, foreign, damaged or not to be written is no
 * error: there is no entry then. Single owner; processes may share the folder. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _DkmPlanCache DkmPlanCache;

/* FOLDER is made when it is needed, for its owner alone; where it belongs to somebody else or
 * others may write to it, there are no entries. TARGET: all that plans depend on beside their key,
 * in words. Entries together take at most MOST_BYTES: those that were not used for longest go. */
DkmPlanCache *dkm_plan_cache_new(const char *folder, const char *target, gsize most_bytes);
void dkm_plan_cache_free(DkmPlanCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmPlanCache, dkm_plan_cache_free)

/* Whether entries can be kept. */
gboolean dkm_plan_cache_is_usable(DkmPlanCache *cache);
/* The text kept under KEY, or NULL; g_free. */
char *dkm_plan_cache_load(DkmPlanCache *cache, const char *key);
/* Keeps TEXT where KEY has no entry yet: the first choice stands. What is there afterwards, which
 * may be another process's; NULL where that is nothing. g_free. */
char *dkm_plan_cache_keep(DkmPlanCache *cache, const char *key, const char *text);
/* Forgets an entry that turned out to be of no use. */
void dkm_plan_cache_remove(DkmPlanCache *cache, const char *key);

G_END_DECLS
