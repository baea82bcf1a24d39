/* What can be wrong with a series, or beside it in a folder: the images that a defect adds, leaves
 * out or moves. For the phantom and for tests. */
#include "dicom/write-mr.h"

#include <algorithm>
#include <cstring>

namespace dkm {

namespace {

/* The phase and the slice that a defect of one image befalls, counted from 0. */
enum { BAD_PHASE = 1, BAD_SLICE = 1 };

const char *const names[] = {"series",  "derived", "copies", "double",
                             "missing", "uneven",  "tilted", "mixed"};

int value_at(const MrStudy &study, guint phase, int slice, gsize i)
{
    const guint16 stored = dkm_volume_slice(study.request.volumes[phase], slice)[i];
    return study.is_signed ? static_cast<gint16>(stored) : static_cast<int>(stored);
}

guint16 stored_difference(const MrStudy &study, guint phase, int slice, gsize i)
{
    const int value = value_at(study, phase, slice, i) - value_at(study, 0, slice, i);
    const int most = study.is_signed ? G_MAXINT16 : G_MAXUINT16;
    return static_cast<guint16>(std::clamp(value, 0, most));
}

} // namespace

bool mr_defect_is(const char *name)
{
    return std::any_of(std::begin(names), std::end(names),
                       [&](const char *known) { return strcmp(name, known) == 0; });
}

const MrDerived *mr_derived(MrKind kind)
{
    static const MrDerived subtraction = {"DERIVED\\SECONDARY\\SUBTRACTION", "SUB: post - pre", 90};
    static const MrDerived projection = {"DERIVED\\SECONDARY\\PROJECTION IMAGE", "MIP of SUB", 91};
    return kind == MrKind::subtraction  ? &subtraction
           : kind == MrKind::projection ? &projection
                                        : nullptr;
}

bool MrStudy::has(const char *defect) const
{
    return request.defect && strcmp(request.defect, defect) == 0;
}

void MrStudy::move(int slice, double zyx[3]) const
{
    if (has("uneven") && slice == grid.n[0] - 1)
        zyx[0] += 0.3;
    if (has("tilted"))
        zyx[1] += 0.5 * slice;
}

std::vector<MrPlace> mr_places(const MrStudy &study)
{
    std::vector<MrPlace> places;
    for (guint phase = 0; phase < study.request.n_phases; phase++)
        for (int slice = 0; slice < study.grid.n[0]; slice++) {
            const bool bad = phase == BAD_PHASE && slice == BAD_SLICE;
            if (!(bad && study.has("missing")))
                places.push_back({phase, slice, MrKind::image});
            if (bad && study.has("double"))
                places.push_back({phase, slice, MrKind::twice});
            if (bad && study.has("copies"))
                places.push_back({phase, slice, MrKind::copy});
        }
    for (int slice = 0; study.has("derived") && slice < study.grid.n[0]; slice++)
        places.push_back({BAD_PHASE, slice, MrKind::subtraction});
    if (study.has("derived"))
        places.push_back({BAD_PHASE, 0, MrKind::projection});
    for (int slice = 0; study.has("mixed") && slice < 2; slice++)
        places.push_back({0, slice, MrKind::scout});
    return places;
}

std::vector<guint16> mr_samples(const MrStudy &study, const MrPlace &place)
{
    const gsize n = static_cast<gsize>(study.grid.n[1]) * static_cast<gsize>(study.grid.n[2]);
    const guint16 *stored = dkm_volume_slice(study.request.volumes[place.phase], place.slice);
    std::vector<guint16> samples(stored, stored + n);
    if (place.kind == MrKind::subtraction)
        for (gsize i = 0; i < n; i++)
            samples[i] = stored_difference(study, place.phase, place.slice, i);
    if (place.kind == MrKind::projection)
        for (gsize i = 0; i < n; i++) {
            samples[i] = 0;
            for (int z = 0; z < study.grid.n[0]; z++)
                samples[i] = std::max(samples[i], stored_difference(study, place.phase, z, i));
        }
    return samples;
}

std::string MrStudy::instance_uid(const MrPlace &place) const
{
    std::string name = "image " + std::to_string(place.phase) + " " + std::to_string(place.slice);
    if (place.kind != MrKind::image && place.kind != MrKind::copy)
        name += " kind " + std::to_string(static_cast<int>(place.kind));
    return uid(name);
}

/* All in one; before and after the contrast agent where they are apart; what is derived by itself;
 * the copy of the whole once more. */
std::vector<MrObject> mr_objects(const MrStudy &study)
{
    std::vector<MrObject> objects;
    bool is_copied = false;
    for (const MrPlace &place : mr_places(study)) {
        const MrDerived *derived = mr_derived(place.kind);
        const int series = derived ? derived->series : study.has("series") && place.phase ? 1 : 0;
        is_copied = is_copied || place.kind == MrKind::copy;
        if (place.kind == MrKind::copy)
            continue;
        if (objects.empty() || objects.back().series != series)
            objects.push_back({series, {}});
        objects.back().places.push_back(place);
    }
    if (is_copied)
        objects.push_back(objects.front());
    return objects;
}

} // namespace dkm

gboolean dkm_dicom_is_mr_defect(const char *name)
{
    return dkm::mr_defect_is(name);
}
