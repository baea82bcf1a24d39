#include "gui/phase-order.h"

#include "gui/i18n.h"
#include "gui/private-file.h"

#include "core/error.h"
#include "core/series/phase-override.h"

struct _DkmPhaseOrder {
    DkmStudies *found;
    const DkmStudy *study; /* of FOUND */
    GPtrArray *candidates;
    GArray *rows; /* of guint: candidates, those that are phases first */
    guint n_phases;
};

DkmPhaseOrder *dkm_phase_order_new(DkmStudies *found, const DkmStudy *study)
{
    DkmPhaseOrder *order = g_new0(DkmPhaseOrder, 1);
    order->found = dkm_studies_ref(found);
    order->study = study;
    order->candidates = dkm_phase_candidates_new(found, study);
    order->rows = g_array_new(FALSE, FALSE, sizeof(guint));
    dkm_phase_order_reset(order);
    return order;
}

void dkm_phase_order_free(DkmPhaseOrder *order)
{
    g_ptr_array_unref(order->candidates);
    g_array_unref(order->rows);
    dkm_studies_unref(order->found);
    g_free(order);
}

/* --- rows ------------------------------------------------------------------------------------- */

static guint at(const DkmPhaseOrder *order, guint row)
{
    return g_array_index(order->rows, guint, row);
}

guint dkm_phase_order_count(const DkmPhaseOrder *order)
{
    return order->rows->len;
}

guint dkm_phase_order_n_phases(const DkmPhaseOrder *order)
{
    return order->n_phases;
}

const DkmPhaseCandidate *dkm_phase_order_get(const DkmPhaseOrder *order, guint row, guint *number)
{
    if (number)
        *number = at(order, row) + 1;
    return order->candidates->pdata[at(order, row)];
}

int dkm_phase_order_place(const DkmPhaseOrder *order, guint row)
{
    return row < order->n_phases ? (int)row : DKM_PHASE_ASIDE;
}

/* What is set aside stays as the rules list it. */
static guint row_aside(const DkmPhaseOrder *order, guint candidate)
{
    guint row = order->n_phases;
    while (row < order->rows->len && at(order, row) < candidate)
        row++;
    return row;
}

guint dkm_phase_order_set_place(DkmPhaseOrder *order, guint row, int place)
{
    const guint candidate = at(order, row);
    g_array_remove_index(order->rows, row);
    order->n_phases -= row < order->n_phases;
    guint to = row_aside(order, candidate);
    if (place >= 0) {
        to = MIN((guint)place, order->n_phases);
        order->n_phases++;
    }
    g_array_insert_val(order->rows, to, candidate);
    return to;
}

guint dkm_phase_order_move(DkmPhaseOrder *order, guint row, int step)
{
    const int place = dkm_phase_order_place(order, row);
    if (place == DKM_PHASE_ASIDE)
        return step < 0 ? dkm_phase_order_set_place(order, row, (int)order->n_phases) : row;
    if (place + step < 0)
        return row;
    const gboolean leaves = place + step >= (int)order->n_phases;
    return dkm_phase_order_set_place(order, row, leaves ? DKM_PHASE_ASIDE : place + step);
}

guint dkm_phase_order_drop(DkmPhaseOrder *order, guint row, guint onto, gboolean is_after)
{
    if (onto == row)
        return row;
    if (onto >= order->n_phases)
        return dkm_phase_order_set_place(order, row, DKM_PHASE_ASIDE);
    const guint to = onto + (is_after ? 1 : 0);
    return dkm_phase_order_set_place(order, row, (int)(to - (row < to)));
}

const DkmStudy *dkm_phase_order_study(const DkmPhaseOrder *order)
{
    return order->study;
}

static guint n_found(const DkmPhaseOrder *order)
{
    return order->study->dce ? order->study->dce->n_phases : 0;
}

void dkm_phase_order_reset(DkmPhaseOrder *order)
{
    g_array_set_size(order->rows, 0);
    for (guint i = 0; i < order->candidates->len; i++)
        g_array_append_val(order->rows, i);
    order->n_phases = n_found(order);
}

/* Those CHOSEN, once each, then all others. */
static void take_rows(DkmPhaseOrder *order, const guint *chosen, guint n)
{
    g_autofree guint8 *is_taken = g_malloc0(order->candidates->len);
    g_array_set_size(order->rows, 0);
    g_array_append_vals(order->rows, chosen, n);
    for (guint i = 0; i < n; i++)
        is_taken[chosen[i]] = 1;
    for (guint i = 0; i < order->candidates->len; i++)
        if (!is_taken[i])
            g_array_append_val(order->rows, i);
    order->n_phases = n;
}

void dkm_phase_order_take_given(DkmPhaseOrder *order, const char *order_given)
{
    g_auto(DkmPhaseOverride) given = {0};
    dkm_phase_order_reset(order);
    if (!order_given || !dkm_phase_override_parse(&given, order_given, NULL, NULL))
        return;
    for (guint i = 0; i < given.n_order; i++)
        if (given.order[i] >= order->candidates->len)
            return;
    take_rows(order, given.order, given.n_order);
}

