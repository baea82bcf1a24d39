/* The JSON header of a safetensors file, parsed and checked against the size of the data behind it.
 * Pure text in, table out; for weights*.c alone. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

enum { DKM_WEIGHTS_MAX_DIMS = 4, DKM_WEIGHTS_MAX_HEADER = 64 << 20 };

/* One tensor: f32, DIMS in the file's order, bytes [first, end) of the data. */
typedef struct {
    char *name;
    int n_dims;
    gint64 dims[DKM_WEIGHTS_MAX_DIMS];
    gsize first, end;
} DkmWeightsTensor;

typedef struct {
    GPtrArray *tensors;  /* of DkmWeightsTensor, in the order of their bytes */
    GHashTable *by_name; /* name -> DkmWeightsTensor */
    GHashTable *meta;    /* string -> string */
} DkmWeightsHeader;

/* Errors DKM_ERROR_MODEL with the reason alone; the caller prefixes the file. NULL on error. */
DkmWeightsHeader *dkm_weights_header_parse(const char *text, gsize length, gsize data_bytes,
                                           GError **error);
void dkm_weights_header_free(DkmWeightsHeader *header);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmWeightsHeader, dkm_weights_header_free)

G_END_DECLS
