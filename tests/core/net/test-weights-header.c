/* The header's parser under random damage: whatever comes, it answers and reads nothing outside.
 * The words of each refusal are test-weights.c's. */
#include "core/net/weights-header.h"

#include "core/error.h"
#include "core/philox.h"

#include <string.h>

static const char good[] =
    "{\"__metadata__\":{\"preset\":\"tiny\",\"note\":\"a \\\"b\\\" \\u00e9\"},"
    "\"dm.conv.weight\":{\"dtype\":\"F32\",\"shape\":[2,3,3,3],\"data_offsets\":[0,216]},"
    "\"dm.conv.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[216,224]}}   ";
enum { DATA_BYTES = 224 };

static void reads_a_good_one(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmWeightsHeader) header =
        dkm_weights_header_parse(good, sizeof good - 1, DATA_BYTES, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(header->tensors->len, ==, 2);
    g_assert_cmpstr(g_hash_table_lookup(header->meta, "note"), ==, "a \"b\" \303\251");
    const DkmWeightsTensor *bias = g_hash_table_lookup(header->by_name, "dm.conv.bias");
    g_assert_cmpint(bias->n_dims, ==, 1);
    g_assert_cmpint(bias->dims[0], ==, 2);
    g_assert_cmpuint(bias->first, ==, 216);
}

/* Some bytes replaced by those that matter to JSON, by any byte, or the end cut off. */
static gsize damage(char *text, gsize length, guint64 seed)
{
    static const char telling[] = "{}[]\",:0123456789-+.eE\\u \n";
    const int hits = 1 + (int)(dkm_philox_uniform(seed, 0, 0) * 4);
    for (int i = 0; i < hits; i++) {
        const gsize at = (gsize)(dkm_philox_uniform(seed, (guint64)i, 1) * (double)length);
        const double what = dkm_philox_uniform(seed, (guint64)i, 2);
        text[at] =
            what < 0.7 ? telling[(gsize)(what / 0.7 * (sizeof telling - 1))] : (char)(what * 2550);
    }
    const gboolean cut = dkm_philox_uniform(seed, 0, 3) < 0.1;
    return cut ? (gsize)(dkm_philox_uniform(seed, 0, 4) * (double)length) : length;
}

/* What is accepted covers the data exactly, tensor by tensor. */
static void assert_covered(const DkmWeightsHeader *header)
{
    gsize end = 0;
    for (guint i = 0; i < header->tensors->len; i++) {
        const DkmWeightsTensor *tensor = g_ptr_array_index(header->tensors, i);
        gint64 count = 1;
        g_assert_cmpuint(tensor->first, ==, end);
        for (int k = 0; k < tensor->n_dims; k++)
            count *= tensor->dims[k];
        g_assert_cmpuint(tensor->end - tensor->first, ==, (gsize)count * sizeof(float));
        end = tensor->end;
    }
    g_assert_cmpuint(end, ==, DATA_BYTES);
}

static void survives_damage(void)
{
    int accepted = 0;
    for (guint64 seed = 1; seed <= 5000; seed++) {
        g_autoptr(GError) error = NULL;
        char *text = g_memdup2(good, sizeof good - 1); /* no NUL behind it: ASan sees an overrun */
        const gsize length = damage(text, sizeof good - 1, seed);
        g_autoptr(DkmWeightsHeader) header =
            dkm_weights_header_parse(text, length, DATA_BYTES, &error);
        g_free(text);
        if (header)
            assert_covered(header);
        else
            g_assert_error(error, DKM_ERROR, DKM_ERROR_MODEL);
        accepted += header != NULL;
    }
    g_test_message("%d of 5000 accepted (damage in names, notes and blanks)", accepted);
    g_assert_cmpint(accepted, <, 2500);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/weights-header/good", reads_a_good_one);
    g_test_add_func("/weights-header/survives-damage", survives_damage);
    return g_test_run();
}
