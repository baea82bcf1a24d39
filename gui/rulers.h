/* Distances that a person has measured in the study's slices: lines, each in a plane of the
 * lattice, and their lengths in the patient's millimetres. No widget, no voxel. Not for: masks. */
#pragma once

#include "core/grid.h"

G_BEGIN_DECLS

/* A value. */
typedef struct {
    int normal;            /* index axis (0 z, 1 y, 2 x) of the plane that it lies in */
    double ends_zyx[2][3]; /* fractional voxels; both at the same place along NORMAL */
} DkmRuler;

double dkm_ruler_mm(const DkmRuler *ruler, const DkmGrid *grid);
/* The plane INDEX across NORMAL shows it: it is no more than half a slice away. */
gboolean dkm_ruler_is_in(const DkmRuler *ruler, int normal, double index);

/* Single-owner mutable: main thread. */
typedef struct _DkmRulers DkmRulers;

DkmRulers *dkm_rulers_new(void);
void dkm_rulers_free(DkmRulers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmRulers, dkm_rulers_free)
void dkm_rulers_clear(DkmRulers *self);

guint dkm_rulers_count(const DkmRulers *self);
/* I: in the order that they were drawn in. Borrowed until the next change. */
const DkmRuler *dkm_rulers_get(const DkmRulers *self, guint i);
void dkm_rulers_add(DkmRulers *self, const DkmRuler *ruler);
/* The second end of the one drawn last goes to ZYX, kept inside GRID and in its plane. */
void dkm_rulers_stretch(DkmRulers *self, const DkmGrid *grid, const double zyx[3]);
void dkm_rulers_remove(DkmRulers *self, guint i);
/* The one in the plane across NORMAL through ZYX whose line is nearest to ZYX, within MOST_MM; -1:
 * none. */
int dkm_rulers_hit(const DkmRulers *self, const DkmGrid *grid, int normal, const double zyx[3],
                   double most_mm);

G_END_DECLS
