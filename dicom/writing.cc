#include "dicom/writing.h"

#include "core/atomic-file.h"
#include "core/error.h"
#include "core/i18n.h"
#include "dicom/deidentify.h"

#include "dcmtk/dcmdata/dcostrma.h"
#include "dcmtk/dcmdata/dcwcache.h"

#include <cerrno>
#include <cstdio>
#include <glib/gstdio.h>
#include <string>

namespace dkm {

static void must(const OFCondition &condition, const DcmTagKey &tag)
{
    if (condition.bad())
        throw WriteError{condition, tag};
}

bool set_write_error(const WriteError &failure, GError **error)
{
    g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, _("cannot write %s: %s"),
                DcmTag(failure.tag).getTagName(), failure.condition.text());
    return false;
}

DcmItem &add_item(DcmItem &item, const DcmTagKey &sequence)
{
    DcmItem *made = nullptr;
    must(item.findOrCreateSequenceItem(sequence, made, -2), sequence);
    return *made;
}

void set(DcmItem &item, const DcmTagKey &tag, const char *value)
{
    must(item.putAndInsertString(tag, value ? value : ""), tag);
}

void set(DcmItem &item, const DcmTagKey &tag, Uint16 value)
{
    must(item.putAndInsertUint16(tag, value), tag);
}

void set_number(DcmItem &item, const DcmTagKey &tag, long value)
{
    set(item, tag, std::to_string(value).c_str());
}

std::string decimal(double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    for (int precision = 15; precision > 0; precision--) {
        const std::string format = "%." + std::to_string(precision) + "g";
        g_ascii_formatd(text, sizeof text, format.c_str(), value);
        if (strlen(text) <= 16)
            break;
    }
    return text;
}

void set_reals(DcmItem &item, const DcmTagKey &tag, const double *values, int n)
{
    std::string joined;
    for (int i = 0; i < n; i++)
        joined += (i ? "\\" : "") + decimal(values[i]);
    set(item, tag, joined.c_str());
}

DcmItem &set_code(DcmItem &item, const DcmTagKey &sequence, const Code &code)
{
    DcmItem &made = add_item(item, sequence);
    set(made, DCM_CodeValue, code.value);
    set(made, DCM_CodingSchemeDesignator, code.scheme);
    set(made, DCM_CodeMeaning, code.meaning);
    return made;
}

void copy_if_present(DcmItem &to, DcmItem &from, const DcmTagKey &tag)
{
    DcmElement *element = nullptr;
    if (from.findAndGetElement(tag, element, OFFalse, OFTrue).bad() || !element)
        return;
    const OFCondition inserted = to.insert(element, OFTrue);
    if (inserted.bad())
        delete element;
    must(inserted, tag);
}

void copy_or_empty(DcmItem &to, DcmItem &from, const DcmTagKey &tag)
{
    copy_if_present(to, from, tag);
    if (!to.tagExists(tag))
        must(to.insertEmptyElement(tag), tag);
}

void copy_patient_and_study(DcmItem &to, DcmItem &from)
{
    static const DcmTagKey as_they_stand[] = {DCM_SpecificCharacterSet,
                                              DCM_PatientAge,
                                              DCM_PatientWeight,
                                              DCM_PatientSize,
                                              DCM_StudyDescription,
                                              DCM_ClinicalTrialSponsorName,
                                              DCM_ClinicalTrialProtocolID,
                                              DCM_ClinicalTrialProtocolName,
                                              DCM_ClinicalTrialSiteID,
                                              DCM_ClinicalTrialSiteName,
                                              DCM_ClinicalTrialSubjectID,
                                              DCM_ClinicalTrialSubjectReadingID,
                                              DCM_ClinicalTrialTimePointID,
                                              DCM_ClinicalTrialTimePointDescription,
                                              DCM_PatientIdentityRemoved,
                                              DCM_DeidentificationMethod,
                                              DCM_DeidentificationMethodCodeSequence,
                                              DCM_LongitudinalTemporalInformationModified};
    static const DcmTagKey type_2[] = {DCM_PatientName,
                                       DCM_PatientID,
                                       DCM_PatientBirthDate,
                                       DCM_PatientSex,
                                       DCM_StudyDate,
                                       DCM_StudyTime,
                                       DCM_ReferringPhysicianName,
                                       DCM_StudyID,
                                       DCM_AccessionNumber,
                                       DCM_PositionReferenceIndicator};
    for (const DcmTagKey &tag : as_they_stand)
        copy_if_present(to, from, tag);
    for (const DcmTagKey &tag : type_2)
        copy_or_empty(to, from, tag);
    copy_if_present(to, from, DCM_StudyInstanceUID);
    copy_if_present(to, from, DCM_FrameOfReferenceUID);
}

