/* UCSF's private group (0117,xx): VOI, thresholds and stored results of the functional tumour
 * volume, from the headers of its SEG and of the PE and SER series. Never their pixels. */
#include "core/error.h"
#include "dicom/dcmtk.h"
#include "dicom/dicom.h"
#include "dicom/preflight.h"

#include <cmath>
#include <cstring>

namespace {

const char CREATOR[] = "UCSF BIRP PRIVATE CREATOR 011710xx";
const DcmTagKey TAG_CREATOR(0x0117, 0x0010), TAG_PARAMETERS(0x0117, 0x1010),
    TAG_NAME(0x0117, 0x1014), TAG_INTEGER(0x0117, 0x1019), TAG_VOIS(0x0117, 0x1020),
    TAG_CENTRE(0x0117, 0x1042), TAG_KIND(0x0117, 0x1046), TAG_FIRST(0x0117, 0x10a1),
    TAG_LAST(0x0117, 0x10a2), TAG_RESULTS(0x0117, 0x10b0), TAG_VOXELS(0x0117, 0x10b3),
    TAG_ML(0x0117, 0x10b4), TAG_RESULT_NAME(0x0117, 0x10b5);

template <typename Use> void each_item(DcmItem &item, const DcmTagKey &tag, Use use)
{
    DcmSequenceOfItems *sequence = nullptr;
    if (item.findAndGetSequence(tag, sequence).bad() || !sequence)
        return;
    for (unsigned long i = 0; i < sequence->card(); i++)
        use(*sequence->getItem(i));
}

void read_parameters(DcmItem &dataset, DkmUcsfParameters *out)
{
    each_item(dataset, TAG_PARAMETERS, [&](DcmItem &item) {
        const OFString name = dkm::text(item, TAG_NAME);
        const double value = dkm::real(item, TAG_INTEGER);
        if (!std::isfinite(value))
            return;
        if (name == "pre_contrast_threshold")
            out->pre_contrast_threshold = value;
        else if (name == "PE_threshold")
            out->pe_threshold = value;
        else if (name == "minimum_neighbor_count")
            out->minimum_neighbour_count = static_cast<int>(value);
    });
}

/* The volume's slices may be counted from the other end than UCSF counted: the centre tells. */
bool is_mirrored(const DkmGrid *grid, const double centre[3], const int first, const int last)
{
    double zyx[3];
    dkm_grid_from_lps(grid, centre, zyx);
    const double middle = (first + last) / 2.0;
    return std::fabs(zyx[0] - (grid->n[0] - 1 - middle)) < std::fabs(zyx[0] - middle) - 0.5;
}

void read_voi(DcmItem &dataset, const DkmGrid *grid, DkmUcsfParameters *out)
{
    double centre[3] = {NAN, NAN, NAN};
    each_item(dataset, TAG_VOIS, [&](DcmItem &item) {
        if (dkm::text(item, TAG_KIND) == "VOI")
            for (unsigned long k = 0; k < 3; k++)
                centre[k] = dkm::real(item, TAG_CENTRE, k);
    });
    DkmBox box;
    for (int axis = 0; axis < 3; axis++) { /* stored x, y, z */
        Uint16 first, last;
        if (dataset.findAndGetUint16(TAG_FIRST, first, static_cast<unsigned long>(2 - axis))
                .bad() ||
            dataset.findAndGetUint16(TAG_LAST, last, static_cast<unsigned long>(2 - axis)).bad())
            return;
        box.first[axis] = first;
        box.end[axis] = last + 1;
    }
    if (std::isfinite(centre[0]) && is_mirrored(grid, centre, box.first[0], box.end[0] - 1)) {
        const int first = grid->n[0] - box.end[0];
        box.end[0] = grid->n[0] - box.first[0];
        box.first[0] = first;
    }
    if (!dkm_box_fits(&box, grid))
        return;
    out->voi = box;
    out->has_voi = TRUE;
}

void read_results(DcmItem &dataset, DkmUcsfParameters *out)
{
    each_item(dataset, TAG_RESULTS, [&](DcmItem &item) {
        const OFString name = dkm::text(item, TAG_RESULT_NAME);
        if (name.compare(0, 5, "FTVpe") == 0) {
            out->stored_voxels = dkm::real(item, TAG_VOXELS);
            out->stored_ml = dkm::real(item, TAG_ML);
        } else if (name.compare(0, 6, "FTVser") == 0) {
            out->stored_ser_voxels = dkm::real(item, TAG_VOXELS);
            out->stored_ser_ml = dkm::real(item, TAG_ML);
        }
    });
}

/* FALSE where the file holds none of UCSF's elements or cannot be read: it is one of many. */
bool read_file(const char *path, const DkmGrid *grid, DkmUcsfParameters *out)
{
    DkmPreflight preflight;
    DcmFileFormat file;
    if (!dkm_preflight_file(path, &preflight, nullptr) ||
        file.loadFileUntilTag(OFFilename(path), EXS_Unknown, EGL_noChange, 256, ERM_fileOnly,
                              DCM_PixelData)
            .bad())
        return false;
    DcmDataset &dataset = *file.getDataset();
    if (dkm::text(dataset, TAG_CREATOR) != CREATOR)
        return false;
    read_parameters(dataset, out);
    read_results(dataset, out);
    if (!out->has_voi)
        read_voi(dataset, grid, out);
    return true;
}

bool find(const DkmStudies *studies, const DkmStudy *study, DkmUcsfParameters *out)
{
    bool found = false;
    for (guint i = 0; i < studies->notes->len; i++) {
        const DkmFileNote *note = &g_array_index(studies->notes, DkmFileNote, i);
        if (note->fate == DKM_FILE_SET_ASIDE && g_strcmp0(note->study_uid, study->study_uid) == 0 &&
            strstr(note->reason, "SEG"))
            found |= read_file(note->path, &study->dce->grid, out);
    }
    for (guint i = 0; i < study->series->len; i++) {
        auto *series = static_cast<const DkmSeries *>(study->series->pdata[i]);
        if (series->role != DKM_SERIES_SET_ASIDE || !series->frames->len)
            continue;
        const guint first = g_array_index(series->frames, guint, 0);
        const char *path = dkm_frame_table_get(studies->table, first)->path;
        found |= read_file(path, &study->dce->grid, out);
    }
    return found;
}

} // namespace

gboolean dkm_dicom_find_ucsf(const DkmStudies *studies, const DkmStudy *study,
                             DkmUcsfParameters *out, GError **error)
{
    *out = DkmUcsfParameters{};
    out->pre_contrast_threshold = out->pe_threshold = NAN;
    out->stored_voxels = out->stored_ml = out->stored_ser_voxels = out->stored_ser_ml = NAN;
    return study->dce && dkm::start(error) &&
           dkm::guarded(error, [&] { return find(studies, study, out); });
}
