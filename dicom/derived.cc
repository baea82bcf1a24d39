#include "dicom/derived.h"

#include "core/error.h"
#include "dicom/uid.h"

#include <cstring>

namespace dkm {

const char *const private_scheme = "99DKM";

const char *or_else(const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}

std::string Derived::uid(const char *name) const
{
    g_autofree char *made = dkm_uid_new(uid_seed, name);
    return made;
}

bool load_source(Derived &d, GError **error)
{
    d.stamp = stamp_now(d.uid_seed != nullptr);
    const OFCondition loaded =
        d.source.loadFileUntilTag(OFFilename(d.instance(0)->path), EXS_Unknown, EGL_noChange, 256,
                                  ERM_fileOnly, DCM_PixelData);
    return check(loaded, DKM_ERROR_INPUT, "the source images cannot be read", error);
}

void unify_character_set(Derived &d, const std::vector<const char *> &words)
{
    bool plain = true;
    for (const char *word : words)
        plain = plain && (!word || g_str_is_ascii(word));
    if (!plain && d.in().convertToUTF8().good())
        set(d.in(), DCM_SpecificCharacterSet, "ISO_IR 192");
}

void write_general_series(Derived &d, const SeriesWords &words)
{
    DcmItem &out = d.out();
    const DkmFrame *first = d.instance(0);
    const int source_number = first->series_number == DKM_ABSENT_INT ? 0 : first->series_number;
    const int number =
        words.number ? words.number : CLAMP(source_number, 0, 200000) * 10000 + words.offset;
    set(out, DCM_Modality, words.modality);
    set(out, DCM_SeriesInstanceUID, d.uid("series").c_str());
    set_number(out, DCM_SeriesNumber, number);
    set(out, DCM_SeriesDescription, words.description);
    set(out, DCM_SeriesDate, d.stamp.date.c_str());
    set(out, DCM_SeriesTime, d.stamp.time.c_str());
}

void write_enhanced_equipment(Derived &d)
{
    DcmItem &out = d.out();
    set(out, DCM_Manufacturer, "DKM Workstation project");
    set(out, DCM_ManufacturerModelName, "DKM Workstation");
    set(out, DCM_DeviceSerialNumber, "1");
    set(out, DCM_SoftwareVersions, or_else(d.version, "unknown"));
}

void write_contribution(Derived &d, const Code &purpose, const char *description)
{
    const std::string when = d.stamp.date + d.stamp.time;
    DcmItem &item = add_item(d.out(), DCM_ContributingEquipmentSequence);
    set(item, DCM_Manufacturer, "DKM Workstation project");
    set(item, DCM_ManufacturerModelName, "DKM Workstation");
    set(item, DCM_SoftwareVersions, or_else(d.version, "unknown"));
    set(item, DCM_ContributionDateTime, when.c_str());
    set(item, DCM_ContributionDescription, description);
    set_code(item, DCM_PurposeOfReferenceCodeSequence, purpose);
}

void write_sop_common(Derived &d, const char *class_uid)
{
    DcmItem &out = d.out();
    set(out, DCM_SOPClassUID, class_uid);
    set(out, DCM_SOPInstanceUID, d.uid("instance").c_str());
    set(out, DCM_InstanceNumber, "1");
    set(out, DCM_InstanceCreationDate, d.stamp.date.c_str());
    set(out, DCM_InstanceCreationTime, d.stamp.time.c_str());
}

void write_content(Derived &d, const char *label, const char *description, const char *creator)
{
    DcmItem &out = d.out();
    set(out, DCM_ContentDate, d.stamp.date.c_str());
    set(out, DCM_ContentTime, d.stamp.time.c_str());
    set(out, DCM_ContentLabel, label);
    set(out, DCM_ContentDescription, description);
    set(out, DCM_ContentCreatorName, or_else(creator, "DKM^Workstation"));
}

void write_private_scheme(Derived &d)
{
    DcmItem &item = add_item(d.out(), DCM_CodingSchemeIdentificationSequence);
    set(item, DCM_CodingSchemeDesignator, private_scheme);
    set(item, DCM_CodingSchemeName, "DKM Workstation's own codes");
    set(item, DCM_CodingSchemeResponsibleOrganization, "DKM Workstation project");
}

void write_dimensions(Derived &d, std::initializer_list<Dimension> dimensions)
{
    const std::string uid = d.uid("dimensions");
    set(add_item(d.out(), DCM_DimensionOrganizationSequence), DCM_DimensionOrganizationUID,
        uid.c_str());
    for (const Dimension &dimension : dimensions) {
        DcmItem &item = add_item(d.out(), DCM_DimensionIndexSequence);
        set(item, DCM_DimensionOrganizationUID, uid.c_str());
        item.putAndInsertTagKey(DCM_DimensionIndexPointer, dimension.pointer);
        item.putAndInsertTagKey(DCM_FunctionalGroupPointer, dimension.group);
        set(item, DCM_DimensionDescriptionLabel, dimension.label);
    }
}

/* The source's own text where it is at hand: planes must be equal to the last digit. */
static void source_text(Derived &d, DcmItem &to, const DcmTagKey &tag, const double *values, int n)
{
    const OFString text = texts(d.in(), tag);
    if (text.empty())
        set_reals(to, tag, values, n);
    else
        set(to, tag, text.c_str());
}

void write_plane_groups(Derived &d, DcmItem &shared)
{
    const DkmFrame *f = d.instance(0);
    const double orientation[6] = {f->row_lps[0],    f->row_lps[1],    f->row_lps[2],
                                   f->column_lps[0], f->column_lps[1], f->column_lps[2]};
    const double *mm = d.grid().spacing_mm;
    source_text(d, add_item(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient,
                orientation, 6);
    DcmItem &measures = add_item(shared, DCM_PixelMeasuresSequence);
    source_text(d, measures, DCM_PixelSpacing, mm + 1, 2);
    set_reals(measures, DCM_SliceThickness, mm, 1);
    set_reals(measures, DCM_SpacingBetweenSlices, mm, 1);
}

void write_reference(DcmItem &item, const char *class_uid, const char *instance_uid)
{
    set(item, DCM_ReferencedSOPClassUID, class_uid);
    set(item, DCM_ReferencedSOPInstanceUID, instance_uid);
}

void write_frame_source(Derived &d, DcmItem &groups, int slice, const Code &derivation)
{
    static const Code purpose = {"121322", "DCM", "Source image for image processing operation"};
    const DkmFrame *from = d.instance(slice);
    DcmItem &item = add_item(groups, DCM_DerivationImageSequence);
    set_code(item, DCM_DerivationCodeSequence, derivation);
    DcmItem &image = add_item(item, DCM_SourceImageSequence);
    write_reference(image, from->sop_class_uid, from->sop_instance_uid);
    if (from->number_of_frames > 1)
        set_number(image, DCM_ReferencedFrameNumber, from->frame + 1);
    set(image, DCM_SpatialLocationsPreserved, "YES");
    set_code(image, DCM_PurposeOfReferenceCodeSequence, purpose);
    set_reals(add_item(groups, DCM_PlanePositionSequence), DCM_ImagePositionPatient,
              from->position_lps, 3);
}

void write_referenced_series(Derived &d)
{
    const char *open_series = nullptr;
    const char *last_instance = nullptr;
    DcmItem *series = nullptr;
    for (int z = 0; z < d.grid().n[0]; z++) {
        const DkmFrame *f = d.instance(z);
        if (!open_series || strcmp(open_series, f->series_uid) != 0) {
            series = &add_item(d.out(), DCM_ReferencedSeriesSequence);
            set(*series, DCM_SeriesInstanceUID, f->series_uid);
            open_series = f->series_uid;
        }
        if (last_instance && strcmp(last_instance, f->sop_instance_uid) == 0)
            continue; /* frames of one Enhanced MR file */
        last_instance = f->sop_instance_uid;
        write_reference(add_item(*series, DCM_ReferencedInstanceSequence), f->sop_class_uid,
                        f->sop_instance_uid);
    }
}

} // namespace dkm
