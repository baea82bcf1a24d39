/* A measurement report (Comprehensive 3D SR, template TID 1500 of PS3.16) on the segments of a SEG,
 * one function per module or part of the template. Plain DcmDataset like the other writers, not
 * DCMTK's cmr classes: their UIDs tell host and process. */
#include "core/error.h"
#include "core/i18n.h"
#include "dicom/dicom.h"
#include "dicom/preflight.h"
#include "dicom/sr-content.h"
#include "dicom/uid.h"

#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

using dkm::Code;
using dkm::set;

const char OURS[] = "DKM Workstation", SCHEME[] = "99DKM";
const Code MILLIMETRE = {"mm", "UCUM", "millimeter"},
           CUBIC_MILLIMETRE = {"mm3", "UCUM", "cubic millimeter"},
           PERCENT = {"%", "UCUM", "Percent"};

struct Writer {
    const DkmReportRequest *request;
    DcmFileFormat file, source, segmentation;
    dkm::Stamp stamp;
    std::string reviewer, reviewed; /* empty where nobody has; DT */

    DcmDataset &out()
    {
        return *file.getDataset();
    }
    DcmDataset &in()
    {
        return *source.getDataset();
    }
    DcmDataset &seg()
    {
        return *segmentation.getDataset();
    }
    const DkmFrame *frame(guint phase, int slice) const
    {
        return dkm_frame_table_get(request->table, request->phases->phases[phase].frames[slice]);
    }
    int slices() const
    {
        return request->phases->grid.n[0];
    }
    std::string uid(const char *name) const
    {
        g_autofree char *made = dkm_uid_new(request->uid_seed, name);
        return made;
    }
};

/* The phases that were measured, each once. */
std::vector<guint> measured_phases(const Writer &w)
{
    std::vector<guint> phases{w.request->phase};
    for (guint phase : {w.request->early, w.request->late})
        if (phase && phase != w.request->phase)
            phases.push_back(phase);
    return phases;
}

/* Every source image once, by series, in the order of the slices. */
std::map<std::string, std::vector<const DkmFrame *>> source_images(const Writer &w)
{
    std::map<std::string, std::vector<const DkmFrame *>> series;
    std::set<std::string> seen;
    for (guint phase : measured_phases(w))
        for (int z = 0; z < w.slices(); z++) {
            const DkmFrame *frame = w.frame(phase, z);
            if (seen.insert(frame->sop_instance_uid).second)
                series[frame->series_uid].push_back(frame);
        }
    return series;
}

DcmItem *find_segment(Writer &w, int number)
{
    DcmSequenceOfItems *segments = nullptr;
    if (w.seg().findAndGetSequence(DCM_SegmentSequence, segments).bad() || !segments)
        return nullptr;
    for (unsigned long i = 0; i < segments->card(); i++)
        if (dkm::integer(*segments->getItem(i), DCM_SegmentNumber) == number)
            return segments->getItem(i);
    return nullptr;
}

void series_and_equipment(Writer &w)
{
    DcmItem &d = w.out();
    const int of_source = w.frame(w.request->phase, 0)->series_number;
    const int number = of_source == DKM_ABSENT_INT ? 0 : CLAMP(of_source, 0, 200000);
    set(d, DCM_Modality, "SR");
    set(d, DCM_SeriesInstanceUID, w.uid("series").c_str());
    dkm::set_number(d, DCM_SeriesNumber,
                    w.request->series_number ? w.request->series_number : number * 10000 + 3301);
    set(d, DCM_SeriesDescription, "RESEARCH USE ONLY: lesion measurements");
    set(d, DCM_SeriesDate, w.stamp.date.c_str());
    set(d, DCM_SeriesTime, w.stamp.time.c_str());
    w.out().insertEmptyElement(DCM_ReferencedPerformedProcedureStepSequence);
    set(d, DCM_Manufacturer, "DKM Workstation project");
    set(d, DCM_ManufacturerModelName, OURS);
    set(d, DCM_DeviceSerialNumber, "1");
    set(d, DCM_SoftwareVersions, w.request->software_version);
    set(d, DCM_SOPClassUID, UID_Comprehensive3DSRStorage);
    set(d, DCM_SOPInstanceUID, w.uid("instance").c_str());
    set(d, DCM_InstanceNumber, "1");
    set(d, DCM_InstanceCreationDate, w.stamp.date.c_str());
    set(d, DCM_InstanceCreationTime, w.stamp.time.c_str());
    DcmItem &scheme = dkm::add_item(d, DCM_CodingSchemeIdentificationSequence);
    set(scheme, DCM_CodingSchemeDesignator, SCHEME);
    set(scheme, DCM_CodingSchemeName, "DKM Workstation's codes");
    set(scheme, DCM_CodingSchemeResponsibleOrganization, "DKM Workstation project");
}

