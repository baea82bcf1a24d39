/* The table behind which a compute device sits, and its contract. Three fill it: reference, cpu,
 * cuda (a module, loaded at run time: backend-module.h). A back end computes every op or is not
 * offered. dkm_backend_run() polices the contract: an op that fails without an error, or succeeds
 * with one, is reported as DKM_ERROR_INTERNAL. */
#pragma once

#include "core/net/op.h"

#include <gio/gio.h>

G_BEGIN_DECLS

enum { DKM_BACKEND_ABI = 3 };

typedef struct _DkmDevice
    DkmDevice; /* opaque to all but its back end; used by one thread at a time */
typedef struct _DkmBackend DkmBackend;

typedef struct {
    int threads;         /* cpu: 0 = one a core */
    const char *isa;     /* cpu, for tests: "portable", "avx2", "avx512", "avx512vnni", "avx512bf16"
                            (multiplies pairs of bf16 even where that is slow; has vnni), "amx"; NULL:
                            the fastest */
    gboolean direct;     /* cpu, for tests and the bench: convolution never by Winograd's way */
    gsize weights_bytes; /* cpu: how much packed weights may take; 0: a quarter of the memory */
} DkmDeviceOptions;

/* One run of one op. Tensors lie in the device's memory; 64-byte aligned. */
typedef struct {
    DkmOpKind kind;
    const DkmOpParams *p;
    DkmTensor in[DKM_OP_MAX_IN]; /* absent optional: data NULL */
    DkmTensor out[DKM_OP_MAX_OUT];
    int n_in, n_out;
    void *workspace; /* at least what workspace() asked for */
    gpointer *
        prepared; /* the node's own slot for prepared weights; starts NULL, released by release() */
    guint64 *prepared_for; /* weights version the slot was prepared for */
    guint64
        version; /* version of the weights now: prepare again where it differs from
                  *prepared_for;       0: weights are no constants, do not keep anything prepared */
} DkmOpCall;

/* Adam, as PyTorch's: L2 in the gradient, bias correction by STEP (1-based). */
typedef struct {
    float rate, beta1, beta2, eps, weight_decay,
        grad_scale; /* grad_scale multiplies the gradient first (clipping) */
    gint64 step;
} DkmAdamStep;

/* What one Adam step works on: COUNT f32 each, in device memory. */
typedef struct {
    float *param, *m, *v; /* updated in place */
    const float *grad;
    gsize count;
} DkmAdamArrays;

/* Entries marked optional may be NULL, no other. A device may work asynchronously: upload(), run(),
 * adam(), ema() and captured_replay() may return before their work is done, which happens in the
 * order of the calls; then an error of theirs comes out of a later call. download() and
 * sum_squares() return once all work before them and their own is done, and report its errors.
 * After DKM_ERROR_DEVICE a device may be lost: it only has to close. */
struct _DkmBackend {
    int abi; /* DKM_BACKEND_ABI; first in every version */
    const char *name;
    /* TRUE where usable on this machine; else a reason in *WHY (g_free). Milliseconds, no side
     * effect. */
    gboolean (*probe)(char **why);
    DkmDevice *(*open)(const DkmDeviceOptions *options, GError **error);
    void (*close)(DkmDevice *device);
    /* "AMD EPYC, 2 threads, avx512": what the session reports. Owned by the device. */
    const char *(*describe)(DkmDevice *device);

    /* 64-byte aligned device memory. NULL and DKM_ERROR_NO_MEMORY with the byte count. */
    void *(*alloc)(DkmDevice *device, gsize bytes, GError **error);
    void (*free)(DkmDevice *device, void *memory);
    gboolean (*upload)(DkmDevice *device, void *to, const void *from_host, gsize bytes,
                       GError **error);
    gboolean (*download)(DkmDevice *device, void *to_host, const void *from, gsize bytes,
                         GError **error);

    /* Scratch bytes that run() needs for this call (data pointers are not read). */
    gsize (*workspace)(DkmDevice *device, const DkmOpCall *call);
    gboolean (*run)(DkmDevice *device, const DkmOpCall *call, GError **error);
    void (*release)(DkmDevice *device, gpointer prepared);

    gboolean (*adam)(DkmDevice *device, const DkmAdamArrays *arrays, const DkmAdamStep *step,
                     GError **error);
    /* average += (1-decay) (param - average). */
    gboolean (*ema)(DkmDevice *device, float *average, const float *param, gsize count, float decay,
                    GError **error);
    /* Sum of squares of COUNT f32 (for gradient clipping), summed in a fixed order. */
    gboolean (*sum_squares)(DkmDevice *device, const float *values, gsize count, double *sum,
                            GError **error);

    /* Optional (NULL: all): whether tensors may be stored as DTYPE. */
    gboolean (*has_dtype)(DkmDevice *device, DkmDtype dtype);
    /* Optional (NULL: no). Whether convolutions in int8 are worth having: one that has them
     * computes int8.h's definition, others need not look at p.input_scale. */
    gboolean (*has_int8)(DkmDevice *device);
    /* Optional (NULL: run() returns when it is done). Waits for all work and reports its errors;
     * called for profiles only. */
    gboolean (*sync)(DkmDevice *device, GError **error);

    /* Capture, optional as a whole. After capture_begin(), run() records instead of computing;
     * every call in between has run plainly before, with the same tensors and version, so nothing
     * is prepared, allocated or waited for. capture_end() ends the capture in any case: TRUE and
     * *CAPTURED, or FALSE, an error and a device that runs plainly again. */
    gboolean (*capture_begin)(DkmDevice *device, GError **error);
    gboolean (*capture_end)(DkmDevice *device, gpointer *captured, GError **error);
    /* Computes what was recorded, from and into the same memory. */
    gboolean (*captured_replay)(DkmDevice *device, gpointer captured, GError **error);
    void (*captured_free)(DkmDevice *device, gpointer captured);
};

extern const DkmBackend dkm_backend_reference;
extern const DkmBackend dkm_backend_cpu;

/* Names that dkm_backend_find() takes beside "auto", best first, NULL-terminated. */
const char *const *dkm_backend_names(void);
/* All back ends that are there, usable or not, best first, NULL-terminated. Loads modules. */
const DkmBackend *const *dkm_backends(void);
/* One of those names; NULL and the reason in *WHY (g_free) where it cannot be used here. */
const DkmBackend *dkm_backend_probe(const char *name, char **why);
/* NAME "auto" (best usable one), "cpu", "reference", "cuda". Appends a line for each refused one to
 * REFUSED (may be NULL). DKM_ERROR_DEVICE with the reason where the named one is not usable,
 * DKM_ERROR_USAGE for an unknown name. */
const DkmBackend *dkm_backend_find(const char *name, GString *refused, GError **error);

/* Runs one op and polices the contract. */
gboolean dkm_backend_run(const DkmBackend *backend, DkmDevice *device, const DkmOpCall *call,
                         GError **error);

G_END_DECLS
