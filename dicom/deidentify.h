/* What leaves of an object whose patient must not be known: PS3.15's basic profile for the
 * attributes that our writers write, with the option of modified dates. Not for: images of others.
 */
#pragma once

#include "dicom/dcmtk.h"

namespace dkm {

/* De-identifies DATA in place where this thread is in a scope (dicom.h); does nothing elsewhere.
 * False with OUTPUT where the object may show the patient in its pixels. */
bool deidentify_in_scope(DcmItem &data, GError **error);

} // namespace dkm
