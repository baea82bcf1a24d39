/* A Secondary Capture (PS3.3 A.8.1): a picture of the reviewed view that belongs to the patient and
 * study of its images. Not for: drawing it. */
#include "core/error.h"
#include "core/i18n.h"
#include "core/image/side.h"
#include "dicom/derived.h"
#include "dicom/dicom.h"

#include <cstring>
#include <vector>

namespace {

using dkm::or_else;
using dkm::set;

enum { MOST_SIDE = 16384, SAMPLES = 3 };

struct Writer : dkm::Derived {
    const DkmCaptureRequest *request;
    std::vector<Uint8> pixels; /* without gaps, of even length */
};

void gather_pixels(Writer &w)
{
    const DkmCaptureRequest *r = w.request;
    const gsize row = static_cast<gsize>(r->columns) * SAMPLES;
    const gsize size = row * static_cast<gsize>(r->rows);
    w.pixels.assign(size + (size & 1), 0);
    for (int y = 0; y < r->rows; y++)
        memcpy(w.pixels.data() + static_cast<gsize>(y) * row,
               r->rgb + static_cast<gsize>(y) * r->stride, row);
}

/* A capture lies in no frame of reference: its IOD has none. */
void patient_and_study(Writer &w)
{
    dkm::copy_patient_and_study(w.out(), w.in());
    w.out().findAndDeleteElement(DCM_FrameOfReferenceUID);
    w.out().findAndDeleteElement(DCM_PositionReferenceIndicator);
}

void capture_equipment(Writer &w)
{
    DcmItem &d = w.out();
    dkm::write_enhanced_equipment(w);
    set(d, DCM_ConversionType, "WSD"); /* workstation */
    set(d, DCM_SecondaryCaptureDeviceManufacturer, "DKM Workstation project");
    set(d, DCM_SecondaryCaptureDeviceManufacturerModelName, "DKM Workstation");
    set(d, DCM_SecondaryCaptureDeviceSoftwareVersions, or_else(w.version, "unknown"));
    set(d, DCM_DateOfSecondaryCapture, w.stamp.date.c_str());
    set(d, DCM_TimeOfSecondaryCapture, w.stamp.time.c_str());
}

void general_image(Writer &w)
{
    static const dkm::Code purpose = {"121322", "DCM",
                                      "Source image for image processing operation"};
    DcmItem &d = w.out();
    const DkmFrame *from = w.instance(w.request->slice);
    const char *sides = dkm_grid_sides(&w.grid());
    const bool is_one_breast = strcmp(sides, "L") == 0 || strcmp(sides, "R") == 0;
    set(d, DCM_Laterality, is_one_breast ? sides : "");
    set(d, DCM_ImageType, "DERIVED\\SECONDARY");
    set(d, DCM_ContentDate, w.stamp.date.c_str());
    set(d, DCM_ContentTime, w.stamp.time.c_str());
    d.insertEmptyElement(DCM_PatientOrientation); /* of several views at once: none */
    set(d, DCM_ImageComments, "Research use only, not for diagnosis");
    set(d, DCM_DerivationDescription, or_else(w.request->description, "picture of the viewer"));
    if (w.request->reviewer)
        set(d, DCM_OperatorsName, w.request->reviewer);
    DcmItem &image = dkm::add_item(d, DCM_SourceImageSequence);
    dkm::write_reference(image, from->sop_class_uid, from->sop_instance_uid);
    if (from->number_of_frames > 1)
        dkm::set_number(image, DCM_ReferencedFrameNumber, from->frame + 1);
    dkm::set_code(image, DCM_PurposeOfReferenceCodeSequence, purpose);
}

void image_pixel(Writer &w)
{
    DcmItem &d = w.out();
    set(d, DCM_SamplesPerPixel, static_cast<Uint16>(SAMPLES));
    set(d, DCM_PhotometricInterpretation, "RGB");
    set(d, DCM_PlanarConfiguration, static_cast<Uint16>(0));
    set(d, DCM_Rows, static_cast<Uint16>(w.request->rows));
    set(d, DCM_Columns, static_cast<Uint16>(w.request->columns));
    set(d, DCM_BitsAllocated, static_cast<Uint16>(8));
    set(d, DCM_BitsStored, static_cast<Uint16>(8));
    set(d, DCM_HighBit, static_cast<Uint16>(7));
    set(d, DCM_PixelRepresentation, static_cast<Uint16>(0));
    set(d, DCM_LossyImageCompression, "00");
    /* enough to identify the patient, as the standard means it: other words do not count */
    set(d, DCM_BurnedInAnnotation, w.request->shows_patient ? "YES" : "NO");
    DcmPixelData *element = new DcmPixelData(DCM_PixelData);
    element->setVR(EVR_OB);
    if (element->putUint8Array(w.pixels.data(), static_cast<unsigned long>(w.pixels.size()))
            .bad() ||
        d.insert(element, OFTrue).bad()) {
        delete element;
        throw std::bad_alloc();
    }
}

void write_modules(Writer &w)
{
    patient_and_study(w);
    dkm::write_general_series(w, {"OT", "RESEARCH USE ONLY: reviewed view", 0, 3201});
    capture_equipment(w);
    dkm::write_sop_common(w, UID_SecondaryCaptureImageStorage);
    general_image(w);
    image_pixel(w);
}

bool compare_with_picture(const char *path, gpointer data, GError **error)
{
    const Writer &w = *static_cast<Writer *>(data);
    DcmFileFormat file;
    const Uint8 *bytes = nullptr;
    unsigned long n = 0;
    const bool equal = file.loadFile(OFFilename(path)).good() &&
                       file.getDataset()->findAndGetUint8Array(DCM_PixelData, bytes, &n).good() &&
                       n == w.pixels.size() && memcmp(bytes, w.pixels.data(), n) == 0;
    if (!equal)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_OUTPUT,
                            _("the picture that was written does not read back the same"));
    return equal;
}

bool request_fits(const DkmCaptureRequest *r, GError **error)
{
    const bool fits = r->rgb && r->rows > 0 && r->columns > 0 && r->rows <= MOST_SIDE &&
                      r->columns <= MOST_SIDE &&
                      r->stride >= static_cast<gsize>(r->columns) * SAMPLES;
    const bool has_slice =
        r->phase < r->phases->n_phases && r->slice >= 0 && r->slice < r->phases->grid.n[0];
    if (!fits || !has_slice)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                            fits ? _("the picture shows a slice that is not there")
                                 : _("a picture has 1 to 16384 pixels a side"));
    return fits && has_slice;
}

bool write_capture(const DkmCaptureRequest *request, const char *path, GCancellable *cancel,
                   GError **error)
{
    Writer w = {};
    w.request = request;
    w.table = request->table;
    w.phases = request->phases;
    w.phase = request->phase;
    w.uid_seed = request->uid_seed;
    w.version = request->software_version;
    if (!dkm::load_source(w, error))
        return false;
    gather_pixels(w);
    try {
        dkm::unify_character_set(w, {request->description, request->reviewer});
        write_modules(w);
    } catch (const dkm::WriteError &failure) {
        return dkm::set_write_error(failure, error);
    }
    return dkm::save(w.file, path, compare_with_picture, &w, cancel, error);
}

} // namespace

gboolean dkm_dicom_write_capture(const DkmCaptureRequest *request, const char *path,
                                 GCancellable *cancel, GError **error)
{
    if (!dkm::start(error) || !request_fits(request, error))
        return FALSE;
    return dkm::guarded(error, [&] { return write_capture(request, path, cancel, error); });
}