/* Who vouches for the content, and when. */
void verification(Writer &w)
{
    DcmItem &d = w.out();
    const bool is_reviewed = !w.reviewer.empty();
    set(d, DCM_CompletionFlag, is_reviewed ? "COMPLETE" : "PARTIAL");
    set(d, DCM_VerificationFlag, is_reviewed ? "VERIFIED" : "UNVERIFIED");
    if (!is_reviewed)
        return;
    const OFString institution = dkm::text(w.in(), DCM_InstitutionName);
    DcmItem &observer = dkm::add_item(d, DCM_VerifyingObserverSequence);
    set(observer, DCM_VerifyingOrganization, institution.empty() ? "unknown" : institution.c_str());
    set(observer, DCM_VerificationDateTime, w.reviewed.c_str());
    set(observer, DCM_VerifyingObserverName, w.reviewer.c_str());
    observer.insertEmptyElement(DCM_VerifyingObserverIdentificationCodeSequence);
}

void add_evidence(DcmItem &series, const char *sop_class, const char *sop_instance)
{
    DcmItem &object = dkm::add_item(series, DCM_ReferencedSOPSequence);
    set(object, DCM_ReferencedSOPClassUID, sop_class);
    set(object, DCM_ReferencedSOPInstanceUID, sop_instance);
}

void document_general(Writer &w)
{
    DcmItem &d = w.out();
    set(d, DCM_ContentDate, w.stamp.date.c_str());
    set(d, DCM_ContentTime, w.stamp.time.c_str());
    verification(w);
    w.out().insertEmptyElement(DCM_PerformedProcedureCodeSequence);
    DcmItem &study = dkm::add_item(d, DCM_CurrentRequestedProcedureEvidenceSequence);
    set(study, DCM_StudyInstanceUID, dkm::text(w.in(), DCM_StudyInstanceUID).c_str());
    for (const auto &series : source_images(w)) {
        DcmItem &item = dkm::add_item(study, DCM_ReferencedSeriesSequence);
        set(item, DCM_SeriesInstanceUID, series.first.c_str());
        for (const DkmFrame *frame : series.second)
            add_evidence(item, frame->sop_class_uid, frame->sop_instance_uid);
    }
    DcmItem &seg = dkm::add_item(study, DCM_ReferencedSeriesSequence);
    set(seg, DCM_SeriesInstanceUID, dkm::text(w.seg(), DCM_SeriesInstanceUID).c_str());
    add_evidence(seg, dkm::text(w.seg(), DCM_SOPClassUID).c_str(),
                 dkm::text(w.seg(), DCM_SOPInstanceUID).c_str());
}

/* TID 1204, TID 1001 and the procedure. */
void observation_context(Writer &w)
{
    static const char with[] = "HAS OBS CONTEXT", modified[] = "HAS CONCEPT MOD";
    static const Code observer_type = {"121005", "DCM", "Observer Type"};
    DcmItem &d = w.out();
    dkm::add_code(d, modified, {"121049", "DCM", "Language of Content Item and Descendants"},
                  {"en", "RFC5646", "English"});
    dkm::add_code(d, with, observer_type, {"121007", "DCM", "Device"});
    dkm::add_uid(d, with, {"121012", "DCM", "Device Observer UID"}, w.uid("device").c_str());
    dkm::add_text(d, with, {"121013", "DCM", "Device Observer Name"}, OURS);
    dkm::add_text(d, with, {"121015", "DCM", "Device Observer Model Name"},
                  w.request->software_version);
    if (!w.reviewer.empty()) {
        dkm::add_code(d, with, observer_type, {"121006", "DCM", "Person"});
        dkm::add_person(d, with, {"121008", "DCM", "Person Observer Name"}, w.reviewer.c_str());
    }
    dkm::add_code(d, modified, {"121058", "DCM", "Procedure reported"},
                  {"241615005", "SCT", "MRI of breast"});
}

