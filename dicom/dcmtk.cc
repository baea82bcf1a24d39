#include "dicom/dcmtk.h"

#include "core/error.h"
#include "core/frame.h"

#include "dcmtk/dcmjpeg/djdecode.h"
#include "dcmtk/dcmjpls/djdecode.h"

#include <cmath>

namespace dkm {

bool start(GError **error)
{
    static gsize once;
    if (g_once_init_enter(&once)) {
        OFLog::configure(OFLogger::OFF_LOG_LEVEL);
        DJDecoderRegistration::registerCodecs();
        DJLSDecoderRegistration::registerCodecs();
        g_once_init_leave(&once, 1);
    }
    if (dcmDataDict.isDictionaryLoaded())
        return true;
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INTERNAL,
                        "DCMTK's data dictionary is missing (package libdcmtk17, or DCMDICTPATH)");
    return false;
}

bool check(const OFCondition &condition, int code, const char *what, GError **error)
{
    if (condition.good())
        return true;
    g_set_error(error, DKM_ERROR, code, "%s: %s", what, condition.text());
    return false;
}

void set_exception(GError **error, const char *what)
{
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_NO_MEMORY, what);
}

OFString text(DcmItem &item, const DcmTagKey &tag, unsigned long i)
{
    OFString value;
    if (item.findAndGetOFString(tag, value, i).bad())
        return OFString();
    return value;
}

OFString texts(DcmItem &item, const DcmTagKey &tag)
{
    OFString value;
    if (item.findAndGetOFStringArray(tag, value).bad())
        return OFString();
    return value;
}

double real(DcmItem &item, const DcmTagKey &tag, unsigned long i)
{
    Float64 value;
    if (item.findAndGetFloat64(tag, value, i).good())
        return value;
    const OFString source = text(item, tag, i);
    char *end = nullptr;
    const double parsed = g_ascii_strtod(source.c_str(), &end);
    return source.empty() || end == source.c_str() ? NAN : parsed;
}

int integer(DcmItem &item, const DcmTagKey &tag)
{
    Sint32 value;
    if (item.findAndGetSint32(tag, value).good())
        return value;
    Uint16 small;
    if (item.findAndGetUint16(tag, small).good())
        return small;
    Uint32 large;
    if (item.findAndGetUint32(tag, large).good() && large <= G_MAXINT)
        return static_cast<int>(large);
    const OFString source = text(item, tag);
    char *end = nullptr;
    const gint64 parsed = g_ascii_strtoll(source.c_str(), &end, 10);
    if (source.empty() || end == source.c_str() || parsed < G_MININT + 1 || parsed > G_MAXINT)
        return DKM_ABSENT_INT;
    return static_cast<int>(parsed);
}

DcmItem *first_item(DcmItem &item, const DcmTagKey &sequence)
{
    DcmItem *found = nullptr;
    return item.findAndGetSequenceItem(sequence, found, 0).good() ? found : nullptr;
}

} // namespace dkm
