/* Content items of structured reports (PS3.3 C.17.3), so that a template reads as a list. Setters
 * throw WriteError (dicom/writing.h). */
#pragma once

#include "dicom/writing.h"

namespace dkm {

/* An image (or a segment of one) that an item refers to. */
struct ImageReference {
    const char *sop_class, *sop_instance;
    int frame;   /* 1-based; 0: the whole object */
    int segment; /* 0: none */
};

/* Makes ITEM (a data set or an item) a container named NAME after template NUMBER ("1500", or
 * nullptr). */
void set_container(DcmItem &item, const Code &name, const char *number);
/* Appends an item to PARENT by RELATIONSHIP ("CONTAINS", "HAS CONCEPT MOD", ...). */
DcmItem &add_container(DcmItem &parent, const Code &name, const char *number);
DcmItem &add_code(DcmItem &parent, const char *relationship, const Code &name, const Code &value);
void add_text(DcmItem &parent, const char *relationship, const Code &name, const char *text);
void add_uid(DcmItem &parent, const char *relationship, const Code &name, const char *uid);
void add_person(DcmItem &parent, const char *relationship, const Code &name, const char *person);
DcmItem &add_number(DcmItem &parent, const Code &name, double value, const Code &unit);
/* NAME nullptr: an entry of an image library, which has none. */
void add_image(DcmItem &parent, const Code *name, const ImageReference &to);

} // namespace dkm
