/* What the writers share: setting attributes, codes, a file that is complete or not there. */
#pragma once

#include "core/frame.h"
#include "dicom/dcmtk.h"

#include <gio/gio.h>

namespace dkm {

struct Code {
    const char *value, *scheme, *meaning;
};

/* Appends an item to SEQUENCE. Setters throw WriteError, so that a module reads as a list. */
struct WriteError {
    OFCondition condition;
    DcmTagKey tag;
};
/* Turns FAILURE into DKM_ERROR_OUTPUT that names the attribute; returns false. */
bool set_write_error(const WriteError &failure, GError **error);
DcmItem &add_item(DcmItem &item, const DcmTagKey &sequence);
void set(DcmItem &item, const DcmTagKey &tag, const char *value);
void set(DcmItem &item, const DcmTagKey &tag, Uint16 value);
void set_number(DcmItem &item, const DcmTagKey &tag, long value);
void set_reals(DcmItem &item, const DcmTagKey &tag, const double *values, int n);
/* Returns the code's item. */
DcmItem &set_code(DcmItem &item, const DcmTagKey &sequence, const Code &code);
/* Shortest decimal string of at most 16 characters (DS). */
std::string decimal(double value);

/* The element TAG of FROM as it stands, or empty. */
void copy_or_empty(DcmItem &to, DcmItem &from, const DcmTagKey &tag);
void copy_if_present(DcmItem &to, DcmItem &from, const DcmTagKey &tag);
/* Patient, study and frame of reference as in the source: the objects belong together. */
void copy_patient_and_study(DcmItem &to, DcmItem &from);

struct Stamp {
    std::string date, time;
};
/* Now; 20000101 000000 where a seed makes the object reproducible. */
Stamp stamp_now(bool fixed);

/* Writes explicit little endian to PATH. DKM_ERROR_OUTPUT with NAME and the system's reason ("No
 * space left on device"); what was written by then stays. */
bool write_file(DcmFileFormat &file, const char *path, const char *name, GError **error);
/* Saves explicit little endian to PATH: temporary file, CHECK of what can be read back from it,
 * fsync, rename. */
typedef bool (*CheckFile)(const char *path, gpointer data, GError **error);
bool save(DcmFileFormat &file, const char *path, CheckFile check, gpointer data,
          GCancellable *cancel, GError **error);

} // namespace dkm
