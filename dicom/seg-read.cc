/* A Segmentation object to masks: BINARY, FRACTIONAL and LABELMAP, any vendor's, frames matched by
 * plane position. Not for: whether it belongs to the images (seg-import.c). */
#include "core/error.h"
#include "core/i18n.h"
#include "dicom/dcmtk.h"
#include "dicom/dicom.h"
#include "dicom/pixel-file.h"
#include "dicom/seg-frames.h"
#include "dicom/uid.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <vector>

namespace {

enum { MAX_SIDE = 4096, MAX_FRAMES = 100000, MAX_SLICES = 10000, MAX_SEGMENTS = 1000 };
enum { LABELS = 65536 };             /* a LABELMAP's values */
const double PLANE_TOLERANCE = 0.55; /* of a voxel: some archives lie half a pixel off */

bool refuse(GError **error, int code, const char *what)
{
    g_set_error_literal(error, DKM_ERROR, code, what);
    return false;
}

struct Plane {
    double position[3], row[3], column[3];
    int segment; /* SegmentNumber */
};

struct Reader {
    DcmFileFormat file;
    int rows, columns;
    bool fractional, labelmap;
    unsigned bytes; /* a pixel; 0: one bit */
    int maximum;    /* MaximumFractionalValue */
    int padding;    /* of a LABELMAP: the value that is background besides 0 */
    double spacing[2], between_slices, thickness;
    const char *guessed;       /* how the distance of the slices was found where no one says it */
    std::vector<Plane> planes; /* one a frame */
    const Uint8 *pixels;       /* nullptr: compressed, to be decoded frame by frame */
    DkmPixelFile coded;
    std::vector<guint16> samples; /* of the frame that was decoded last */
    std::vector<Uint8> decoded;   /* the same as it would stand in a file */
    ~Reader()
    {
        dkm_pixel_file_close(&coded);
    }
    DcmDataset &in()
    {
        return *file.getDataset();
    }
};

/* Item of a functional group of frame K: its own, else the shared one. */
DcmItem *find_group(DcmItem *own, DcmItem *shared, const DcmTagKey &tag)
{
    DcmItem *found = own ? dkm::first_item(*own, tag) : nullptr;
    return found || !shared ? found : dkm::first_item(*shared, tag);
}

bool read_plane(const Reader &r, DcmItem *own, DcmItem *shared, Plane *plane, GError **error)
{
    DcmItem *position = find_group(own, shared, DCM_PlanePositionSequence);
    DcmItem *orientation = find_group(own, shared, DCM_PlaneOrientationSequence);
    DcmItem *segment = find_group(own, shared, DCM_SegmentIdentificationSequence);
    if (!position || !orientation || (!segment && !r.labelmap))
        return refuse(error, DKM_ERROR_INPUT, _("a frame has no position, orientation or segment"));
    for (unsigned long k = 0; k < 3; k++) {
        plane->position[k] = dkm::real(*position, DCM_ImagePositionPatient, k);
        plane->row[k] = dkm::real(*orientation, DCM_ImageOrientationPatient, k);
        plane->column[k] = dkm::real(*orientation, DCM_ImageOrientationPatient, 3 + k);
        if (!std::isfinite(plane->position[k] + plane->row[k] + plane->column[k]))
            return refuse(error, DKM_ERROR_INPUT,
                          _("a frame's position or orientation is damaged"));
    }
    plane->segment = segment ? dkm::integer(*segment, DCM_ReferencedSegmentNumber) : 0;
    return true;
}

/* All frames have one size of pixels: those of the first. */
bool read_measures(Reader &r, DcmItem *own, DcmItem *shared, bool is_first, GError **error)
{
    if (!is_first && (!own || !own->tagExists(DCM_PixelMeasuresSequence)))
        return true;
    DcmItem *measures = find_group(own, shared, DCM_PixelMeasuresSequence);
    if (!measures)
        return refuse(error, DKM_ERROR_INPUT, _("no pixel spacing"));
    const double spacing[2] = {dkm::real(*measures, DCM_PixelSpacing, 0),
                               dkm::real(*measures, DCM_PixelSpacing, 1)};
    if (!is_first)
        return (std::fabs(spacing[0] - r.spacing[0]) < 1e-4 &&
                std::fabs(spacing[1] - r.spacing[1]) < 1e-4) ||
               refuse(error, DKM_ERROR_UNSUPPORTED, _("its frames have pixels of several sizes"));
    memcpy(r.spacing, spacing, sizeof spacing);
    r.between_slices = dkm::real(*measures, DCM_SpacingBetweenSlices);
    r.thickness = dkm::real(*measures, DCM_SliceThickness);
    return true;
}

bool read_planes(Reader &r, int frames, GError **error)
{
    DcmItem *shared = dkm::first_item(r.in(), DCM_SharedFunctionalGroupsSequence);
    DcmSequenceOfItems *own = nullptr;
    r.in().findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, own);
    if (!own || own->card() != static_cast<unsigned long>(frames))
        return refuse(error, DKM_ERROR_INPUT, _("the number of frames and their positions differ"));
    r.planes.resize(static_cast<size_t>(frames));
    DcmObject *item = nullptr;
    for (Plane &plane : r.planes) {
        item = own->nextInContainer(item);
        auto *groups = static_cast<DcmItem *>(item);
        if (!read_plane(r, groups, shared, &plane, error) ||
            !read_measures(r, groups, shared, &plane == &r.planes.front(), error))
            return false;
    }
    return true;
}

