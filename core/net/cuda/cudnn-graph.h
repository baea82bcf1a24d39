/* cuDNN 9's backend C API, as small as convolutions need it: a graph of tensors, convolutions and
 * pointwise operations; the engines that can run it on a device, best first; a plan from one of
 * them. A device is a description, of the GPU at hand or of one that is not there (JSON), so that
 * everything but running works without a GPU. Not for: which graph, which engine (conv-graph.c,
 * conv-plans.c). */
#pragma once

#include <cudnn_graph.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* One descriptor of cuDNN, of whatever type; the owner frees it: g_auto(DkmCudnn). */
typedef cudnnBackendDescriptor_t DkmCudnn;
void dkm_cudnn_free(DkmCudnn descriptor);
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(DkmCudnn, dkm_cudnn_free, NULL)

/* The one place where a status becomes an error: TRUE for success. WHAT failed, as a noun. */
gboolean dkm_cudnn_check(cudnnStatus_t status, const char *what, GError **error);

/* Descriptions of a device. */
DkmCudnn dkm_cudnn_device_new(int cuda_device, GError **error);
DkmCudnn dkm_cudnn_device_from_json(const char *json, GError **error);

/* Builder calls never fail one by one: the first error sticks and dkm_cudnn_graph_finish() reports
 * it. Single owner. */
typedef struct _DkmCudnnGraph DkmCudnnGraph;
DkmCudnnGraph *dkm_cudnn_graph_new(void);
void dkm_cudnn_graph_free(DkmCudnnGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmCudnnGraph, dkm_cudnn_graph_free)

typedef struct {
    gint64 id;      /* unique in the graph; what a run binds memory to */
    int n, h, w, c; /* dense NHWC in memory, 16-byte aligned */
    cudnnDataType_t type;
    gboolean is_virtual; /* between two operations: never in memory */
} DkmCudnnTensor;
/* Owned by the graph. */
DkmCudnn dkm_cudnn_graph_tensor(DkmCudnnGraph *graph, const DkmCudnnTensor *tensor);

typedef enum { DKM_CUDNN_FORWARD, DKM_CUDNN_DGRAD, DKM_CUDNN_WGRAD } DkmCudnnPass;
/* The tensors of one convolution: of three two are read, the pass tells which. Summed in f32. */
typedef struct {
    DkmCudnnPass pass;
    int kernel, stride; /* padding (kernel-1)/2 */
    DkmCudnn x, w, y;   /* or dx, dw, dy; w as (O,k,k,I) */
} DkmCudnnConvolution;
void dkm_cudnn_graph_convolution(DkmCudnnGraph *graph, const DkmCudnnConvolution *convolution);
/* Y = mode(X, B) in f32; B NULL for one operand. */
void dkm_cudnn_graph_pointwise(DkmCudnnGraph *graph, cudnnPointwiseMode_t mode, DkmCudnn x,
                               DkmCudnn b, DkmCudnn y);
gboolean dkm_cudnn_graph_finish(DkmCudnnGraph *graph, GError **error);

typedef struct {
    DkmCudnn device;     /* borrowed */
    gboolean exact_f32;  /* no engine that rounds operands to TF32 on tensor cores */
    guint most;          /* engines to report at most */
    gsize workspace_max; /* of a plan */
} DkmCudnnWish;
/* Engine configurations (DkmCudnn) that heuristics A and after them the fallback list for a
 * finished graph: never one that sums in changing order or in less than f32. Not all of them can
 * be compiled. g_ptr_array_unref. NULL with an error where cuDNN cannot say. */
GPtrArray *dkm_cudnn_graph_engines(const DkmCudnnGraph *graph, const DkmCudnnWish *wish,
                                   GError **error);

/* Compiles (up to a second where the engine is compiled at run time). DKM_ERROR_UNSUPPORTED where
 * the engine cannot after all, or asks for more workspace than the wish allows. */
DkmCudnn dkm_cudnn_plan_new(DkmCudnn engine, const DkmCudnnWish *wish, GError **error);
gint64 dkm_cudnn_plan_workspace(DkmCudnn plan);
/* A plan as text, what was compiled included; and back, for the same cuDNN and kind of device. */
char *dkm_cudnn_plan_save(DkmCudnn plan, GError **error);
DkmCudnn dkm_cudnn_plan_load(const char *json, DkmCudnn device, GError **error);

/* What a run binds: N ids and their device memory. */
typedef struct {
    int n;
    gint64 ids[8];
    void *pointers[8];
} DkmCudnnBinding;
/* In the order of the handle's stream; returns before it ran. */
gboolean dkm_cudnn_plan_run(cudnnHandle_t handle, DkmCudnn plan, const DkmCudnnBinding *binding,
                            void *workspace, GError **error);

G_END_DECLS
