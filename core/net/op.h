/* Every operation a network is made of: one definition each (inputs, outputs, FLOP, gradient).
 * A back end computes them (backend.h); core/net/reference is the specification in plain C.
 * Tensors are NHWC; "X" = activations (f32 or bf16), every other tensor is f32 unless it says
 * otherwise. */
#pragma once

#include "core/net/tensor.h"

G_BEGIN_DECLS

enum { DKM_OP_MAX_IN = 6, DKM_OP_MAX_OUT = 3 };

typedef enum { DKM_ACT_NONE, DKM_ACT_RELU, DKM_ACT_SWISH, DKM_ACT_SIGMOID } DkmAct;

typedef enum {
    /* inputs -> outputs. Optional inputs are in brackets and may be absent (data NULL). */

    /* x X(N,H,W,I), w(O,k,k,I), [bias(1|N,1,1,O)], [residual X(N,OH,OW,O)] -> y X(N,OH,OW,O)
     * y = act(conv(x, w) + bias + residual). k 1 or 3; stride 1 or 2; pad (k-1)/2 on all sides.
     * A linear layer is a 1x1 convolution of an (N,1,1,C) tensor. With p.input_scale: in int8, as
     * int8.h says. */
    DKM_OP_CONV,
    DKM_OP_CONV_DGRAD, /* dy X, w -> dx X (shape out_shape) */
    DKM_OP_CONV_WGRAD, /* x X, dy X -> dw(O,k,k,I) f32 */

    /* x X, gamma(1,1,1,C), beta(1,1,1,C) -> y X = act((x-mean)*rstd*gamma+beta), stats(N,1,G,2)
     * mean, rstd per group of C/G neighbouring channels; biased variance, eps inside the root. act
     * NONE or SWISH. */
    DKM_OP_GROUP_NORM,
    DKM_OP_GROUP_NORM_GRAD, /* x X, gamma, beta, stats, dy X -> dx X, dgamma, dbeta */

    /* x X, gamma, beta -> y X, stats(1,1,3,C): rows mean, rstd, biased variance over N,H,W. act
       NONE or RELU. */
    DKM_OP_BATCH_NORM,
    DKM_OP_BATCH_NORM_GRAD, /* x X, gamma, beta, stats, dy X -> dx X, dgamma, dbeta */
    /* running(1,1,2,C) mean, variance; stats(1,1,3,C) -> running' (momentum p.momentum: r' = (1-m)
     * r + m s; variance unbiased with count p.count = N*H*W, as PyTorch). */
    DKM_OP_BATCH_NORM_RUNNING,
    /* w(O,k,k,I), gamma, beta, running(1,1,2,O) -> w'(O,k,k,I), bias'(1,1,1,O): convolution and
       batch norm in one. */
    DKM_OP_BATCH_NORM_FOLD,

    DKM_OP_ADD, /* a X, b X (same shape; or a(N,1,1,C), b(1,1,1,C): b for every sample) -> y X =
                   act(a+b); NONE, RELU */
    DKM_OP_ACT, /* x X -> y X */
    DKM_OP_ACT_GRAD, /* x X, dy X -> dx X; x is the input (for RELU the output does as well) */
    DKM_OP_CAST,     /* x X -> y of p.dtype */
    DKM_OP_CONCAT,   /* a X(N,H,W,A), b X(N,H,W,B) -> y X(N,H,W,A+B) */
    DKM_OP_SLICE,    /* x X -> y X: channels [p.first, p.first + p.channels) */
    DKM_OP_REDUCE,   /* x X -> y f32: sum over H,W and (unless p.per_sample) N: (N|1,1,1,C) */
    DKM_OP_UPSAMPLE_NEAREST,       /* x X -> y X, twice the sides */
    DKM_OP_UPSAMPLE_NEAREST_GRAD,  /* dy X -> dx X, half the sides */
    DKM_OP_UPSAMPLE_BILINEAR,      /* x X -> y X, twice the sides, align_corners = true */
    DKM_OP_UPSAMPLE_BILINEAR_GRAD, /* dy X -> dx X */
    DKM_OP_MAX_POOL,               /* x X -> y X, 2x2, stride 2; even sides */
    DKM_OP_MAX_POOL_GRAD, /* x X, y X, dy X -> dx X; the first maximum in row order takes it */

    /* q, k, v X(N,H,W,C) -> y X = softmax(q k^T / sqrt(C)) v over the H*W tokens, lse(N,1,HW,1) f32
       log-sum-exp. */
    DKM_OP_ATTENTION,
    DKM_OP_ATTENTION_GRAD, /* q, k, v, y, dy X, lse -> dq, dk, dv X   (inputs in this order) */

    /* x X, step(1,1,1,1) -> y X = x * keep / (1-p.rate); keep from Philox4x32-10 with key p.salt
     * (words salt, 0) and counter words (low, high of element index / 4, step, 0); word = element
     * index % 4; keep where word/2^32 >= rate. Its gradient is itself. */
    DKM_OP_DROPOUT,
    DKM_OP_TIME_EMBED, /* t(N,1,1,1) -> y f32(N,1,1,C): sin then cos, C/2 frequencies exp(-ln(10000)
                          i/(C/2-1)) */

    /* pred f32(N,H,W,K), target f32 alike, weight(N,1,1,1) -> loss(1,1,1,1) = mean over all of
       weight (pred-target)^2 */
    DKM_OP_LOSS_MSE,
    DKM_OP_LOSS_MSE_GRAD, /* pred, target, weight -> dpred f32 */
    /* logits f32(N,H,W,1), label f32 0/1 -> loss(1,1,1,1) = mean over N of CE + Dice + p.lambda
     * (1-SSIM), parts(N,1,1,3): the three per sample (dkm.md section 3: smooth 1, one global SSIM
     * window, C1 1e-4, C2 9e-4). */
    DKM_OP_LOSS_SEG,
    DKM_OP_LOSS_SEG_GRAD, /* logits, label -> dlogits f32 */

    DKM_OP_COUNT
} DkmOpKind;

