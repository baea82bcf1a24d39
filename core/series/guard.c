#include "core/series/guard.h"

typedef enum { UNSAID, SAME, DIFFERENT } Verdict;

static Verdict compare(const char *a, const char *b)
{
    if (!a || !*a || !b || !*b)
        return UNSAID;
    g_autofree char *x = g_strstrip(g_strdup(a)), *y = g_strstrip(g_strdup(b));
    return g_str_equal(x, y) ? SAME : DIFFERENT;
}

char *dkm_guard_refusal(const DkmIdentity *images, const DkmIdentity *object)
{
    const Verdict patient = compare(images->patient_id, object->patient_id);
    const Verdict of_study = compare(images->study_uid, object->study_uid);
    const Verdict place = compare(images->frame_of_reference_uid, object->frame_of_reference_uid);
    if (patient == DIFFERENT)
        return g_strdup("It belongs to another patient; it was not loaded.");
    if (of_study == DIFFERENT)
        return g_strdup("It belongs to another study; it was not loaded.");
    if (place == DIFFERENT)
        return g_strdup("It lies in another frame of reference than these images; it was not "
                        "loaded.");
    if (patient == UNSAID && of_study == UNSAID)
        return g_strdup("It does not say whose it is; it was not loaded.");
    return NULL;
}
