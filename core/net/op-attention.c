/* Self-attention over the tokens of a picture, one head. */
#include "core/net/graph.h"
#include "core/net/op-family.h"

static gboolean all_alike(const DkmTensor *in, int n, const char **why)
{
    for (int i = 1; i < n; i++)
        if (!dkm_op_alike(&in[0], &in[i]))
            return dkm_op_refuse(why, "q, k, v and what comes of them must be alike");
    return TRUE;
}

static DkmTensor lse_of(const DkmTensor *q)
{
    return dkm_op_f32(q->shape.n, 1, q->shape.h * q->shape.w, 1);
}

static gboolean infer_attention(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                                const char **why)
{
    if (!all_alike(in, 3, why))
        return FALSE;
    out[0] = dkm_op_like(&in[0]);
    out[1] = lse_of(&in[0]);
    return TRUE;
}

static gboolean infer_attention_grad(const DkmOpParams *p, const DkmTensor *in, int n_in,
                                     DkmTensor *out, const char **why)
{
    const DkmTensor lse = lse_of(&in[0]);
    if (!all_alike(in, 5, why))
        return FALSE;
    if (!dkm_op_alike(&in[5], &lse))
        return dkm_op_refuse(why, "the log-sum-exp must be f32 (N,1,HW,1)");
    for (int i = 0; i < 3; i++)
        out[i] = dkm_op_like(&in[i]);
    return TRUE;
}

/* One T x T x C product for every sample. */
static double product_flop(DkmShape q)
{
    const double tokens = (double)q.h * q.w;
    return 2.0 * q.n * tokens * tokens * q.c;
}

/* q k^T and p v */
static double flop_attention(const DkmOpParams *p, const DkmTensor *in, const DkmTensor *out)
{
    return 2 * product_flop(in[0].shape);
}

/* q k^T again, dy v^T, p^T dy, ds k, ds^T q */
static double flop_attention_grad(const DkmOpParams *p, const DkmTensor *in, const DkmTensor *out)
{
    return 5 * product_flop(in[0].shape);
}

static void gradient_attention(DkmGraph *graph, const DkmNode *node, DkmValue dy, DkmValue *d_in)
{
    const DkmValue in[] = {node->in[0], node->in[1], node->in[2], node->out[0], dy, node->out[1]};
    d_in[0] = dkm_graph_add(graph, DKM_OP_ATTENTION_GRAD, &node->p, in, G_N_ELEMENTS(in));
    d_in[1] = dkm_graph_output(graph, d_in[0], 1);
    d_in[2] = dkm_graph_output(graph, d_in[0], 2);
}

const DkmOpDef dkm_op_attention = {"attention",       3, 3, 2, infer_attention, flop_attention,
                                   gradient_attention};
const DkmOpDef dkm_op_attention_grad = {"attention_grad",    6,   6, 3, infer_attention_grad,
                                        flop_attention_grad, NULL};