bool read_kind(Reader &r, GError **error)
{
    const OFString type = dkm::text(r.in(), DCM_SegmentationType);
    const int bits = dkm::integer(r.in(), DCM_BitsAllocated);
    r.fractional = type == "FRACTIONAL";
    r.labelmap = type == "LABELMAP";
    if (!r.fractional && !r.labelmap && type != "BINARY") {
        g_set_error(error, DKM_ERROR, DKM_ERROR_UNSUPPORTED,
                    _("segmentations of type %s are not read"), type.c_str());
        return false;
    }
    const bool wide = r.labelmap && bits == 16;
    if (bits != (r.fractional || r.labelmap ? 8 : 1) && !wide)
        return refuse(error, DKM_ERROR_INPUT, _("bits allocated do not fit the segmentation type"));
    r.bytes = static_cast<unsigned>(bits / 8);
    const int maximum = dkm::integer(r.in(), DCM_MaximumFractionalValue);
    r.maximum = maximum > 0 && maximum < 256 ? maximum : 255;
    r.padding = dkm::integer(r.in(), DCM_PixelPaddingValue);
    return true;
}

bool open_compressed(Reader &r, const char *path, GError **error)
{
    const gsize pixels = static_cast<gsize>(r.rows) * static_cast<gsize>(r.columns);
    if (!dkm_pixel_file_open(&r.coded, path, error))
        return false;
    r.samples.resize(pixels);
    r.decoded.resize(r.bytes ? pixels * r.bytes : (pixels + 7) / 8);
    return true;
}

/* The bytes of frame K of a FRACTIONAL or LABELMAP object (or a coded BINARY one, whose samples are
 * decoded), or nullptr and an error. */
const Uint8 *frame_bytes(Reader &r, size_t k, GError **error)
{
    const gsize pixels = static_cast<gsize>(r.rows) * static_cast<gsize>(r.columns);
    const DkmFrameWanted wanted = {static_cast<int>(k), r.rows, r.columns};
    if (r.pixels)
        return r.pixels + k * pixels * r.bytes;
    if (!dkm_pixel_file_read(&r.coded, &wanted, r.samples.data(), error))
        return nullptr;
    for (gsize i = 0; r.bytes && i < pixels; i++) { /* one bit: the samples are enough */
        r.decoded[i * r.bytes] = static_cast<Uint8>(r.samples[i] & 0xff);
        if (r.bytes == 2)
            r.decoded[2 * i + 1] = static_cast<Uint8>(r.samples[i] >> 8);
    }
    return r.decoded.data();
}

