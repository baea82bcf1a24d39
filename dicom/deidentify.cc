/* A list of what may stay, by attribute and by kind of value: what is not on it goes. */
#include "dicom/deidentify.h"

#include "core/error.h"
#include "dicom/dicom.h"
#include "dicom/uid.h"
#include "dicom/writing.h"

#include <cstring>
#include <set>
#include <string>
#include <vector>

namespace {

enum class Action { Keep, Remove, Empty, Pseudonym, Anonymous, Label, Text, Shift, Uid, Recurse };

struct Rule {
    DcmTagKey tag;
    Action action;
};

const Rule rules[] = {
    {DCM_PatientName, Action::Pseudonym},
    {DCM_PatientID, Action::Pseudonym},
    {DCM_PatientBirthDate, Action::Empty},
    {DCM_PatientSex, Action::Empty},
    {DCM_PatientAge, Action::Remove},
    {DCM_PatientWeight, Action::Remove},
    {DCM_PatientSize, Action::Remove},
    {DCM_StudyID, Action::Empty},
    {DCM_AccessionNumber, Action::Empty},
    {DCM_ReferringPhysicianName, Action::Empty},
    {DCM_PositionReferenceIndicator, Action::Empty},
    {DCM_ContentCreatorName, Action::Anonymous},
    {DCM_VerifyingObserverName, Action::Anonymous},
    {DCM_PersonName, Action::Anonymous},
    {DCM_VerifyingOrganization, Action::Text},
    {DCM_ContentDescription, Action::Text},
    {DCM_SeriesDescription, Action::Text},
    {DCM_SegmentLabel, Action::Label},
    {DCM_TrackingID, Action::Label},
    {DCM_PixelData, Action::Keep},
    {DCM_FloatPixelData, Action::Keep},
    {DCM_DoubleFloatPixelData, Action::Keep},
    /* texts that name codes, methods and programs */
    {DCM_CodeValue, Action::Keep},
    {DCM_LongCodeValue, Action::Keep},
    {DCM_CodeMeaning, Action::Keep},
    {DCM_CodingSchemeDesignator, Action::Keep},
    {DCM_CodingSchemeVersion, Action::Keep},
    {DCM_CodingSchemeName, Action::Keep},
    {DCM_CodingSchemeResponsibleOrganization, Action::Keep},
    {DCM_Manufacturer, Action::Keep},
    {DCM_ManufacturerModelName, Action::Keep},
    {DCM_DeviceSerialNumber, Action::Text},
    {DCM_SoftwareVersions, Action::Keep},
    {DCM_SegmentAlgorithmName, Action::Keep},
    {DCM_AlgorithmName, Action::Keep},
    {DCM_AlgorithmVersion, Action::Keep},
    {DCM_AlgorithmParameters, Action::Keep},
    {DCM_DimensionDescriptionLabel, Action::Keep},
    {DCM_ContributionDescription, Action::Keep},
    {DCM_LUTExplanation, Action::Keep},
    {DCM_LUTLabel, Action::Keep},
    {DCM_RescaleType, Action::Keep},
};

/* By the kind of value, where no rule names the attribute. */
Action action_of_vr(DcmEVR vr)
{
    switch (vr) {
    case EVR_SQ:
        return Action::Recurse;
    case EVR_UI:
        return Action::Uid;
    case EVR_DA:
    case EVR_DT:
        return Action::Shift;
    case EVR_PN:
        return Action::Anonymous;
    case EVR_TM:
    case EVR_CS:
    case EVR_DS:
    case EVR_IS:
    case EVR_AT:
    case EVR_FD:
    case EVR_FL:
    case EVR_SL:
    case EVR_SS:
    case EVR_UL:
    case EVR_US:
        return Action::Keep;
    default:
        return Action::Remove;
    }
}

Action action_of(const DcmElement &element)
{
    const DcmTag &tag = element.getTag();
    if (tag.isPrivate())
        return Action::Remove;
    for (const Rule &rule : rules)
        if (rule.tag == tag)
            return rule.action;
    return action_of_vr(element.getTag().getEVR());
}

struct Scope {
    GBytes *key = nullptr;
    std::set<std::string> done;      /* lines for a person */
    std::set<std::string> kept;      /* names that this scope's key has given already */
    std::string patient, study_date; /* who the dates belong to */
    ~Scope()
    {
        g_bytes_unref(key);
    }

