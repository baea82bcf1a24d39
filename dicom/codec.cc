#include "dicom/codec.h"

#include "core/error.h"
#include "core/i18n.h"
#include "dicom/dcmtk.h"
#include "dicom/jpeg-walk.h"

#include "dcmtk/dcmdata/dcpixel.h"
#include "dcmtk/dcmdata/dcpixseq.h"
#include "dcmtk/dcmdata/dcpxitem.h"
#include "dcmtk/dcmdata/dcuid.h"

#include <cstring>
#include <memory>

namespace {

/* The attributes a codec asks for, and nothing of the patient. */
bool describe(DcmDataset &dataset, const DkmCodedImage &image)
{
    const struct {
        DcmTagKey tag;
        int value;
    } numbers[] = {
        {DCM_SamplesPerPixel, 1},
        {DCM_Rows, image.rows},
        {DCM_Columns, image.columns},
        {DCM_BitsAllocated, image.bits_allocated},
        {DCM_BitsStored, image.bits_stored},
        {DCM_HighBit, image.bits_stored - 1},
        {DCM_PixelRepresentation, image.pixel_representation},
    };
    for (const auto &number : numbers)
        if (dataset.putAndInsertUint16(number.tag, static_cast<Uint16>(number.value)).bad())
            return false;
    return dataset.putAndInsertString(DCM_PhotometricInterpretation, "MONOCHROME2").good();
}

/* A pixel sequence of an empty offset table and one fragment. */
std::unique_ptr<DcmPixelSequence> one_fragment(GBytes *stream)
{
    gsize size;
    gconstpointer bytes = g_bytes_get_data(stream, &size);
    auto sequence = std::make_unique<DcmPixelSequence>(DCM_PixelSequenceTag);
    auto offsets = std::make_unique<DcmPixelItem>(DCM_PixelItemTag);
    if (sequence->insert(offsets.get()).bad())
        return nullptr;
    static_cast<void>(offsets.release()); /* it has an owner now */
    auto fragment = std::make_unique<DcmPixelItem>(DCM_PixelItemTag);
    Uint8 *place = nullptr;
    const gsize even = size + (size & 1);
    if (even > G_MAXUINT32 || fragment->createUint8Array(static_cast<Uint32>(even), place).bad() ||
        !place)
        return nullptr;
    memcpy(place, bytes, size);
    if (even > size)
        place[size] = 0;
    if (sequence->insert(fragment.get()).bad())
        return nullptr;
    static_cast<void>(fragment.release()); /* it has an owner now */
    return sequence;
}

bool copy_samples(DcmElement &pixels, const DkmCodedImage &image, void *out, GError **error)
{
    const size_t expected = static_cast<size_t>(image.rows) * static_cast<size_t>(image.columns);
    const size_t bytes = expected * static_cast<size_t>(image.bits_allocated / 8);
    Uint8 *small = nullptr;
    Uint16 *words = nullptr;
    const OFCondition got =
        image.bits_allocated == 8 ? pixels.getUint8Array(small) : pixels.getUint16Array(words);
    const void *from = image.bits_allocated == 8 ? static_cast<void *>(small) : words;
    if (!dkm::check(got, DKM_ERROR_INPUT, _("no samples"), error))
        return false;
    if (!from || pixels.getLength() < bytes) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT, _("fewer samples than pixels"));
        return false;
    }
    memcpy(out, from, bytes);
    return true;
}

bool decode(GBytes *stream, const DkmCodedImage &image, void *out, GError **error)
{
    DcmDataset dataset;
    auto sequence = one_fragment(stream);
    auto pixels = std::make_unique<DcmPixelData>(DCM_PixelData);
    if (!sequence || !describe(dataset, image)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_NO_MEMORY, _("not enough memory"));
        return false;
    }
    const E_TransferSyntax syntax = DcmXfer(image.transfer_syntax).getXfer();
    pixels->putOriginalRepresentation(syntax, nullptr, sequence.release());
    DcmPixelData *kept = pixels.get();
    if (!dkm::check(dataset.insert(kept, OFTrue), DKM_ERROR_INTERNAL, _("pixel data"), error))
        return false;
    static_cast<void>(pixels.release()); /* it has an owner now */
    DcmStack stack;                      /* how a codec finds the attributes beside the pixels */
    stack.push(&dataset);
    stack.push(kept);
    const OFCondition decoded =
        kept->chooseRepresentation(EXS_LittleEndianExplicit, nullptr, stack);
    return dkm::check(decoded, DKM_ERROR_INPUT, _("compressed pixel data are damaged"), error) &&
           copy_samples(*kept, image, out, error);
}

/* The coding process behind a transfer syntax; nullptr for one that is not of this file. */
const DkmJpegProcess *process_of(const char *uid)
{
    static const struct {
        const char *uid;
        DkmJpegProcess process;
    } known[] = {
        {UID_JPEGProcess1TransferSyntax, DKM_JPEG_BASELINE},
        {UID_JPEGProcess2_4TransferSyntax, DKM_JPEG_EXTENDED},
        {UID_JPEGProcess14TransferSyntax, DKM_JPEG_LOSSLESS},
        {UID_JPEGProcess14SV1TransferSyntax, DKM_JPEG_LOSSLESS},
        {UID_JPEGLSLosslessTransferSyntax, DKM_JPEG_LS},
        {UID_JPEGLSLossyTransferSyntax, DKM_JPEG_LS},
    };
    for (const auto &row : known)
        if (strcmp(row.uid, uid) == 0)
            return &row.process;
    return nullptr;
}

} // namespace

gboolean dkm_codec_is(const char *uid)
{
    return process_of(uid) != nullptr;
}

gboolean dkm_codec_decode(GBytes *stream, const DkmCodedImage *image, void *out, GError **error)
{
    const DkmJpegProcess *process = process_of(image->transfer_syntax);
    g_return_val_if_fail(process, FALSE);
    const DkmJpegExpected expected = {image->rows, image->columns, image->bits_stored,
                                      image->bits_allocated, *process};
    if (!dkm::start(error) || !dkm_jpeg_walk(stream, &expected, error))
        return FALSE;
    return dkm::guarded(error, [&] { return decode(stream, *image, out, error); });
}

char *dkm_codec_syntax_name(const char *uid)
{
    const char *name = dcmFindNameOfUID(uid, nullptr);
    return name ? g_strdup_printf("%s (%s)", name, uid) : g_strdup(uid);
}