bool read_pixels(Reader &r, int frames, GError **error)
{
    const gsize pixels = static_cast<gsize>(r.rows) * static_cast<gsize>(r.columns);
    const gsize all = pixels * static_cast<gsize>(frames);
    const gsize needed = r.bytes ? all * r.bytes : (all + 7) / 8;
    unsigned long count = 0;
    DcmElement *element = nullptr;
    Uint8 *bytes = nullptr;
    if (r.in().findAndGetElement(DCM_PixelData, element).bad())
        return refuse(error, DKM_ERROR_INPUT, _("no pixel data"));
    count = element->getLength();
    if (element->getUint8Array(bytes).bad() || !bytes || count < needed)
        return refuse(error, DKM_ERROR_INPUT, _("the pixel data are cut off"));
    r.pixels = bytes;
    return true;
}

bool load(Reader &r, const char *path, GError **error)
{
    DkmPreflight preflight;
    if (!dkm_preflight_file(path, &preflight, error))
        return false;
    if (!dkm::check(r.file.loadFile(OFFilename(path)), DKM_ERROR_INPUT, _("not readable"), error))
        return false;
    const OFString sop_class = dkm::text(r.in(), DCM_SOPClassUID);
    if (sop_class != UID_SegmentationStorage && sop_class != DKM_LABELMAP_STORAGE)
        return refuse(error, DKM_ERROR_INPUT, _("not a DICOM segmentation (SEG)"));
    const OFString character_set = dkm::text(r.in(), DCM_SpecificCharacterSet);
    if (!character_set.empty() && character_set != "ISO_IR 192")
        r.in().convertToUTF8(); /* what cannot be converted is made valid when it is kept */
    r.rows = dkm::integer(r.in(), DCM_Rows);
    r.columns = dkm::integer(r.in(), DCM_Columns);
    const int frames = dkm::integer(r.in(), DCM_NumberOfFrames);
    if (r.rows < 1 || r.columns < 1 || r.rows > MAX_SIDE || r.columns > MAX_SIDE || frames < 1 ||
        frames > MAX_FRAMES)
        return refuse(error, DKM_ERROR_INPUT, _("rows, columns or frames are missing or too many"));
    return read_kind(r, error) && read_planes(r, frames, error) &&
           (preflight.encapsulated ? open_compressed(r, path, error)
                                   : read_pixels(r, frames, error));
}

void cross(const double a[3], const double b[3], double out[3])
{
    for (int k = 0; k < 3; k++)
        out[k] = a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3];
}

double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* The distance of the slices, from the sorted places of the planes along the normal. A gap may be
 * a slice that was left out because it is empty. */
double slice_step(Reader &r, const std::vector<double> &along)
{
    double smallest = 0, largest = 0;
    for (size_t i = 1; i < along.size(); i++) {
        const double gap = along[i] - along[i - 1];
        if (gap < 0.01)
            continue; /* another segment's frame of the same plane */
        smallest = smallest > 0 ? std::min(smallest, gap) : gap;
        largest = std::max(largest, gap);
    }
    if (r.between_slices > 0)
        return smallest > 0 ? std::min(r.between_slices, smallest) : r.between_slices;
    const bool several = along.back() - along.front() > 1.5 * smallest;
    const bool is_even = several && largest - smallest < 0.02 * smallest;
    const bool fits = r.thickness > 0 && !(smallest > 0 && r.thickness > smallest + 0.01);
    if (fits && !(is_even && r.thickness < 0.98 * smallest))
        return r.thickness;
    r.guessed = smallest > 0 ? "no slice spacing: the smallest distance of two planes was taken"
                             : "no slice spacing: 1 mm was taken";
    return smallest > 0 ? smallest : 1;
}

