#include "core/net/roofline.h"

#include "core/net/plan-private.h"

static double tensors_bytes(const DkmTensor *tensors, int n)
{
    gsize bytes = 0;
    for (int i = 0; i < n; i++)
        bytes += dkm_tensor_bytes(&tensors[i]); /* an absent one has no values */
    return (double)bytes;
}

static double peak_of(const DkmOpCall *call, const DkmRates *rates)
{
    if (call->kind == DKM_OP_CONV && call->p->input_scale > 0)
        return rates->int8_flop;
    return call->in[0].dtype == DKM_BF16 ? rates->bf16_flop : rates->f32_flop;
}

double dkm_call_bound(const DkmOpCall *call, const DkmRates *rates)
{
    const double flop = dkm_op_flop(call->kind, call->p, call->in, call->out);
    const double peak = peak_of(call, rates);
    const double bytes =
        tensors_bytes(call->in, call->n_in) + tensors_bytes(call->out, call->n_out);
    return MAX(flop / peak, bytes / rates->bytes);
}

GArray *dkm_plan_layers(const DkmPlan *plan, const DkmRates *rates)
{
    GArray *layers = g_array_new(FALSE, FALSE, sizeof(DkmLayerCost));
    for (int s = 0; s < plan->n_steps; s++) {
        const DkmPlanStep *step = &plan->steps[s];
        const DkmOpCall *call = &step->call;
        const DkmLayerCost layer = {
            .scope = dkm_graph_node(plan->graph, step->node)->scope,
            .call = call,
            .seconds = plan->seconds ? plan->seconds[step->node] : 0,
            .flop = dkm_op_flop(call->kind, call->p, call->in, call->out),
            .bound = dkm_call_bound(call, rates),
        };
        if (!step->is_constant)
            g_array_append_val(layers, layer);
    }
    return layers;
}

double dkm_plan_bound(const DkmPlan *plan, const DkmRates *rates)
{
    g_autoptr(GArray) layers = dkm_plan_layers(plan, rates);
    double seconds = 0;
    for (guint i = 0; i < layers->len; i++)
        seconds += g_array_index(layers, DkmLayerCost, i).bound;
    return seconds;
}

static int by_seconds(gconstpointer a, gconstpointer b)
{
    const DkmOpShare *x = a, *y = b;
    return x->seconds > y->seconds ? -1 : x->seconds < y->seconds;
}

GArray *dkm_plan_op_shares(const DkmPlan *plan, const DkmRates *rates)
{
    DkmOpShare shares[DKM_OP_COUNT] = {0};
    GArray *found = g_array_new(FALSE, FALSE, sizeof(DkmOpShare));
    g_autoptr(GArray) layers = dkm_plan_layers(plan, rates);
    for (guint i = 0; i < layers->len; i++) {
        const DkmLayerCost *layer = &g_array_index(layers, DkmLayerCost, i);
        DkmOpShare *share = &shares[layer->call->kind];
        share->kind = layer->call->kind;
        share->count++;
        share->bound += layer->bound;
        share->seconds += layer->seconds;
    }
    for (int kind = 0; kind < DKM_OP_COUNT; kind++)
        if (shares[kind].count)
            g_array_append_val(found, shares[kind]);
    g_array_sort(found, by_seconds);
    return found;
}
