#include "core/series/study.h"

#include "core/error.h"
#include "core/i18n.h"
#include "core/series/geometry.h"
#include "core/series/groups.h"
#include "core/series/patient.h"
#include "core/series/set-aside.h"

#include <string.h>

/* While the studies are made: what is known of every frame of the table. */
typedef struct {
    DkmFrameTable *table;
    const char **reason;    /* of each frame: why it is not used, owned by the table; NULL: used */
    guint8 *conflicts;      /* it is a copy of another by its UID, but its pixels are other ones */
    const char *chosen_uid; /* of the study of which a person has chosen the phases */
    DkmPhases *chosen;      /* NULL: of none */
} Sorting;

static const DkmFrame *frame_at(const Sorting *sorting, guint i)
{
    return dkm_frame_table_get(sorting->table, i);
}

/* ---- frames that cannot be a phase ------------------------------------------------------ */

/* Neighbours mostly come from one series: the reason of the last frame holds for the next one that
 * looks the same. */
static gboolean looks_alike(const DkmFrame *a, const DkmFrame *b)
{
    return g_strcmp0(a->image_type, b->image_type) == 0 &&
           g_strcmp0(a->series_description, b->series_description) == 0 &&
           g_strcmp0(a->modality, b->modality) == 0 &&
           g_strcmp0(a->sop_class_uid, b->sop_class_uid) == 0 &&
           g_strcmp0(a->scanning_sequence, b->scanning_sequence) == 0 &&
           a->samples_per_pixel == b->samples_per_pixel;
}

static void set_aside_by_name(Sorting *sorting)
{
    for (guint i = 0; i < sorting->table->frames->len; i++) {
        const DkmFrame *frame = frame_at(sorting, i);
        if (i > 0 && looks_alike(frame_at(sorting, i - 1), frame)) {
            sorting->reason[i] = sorting->reason[i - 1];
        } else {
            g_autofree char *reason = dkm_frame_set_aside_reason(frame);
            sorting->reason[i] = dkm_frame_table_intern(sorting->table, reason);
        }
    }
    for (guint i = 0; i < sorting->table->frames->len; i++)
        if (!sorting->reason[i] && !dkm_frame_has_geometry(frame_at(sorting, i)))
            sorting->reason[i] = dkm_frame_table_intern(
                sorting->table,
                _("does not say where it lies (position, orientation or pixel spacing is missing "
                  "or impossible)"));
}

static void set_aside_copies(Sorting *sorting)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < sorting->table->frames->len; i++) {
        const DkmFrame *frame = frame_at(sorting, i);
        gpointer first = NULL;
        if (sorting->reason[i] || !frame->sop_instance_uid)
            continue;
        if (!g_hash_table_lookup_extended(seen, frame->sop_instance_uid, NULL, &first)) {
            g_hash_table_insert(seen, (gpointer)frame->sop_instance_uid, GUINT_TO_POINTER(i));
            continue;
        }
        const DkmFrame *kept = frame_at(sorting, GPOINTER_TO_UINT(first));
        if (g_strcmp0(kept->path, frame->path) == 0)
            continue; /* another frame of the same file */
        g_autofree char *name = g_path_get_basename(kept->path);
        sorting->conflicts[i] = kept->content && frame->content && kept->content != frame->content;
        g_autofree char *reason = g_strdup_printf(
            sorting->conflicts[i] ? _("same SOP instance UID as %s but other pixels: not used")
                                  : _("a copy of %s (same SOP instance UID)"),
            name);
        sorting->reason[i] = dkm_frame_table_intern(sorting->table, reason);
    }
}

/* ---- one study -------------------------------------------------------------------------- */

static void series_free(gpointer data)
{
    DkmSeries *series = data;
    g_free(series->reason);
    g_array_unref(series->frames);
    g_free(series);
}

static void study_free(gpointer data)
{
    DkmStudy *study = data;
    g_ptr_array_unref(study->series);
    dkm_phases_unref(study->dce);
    g_free(study->dce_problem);
    g_ptr_array_unref(study->findings);
    g_free(study);
}

static DkmStudy *study_new(const DkmFrame *first)
{
    DkmStudy *study = g_new0(DkmStudy, 1);
    study->first = first;
    study->study_uid = first->study_uid;
    study->series = g_ptr_array_new_with_free_func(series_free);
    study->findings = g_ptr_array_new_with_free_func(g_free);
    return study;
}

static void give_reason(Sorting *sorting, const GArray *frames, const char *reason)
{
    const char *text = dkm_frame_table_intern(sorting->table, reason);
    for (guint i = 0; i < frames->len; i++)
        sorting->reason[g_array_index(frames, guint, i)] = text;
}

