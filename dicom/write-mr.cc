/* Volumes to MR images, told apart as the vendors' machines tell their phases apart. For the
 * phantom and for tests; a seed makes the files the same to the byte. */
#include "dicom/write-mr.h"

#include "core/error.h"
#include "dicom/uid.h"

#include <glib/gstdio.h>

#include <cmath>
#include <cstring>
#include <vector>

namespace dkm {

namespace {

const double STUDY_BEGINS = 10 * 3600 + 25 * 60 + 51; /* seconds since midnight */

/* Of a study that says no other day. */
constexpr const char *FIRST_DATE = "20000101";

const char *or_else(const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}

std::string time_text(double seconds, bool whole)
{
    const long us = std::lround(seconds * 1e6);
    const long s = us / 1000000;
    char text[32];
    g_snprintf(text, sizeof text, "%02ld%02ld%02ld.%06ld", s / 3600 % 24, s / 60 % 60, s % 60,
               us % 1000000);
    return whole ? std::string(text, 6) : std::string(text);
}

} // namespace

MrStudy::MrStudy(const DkmMrRequest &from)
    : request(from), grid(*dkm_volume_grid(from.volumes[0])),
      date(or_else(from.study_date, FIRST_DATE)),
      seed(std::to_string(from.seed) + " " + from.layout +
           (date == FIRST_DATE ? std::string() : " " + date)),
      is_signed(dkm_volume_is_signed(from.volumes[0]))
{
}

std::string MrStudy::uid(const std::string &name) const
{
    g_autofree char *made = dkm_uid_new(seed.c_str(), name.c_str());
    return made;
}

std::string MrStudy::clock(guint phase, bool whole) const
{
    return time_text(STUDY_BEGINS + request.t_seconds[phase], whole);
}

void MrStudy::patient_and_study(DcmItem &d) const
{
    set(d, DCM_SpecificCharacterSet, "ISO_IR 192");
    set(d, DCM_PatientName, or_else(request.patient_name, "Phantom^DKM"));
    set(d, DCM_PatientID, or_else(request.patient_id, "DKM-PHANTOM"));
    set(d, DCM_PatientBirthDate, "");
    set(d, DCM_PatientSex, "F");
    set(d, DCM_StudyInstanceUID, or_else(request.study_uid, uid("study").c_str()));
    set(d, DCM_StudyDate, date.c_str());
    set(d, DCM_StudyTime, clock(0).c_str());
    set(d, DCM_ReferringPhysicianName, "");
    set(d, DCM_StudyID, "1");
    set(d, DCM_AccessionNumber, "");
    set(d, DCM_StudyDescription, or_else(request.study_description, "DKM phantom, breast DCE"));
    set(d, DCM_FrameOfReferenceUID, or_else(request.frame_of_reference_uid, uid("frame").c_str()));
    set(d, DCM_PositionReferenceIndicator, "");
    set(d, DCM_PatientPosition, "HFP");
}

void MrStudy::equipment(DcmItem &d, const char *manufacturer, const char *model) const
{
    set(d, DCM_Manufacturer, manufacturer);
    set(d, DCM_ManufacturerModelName, model);
    set(d, DCM_DeviceSerialNumber, "1");
    set(d, DCM_SoftwareVersions, "DKM phantom");
}

void MrStudy::image_pixel(DcmItem &d) const
{
    set(d, DCM_SamplesPerPixel, static_cast<Uint16>(1));
    set(d, DCM_PhotometricInterpretation, "MONOCHROME2");
    set(d, DCM_Rows, static_cast<Uint16>(grid.n[1]));
    set(d, DCM_Columns, static_cast<Uint16>(grid.n[2]));
    set(d, DCM_BitsAllocated, static_cast<Uint16>(16));
    set(d, DCM_BitsStored, static_cast<Uint16>(16));
    set(d, DCM_HighBit, static_cast<Uint16>(15));
    set(d, DCM_PixelRepresentation, static_cast<Uint16>(is_signed ? 1 : 0));
}

void MrStudy::position(DcmItem &d, const MrPlace &place) const
{
    double zyx[3] = {static_cast<double>(place.slice), 0, 0}, lps[3];
    move(place.slice, zyx);
    dkm_grid_to_lps(&grid, zyx, lps);
    set_reals(d, DCM_ImagePositionPatient, lps, 3);
}

void MrStudy::orientation(DcmItem &d, const MrPlace &place) const
{
    const double *row = grid.axis_lps[2];
    const double *column = grid.axis_lps[place.kind == MrKind::scout ? 0 : 1];
    const double both[6] = {row[0], row[1], row[2], column[0], column[1], column[2]};
    set_reals(d, DCM_ImageOrientationPatient, both, 6);
}

void MrStudy::measures(DcmItem &d) const
{
    const double in_plane[2] = {grid.spacing_mm[1], grid.spacing_mm[2]};
    set_reals(d, DCM_PixelSpacing, in_plane, 2);
    set_reals(d, DCM_SliceThickness, &grid.spacing_mm[0], 1);
    set_reals(d, DCM_SpacingBetweenSlices, &grid.spacing_mm[0], 1);
}

void put_pixels(DcmItem &dataset, const guint16 *samples, gsize n)
{
    auto *element = new DcmPixelData(DCM_PixelData);
    element->setVR(EVR_OW);
    if (element->putUint16Array(samples, static_cast<unsigned long>(n)).bad() ||
        dataset.insert(element, OFTrue).bad()) {
        delete element;
        throw std::bad_alloc();
    }
}

namespace {

/* What a vendor's machine writes of series and clocks. */
struct Layout {
    const char *name, *manufacturer, *model, *description, *sequence;
    int series_number;
    bool series_a_phase;
    void (*clocks)(const MrStudy &study, DcmItem &d, const MrPlace &place);
};

int number_in_series(const MrStudy &study, const Layout &layout, const MrPlace &place)
{
    const int phase = static_cast<int>(place.phase);
    const int phases_before = study.has("series")     ? MAX(phase - 1, 0)
                              : layout.series_a_phase ? 0
                                                      : phase;
    const int before = phases_before * study.grid.n[0];
    return before + place.slice + 1;
}

double trigger_ms(const MrStudy &study, const MrPlace &place)
{
    return 1000 * (study.request.t_seconds[place.phase] - study.request.t_seconds[0]);
}

/* Only ContentTime tells; AcquisitionNumber (1, 2, 2, ...) misleads. */
void ucsf_clocks(const MrStudy &study, DcmItem &d, const MrPlace &place)
{
    set(d, DCM_SeriesTime, study.clock(0, true).c_str());
    set(d, DCM_ContentTime, study.clock(place.phase, true).c_str());
    set_number(d, DCM_AcquisitionNumber, place.phase ? 2 : 1);
    set(d, DCM_ContrastBolusAgent, "NONE");
}

/* TriggerTime alone; the other clocks stand still. */
void ge_clocks(const MrStudy &study, DcmItem &d, const MrPlace &place)
{
    const double ms = trigger_ms(study, place);
    set(d, DCM_SeriesTime, study.clock(0, true).c_str());
    set(d, DCM_AcquisitionTime, study.clock(0, true).c_str());
    set(d, DCM_ContentTime, study.clock(0, true).c_str());
    set_number(d, DCM_AcquisitionNumber, 1);
    set_reals(d, DCM_TriggerTime, &ms, 1);
    set_number(d, DCM_ImagesInAcquisition,
               study.grid.n[0] * static_cast<long>(study.request.n_phases));
}

/* A series a phase; AcquisitionTime tells. */
void siemens_clocks(const MrStudy &study, DcmItem &d, const MrPlace &place)
{
    set(d, DCM_SeriesTime, study.clock(place.phase).c_str());
    set(d, DCM_AcquisitionTime, study.clock(place.phase).c_str());
    set(d, DCM_ContentTime, study.clock(place.phase).c_str());
    set_number(d, DCM_AcquisitionNumber, 1);
}

/* TemporalPositionIdentifier and TriggerTime; AcquisitionTime stands still. */
void philips_clocks(const MrStudy &study, DcmItem &d, const MrPlace &place)
{
    const double ms = trigger_ms(study, place);
    set(d, DCM_SeriesTime, study.clock(0).c_str());
    set(d, DCM_AcquisitionTime, study.clock(0).c_str());
    set(d, DCM_ContentTime, study.clock(0).c_str());
    set_number(d, DCM_AcquisitionNumber, 3);
    set_number(d, DCM_TemporalPositionIdentifier, static_cast<long>(place.phase) + 1);
    set_number(d, DCM_NumberOfTemporalPositions, static_cast<long>(study.request.n_phases));
    set_reals(d, DCM_TriggerTime, &ms, 1);
}

const Layout layouts[] = {
    {"ucsf", "GE MEDICAL SYSTEMS", "GENESIS_SIGNA", "Dynamic-3dfgre", "3dfgre", 2, false,
     ucsf_clocks},
    {"ge", "GE MEDICAL SYSTEMS", "SIGNA HDx", "VIBRANT MULTIPHASE", "efgre3d", 4, false, ge_clocks},
    {"siemens", "SIEMENS", "Avanto", "t1_fl3d_dynamic", "*fl3d1", 5, true, siemens_clocks},
    {"philips", "Philips Medical Systems", "Achieva", "dyn eTHRIVE", "T1FFE", 301, false,
     philips_clocks},
};

int series_index(const MrStudy &study, const Layout &layout, const MrPlace &place)
{
    const MrDerived *derived = mr_derived(place.kind);
    const int phase = static_cast<int>(place.phase);
    return derived                 ? derived->series
           : study.has("series")   ? MIN(phase, 1)
           : layout.series_a_phase ? phase
                                   : 0;
}

void series(const MrStudy &study, const Layout &layout, const MrPlace &place, DcmItem &d)
{
    const int index = series_index(study, layout, place);
    const MrDerived *derived = mr_derived(place.kind);
    const std::string name = "series " + std::to_string(index);
    set(d, DCM_Modality, "MR");
    set(d, DCM_SeriesInstanceUID, study.uid(name).c_str());
    set_number(d, DCM_SeriesNumber, layout.series_number + index);
    set(d, DCM_SeriesDescription, derived ? derived->description : layout.description);
    set(d, DCM_SeriesDate, study.date.c_str());
    set(d, DCM_BodyPartExamined, "BREAST");
    set(d, DCM_Laterality, "");
}

void acquisition(const Layout &layout, DcmItem &d)
{
    set(d, DCM_ScanningSequence, "GR");
    set(d, DCM_SequenceVariant, "SP");
    set(d, DCM_ScanOptions, "FS");
    set(d, DCM_MRAcquisitionType, "3D");
    set(d, DCM_SequenceName, layout.sequence);
    set_reals(d, DCM_RepetitionTime, &MrProtocol::repetition_ms, 1);
    set_reals(d, DCM_EchoTime, &MrProtocol::echo_ms, 1);
    set_reals(d, DCM_FlipAngle, &MrProtocol::flip_deg, 1);
    set_reals(d, DCM_MagneticFieldStrength, &MrProtocol::field_tesla, 1);
    set(d, DCM_EchoTrainLength, "1");
}

void rescale(const DkmVolume *volume, int slice, DcmItem &d)
{
    const double slope = static_cast<double>(dkm_volume_slope(volume, slice));
    const double intercept = static_cast<double>(dkm_volume_intercept(volume, slice));
    if (slope == 1 && intercept == 0)
        return;
    set_reals(d, DCM_RescaleSlope, &slope, 1);
    set_reals(d, DCM_RescaleIntercept, &intercept, 1);
    set(d, DCM_RescaleType, "US");
}

void fill_classic(const MrStudy &study, const Layout &layout, const MrPlace &place, DcmDataset &d)
{
    const DkmVolume *volume = study.request.volumes[place.phase];
    const MrDerived *derived = mr_derived(place.kind);
    const std::vector<guint16> samples = mr_samples(study, place);
    set(d, DCM_SOPClassUID, UID_MRImageStorage);
    set(d, DCM_SOPInstanceUID, study.instance_uid(place).c_str());
    set(d, DCM_ImageType, derived ? derived->image_type : "ORIGINAL\\PRIMARY\\OTHER");
    study.patient_and_study(d);
    study.equipment(d, layout.manufacturer, layout.model);
    series(study, layout, place, d);
    acquisition(layout, d);
    set_number(d, DCM_InstanceNumber, number_in_series(study, layout, place));
    set(d, DCM_ContentDate, study.date.c_str());
    layout.clocks(study, d, place);
    study.position(d, place);
    study.orientation(d, place);
    study.measures(d);
    study.image_pixel(d);
    rescale(volume, place.slice, d);
    put_pixels(d, samples.data(), samples.size());
}

/* The files made so far; what is not kept is removed again. */
class Files {
  public:
    explicit Files(const char *path) : dir(path)
    {
    }
    ~Files()
    {
        if (kept)
            return;
        for (const std::string &path : paths)
            g_unlink(path.c_str());
        if (made_dir)
            g_rmdir(dir.c_str());
    }

