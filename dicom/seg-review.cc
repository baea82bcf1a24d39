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
    static const guint32 tags[] = {number(DCM_SpecificCharacterSet),  number(DCM_SOPClassUID),
                                   number(DCM_ContentDate),           number(DCM_ContentTime),
                                   number(DCM_ManufacturerModelName), number(DCM_ContentLabel),
                                   number(DCM_ContentCreatorName)};
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

/* As the writer's clock showed it, here; 0 where it does not say. */
gint64 content_time(DcmDataset &d)
{
    const OFString date = dkm::text(d, DCM_ContentDate), time = dkm::text(d, DCM_ContentTime);
    int year, month, day, hour, minute, second;
    if (sscanf(date.c_str(), "%4d%2d%2d", &year, &month, &day) != 3 ||
        sscanf(time.c_str(), "%2d%2d%2d", &hour, &minute, &second) != 3)
        return 0;
    g_autoptr(GDateTime) when = g_date_time_new_local(year, month, day, hour, minute, second);
    return when ? g_date_time_to_unix(when) : 0;
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

extern "C" char *dkm_dicom_seg_reviewer(const char *path, gint64 *unix_s)
{
    char *reviewer = nullptr;
    dkm::guarded(nullptr, [&] {
        DcmDataset dataset;
        if (!dkm::start(nullptr) || !read(path, dataset) || judge(dataset) != DKM_SEG_REVIEWED)
            return false;
        dataset.convertToUTF8(); /* what cannot be converted is made valid */
        reviewer = g_utf8_make_valid(dkm::text(dataset, DCM_ContentCreatorName).c_str(), -1);
        *unix_s = content_time(dataset);
        return true;
    });
    return reviewer;
}
