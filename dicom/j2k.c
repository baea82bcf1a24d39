#include "dicom/j2k.h"

#include "core/error.h"
#include "core/i18n.h"

#include <openjpeg.h>
#include <string.h>

typedef struct {
    const guint8 *bytes;
    gsize size, at;
} Memory;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(opj_codec_t, opj_destroy_codec)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(opj_stream_t, opj_stream_destroy)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(opj_image_t, opj_image_destroy)

static OPJ_SIZE_T read_bytes(void *to, OPJ_SIZE_T n, void *data)
{
    Memory *memory = data;
    const gsize count = MIN(n, memory->size - memory->at);
    if (count == 0)
        return (OPJ_SIZE_T)-1;
    memcpy(to, memory->bytes + memory->at, count);
    memory->at += count;
    return count;
}

static OPJ_OFF_T skip_bytes(OPJ_OFF_T n, void *data)
{
    Memory *memory = data;
    if (n < 0 || memory->at == memory->size)
        return -1;
    const gsize count = MIN((gsize)n, memory->size - memory->at);
    memory->at += count;
    return (OPJ_OFF_T)count;
}

static OPJ_BOOL seek_bytes(OPJ_OFF_T to, void *data)
{
    Memory *memory = data;
    if (to < 0 || (gsize)to > memory->size)
        return OPJ_FALSE;
    memory->at = (gsize)to;
    return OPJ_TRUE;
}

/* The single translation of openjp2's failures, which say nothing. */
static gboolean refuse(GError **error)
{
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT, _("JPEG 2000 data are damaged"));
    return FALSE;
}

static gboolean copy_samples(const opj_image_t *picture, const DkmCodedImage *image, guint16 *out,
                             GError **error)
{
    const opj_image_comp_t *samples = picture->numcomps == 1 ? &picture->comps[0] : NULL;
    if (!samples || !samples->data || samples->w != (OPJ_UINT32)image->columns ||
        samples->h != (OPJ_UINT32)image->rows)
        return refuse(error);
    const gsize n = (gsize)image->rows * (gsize)image->columns;
    const OPJ_INT32 least = samples->sgnd ? -(1 << (samples->prec - 1)) : 0;
    const OPJ_INT32 most = least + (1 << samples->prec) - 1;
    for (gsize i = 0; i < n; i++) /* a lossy one may overshoot */
        out[i] = (guint16)CLAMP(samples->data[i], least, most);
    return TRUE;
}

gboolean dkm_j2k_is(const char *uid)
{
    static const char *const read[] = {"1.2.840.10008.1.2.4.90",  "1.2.840.10008.1.2.4.91",
                                       "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202",
                                       "1.2.840.10008.1.2.4.203", NULL};
    return g_strv_contains(read, uid);
}

gboolean dkm_j2k_decode(GBytes *stream, const DkmCodedImage *image, guint16 *out, GError **error)
{
    if (!dkm_j2k_walk(stream, image, error))
        return FALSE;
    Memory memory = {0};
    memory.bytes = g_bytes_get_data(stream, &memory.size);
    g_autoptr(opj_codec_t) codec = opj_create_decompress(OPJ_CODEC_J2K);
    g_autoptr(opj_stream_t) input = opj_stream_create(MIN(memory.size, 1 << 20), OPJ_TRUE);
    g_autoptr(opj_image_t) picture = NULL;
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    if (!codec || !input || !opj_setup_decoder(codec, &parameters))
        return refuse(error);
    opj_stream_set_user_data(input, &memory, NULL);
    opj_stream_set_user_data_length(input, memory.size);
    opj_stream_set_read_function(input, read_bytes);
    opj_stream_set_skip_function(input, skip_bytes);
    opj_stream_set_seek_function(input, seek_bytes);
    if (!opj_decoder_set_strict_mode(codec, OPJ_TRUE) || !opj_read_header(input, codec, &picture) ||
        !opj_decode(codec, input, picture) || !opj_end_decompress(codec, input))
        return refuse(error);
    return copy_samples(picture, image, out, error);
}
