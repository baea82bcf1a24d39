/* Whose a Segmentation object is, by a few elements of its header. Not for: its voxels. */
#include "dicom/dcmtk.h"
#include "dicom/dicom.h"
#include "dicom/preflight.h"

#include "dcmtk/dcmdata/dcistrmb.h"

namespace {

guint32 number(const DcmTagKey &key)
{
    return static_cast<guint32>(key.getGroup()) << 16 | key.getElement();
}

/* What derived.cc and the viewer write. */
DkmSegReview judge(DcmDataset &d)
{
    const OFString sop_class = dkm::text(d, DCM_SOPClassUID);
    if ((sop_class != UID_SegmentationStorage && sop_class != "1.2.840.10008.5.1.4.1.1.66.7") ||
        dkm::text(d, DCM_ManufacturerModelName) != "DKM Workstation")
        return DKM_SEG_NOT_OURS;
    const OFString creator = dkm::text(d, DCM_ContentCreatorName);
    if (dkm::text(d, DCM_ContentLabel) == "NOT ACCEPTED" || creator.empty() ||
        creator == "DKM^Workstation")
        return DKM_SEG_NOT_REVIEWED;
    return DKM_SEG_REVIEWED;
}

bool read(const char *path, DcmDataset &dataset)
{
    static const guint32 tags[] = {number(DCM_SOPClassUID), number(DCM_ManufacturerModelName),
                                   number(DCM_ContentLabel), number(DCM_ContentCreatorName)};
    const DkmTags wanted = {tags, G_N_ELEMENTS(tags)};
    DkmPreflight preflight;
    g_autoptr(GByteArray) excerpt = g_byte_array_new();
    if (!dkm_preflight_excerpt(path, &wanted, &preflight, excerpt, nullptr) || excerpt->len == 0)
        return false;
    const E_TransferSyntax syntax = preflight.deflated
                                        ? EXS_LittleEndianExplicit
                                        : DcmXfer(preflight.transfer_syntax).getXfer();
    if (syntax == EXS_Unknown)
        return false;
    DcmInputBufferStream stream;
    stream.setBuffer(excerpt->data, excerpt->len);
    stream.setEos();
    dataset.transferInit();
    const OFCondition condition = dataset.read(stream, syntax, EGL_noChange, excerpt->len);
    dataset.transferEnd();
    return condition.good();
}

} // namespace

extern "C" DkmSegReview dkm_dicom_seg_review(const char *path)
{
    DkmSegReview review = DKM_SEG_NOT_OURS;
    dkm::guarded(nullptr, [&] {
        DcmDataset dataset;
        if (!dkm::start(nullptr) || !read(path, dataset))
            return false;
        review = judge(dataset);
        return true;
    });
    return review;
}
