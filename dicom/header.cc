#include "dicom/header.h"

#include "core/error.h"
#include "core/i18n.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace dkm {

namespace {

enum { MAX_SIDE = 4096, MAX_FRAMES = 100000 };

const DcmTagKey philips_creator(0x2005, 0x0010), philips_slope(0x2005, 0x100e),
    philips_frame(0x2005, 0x140f); /* what an enhanced image says of one frame */

bool refuse(GError **error, const char *what)
{
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT, what);
    return false;
}

/* Every top-level attribute that this file or the scan asks for; the rest is not parsed. */
std::vector<guint32> sorted_tags(bool with_groups)
{
    std::vector<DcmTagKey> keys = {DCM_AccessionNumber,
                                   DCM_AcquisitionDateTime,
                                   DCM_AcquisitionNumber,
                                   DCM_AcquisitionTime,
                                   DCM_BitsAllocated,
                                   DCM_BitsStored,
                                   DCM_BodyPartExamined,
                                   DCM_Columns,
                                   DCM_ContentTime,
                                   DCM_ContrastBolusAgent,
                                   DCM_EchoTime,
                                   DCM_FlipAngle,
                                   DCM_FrameOfReferenceUID,
                                   DCM_ImageOrientationPatient,
                                   DCM_ImagePositionPatient,
                                   DCM_ImageType,
                                   DCM_ImagesInAcquisition,
                                   DCM_InstanceNumber,
                                   DCM_MagneticFieldStrength,
                                   DCM_Manufacturer,
                                   DCM_ManufacturerModelName,
                                   DCM_Modality,
                                   DCM_NumberOfFrames,
                                   DCM_NumberOfTemporalPositions,
                                   DCM_PatientBirthDate,
                                   DCM_PatientID,
                                   DCM_PatientName,
                                   DCM_PatientSex,
                                   DCM_PhotometricInterpretation,
                                   DCM_PixelRepresentation,
                                   DCM_PixelSpacing,
                                   DCM_ProtocolName,
                                   DCM_RepetitionTime,
                                   DCM_RescaleIntercept,
                                   DCM_RescaleSlope,
                                   DCM_Rows,
                                   DCM_SOPClassUID,
                                   DCM_SOPInstanceUID,
                                   DCM_SamplesPerPixel,
                                   DCM_ScanOptions,
                                   DCM_ScanningSequence,
                                   DCM_SequenceName,
                                   DCM_SeriesDescription,
                                   DCM_SeriesInstanceUID,
                                   DCM_SeriesNumber,
                                   DCM_SeriesTime,
                                   DCM_SliceThickness,
                                   DCM_SpecificCharacterSet,
                                   DCM_StudyDate,
                                   DCM_StudyDescription,
                                   DCM_StudyInstanceUID,
                                   DCM_StudyTime,
                                   DCM_TemporalPositionIdentifier,
                                   DCM_TemporalResolution,
                                   DCM_TriggerTime,
                                   DCM_WindowCenter,
                                   DCM_WindowWidth,
                                   philips_creator,
                                   philips_slope};
    if (with_groups) {
        keys.push_back(DCM_DimensionIndexSequence);
        keys.push_back(DCM_SharedFunctionalGroupsSequence);
        keys.push_back(DCM_PerFrameFunctionalGroupsSequence);
    }
    std::vector<guint32> tags;
    tags.reserve(keys.size());
    for (const DcmTagKey &key : keys)
        tags.push_back(static_cast<guint32>(key.getGroup()) << 16 | key.getElement());
    std::sort(tags.begin(), tags.end());
    return tags;
}

/* Digits of a fixed field of a date or time; -1 where they are none. */
int digits(const char *text, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (!g_ascii_isdigit(text[i]))
            return -1;
        value = value * 10 + text[i] - '0';
    }
    return value;
}

/* TM: HHMMSS.FFFFFF, seconds since midnight; the old form with colons too. */
double time_seconds(const OFString &value)
{
    std::string compact;
    for (const char c : value)
        if (c != ':')
            compact += c;
    if (compact.size() < 2 || digits(compact.c_str(), 2) < 0)
        return NAN;
    double seconds = 3600.0 * digits(compact.c_str(), 2);
    if (compact.size() >= 4 && digits(compact.c_str() + 2, 2) >= 0)
        seconds += 60.0 * digits(compact.c_str() + 2, 2);
    if (compact.size() >= 6 && digits(compact.c_str() + 4, 2) >= 0)
        seconds += g_ascii_strtod(compact.c_str() + 4, nullptr);
    return seconds;
}