/* TID 1600: what was measured, phase by phase. */
void image_library(Writer &w)
{
    DcmItem &library = dkm::add_container(w.out(), {"111028", "DCM", "Image Library"}, "1600");
    for (guint phase : measured_phases(w)) {
        DcmItem &group =
            dkm::add_container(library, {"126200", "DCM", "Image Library Group"}, nullptr);
        dkm::add_code(group, "HAS ACQ CONTEXT", {"121139", "DCM", "Modality"},
                      {"MR", "DCM", "Magnetic Resonance"});
        for (int z = 0; z < w.slices(); z++) {
            const DkmFrame *f = w.frame(phase, z);
            const int number = f->number_of_frames > 1 ? f->frame + 1 : 0;
            dkm::add_image(group, nullptr, {f->sop_class_uid, f->sop_instance_uid, number, 0});
        }
    }
}

/* Text of the code in the only item of SEQUENCE, or empty. */
struct CodeText {
    OFString value, scheme, meaning;
    Code code() const
    {
        return {value.c_str(), scheme.c_str(), meaning.c_str()};
    }
};

CodeText read_code(DcmItem *item, const DcmTagKey &sequence)
{
    DcmItem *code = item ? dkm::first_item(*item, sequence) : nullptr;
    if (!code)
        return {};
    return {dkm::text(*code, DCM_CodeValue), dkm::text(*code, DCM_CodingSchemeDesignator),
            dkm::text(*code, DCM_CodeMeaning)};
}

/* Where the SEG says the lesion is, its side included. */
void finding_site(DcmItem &group, DcmItem &segment)
{
    DcmItem *region = dkm::first_item(segment, DCM_AnatomicRegionSequence);
    const CodeText site = read_code(&segment, DCM_AnatomicRegionSequence);
    if (site.value.empty())
        return;
    DcmItem &item =
        dkm::add_code(group, "HAS CONCEPT MOD", {"363698007", "SCT", "Finding Site"}, site.code());
    const CodeText side = read_code(region, DCM_AnatomicRegionModifierSequence);
    if (!side.value.empty())
        dkm::add_code(item, "HAS CONCEPT MOD", {"272741003", "SCT", "Laterality"}, side.code());
}

/* What was measured: the segment, and the images that it was drawn on. */
void references(Writer &w, DcmItem &group, int number)
{
    static const Code referenced = {"121191", "DCM", "Referenced Segment"};
    const OFString seg_class = dkm::text(w.seg(), DCM_SOPClassUID);
    const OFString seg_instance = dkm::text(w.seg(), DCM_SOPInstanceUID);
    dkm::add_image(group, &referenced, {seg_class.c_str(), seg_instance.c_str(), 0, number});
    const char *series = nullptr;
    for (int z = 0; z < w.slices(); z++) {
        const char *next = w.frame(w.request->phase, z)->series_uid;
        if (series && strcmp(series, next) == 0)
            continue;
        series = next;
        dkm::add_uid(group, "CONTAINS", {"121232", "DCM", "Source series for segmentation"},
                     series);
    }
}

/* TID 4019: by what a value that is no plain geometry was computed. */
void algorithm(const Writer &w, DcmItem &number)
{
    static const char modified[] = "HAS CONCEPT MOD";
    dkm::add_text(number, modified, {"111001", "DCM", "Algorithm Name"}, OURS);
    dkm::add_text(number, modified, {"111003", "DCM", "Algorithm Version"},
                  w.request->software_version);
    if (w.request->rule)
        dkm::add_text(number, modified, {"111002", "DCM", "Algorithm Parameters"}, w.request->rule);
}

void sizes(DcmItem &group, const DkmLesionMeasures &m)
{
    dkm::add_number(group, {"118565006", "SCT", "Volume"}, m.volume_ml * 1000, CUBIC_MILLIMETRE);
    dkm::add_number(group, {"L0JK", "IBSI", "Maximum 3D Diameter of a Mesh"}, m.in_space.mm,
                    MILLIMETRE);
    dkm::add_number(group, {"103339001", "SCT", "Long Axis"}, m.in_plane.mm, MILLIMETRE);
}