static void set_aside_other_groups(Sorting *sorting, const GPtrArray *groups)
{
    for (guint g = 1; g < groups->len; g++) {
        const DkmGroup *group = g_ptr_array_index(groups, g);
        g_autofree char *lattice = dkm_frame_lattice_words(group->first);
        g_autofree char *reason = g_strdup_printf(
            _("not part of the dynamics: another geometry or sequence (%u slices of %s)"),
            group->n_slices, lattice);
        give_reason(sorting, group->frames, reason);
    }
}

/* A study without several phases leaves a choice; say which single volume was taken. A lone slice
 * is a volume of one (the network works slice by slice), but few mean that. */
static void note_choice(DkmStudy *study, const GPtrArray *groups)
{
    const DkmGroup *chosen = g_ptr_array_index(groups, 0);
    guint volumes = 0;
    if (chosen->n_slices == 1 && chosen->per_slice == 1) {
        study->dce->confidence = DKM_CONFIDENCE_LOW;
        g_ptr_array_add(study->findings,
                        g_strdup(_("a single slice was taken as the pre-contrast volume")));
    }
    for (guint g = 0; g < groups->len; g++)
        volumes += ((const DkmGroup *)g_ptr_array_index(groups, g))->n_slices > 2;
    if (chosen->per_slice > 1 || volumes < 2)
        return;
    study->dce->confidence = DKM_CONFIDENCE_LOW;
    g_ptr_array_add(
        study->findings,
        g_strdup_printf(_("no series has several phases; of %u single volumes series %d "
                          "was taken as the pre-contrast one"),
                        volumes, chosen->first->series_number));
}

/* No image of a study is used where one of its files, used or not, names another patient. */
static gboolean is_of_one_patient(DkmStudy *study, Sorting *sorting, const GArray *frames,
                                  const GArray *kept)
{
    study->dce_problem = dkm_frames_patient_conflict(
        sorting->table, (const guint *)(void *)frames->data, frames->len);
    if (study->dce_problem)
        give_reason(sorting, kept, study->dce_problem);
    return study->dce_problem == NULL;
}

/* The first reason stands for all of them: mostly a study's images share it. */
static char *nothing_kept(const DkmStudy *study, const Sorting *sorting, const GArray *frames)
{
    const char *modality = study->first->modality ? study->first->modality : "unknown";
    g_autofree char *name = g_path_get_basename(study->first->path);
    return g_strdup_printf(_("no original MR images in this study (modality %s); %s: %s"), modality,
                           name, sorting->reason[g_array_index(frames, guint, 0)]);
}

static void find_dynamics(DkmStudy *study, Sorting *sorting, const GArray *kept)
{
    g_autoptr(GPtrArray) groups =
        dkm_groups_new(sorting->table, (const guint *)(void *)kept->data, kept->len);
    const DkmGroup *group = g_ptr_array_index(groups, 0);
    set_aside_other_groups(sorting, groups);
    study->dce_problem = dkm_groups_conflict(sorting->table, groups);
    if (!study->dce_problem) {
        g_autoptr(GError) error = NULL;
        study->dce = dkm_phases_find(sorting->table, (const guint *)(void *)group->frames->data,
                                     group->frames->len, &error);
        if (error)
            study->dce_problem = g_strdup(error->message);
    }
    if (study->dce) {
        note_choice(study, groups);
        for (guint a = 0; a < study->dce->aside->len; a++) {
            const DkmPhaseAside *aside = &g_array_index(study->dce->aside, DkmPhaseAside, a);
            give_reason(sorting, aside->frames, aside->reason);
        }
    } else {
        g_autofree char *reason = g_strdup_printf(_("no phases found: %s"), study->dce_problem);
        give_reason(sorting, group->frames, reason);
    }
}

/* One entry for the frames of a series that share a fate. */
static DkmSeries *find_series(DkmStudy *study, const DkmFrame *frame, const char *reason)
{
    for (guint s = study->series->len; s-- > 0;) {
        DkmSeries *series = g_ptr_array_index(study->series, s);
        if (g_strcmp0(series->series_uid, frame->series_uid) == 0 &&
            g_strcmp0(series->reason, reason) == 0)
            return series;
    }
    DkmSeries *series = g_new0(DkmSeries, 1);
    series->series_uid = frame->series_uid;
    series->description = frame->series_description;
    series->modality = frame->modality;
    series->number = frame->series_number;
    series->role = reason ? DKM_SERIES_SET_ASIDE : DKM_SERIES_DYNAMIC;
    series->reason = g_strdup(reason);
    series->frames = g_array_new(FALSE, FALSE, sizeof(guint));
    g_ptr_array_add(study->series, series);
    return series;
}

