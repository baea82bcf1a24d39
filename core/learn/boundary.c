#include "core/learn/boundary.h"

#include "core/error.h"
#include "core/image/distance.h"

#include <math.h>

/* Distances to the pixels that are WANTED (0 or 1), in mm, HUGE_VAL where there are none. */
static gboolean measure(const float *label, gboolean wanted, const int n[3],
                        const double spacing_mm[3], double *distance, GError **error)
{
    const gsize count = (gsize)n[1] * (gsize)n[2];
    for (gsize i = 0; i < count; i++)
        distance[i] = (label[i] > 0) == wanted ? 0 : HUGE_VAL;
    if (!dkm_distance_transform(distance, n, spacing_mm, error))
        return FALSE;
    for (gsize i = 0; i < count; i++)
        distance[i] = sqrt(distance[i]);
    return TRUE;
}

gboolean dkm_boundary_map(const float *label, int side, double pixel_mm, float *phi, GError **error)
{
    const int n[3] = {1, side, side};
    const double spacing_mm[3] = {1, pixel_mm, pixel_mm};
    const gsize count = (gsize)side * (gsize)side;
    g_autofree double *outside = g_try_new0(double, count), *inside = g_try_new0(double, count);
    if (!outside || !inside)
        return dkm_error_set_no_memory(error, count * sizeof *inside, "a map of distances");
    if (!measure(label, TRUE, n, spacing_mm, outside, error) ||
        !measure(label, FALSE, n, spacing_mm, inside, error))
        return FALSE;
    for (gsize i = 0; i < count; i++) { /* the outline lies half a pixel from a pixel's centre */
        const double mm = label[i] > 0 ? pixel_mm / 2 - inside[i] : outside[i] - pixel_mm / 2;
        phi[i] = (float)CLAMP(mm / DKM_BOUNDARY_REACH_MM, -1, 1);
    }
    return TRUE;
}

static DkmValue squared_error(DkmGraph *graph, DkmValue p, DkmValue target, float weight)
{
    const int samples = dkm_graph_value(graph, p)->shape.n;
    g_autofree float *weights = g_new(float, samples);
    for (int i = 0; i < samples; i++)
        weights[i] = weight;
    const DkmValue in[] = {p, target,
                           dkm_graph_const(graph, (DkmShape){samples, 1, 1, 1}, weights)};
    return dkm_graph_add(graph, DKM_OP_LOSS_MSE, &(DkmOpParams){0}, in, 3);
}

DkmBoundaryLoss dkm_boundary_loss_build(DkmGraph *graph, DkmValue logits, float weight)
{
    const DkmShape shape = dkm_graph_value(graph, logits)->shape;
    const DkmValue p =
        dkm_graph_cast(graph, dkm_graph_act(graph, logits, DKM_ACT_SIGMOID), DKM_F32);
    DkmBoundaryLoss b = {.below = dkm_graph_input(graph, "phi_below", shape),
                         .above = dkm_graph_input(graph, "phi_above", shape)};
    b.loss = dkm_graph_sum(graph, squared_error(graph, p, b.below, weight),
                           squared_error(graph, p, b.above, -weight), DKM_ACT_NONE);
    return b;
}
