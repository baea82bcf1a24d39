/* Builds cuDNN's operation graphs and turns them into execution plans, through cuDNN 9's backend
 * API alone. Knows tensors, convolutions and pointwise ops; nothing of our ops. A graph is built by
 * calls that keep the first failure, which dkm_cudnn_graph_plans() reports. Single owner. */
#pragma once

#include "core/net/tensor.h"

#include <cudnn.h>

G_BEGIN_DECLS

/* The one place where a cudnnStatus_t becomes an error: DKM_ERROR_DEVICE, "WHAT: cuDNN says ...",
 * NO_MEMORY where that is what it says. TRUE for success. */
gboolean dkm_cudnn_check(cudnnStatus_t status, const char *what, GError **error);

/* What plans are made for: a device of this machine, or one described in JSON. */
typedef struct _DkmCudnnTarget DkmCudnnTarget;
DkmCudnnTarget *dkm_cudnn_target_new(cudnnHandle_t handle, GError **error);
DkmCudnnTarget *dkm_cudnn_target_new_from_json(const char *json, GError **error);
void dkm_cudnn_target_free(DkmCudnnTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmCudnnTarget, dkm_cudnn_target_free)

/* A tensor of a graph, its uid: what a plan binds memory to. */
typedef gint64 DkmCudnnTensor;
typedef enum { DKM_CUDNN_FORWARD, DKM_CUDNN_DGRAD, DKM_CUDNN_WGRAD } DkmCudnnConv;

typedef struct _DkmCudnnGraph DkmCudnnGraph;
DkmCudnnGraph *dkm_cudnn_graph_new(void);
void dkm_cudnn_graph_free(DkmCudnnGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmCudnnGraph, dkm_cudnn_graph_free)
/* NHWC in memory, dense. VIRTUAL: only passed from op to op, always f32. */
DkmCudnnTensor dkm_cudnn_graph_tensor(DkmCudnnGraph *graph, DkmShape shape, DkmDtype dtype);
DkmCudnnTensor dkm_cudnn_graph_virtual(DkmCudnnGraph *graph, DkmShape shape);

/* X, W, Y stand for dx in DGRAD (X), for dw in WGRAD (W), and dy in both (Y). Sums are f32. */
typedef struct {
    DkmCudnnConv kind;
    DkmCudnnTensor x, w, y;
    int stride, pad;
} DkmCudnnConvOp;
void dkm_cudnn_graph_conv(DkmCudnnGraph *graph, const DkmCudnnConvOp *op);
/* y = MODE(a [, b]); B 0: none. B's sides of 1 are repeated. */
void dkm_cudnn_graph_pointwise(DkmCudnnGraph *graph, cudnnPointwiseMode_t mode, DkmCudnnTensor a,
                               DkmCudnnTensor b, DkmCudnnTensor y);

/* A way to run a graph. */
typedef struct {
    cudnnBackendDescriptor_t descriptor;
    gsize workspace_bytes;
} DkmCudnnPlan;
void dkm_cudnn_plan_free(DkmCudnnPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmCudnnPlan, dkm_cudnn_plan_free)

typedef struct {
    gboolean exact; /* products in f32: no tensor cores, which round f32 to TF32 */
    guint most;     /* plans wanted; fewer where there are not so many */
    gsize most_workspace;
} DkmCudnnWish;
/* Plans (of DkmCudnnPlan, best guess first: heuristics A, then the fall-backs), each of which gives
 * the same bits in every run. NULL and DKM_ERROR_DEVICE where there is none. */
GPtrArray *dkm_cudnn_graph_plans(DkmCudnnGraph *graph, const DkmCudnnTarget *target,
                                 const DkmCudnnWish *wish, GError **error);

/* PLAN as text, compiled kernels included. g_free; NULL where cuDNN cannot say it. */
char *dkm_cudnn_plan_to_text(const DkmCudnnPlan *plan);
/* NULL where TEXT is no plan for TARGET, or one that needs more workspace than WISH allows. */
DkmCudnnPlan *dkm_cudnn_plan_from_text(const char *text, const DkmCudnnTarget *target,
                                       const DkmCudnnWish *wish);

typedef struct {
    gint64 uids[8];
    void *data[8];
    int n;
    void *workspace;
} DkmCudnnBinding;
/* In the order of HANDLE's stream; returns before it ran. */
gboolean dkm_cudnn_plan_run(const DkmCudnnPlan *plan, cudnnHandle_t handle,
                            const DkmCudnnBinding *binding, GError **error);

G_END_DECLS
