/* A Segmentation object (PS3.3 A.51) from masks, one function per module. Plain DcmDataset: DCMTK's
 * own classes corrupt binary frames whose pixel count is no multiple of 8. */
#include "core/error.h"
#include "dicom/dicom.h"
#include "dicom/seg-frames.h"
#include "dicom/uid.h"
#include "dicom/writing.h"

#include <cstring>
#include <string>
#include <vector>

namespace {

using dkm::set;

/* One frame to write: one slice of one segment. */
struct Frame {
    guint segment; /* 0-based */
    int slice;
};

struct Writer {
    const DkmSegRequest *request;
    const DkmGrid *grid;
    DcmFileFormat file, source;
    std::vector<Frame> frames;
    dkm::Stamp stamp;

    DcmDataset &out()
    {
        return *file.getDataset();
    }
    DcmDataset &in()
    {
        return *source.getDataset();
    }
    const DkmFrame *instance(int slice) const
    {
        const DkmPhase &phase = request->phases->phases[request->phase];
        return dkm_frame_table_get(request->table, phase.frames[slice]);
    }
    std::string uid(const char *name) const
    {
        g_autofree char *made = dkm_uid_new(request->uid_seed, name);
        return made;
    }
};

const char *or_else(const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}

bool is_ascii(const char *text)
{
    return !text || g_str_is_ascii(text);
}

/* Our words are UTF-8. Where they are more than ASCII those of the patient become UTF-8 too: an
 * object has one character set. */
void unify_character_set(Writer &w)
{
    const DkmSegRequest *r = w.request;
    bool plain = is_ascii(r->algorithm_name) && is_ascii(r->algorithm_version) &&
                 is_ascii(r->algorithm_parameters) && is_ascii(r->content_creator) &&
                 is_ascii(r->series_description);
    for (guint s = 0; s < r->n_segments; s++)
        plain = plain && is_ascii(r->segments[s].label) && is_ascii(r->segments[s].tracking_id);
    if (!plain && w.in().convertToUTF8().good())
        set(w.in(), DCM_SpecificCharacterSet, "ISO_IR 192");
}

void list_frames(Writer &w)
{
    for (guint s = 0; s < w.request->n_segments; s++)
        for (int z = 0; z < w.grid->n[0]; z++)
            if (dkm_mask_slice_count(w.request->segments[s].mask, z))
                w.frames.push_back({s, z});
    if (w.frames.empty()) /* a SEG has at least one frame: "nothing found" is one empty one */
        w.frames.push_back({0, w.grid->n[0] / 2});
}

void general_series(Writer &w)
{
    DcmItem &d = w.out();
    const DkmFrame *first = w.instance(0);
    const int source_number = first->series_number == DKM_ABSENT_INT ? 0 : first->series_number;
    const int number = w.request->series_number
                           ? w.request->series_number
                           : static_cast<int>(CLAMP(source_number, 0, 200000) * 10000 + 3001);
    set(d, DCM_Modality, "SEG");
    set(d, DCM_SeriesInstanceUID, w.uid("series").c_str());
    dkm::set_number(d, DCM_SeriesNumber, number);
    set(d, DCM_SeriesDescription,
        or_else(w.request->series_description, "RESEARCH USE ONLY: DKM segmentation"));
    set(d, DCM_SeriesDate, w.stamp.date.c_str());
    set(d, DCM_SeriesTime, w.stamp.time.c_str());
}

void enhanced_equipment(Writer &w)
{
    DcmItem &d = w.out();
    set(d, DCM_Manufacturer, "DKM Workstation project");
    set(d, DCM_ManufacturerModelName, "DKM Workstation");
    set(d, DCM_DeviceSerialNumber, "1");
    set(d, DCM_SoftwareVersions, or_else(w.request->algorithm_version, "unknown"));
}

void contributing_equipment(Writer &w)
{
    static const dkm::Code processing = {"109102", "DCM", "Processing Equipment"};
    static const dkm::Code modifying = {"109103", "DCM", "Modifying Equipment"};
    const std::string when = w.stamp.date + w.stamp.time;
    const int parts = w.request->content_creator ? 2 : 1;
    for (int i = 0; i < parts; i++) {
        DcmItem &item = dkm::add_item(w.out(), DCM_ContributingEquipmentSequence);
        set(item, DCM_Manufacturer, "DKM Workstation project");
        set(item, DCM_ManufacturerModelName, "DKM Workstation");
        set(item, DCM_SoftwareVersions, or_else(w.request->algorithm_version, "unknown"));
        set(item, DCM_ContributionDateTime, when.c_str());
        set(item, DCM_ContributionDescription,
            i ? "reviewed by a person" : "segmented by a network from the pre-contrast phase");
        dkm::set_code(item, DCM_PurposeOfReferenceCodeSequence, i ? modifying : processing);
    }
}

void sop_common(Writer &w)
{
    DcmItem &d = w.out();
    set(d, DCM_SOPClassUID, UID_SegmentationStorage);
    set(d, DCM_SOPInstanceUID, w.uid("instance").c_str());
    set(d, DCM_InstanceNumber, "1");
    set(d, DCM_InstanceCreationDate, w.stamp.date.c_str());
    set(d, DCM_InstanceCreationTime, w.stamp.time.c_str());
}

bool do_overlap(const DkmSegRequest *request)
{
    const gsize n = dkm_grid_voxels(&request->phases->grid);
    std::vector<bool> taken(request->n_segments > 1 ? n : 0, false);
    for (guint s = 0; request->n_segments > 1 && s < request->n_segments; s++) {
        const guint8 *voxels = dkm_mask_peek_slice(request->segments[s].mask, 0);
        for (gsize i = 0; i < n; i++) {
            if (voxels[i] && taken[i])
                return true;
            taken[i] = taken[i] || voxels[i];
        }
    }
    return false;
}

void segmentation_image(Writer &w)
{
    DcmItem &d = w.out();
    set(d, DCM_ImageType, "DERIVED\\PRIMARY");
    set(d, DCM_ContentDate, w.stamp.date.c_str());
    set(d, DCM_ContentTime, w.stamp.time.c_str());
    set(d, DCM_ContentLabel, or_else(w.request->content_label, "SEGMENTATION"));
    set(d, DCM_ContentDescription, "Research use only, not for diagnosis");
    set(d, DCM_ContentCreatorName, or_else(w.request->content_creator, "DKM^Workstation"));
    set(d, DCM_SamplesPerPixel, static_cast<Uint16>(1));
    set(d, DCM_PhotometricInterpretation, "MONOCHROME2");
    dkm::set_number(d, DCM_NumberOfFrames, static_cast<long>(w.frames.size()));
    set(d, DCM_Rows, static_cast<Uint16>(w.grid->n[1]));
    set(d, DCM_Columns, static_cast<Uint16>(w.grid->n[2]));
    set(d, DCM_BitsAllocated, static_cast<Uint16>(1));
    set(d, DCM_BitsStored, static_cast<Uint16>(1));
    set(d, DCM_HighBit, static_cast<Uint16>(0));
    set(d, DCM_PixelRepresentation, static_cast<Uint16>(0));
    set(d, DCM_LossyImageCompression, "00");
    set(d, DCM_SegmentationType, "BINARY");
    const DcmTagKey segments_overlap(0x0062, 0x0013); /* not in DCMTK 3.6.7's dictionary */
    DcmCodeString *overlap = new DcmCodeString(DcmTag(segments_overlap, EVR_CS));
    overlap->putString(do_overlap(w.request) ? "YES" : "NO");
    if (d.insert(overlap, OFTrue).bad())
        delete overlap;
}

const char *algorithm_type(DkmSegAlgorithm algorithm)
{
    static const char *const names[] = {"AUTOMATIC", "SEMIAUTOMATIC", "MANUAL"};
    return names[algorithm];
}

void segment_algorithm(Writer &w, DcmItem &item)
{
    static const dkm::Code families[] = {{"123110", "DCM", "Artificial Intelligence"},
                                         {"123101", "DCM", "Neighborhood Analysis"}};
    set(item, DCM_SegmentAlgorithmName, or_else(w.request->algorithm_name, "DKM"));
    DcmItem &algorithm = dkm::add_item(item, DCM_SegmentationAlgorithmIdentificationSequence);
    dkm::set_code(algorithm, DCM_AlgorithmFamilyCodeSequence, families[w.request->family]);
    set(algorithm, DCM_AlgorithmName, or_else(w.request->algorithm_name, "DKM"));
    set(algorithm, DCM_AlgorithmVersion, or_else(w.request->algorithm_version, "unknown"));
    if (w.request->algorithm_parameters)
        set(algorithm, DCM_AlgorithmParameters, w.request->algorithm_parameters);
}

void segment(Writer &w, guint i)
{
    static const dkm::Code category = {"49755003", "SCT", "Morphologically Abnormal Structure"};
    static const dkm::Code type = {"108369006", "SCT", "Neoplasm"};
    static const dkm::Code breast = {"76752008", "SCT", "Breast"};
    static const Uint16 colours[][3] = {
        {43803, 26565, 39722}, {36471, 50086, 44717}, {52000, 33000, 52000}, {34000, 40000, 20000}};
    const DkmSegSegment &from = w.request->segments[i];
    const std::string number = std::to_string(i + 1);
    DcmItem &item = dkm::add_item(w.out(), DCM_SegmentSequence);
    set(item, DCM_SegmentNumber, static_cast<Uint16>(i + 1));
    set(item, DCM_SegmentLabel, or_else(from.label, ("Lesion " + number).c_str()));
    set(item, DCM_SegmentAlgorithmType, algorithm_type(from.algorithm));
    dkm::set_code(item, DCM_SegmentedPropertyCategoryCodeSequence, category);
    dkm::set_code(item, DCM_SegmentedPropertyTypeCodeSequence, type);
    dkm::set_code(item, DCM_AnatomicRegionSequence, breast);
    if (from.algorithm != DKM_SEG_MANUAL)
        segment_algorithm(w, item);
    set(item, DCM_TrackingID, or_else(from.tracking_id, ("Lesion " + number).c_str()));
    set(item, DCM_TrackingUID,
        or_else(from.tracking_uid, w.uid(("tracking " + number).c_str()).c_str()));
    item.putAndInsertUint16Array(DCM_RecommendedDisplayCIELabValue, colours[i % 4], 3);
}

void dimensions(Writer &w)
{
    const std::string uid = w.uid("dimensions");
    static const struct {
        DcmTagKey pointer, group;
        const char *label;
    } rows[] = {
        {DCM_ReferencedSegmentNumber, DCM_SegmentIdentificationSequence, "Segment"},
        {DCM_ImagePositionPatient, DCM_PlanePositionSequence, "Position"},
    };
    set(dkm::add_item(w.out(), DCM_DimensionOrganizationSequence), DCM_DimensionOrganizationUID,
        uid.c_str());
    for (const auto &row : rows) {
        DcmItem &item = dkm::add_item(w.out(), DCM_DimensionIndexSequence);
        set(item, DCM_DimensionOrganizationUID, uid.c_str());
        item.putAndInsertTagKey(DCM_DimensionIndexPointer, row.pointer);
        item.putAndInsertTagKey(DCM_FunctionalGroupPointer, row.group);
        set(item, DCM_DimensionDescriptionLabel, row.label);
    }
}

/* The source's own text where it is at hand: planes must be equal to the last digit. */
void source_text(Writer &w, DcmItem &to, const DcmTagKey &tag, const double *values, int n)
{
    const OFString text = dkm::texts(w.in(), tag);
    if (text.empty())
        dkm::set_reals(to, tag, values, n);
    else
        set(to, tag, text.c_str());
}

void shared_groups(Writer &w)
{
    const DkmFrame *f = w.instance(0);
    const double orientation[6] = {f->row_lps[0],    f->row_lps[1],    f->row_lps[2],
                                   f->column_lps[0], f->column_lps[1], f->column_lps[2]};
    const double spacing[2] = {w.grid->spacing_mm[1], w.grid->spacing_mm[2]};
    DcmItem &shared = dkm::add_item(w.out(), DCM_SharedFunctionalGroupsSequence);
    source_text(w, dkm::add_item(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient,
                orientation, 6);
    DcmItem &measures = dkm::add_item(shared, DCM_PixelMeasuresSequence);
    source_text(w, measures, DCM_PixelSpacing, spacing, 2);
    dkm::set_reals(measures, DCM_SliceThickness, &w.grid->spacing_mm[0], 1);
    dkm::set_reals(measures, DCM_SpacingBetweenSlices, &w.grid->spacing_mm[0], 1);
}

void source_image(DcmItem &derivation, const DkmFrame *from)
{
    static const dkm::Code purpose = {"121322", "DCM",
                                      "Source image for image processing operation"};
    DcmItem &image = dkm::add_item(derivation, DCM_SourceImageSequence);
    set(image, DCM_ReferencedSOPClassUID, from->sop_class_uid);
    set(image, DCM_ReferencedSOPInstanceUID, from->sop_instance_uid);
    if (from->number_of_frames > 1)
        dkm::set_number(image, DCM_ReferencedFrameNumber, from->frame + 1);
    set(image, DCM_SpatialLocationsPreserved, "YES");
    dkm::set_code(image, DCM_PurposeOfReferenceCodeSequence, purpose);
}

/* 1-based place of each slice among those that any frame uses, for the dimension index. */
std::vector<Uint32> position_indices(const Writer &w)
{
    std::vector<Uint32> index(static_cast<size_t>(w.grid->n[0]), 0);
    for (const Frame &frame : w.frames)
        index[static_cast<size_t>(frame.slice)] = 1;
    Uint32 next = 0;
    for (Uint32 &place : index)
        place = place ? ++next : 0;
    return index;
}

void per_frame_groups(Writer &w)
{
    static const dkm::Code derivation_code = {"113076", "DCM", "Segmentation"};
    const std::vector<Uint32> positions = position_indices(w);
    for (const Frame &frame : w.frames) {
        const DkmFrame *from = w.instance(frame.slice);
        DcmItem &groups = dkm::add_item(w.out(), DCM_PerFrameFunctionalGroupsSequence);
        DcmItem &derivation = dkm::add_item(groups, DCM_DerivationImageSequence);
        dkm::set_code(derivation, DCM_DerivationCodeSequence, derivation_code);
        source_image(derivation, from);
        const Uint32 index[2] = {frame.segment + 1, positions[static_cast<size_t>(frame.slice)]};
        dkm::add_item(groups, DCM_FrameContentSequence)
            .putAndInsertUint32Array(DCM_DimensionIndexValues, index, 2);
        dkm::set_reals(dkm::add_item(groups, DCM_PlanePositionSequence), DCM_ImagePositionPatient,
                       from->position_lps, 3);
        set(dkm::add_item(groups, DCM_SegmentIdentificationSequence), DCM_ReferencedSegmentNumber,
            static_cast<Uint16>(frame.segment + 1));
    }
}

/* All instances of the source phase, by series (a phase may be spread over several). */
void referenced_series(Writer &w)
{
    const char *open_series = nullptr;
    const char *last_instance = nullptr;
    DcmItem *series = nullptr;
    for (int z = 0; z < w.grid->n[0]; z++) {
        const DkmFrame *f = w.instance(z);
        if (!open_series || strcmp(open_series, f->series_uid) != 0) {
            series = &dkm::add_item(w.out(), DCM_ReferencedSeriesSequence);
            set(*series, DCM_SeriesInstanceUID, f->series_uid);
            open_series = f->series_uid;
        }
        if (last_instance && strcmp(last_instance, f->sop_instance_uid) == 0)
            continue; /* frames of one Enhanced MR file */
        last_instance = f->sop_instance_uid;
        DcmItem &instance = dkm::add_item(*series, DCM_ReferencedInstanceSequence);
        set(instance, DCM_ReferencedSOPClassUID, f->sop_class_uid);
        set(instance, DCM_ReferencedSOPInstanceUID, f->sop_instance_uid);
    }
}

void pixel_data(Writer &w)
{
    const gsize pixels = static_cast<gsize>(w.grid->n[1]) * static_cast<gsize>(w.grid->n[2]);
    std::vector<Uint8> bits(dkm_seg_packed_bytes(w.frames.size(), pixels), 0);
    for (size_t k = 0; k < w.frames.size(); k++) {
        const DkmMask *mask = w.request->segments[w.frames[k].segment].mask;
        dkm_seg_pack(dkm_mask_peek_slice(mask, w.frames[k].slice), pixels, k, bits.data());
    }
    DcmPixelData *element = new DcmPixelData(DCM_PixelData);
    element->setVR(EVR_OB);
    if (element->putUint8Array(bits.data(), static_cast<unsigned long>(bits.size())).bad() ||
        w.out().insert(element, OFTrue).bad()) {
        delete element;
        throw std::bad_alloc();
    }
}

/* Read back what was written and compare it with the masks, bit for bit. */
bool compare_with_masks(const char *path, gpointer data, GError **error)
{
    const Writer &w = *static_cast<Writer *>(data);
    g_autoptr(DkmSeg) seg = dkm_dicom_read_seg(path, w.grid, 0, error);
    if (!seg)
        return false;
    bool equal = seg->segments->len == w.request->n_segments;
    for (guint s = 0; equal && s < w.request->n_segments; s++) {
        auto *read = static_cast<DkmSegReadSegment *>(seg->segments->pdata[s]);
        const gsize n = dkm_grid_voxels(w.grid);
        equal = memcmp(dkm_mask_peek_slice(read->mask, 0),
                       dkm_mask_peek_slice(w.request->segments[s].mask, 0), n) == 0;
    }
    if (!equal)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_OUTPUT,
                            "the segmentation that was written does not read back the same");
    return equal;
}

bool request_fits(const DkmSegRequest *request, GError **error)
{
    const DkmGrid *grid = &request->phases->grid;
    const char *problem = nullptr;
    if (!request->n_segments || request->n_segments > 1000)
        problem = "a segmentation has 1 to 1000 segments";
    for (guint s = 0; !problem && s < request->n_segments; s++)
        if (!dkm_grid_equal(dkm_mask_grid(request->segments[s].mask), grid, 1e-3))
            problem = "the mask does not lie on the lattice of the images";
    if (problem)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY, problem);
    return !problem;
}

