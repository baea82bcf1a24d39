/* Every op of core/net/op.h at shapes with tails and odd channels, and what the reference makes of
 * them: any back end is run on the same rows. Not for: speed, whole networks. */
#pragma once

#include "core/net/backend.h"

/* One op at one shape. TOLERANCE is a relative L2 distance in f32; where bf16 comes out 2^-10 is
 * let through (2^-8 of a convolution, whose weights are rounded as well), as both sides round and
 * now and then to different neighbours. */
typedef struct {
    DkmOpKind kind;
    DkmShape x;
    double tolerance;
    DkmOpParams p;
    int other_channels; /* CONCAT: of the second; CONV: of the output */
    float offset;       /* added to every normal number of x */
} OpRow;

extern const OpRow op_rows[];
extern const guint n_op_rows;
gboolean op_row_is_conv(const OpRow *row);

/* The call that ROW describes, inputs in host memory, no outputs. op_call_clear_inputs(). */
DkmOpCall op_call_new(const OpRow *row, DkmDtype dtype, guint64 seed);
void op_call_clear_inputs(DkmOpCall *call);
/* CALL on BACKEND, its outputs back in host memory (op_call_clear_outputs()). Asserts that it
 * succeeds and writes nothing beside its outputs and its workspace. */
DkmOpCall op_call_run(const DkmBackend *backend, const DkmDeviceOptions *options, DkmOpCall call);
void op_call_clear_outputs(DkmOpCall *call);
/* Asserts that output I is near enough. */
void op_compare(const OpRow *row, const DkmTensor *actual, const DkmTensor *expected,
                DkmDtype dtype, int i);

double op_element(const DkmTensor *host, gsize i);
void op_set_element(const DkmTensor *host, gsize i, double value);
