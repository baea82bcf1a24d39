/* What may hang beside a study: an earlier study of the same patient, and its own series that are
 * no phase of the dynamics (T2, diffusion). Not for: a list of studies. */
#pragma once

#include "core/series/study.h"

G_BEGIN_DECLS

/* The study that is opened: the only one with a dce or, where all of those are of one patient and
 * their dates tell them apart, the latest. Errors as of dkm_studies_only_dce(). */
const DkmStudy *dkm_studies_latest(const DkmStudies *studies, GError **error);
/* The latest study with a dce that is of STUDY's patient and of an earlier day; NULL: there is
 * none. */
const DkmStudy *dkm_studies_prior(const DkmStudies *studies, const DkmStudy *study);
/* Of STUDY the MR series that are set aside and lie somewhere, of const DkmSeries*, by number.
 * Container: caller. */
GPtrArray *dkm_study_others(const DkmStudies *studies, const DkmStudy *study);
/* SERIES of STUDY, one of the above, as the one study of a set of its own: what has several images
 * at one place is read as phases or, where that cannot be, the first image of each place is taken
 * (then a finding says so). Error GEOMETRY: no stack of slices. */
DkmStudies *dkm_studies_of_series(const DkmStudies *studies, const DkmStudy *study,
                                  const DkmSeries *series, GError **error);

G_END_DECLS
