/* What a model's calibration is: the scale of the input of every convolution that runs in int8, by
 * the convolution's name. Single owner. Not for: measuring them (core/learn/calibrate.h). */
#pragma once

#include "core/net/graph.h"

G_BEGIN_DECLS

typedef struct _DkmScales DkmScales;

DkmScales *dkm_scales_new(void);
void dkm_scales_free(DkmScales *scales);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmScales, dkm_scales_free)
void dkm_scales_set(DkmScales *scales, const char *name, float scale);
/* 0 where there is none. */
float dkm_scales_get(const DkmScales *scales, const char *name);
guint dkm_scales_count(const DkmScales *scales);

/* As it stands in model files: a line "name scale" each, sorted. g_free. */
char *dkm_scales_to_text(const DkmScales *scales);
/* Errors MODEL, naming the convolution: a line that is none, a name twice, a scale that is no
 * positive number. */
DkmScales *dkm_scales_parse(const char *text, GError **error);

/* The nodes of GRAPH that OUTPUTS need and that take int8. g_array_unref, of int. */
GArray *dkm_scales_nodes(const DkmGraph *graph, const DkmValue *outputs, int n);
/* Gives each of those nodes its scale. FALSE and MODEL, naming the first, where one has none or a
 * scale belongs to none of them. */
gboolean dkm_scales_apply(const DkmScales *scales, DkmGraph *graph, const DkmValue *outputs, int n,
                          GError **error);

G_END_DECLS