    /* Hexadecimal HMAC-SHA256 of WHAT and VALUE under the key. */
    std::string hash(const char *what, const std::string &value) const
    {
        gsize length;
        const auto *bytes = static_cast<const guchar *>(g_bytes_get_data(key, &length));
        const std::string data = std::string(what) + '\0' + value;
        g_autofree char *hex =
            g_compute_hmac_for_data(G_CHECKSUM_SHA256, bytes, length,
                                    reinterpret_cast<const guchar *>(data.data()), data.size());
        return hex;
    }
};

thread_local Scope *scope;

void note(DcmElement &element, const char *what)
{
    DcmTag tag(element.getTag());
    g_autofree char *line = g_strdup_printf("(%04x,%04x) %s: %s", tag.getGTag(), tag.getETag(),
                                            tag.isPrivate() ? "private" : tag.getTagName(), what);
    scope->done.insert(line);
}

/* What our own words call a lesion may stay; another's becomes the same other word everywhere. */
std::string label_of(const std::string &text)
{
    static const char *const ours[] = {"Functional tumour volume", "Lesion"};
    for (const char *word : ours)
        if (text == word)
            return text;
    if (scope->kept.count(text))
        return text;
    const std::string number = text.compare(0, 7, "Lesion ") == 0 ? text.substr(7) : "";
    if (!number.empty() && number.size() < 4 &&
        number.find_first_not_of("0123456789") == std::string::npos)
        return text;
    return "Lesion " + scope->hash("label", text).substr(0, 8);
}

std::string pseudonym_of(const std::string &patient)
{
    return "DKM-" + scope->hash("patient", patient).substr(0, 12);
}

std::string uid_of(const std::string &uid)
{
    if (uid.empty() || uid.compare(0, 14, "1.2.840.10008.") == 0 || scope->kept.count(uid))
        return uid;
    g_autofree char *made = dkm_uid_new(scope->hash("uid", "").c_str(), uid.c_str());
    return made;
}

/* Days back, 1 to 3650, the same for all that belongs to the patient. */
int days_back()
{
    return 1 + static_cast<int>(
                   g_ascii_strtoull(scope->hash("dates", scope->patient).substr(0, 12).c_str(),
                                    nullptr, 16) %
                   3650);
}

/* A date, or a date and a time, shifted; empty where it is none. What is later than the study, as
 * the day of writing, becomes the study's day: a day that somebody can guess would undo the shift.
 */
std::string shifted(const std::string &given)
{
    const std::string &day_of_study = scope->study_date;
    const bool is_later = day_of_study.size() == 8 && given.substr(0, 8) > day_of_study;
    const std::string text = is_later ? day_of_study + given.substr(MIN(8, given.size())) : given;
    int year = 0, month = 0, day = 0;
    if (text.size() < 8 || text.find_first_not_of("0123456789") < 8 ||
        sscanf(text.c_str(), "%4d%2d%2d", &year, &month, &day) != 3 ||
        !g_date_valid_dmy(static_cast<GDateDay>(day), static_cast<GDateMonth>(month),
                          static_cast<GDateYear>(year)))
        return "";
    GDate date;
    g_date_clear(&date, 1);
    g_date_set_dmy(&date, static_cast<GDateDay>(day), static_cast<GDateMonth>(month),
                   static_cast<GDateYear>(year));
    if (g_date_get_julian(&date) <= static_cast<guint32>(days_back()))
        return "";
    g_date_subtract_days(&date, static_cast<guint>(days_back()));
    char out[16];
    g_date_strftime(out, sizeof out, "%Y%m%d", &date);
    return out + text.substr(8);
}

template <typename Change> void change_values(DcmElement &element, const char *what, Change change)
{
    std::string joined;
    const unsigned long n = element.getVM();
    bool is_changed = false;
    for (unsigned long i = 0; i < n; i++) {
        const std::string value = dkm::text(&element, i).c_str();
        const std::string next = change(value);
        is_changed = is_changed || next != value;
        joined += (i ? "\\" : "") + next;
    }
    if (!is_changed)
        return;
    note(element, what);
    element.putString(joined.c_str());
}

/* The words of a report that are codes, programs and methods may stay; its names of lesions are
 * labels. */
Action action_of_text(DcmItem &item)
{
    static const std::set<std::string> kept = {"121013", "121014", "121015", "121016",
                                               "111001", "111002", "111003"};
    DcmItem *name = dkm::first_item(item, DCM_ConceptNameCodeSequence);
    const std::string code = name ? dkm::text(*name, DCM_CodeValue).c_str() : "";
    if (code == "112039")
        return Action::Label;
    return kept.count(code) ? Action::Keep : Action::Text;
}

void deidentify_item(DcmItem &item);

void recurse(DcmElement &element)
{
    auto &sequence = static_cast<DcmSequenceOfItems &>(element);
    for (unsigned long i = 0; i < sequence.card(); i++)
        deidentify_item(*sequence.getItem(i));
}

/* FALSE: the element is to go. */
bool apply(DcmElement &element, Action action)
{
    const auto replace = [&element](const std::string &by) {
        change_values(element, "replaced", [&by](const std::string &) { return by; });
    };
    switch (action) {
    case Action::Keep:
        break;
    case Action::Remove:
        note(element, "removed");
        return false;
    case Action::Empty:
        if (element.getLength() > 0)
            note(element, "emptied");
        element.putString("");
        break;
    case Action::Pseudonym:
        replace(pseudonym_of(scope->patient));
        break;
    case Action::Anonymous:
        replace("Anonymous");
        break;
    case Action::Text:
        replace("RESEARCH USE ONLY");
        break;
    case Action::Label:
        change_values(element, "replaced", label_of);
        break;
    case Action::Uid:
        change_values(element, "another UID, the same for the same", uid_of);
        break;
    case Action::Shift:
        change_values(element, "shifted, by as much for all of the patient", shifted);
        break;
    case Action::Recurse:
        recurse(element);
        break;
    }
    return true;
}

void deidentify_item(DcmItem &item)
{
    std::vector<DcmElement *> elements;
    for (unsigned long i = 0; i < item.card(); i++)
        elements.push_back(item.getElement(i));
    const Action of_text = item.tagExists(DCM_TextValue) ? action_of_text(item) : Action::Remove;
    for (DcmElement *element : elements) {
        const bool is_text = element->getTag() == DCM_TextValue;
        if (!apply(*element, is_text ? of_text : action_of(*element)))
            delete item.remove(element);
    }
}

void say_so(DcmItem &data)
{
    static const dkm::Code profile = {"113100", "DCM", "Basic Application Confidentiality Profile"};
    static const dkm::Code dates = {
        "113107", "DCM", "Retain Longitudinal Temporal Information Modified Dates Option"};
    data.findAndDeleteElement(DCM_DeidentificationMethodCodeSequence);
    dkm::set(data, DCM_PatientIdentityRemoved, "YES");
    dkm::set(data, DCM_DeidentificationMethod, "DKM Workstation: PS3.15 basic profile");
    dkm::set_code(data, DCM_DeidentificationMethodCodeSequence, profile);
    dkm::set_code(data, DCM_DeidentificationMethodCodeSequence, dates);
    dkm::set(data, DCM_LongitudinalTemporalInformationModified, "MODIFIED");
}

bool shows_no_words(DcmItem &data)
{
    const OFString burned_in = dkm::text(data, DCM_BurnedInAnnotation);
    const bool is_picture =
        dkm::text(data, DCM_SOPClassUID).compare(0, 25, "1.2.840.10008.5.1.4.1.1.7") == 0;
    return burned_in == "NO" || (burned_in.empty() && !is_picture);
}

} // namespace