static int compare_series(const void *a, const void *b)
{
    const DkmSeries *p = *(DkmSeries *const *)a, *q = *(DkmSeries *const *)b;
    if (p->number != q->number)
        return p->number < q->number ? -1 : 1;
    const int by_uid = g_strcmp0(p->series_uid, q->series_uid);
    return by_uid ? by_uid : (int)p->role - (int)q->role;
}

/* The first one found is used; a person should know that it may be the wrong one. */
static void note_conflicts(DkmStudy *study, const Sorting *sorting, const GArray *frames)
{
    guint n = 0;
    for (guint i = 0; i < frames->len; i++)
        n += sorting->conflicts[g_array_index(frames, guint, i)];
    if (n)
        g_ptr_array_add(study->findings,
                        g_strdup_printf(ngettext("%u image is there twice with other pixels, and "
                                                 "the first of its files is used",
                                                 "%u images are there twice with other pixels, and "
                                                 "the first of their files is used",
                                                 n),
                                        n));
}

/* In place of what was found. */
static void take_chosen(DkmStudy *study, Sorting *sorting, const GArray *frames)
{
    if (!sorting->chosen || g_strcmp0(study->study_uid, sorting->chosen_uid) != 0)
        return;
    for (guint i = 0; i < frames->len; i++) {
        const guint index = g_array_index(frames, guint, i);
        if (!sorting->reason[index])
            sorting->reason[index] =
                dkm_frame_table_intern(sorting->table, _("set aside by a person"));
    }
    for (guint p = 0; p < sorting->chosen->n_phases; p++)
        for (int z = 0; z < sorting->chosen->grid.n[0]; z++)
            sorting->reason[sorting->chosen->phases[p].frames[z]] = NULL;
    dkm_phases_unref(study->dce);
    study->dce = dkm_phases_ref(sorting->chosen);
    g_clear_pointer(&study->dce_problem, g_free);
}

static void fill_study(DkmStudy *study, Sorting *sorting, const GArray *frames)
{
    note_conflicts(study, sorting, frames);
    g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < frames->len; i++) {
        const guint index = g_array_index(frames, guint, i);
        if (!sorting->reason[index])
            g_array_append_val(kept, index);
    }
    if (kept->len == 0)
        study->dce_problem = nothing_kept(study, sorting, frames);
    else if (is_of_one_patient(study, sorting, frames, kept))
        find_dynamics(study, sorting, kept);
    take_chosen(study, sorting, frames);
    for (guint i = 0; i < frames->len; i++) {
        const guint index = g_array_index(frames, guint, i);
        DkmSeries *series = find_series(study, frame_at(sorting, index), sorting->reason[index]);
        g_array_append_val(series->frames, index);
    }
    g_ptr_array_sort(study->series, compare_series);
}

/* ---- all studies ------------------------------------------------------------------------ */

static int compare_studies(const void *a, const void *b)
{
    const DkmStudy *p = *(DkmStudy *const *)a, *q = *(DkmStudy *const *)b;
    const int by_date = g_strcmp0(p->first->study_date, q->first->study_date);
    return by_date ? by_date : g_strcmp0(p->study_uid, q->study_uid);
}

static void free_array(gpointer data)
{
    g_array_unref(data);
}

static void fill_studies(DkmStudies *studies, Sorting *sorting)
{
    g_autoptr(GHashTable) by_uid = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_array);
    g_autoptr(GPtrArray) order = g_ptr_array_new();
    for (guint i = 0; i < sorting->table->frames->len; i++) {
        const char *uid = frame_at(sorting, i)->study_uid;
        GArray *frames = g_hash_table_lookup(by_uid, uid ? uid : "");
        if (!frames) {
            frames = g_array_new(FALSE, FALSE, sizeof(guint));
            g_hash_table_insert(by_uid, (gpointer)(uid ? uid : ""), frames);
            g_ptr_array_add(order, frames);
        }
        g_array_append_val(frames, i);
    }
    for (guint s = 0; s < order->len; s++) {
        const GArray *frames = g_ptr_array_index(order, s);
        DkmStudy *study = study_new(frame_at(sorting, g_array_index(frames, guint, 0)));
        fill_study(study, sorting, frames);
        g_ptr_array_add(studies->studies, study);
    }
    g_ptr_array_sort(studies->studies, compare_studies);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A file with one used frame is used; the others get one note each. */
