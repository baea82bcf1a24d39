/* The input gate: where a study is unlike what the model was trained on, and that in plain
 * sentences. It refuses nothing: a person reads it beside the result. Pure but for reading voxels.
 */
#pragma once

#include "core/model/pipeline.h"
#include "core/model/trained-on.h"
#include "core/series/study.h"

G_BEGIN_DECLS

/* The phases that a run is given, PHASE[1] and [2] NULL where not; borrowed. */
typedef struct {
    DkmAcquisition acquisition;
    DkmVolume *phase[DKM_TRAINED_PHASES]; /* NULL: its brightness is not compared */
} DkmInputFacts;

/* How the images of STUDY's dynamics, of which it has some, were made. */
DkmAcquisition dkm_acquisition_of_study(const DkmStudies *studies, const DkmStudy *study);

/* Findings (of char*, g_free), an empty array where nothing differs: each is a kind and its values,
 * the same in every language, as a run's record keeps it. TRAINED: what the model's file says;
 * NULL: nothing. What it leaves out is taken from the card of the models that this program ships
 * (1.5 T and 3 T, fat-suppressed, pixels of about 0.7 mm). BRIGHTNESS of each phase, NaN: unknown.
 */
GPtrArray *dkm_input_gate_find(const DkmTrainedOn *trained, const DkmAcquisition *acquisition,
                               const DkmBrightness brightness[DKM_TRAINED_PHASES]);
/* The same for MODEL, measuring FACTS' volumes by the model's own normalisation. */
GPtrArray *dkm_input_gate_find_model(const DkmModel *model, const DkmInputFacts *facts);

/* input-gate-words.c: FINDING as a sentence for whoever reads it now; what is no finding (a record
 * of an earlier version holds sentences) as it stands. g_free. */
char *dkm_input_gate_sentence(const char *finding);
/* One for each of FINDINGS. */
GPtrArray *dkm_input_gate_sentences(const GPtrArray *findings);
/* dkm_input_gate_find_model() as sentences. */
GPtrArray *dkm_input_gate_model(const DkmModel *model, const DkmInputFacts *facts);

G_END_DECLS