void enhancement(const Writer &w, DcmItem &group, const DkmLesionMeasures &m)
{
    static const Code mean = {"PE-MEAN", SCHEME, "Early percent enhancement, mean"};
    static const Code worst = {"PE-WORST3X3", SCHEME,
                               "Early percent enhancement, worst 3x3 voxels"};
    static const Code volume = {"FTV", SCHEME, "Functional tumor volume"};
    if (m.has_curve && std::isfinite(m.mean.pe_percent))
        algorithm(w, dkm::add_number(group, mean, m.mean.pe_percent, PERCENT));
    if (m.has_worst)
        algorithm(w, dkm::add_number(group, worst, m.worst.pe_percent, PERCENT));
    if (m.has_late)
        algorithm(w, dkm::add_number(group, volume, m.ftv_ml * 1000, CUBIC_MILLIMETRE));
}

void curve_type(DcmItem &group, const DkmLesionMeasures &m)
{
    static const Code of_worst = {"CURVE-WORST3X3", SCHEME, "Kinetic curve, worst 3x3 voxels"};
    static const Code of_mean = {"CURVE-MEAN", SCHEME, "Kinetic curve, mean"};
    static const Code types[] = {{"130597", "DCM", "Persistent delayed phase: Type 1 curve"},
                                 {"130598", "DCM", "Plateau delayed phase: Type 2 curve"},
                                 {"130599", "DCM", "Washout delayed phase: Type 3 curve"}};
    if (m.has_late && m.curve != DKM_CURVE_NONE)
        dkm::add_code(group, "CONTAINS", m.has_worst ? of_worst : of_mean,
                      types[m.curve - DKM_CURVE_PERSISTENT]);
}

/* TID 1411 */
void measurement_group(Writer &w, DcmItem &parent, const DkmReportLesion &lesion, DcmItem &segment)
{
    static const char with[] = "HAS OBS CONTEXT";
    const OFString id = dkm::text(segment, DCM_TrackingID);
    const OFString uid = dkm::text(segment, DCM_TrackingUID);
    const OFString label = dkm::text(segment, DCM_SegmentLabel);
    const std::string made = w.uid(("tracking " + std::to_string(lesion.segment_number)).c_str());
    const CodeText finding = read_code(&segment, DCM_SegmentedPropertyTypeCodeSequence);
    DcmItem &group = dkm::add_container(parent, {"125007", "DCM", "Measurement Group"}, "1411");
    if (!w.reviewed.empty())
        set(group, DCM_ObservationDateTime, w.reviewed.c_str());
    dkm::add_text(group, with, {"112039", "DCM", "Tracking Identifier"},
                  !id.empty()      ? id.c_str()
                  : !label.empty() ? label.c_str()
                                   : "Lesion");
    dkm::add_uid(group, with, {"112040", "DCM", "Tracking Unique Identifier"},
                 dkm_uid_is_valid(uid.c_str()) ? uid.c_str() : made.c_str());
    if (!finding.value.empty())
        dkm::add_code(group, "CONTAINS", {"121071", "DCM", "Finding"}, finding.code());
    references(w, group, lesion.segment_number);
    finding_site(group, segment);
    sizes(group, *lesion.measures);
    enhancement(w, group, *lesion.measures);
    curve_type(group, *lesion.measures);
}

bool measurements(Writer &w, GError **error)
{
    DcmItem &parent =
        dkm::add_container(w.out(), {"126010", "DCM", "Imaging Measurements"}, nullptr);
    for (guint i = 0; i < w.request->n_lesions; i++) {
        const DkmReportLesion &lesion = w.request->lesions[i];
        DcmItem *segment = find_segment(w, lesion.segment_number);
        if (!segment) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, _("the segmentation has no segment %d"),
                        lesion.segment_number);
            return false;
        }
        measurement_group(w, parent, lesion, *segment);
    }
    return true;
}