static void account_files(DkmStudies *studies, const Sorting *sorting)
{
    g_autoptr(GHashTable) done = g_hash_table_new(g_str_hash, g_str_equal);
    const GArray *frames = studies->table->frames;
    for (guint i = 0; i < frames->len; i++) {
        const DkmFrame *frame = frame_at(sorting, i);
        if (!sorting->reason[i] && g_hash_table_add(done, (gpointer)frame->path))
            g_ptr_array_add(studies->used, (gpointer)frame->path);
    }
    g_ptr_array_sort(studies->used, compare_texts);
    g_array_append_vals(studies->notes, studies->table->notes->data, studies->table->notes->len);
    for (guint i = 0; i < frames->len; i++) {
        const DkmFrame *frame = frame_at(sorting, i);
        if (!g_hash_table_add(done, (gpointer)frame->path))
            continue;
        const DkmFileNote note = {.fate = DKM_FILE_SET_ASIDE,
                                  .path = frame->path,
                                  .reason = sorting->reason[i],
                                  .study_uid = frame->study_uid,
                                  .series_uid = frame->series_uid};
        g_array_append_val(studies->notes, note);
    }
}

static DkmStudies *studies_new(DkmFrameTable *table)
{
    DkmStudies *studies = g_new0(DkmStudies, 1);
    g_atomic_ref_count_init(&studies->refs);
    studies->table = dkm_frame_table_ref(table);
    studies->studies = g_ptr_array_new_with_free_func(study_free);
    studies->notes = g_array_new(FALSE, FALSE, sizeof(DkmFileNote));
    studies->used = g_ptr_array_new();
    return studies;
}

DkmStudies *dkm_studies_new_one(DkmFrameTable *table, const DkmFrame *first, DkmPhases *dce)
{
    DkmStudies *studies = studies_new(table);
    DkmStudy *study = study_new(first);
    study->dce = dkm_phases_ref(dce);
    g_ptr_array_add(studies->studies, study);
    return studies;
}

DkmStudies *dkm_studies_new(DkmFrameTable *table)
{
    return dkm_studies_new_chosen(table, NULL, NULL);
}

DkmStudies *dkm_studies_new_chosen(DkmFrameTable *table, const char *study_uid, DkmPhases *dce)
{
    DkmStudies *studies = studies_new(table);
    const gsize n = table->frames->len + 1;
    Sorting sorting = {.table = table,
                       .reason = g_new0(const char *, n),
                       .conflicts = g_new0(guint8, n),
                       .chosen_uid = study_uid,
                       .chosen = dce};
    set_aside_by_name(&sorting);
    set_aside_copies(&sorting);
    fill_studies(studies, &sorting);
    account_files(studies, &sorting);
    g_free(sorting.reason);
    g_free(sorting.conflicts);
    return studies;
}

DkmStudies *dkm_studies_ref(DkmStudies *studies)
{
    g_atomic_ref_count_inc(&studies->refs);
    return studies;
}

void dkm_studies_unref(DkmStudies *studies)
{
    if (!studies || !g_atomic_ref_count_dec(&studies->refs))
        return;
    g_ptr_array_unref(studies->studies);
    g_array_unref(studies->notes);
    g_ptr_array_unref(studies->used);
    dkm_frame_table_unref(studies->table);
    g_free(studies);
}

/* ---- the one study ---------------------------------------------------------------------- */

static void set_error_none(const DkmStudies *studies, GError **error)
{
    GString *problems = g_string_new(NULL);
    for (guint s = 0; s < studies->studies->len; s++) {
        const DkmStudy *study = g_ptr_array_index(studies->studies, s);
        g_string_append_printf(problems, "%s%s", problems->len ? "; " : "", study->dce_problem);
    }
    const DkmError code = studies->studies->len == 1 ? DKM_ERROR_GEOMETRY : DKM_ERROR_INPUT;
    g_set_error(error, DKM_ERROR, code, "%s",
                problems->len ? problems->str : _("no MR study found"));
    g_string_free(problems, TRUE);
}

const DkmStudy *dkm_studies_only_dce(const DkmStudies *studies, GError **error)
{
    const DkmStudy *only = NULL;
    GString *found = g_string_new(NULL);
    guint n = 0;
    for (guint s = 0; s < studies->studies->len; s++) {
        const DkmStudy *study = g_ptr_array_index(studies->studies, s);
        if (!study->dce)
            continue;
        only = study;
        n++;
        g_string_append_printf(found, "%s%s (%s)", n > 1 ? ", " : "",
                               study->first->study_date ? study->first->study_date : _("no date"),
                               study->study_uid ? study->study_uid : _("no UID"));
    }
    if (n == 0)
        set_error_none(studies, error);
    else if (n > 1)
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                    _("%u studies with MR volumes, give one of them: %s"), n, found->str);
    g_string_free(found, TRUE);
    return n == 1 ? only : NULL;
}
