/* From the multi-channel kinetic code to one picture; the definition stands in README.md. Collects
 * slice by slice, scales over the whole run at the end. */
#pragma once

#include "core/model/lattice.h"
#include "core/model/network.h"

G_BEGIN_DECLS

typedef struct _DkmHeatMap DkmHeatMap;

/* LATTICE is borrowed. */
DkmHeatMap *dkm_heat_map_new(const DkmPreset *preset, const DkmLattice *lattice,
                             const DkmGrid *grid, const DkmBox *box);
void dkm_heat_map_free(DkmHeatMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmHeatMap, dkm_heat_map_free)
/* Takes the fused codes of the next COUNT slices, the first samples of NETWORK, which has just run.
 * Errors: MODEL (a code is no number). */
gboolean dkm_heat_map_add(DkmHeatMap *map, DkmNetwork *network, int count, GError **error);
/* The picture of every slice into OUT (z, y, x of the grid; 0..255); 0 outside the box. */
void dkm_heat_map_finish(DkmHeatMap *map, guint8 *out);

G_END_DECLS