/* DT: YYYYMMDDHHMMSS.FFFFFF, seconds since 1970 in the file's own zone. */
double datetime_seconds(const OFString &value)
{
    if (value.size() < 10)
        return NAN;
    const char *c = value.c_str();
    const int year = digits(c, 4), month = digits(c + 4, 2), day = digits(c + 6, 2);
    const OFString zoneless = value.substr(8, value.find_first_of("+-", 8) - 8);
    const double seconds = time_seconds(zoneless);
    if (year < 1 || !g_date_valid_dmy(static_cast<GDateDay>(MAX(day, 0)),
                                      static_cast<GDateMonth>(CLAMP(month, 0, 13)),
                                      static_cast<GDateYear>(year)))
        return NAN;
    GDate date;
    g_date_clear(&date, 1);
    g_date_set_dmy(&date, static_cast<GDateDay>(day), static_cast<GDateMonth>(month),
                   static_cast<GDateYear>(year));
    const guint32 epoch = 719163; /* 1970-01-01 as a Julian day of GDate */
    return (static_cast<double>(g_date_get_julian(&date)) - epoch) * 86400.0 + seconds;
}

/* The elements of one item by their tag: DCMTK's list is walked once, not once for each tag. */
class Elements {
  public:
    explicit Elements(DcmItem &item)
    {
        for (DcmObject *o = item.nextInContainer(nullptr); o; o = item.nextInContainer(o))
            if (auto *element = dynamic_cast<DcmElement *>(o))
                sorted.push_back(element);
    }

    DcmElement *operator[](const DcmTagKey &tag) const
    {
        const auto at = std::lower_bound(
            sorted.begin(), sorted.end(), tag,
            [](const DcmElement *e, const DcmTagKey &wanted) { return e->getTag() < wanted; });
        return at != sorted.end() && (*at)->getTag() == tag ? *at : nullptr;
    }

  private:
    std::vector<DcmElement *> sorted;
};

/* A float whose type an implicit syntax does not tell and the dictionary does not know. */
double private_float(DcmElement &element)
{
    Float32 value;
    Uint8 *bytes = nullptr;
    if (element.getFloat32(value).good())
        return value;
    if (element.getLength() != 4 || element.getUint8Array(bytes).bad() || !bytes)
        return NAN;
    const guint32 word = static_cast<guint32>(bytes[0]) | static_cast<guint32>(bytes[1]) << 8 |
                         static_cast<guint32>(bytes[2]) << 16 |
                         static_cast<guint32>(bytes[3]) << 24;
    float number;
    memcpy(&number, &word, sizeof number);
    return number;
}

class Reader {
  public:
    Reader(DkmFrameTable *to, DcmDataset &from) : table(to), dataset(from), top(from)
    {
    }

    const char *intern(const OFString &value) const
    {
        gchar *valid = g_utf8_make_valid(value.c_str(), -1);
        const char *kept = dkm_frame_table_intern(table, g_strstrip(valid));
        g_free(valid);
        return kept;
    }
    const char *get(const DcmTagKey &tag) const
    {
        return intern(text(top[tag]));
    }

    void identity(DkmFrame *f) const
    {
        f->study_uid = get(DCM_StudyInstanceUID);
        f->study_date = get(DCM_StudyDate);
        f->study_time = get(DCM_StudyTime);
        f->study_description = get(DCM_StudyDescription);
        f->accession_number = get(DCM_AccessionNumber);
        f->patient_id = get(DCM_PatientID);
        f->patient_name = get(DCM_PatientName);
        f->patient_birth_date = get(DCM_PatientBirthDate);
        f->patient_sex = get(DCM_PatientSex);
    }

