/* What the C++ files of this folder share of DCMTK: start-up, errors, reading of attributes.
 * Nothing outside dicom/ includes this. */
#pragma once

#include "dcmtk/config/osconfig.h"

#include "dcmtk/dcmdata/dctk.h"

#include <glib.h>

#include <new>

namespace dkm {

/* Once per process: DCMTK's log is silenced (its lines can hold patient data), codecs are
 * registered, the data dictionary is checked. FALSE and DKM_ERROR_INTERNAL without a dictionary. */
bool start(GError **error);

/* The single translation of DCMTK's errors. Returns TRUE for success. */
bool check(const OFCondition &condition, int code, const char *what, GError **error);

/* The element itself, or nullptr. */
DcmElement *find(DcmItem &item, const DcmTagKey &tag);
/* First or I-th value; empty string, DKM_ABSENT_INT, NaN where it is absent or not readable. */
OFString text(DcmElement *element, unsigned long i = 0);
OFString texts(DcmElement *element); /* all values, joined by a backslash */
int integer(DcmElement *element);
double real(DcmElement *element, unsigned long i = 0);
/* The same of an element of ITEM, which is searched from its start. */
OFString text(DcmItem &item, const DcmTagKey &tag, unsigned long i = 0);
OFString texts(DcmItem &item, const DcmTagKey &tag);
int integer(DcmItem &item, const DcmTagKey &tag);
double real(DcmItem &item, const DcmTagKey &tag, unsigned long i = 0);
/* Item 0 of a sequence, or nullptr. */
DcmItem *first_item(DcmItem &item, const DcmTagKey &sequence);

/* Runs BODY; an exception (out of memory, ...) becomes an error. Every extern "C" entry uses it. */
template <typename Body> gboolean guarded(GError **error, Body body);

void set_exception(GError **error, const char *what);

template <typename Body> gboolean guarded(GError **error, Body body)
{
    try {
        return body() ? TRUE : FALSE;
    } catch (const std::bad_alloc &) {
        set_exception(error, "not enough memory");
    } catch (...) {
        set_exception(error, "unexpected failure in the DICOM library");
    }
    return FALSE;
}

} // namespace dkm
