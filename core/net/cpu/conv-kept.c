/* Packed weights that stay: one block in the node's slot, its record in front. The device's budget
 * bounds what all of them take together. */
#include "core/error.h"
#include "core/net/cpu/conv.h"

enum { RECORD_BYTES = 64 }; /* what follows is as aligned as the block */

typedef struct {
    DkmCpuDevice *device; /* whose budget paid */
    DkmConvAlgorithm algorithm;
    gsize paid;
} Record;
G_STATIC_ASSERT(sizeof(Record) <= RECORD_BYTES);

const void *dkm_conv_kept(const DkmOpCall *call)
{
    return *call->prepared && *call->prepared_for == call->version
               ? (const guint8 *)*call->prepared + RECORD_BYTES
               : NULL;
}

gboolean dkm_conv_kept_algorithm(const DkmOpCall *call, DkmConvAlgorithm *algorithm)
{
    const Record *record = *call->prepared;
    if (record)
        *algorithm = record->algorithm;
    return record != NULL;
}

static gpointer new_block(DkmCpuDevice *device, DkmConvAlgorithm algorithm, gsize bytes,
                          GError **error)
{
    gpointer block = NULL;
    if (posix_memalign(&block, RECORD_BYTES, RECORD_BYTES + bytes) != 0) {
        dkm_error_set_no_memory(error, bytes, "packed weights");
        return NULL;
    }
    const gsize paid = MIN(device->weights_left, bytes);
    *(Record *)block = (Record){device, algorithm, paid};
    device->weights_left -= paid;
    return block;
}

void *dkm_conv_keep(DkmCpuDevice *device, const DkmOpCall *call, DkmConvAlgorithm algorithm,
                    gsize words, GError **error)
{
    if (!*call->prepared)
        *call->prepared = new_block(device, algorithm, words * 4, error);
    if (!*call->prepared)
        return NULL;
    *call->prepared_for = call->version;
    return (guint8 *)*call->prepared + RECORD_BYTES;
}

void dkm_cpu_conv_release(gpointer prepared)
{
    const Record *record = prepared;
    if (record)
        record->device->weights_left += record->paid;
    free(prepared);
}