    void series(DkmFrame *f) const
    {
        f->series_uid = get(DCM_SeriesInstanceUID);
        f->series_description = get(DCM_SeriesDescription);
        f->sequence_name = get(DCM_SequenceName);
        f->scanning_sequence = intern(texts(top[DCM_ScanningSequence]));
        f->scan_options = intern(texts(top[DCM_ScanOptions]));
        f->protocol_name = get(DCM_ProtocolName);
        f->modality = get(DCM_Modality);
        f->manufacturer = get(DCM_Manufacturer);
        f->manufacturer_model = get(DCM_ManufacturerModelName);
        f->body_part = get(DCM_BodyPartExamined);
        f->sop_class_uid = get(DCM_SOPClassUID);
        f->sop_instance_uid = get(DCM_SOPInstanceUID);
        f->frame_of_reference_uid = get(DCM_FrameOfReferenceUID);
        f->image_type = intern(texts(top[DCM_ImageType]));
        f->contrast_agent = get(DCM_ContrastBolusAgent);
        f->series_number = integer(top[DCM_SeriesNumber]);
        f->instance_number = integer(top[DCM_InstanceNumber]);
        f->acquisition_number = integer(top[DCM_AcquisitionNumber]);
    }

    void pixels(DkmFrame *f) const
    {
        f->rows = MAX(0, integer(top[DCM_Rows]));
        f->columns = MAX(0, integer(top[DCM_Columns]));
        f->samples_per_pixel = MAX(0, integer(top[DCM_SamplesPerPixel]));
        f->bits_allocated = MAX(0, integer(top[DCM_BitsAllocated]));
        f->bits_stored = MAX(0, integer(top[DCM_BitsStored]));
        f->pixel_representation = MAX(0, integer(top[DCM_PixelRepresentation]));
        f->number_of_frames = MAX(1, integer(top[DCM_NumberOfFrames]));
        f->photometric = get(DCM_PhotometricInterpretation);
    }

    void timing(DkmFrame *f) const
    {
        f->temporal_position = integer(top[DCM_TemporalPositionIdentifier]);
        f->number_of_temporal_positions = integer(top[DCM_NumberOfTemporalPositions]);
        f->images_in_acquisition = integer(top[DCM_ImagesInAcquisition]);
        f->trigger_time_ms = real(top[DCM_TriggerTime]);
        f->acquisition_time_s = time_seconds(text(top[DCM_AcquisitionTime]));
        f->content_time_s = time_seconds(text(top[DCM_ContentTime]));
        f->series_time_s = time_seconds(text(top[DCM_SeriesTime]));
        f->acquisition_datetime_s = datetime_seconds(text(top[DCM_AcquisitionDateTime]));
        f->temporal_resolution = real(top[DCM_TemporalResolution]);
        f->repetition_time_ms = real(top[DCM_RepetitionTime]);
        f->echo_time_ms = real(top[DCM_EchoTime]);
        f->flip_angle_deg = real(top[DCM_FlipAngle]);
        f->field_strength = real(top[DCM_MagneticFieldStrength]);
    }

    /* What a classic image says at its top level, an enhanced one in its functional groups. */
    void place(DkmFrame *f, const Elements &position, const Elements &orientation,
               const Elements &measures) const
    {
        for (unsigned long k = 0; k < 3; k++) {
            f->position_lps[k] = real(position[DCM_ImagePositionPatient], k);
            f->row_lps[k] = real(orientation[DCM_ImageOrientationPatient], k);
            f->column_lps[k] = real(orientation[DCM_ImageOrientationPatient], 3 + k);
        }
        f->spacing_mm[0] = real(measures[DCM_PixelSpacing], 0);
        f->spacing_mm[1] = real(measures[DCM_PixelSpacing], 1);
        f->slice_thickness_mm = real(measures[DCM_SliceThickness]);
    }

    void rescale(DkmFrame *f, const Elements &item) const
    {
        const double slope = real(item[DCM_RescaleSlope]);
        const double intercept = real(item[DCM_RescaleIntercept]);
        const bool has_slope = std::isfinite(slope) && slope != 0;
        f->rescale_is_replaced = !has_slope && !text(item[DCM_RescaleSlope]).empty();
        f->rescale_slope = has_slope ? slope : 1;
        f->rescale_intercept = std::isfinite(intercept) ? intercept : 0;
    }

    static void philips(DkmFrame *f, const Elements &item)
    {
        static const char creator[] = "Philips MR Imaging DD 001";
        DcmElement *slope = item[philips_slope];
        if (!slope || g_ascii_strcasecmp(text(item[philips_creator]).c_str(), creator) != 0)
            return;
        const double value = private_float(*slope);
        f->philips_scale = std::isfinite(value) && value > 0 ? value : NAN;
    }

