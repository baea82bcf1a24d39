#include "core/series/beside.h"

#include "core/error.h"
#include "core/i18n.h"
#include "core/series/geometry.h"
#include "core/series/patient.h"

#include <math.h>

/* Images nearer than this along the normal are of one place. */
#define SAME_PLACE_MM 0.05

static const char *date_of(const DkmStudy *study)
{
    const char *date = study->first->study_date;
    return date && *date ? date : NULL;
}

/* Of the studies with a dce: the latest; NULL where they are of several patients or of one day. */
static const DkmStudy *latest_of_one_patient(const DkmStudies *studies)
{
    const DkmStudy *latest = NULL;
    for (guint s = 0; s < studies->studies->len; s++) { /* sorted by date */
        const DkmStudy *study = g_ptr_array_index(studies->studies, s);
        if (!study->dce)
            continue;
        if (latest && (!dkm_frames_are_of_one_patient(latest->first, study->first) ||
                       !date_of(latest) || g_strcmp0(date_of(latest), date_of(study)) >= 0))
            return NULL;
        latest = study;
    }
    return latest;
}

const DkmStudy *dkm_studies_latest(const DkmStudies *studies, GError **error)
{
    const DkmStudy *latest = latest_of_one_patient(studies);
    return latest ? latest : dkm_studies_only_dce(studies, error);
}

const DkmStudy *dkm_studies_prior(const DkmStudies *studies, const DkmStudy *study)
{
    const char *day = date_of(study);
    for (guint s = studies->studies->len; day && s-- > 0;) {
        const DkmStudy *other = g_ptr_array_index(studies->studies, s);
        if (other->dce && other != study && date_of(other) && g_strcmp0(date_of(other), day) < 0 &&
            dkm_frames_are_of_one_patient(other->first, study->first))
            return other;
    }
    return NULL;
}

GPtrArray *dkm_study_others(const DkmStudies *studies, const DkmStudy *study)
{
    GPtrArray *others = g_ptr_array_new();
    for (guint s = 0; s < study->series->len; s++) {
        DkmSeries *series = g_ptr_array_index(study->series, s);
        const DkmFrame *first =
            dkm_frame_table_get(studies->table, g_array_index(series->frames, guint, 0));
        if (series->role == DKM_SERIES_SET_ASIDE && g_strcmp0(series->modality, "MR") == 0 &&
            first->samples_per_pixel == 1 && dkm_frame_has_geometry(first))
            g_ptr_array_add(others, series);
    }
    return others;
}

/* --- a series as a study -----------------------------------------------------------------------
 */

static double place_of(const DkmFrame *frame)
{
    const double *row = frame->row_lps, *column = frame->column_lps, *at = frame->position_lps;
    return at[0] * (row[1] * column[2] - row[2] * column[1]) +
           at[1] * (row[2] * column[0] - row[0] * column[2]) +
           at[2] * (row[0] * column[1] - row[1] * column[0]);
}

static int compare_instances(gconstpointer a, gconstpointer b, gpointer table)
{
    const DkmFrame *p = dkm_frame_table_get(table, *(const guint *)a);
    const DkmFrame *q = dkm_frame_table_get(table, *(const guint *)b);
    if (p->instance_number != q->instance_number)
        return p->instance_number < q->instance_number ? -1 : 1;
    return p->frame - q->frame;
}

static gboolean has_place(const GArray *places, double place)
{
    for (guint i = 0; i < places->len; i++)
        if (fabs(g_array_index(places, double, i) - place) < SAME_PLACE_MM)
            return TRUE;
    return FALSE;
}

static GArray *first_of_each_place(const DkmStudies *studies, const DkmSeries *series)
{
    GArray *kept = g_array_new(FALSE, FALSE, sizeof(guint));
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(double));
    g_autoptr(GArray) all = g_array_copy(series->frames);
    g_array_sort_with_data(all, compare_instances, studies->table);
    for (guint i = 0; i < all->len; i++) {
        const guint index = g_array_index(all, guint, i);
        const double place = place_of(dkm_frame_table_get(studies->table, index));
        if (has_place(places, place))
            continue;
        g_array_append_val(places, place);
        g_array_append_val(kept, index);
    }
    return kept;
}

static DkmPhases *find_stack(const DkmStudies *studies, const DkmSeries *series, gboolean *is_part,
                             GError **error)
{
    DkmPhases *phases = dkm_phases_find(studies->table, (const guint *)(void *)series->frames->data,
                                        series->frames->len, NULL);
    *is_part = !phases;
    if (phases)
        return phases;
    g_autoptr(GArray) first = first_of_each_place(studies, series);
    return dkm_phases_find(studies->table, (const guint *)(void *)first->data, first->len, error);
}

DkmStudies *dkm_studies_of_series(const DkmStudies *studies, const DkmStudy *study,
                                  const DkmSeries *series, GError **error)
{
    for (guint i = 0; i < series->frames->len; i++)
        if (!dkm_frame_has_geometry(
                dkm_frame_table_get(studies->table, g_array_index(series->frames, guint, i)))) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                        _("an image of series %d does not say where it lies"), series->number);
            return NULL;
        }
    gboolean is_part;
    g_autoptr(DkmPhases) dce = find_stack(studies, series, &is_part, error);
    if (!dce)
        return NULL;
    DkmStudies *one = dkm_studies_new_one(studies->table, study->first, dce);
    if (is_part) {
        DkmStudy *only = g_ptr_array_index(one->studies, 0);
        g_ptr_array_add(only->findings,
                        g_strdup(_("several images at each place: the first of each is shown")));
    }
    return one;
}
