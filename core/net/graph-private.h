/* The inside of a graph, for graph*.c and gradients.c alone. */
#pragma once

#include "core/net/graph.h"

struct _DkmGraph {
    DkmDtype dtype;
    GPtrArray *nodes;     /* of DkmNode, each its own block: pointers stay valid */
    GPtrArray *values;    /* of DkmValueInfo, alike */
    GHashTable *by_name;  /* name -> value, INPUT, PARAM and STATE */
    GPtrArray *constants; /* data of CONST values */
    GStringChunk *texts;
    GString *scope;       /* "down1.res1" */
    GArray *scope_starts; /* of gsize: the scope's length before each push */
    GError *error;        /* the first mistake */
};

/* Notes a mistake, the first one only, with the scope in front. Returns DKM_NO_VALUE. */
DkmValue dkm_graph_fail(DkmGraph *graph, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* A tensor without memory for VALUE; data non-NULL where the value is present. */
DkmTensor dkm_graph_tensor(const DkmGraph *graph, DkmValue value);