    void window(DkmFrame *f, const Elements &item) const
    {
        f->window_center = real(item[DCM_WindowCenter]);
        f->window_width = real(item[DCM_WindowWidth]);
    }

    DkmFrameTable *table;
    DcmDataset &dataset;
    const Elements top;
};

/* The functional groups of one frame: its own first, else those shared by all. */
class Groups {
  public:
    Groups(DcmDataset &dataset, unsigned long frame)
    {
        shared = first_item(dataset, DCM_SharedFunctionalGroupsSequence);
        DcmSequenceOfItems *frames = nullptr;
        if (dataset.findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, frames).good())
            own = frame < frames->card() ? frames->getItem(frame) : nullptr;
    }

    DcmItem *find(const DcmTagKey &sequence) const
    {
        DcmItem *found = own ? first_item(*own, sequence) : nullptr;
        return found || !shared ? found : first_item(*shared, sequence);
    }

  private:
    DcmItem *own = nullptr, *shared = nullptr;
};

/* The dimension that counts temporal positions; -1: none of them. */
long temporal_dimension(DcmDataset &dataset)
{
    DcmSequenceOfItems *dimensions = nullptr;
    if (dataset.findAndGetSequence(DCM_DimensionIndexSequence, dimensions).bad())
        return -1;
    for (unsigned long i = 0; i < dimensions->card(); i++) {
        DcmElement *pointer = find(*dimensions->getItem(i), DCM_DimensionIndexPointer);
        DcmTagKey key;
        auto *tag = dynamic_cast<DcmAttributeTag *>(pointer);
        if (tag && tag->getTagVal(key).good() && key == DCM_TemporalPositionIndex)
            return static_cast<long>(i);
    }
    return -1;
}

void read_frame_content(DkmFrame *f, DcmItem &content, long dimension)
{
    f->temporal_position = integer(content, DCM_TemporalPositionIndex);
    Uint32 index;
    if (f->temporal_position == DKM_ABSENT_INT && dimension >= 0 &&
        content
            .findAndGetUint32(DCM_DimensionIndexValues, index,
                              static_cast<unsigned long>(dimension))
            .good() &&
        index <= G_MAXINT)
        f->temporal_position = static_cast<int>(index);
    const double acquired = datetime_seconds(text(content, DCM_FrameAcquisitionDateTime));
    const double reference = datetime_seconds(text(content, DCM_FrameReferenceDateTime));
    if (std::isfinite(acquired) || std::isfinite(reference))
        f->acquisition_datetime_s = std::isfinite(acquired) ? acquired : reference;
    const int number = integer(content, DCM_FrameAcquisitionNumber);
    if (number != DKM_ABSENT_INT)
        f->acquisition_number = number;
}

void read_groups(const Reader &reader, DkmFrame *f, unsigned long frame, long dimension)
{
    const Groups groups(reader.dataset, frame);
    DcmItem empty;
    const auto group = [&](const DcmTagKey &tag) -> DcmItem & {
        DcmItem *found = groups.find(tag);
        return found ? *found : empty;
    };
    reader.place(f, Elements(group(DCM_PlanePositionSequence)),
                 Elements(group(DCM_PlaneOrientationSequence)),
                 Elements(group(DCM_PixelMeasuresSequence)));
    reader.rescale(f, Elements(group(DCM_PixelValueTransformationSequence)));
    reader.window(f, Elements(group(DCM_FrameVOILUTSequence)));
    Reader::philips(f, Elements(group(philips_frame)));
    read_frame_content(f, group(DCM_FrameContentSequence), dimension);
    const OFString type = texts(group(DCM_MRImageFrameTypeSequence), DCM_FrameType);
    if (!type.empty())
        f->image_type = reader.intern(type);
    const double delay =
        real(group(DCM_CardiacSynchronizationSequence), DCM_NominalCardiacTriggerDelayTime);
    if (std::isfinite(delay))
        f->trigger_time_ms = delay;
    f->repetition_time_ms =
        real(group(DCM_MRTimingAndRelatedParametersSequence), DCM_RepetitionTime);
    f->flip_angle_deg = real(group(DCM_MRTimingAndRelatedParametersSequence), DCM_FlipAngle);
    f->echo_time_ms = real(group(DCM_MREchoSequence), DCM_EffectiveEchoTime);
}