/* The lattice of the frames' own planes, from the lowest along the normal up. */
bool own_grid(Reader &r, DkmGrid *grid, GError **error)
{
    const Plane &first = r.planes[0];
    double normal[3];
    cross(first.row, first.column, normal);
    const Plane *lowest = &first;
    std::vector<double> along;
    for (const Plane &plane : r.planes) {
        along.push_back(dot(plane.position, normal));
        if (along.back() < dot(lowest->position, normal))
            lowest = &plane;
    }
    std::sort(along.begin(), along.end());
    const double step = slice_step(r, along);
    const double slices = std::round((along.back() - along.front()) / step) + 1;
    if (!(slices >= 1 && slices <= MAX_SLICES))
        return refuse(error, DKM_ERROR_GEOMETRY, _("the frames' positions make no lattice"));
    *grid = DkmGrid{{static_cast<int>(slices), r.rows, r.columns},
                    {step, r.spacing[0], r.spacing[1]},
                    {lowest->position[0], lowest->position[1], lowest->position[2]},
                    {{normal[0], normal[1], normal[2]},
                     {first.column[0], first.column[1], first.column[2]},
                     {first.row[0], first.row[1], first.row[2]}}};
    return dkm_grid_is_valid(grid) ||
           refuse(error, DKM_ERROR_GEOMETRY, _("the frames' orientation or spacing is damaged"));
}

/* The slice of GRID on which a frame lies, or -1; *OFF_MM grows to the largest distance met. */
int slice_of(const Reader &r, const Plane &plane, const DkmGrid *grid, double *off_mm)
{
    double zyx[3];
    const bool same_directions =
        dot(plane.row, grid->axis_lps[2]) > 0.999 && dot(plane.column, grid->axis_lps[1]) > 0.999;
    const bool same_size = r.rows == grid->n[1] && r.columns == grid->n[2] &&
                           std::fabs(r.spacing[0] - grid->spacing_mm[1]) < 0.01 &&
                           std::fabs(r.spacing[1] - grid->spacing_mm[2]) < 0.01;
    dkm_grid_from_lps(grid, plane.position, zyx);
    const double z = std::round(zyx[0]);
    const bool near = std::fabs(zyx[0] - z) < PLANE_TOLERANCE &&
                      std::fabs(zyx[1]) < PLANE_TOLERANCE && std::fabs(zyx[2]) < PLANE_TOLERANCE;
    if (!same_directions || !same_size || !near || z < 0 || z >= grid->n[0])
        return -1;
    const double off[3] = {zyx[0] - z, zyx[1], zyx[2]};
    for (int k = 0; k < 3; k++)
        *off_mm = std::max(*off_mm, std::fabs(off[k]) * grid->spacing_mm[k]);
    return static_cast<int>(z);
}

void free_segment(gpointer data)
{
    auto *segment = static_cast<DkmSegReadSegment *>(data);
    dkm_mask_unref(segment->mask);
    g_free(segment->values);
    g_free(segment->label);
    g_free(segment->algorithm_type);
    g_free(segment->algorithm_name);
    g_free(segment->tracking_id);
    g_free(segment->tracking_uid);
    g_free(segment);
}

char *dup_text(DcmItem &item, const DcmTagKey &tag)
{
    const OFString value = dkm::text(item, tag);
    return value.empty() ? nullptr : g_utf8_make_valid(value.c_str(), -1);
}

/* A file of a few bytes must not ask for gigabytes: N masks on GRID may take more than the frames'
 * own pixels by so much, and where the images say how large a mask is, by as much as some tens. */
bool check_masks(const Reader &r, const DkmGrid *grid, unsigned long n, bool own_grid,
                 GError **error)
{
    const guint64 frames = static_cast<guint64>(r.planes.size()) * static_cast<guint64>(r.rows) *
                           static_cast<guint64>(r.columns);
    const guint64 limit = frames + (static_cast<guint64>(own_grid ? 96 : 2048) << 20);
    if (dkm_grid_voxels(grid) <= limit / n)
        return true;
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                _("%lu masks on %d slices of %d x %d take more memory than its %u frames warrant"),
                n, grid->n[0], grid->n[1], grid->n[2], static_cast<unsigned>(r.planes.size()));
    return false;
}