    bool open(GError **error)
    {
        g_autoptr(GDir) there = g_dir_open(dir.c_str(), 0, nullptr);
        if (there && g_dir_read_name(there))
            return refuse("is not empty", error);
        if (!there && g_mkdir_with_parents(dir.c_str(), 0777) != 0)
            return refuse(g_strerror(errno), error);
        made_dir = !there;
        return true;
    }

    bool save(DcmFileFormat &file, GError **error)
    {
        char name[32];
        g_snprintf(name, sizeof name, "IM%04u.dcm", static_cast<unsigned>(paths.size()) + 1);
        g_autofree char *path = g_build_filename(dir.c_str(), name, nullptr);
        paths.push_back(path);
        return dkm::write_file(file, path, name, error);
    }

    void keep()
    {
        kept = true;
    }

  private:
    bool refuse(const char *why, GError **error) const
    {
        g_autofree char *name = g_path_get_basename(dir.c_str());
        g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, "folder %s: %s", name, why);
        return false;
    }

    const std::string dir;
    std::vector<std::string> paths;
    bool made_dir = false, kept = false;
};

bool is_cancelled(GCancellable *cancel, GError **error)
{
    if (!g_cancellable_is_cancelled(cancel))
        return false;
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_CANCELLED, "cancelled");
    return true;
}

