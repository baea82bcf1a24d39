/* What the writers of classic and of Enhanced MR objects share: who the patient is, which machine
 * it was, when each phase began. Nothing outside dicom/ includes this. */
#pragma once

#include "dicom/dicom.h"
#include "dicom/writing.h"

#include <string>

namespace dkm {

/* One study to write; UIDs follow from the request's seed. */
class MrStudy {
  public:
    explicit MrStudy(const DkmMrRequest &request);

    const DkmMrRequest &request;
    const DkmGrid grid;
    const std::string seed;
    const bool is_signed;

    std::string uid(const std::string &name) const;
    /* Time of day of phase P, HHMMSS.FFFFFF or, WHOLE, HHMMSS. */
    std::string clock(guint phase, bool whole = false) const;

    /* Patient, study, equipment and frame of reference modules. */
    void patient_and_study(DcmItem &d) const;
    void equipment(DcmItem &d, const char *manufacturer, const char *model) const;
    void image_pixel(DcmItem &d) const;
    void position(DcmItem &d, int slice) const;
    void orientation(DcmItem &d) const;
    /* PixelSpacing, SliceThickness, SpacingBetweenSlices. */
    void measures(DcmItem &d) const;
};

/* The dose of the made-up protocol: what a breast DCE-MRI of a 1.5 T machine looks like. */
struct MrProtocol {
    static constexpr const char *date = "20000101";
    static constexpr double repetition_ms = 8.2, echo_ms = 4.2, flip_deg = 20, field_tesla = 1.5;
};

/* Adds the pixels to DATASET as one OW element. */
void put_pixels(DcmItem &dataset, const guint16 *samples, gsize n);
/* The whole study as one Enhanced MR object. */
void fill_enhanced(const MrStudy &study, DcmDataset &dataset);

} // namespace dkm
