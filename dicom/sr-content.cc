#include "dicom/sr-content.h"

namespace dkm {

static DcmItem &add(DcmItem &parent, const char *relationship, const char *type, const Code *name)
{
    DcmItem &item = add_item(parent, DCM_ContentSequence);
    set(item, DCM_RelationshipType, relationship);
    set(item, DCM_ValueType, type);
    if (name)
        set_code(item, DCM_ConceptNameCodeSequence, *name);
    return item;
}

static void set_container_fields(DcmItem &item, const char *number)
{
    set(item, DCM_ContinuityOfContent, "SEPARATE");
    if (!number)
        return;
    DcmItem &made = add_item(item, DCM_ContentTemplateSequence);
    set(made, DCM_MappingResource, "DCMR");
    set(made, DCM_TemplateIdentifier, number);
}

void set_container(DcmItem &item, const Code &name, const char *number)
{
    set(item, DCM_ValueType, "CONTAINER");
    set_code(item, DCM_ConceptNameCodeSequence, name);
    set_container_fields(item, number);
}

DcmItem &add_container(DcmItem &parent, const Code &name, const char *number)
{
    DcmItem &item = add(parent, "CONTAINS", "CONTAINER", &name);
    set_container_fields(item, number);
    return item;
}

DcmItem &add_code(DcmItem &parent, const char *relationship, const Code &name, const Code &value)
{
    DcmItem &item = add(parent, relationship, "CODE", &name);
    set_code(item, DCM_ConceptCodeSequence, value);
    return item;
}

void add_text(DcmItem &parent, const char *relationship, const Code &name, const char *text)
{
    set(add(parent, relationship, "TEXT", &name), DCM_TextValue, text);
}

void add_uid(DcmItem &parent, const char *relationship, const Code &name, const char *uid)
{
    set(add(parent, relationship, "UIDREF", &name), DCM_UID, uid);
}

void add_person(DcmItem &parent, const char *relationship, const Code &name, const char *person)
{
    set(add(parent, relationship, "PNAME", &name), DCM_PersonName, person);
}

DcmItem &add_number(DcmItem &parent, const Code &name, double value, const Code &unit)
{
    DcmItem &item = add(parent, "CONTAINS", "NUM", &name);
    DcmItem &measured = add_item(item, DCM_MeasuredValueSequence);
    set_reals(measured, DCM_NumericValue, &value, 1);
    set_code(measured, DCM_MeasurementUnitsCodeSequence, unit);
    return item;
}

void add_image(DcmItem &parent, const Code *name, const ImageReference &to)
{
    DcmItem &reference =
        add_item(add(parent, "CONTAINS", "IMAGE", name), DCM_ReferencedSOPSequence);
    set(reference, DCM_ReferencedSOPClassUID, to.sop_class);
    set(reference, DCM_ReferencedSOPInstanceUID, to.sop_instance);
    if (to.frame)
        set_number(reference, DCM_ReferencedFrameNumber, to.frame);
    if (to.segment)
        set(reference, DCM_ReferencedSegmentNumber, static_cast<Uint16>(to.segment));
}

} // namespace dkm
