/* A network as a static list of nodes in SSA form; passes add gradients, drop dead nodes and plan
 * memory. Builder calls never fail one by one: the first error sticks and dkm_graph_check() reports
 * it, so that a network reads as a list of calls. A single-owner mutable while built; immutable
 * once a plan is made from it. */
#pragma once

#include "core/net/op.h"

G_BEGIN_DECLS

typedef enum {
    DKM_ROLE_INPUT, /* set by the caller before each run */
    DKM_ROLE_PARAM, /* trained weights, by name */
    DKM_ROLE_STATE, /* weights that training moves but no gradient reaches: running statistics, by
                       name */
    DKM_ROLE_CONST, /* given with the graph */
    DKM_ROLE_TEMP,  /* computed by a node */
} DkmRole;

/* How a fresh parameter is filled (dkm_params_init). fan = k*k*channels. */
typedef enum {
    DKM_INIT_ZERO,
    DKM_INIT_ONE,
    DKM_INIT_FAN_AVG_UNIFORM, /* U(-b,b), b = sqrt(3/((fan_in+fan_out)/2)): DDPM */
    DKM_INIT_KAIMING_NORMAL,  /* N(0, 2/fan_in) */
    DKM_INIT_RUNNING_STATS,   /* (1,1,2,C): mean 0, variance 1 */
} DkmInit;

typedef struct {
    DkmRole role;
    DkmShape shape;
    DkmDtype dtype;
    int node;         /* producer, -1 for the other roles */
    int output;       /* which output of the producer */
    const char *name; /* INPUT, PARAM, STATE; owned by the graph */
    DkmInit init;
    const float *data; /* CONST; owned by the graph */
} DkmValueInfo;

struct _DkmNode {
    DkmOpKind kind;
    DkmOpParams p;
    int n_in, n_out;
    DkmValue in[DKM_OP_MAX_IN]; /* DKM_NO_VALUE for an absent optional, and beyond n_in */
    DkmValue out[DKM_OP_MAX_OUT];
    const char *scope; /* module path at creation, "down1.res1.conv1"; owned by the graph */
};

/* DTYPE is that of activations (op.h's X). */
DkmGraph *dkm_graph_new(DkmDtype dtype);
void dkm_graph_free(DkmGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmGraph, dkm_graph_free)
DkmDtype dkm_graph_dtype(const DkmGraph *graph);
/* TRUE where every builder call so far was right; else DKM_ERROR_INTERNAL with the first mistake
 * and its scope. */
gboolean dkm_graph_check(const DkmGraph *graph, GError **error);

int dkm_graph_n_nodes(const DkmGraph *graph);
int dkm_graph_n_values(const DkmGraph *graph);
const DkmNode *dkm_graph_node(const DkmGraph *graph, int node);
/* Pointers stay valid while the graph lives. Of DKM_NO_VALUE: an empty record, so that builders
 * need not ask whether an earlier call failed. */
const DkmValueInfo *dkm_graph_value(const DkmGraph *graph, DkmValue value);
/* The value of a PARAM, STATE or INPUT, or DKM_NO_VALUE. */
DkmValue dkm_graph_find(const DkmGraph *graph, const char *name);

/* Module path: names of parameters made between push and pop start with it, joined by dots. */
void dkm_graph_push(DkmGraph *graph, const char *format, ...) G_GNUC_PRINTF(2, 3);
void dkm_graph_pop(DkmGraph *graph);

/* f32; its name is not in the scope. */
DkmValue dkm_graph_input(DkmGraph *graph, const char *name, DkmShape shape);
/* The same name twice in one scope gives the same value (shapes must agree). */
DkmValue dkm_graph_param(DkmGraph *graph, const char *name, DkmShape shape, DkmInit init);
DkmValue dkm_graph_state(DkmGraph *graph, const char *name, DkmShape shape, DkmInit init);
DkmValue dkm_graph_const(DkmGraph *graph, DkmShape shape, const float *data); /* copied */

