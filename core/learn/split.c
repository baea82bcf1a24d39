#include "core/learn/split.h"

#include "core/error.h"

enum { VALIDATION_SHARE = 8 };

/* FNV-1a with SplitMix64's finish: short names that differ in one digit spread evenly. */
static guint64 hash_name(const char *name, guint64 seed)
{
    guint64 h = 14695981039346656037u ^ seed;
    for (const char *c = name; *c; c++)
        h = (h ^ (guint8)*c) * 1099511628211u;
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
    h = (h ^ h >> 27) * 0x94d049bb133111ebu;
    return h ^ h >> 31;
}

DkmSplitRole dkm_split_role(const DkmSplit *split, const char *name)
{
    const guint64 hash = hash_name(name, split->seed);
    const int fifth = (int)(hash % DKM_FOLDS);
    if (split->fold == DKM_NO_FOLD)
        return fifth == 0 ? DKM_SPLIT_VALIDATION : DKM_SPLIT_TRAINING;
    if (fifth == split->fold)
        return DKM_SPLIT_TEST;
    return hash / DKM_FOLDS % VALIDATION_SHARE == 0 ? DKM_SPLIT_VALIDATION : DKM_SPLIT_TRAINING;
}

gboolean dkm_split_parse(const char *seed, const char *fold, DkmSplit *split, GError **error)
{
    guint64 number = 0, fifth = 0;
    if ((seed && !g_ascii_string_to_unsigned(seed, 10, 0, G_MAXUINT64, &number, NULL)) ||
        (fold && !g_ascii_string_to_unsigned(fold, 10, 0, DKM_FOLDS - 1, &fifth, NULL))) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_MODEL,
                    "the model does not say whom it was trained on: split seed \"%s\", fold \"%s\"",
                    seed ? seed : "", fold ? fold : "");
        return FALSE;
    }
    *split = (DkmSplit){number, fold ? (int)fifth : DKM_NO_FOLD};
    return TRUE;
}

const char *dkm_split_role_name(DkmSplitRole role)
{
    static const char *const names[] = {"training", "validation", "test"};
    return names[role];
}

DkmSplitRole dkm_split_held_out(const DkmSplit *split)
{
    return split->fold == DKM_NO_FOLD ? DKM_SPLIT_VALIDATION : DKM_SPLIT_TEST;
}
