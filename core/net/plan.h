/* From a graph to runs: dead nodes dropped, memory planned from lifetimes and allocated once, nodes
 * that depend on weights and constants alone computed once. Parameters live in their own store,
 * shared by plans. */
#pragma once

#include "core/net/backend.h"
#include "core/net/graph.h"

G_BEGIN_DECLS

/* Named f32 tensors (PARAM and STATE) in device memory. Single owner; one device. */
typedef struct _DkmParams DkmParams;

DkmParams *dkm_params_new(const DkmBackend *backend, DkmDevice *device);
void dkm_params_free(DkmParams *params);
const DkmBackend *dkm_params_backend(const DkmParams *params);
DkmDevice *dkm_params_device(const DkmParams *params);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmParams, dkm_params_free)
/* Makes every PARAM and STATE of GRAPH that is not there yet, filled by its init rule from SEED and
 * its name. One that is there with another shape: DKM_ERROR_MODEL. */
gboolean dkm_params_init(DkmParams *params, const DkmGraph *graph, guint64 seed, GError **error);
guint dkm_params_count(const DkmParams *params);
const char *dkm_params_name(const DkmParams *params, guint i);        /* sorted by name */
DkmShape dkm_params_shape(const DkmParams *params, const char *name); /* all zero where unknown */
float *dkm_params_device_data(DkmParams *params,
                              const char *name); /* device memory; NULL where unknown */
/* Host copies, in the tensor's own order (OHWI for convolutions); COUNT must match. set() makes the
 * version new. */
gboolean dkm_params_get(DkmParams *params, const char *name, float *host, gsize count,
                        GError **error);
gboolean dkm_params_set(DkmParams *params, const char *name, DkmShape shape, const float *host,
                        GError **error);
/* Call after changing device data in place (Adam), so that prepared weights are made again. */
void dkm_params_touch(DkmParams *params);
guint64 dkm_params_version(const DkmParams *params); /* starts at 1 */

typedef struct _DkmPlan DkmPlan;

typedef enum {
    DKM_PLAN_INFERENCE, /* weights are constant: prepared once */
    DKM_PLAN_TRAINING,  /* weights change between runs */
} DkmPlanMode;

/* A plan that computes OUTPUTS of GRAPH (borrowed, must outlive the plan) with PARAMS (borrowed),
 * on PARAMS' device. All memory is allocated here. Errors: the graph's own, NO_MEMORY with the byte
 * count, a parameter that is missing or misshapen. */
DkmPlan *dkm_plan_new(const DkmGraph *graph, DkmParams *params, const DkmValue *outputs, int n,
                      DkmPlanMode mode, GError **error);
void dkm_plan_free(DkmPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmPlan, dkm_plan_free)

/* Copies an INPUT in; it keeps its value until set again. HOST: f32, NHWC, the whole shape. An
 * INPUT that no output needs is ignored; a run with one that is needed and was never set fails. */
gboolean dkm_plan_set_input(DkmPlan *plan, DkmValue input, const float *host, GError **error);
/* Runs every live node once. Cancelled between nodes: DKM_ERROR_CANCELLED. For inference, a back
 * end that can captures the second run with the same weights and replays it from then on as one
 * piece, which is not cancelled in between. */
gboolean dkm_plan_run(DkmPlan *plan, GCancellable *cancel, GError **error);
/* Why the plan runs node by node although the back end captures; NULL where nothing went wrong. */
const char *dkm_plan_capture_failure(const DkmPlan *plan);
/* Copies an OUTPUT out as f32. */
gboolean dkm_plan_get_output(DkmPlan *plan, DkmValue output, float *host, GError **error);
/* Device memory of an OUTPUT, valid until the next run; NULL for what is no output of the plan. */
const DkmTensor *dkm_plan_peek_output(DkmPlan *plan, DkmValue output);

gsize dkm_plan_arena_bytes(const DkmPlan *plan);
gsize dkm_plan_workspace_bytes(const DkmPlan *plan);
/* FLOP of one run; what is computed once a weights version is not counted. */
double dkm_plan_flop(const DkmPlan *plan);
/* Seconds spent per node of the graph since the last call with ON, for the bench's layer table;
 * NULL where off. */
void dkm_plan_profile(DkmPlan *plan, gboolean on);
const double *dkm_plan_node_seconds(const DkmPlan *plan);

G_END_DECLS