bool find_segments(Reader &r, DcmSequenceOfItems **sequence, GError **error)
{
    r.in().findAndGetSequence(DCM_SegmentSequence, *sequence);
    const unsigned long n = *sequence ? (*sequence)->card() : 0;
    return (n >= 1 && n <= MAX_SEGMENTS) ||
           refuse(error, DKM_ERROR_INPUT, _("no segment, or more than 1000"));
}

/* The segments that are described, by their number; the background is none. */
typedef std::map<int, DkmSegReadSegment *> Segments;

bool add_segment(const Reader &r, DcmItem &item, const DkmGrid *grid, DkmSeg *seg, GError **error)
{
    DkmMask *mask = dkm_mask_new(grid, error);
    if (!mask)
        return false;
    auto *segment = g_new0(DkmSegReadSegment, 1);
    g_ptr_array_add(seg->segments, segment);
    segment->mask = mask;
    segment->number = dkm::integer(item, DCM_SegmentNumber);
    segment->label = dup_text(item, DCM_SegmentLabel);
    segment->algorithm_type = dup_text(item, DCM_SegmentAlgorithmType);
    segment->algorithm_name = dup_text(item, DCM_SegmentAlgorithmName);
    segment->tracking_id = dup_text(item, DCM_TrackingID);
    segment->tracking_uid = dup_text(item, DCM_TrackingUID);
    if (segment->tracking_uid && !dkm_uid_is_valid(segment->tracking_uid)) {
        g_clear_pointer(&segment->tracking_uid, g_free);
        g_ptr_array_add(seg->assumed,
                        g_strdup_printf("segment %d: its tracking UID is none and is not kept",
                                        segment->number));
    }
    if (!r.fractional)
        return true;
    const gsize n = dkm_grid_voxels(grid);
    segment->values = static_cast<guint8 *>(g_try_malloc0(n));
    return segment->values || dkm_error_set_no_memory(error, n, _("a fractional segment"));
}

bool read_segments(const Reader &r, DcmSequenceOfItems &sequence, DkmSeg *seg, const DkmGrid *grid,
                   Segments &found, GError **error)
{
    for (unsigned long i = 0; i < sequence.card(); i++) {
        DcmItem &item = *sequence.getItem(i);
        if (r.labelmap && dkm::integer(item, DCM_SegmentNumber) == 0)
            continue; /* 0 is the background, described or not */
        if (!add_segment(r, item, grid, seg, error))
            return false;
        auto *made = static_cast<DkmSegReadSegment *>(seg->segments->pdata[seg->segments->len - 1]);
        found[made->number] = made;
    }
    return seg->segments->len > 0 || refuse(error, DKM_ERROR_INPUT, _("no segment is described"));
}

bool undescribed(size_t frame, GError **error)
{
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                _("frame %u belongs to a segment that is not described"),
                static_cast<unsigned>(frame) + 1);
    return false;
}

/* Frame K of a BINARY or FRACTIONAL object, which has one segment. */
bool set_voxels(Reader &r, size_t k, int z, double threshold, const Segments &found, GError **error)
{
    const gsize pixels = static_cast<gsize>(r.rows) * static_cast<gsize>(r.columns);
    const auto at = found.find(r.planes[k].segment);
    if (at == found.end())
        return undescribed(k, error);
    guint8 *voxels = dkm_mask_slice(at->second->mask, z);
    if (!r.fractional && r.pixels) {
        dkm_seg_unpack(r.pixels, pixels, k, voxels);
        return true;
    }
    const Uint8 *values = frame_bytes(r, k, error);
    if (!values)
        return false;
    if (!r.fractional) {
        for (gsize i = 0; i < pixels; i++)
            voxels[i] |= r.samples[i] & 1;
        return true;
    }
    memcpy(at->second->values + static_cast<gsize>(z) * pixels, values, pixels);
    for (gsize i = 0; i < pixels; i++)
        if (values[i] > threshold * r.maximum)
            voxels[i] = 1;
    return true;
}

