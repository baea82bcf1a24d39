/* Predictors without a network, to be printed beside every result: what the place alone, a
 * threshold of the image or measured enhancement reaches. */
#pragma once

#include "core/learn/measure.h"

G_BEGIN_DECLS

typedef enum {
    DKM_RULE_LOCATION, /* the mean mask of the training patients, cut where it does best on them */
    DKM_RULE_IMAGE,    /* pre-contrast z-score over a threshold, the same for all: the best on the
                          training patients */
    DKM_RULE_PE,      /* percent enhancement of the early phase over a threshold chosen likewise: it
                         needs contrast agent */
    DKM_RULE_TRUTH,   /* z-score over a threshold where the mean mask is over another, both each
                         patient's own and chosen with the truth: an upper bound, no predictor */
    DKM_RULE_NOTHING, /* all background */
    DKM_RULES
} DkmRuleKind;

/* "location only", ...: as in JSON. */
const char *dkm_rule_name(DkmRuleKind kind);
/* What it is shown of the patient: "nothing", "pre-contrast", "post-contrast", "the truth". */
const char *dkm_rule_sees(DkmRuleKind kind);

/* All rules for one kind of windows; single owner. Borrows TRAINING and SAMPLES (of DkmSample, a
 * patient's together). Rules that learn from patients learn from TRAINING; without any they predict
 * nothing. */
typedef struct _DkmRules DkmRules;
DkmRules *dkm_rules_new(const GArray *training, const GArray *samples,
                        const DkmEvaluateWindows *windows);
void dkm_rules_free(DkmRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmRules, dkm_rules_free)
/* Lives as long as RULES. For the windows of SAMPLES. */
DkmPredictor dkm_rules_predictor(DkmRules *rules, DkmRuleKind kind);
/* The threshold of IMAGE (z-score) or PE (percent); NaN without training patients. */
double dkm_rules_threshold(const DkmRules *rules, DkmRuleKind kind);

G_END_DECLS
