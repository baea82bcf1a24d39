/* A convolution of op.h as a graph of cuDNN. Knows shapes, not memory: also for a device that is
 * only described. */
#pragma once

#include "core/net/cuda/cudnn-graph.h"
#include "core/net/op.h"

G_BEGIN_DECLS

typedef enum {
    DKM_CONV_WHOLE,   /* the call in one graph */
    DKM_CONV_PRODUCT, /* convolution alone; forward: its y has the dtype of x */
} DkmConvPart;

/* Weights are bound as dtype of x: w of a forward call and a data gradient, dw of a weight
 * gradient. 0: the part has no such tensor. */
typedef struct {
    DkmCudnnGraph *graph;
    DkmCudnnTensor x, w, y, bias, residual;
} DkmConvGraph;

/* What there is to compute: tensors' shapes and dtypes; absent optional ones have data NULL. */
typedef struct {
    DkmOpKind kind;
    const DkmOpParams *p;
    const DkmTensor *in, *out;
} DkmConvCall;

gboolean dkm_conv_has_epilogue(const DkmConvCall *call);
/* The caller frees the graph. */
DkmConvGraph dkm_conv_graph(const DkmConvCall *call, DkmConvPart part);
/* One line that is equal for calls that one plan serves. g_free. */
char *dkm_conv_key(const DkmConvCall *call);

G_END_DECLS
