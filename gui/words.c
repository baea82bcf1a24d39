#include "gui/words.h"

#include "gui/i18n.h"

#include <string.h>

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

/* The names that the program gives a layer (core/edit/layers.c, core/edit/review-case.c). */
#define LESION "Lesion "
#define NETWORK "Network, "
#define BOXED ", in the box"

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

/* "Lesion 3" and nothing else. */
static char *lesion_words(const char *name)
{
    const char *number = name + strlen(LESION);
    if (!g_str_has_prefix(name, LESION) || !*number ||
        strspn(number, "0123456789") < strlen(number))
        return NULL;
    return g_strdup_printf(_("Lesion %s"), number);
}

/* "Network, pre-contrast, early, in the box"; NULL where the phases are none of the pipeline's. */
static char *network_words(const char *name)
{
    if (!g_str_has_prefix(name, NETWORK))
        return NULL;
    const gboolean is_boxed = g_str_has_suffix(name, BOXED);
    const char *from = name + strlen(NETWORK);
    g_autofree char *phases = g_strndup(from, strlen(from) - (is_boxed ? strlen(BOXED) : 0));
    if (!g_str_has_prefix(phases, "pre-contrast"))
        return NULL;
    return g_strdup_printf(is_boxed ? _("Network, %s, in the box") : _("Network, %s"),
                           dkm_word(phases));
}

char *dkm_word_layer(const DkmLayer *layer)
{
    const char *name = layer->info.name;
    char *words = NULL;
    if (name && !layer->info.named) {
        words = lesion_words(name);
        words = words ? words : network_words(name);
    }
    return words ? words : g_strdup(name);
}

const char *dkm_word_confidence(DkmConfidence confidence)
{
    static const char *const words[] = {
        [DKM_CONFIDENCE_LOW] = N_("doubtful, please check"),
        [DKM_CONFIDENCE_MEDIUM] = N_("told by one attribute"),
        [DKM_CONFIDENCE_HIGH] = N_("confirmed"),
    };
    return _(words[confidence]);
}

char *dkm_word_provenance(const DkmLayer *layer)
{
    static const char *const made[] = {
        [DKM_MADE_AUTOMATIC] = N_("AI"),
        [DKM_MADE_SEMIAUTOMATIC] = N_("AI, edited by hand"),
        [DKM_MADE_MANUAL] = N_("by hand"),
    };
    const DkmMade how = dkm_layer_made(layer);
    const char *who = layer->info.reviewer ? layer->info.reviewer : "?";
    switch (layer->info.review) {
    case DKM_REVIEW_ACCEPTED:
        return g_strdup_printf(_("%s, accepted by %s"), _(made[how]), who);
    case DKM_REVIEW_REJECTED:
        return g_strdup_printf(_("%s, rejected by %s"), _(made[how]), who);
    case DKM_REVIEW_EDITED:
    case DKM_REVIEW_UNREVIEWED:
    default:
        return g_strdup(how == DKM_MADE_AUTOMATIC ? _("AI, unreviewed") : _(made[how]));
    }
}
