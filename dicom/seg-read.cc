/* A Segmentation object to masks: BINARY and FRACTIONAL, any vendor's, frames matched by plane
 * position. */
#include "core/error.h"
#include "dicom/dcmtk.h"
#include "dicom/dicom.h"
#include "dicom/preflight.h"
#include "dicom/seg-frames.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <vector>

namespace {

enum { MAX_SIDE = 4096, MAX_FRAMES = 100000, MAX_SEGMENTS = 1000 };
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
    bool fractional;
    double maximum; /* MaximumFractionalValue */
    double spacing[2], between_slices;
    std::vector<Plane> planes; /* one a frame */
    const Uint8 *pixels;
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

bool read_plane(DcmItem *own, DcmItem *shared, Plane *plane, GError **error)
{
    DcmItem *position = find_group(own, shared, DCM_PlanePositionSequence);
    DcmItem *orientation = find_group(own, shared, DCM_PlaneOrientationSequence);
    DcmItem *segment = find_group(own, shared, DCM_SegmentIdentificationSequence);
    if (!position || !orientation || !segment)
        return refuse(error, DKM_ERROR_INPUT, "a frame has no position, orientation or segment");
    for (unsigned long k = 0; k < 3; k++) {
        plane->position[k] = dkm::real(*position, DCM_ImagePositionPatient, k);
        plane->row[k] = dkm::real(*orientation, DCM_ImageOrientationPatient, k);
        plane->column[k] = dkm::real(*orientation, DCM_ImageOrientationPatient, 3 + k);
        if (!std::isfinite(plane->position[k] + plane->row[k] + plane->column[k]))
            return refuse(error, DKM_ERROR_INPUT, "a frame's position or orientation is damaged");
    }
    plane->segment = dkm::integer(*segment, DCM_ReferencedSegmentNumber);
    return true;
}

bool read_planes(Reader &r, int frames, GError **error)
{
    DcmItem *shared = dkm::first_item(r.in(), DCM_SharedFunctionalGroupsSequence);
    DcmSequenceOfItems *own = nullptr;
    r.in().findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, own);
    if (!own || own->card() != static_cast<unsigned long>(frames))
        return refuse(error, DKM_ERROR_INPUT, "the number of frames and their positions differ");
    r.planes.resize(static_cast<size_t>(frames));
    DcmObject *item = nullptr;
    for (Plane &plane : r.planes) {
        item = own->nextInContainer(item);
        if (!read_plane(static_cast<DcmItem *>(item), shared, &plane, error))
            return false;
    }
    DcmItem *first = static_cast<DcmItem *>(own->nextInContainer(nullptr));
    DcmItem *measures = find_group(first, shared, DCM_PixelMeasuresSequence);
    if (!measures)
        return refuse(error, DKM_ERROR_INPUT, "no pixel spacing");
    r.spacing[0] = dkm::real(*measures, DCM_PixelSpacing, 0);
    r.spacing[1] = dkm::real(*measures, DCM_PixelSpacing, 1);
    r.between_slices = dkm::real(*measures, DCM_SpacingBetweenSlices);
    if (!(r.between_slices > 0))
        r.between_slices = dkm::real(*measures, DCM_SliceThickness);
    return true;
}

bool read_kind(Reader &r, GError **error)
{
    const OFString type = dkm::text(r.in(), DCM_SegmentationType);
    const int bits = dkm::integer(r.in(), DCM_BitsAllocated);
    r.fractional = type == "FRACTIONAL";
    if (!r.fractional && type != "BINARY") {
        g_set_error(error, DKM_ERROR, DKM_ERROR_UNSUPPORTED,
                    "segmentations of type %s are not read", type.c_str());
        return false;
    }
    if (bits != (r.fractional ? 8 : 1))
        return refuse(error, DKM_ERROR_INPUT, "bits allocated do not fit the segmentation type");
    const int maximum = dkm::integer(r.in(), DCM_MaximumFractionalValue);
    r.maximum = maximum > 0 ? maximum : 255;
    return true;
}

bool read_pixels(Reader &r, int frames, GError **error)
{
    const gsize pixels = static_cast<gsize>(r.rows) * static_cast<gsize>(r.columns);
    const gsize needed = r.fractional ? pixels * static_cast<gsize>(frames)
                                      : (pixels * static_cast<gsize>(frames) + 7) / 8;
    unsigned long count = 0;
    DcmElement *element = nullptr;
    Uint8 *bytes = nullptr;
    if (r.in().findAndGetElement(DCM_PixelData, element).bad())
        return refuse(error, DKM_ERROR_INPUT, "no pixel data");
    count = element->getLength();
    if (element->getUint8Array(bytes).bad() || !bytes || count < needed)
        return refuse(error, DKM_ERROR_INPUT, "the pixel data are cut off");
    r.pixels = bytes;
    return true;
}

