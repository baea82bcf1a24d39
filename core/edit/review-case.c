#include "core/edit/review-case.h"

#include "core/edit/mask-tools.h"
#include "core/error.h"
#include "core/i18n.h"
#include "core/series/words.h"

#include <math.h>
#include <string.h>

/* Seconds after the first post-contrast phase at which the early and the late one are wanted:
 * UCSF's rule for functional tumour volume. */
#define EARLY_SECONDS 150
#define LATE_SECONDS 450

/* A short dynamic has one phase nearest to both times: then its neighbour is the other one, so that
 * a curve can be seen wherever there are two phases after contrast. */
void dkm_review_phases(const DkmPhases *dce, guint *early, guint *late)
{
    *early = *late = 0;
    if (dce->n_phases < 2)
        return;
    *early = dkm_phases_nearest(dce, EARLY_SECONDS);
    *late = dkm_phases_nearest(dce, LATE_SECONDS);
    if (*early != *late || dce->n_phases == 2)
        return;
    if (*early > 1)
        (*early)--;
    else
        (*late)++;
}

DkmReviewCase *dkm_review_case_new(DkmStudies *studies, const DkmStudy *study)
{
    DkmReviewCase *self = g_new0(DkmReviewCase, 1);
    const char *id = study->first->patient_id;
    self->studies = dkm_studies_ref(studies);
    self->study = study;
    self->patient_name = dkm_person_name_words(study->first->patient_name);
    self->patient_id = g_strdup(id && *id ? id : _("(no ID)"));
    self->study_date = dkm_date_words(study->first->study_date);
    self->phases = g_new0(DkmVolume *, study->dce->n_phases);
    dkm_review_phases(study->dce, &self->early, &self->late);
    self->layers = dkm_layers_new(&study->dce->grid);
    self->versions = dkm_versions_new();
    return self;
}

void dkm_review_case_free(DkmReviewCase *self)
{
    if (!self)
        return;
    for (guint i = 0; i < dkm_review_case_n_phases(self); i++)
        dkm_volume_unref(self->phases[i]);
    g_free(self->phases);
    dkm_layers_free(self->layers);
    dkm_versions_free(self->versions);
    dkm_result_unref(self->result);
    g_free(self->patient_name);
    g_free(self->patient_id);
    g_free(self->study_date);
    dkm_studies_unref(self->studies);
    g_free(self);
}

guint dkm_review_case_n_phases(const DkmReviewCase *self)
{
    return self->study->dce->n_phases;
}

const DkmGrid *dkm_review_case_grid(const DkmReviewCase *self)
{
    return &self->study->dce->grid;
}

DkmVolume *dkm_review_case_phase(const DkmReviewCase *self, guint phase)
{
    return phase < dkm_review_case_n_phases(self) ? self->phases[phase] : NULL;
}

static gboolean check_grid(const DkmReviewCase *self, const DkmGrid *grid, const char *what,
                           GError **error)
{
    if (dkm_grid_equal(grid, dkm_review_case_grid(self), 0.01))
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY, _("%s does not lie on the study's lattice"),
                what);
    return FALSE;
}

gboolean dkm_review_case_set_phase(DkmReviewCase *self, guint phase, DkmVolume *volume,
                                   GError **error)
{
    if (!check_grid(self, dkm_volume_grid(volume), _("the phase"), error))
        return FALSE;
    g_clear_pointer(&self->phases[phase], dkm_volume_unref);
    self->phases[phase] = dkm_volume_ref(volume);
    return TRUE;
}

gboolean dkm_review_case_set_result(DkmReviewCase *self, DkmResult *result, GError **error)
{
    return dkm_review_case_set_result_in_box(self, result, NULL, error);
}

gboolean dkm_review_case_set_result_in_box(DkmReviewCase *self, DkmResult *result,
                                           const DkmBox *box, GError **error)
{
    if (!check_grid(self, &result->grid, _("the network's result"), error))
        return FALSE;
    g_autoptr(DkmMask) mask =
        box ? dkm_mask_clip(result->mask, box, error) : dkm_mask_ref(result->mask);
    if (!mask)
        return FALSE;
    g_autofree char *name =
        g_strdup_printf("Network, %s%s", result->phases_used, box ? ", in the box" : "");
    const guint id = dkm_layers_add(self->layers, DKM_ORIGIN_NETWORK, name, mask, error);
    if (!id)
        return FALSE;
    g_clear_pointer(&self->result, dkm_result_unref);
    self->result = dkm_result_ref(result);
    self->result_layer = id;
    return TRUE;
}

char *dkm_review_case_phase_name(const DkmReviewCase *self, guint phase)
{
    if (phase == 0)
        return g_strdup("Pre-contrast");
    if (self->early == self->late && phase == self->early)
        return g_strdup("Post-contrast");
    if (phase == self->early)
        return g_strdup("Early");
    if (phase == self->late)
        return g_strdup("Late");
    return g_strdup_printf("Phase %u", phase + 1);
}

static double seconds_of(const DkmReviewCase *self, guint phase)
{
    return self->study->dce->phases[phase].t_seconds;
}

guint dkm_review_phase_like(const DkmReviewCase *self, guint phase, const DkmReviewCase *other)
{
    if (phase == 0)
        return 0;
    if (phase == self->early || phase == self->late)
        return phase == self->early ? other->early : other->late;
    guint like = other->early;
    for (guint i = 1; i < dkm_review_case_n_phases(other); i++) {
        const double off = fabs(seconds_of(other, i) - seconds_of(self, phase));
        if (other->phases[i] && off < fabs(seconds_of(other, like) - seconds_of(self, phase)))
            like = i;
    }
    return like;
}
