#include "core/net/cuda/conv-plans.h"

#include "core/error.h"
#include "core/net/cuda/conv-tune.h"

#include <string.h>

enum { CANDIDATES = 6 };
static const gsize most_workspace = 256u << 20;
static const gint64 most_us = 1000000; /* of compiling candidates, the first one aside */

void dkm_conv_plan_free(gpointer data)
{
    DkmConvPlan *planned = data;
    dkm_cudnn_plan_free(planned->plan);
    dkm_cudnn_graph_free(planned->graph.graph);
    g_clear_error(&planned->failure);
    g_free(planned);
}

static char *key_of(const DkmConvCall *call, DkmConvPart part, const DkmCudnnWish *wish)
{
    static const char *const parts[] = {"whole", "product"};
    g_autofree char *key = dkm_conv_key(call);
    return g_strdup_printf("%s %s%s, workspace %zu", parts[part], key, wish->exact ? ", exact" : "",
                           wish->most_workspace);
}

/* What was kept under KEY; what cuDNN does not take is forgotten. */
static DkmCudnnPlan *load(const DkmCudaDevice *device, const char *key)
{
    g_autofree char *text = dkm_plan_cache_load(device->cache, key);
    DkmCudnnPlan *plan = text ? dkm_cudnn_plan_load(text, device->target, most_workspace) : NULL;
    if (text && !plan)
        dkm_plan_cache_remove(device->cache, key);
    return plan;
}

/* What the fastest one of PLANS is, or else the first; whether that is a choice to stay with. */
static guint choose(DkmCudaDevice *device, const DkmConvGraph *graph, const GPtrArray *plans,
                    gboolean *stays)
{
    g_autoptr(GError) error = NULL;
    const int best = plans->len > 1 ? dkm_conv_tune(device, graph, plans, &error) : 0;
    *stays = !error || g_error_matches(error, DKM_ERROR, DKM_ERROR_NO_MEMORY);
    return (guint)MAX(best, 0);
}

/* Timings differ from run to run, what is computed must not: a choice that is not the first one's
 * counts once it is kept, and what another process kept before counts more. */
static DkmCudnnPlan *compile(DkmCudaDevice *device, const DkmConvGraph *graph, const char *key,
                             const DkmCudnnWish *wish, GError **error)
{
    gboolean stays = TRUE;
    g_autoptr(GPtrArray) plans = dkm_cudnn_graph_plans(graph->graph, device->target, wish, error);
    if (!plans)
        return NULL;
    const guint best = choose(device, graph, plans, &stays);
    g_autofree char *text = stays ? dkm_cudnn_plan_save(g_ptr_array_index(plans, best)) : NULL;
    g_autofree char *kept = text ? dkm_plan_cache_keep(device->cache, key, text) : NULL;
    DkmCudnnPlan *other = kept && strcmp(kept, text) != 0
                              ? dkm_cudnn_plan_load(kept, device->target, wish->most_workspace)
                              : NULL;
    return other ? other : g_ptr_array_steal_index(plans, kept ? best : 0);
}

/* Only what can be kept is timed; f32 is as exact and as slow as the first one is. */
static DkmCudnnWish wish_of(const DkmCudaDevice *device, const DkmConvCall *call)
{
    const gboolean exact = call->in[0].dtype == DKM_F32;
    const gboolean tunes = !exact && dkm_plan_cache_is_usable(device->cache);
    return (DkmCudnnWish){exact, tunes ? CANDIDATES : 1, most_workspace, most_us};
}

static gboolean plan_part(DkmCudaDevice *device, const DkmConvCall *call, DkmConvPart part,
                          DkmConvPlan *planned)
{
    const DkmCudnnWish wish = wish_of(device, call);
    g_autofree char *key = key_of(call, part, &wish);
    dkm_cudnn_graph_free(planned->graph.graph);
    g_clear_error(&planned->failure);
    planned->graph = dkm_conv_graph(call, part);
    planned->plan = load(device, key);
    if (!planned->plan)
        planned->plan = compile(device, &planned->graph, key, &wish, &planned->failure);
    return planned->plan != NULL;
}

const DkmConvPlan *dkm_conv_plan_get(DkmCudaDevice *device, const DkmConvCall *call)
{
    g_autofree char *key = dkm_conv_key(call);
    DkmConvPlan *planned = g_hash_table_lookup(device->convs, key);
    if (planned)
        return planned;
    planned = g_new0(DkmConvPlan, 1);
    if (!plan_part(device, call, DKM_CONV_WHOLE, planned) && dkm_conv_has_epilogue(call))
        planned->splits = plan_part(device, call, DKM_CONV_PRODUCT, planned);
    g_hash_table_insert(device->convs, g_steal_pointer(&key), planned);
    return planned;
}