bool load(Reader &r, const char *path, GError **error)
{
    DkmPreflight preflight;
    if (!dkm_preflight_file(path, &preflight, error))
        return false;
    if (preflight.encapsulated)
        return refuse(error, DKM_ERROR_UNSUPPORTED, "compressed segmentations are not read");
    if (!dkm::check(r.file.loadFile(OFFilename(path)), DKM_ERROR_INPUT, "not readable", error))
        return false;
    if (dkm::text(r.in(), DCM_SOPClassUID) != UID_SegmentationStorage)
        return refuse(error, DKM_ERROR_INPUT, "not a DICOM segmentation (SEG)");
    const OFString character_set = dkm::text(r.in(), DCM_SpecificCharacterSet);
    if (!character_set.empty() && character_set != "ISO_IR 192")
        r.in().convertToUTF8(); /* what cannot be converted is made valid when it is kept */
    r.rows = dkm::integer(r.in(), DCM_Rows);
    r.columns = dkm::integer(r.in(), DCM_Columns);
    const int frames = dkm::integer(r.in(), DCM_NumberOfFrames);
    if (r.rows < 1 || r.columns < 1 || r.rows > MAX_SIDE || r.columns > MAX_SIDE || frames < 1 ||
        frames > MAX_FRAMES)
        return refuse(error, DKM_ERROR_INPUT, "rows, columns or frames are missing or too many");
    return read_kind(r, error) && read_planes(r, frames, error) && read_pixels(r, frames, error);
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

/* The lattice of the frames' own planes, from the lowest along the normal up. */
bool own_grid(const Reader &r, DkmGrid *grid, GError **error)
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
    double step = r.between_slices;
    for (size_t i = 1; i < along.size(); i++)
        if (along[i] - along[i - 1] > 0.01 && !(step > 0 && step <= along[i] - along[i - 1] + 0.01))
            step = along[i] - along[i - 1];
    if (!(step > 0))
        step = 1;
    const double slices = std::round((along.back() - along.front()) / step) + 1;
    if (!(slices >= 1 && slices <= MAX_FRAMES))
        return refuse(error, DKM_ERROR_GEOMETRY, "the frames' positions make no lattice");
    *grid = DkmGrid{{static_cast<int>(slices), r.rows, r.columns},
                    {step, r.spacing[0], r.spacing[1]},
                    {lowest->position[0], lowest->position[1], lowest->position[2]},
                    {{normal[0], normal[1], normal[2]},
                     {first.column[0], first.column[1], first.column[2]},
                     {first.row[0], first.row[1], first.row[2]}}};
    return dkm_grid_is_valid(grid) ||
           refuse(error, DKM_ERROR_GEOMETRY, "the frames' orientation or spacing is damaged");
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
    g_free(segment->label);
    g_free(segment->algorithm_type);
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
                "%lu segments on %d slices of %d x %d take more memory than its %u frames warrant",
                n, grid->n[0], grid->n[1], grid->n[2], static_cast<unsigned>(r.planes.size()));
    return false;
}

bool find_segments(Reader &r, DcmSequenceOfItems **sequence, GError **error)
{
    r.in().findAndGetSequence(DCM_SegmentSequence, *sequence);
    const unsigned long n = *sequence ? (*sequence)->card() : 0;
    return (n >= 1 && n <= MAX_SEGMENTS) ||
           refuse(error, DKM_ERROR_INPUT, "no segment, or more than 1000");
}

bool read_segments(DcmSequenceOfItems &sequence, DkmSeg *seg, const DkmGrid *grid,
                   std::map<int, DkmMask *> &masks, GError **error)
{
    for (unsigned long i = 0; i < sequence.card(); i++) {
        DcmItem &item = *sequence.getItem(i);
        DkmMask *mask = dkm_mask_new(grid, error);
        if (!mask)
            return false;
        auto *segment = g_new0(DkmSegReadSegment, 1);
        segment->mask = mask;
        segment->number = dkm::integer(item, DCM_SegmentNumber);
        segment->label = dup_text(item, DCM_SegmentLabel);
        segment->algorithm_type = dup_text(item, DCM_SegmentAlgorithmType);
        segment->tracking_uid = dup_text(item, DCM_TrackingUID);
        g_ptr_array_add(seg->segments, segment);
        masks[segment->number] = mask;
    }
    return true;
}

void set_voxels(const Reader &r, size_t frame, double threshold, guint8 *voxels)
{
    const gsize pixels = static_cast<gsize>(r.rows) * static_cast<gsize>(r.columns);
    if (!r.fractional) {
        dkm_seg_unpack(r.pixels, pixels, frame, voxels);
        return;
    }
    const Uint8 *values = r.pixels + frame * pixels;
    for (gsize i = 0; i < pixels; i++)
        if (values[i] > threshold * r.maximum)
            voxels[i] = 1;
}

bool place_frames(const Reader &r, const DkmGrid *grid, double threshold,
                  std::map<int, DkmMask *> &masks, double *off_mm, GError **error)
{
    for (size_t k = 0; k < r.planes.size(); k++) {
        const int z = slice_of(r, r.planes[k], grid, off_mm);
        const auto mask = masks.find(r.planes[k].segment);
        if (z < 0 || mask == masks.end()) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY, "frame %u %s",
                        static_cast<unsigned>(k) + 1,
                        z < 0 ? "does not lie on the lattice of the images"
                              : "belongs to a segment that is not described");
            return false;
        }
        set_voxels(r, k, threshold, dkm_mask_slice(mask->second, z));
    }
    return true;
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
}

bool read_seg(const char *path, const DkmGrid *wanted, double threshold, DkmSeg *seg,
              GError **error)
{
    Reader r;
    DkmGrid grid;
    double off_mm = 0;
    std::map<int, DkmMask *> masks;
    if (!load(r, path, error))
        return false;
    if (wanted)
        grid = *wanted;
    else if (!own_grid(r, &grid, error))
        return false;
    DcmSequenceOfItems *segments = nullptr;
    if (!find_segments(r, &segments, error) ||
        !check_masks(r, &grid, segments->card(), !wanted, error) ||
        !read_segments(*segments, seg, &grid, masks, error) ||
        !place_frames(r, &grid, threshold, masks, &off_mm, error))
        return false;
    seg->fractional = r.fractional;
    seg->study_uid = dup_text(r.in(), DCM_StudyInstanceUID);
    seg->frame_of_reference_uid = dup_text(r.in(), DCM_FrameOfReferenceUID);
    seg->patient_id = dup_text(r.in(), DCM_PatientID);
    seg->series_description = dup_text(r.in(), DCM_SeriesDescription);
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
