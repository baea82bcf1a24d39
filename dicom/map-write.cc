/* A Parametric Map (PS3.3 A.75) of 32-bit floats, one frame a slice. Plain DcmDataset, as the
 * segmentations. Not for: what the values are; they come from core/. */
#include "core/error.h"
#include "core/image/side.h"
#include "dicom/derived.h"
#include "dicom/dicom.h"

#include <cmath>
#include <cstring>

namespace {

using dkm::set;

/* How a quantity is told: CODE of the quantity, UNIT (UCUM), DERIVATION from the images. */
struct Quantity {
    dkm::Code code, unit, derivation;
    const char *label, *description; /* CS; LO */
    int series_offset;
};

const Quantity quantities[] = {
    {{"122157", "DCM", "Probability"},
     {"1", "UCUM", "no units"},
     {"113076", "DCM", "Segmentation"},
     "PROBABILITY",
     "RESEARCH USE ONLY: probability of tumour",
     3101},
    {{"KINETIC-CODE", "99DKM", "Kinetic code of a diffusion model"},
     {"1", "UCUM", "no units"},
     {"KINETIC-CODE", "99DKM", "Kinetic code of a diffusion model"},
     "KINETIC CODE",
     "RESEARCH USE ONLY: kinetic code heat map",
     3102},
    {{"PE", "99DKM", "Percent enhancement"},
     {"%", "UCUM", "Percent"},
     {"113059", "DCM", "Signal Change"},
     "PE",
     "RESEARCH USE ONLY: percent enhancement",
     3103},
    {{"SER", "99DKM", "Signal enhancement ratio"},
     {"{ratio}", "UCUM", "ratio"},
     {"113046", "DCM", "Pixel by pixel division"},
     "SER",
     "RESEARCH USE ONLY: signal enhancement ratio",
     3104},
};

struct Writer : dkm::Derived {
    const DkmMapRequest *request;
    const Quantity &quantity() const
    {
        return quantities[request->quantity];
    }
    gsize voxels() const
    {
        return dkm_grid_voxels(&phases->grid);
    }
};

const char IMAGE_TYPE[] = "DERIVED\\PRIMARY\\PERFUSION\\NONE";

void map_image(Writer &w)
{
    DcmItem &d = w.out();
    set(d, DCM_ImageType, IMAGE_TYPE);
    dkm::write_content(w, w.quantity().label, "Research use only, not for diagnosis", nullptr);
    set(d, DCM_SamplesPerPixel, static_cast<Uint16>(1));
    set(d, DCM_PhotometricInterpretation, "MONOCHROME2");
    dkm::set_number(d, DCM_NumberOfFrames, w.grid().n[0]);
    set(d, DCM_Rows, static_cast<Uint16>(w.grid().n[1]));
    set(d, DCM_Columns, static_cast<Uint16>(w.grid().n[2]));
    set(d, DCM_BitsAllocated, static_cast<Uint16>(32));
    set(d, DCM_LossyImageCompression, "00");
    set(d, DCM_BurnedInAnnotation, "NO");
    set(d, DCM_RecognizableVisualFeatures, "NO");
    set(d, DCM_PresentationLUTShape, "IDENTITY");
    set(d, DCM_ContentQualification, "RESEARCH");
    d.insertEmptyElement(DCM_AcquisitionContextSequence);
}

void value_range(const Writer &w, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (gsize i = 0; i < w.voxels(); i++) {
        const double value = static_cast<double>(w.request->values[i]);
        if (!std::isfinite(value))
            continue;
        *low = std::fmin(*low, value);
        *high = std::fmax(*high, value);
    }
    if (!(*low <= *high))
        *low = *high = 0;
}

/* The stored value is the real one; this says of what, and in which unit. */
void real_world_mapping(const Writer &w, DcmItem &shared)
{
    double low, high;
    value_range(w, &low, &high);
    DcmItem &mapping = dkm::add_item(shared, DCM_RealWorldValueMappingSequence);
    mapping.putAndInsertFloat64(DCM_DoubleFloatRealWorldValueFirstValueMapped, low);
    mapping.putAndInsertFloat64(DCM_DoubleFloatRealWorldValueLastValueMapped, high);
    mapping.putAndInsertFloat64(DCM_RealWorldValueIntercept, 0);
    mapping.putAndInsertFloat64(DCM_RealWorldValueSlope, 1);
    set(mapping, DCM_LUTExplanation, w.quantity().code.meaning);
    set(mapping, DCM_LUTLabel, w.quantity().label);
    dkm::set_code(mapping, DCM_MeasurementUnitsCodeSequence, w.quantity().unit);
    DcmItem &definition = dkm::add_item(mapping, DCM_QuantityDefinitionSequence);
    set(definition, DCM_ValueType, "CODE");
    dkm::set_code(definition, DCM_ConceptNameCodeSequence, {"246205007", "SCT", "Quantity"});
    dkm::set_code(definition, DCM_ConceptCodeSequence, w.quantity().code);
}

void shared_groups(Writer &w)
{
    DcmItem &shared = dkm::add_item(w.out(), DCM_SharedFunctionalGroupsSequence);
    dkm::write_plane_groups(w, shared);
    DcmItem &anatomy = dkm::add_item(shared, DCM_FrameAnatomySequence);
    dkm::set_code(anatomy, DCM_AnatomicRegionSequence, {"76752008", "SCT", "Breast"});
    set(anatomy, DCM_FrameLaterality, dkm_grid_sides(&w.grid()));
    DcmItem &transformation = dkm::add_item(shared, DCM_PixelValueTransformationSequence);
    set(transformation, DCM_RescaleIntercept, "0");
    set(transformation, DCM_RescaleSlope, "1");
    set(transformation, DCM_RescaleType, "US");
    set(dkm::add_item(shared, DCM_ParametricMapFrameTypeSequence), DCM_FrameType, IMAGE_TYPE);
    real_world_mapping(w, shared);
}

void per_frame_groups(Writer &w)
{
    for (int z = 0; z < w.grid().n[0]; z++) {
        DcmItem &groups = dkm::add_item(w.out(), DCM_PerFrameFunctionalGroupsSequence);
        const Uint32 index = static_cast<Uint32>(z) + 1;
        dkm::write_frame_source(w, groups, z, w.quantity().derivation);
        dkm::add_item(groups, DCM_FrameContentSequence)
            .putAndInsertUint32Array(DCM_DimensionIndexValues, &index, 1);
    }
}

void write_modules(Writer &w)
{
    const Quantity &q = w.quantity();
    dkm::copy_patient_and_study(w.out(), w.in());
    dkm::write_general_series(w, {"MR", q.description, 0, q.series_offset});
    dkm::write_enhanced_equipment(w);
    dkm::write_contribution(w, {"109102", "DCM", "Processing Equipment"},
                            dkm::or_else(w.request->algorithm_parameters, q.code.meaning));
    dkm::write_sop_common(w, UID_ParametricMapStorage);
    dkm::write_private_scheme(w);
    map_image(w);
    dkm::write_dimensions(w, {{DCM_ImagePositionPatient, DCM_PlanePositionSequence, "Position"}});
    shared_groups(w);
    per_frame_groups(w);
    dkm::write_referenced_series(w);
    if (w.out()
            .putAndInsertFloat32Array(DCM_FloatPixelData, w.request->values,
                                      static_cast<unsigned long>(w.voxels()))
            .bad())
        throw std::bad_alloc();
}

/* Bit by bit: a value that is no number is one too. */
bool compare_with_values(const char *path, gpointer data, GError **error)
{
    const Writer &w = *static_cast<Writer *>(data);
    DcmFileFormat file;
    const Float32 *values = nullptr;
    unsigned long n = 0;
    const bool equal =
        file.loadFile(OFFilename(path)).good() &&
        file.getDataset()->findAndGetFloat32Array(DCM_FloatPixelData, values, &n).good() &&
        n == w.voxels() && memcmp(values, w.request->values, n * sizeof *values) == 0 &&
        dkm::integer(*file.getDataset(), DCM_NumberOfFrames) == w.grid().n[0];
    if (!equal)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_OUTPUT,
                            "the map that was written does not read back the same");
    return equal;
}

bool write_map(const DkmMapRequest *request, const char *path, GCancellable *cancel, GError **error)
{
    Writer w = {};
    w.request = request;
    w.table = request->table;
    w.phases = request->phases;
    w.phase = request->phase;
    w.uid_seed = request->uid_seed;
    w.version = request->algorithm_version;
    if (!dkm::load_source(w, error))
        return false;
    try {
        dkm::unify_character_set(w, {request->algorithm_version, request->algorithm_parameters});
        write_modules(w);
    } catch (const dkm::WriteError &failure) {
        return dkm::set_write_error(failure, error);
    }
    return dkm::save(w.file, path, compare_with_values, &w, cancel, error);
}

} // namespace

gboolean dkm_dicom_write_map(const DkmMapRequest *request, const char *path, GCancellable *cancel,
                             GError **error)
{
    if (!dkm::start(error))
        return FALSE;
    return dkm::guarded(error, [&] { return write_map(request, path, cancel, error); });
}