/* Parameters of one node; fields an op does not name are zero. */
typedef struct {
    int kernel, stride; /* CONV* */
    int groups;         /* GROUP_NORM* */
    float eps;          /* *_NORM* */
    DkmAct act;
    DkmDtype dtype;      /* CAST; CONV: dtype of y */
    int first, channels; /* SLICE */
    gboolean per_sample; /* REDUCE */
    float rate;          /* DROPOUT */
    guint32 salt;        /* DROPOUT */
    float lambda;        /* LOSS_SEG */
    float momentum;      /* BATCH_NORM_RUNNING */
    gint64 count;        /* BATCH_NORM_RUNNING */
    DkmShape out_shape;  /* *_GRAD whose output shape the inputs do not tell; TIME_EMBED */
    float input_scale;   /* CONV: of x in int8; 0: not in int8 */
} DkmOpParams;

typedef struct _DkmGraph DkmGraph; /* graph.h */
typedef struct _DkmNode DkmNode;   /* graph.h */
typedef int DkmValue;              /* id of a tensor of a graph; DKM_NO_VALUE where absent */
#define DKM_NO_VALUE (-1)

/* Static facts of an op kind. */
typedef struct {
    const char *name; /* "conv", "conv_dgrad", ... */
    int min_in, max_in, n_out;
    /* Shapes and dtypes of the outputs from those of the inputs. FALSE and a sentence in *WHY
     * (static) if they do not fit; called through dkm_op_infer(). Absent optional inputs have data
     * NULL and shape zero; present ones data non-NULL (not read). */
    gboolean (*infer)(const DkmOpParams *p, const DkmTensor *in, int n_in, DkmTensor *out,
                      const char **why);
    /* FLOP of one run: 2 per multiply-add; convolutions and attention products only, NULL for the
     * rest. */
    double (*flop)(const DkmOpParams *p, const DkmTensor *in, const DkmTensor *out);
    /* Autodiff rule: appends the nodes that compute d loss / d input i and puts their values into
     * D_IN[i] (left DKM_NO_VALUE where no gradient flows). DY is d loss / d output 0, DKM_NO_VALUE
     * for a loss. A gradient has the shape and dtype of its value. NULL: no gradient passes. */
    void (*gradient)(DkmGraph *graph, const DkmNode *node, DkmValue dy, DkmValue *d_in);
} DkmOpDef;

const DkmOpDef *dkm_op_def(DkmOpKind kind);
/* The definition's infer() behind the checks that hold for every op: number of inputs, none of the
 * required absent, sides positive. The way to call it. */
gboolean dkm_op_infer(DkmOpKind kind, const DkmOpParams *p, const DkmTensor *in, int n_in,
                      DkmTensor *out, const char **why);
/* FLOP of one run, 0 where the definition counts none. */
double dkm_op_flop(DkmOpKind kind, const DkmOpParams *p, const DkmTensor *in, const DkmTensor *out);

G_END_DECLS
