/* The frames of one study sorted into groups that may be one dynamic acquisition: one lattice, one
 * slab, one pulse sequence, from one or several series. Not for: phases inside a group. */
#pragma once

#include "core/frame.h"

G_BEGIN_DECLS

typedef struct {
    GArray *frames;        /* of guint: indices into the table */
    const DkmFrame *first; /* of them; owned by the table */
    guint lattice;         /* groups of one number share lattice and pulse sequence */
    guint n_slices;        /* distinct positions */
    guint per_slice;       /* most frames at one position */
} DkmGroup;

/* Groups of the N frames FRAMES, all with a geometry, the likeliest dynamics first: several images
 * a slice before one, then the most images; single volumes: T1-weighted before others. Array of
 * DkmGroup*, owner of them. */
GPtrArray *dkm_groups_new(const DkmFrameTable *table, const guint *frames, guint n);

/* Why GROUPS[0] must not be read as it is, one sentence naming series and file (g_free): a series
 * of it mixes lattices, or another series covers its slab at other positions. NULL where all is
 * well. */
char *dkm_groups_conflict(const DkmFrameTable *table, const GPtrArray *groups);

G_END_DECLS