gboolean dkm_phase_order_is_found(const DkmPhaseOrder *order)
{
    if (order->n_phases != n_found(order))
        return FALSE;
    for (guint i = 0; i < order->n_phases; i++)
        if (at(order, i) != i)
            return FALSE;
    return TRUE;
}

static const DkmStudy *same_study(const DkmStudies *studies, const char *uid)
{
    for (guint i = 0; i < studies->studies->len; i++) {
        const DkmStudy *study = studies->studies->pdata[i];
        if (g_strcmp0(study->study_uid, uid) == 0)
            return study;
    }
    return NULL;
}

DkmStudies *dkm_phase_order_apply(const DkmPhaseOrder *order, const DkmStudy **study,
                                  GError **error)
{
    DkmStudies *studies = NULL;
    if (order->study->dce && dkm_phase_order_is_found(order))
        studies = dkm_studies_ref(order->found);
    else
        studies = dkm_phase_candidates_choose(order->found, order->study, order->candidates,
                                              (const guint *)(void *)order->rows->data,
                                              order->n_phases, error);
    if (studies && study)
        *study = same_study(studies, order->study->study_uid);
    return studies;
}

/* --- kept for the study -------------------------------------------------------------------------
 */

#define KEY "order"

static char *kept_path(void)
{
    return dkm_private_path(g_get_user_state_dir(), "phases.ini");
}

/* A group's name holds no bracket and no control character: what is no UID gets none. */
static gboolean is_uid(const char *text)
{
    gsize n = 0;
    while (text && (g_ascii_isdigit(text[n]) || text[n] == '.'))
        n++;
    return text && n > 0 && text[n] == '\0';
}

gboolean dkm_phase_order_can_keep(const DkmPhaseOrder *order)
{
    return is_uid(order->study->study_uid);
}

gboolean dkm_phase_order_keep(const DkmPhaseOrder *order, GError **error)
{
    const char *uid = order->study->study_uid;
    g_autofree char *path = kept_path();
    g_autoptr(GKeyFile) file = is_uid(uid) ? dkm_private_load(path, error) : NULL;
    if (!file)
        return !is_uid(uid);
    const gboolean was_kept = g_key_file_has_group(file, uid);
    g_key_file_remove_group(file, uid, NULL);
    if (dkm_phase_order_is_found(order) && !was_kept)
        return TRUE;
    if (!dkm_phase_order_is_found(order)) {
        g_autoptr(GPtrArray) ids = g_ptr_array_new();
        for (guint i = 0; i < order->n_phases; i++)
            g_ptr_array_add(ids, dkm_phase_order_get(order, i, NULL)->id);
        g_key_file_set_string_list(file, uid, KEY, (const char *const *)(void *)ids->pdata,
                                   ids->len);
        g_key_file_set_int64(file, uid, "time", g_get_real_time() / G_USEC_PER_SEC);
    }
    return dkm_private_save(file, path, error);
}

static gboolean find_candidate(const DkmPhaseOrder *order, const char *id, guint *found)
{
    for (guint i = 0; i < order->candidates->len; i++)
        if (g_str_equal(((DkmPhaseCandidate *)order->candidates->pdata[i])->id, id)) {
            *found = i;
            return TRUE;
        }
    return FALSE;
}

/* Each of IDS is there, and once. */
static gboolean take(DkmPhaseOrder *order, char *const *ids, gsize n)
{
    g_autofree guint *chosen = g_new(guint, n + 1);
    for (gsize i = 0; i < n; i++) {
        if (!find_candidate(order, ids[i], &chosen[i]))
            return FALSE;
        for (gsize k = 0; k < i; k++)
            if (chosen[k] == chosen[i])
                return FALSE;
    }
    take_rows(order, chosen, (guint)n);
    return TRUE;
}

gboolean dkm_phase_order_recall(DkmPhaseOrder *order, GError **error)
{
    const char *uid = order->study->study_uid;
    g_autofree char *path = kept_path();
    g_autoptr(GKeyFile) file = is_uid(uid) ? dkm_private_load(path, error) : NULL;
    if (!file || !g_key_file_has_group(file, uid))
        return FALSE;
    gsize n = 0;
    g_auto(GStrv) ids = g_key_file_get_string_list(file, uid, KEY, &n, NULL);
    if (ids && n > 0 && take(order, ids, n))
        return TRUE;
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT,
                        _("the images of this study are other ones than those that were ordered"));
    return FALSE;
}

static gboolean is_kept(const char *uid, GError **error)
{
    g_autofree char *path = kept_path();
    g_autoptr(GKeyFile) file = is_uid(uid) ? dkm_private_load(path, error) : NULL;
    return file && g_key_file_has_group(file, uid);
}

DkmStudies *dkm_phase_order_recalled(DkmStudies *found, const DkmStudy **study, GError **error)
{
    if (!is_kept((*study)->study_uid, error)) /* the list costs a walk over all frames */
        return NULL;
    g_autoptr(DkmPhaseOrder) order = dkm_phase_order_new(found, *study);
    return dkm_phase_order_recall(order, error) ? dkm_phase_order_apply(order, study, error) : NULL;
}