void write_modules(Writer &w)
{
    dkm::copy_patient_and_study(w.out(), w.in());
    general_series(w);
    enhanced_equipment(w);
    contributing_equipment(w);
    sop_common(w);
    segmentation_image(w);
    for (guint s = 0; s < w.request->n_segments; s++)
        segment(w, s);
    dimensions(w);
    shared_groups(w);
    per_frame_groups(w);
    referenced_series(w);
    pixel_data(w);
}

bool write_seg(const DkmSegRequest *request, const char *path, GCancellable *cancel, GError **error)
{
    Writer w;
    w.request = request;
    w.grid = &request->phases->grid;
    w.stamp = dkm::stamp_now(request->uid_seed != nullptr);
    const OFCondition loaded =
        w.source.loadFileUntilTag(OFFilename(w.instance(0)->path), EXS_Unknown, EGL_noChange, 256,
                                  ERM_fileOnly, DCM_PixelData);
    if (!dkm::check(loaded, DKM_ERROR_INPUT, "the source images cannot be read", error))
        return false;
    list_frames(w);
    try {
        unify_character_set(w);
        write_modules(w);
    } catch (const dkm::WriteError &failure) {
        return dkm::set_write_error(failure, error);
    }
    return dkm::save(w.file, path, compare_with_masks, &w, cancel, error);
}

} // namespace

gboolean dkm_dicom_write_seg(const DkmSegRequest *request, const char *path, GCancellable *cancel,
                             GError **error)
{
    if (!dkm::start(error) || !request_fits(request, error))
        return FALSE;
    return dkm::guarded(error, [&] { return write_seg(request, path, cancel, error); });
}