/* Frame K of a LABELMAP: each value is a segment's number. */
bool set_labels(Reader &r, size_t k, int z, const Segments &found, GError **error)
{
    const gsize pixels = static_cast<gsize>(r.rows) * static_cast<gsize>(r.columns);
    std::vector<guint8 *> slices(LABELS, nullptr);
    for (const auto &segment : found)
        if (segment.first > 0 && segment.first < LABELS)
            slices[static_cast<size_t>(segment.first)] = dkm_mask_slice(segment.second->mask, z);
    const Uint8 *from = frame_bytes(r, k, error);
    for (gsize i = 0; from && i < pixels; i++) {
        const int label = r.bytes == 1 ? from[i] : from[2 * i] | from[2 * i + 1] << 8;
        if (label == 0 || label == r.padding)
            continue;
        if (!slices[static_cast<size_t>(label)])
            return undescribed(k, error);
        slices[static_cast<size_t>(label)][i] = 1;
    }
    return from != nullptr;
}

bool place_frames(Reader &r, const DkmGrid *grid, double threshold, const Segments &found,
                  double *off_mm, GError **error)
{
    for (size_t k = 0; k < r.planes.size(); k++) {
        const int z = slice_of(r, r.planes[k], grid, off_mm);
        if (z < 0) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                        _("frame %u does not lie on the lattice of the images"),
                        static_cast<unsigned>(k) + 1);
            return false;
        }
        if (!(r.labelmap ? set_labels(r, k, z, found, error)
                         : set_voxels(r, k, z, threshold, found, error)))
            return false;
    }
    return true;
}

/* The source images, as far as they are named. */
void list_references(Reader &r, DkmSeg *seg)
{
    DcmSequenceOfItems *series = nullptr;
    r.in().findAndGetSequence(DCM_ReferencedSeriesSequence, series);
    for (unsigned long i = 0; series && i < series->card(); i++) {
        DcmSequenceOfItems *instances = nullptr;
        series->getItem(i)->findAndGetSequence(DCM_ReferencedInstanceSequence, instances);
        for (unsigned long k = 0; instances && k < instances->card(); k++)
            if (char *uid = dup_text(*instances->getItem(k), DCM_ReferencedSOPInstanceUID))
                g_ptr_array_add(seg->referenced, uid);
    }
}

/* UCSF marks the tissue over the background in a box, and its tumour is a rule on top of that. */
bool is_ucsf(Reader &r)
{
    const OFString creator = dkm::text(r.in(), DcmTagKey(0x0117, 0x0010));
    return g_str_has_prefix(creator.c_str(), "UCSF BIRP PRIVATE CREATOR");
}

void list_assumptions(Reader &r, DkmSeg *seg, double threshold, double off_mm)
{
    if (!r.in().tagExists(DCM_ReferencedSeriesSequence))
        g_ptr_array_add(seg->assumed,
                        g_strdup("no referenced series: frames were matched by position"));
    if (r.fractional)
        g_ptr_array_add(seg->assumed,
                        g_strdup_printf("fractional: values over %g taken as set", threshold));
    if (off_mm > 0.01)
        g_ptr_array_add(seg->assumed,
                        g_strdup_printf("planes lie up to %.3f mm off the images'", off_mm));
    if (r.guessed)
        g_ptr_array_add(seg->assumed, g_strdup(r.guessed));
    if (is_ucsf(r))
        g_ptr_array_add(seg->assumed,
                        g_strdup("UCSF's object: it marks the tissue in their volume of interest, "
                                 "not the tumour (dkm kinetics measures that)"));
}

