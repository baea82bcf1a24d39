/* The masks as they were saved, and as the network made them, to be compared with what they are
 * now. A single-owner mutable: main thread. Not for: files; what can be undone (layers.h). */
#pragma once

#include "core/edit/layers.h"

G_BEGIN_DECLS

typedef struct _DkmVersions DkmVersions;

DkmVersions *dkm_versions_new(void);
void dkm_versions_free(DkmVersions *versions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmVersions, dkm_versions_free)

/* The next version: every layer that is present and not rejected, as it is now. */
void dkm_versions_add(DkmVersions *versions, const DkmLayers *layers, gint64 unix_s);
guint dkm_versions_count(const DkmVersions *versions);
/* When version I (the first is 0) was saved. */
gint64 dkm_versions_time(const DkmVersions *versions, guint i);

/* From then to now, of one layer. */
typedef struct {
    gsize added, removed; /* voxels */
    double added_ml, removed_ml;
    double dice; /* 1 where both are empty */
} DkmDifference;

/* Layer ID against version I; FALSE where it was not in it, or is not there now. */
gboolean dkm_versions_compare(const DkmVersions *versions, guint i, const DkmLayers *layers,
                              guint id, DkmDifference *out);
/* Layer ID, which the network made, against what that was; FALSE for any other. The history knows:
 * it holds after a recovery too. */
gboolean dkm_layers_compare_original(const DkmLayers *layers, guint id, DkmDifference *out);

G_END_DECLS