bool write_classic(const MrStudy &study, const Layout &layout, Files &files, GCancellable *cancel,
                   GError **error)
{
    for (const MrPlace &place : mr_places(study)) {
        DcmFileFormat file;
        if (is_cancelled(cancel, error))
            return false;
        fill_classic(study, layout, place, *file.getDataset());
        if (!files.save(file, error))
            return false;
    }
    return true;
}

bool write_enhanced(const MrStudy &study, Files &files, GCancellable *cancel, GError **error)
{
    for (const MrObject &object : mr_objects(study)) {
        DcmFileFormat file;
        fill_enhanced(study, object, *file.getDataset());
        if (is_cancelled(cancel, error) || !files.save(file, error))
            return false;
    }
    return true;
}

bool write_study(const DkmMrRequest &request, const char *dir, GCancellable *cancel, GError **error)
{
    const MrStudy study(request);
    Files files(dir);
    if (!files.open(error))
        return false;
    bool written = false;
    if (strcmp(request.layout, "enhanced") == 0)
        written = write_enhanced(study, files, cancel, error);
    for (const Layout &layout : layouts)
        if (strcmp(request.layout, layout.name) == 0)
            written = write_classic(study, layout, files, cancel, error);
    if (written)
        files.keep();
    return written;
}

bool request_fits(const DkmMrRequest *request, GError **error)
{
    bool known = strcmp(request->layout, "enhanced") == 0;
    for (const Layout &layout : layouts)
        known = known || strcmp(request->layout, layout.name) == 0;
    const char *problem = nullptr;
    if (!known)
        problem = "the layout is none of ucsf, ge, siemens, philips, enhanced";
    else if (request->n_phases < 1)
        problem = "a study has at least one phase";
    else if (request->defect && !mr_defect_is(request->defect))
        problem = "the defect is none of series, derived, copies, double, missing, uneven, tilted, "
                  "mixed";
    else if (request->defect &&
             (request->n_phases < 2 || dkm_volume_grid(request->volumes[0])->n[0] < 4))
        problem = "a defect needs 2 phases and 4 slices";
    for (guint p = 1; !problem && p < request->n_phases; p++)
        if (!dkm_grid_equal(dkm_volume_grid(request->volumes[p]),
                            dkm_volume_grid(request->volumes[0]), 1e-3) ||
            dkm_volume_is_signed(request->volumes[p]) != dkm_volume_is_signed(request->volumes[0]))
            problem = "the phases differ in their lattice or sign";
    if (problem)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_USAGE, problem);
    return !problem;
}

} // namespace

} // namespace dkm

gboolean dkm_dicom_write_mr(const DkmMrRequest *request, const char *dir, GCancellable *cancel,
                            GError **error)
{
    if (!dkm::start(error) || !dkm::request_fits(request, error))
        return FALSE;
    return dkm::guarded(error, [&] {
        try {
            return dkm::write_study(*request, dir, cancel, error);
        } catch (const dkm::WriteError &failure) {
            return dkm::set_write_error(failure, error);
        }
    });
}