/* Adds any node. IN: N_IN values, DKM_NO_VALUE for absent optionals. Returns its first output; the
 * others are out[1], out[2] of dkm_graph_node(producer). */
DkmValue dkm_graph_add(DkmGraph *graph, DkmOpKind kind, const DkmOpParams *p, const DkmValue *in,
                       int n_in);
/* Output K of the node that made VALUE. */
DkmValue dkm_graph_output(const DkmGraph *graph, DkmValue value, int k);

/* Builders for what networks are written in; each is dkm_graph_add with the right parameters. */
typedef struct {
    int out_channels, kernel, stride; /* stride 0 means 1 */
    gboolean no_bias, f32_out, zero_init;
    DkmInit init; /* of the weight; zero_init overrides */
    DkmAct act;
    DkmValue residual;   /* 0 is a legal id: set DKM_NO_VALUE where unused */
    DkmValue extra_bias; /* (N,1,1,O), added to the bias; DKM_NO_VALUE where unused */
} DkmConvSpec;
#define DKM_CONV_SPEC(...)                                                                         \
    ((DkmConvSpec){.kernel = 3,                                                                    \
                   .stride = 1,                                                                    \
                   .residual = DKM_NO_VALUE,                                                       \
                   .extra_bias = DKM_NO_VALUE,                                                     \
                   __VA_ARGS__})
/* Convolution with its own parameters NAME.weight and NAME.bias. */
DkmValue dkm_graph_conv(DkmGraph *graph, const char *name, DkmValue x, DkmConvSpec spec);
/* Parameters NAME.weight (ones), NAME.bias (zeros). */
DkmValue dkm_graph_group_norm(DkmGraph *graph, const char *name, DkmValue x, int groups, float eps,
                              DkmAct act);
DkmValue dkm_graph_batch_norm(DkmGraph *graph, const char *name, DkmValue x, float eps, DkmAct act);
DkmValue dkm_graph_unary(DkmGraph *graph, DkmOpKind kind,
                         DkmValue x); /* ops of one input and no parameter */
DkmValue dkm_graph_act(DkmGraph *graph, DkmValue x, DkmAct act);
DkmValue dkm_graph_sum(DkmGraph *graph, DkmValue a, DkmValue b, DkmAct act); /* ADD */
DkmValue dkm_graph_concat(DkmGraph *graph, DkmValue a, DkmValue b);
DkmValue dkm_graph_cast(DkmGraph *graph, DkmValue x,
                        DkmDtype dtype); /* x itself where it has that dtype */

/* Autodiff: appends the nodes that compute d LOSS / d WRT[i] and stores their values in GRADS[i]
 * (DKM_NO_VALUE where the loss does not depend on it). LOSS must be the first output of a LOSS_*
 * node, or a sum of several (dkm_graph_sum() without activation). */
void dkm_graph_gradients(DkmGraph *graph, DkmValue loss, const DkmValue *wrt, int n,
                         DkmValue *grads);

/* live[node] = TRUE for the nodes that OUTPUTS need. Free with g_free. */
gboolean *dkm_graph_live(const DkmGraph *graph, const DkmValue *outputs, int n);
/* FLOP of the nodes that OUTPUTS need. */
double dkm_graph_flop(const DkmGraph *graph, const DkmValue *outputs, int n);
/* Number of trained weights (PARAM) in the whole graph. */
gint64 dkm_graph_n_weights(const DkmGraph *graph);

/* int8 (int8.h). Whether NODE is a convolution that is worth it: of a plane, from 32 channels on,
 * to channels in sixteens. */
gboolean dkm_graph_takes_int8(const DkmGraph *graph, int node);
/* What such a node goes by: the path of its weight without ".weight" (also where a norm is folded
 * into it). g_free; NULL where its weight is no parameter. */
char *dkm_graph_conv_name(const DkmGraph *graph, int node);
/* Before a plan is made: NODE runs in int8. */
void dkm_graph_set_int8(DkmGraph *graph, int node, float input_scale);

G_END_DECLS
