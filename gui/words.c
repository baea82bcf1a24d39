#include "gui/words.h"

#include "gui/i18n.h"

/* For the catalogues alone: of core/edit/review-case.c, core/image/cut.c, core/image/kinetics.c and
 * core/model/pipeline.c. */
static const char *const of_core[] G_GNUC_UNUSED = {
    N_("Pre-contrast"),
    N_("Post-contrast"),
    N_("Early"),
    N_("Late"),
    N_("Acquired"),
    N_("Sagittal"),
    N_("Coronal"),
    N_("Axial"),
    N_("Left breast"),
    N_("Right breast"),
    N_("persistent"),
    N_("plateau"),
    N_("wash-out"),
    N_("pre-contrast"),
    N_("pre-contrast, early"),
    N_("pre-contrast, late"),
    N_("pre-contrast, early, late"),
};

const char *dkm_word(const char *english)
{
    return english && *english ? _(english) : english; /* gettext("") is the header */
}

char *dkm_word_phase(const DkmReviewCase *on, guint phase)
{
    g_autofree char *name = dkm_review_case_phase_name(on, phase);
    const gboolean is_numbered = phase > 0 && phase != on->early && phase != on->late;
    return is_numbered ? g_strdup_printf(_("Phase %u"), phase + 1) : g_strdup(dkm_word(name));
}