Stamp stamp_now(bool fixed)
{
    if (fixed)
        return {"20000101", "000000"};
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *date = g_date_time_format(now, "%Y%m%d");
    g_autofree char *time = g_date_time_format(now, "%H%M%S");
    return {date, time};
}

namespace {

/* DCMTK's own stream to a file does not tell why it fails, nor that closing did. */
class FileConsumer : public DcmConsumer {
  public:
    explicit FileConsumer(const char *path) : file(g_fopen(path, "wbe"))
    {
        number = file ? 0 : errno;
    }
    ~FileConsumer() override
    {
        close();
    }
    FileConsumer(const FileConsumer &) = delete;
    FileConsumer &operator=(const FileConsumer &) = delete;

    OFBool good() const override
    {
        return number == 0;
    }
    OFCondition status() const override
    {
        return number == 0 ? EC_Normal : EC_InvalidStream;
    }
    OFBool isFlushed() const override
    {
        return OFTrue;
    }
    offile_off_t avail() const override
    {
        return G_MAXINT32; /* there is no suspension */
    }
    offile_off_t write(const void *data, offile_off_t length) override
    {
        if (!file || number)
            return 0;
        const size_t written = fwrite(data, 1, static_cast<size_t>(length), file);
        if (written != static_cast<size_t>(length))
            number = errno;
        return static_cast<offile_off_t>(written);
    }
    void flush() override
    {
    }

    /* 0, or the first errno on the way. */
    int close()
    {
        if (file && fclose(file) != 0 && !number)
            number = errno;
        file = nullptr;
        return number;
    }

  private:
    FILE *file;
    int number;
};

class FileStream : public DcmOutputStream {
  public:
    explicit FileStream(const char *path) : DcmOutputStream(&consumer), consumer(path)
    {
    }
    int close()
    {
        return consumer.close();
    }

  private:
    FileConsumer consumer;
};

} // namespace

bool write_file(DcmFileFormat &file, const char *path, const char *name, GError **error)
{
    DcmWriteCache cache;
    FileStream stream(path);
    file.transferInit();
    const OFCondition written =
        file.write(stream, EXS_LittleEndianExplicit, EET_UndefinedLength, &cache, EGL_recalcGL,
                   EPD_noChange, 0, 0, 0, EWM_createNewMeta);
    file.transferEnd();
    const int number = stream.close();
    if (number || written.bad())
        g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, _("cannot write %s: %s"), name,
                    number ? g_strerror(number) : written.text());
    return !number && written.good();
}

/* The last word on what was written is what is read. */
static bool reads_back(const char *temporary, const char *name, CheckFile check_file, gpointer data,
                       GError **error)
{
    g_autoptr(GError) cause = nullptr;
    if (!check_file || check_file(temporary, data, &cause))
        return true;
    if (g_error_matches(cause, DKM_ERROR, DKM_ERROR_NO_MEMORY))
        g_propagate_error(error, static_cast<GError *>(g_steal_pointer(&cause)));
    else
        g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT,
                    _("cannot write %s: it does not read back as it was written"), name);
    return false;
}

bool save(DcmFileFormat &file, const char *path, CheckFile check_file, gpointer data,
          GCancellable *cancel, GError **error)
{
    g_autofree char *temporary = dkm_atomic_temporary(path);
    g_autofree char *name = g_path_get_basename(path);
    bool good = deidentify_in_scope(*file.getDataset(), error) &&
                write_file(file, temporary, name, error) &&
                reads_back(temporary, name, check_file, data, error);
    if (good && g_cancellable_is_cancelled(cancel)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_CANCELLED, "cancelled");
        good = false;
    }
    if (!good) {
        g_unlink(temporary);
        return false;
    }
    return dkm_atomic_commit(temporary, path, error);
}

} // namespace dkm
