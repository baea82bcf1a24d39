/* The walk, the excerpt that DCMTK gets to see, the fragments, and the inflated data set. */
#include "dicom/preflight.h"
#include "tests/fuzz/fuzz.h"

static const guint32 wanted[] = {0x00080005, 0x00080016, 0x00080018, 0x00081140, 0x00200032,
                                 0x00280010, 0x20050010, 0x52009229, 0x52009230};

static void read_fragments(const char *path, const DkmPreflight *preflight)
{
    g_auto(DkmByteSource) source = {.fd = -1};
    g_autoptr(GError) error = NULL;
    if (!preflight->deflated && dkm_byte_source_open(&source, path, &error)) {
        g_autoptr(GArray) items = dkm_preflight_fragments(&source, preflight, &error);
        g_assert_true(items != NULL); /* as it passed */
        for (guint i = 0; i < items->len; i++) {
            const DkmFragment *item = &g_array_index(items, DkmFragment, i);
            g_assert_cmpuint(item->offset + item->length, <=, source.size);
        }
    }
}

void fuzz_one(FuzzInput *input)
{
    const DkmTags tags = {wanted, G_N_ELEMENTS(wanted)};
    g_autoptr(GByteArray) excerpt = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    DkmPreflight preflight;
    if (!dkm_preflight_excerpt(input->path, &tags, &preflight, excerpt, &error)) {
        g_assert_true(error && *error->message);
        return;
    }
    g_assert_no_error(error);
    if (preflight.encapsulated)
        read_fragments(input->path, &preflight);
    if (preflight.deflated) {
        g_autoptr(GBytes) inflated = dkm_preflight_inflate(input->path, &error);
        g_assert_true(inflated && g_bytes_get_size(inflated) <= DKM_PREFLIGHT_INFLATED);
    } else {
        g_assert_cmpuint(excerpt->len, <=, input->size);
    }
}
