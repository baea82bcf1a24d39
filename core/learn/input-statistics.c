#include "core/learn/input-statistics.h"

static void add_case(DkmTrainedOn *trained, const DkmCase *c)
{
    static const DkmPhaseKind kinds[DKM_TRAINED_PHASES] = {DKM_PHASE_PRE, DKM_PHASE_EARLY,
                                                           DKM_PHASE_LATE};
    DkmBrightness brightness[DKM_TRAINED_PHASES];
    for (int k = 0; k < DKM_TRAINED_PHASES; k++)
        brightness[k] =
            dkm_brightness_measure(c->phase[DKM_PHASE_PRE], c->phase[kinds[k]], &c->normalisation);
    dkm_trained_on_add(trained, &c->acquisition, brightness);
}

char *dkm_input_statistics(const GPtrArray *cases, const DkmSplit *split)
{
    g_autoptr(GHashTable) patients = g_hash_table_new(g_str_hash, g_str_equal);
    DkmTrainedOn trained;
    dkm_trained_on_init(&trained);
    for (guint i = 0; i < cases->len; i++) {
        const DkmCase *c = g_ptr_array_index(cases, i);
        if (dkm_split_role(split, c->name) != DKM_SPLIT_TRAINING)
            continue;
        add_case(&trained, c);
        g_hash_table_add(patients, c->name);
    }
    trained.patients = g_hash_table_size(patients);
    return dkm_trained_on_to_text(&trained);
}