namespace dkm {

bool deidentify_in_scope(DcmItem &data, GError **error)
{
    if (!scope)
        return true;
    if (!shows_no_words(data)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_OUTPUT,
                            "a picture that may show the patient's name cannot be de-identified");
        return false;
    }
    for (const DcmTagKey &tag : {DCM_PatientID, DCM_PatientName, DCM_StudyInstanceUID}) {
        scope->patient = text(data, tag).c_str();
        if (!scope->patient.empty())
            break;
    }
    scope->study_date = text(data, DCM_StudyDate).c_str();
    deidentify_item(data);
    say_so(data);
    return true;
}

} // namespace dkm

gboolean dkm_dicom_deidentify_begin(GBytes *key, GError **error)
{
    if (g_bytes_get_size(key) < DKM_DEIDENTIFY_KEY_BYTES) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "a key has at least %d bytes",
                    DKM_DEIDENTIFY_KEY_BYTES);
        return FALSE;
    }
    delete scope;
    scope = new Scope;
    scope->key = g_bytes_ref(key);
    return TRUE;
}

char *dkm_dicom_deidentified_uid(const char *uid)
{
    return g_strdup(scope && uid ? uid_of(uid).c_str() : uid);
}

char *dkm_dicom_deidentified_patient_id(const char *patient_id)
{
    return g_strdup(scope && patient_id ? pseudonym_of(patient_id).c_str() : patient_id);
}

char *dkm_dicom_deidentified_label(const char *label)
{
    return g_strdup(scope && label ? label_of(label).c_str() : label);
}

void dkm_dicom_deidentify_keep(const DkmSeg *seg)
{
    std::vector<const char *> names = {seg->series_uid, seg->sop_instance_uid};
    for (guint s = 0; s < seg->segments->len; s++) {
        const auto *segment = static_cast<const DkmSegReadSegment *>(seg->segments->pdata[s]);
        names.insert(names.end(), {segment->label, segment->tracking_id, segment->tracking_uid});
    }
    for (const char *name : names)
        if (scope && name)
            scope->kept.insert(name);
}

char **dkm_dicom_deidentify_end(void)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new();
    if (scope)
        for (const std::string &line : scope->done)
            g_ptr_array_add(lines, g_strdup(line.c_str()));
    g_ptr_array_add(lines, nullptr);
    delete scope;
    scope = nullptr;
    return reinterpret_cast<char **>(g_ptr_array_steal(lines, nullptr));
}