bool length_fits(DkmFrame &f, const DkmPreflight &preflight, GError **error)
{
    if (preflight.encapsulated)
        return true;
    const guint64 one = static_cast<guint64>(f.rows) * static_cast<guint64>(f.columns) *
                        static_cast<guint64>(f.bits_allocated / 8);
    const guint64 expected = one * static_cast<guint64>(f.number_of_frames);
    const DkmPixelFit fit = dkm_preflight_pixel_fit(preflight.pixel_length, one, expected);
    f.is_padded = fit == DKM_PIXELS_PADDED;
    if (fit != DKM_PIXELS_MISFIT)
        return true;
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                _("pixel data of %lu bytes where %lu belong to %d x %d pixels of %d frames"),
                static_cast<gulong>(preflight.pixel_length), static_cast<gulong>(expected), f.rows,
                f.columns, f.number_of_frames);
    return false;
}

bool sizes_fit(DkmFrame &f, const DkmPreflight &preflight, GError **error)
{
    if (f.rows < 1 || f.columns < 1 || f.rows > MAX_SIDE || f.columns > MAX_SIDE)
        return refuse(error, _("rows or columns are missing, 0 or over 4096"));
    if (f.samples_per_pixel != 1)
        return refuse(error, _("more than one sample per pixel"));
    if ((f.bits_allocated != 8 && f.bits_allocated != 16) || f.bits_stored < 1 ||
        f.bits_stored > f.bits_allocated)
        return refuse(error, _("bits allocated are not 8 or 16, or bits stored do not fit"));
    if (f.number_of_frames > MAX_FRAMES)
        return refuse(error, _("more than 100000 frames"));
    if (preflight.pixel_offset == 0)
        return refuse(error, _("no pixel data"));
    return length_fits(f, preflight, error);
}

} // namespace

DkmTags header_tags(bool with_groups)
{
    static const std::vector<guint32> plain = sorted_tags(false), all = sorted_tags(true);
    const std::vector<guint32> &tags = with_groups ? all : plain;
    return {tags.data(), static_cast<guint>(tags.size())};
}

bool is_enhanced(const char *uid)
{
    return strcmp(uid, UID_EnhancedMRImageStorage) == 0 ||
           strcmp(uid, UID_LegacyConvertedEnhancedMRImageStorage) == 0;
}

bool is_mr(const char *uid)
{
    return strcmp(uid, UID_MRImageStorage) == 0 || is_enhanced(uid);
}

bool add_frames(DkmFrameTable *table, const char *path, DcmDataset &dataset,
                const DkmPreflight &preflight, GError **error)
{
    DkmFrame frame;
    dkm_frame_init(&frame);
    const Reader reader(table, dataset);
    frame.path = dkm_frame_table_intern(table, path);
    frame.transfer_syntax_uid = dkm_frame_table_intern(table, preflight.transfer_syntax);
    reader.identity(&frame);
    reader.series(&frame);
    reader.pixels(&frame);
    reader.timing(&frame);
    if (!frame.study_uid || !frame.series_uid || !frame.sop_instance_uid)
        return refuse(error, _("study, series or instance UID is missing"));
    if (!frame.sop_class_uid)
        frame.sop_class_uid = dkm_frame_table_intern(table, preflight.media_class);
    if (!sizes_fit(frame, preflight, error))
        return false;
    if (!is_enhanced(frame.sop_class_uid)) {
        reader.place(&frame, reader.top, reader.top, reader.top);
        reader.rescale(&frame, reader.top);
        reader.window(&frame, reader.top);
        Reader::philips(&frame, reader.top);
        if (frame.number_of_frames > 1)
            return refuse(error, _("several frames in a classic MR image"));
        dkm_frame_table_add(table, &frame);
        return true;
    }
    const long dimension = temporal_dimension(dataset);
    for (int i = 0; i < frame.number_of_frames; i++) {
        DkmFrame one = frame;
        one.frame = i;
        read_groups(reader, &one, static_cast<unsigned long>(i), dimension);
        dkm_frame_table_add(table, &one);
    }
    return true;
}

} // namespace dkm