/* Our own SEG says who reviewed it, and when; another's content creator need not have. */
void find_reviewer(Writer &w)
{
    const DkmReportRequest *r = w.request;
    DcmSequenceOfItems *parts = nullptr;
    if (r->reviewer) {
        g_autoptr(GDateTime) when = g_date_time_new_from_unix_local(r->reviewed_unix_s);
        g_autofree char *text = when ? g_date_time_format(when, "%Y%m%d%H%M%S") : nullptr;
        w.reviewer = r->reviewer;
        w.reviewed = text ? text : w.stamp.date + w.stamp.time;
    } else if (dkm::text(w.seg(), DCM_ManufacturerModelName) == OURS &&
               w.seg().findAndGetSequence(DCM_ContributingEquipmentSequence, parts).good()) {
        for (unsigned long i = 0; parts && i < parts->card(); i++) {
            DcmItem *part = parts->getItem(i);
            if (read_code(part, DCM_PurposeOfReferenceCodeSequence).value != "109103")
                continue;
            w.reviewer = dkm::text(w.seg(), DCM_ContentCreatorName).c_str();
            w.reviewed = dkm::text(*part, DCM_ContributionDateTime).c_str();
        }
    }
}

/* An object has one character set: UTF-8 where the study's and the SEG's differ, or our words are
 * more than ASCII. */
void unify_character_sets(Writer &w)
{
    const bool is_plain = !w.request->reviewer || g_str_is_ascii(w.request->reviewer);
    if (is_plain && dkm::texts(w.in(), DCM_SpecificCharacterSet) ==
                        dkm::texts(w.seg(), DCM_SpecificCharacterSet))
        return;
    if (w.in().convertToUTF8().good() && w.seg().convertToUTF8().good())
        set(w.in(), DCM_SpecificCharacterSet, "ISO_IR 192");
}

bool load(DcmFileFormat &file, const char *path, const char *what, GError **error)
{
    DkmPreflight preflight;
    return dkm_preflight_file(path, &preflight, error) &&
           dkm::check(file.loadFileUntilTag(OFFilename(path), EXS_Unknown, EGL_noChange, 256,
                                            ERM_fileOnly, DCM_PixelData),
                      DKM_ERROR_INPUT, what, error);
}

bool belongs(Writer &w, GError **error)
{
    const OFString images = dkm::text(w.in(), DCM_StudyInstanceUID),
                   segmentation = dkm::text(w.seg(), DCM_StudyInstanceUID);
    g_autofree char *written = dkm_dicom_deidentified_uid(images.c_str()); /* by this scope */
    if (images == segmentation || segmentation == written)
        return true;
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT,
                        _("the segmentation belongs to another study than the images"));
    return false;
}

/* Read back what was written and compare it, element by element. */
bool compare_with_document(const char *path, gpointer data, GError **error)
{
    Writer &w = *static_cast<Writer *>(data);
    DcmFileFormat written;
    if (!dkm::check(written.loadFile(OFFilename(path)), DKM_ERROR_OUTPUT, "the report", error))
        return false;
    DcmDataset &read = *written.getDataset();
    const bool equal = read.compare(w.out()) == 0;
    if (!equal)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_OUTPUT,
                            _("the report that was written does not read back the same"));
    return equal;
}

bool write_report(const DkmReportRequest *request, const char *path, GCancellable *cancel,
                  GError **error)
{
    Writer w;
    w.request = request;
    w.stamp = dkm::stamp_now(request->uid_seed != nullptr);
    if (!load(w.source, w.frame(request->phase, 0)->path, "the source images cannot be read",
              error) ||
        !load(w.segmentation, request->seg_path, "the segmentation cannot be read", error) ||
        !belongs(w, error))
        return false;
    try {
        unify_character_sets(w);
        find_reviewer(w);
        dkm::copy_patient_and_study(w.out(), w.in());
        for (const DcmTagKey &tag : {DCM_FrameOfReferenceUID, DCM_PositionReferenceIndicator})
            w.out().findAndDeleteElement(tag); /* of images, not of documents */
        series_and_equipment(w);
        document_general(w);
        dkm::set_container(w.out(), {"126000", "DCM", "Imaging Measurement Report"}, "1500");
        observation_context(w);
        image_library(w);
        if (!measurements(w, error))
            return false;
    } catch (const dkm::WriteError &failure) {
        return dkm::set_write_error(failure, error);
    }
    return dkm::save(w.file, path, compare_with_document, &w, cancel, error);
}

} // namespace

gboolean dkm_dicom_write_report(const DkmReportRequest *request, const char *path,
                                GCancellable *cancel, GError **error)
{
    if (!dkm::start(error))
        return FALSE;
    return dkm::guarded(error, [&] { return write_report(request, path, cancel, error); });
}
