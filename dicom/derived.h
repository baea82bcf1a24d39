/* What every object that is derived from the images of one phase has in common, module by module:
 * segmentations, parametric maps, captures. The setters throw WriteError. */
#pragma once

#include "core/series/phases.h"
#include "dicom/writing.h"

#include <initializer_list>
#include <string>
#include <vector>

namespace dkm {

struct Derived {
    const DkmFrameTable *table;
    const DkmPhases *phases;
    guint phase; /* the source phase */
    const char *uid_seed, *version;
    DcmFileFormat file, source;
    Stamp stamp;

    DcmDataset &out()
    {
        return *file.getDataset();
    }
    DcmDataset &in()
    {
        return *source.getDataset();
    }
    const DkmGrid &grid() const
    {
        return phases->grid;
    }
    const DkmFrame *instance(int slice) const
    {
        return dkm_frame_table_get(table, phases->phases[phase].frames[slice]);
    }
    std::string uid(const char *name) const;
};

/* The attributes of the first image of the phase, and the time of writing. */
bool load_source(Derived &d, GError **error);

/* WORDS are UTF-8. Where they are more than ASCII those of the patient become UTF-8 too: an object
 * has one character set. */
void unify_character_set(Derived &d, const std::vector<const char *> &words);

/* NUMBER 0: the source's times 10000 plus OFFSET. */
struct SeriesWords {
    const char *modality, *description;
    int number, offset;
};
void write_general_series(Derived &d, const SeriesWords &words);
void write_enhanced_equipment(Derived &d);
/* Who contributed: processing equipment, or a person who modified. */
void write_contribution(Derived &d, const Code &purpose, const char *description);
void write_sop_common(Derived &d, const char *class_uid);
void write_content(Derived &d, const char *label, const char *description, const char *creator);
void write_private_scheme(Derived &d);
extern const char *const private_scheme; /* designator of our own codes */

struct Dimension {
    DcmTagKey pointer, group;
    const char *label;
};
void write_dimensions(Derived &d, std::initializer_list<Dimension> dimensions);
/* Orientation and pixel measures: the same for all frames. */
void write_plane_groups(Derived &d, DcmItem &shared);
/* Derivation from the image of SLICE, and its position. */
void write_frame_source(Derived &d, DcmItem &groups, int slice, const Code &derivation);
/* All instances of the source phase, by series (a phase may be spread over several). */
void write_referenced_series(Derived &d);
void write_reference(DcmItem &item, const char *class_uid, const char *instance_uid);

const char *or_else(const char *text, const char *otherwise);

} // namespace dkm
