/* From a convolution's call to its graph. */
#include "core/net/cuda/conv-graph.h"

#include "core/net/cuda/cuda.h"

static void read_forward(DkmConvKey *key, const DkmOpCall *call)
{
    const DkmTensor *bias = &call->in[2], *residual = &call->in[3];
    key->pass = DKM_CUDNN_FORWARD;
    key->x = call->in[0].shape;
    key->y = call->out[0].shape;
    key->bias_rows = bias->data ? bias->shape.n : 0;
    key->residual = residual->data != NULL;
    key->act = (int)call->p->act;
}

DkmConvKey dkm_conv_key(const DkmOpCall *call)
{
    DkmConvKey key = {.kernel = call->p->kernel,
                      .stride = call->p->stride,
                      .dtype = (int)call->in[0].dtype,
                      .out_dtype = (int)call->out[0].dtype};
    if (call->kind == DKM_OP_CONV) {
        read_forward(&key, call);
    } else if (call->kind == DKM_OP_CONV_DGRAD) {
        key.pass = DKM_CUDNN_DGRAD;
        key.x = call->out[0].shape;
        key.y = call->in[0].shape;
    } else {
        key.pass = DKM_CUDNN_WGRAD;
        key.x = call->in[0].shape;
        key.y = call->in[1].shape;
        key.out_dtype = key.dtype; /* cuDNN has no engine from 16 bits to f32 */
    }
    return key;
}

gboolean dkm_conv_key_has_epilogue(const DkmConvKey *key)
{
    return key->bias_rows > 0 || key->residual || key->act != DKM_ACT_NONE;
}

DkmConvKey dkm_conv_key_without_epilogue(const DkmConvKey *key)
{
    DkmConvKey plain = *key;
    plain.bias_rows = plain.residual = 0;
    plain.act = DKM_ACT_NONE;
    return plain;
}

char *dkm_conv_key_text(const DkmConvKey *key)
{
    static const char *const passes[] = {"forward", "dgrad", "wgrad"};
    static const char *const dtypes[] = {"f32", "bf16", "f16"};
    static const char *const acts[] = {"none", "relu", "swish", "sigmoid"};
    return g_strdup_printf("%s k%d s%d %s-%s x%dx%dx%dx%d y%dx%dx%dx%d bias%d residual%d %s",
                           passes[key->pass], key->kernel, key->stride, dtypes[key->dtype],
                           dtypes[key->out_dtype], key->x.n, key->x.h, key->x.w, key->x.c, key->y.n,
                           key->y.h, key->y.w, key->y.c, key->bias_rows, key->residual,
                           acts[key->act]);
}

static cudnnDataType_t type_of(int dtype)
{
    return dtype == DKM_F32    ? CUDNN_DATA_FLOAT
           : dtype == DKM_BF16 ? CUDNN_DATA_BFLOAT16
                               : CUDNN_DATA_HALF;
}

static DkmCudnn tensor(DkmCudnnGraph *graph, gint64 id, DkmShape s, int dtype)
{
    const DkmCudnnTensor t = {
        .id = id, .n = s.n, .h = s.h, .w = s.w, .c = s.c, .type = type_of(dtype)};
    return dkm_cudnn_graph_tensor(graph, &t);
}

/* The chain of pointwise operations after a convolution: each reads a virtual tensor that the one
 * before left, the last writes y. */
typedef struct {
    DkmCudnnGraph *graph;
    const DkmConvKey *key;
    int left; /* operations to come */
    gint64 next_id;
} Chain;

/* Where the next operation writes: y for the last one. */
static DkmCudnn target(Chain *chain)
{
    const DkmShape y = chain->key->y;
    if (chain->left-- == 0)
        return tensor(chain->graph, DKM_CONV_Y, y, chain->key->out_dtype);
    const DkmCudnnTensor t = {.id = chain->next_id++,
                              .n = y.n,
                              .h = y.h,
                              .w = y.w,
                              .c = y.c,
                              .type = CUDNN_DATA_FLOAT,
                              .is_virtual = TRUE};
    return dkm_cudnn_graph_tensor(chain->graph, &t);
}

static void add_epilogue(Chain *chain, DkmCudnn sum)
{
    const DkmConvKey *key = chain->key;
    DkmCudnn next = NULL;
    if (key->bias_rows) {
        const DkmShape shape = {key->bias_rows, 1, 1, key->y.c};
        DkmCudnn bias = tensor(chain->graph, DKM_CONV_BIAS, shape, DKM_F32);
        dkm_cudnn_graph_pointwise(chain->graph, CUDNN_POINTWISE_ADD, sum, bias,
                                  next = target(chain));
        sum = next;
    }
    if (key->residual) {
        DkmCudnn residual = tensor(chain->graph, DKM_CONV_RESIDUAL, key->y, key->dtype);
        dkm_cudnn_graph_pointwise(chain->graph, CUDNN_POINTWISE_ADD, sum, residual,
                                  next = target(chain));
        sum = next;
    }
    if (key->act != DKM_ACT_NONE)
        dkm_cudnn_graph_pointwise(chain->graph,
                                  key->act == DKM_ACT_RELU ? CUDNN_POINTWISE_RELU_FWD
                                                           : CUDNN_POINTWISE_SWISH_FWD,
                                  sum, NULL, target(chain));
}

DkmCudnnGraph *dkm_conv_graph_new(const DkmConvKey *key, GError **error)
{
    g_autoptr(DkmCudnnGraph) graph = dkm_cudnn_graph_new();
    const gboolean forward = key->pass == DKM_CUDNN_FORWARD;
    const gboolean wgrad = key->pass == DKM_CUDNN_WGRAD;
    const DkmShape w = {key->y.c, key->kernel, key->kernel, key->x.c};
    Chain chain = {.graph = graph,
                   .key = key,
                   .left = (key->bias_rows > 0) + key->residual + (key->act != DKM_ACT_NONE),
                   .next_id = DKM_CONV_RESIDUAL + 1};
    const DkmCudnnConvolution convolution = {
        .pass = (DkmCudnnPass)key->pass,
        .kernel = key->kernel,
        .stride = key->stride,
        .x = tensor(graph, DKM_CONV_X, key->x,
                    key->pass == DKM_CUDNN_DGRAD ? key->out_dtype : key->dtype),
        .w = tensor(graph, DKM_CONV_W, w, wgrad ? key->out_dtype : key->dtype),
        .y = forward ? target(&chain) : tensor(graph, DKM_CONV_Y, key->y, key->dtype)};
    dkm_cudnn_graph_convolution(graph, &convolution);
    if (forward)
        add_epilogue(&chain, convolution.y);
    return dkm_cudnn_graph_finish(graph, error) ? g_steal_pointer(&graph) : NULL;
}

DkmCudnnWish dkm_conv_wish(const DkmConvKey *key, DkmCudnn device, guint most)
{
    return (DkmCudnnWish){.device = device,
                          .exact_f32 = key->dtype == DKM_F32,
                          .most = most,
                          .workspace_max = DKM_CONV_WORKSPACE_MAX};
}
