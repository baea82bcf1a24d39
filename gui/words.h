/* What core calls things by a fixed word, in a person's language. Its own functions stay English:
 * their words go into files and to other programs. */
#pragma once

#include "core/edit/review-case.h"

G_BEGIN_DECLS

/* "Early", "Phase 4": for g_free. */
char *dkm_word_phase(const DkmReviewCase *on, guint phase);
/* LAYER's name: translated where the program gave it, as it stands where a person did; stored and
 * exported it stays as LAYER has it. g_free. */
char *dkm_word_layer(const DkmLayer *layer);
/* Who made LAYER and who has looked at it: "AI, unreviewed", "by hand, accepted by Ada Reader".
 * g_free. */
char *dkm_word_provenance(const DkmLayer *layer);
/* A word of core's: the name of a cut, a breast, a type of curve. */
const char *dkm_word(const char *english);

/* How sure the rules are of the phases. */
const char *dkm_word_confidence(DkmConfidence confidence);

G_END_DECLS
