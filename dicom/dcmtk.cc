#include "dicom/dcmtk.h"

#include "core/error.h"
#include "core/frame.h"
#include "core/i18n.h"

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
    g_set_error_literal(
        error, DKM_ERROR, DKM_ERROR_INTERNAL,
        _("DCMTK's data dictionary is missing (package libdcmtk17, or DCMDICTPATH)"));
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

DcmElement *find(DcmItem &item, const DcmTagKey &tag)
{
    DcmElement *element = nullptr;
    return item.findAndGetElement(tag, element).good() ? element : nullptr;
}

OFString text(DcmElement *element, unsigned long i)
{
    OFString value;
    return element && element->getOFString(value, i).good() ? value : OFString();
}

OFString texts(DcmElement *element)
{
    OFString value;
    return element && element->getOFStringArray(value).good() ? value : OFString();
}

double real(DcmElement *element, unsigned long i)
{
    Float64 value;
    if (element && element->getFloat64(value, i).good())
        return value;
    const OFString source = text(element, i);
    char *end = nullptr;
    const double parsed = g_ascii_strtod(source.c_str(), &end);
    return source.empty() || end == source.c_str() ? NAN : parsed;
}

int integer(DcmElement *element)
{
    Sint32 value;
    if (!element)
        return DKM_ABSENT_INT;
    if (element->getSint32(value).good())
        return value;
    Uint16 small;
    if (element->getUint16(small).good())
        return small;
    Uint32 large;
    if (element->getUint32(large).good() && large <= G_MAXINT)
        return static_cast<int>(large);
    const OFString source = text(element);
    char *end = nullptr;
    const gint64 parsed = g_ascii_strtoll(source.c_str(), &end, 10);
    if (source.empty() || end == source.c_str() || parsed < G_MININT + 1 || parsed > G_MAXINT)
        return DKM_ABSENT_INT;
    return static_cast<int>(parsed);
}

OFString text(DcmItem &item, const DcmTagKey &tag, unsigned long i)
{
    return text(find(item, tag), i);
}

OFString texts(DcmItem &item, const DcmTagKey &tag)
{
    return texts(find(item, tag));
}

double real(DcmItem &item, const DcmTagKey &tag, unsigned long i)
{
    return real(find(item, tag), i);
}

int integer(DcmItem &item, const DcmTagKey &tag)
{
    return integer(find(item, tag));
}

DcmItem *first_item(DcmItem &item, const DcmTagKey &sequence)
{
    DcmItem *found = nullptr;
    return item.findAndGetSequenceItem(sequence, found, 0).good() ? found : nullptr;
}

} // namespace dkm
