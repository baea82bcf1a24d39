#include "core/series/patient.h"

#include "core/i18n.h"

#include <string.h>

static const gsize attributes[] = {G_STRUCT_OFFSET(DkmFrame, patient_id),
                                   G_STRUCT_OFFSET(DkmFrame, patient_name),
                                   G_STRUCT_OFFSET(DkmFrame, patient_birth_date)};

/* Without the separators of empty parts at its end: Doe^Jane and Doe^Jane^^ are one name. */
static gsize significant_length(const char *text)
{
    gsize length = strlen(text);
    while (length && (text[length - 1] == '^' || text[length - 1] == '=' ||
                      g_ascii_isspace(text[length - 1])))
        length--;
    return length;
}

static gboolean is_same(const char *a, const char *b)
{
    if (a == b)
        return TRUE;
    const gsize length = significant_length(a);
    return length == significant_length(b) && g_ascii_strncasecmp(a, b, length) == 0;
}

/* Of those frames with the attribute at OFFSET: the first, the first that differs from it, and how
 * many do. */
typedef struct {
    const DkmFrame *first, *other;
    guint n, n_others;
} Split;

static Split split_by(const DkmFrameTable *table, const guint *frames, guint n, gsize offset)
{
    Split split = {0};
    for (guint i = 0; i < n; i++) {
        const DkmFrame *frame = dkm_frame_table_get(table, frames[i]);
        const char *value = G_STRUCT_MEMBER(const char *, frame, offset);
        if (!value)
            continue;
        split.n++;
        if (!split.first)
            split.first = frame;
        if (is_same(value, G_STRUCT_MEMBER(const char *, split.first, offset)))
            continue;
        split.n_others++;
        if (!split.other)
            split.other = frame;
    }
    return split;
}

char *dkm_frames_patient_conflict(const DkmFrameTable *table, const guint *frames, guint n)
{
    for (guint a = 0; a < G_N_ELEMENTS(attributes); a++) {
        const Split split = split_by(table, frames, n, attributes[a]);
        if (!split.other)
            continue;
        const gboolean first_is_odd = split.n_others > split.n / 2;
        const DkmFrame *odd = first_is_odd ? split.first : split.other;
        const gboolean is_one_series =
            g_strcmp0(split.first->series_uid, split.other->series_uid) == 0;
        g_autofree char *name = g_path_get_basename(odd->path);
        return g_strdup_printf(is_one_series
                                   ? _("%s belongs to another patient than the rest of its series")
                                   : _("%s belongs to another patient than the rest of its study"),
                               name);
    }
    return NULL;
}

static gboolean says_the_same(const char *a, const char *b)
{
    return a && b && significant_length(a) > 0 && is_same(a, b);
}

gboolean dkm_frames_are_of_one_patient(const DkmFrame *a, const DkmFrame *b)
{
    const char *born_a = a->patient_birth_date, *born_b = b->patient_birth_date;
    return says_the_same(a->patient_id, b->patient_id) &&
           says_the_same(a->patient_name, b->patient_name) &&
           (!born_a || !born_b || is_same(born_a, born_b));
}
