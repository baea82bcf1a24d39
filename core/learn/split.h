/* Who is trained on, who decides and who is reported: every patient has one role, by the name
 * alone. A value type. Not for: slices of one patient, which always stay together. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
    DKM_SPLIT_TRAINING,
    DKM_SPLIT_VALIDATION, /* every choice is made on these: epochs, thresholds, time steps, taps */
    DKM_SPLIT_TEST,       /* cross-validation only: reported, never looked at before */
} DkmSplitRole;

enum { DKM_FOLDS = 5, DKM_NO_FOLD = -1 };

/* Without a fold one patient in five is validation and nobody is test. With fold K (0 to 4) the
 * patients of that fifth are test, and one in eight of the others is validation. */
typedef struct {
    guint64 seed;
    int fold; /* DKM_NO_FOLD, or 0..DKM_FOLDS-1 */
} DkmSplit;

/* By a hash of NAME and the seed: the same on every machine and whatever other cases there are. */
DkmSplitRole dkm_split_role(const DkmSplit *split, const char *name);
/* From a model file's metadata "split_seed" and "split_fold" (NULL: absent). FALSE and
 * DKM_ERROR_MODEL where they are no numbers, or no fold. */
gboolean dkm_split_parse(const char *seed, const char *fold, DkmSplit *split, GError **error);
/* "training", "validation", "test". */
const char *dkm_split_role_name(DkmSplitRole role);
/* Whom a trained model is scored on: the test patients, or those of validation where none is. */
DkmSplitRole dkm_split_held_out(const DkmSplit *split);

G_END_DECLS
