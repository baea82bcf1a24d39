/* What the writers of classic and of Enhanced MR objects share: who the patient is, which machine
 * it was, when each phase began. Nothing outside dicom/ includes this. */
#pragma once

#include "dicom/dicom.h"
#include "dicom/writing.h"

#include <string>
#include <vector>

namespace dkm {

/* What an image is: one of the phases; or, by a defect, its file once more, another image of the
 * same place, a derived one, or one of another orientation. */
enum class MrKind { image, copy, twice, subtraction, projection, scout };
struct MrPlace {
    guint phase;
    int slice;
    MrKind kind;
};

/* One study to write; UIDs follow from the request's seed. */
class MrStudy {
  public:
    explicit MrStudy(const DkmMrRequest &request);

    const DkmMrRequest &request;
    const DkmGrid grid;
    const std::string date, seed;
    const bool is_signed;

    std::string uid(const std::string &name) const;
    /* Time of day of phase P, HHMMSS.FFFFFF or, WHOLE, HHMMSS. */
    std::string clock(guint phase, bool whole = false) const;

    /* Patient, study, equipment and frame of reference modules. */
    void patient_and_study(DcmItem &d) const;
    void equipment(DcmItem &d, const char *manufacturer, const char *model) const;
    void image_pixel(DcmItem &d) const;
    void position(DcmItem &d, const MrPlace &place) const;
    void orientation(DcmItem &d, const MrPlace &place) const;
    /* PixelSpacing, SliceThickness, SpacingBetweenSlices. */
    void measures(DcmItem &d) const;

    bool has(const char *defect) const;
    /* Where a defect puts the first pixel of SLICE, in voxels of the lattice. */
    void move(int slice, double zyx[3]) const;
    /* The instance at PLACE; the same for an image and its copy. */
    std::string instance_uid(const MrPlace &place) const;
};

/* Every image to write, in the order of the files. */
std::vector<MrPlace> mr_places(const MrStudy &study);
std::vector<guint16> mr_samples(const MrStudy &study, const MrPlace &place);
/* ImageType's first two values and what a series of such images is called, NULL: as usual. */
struct MrDerived {
    const char *image_type, *description;
    int series; /* index behind those of the phases */
};
const MrDerived *mr_derived(MrKind kind);
bool mr_defect_is(const char *name);

/* The dose of the made-up protocol: what a breast DCE-MRI of a 1.5 T machine looks like. */
struct MrProtocol {
    static constexpr double repetition_ms = 8.2, echo_ms = 4.2, flip_deg = 20, field_tesla = 1.5;
};

/* Adds the pixels to DATASET as one OW element. */
void put_pixels(DcmItem &dataset, const guint16 *samples, gsize n);
/* The images PLACES, of one kind, as one Enhanced MR object of the series with that index. */
struct MrObject {
    int series;
    std::vector<MrPlace> places;
};
std::vector<MrObject> mr_objects(const MrStudy &study);
void fill_enhanced(const MrStudy &study, const MrObject &object, DcmDataset &dataset);

} // namespace dkm
