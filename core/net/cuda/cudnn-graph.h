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

gsize dkm_cudnn_graph_bytes(const DkmCudnnGraph *graph, DkmCudnnTensor tensor);

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
    gint64 engine; /* cuDNN's number of it; -1: loaded */
    gsize workspace_bytes;
} DkmCudnnPlan;
void dkm_cudnn_plan_free(DkmCudnnPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmCudnnPlan, dkm_cudnn_plan_free)

typedef struct {
    gboolean exact; /* products in f32: no tensor cores, which round f32 to TF32 */
    guint most;     /* plans wanted; fewer where there are not so many */
    gsize most_workspace;
    gint64 most_us; /* no further plan is compiled after so long; 0: no bound */
} DkmCudnnWish;
/* Plans (of DkmCudnnPlan, best guess first: heuristics A, else the fall-backs), each of which gives
 * the same bits in every run and sums in f32. NULL and DKM_ERROR_DEVICE where there is none. */
GPtrArray *dkm_cudnn_graph_plans(DkmCudnnGraph *graph, const DkmCudnnTarget *target,
                                 const DkmCudnnWish *wish, GError **error);

/* PLAN as text, what was compiled for it included; g_free. NULL where cuDNN gives none. */
char *dkm_cudnn_plan_save(const DkmCudnnPlan *plan);
/* A plan that was saved on such a TARGET: a millisecond, where compiling takes a second. NULL where
 * this cuDNN does not take TEXT, or the plan needs more than MOST_WORKSPACE. */
DkmCudnnPlan *dkm_cudnn_plan_load(const char *text, const DkmCudnnTarget *target,
                                  gsize most_workspace);

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
