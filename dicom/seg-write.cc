/* A Segmentation object (PS3.3 A.51) from masks, one function per module. Plain DcmDataset: DCMTK's
 * own classes corrupt binary frames whose pixel count is no multiple of 8. */
#include "core/error.h"
#include "core/i18n.h"
#include "core/image/side.h"
#include "dicom/derived.h"
#include "dicom/dicom.h"
#include "dicom/seg-frames.h"

#include <cstring>
#include <glib/gstdio.h>
#include <string>
#include <vector>

namespace {

using dkm::or_else;
using dkm::set;

/* One frame to write: one slice of one segment. */
struct Frame {
    guint segment; /* 0-based */
    int slice;
};

struct Writer : dkm::Derived {
    const DkmSegRequest *request;
    DkmSeg *predecessor; /* or nullptr; borrowed */
    std::vector<Frame> frames;
};

/* All of our words that go into the object. */
std::vector<const char *> words_of(const DkmSegRequest *r)
{
    std::vector<const char *> words = {r->algorithm_name, r->algorithm_version,
                                       r->algorithm_parameters, r->content_creator,
                                       r->series_description};
    for (guint s = 0; s < r->n_segments; s++) {
        words.push_back(r->segments[s].label);
        words.push_back(r->segments[s].tracking_id);
        words.push_back(r->segments[s].foreign_algorithm);
    }
    return words;
}

gsize plane_of(const Writer &w)
{
    return static_cast<gsize>(w.grid().n[1]) * static_cast<gsize>(w.grid().n[2]);
}

/* The probabilities of one slice, where the object holds them. */
const guint8 *probabilities(const Writer &w, const Frame &frame)
{
    return w.request->segments[frame.segment].probability +
           static_cast<gsize>(frame.slice) * plane_of(w);
}

bool holds_anything(const Writer &w, const Frame &frame)
{
    if (w.request->type != DKM_SEG_FRACTIONAL)
        return dkm_mask_slice_count(w.request->segments[frame.segment].mask, frame.slice) > 0;
    const guint8 *values = probabilities(w, frame);
    for (gsize i = 0; i < plane_of(w); i++)
        if (values[i])
            return true;
    return false;
}

bool lists_slice(const Writer &w, int slice)
{
    for (const Frame &frame : w.frames)
        if (frame.slice == slice)
            return true;
    return false;
}

/* A frame a segment and slice; of a LABELMAP a frame a slice. */
void list_frames(Writer &w)
{
    for (guint s = 0; s < w.request->n_segments; s++)
        for (int z = 0; z < w.grid().n[0]; z++)
            if (holds_anything(w, {s, z}) &&
                !(w.request->type == DKM_SEG_LABELMAP && lists_slice(w, z)))
                w.frames.push_back({s, z});
    if (w.frames.empty()) /* a SEG has at least one frame: "nothing found" is one empty one */
        w.frames.push_back({0, w.grid().n[0] / 2});
}

void contributing_equipment(Writer &w)
{
    dkm::write_contribution(w, {"109102", "DCM", "Processing Equipment"},
                            "segmented by a network from the pre-contrast phase");
    if (w.request->content_creator)
        dkm::write_contribution(w, {"109103", "DCM", "Modifying Equipment"},
                                "reviewed by a person");
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

/* 0: a bit a pixel. */
unsigned bytes_of(const DkmSegRequest *request)
{
    if (request->type == DKM_SEG_BINARY)
        return 0;
    return request->type == DKM_SEG_LABELMAP && request->n_segments > 255 ? 2 : 1;
}

void segmentation_kind(Writer &w)
{
    static const char *const names[] = {"BINARY", "FRACTIONAL", "LABELMAP"};
    DcmItem &d = w.out();
    const unsigned bytes = bytes_of(w.request);
    const Uint16 bits = bytes ? static_cast<Uint16>(8 * bytes) : 1;
    set(d, DCM_BitsAllocated, bits);
    set(d, DCM_BitsStored, bits);
    set(d, DCM_HighBit, static_cast<Uint16>(bits - 1));
    set(d, DCM_SegmentationType, names[w.request->type]);
    if (w.request->type == DKM_SEG_FRACTIONAL) {
        set(d, DCM_SegmentationFractionalType, "PROBABILITY");
        set(d, DCM_MaximumFractionalValue, static_cast<Uint16>(255));
    }
    if (w.request->type == DKM_SEG_LABELMAP) {
        DcmUnsignedShort *padding = new DcmUnsignedShort(DcmTag(DCM_PixelPaddingValue, EVR_US));
        padding->putUint16(0, 0);
        if (d.insert(padding, OFTrue).bad())
            delete padding;
    }
    const DcmTagKey segments_overlap(0x0062, 0x0013); /* not in DCMTK 3.6.7's dictionary */
    DcmCodeString *overlap = new DcmCodeString(DcmTag(segments_overlap, EVR_CS));
    overlap->putString(do_overlap(w.request) ? "YES" : "NO");
    if (d.insert(overlap, OFTrue).bad())
        delete overlap;
}

void segmentation_image(Writer &w)
{
    DcmItem &d = w.out();
    set(d, DCM_ImageType, "DERIVED\\PRIMARY");
    dkm::write_content(w, or_else(w.request->content_label, "SEGMENTATION"),
                       "Research use only, not for diagnosis", w.request->content_creator);
    set(d, DCM_SamplesPerPixel, static_cast<Uint16>(1));
    set(d, DCM_PhotometricInterpretation, "MONOCHROME2");
    dkm::set_number(d, DCM_NumberOfFrames, static_cast<long>(w.frames.size()));
    set(d, DCM_Rows, static_cast<Uint16>(w.grid().n[1]));
    set(d, DCM_Columns, static_cast<Uint16>(w.grid().n[2]));
    set(d, DCM_PixelRepresentation, static_cast<Uint16>(0));
    set(d, DCM_LossyImageCompression, "00");
    segmentation_kind(w);
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

/* Which breast, where the lesion's place tells. */
void anatomic_region(DcmItem &item, const DkmMask *mask)
{
    static const dkm::Code breast = {"76752008", "SCT", "Breast"};
    const DkmSide side = dkm_mask_side(mask);
    DcmItem &region = dkm::set_code(item, DCM_AnatomicRegionSequence, breast);
    if (side == DKM_SIDE_LEFT)
        dkm::set_code(region, DCM_AnatomicRegionModifierSequence, {"7771000", "SCT", "Left"});
    if (side == DKM_SIDE_RIGHT)
        dkm::set_code(region, DCM_AnatomicRegionModifierSequence, {"24028007", "SCT", "Right"});
}

/* The segment of the version before that is this one: that has its label. */
const DkmSegReadSegment *find_before(const Writer &w, const char *label)
{
    g_autofree char *written = w.predecessor && w.predecessor->is_deidentified
                                   ? dkm_dicom_deidentified_label(label)
                                   : g_strdup(label);
    for (guint s = 0; w.predecessor && s < w.predecessor->segments->len; s++) {
        auto *before = static_cast<DkmSegReadSegment *>(w.predecessor->segments->pdata[s]);
        if (g_strcmp0(before->label, written) == 0 && before->tracking_id && before->tracking_uid)
            return before;
    }
    return nullptr;
}

/* A lesion keeps its tracking identity from version to version. */
void tracking(Writer &w, DcmItem &item, guint i, const char *label)
{
    const DkmSegSegment &from = w.request->segments[i];
    const DkmSegReadSegment *before = from.tracking_uid ? nullptr : find_before(w, label);
    if (before) {
        set(item, DCM_TrackingID, before->tracking_id);
        set(item, DCM_TrackingUID, before->tracking_uid);
        return;
    }
    const std::string made = w.uid(("tracking " + std::to_string(i + 1)).c_str());
    set(item, DCM_TrackingID,
        or_else(from.tracking_id, ("Lesion " + std::to_string(i + 1)).c_str()));
    set(item, DCM_TrackingUID, or_else(from.tracking_uid, made.c_str()));
}

std::string first_characters(const std::string &text, glong n)
{
    if (g_utf8_strlen(text.c_str(), -1) <= n)
        return text;
    g_autofree char *head = g_utf8_substring(text.c_str(), 0, n);
    return head;
}

/* An LO has 64 characters, an ST 1024: what others wrote longer stands in the description too. */
void set_label(DcmItem &item, const std::string &whole, const std::string &label)
{
    set(item, DCM_SegmentLabel, label.c_str());
    if (label != whole)
        set(item, DCM_SegmentDescription, first_characters(whole, 1024).c_str());
}

std::string fitting_label(const std::string &whole)
{
    const std::string head = first_characters(whole, 64);
    return head == whole ? whole : first_characters(whole, 61) + "...";
}

void segment(Writer &w, guint i)
{
    static const dkm::Code category = {"49755003", "SCT", "Morphologically Abnormal Structure"};
    static const dkm::Code type = {"108369006", "SCT", "Neoplasm"};
    static const Uint16 colours[][3] = {
        {43803, 26565, 39722}, {36471, 50086, 44717}, {52000, 33000, 52000}, {34000, 40000, 20000}};
    const DkmSegSegment &from = w.request->segments[i];
    const std::string whole = from.label ? from.label : "Lesion " + std::to_string(i + 1);
    const std::string label = fitting_label(whole);
    DcmItem &item = dkm::add_item(w.out(), DCM_SegmentSequence);
    set(item, DCM_SegmentNumber, static_cast<Uint16>(i + 1));
    set_label(item, whole, label);
    set(item, DCM_SegmentAlgorithmType, algorithm_type(from.algorithm));
    dkm::set_code(item, DCM_SegmentedPropertyCategoryCodeSequence, category);
    dkm::set_code(item, DCM_SegmentedPropertyTypeCodeSequence, type);
    anatomic_region(item, from.mask);
    if (from.algorithm != DKM_SEG_MANUAL && from.foreign_algorithm)
        set(item, DCM_SegmentAlgorithmName, fitting_label(from.foreign_algorithm).c_str());
    else if (from.algorithm != DKM_SEG_MANUAL)
        segment_algorithm(w, item);
    tracking(w, item, i, label.c_str());
    item.putAndInsertUint16Array(DCM_RecommendedDisplayCIELabValue, colours[i % 4], 3);
}

void dimensions(Writer &w)
{
    const dkm::Dimension segment = {DCM_ReferencedSegmentNumber, DCM_SegmentIdentificationSequence,
                                    "Segment"};
    const dkm::Dimension position = {DCM_ImagePositionPatient, DCM_PlanePositionSequence,
                                     "Position"};
    if (w.request->type == DKM_SEG_LABELMAP)
        dkm::write_dimensions(w, {position});
    else
        dkm::write_dimensions(w, {segment, position});
}

/* 1-based place of each slice among those that any frame uses, for the dimension index. */
std::vector<Uint32> position_indices(const Writer &w)
{
    std::vector<Uint32> index(static_cast<size_t>(w.grid().n[0]), 0);
    for (const Frame &frame : w.frames)
        index[static_cast<size_t>(frame.slice)] = 1;
    Uint32 next = 0;
    for (Uint32 &place : index)
        place = place ? ++next : 0;
    return index;
}

void per_frame_groups(Writer &w)
{
    const bool is_labelmap = w.request->type == DKM_SEG_LABELMAP;
    const std::vector<Uint32> positions = position_indices(w);
    dkm::write_plane_groups(w, dkm::add_item(w.out(), DCM_SharedFunctionalGroupsSequence));
    for (const Frame &frame : w.frames) {
        DcmItem &groups = dkm::add_item(w.out(), DCM_PerFrameFunctionalGroupsSequence);
        dkm::write_frame_source(w, groups, frame.slice, {"113076", "DCM", "Segmentation"});
        const Uint32 index[2] = {frame.segment + 1, positions[static_cast<size_t>(frame.slice)]};
        dkm::add_item(groups, DCM_FrameContentSequence)
            .putAndInsertUint32Array(DCM_DimensionIndexValues, index + is_labelmap,
                                     is_labelmap ? 1 : 2);
        if (!is_labelmap)
            set(dkm::add_item(groups, DCM_SegmentIdentificationSequence),
                DCM_ReferencedSegmentNumber, static_cast<Uint16>(frame.segment + 1));
    }
}

/* The version that this one takes the place of: stated, never touched. */
void supersede(Writer &w)
{
    const DkmSeg *old = w.predecessor;
    if (!old)
        return;
    dkm::write_private_scheme(w);
    DcmItem &instance = dkm::add_item(w.out(), DCM_SourceInstanceSequence);
    dkm::write_reference(instance, old->sop_class_uid, old->sop_instance_uid);
    dkm::set_code(instance, DCM_PurposeOfReferenceCodeSequence,
                  {"PREDECESSOR", dkm::private_scheme, "Version superseded by this one"});
    DcmItem &series = dkm::add_item(w.out(), DCM_ReferencedSeriesSequence);
    set(series, DCM_SeriesInstanceUID, old->series_uid);
    dkm::write_reference(dkm::add_item(series, DCM_ReferencedInstanceSequence), old->sop_class_uid,
                         old->sop_instance_uid);
}

/* Slice Z of a LABELMAP: where lesions do not overlap. */
void label_frame(const Writer &w, int z, unsigned bytes, Uint8 *out)
{
    for (guint s = 0; s < w.request->n_segments; s++) {
        const guint8 *voxels = dkm_mask_peek_slice(w.request->segments[s].mask, z);
        for (gsize i = 0; i < plane_of(w); i++) {
            if (!voxels[i])
                continue;
            out[i * bytes] = static_cast<Uint8>((s + 1) & 0xff);
            if (bytes == 2)
                out[i * 2 + 1] = static_cast<Uint8>((s + 1) >> 8);
        }
    }
}

std::vector<Uint8> make_pixels(const Writer &w)
{
    const gsize plane = plane_of(w);
    const unsigned bytes = bytes_of(w.request);
    const gsize size = w.frames.size() * plane * bytes;
    std::vector<Uint8> out(bytes ? size + (size & 1) : dkm_seg_packed_bytes(w.frames.size(), plane),
                           0);
    for (size_t k = 0; k < w.frames.size(); k++) {
        const Frame &frame = w.frames[k];
        if (w.request->type == DKM_SEG_FRACTIONAL)
            memcpy(out.data() + k * plane, probabilities(w, frame), plane);
        else if (bytes)
            label_frame(w, frame.slice, bytes, out.data() + k * plane * bytes);
        else
            dkm_seg_pack(dkm_mask_peek_slice(w.request->segments[frame.segment].mask, frame.slice),
                         plane, k, out.data());
    }
    return out;
}

void pixel_data(Writer &w)
{
    const std::vector<Uint8> pixels = make_pixels(w);
    DcmPixelData *element = new DcmPixelData(DCM_PixelData);
    element->setVR(bytes_of(w.request) == 2 ? EVR_OW : EVR_OB);
    if (element->putUint8Array(pixels.data(), static_cast<unsigned long>(pixels.size())).bad() ||
        w.out().insert(element, OFTrue).bad()) {
        delete element;
        throw std::bad_alloc();
    }
}

bool is_equal(const Writer &w, const DkmSegReadSegment *read, const DkmSegSegment &wanted)
{
    const gsize n = dkm_grid_voxels(&w.grid());
    if (w.request->type == DKM_SEG_FRACTIONAL)
        return read->values && memcmp(read->values, wanted.probability, n) == 0;
    return memcmp(dkm_mask_peek_slice(read->mask, 0), dkm_mask_peek_slice(wanted.mask, 0), n) == 0;
}

/* Read back what was written and compare it with the masks, bit for bit. */
bool compare_with_masks(const char *path, gpointer data, GError **error)
{
    const Writer &w = *static_cast<Writer *>(data);
    g_autoptr(DkmSeg) seg = dkm_dicom_read_seg(path, &w.grid(), 0, error);
    if (!seg)
        return false;
    bool equal = seg->segments->len == w.request->n_segments;
    for (guint s = 0; equal && s < w.request->n_segments; s++)
        equal = is_equal(w, static_cast<DkmSegReadSegment *>(seg->segments->pdata[s]),
                         w.request->segments[s]);
    if (!equal)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_OUTPUT,
                            _("the segmentation that was written does not read back the same"));
    return equal;
}

bool request_fits(const DkmSegRequest *request, GError **error)
{
    const DkmGrid *grid = &request->phases->grid;
    const char *problem = nullptr;
    if (!request->n_segments || request->n_segments > 1000)
        problem = "a segmentation has 1 to 1000 segments";
    for (guint s = 0; !problem && s < request->n_segments; s++) {
        if (!dkm_grid_equal(dkm_mask_grid(request->segments[s].mask), grid, 1e-3))
            problem = "the mask does not lie on the lattice of the images";
        else if (request->type == DKM_SEG_FRACTIONAL && !request->segments[s].probability)
            problem = "a fractional segmentation needs the probability of each segment";
    }
    if (!problem && request->type == DKM_SEG_LABELMAP && do_overlap(request))
        problem = "lesions overlap: a label map cannot hold them, a binary segmentation can";
    if (problem)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY, problem);
    return !problem;
}

/* Is PATH the file of the predecessor, by whatever name? */
bool is_same_file(const char *path, const char *predecessor)
{
    GStatBuf a, b;
    return g_stat(path, &a) == 0 && g_stat(predecessor, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* The version before, of the same study and never written over. */
bool read_predecessor(const DkmSegRequest *request, const char *path, DkmSeg **out, GError **error)
{
    *out = nullptr;
    if (!request->predecessor)
        return true;
    if (is_same_file(path, request->predecessor)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_OUTPUT,
                            _("a new version is not written over the one before"));
        return false;
    }
    const DkmSegImport import = {request->table, request->phases, 0.5, FALSE};
    *out = dkm_dicom_import_seg(request->predecessor, &import, error);
    const bool has_uids =
        *out && (*out)->sop_class_uid && (*out)->sop_instance_uid && (*out)->series_uid;
    if (*out && !has_uids)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT, _("it has no UIDs"));
    if (!has_uids)
        g_prefix_error(error, "the version before: ");
    return has_uids;
}

void write_modules(Writer &w)
{
    const bool is_labelmap = w.request->type == DKM_SEG_LABELMAP;
    dkm::copy_patient_and_study(w.out(), w.in());
    dkm::write_general_series(
        w, {"SEG", or_else(w.request->series_description, "RESEARCH USE ONLY: DKM segmentation"),
            w.request->series_number, 3001});
    dkm::write_enhanced_equipment(w);
    contributing_equipment(w);
    dkm::write_sop_common(w, is_labelmap ? DKM_LABELMAP_STORAGE : UID_SegmentationStorage);
    segmentation_image(w);
    for (guint s = 0; s < w.request->n_segments; s++)
        segment(w, s);
    dimensions(w);
    per_frame_groups(w);
    dkm::write_referenced_series(w);
    supersede(w);
    pixel_data(w);
}

bool write_seg(const DkmSegRequest *request, const char *path, GCancellable *cancel, GError **error)
{
    Writer w = {};
    g_autoptr(DkmSeg) predecessor = nullptr;
    w.request = request;
    w.table = request->table;
    w.phases = request->phases;
    w.phase = request->phase;
    w.uid_seed = request->uid_seed;
    w.version = request->algorithm_version;
    if (!dkm::load_source(w, error) || !read_predecessor(request, path, &predecessor, error))
        return false;
    w.predecessor = predecessor;
    list_frames(w);
    try {
        dkm::unify_character_set(w, words_of(request));
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