bool read_seg(const char *path, const DkmGrid *wanted, double threshold, DkmSeg *seg,
              GError **error)
{
    Reader r = {};
    r.coded.source.fd = -1;
    DkmGrid grid;
    double off_mm = 0;
    Segments found;
    if (!load(r, path, error))
        return false;
    if (wanted)
        grid = *wanted;
    else if (!own_grid(r, &grid, error))
        return false;
    DcmSequenceOfItems *segments = nullptr;
    if (!find_segments(r, &segments, error) ||
        !check_masks(r, &grid, segments->card() * (r.fractional ? 2 : 1), !wanted, error) ||
        !read_segments(r, *segments, seg, &grid, found, error) ||
        !place_frames(r, &grid, threshold, found, &off_mm, error))
        return false;
    seg->fractional = r.fractional;
    seg->type = r.fractional ? "FRACTIONAL" : r.labelmap ? "LABELMAP" : "BINARY";
    seg->maximum = r.maximum;
    seg->sop_class_uid = dup_text(r.in(), DCM_SOPClassUID);
    seg->series_uid = dup_text(r.in(), DCM_SeriesInstanceUID);
    seg->sop_instance_uid = dup_text(r.in(), DCM_SOPInstanceUID);
    seg->study_uid = dup_text(r.in(), DCM_StudyInstanceUID);
    seg->frame_of_reference_uid = dup_text(r.in(), DCM_FrameOfReferenceUID);
    seg->patient_id = dup_text(r.in(), DCM_PatientID);
    seg->series_description = dup_text(r.in(), DCM_SeriesDescription);
    list_references(r, seg);
    list_assumptions(r, seg, threshold, off_mm);
    return true;
}

} // namespace

DkmSeg *dkm_dicom_read_seg(const char *path, const DkmGrid *grid, double threshold, GError **error)
{
    if (!dkm::start(error))
        return nullptr;
    DkmSeg *seg = g_new0(DkmSeg, 1);
    g_atomic_ref_count_init(&seg->refs);
    seg->segments = g_ptr_array_new_with_free_func(free_segment);
    seg->assumed = g_ptr_array_new_with_free_func(g_free);
    seg->referenced = g_ptr_array_new_with_free_func(g_free);
    if (dkm::guarded(error, [&] { return read_seg(path, grid, threshold, seg, error); }))
        return seg;
    g_autofree char *name = g_path_get_basename(path);
    g_prefix_error(error, "%s: ", name);
    dkm_seg_unref(seg);
    return nullptr;
}

DkmSeg *dkm_seg_ref(DkmSeg *seg)
{
    g_atomic_ref_count_inc(&seg->refs);
    return seg;
}

void dkm_seg_unref(DkmSeg *seg)
{
    if (!seg || !g_atomic_ref_count_dec(&seg->refs))
        return;
    g_ptr_array_unref(seg->segments);
    g_ptr_array_unref(seg->assumed);
    g_ptr_array_unref(seg->referenced);
    g_free(seg->sop_class_uid);
    g_free(seg->sop_instance_uid);
    g_free(seg->series_uid);
    g_free(seg->study_uid);
    g_free(seg->frame_of_reference_uid);
    g_free(seg->patient_id);
    g_free(seg->series_description);
    g_free(seg);
}

DkmMask *dkm_seg_union(const DkmSeg *seg, GError **error)
{
    auto *first = static_cast<DkmSegReadSegment *>(seg->segments->pdata[0]);
    DkmMask *all = dkm_mask_dup(first->mask, error);
    const gsize n = dkm_grid_voxels(dkm_mask_grid(first->mask));
    for (guint s = 1; all && s < seg->segments->len; s++) {
        auto *segment = static_cast<DkmSegReadSegment *>(seg->segments->pdata[s]);
        const guint8 *from = dkm_mask_peek_slice(segment->mask, 0);
        guint8 *to = dkm_mask_slice(all, 0);
        for (gsize i = 0; i < n; i++)
            to[i] |= from[i];
    }
    return all;
}
