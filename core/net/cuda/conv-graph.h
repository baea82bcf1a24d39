/* One convolution as cuDNN sees it: the key by which plans are chosen and kept, and its graph. A
 * value; every byte counts (compare and hash it whole). */
#pragma once

#include "core/net/backend.h"
#include "core/net/cuda/cudnn-graph.h"

G_BEGIN_DECLS

typedef struct {
    int pass; /* DkmCudnnPass */
    int kernel, stride;
    int dtype;     /* of what is multiplied: DkmDtype or DKM_CUDA_DTYPE_F16 */
    int out_dtype; /* of the result */
    DkmShape x, y; /* weights: (y.c, kernel, kernel, x.c) */
    /* The epilogue of FORWARD; all zero: none. */
    int bias_rows; /* 0 none, 1, or one a sample */
    int residual;  /* 1: of dtype and y's shape */
    int act;       /* DkmAct: NONE, RELU, SWISH */
} DkmConvKey;

/* Ids of the tensors in memory. */
enum { DKM_CONV_X = 1, DKM_CONV_W, DKM_CONV_Y, DKM_CONV_BIAS, DKM_CONV_RESIDUAL };
/* No engine that asks for more is taken. */
#define DKM_CONV_WORKSPACE_MAX ((gsize)64 << 20)

/* What CALL, one of the three convolutions, asks of cuDNN, dtypes as they are, epilogue fused. */
DkmConvKey dkm_conv_key(const DkmOpCall *call);
gboolean dkm_conv_key_has_epilogue(const DkmConvKey *key);
DkmConvKey dkm_conv_key_without_epilogue(const DkmConvKey *key);
/* "forward k3 s1 bf16 x1,256,256,128 ...": for reports and cache files; g_free. */
char *dkm_conv_key_text(const DkmConvKey *key);

DkmCudnnGraph *dkm_conv_graph_new(const DkmConvKey *key, GError **error);
/* What engine a key may have: f32 is exact. DEVICE is borrowed. */
DkmCudnnWish dkm_conv_wish(const DkmConvKey *key, DkmCudnn device, guint most);

G_END_DECLS
