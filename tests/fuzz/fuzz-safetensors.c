/* A model file: header, metadata, and every tensor's place. */
#include "core/net/weights.h"
#include "tests/fuzz/fuzz.h"

void fuzz_one(FuzzInput *input)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmWeights) weights = dkm_weights_open(input->path, &error);
    if (!weights) {
        g_assert_true(error && *error->message);
        return;
    }
    g_assert_no_error(error);
    g_auto(GStrv) meta = dkm_weights_dup_meta(weights);
    for (guint i = 0; meta[i]; i += 2)
        g_assert_cmpstr(dkm_weights_meta(weights, meta[i]), ==, meta[i + 1]);
    for (guint i = 0; i < dkm_weights_count(weights); i++)
        g_assert_cmpuint(dkm_weights_values(weights, dkm_weights_name(weights, i)) * 4, <=,
                         input->size);
}
