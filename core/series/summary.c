#include "core/series/summary.h"

#include "core/i18n.h"
#include "core/series/words.h"

#include <string.h>

static void summary_free(gpointer data)
{
    DkmStudySummary *self = data;
    g_free(self->patient_name);
    g_free(self->patient_id);
    g_free(self->birth_date);
    g_free(self->study_date);
    g_free(self->description);
    g_free(self->phases);
    g_ptr_array_unref(self->findings);
    g_free(self);
}

/* ---- what one study says ---------------------------------------------------------------- */

static char *phase_words(guint n)
{
    static const char *const few[] = {NULL, N_("1: pre"), N_("2: pre, post"),
                                      N_("3: pre, early, late")};
    if (n == 0)
        return g_strdup(_("none"));
    if (n < G_N_ELEMENTS(few))
        return g_strdup(_(few[n]));
    return g_strdup_printf(_("%u: pre, early, late, %u more"), n, n - 3);
}

static void add_findings(GPtrArray *to, const GPtrArray *from)
{
    for (guint i = 0; i < from->len; i++)
        g_ptr_array_add(to, g_strdup(from->pdata[i]));
}

static void find_findings(DkmStudySummary *self)
{
    const DkmStudy *study = self->study;
    if (!study->dce)
        g_ptr_array_add(self->findings,
                        g_strdup(study->dce_problem ? study->dce_problem : _("no MR volume")));
    else if (study->dce->n_phases == 1)
        g_ptr_array_add(self->findings, g_strdup(_("pre-contrast only")));
    else if (study->dce->confidence == DKM_CONFIDENCE_LOW)
        g_ptr_array_add(self->findings, g_strdup(_("the order of the phases is doubtful")));
    if (study->dce)
        add_findings(self->findings, study->dce->findings);
    add_findings(self->findings, study->findings);
}

static DkmStudySummary *summary_new(const DkmStudy *study)
{
    const DkmFrame *first = study->first;
    DkmStudySummary *self = g_new0(DkmStudySummary, 1);
    self->study = study;
    self->patient_name = dkm_person_name_words(first->patient_name);
    self->patient_id = g_strdup(first->patient_id ? first->patient_id : _("(no ID)"));
    self->birth_date = dkm_date_words(first->patient_birth_date);
    self->study_date = dkm_date_words(first->study_date);
    self->description = g_strdup(first->study_description ? first->study_description : "");
    self->n_phases = study->dce ? study->dce->n_phases : 0;
    self->phases = phase_words(self->n_phases);
    self->findings = g_ptr_array_new_with_free_func(g_free);
    find_findings(self);
    return self;
}

/* ---- files ------------------------------------------------------------------------------ */

/* A file counts once, whether it holds frames or has a note alone. */
static void count_files(GPtrArray *summaries, const DkmStudies *studies)
{
    g_autoptr(GHashTable) by_uid = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < summaries->len; i++) {
        DkmStudySummary *self = summaries->pdata[i];
        g_hash_table_insert(by_uid,
                            (gpointer)(self->study->study_uid ? self->study->study_uid : ""), self);
    }
    const GArray *frames = studies->table->frames, *notes = studies->notes;
    for (guint i = 0; i < frames->len + notes->len; i++) {
        const DkmFrame *frame = i < frames->len ? dkm_frame_table_get(studies->table, i) : NULL;
        const DkmFileNote *note =
            frame ? NULL : &g_array_index(notes, DkmFileNote, i - frames->len);
        const char *uid = frame ? frame->study_uid : note->study_uid;
        const char *path = frame ? frame->path : note->path;
        DkmStudySummary *self = g_hash_table_lookup(by_uid, uid ? uid : "");
        if (self && g_hash_table_add(seen, (gpointer)path))
            self->n_files++;
    }
}

/* ---- patients --------------------------------------------------------------------------- */

/* Equal for one patient: case and empty parts at the end of a name say nothing. */
static char *patient_key(const DkmStudySummary *self)
{
    const DkmFrame *first = self->study->first;
    g_autofree char *name = g_utf8_casefold(self->patient_name, -1);
    return g_strdup_printf("%s\n%s\n%s", name, first->patient_id ? first->patient_id : "",
                           first->patient_birth_date ? first->patient_birth_date : "");
}

static int compare_summaries(gconstpointer a, gconstpointer b)
{
    const DkmStudySummary *p = *(DkmStudySummary *const *)a, *q = *(DkmStudySummary *const *)b;
    g_autofree char *p_key = patient_key(p), *q_key = patient_key(q);
    const int by_key = g_utf8_collate(p_key, q_key), by_text = strcmp(p_key, q_key);
    if (by_text)
        return by_key ? by_key : by_text;
    const int by_date = strcmp(q->study_date, p->study_date);
    return by_date ? by_date : g_strcmp0(p->study->study_uid, q->study->study_uid);
}

static void number_patients(GPtrArray *summaries)
{
    g_autofree char *last = NULL;
    guint n = 0;
    for (guint i = 0; i < summaries->len; i++) {
        DkmStudySummary *self = summaries->pdata[i];
        char *key = patient_key(self);
        n += last && strcmp(last, key) != 0;
        self->patient = n;
        g_free(last);
        last = key;
    }
}

/* Two patients of one ID: somebody has mistyped it, or the files are mixed up. */
static void find_shared_ids(GPtrArray *summaries)
{
    for (guint i = 0; i < summaries->len; i++) {
        DkmStudySummary *self = summaries->pdata[i];
        gboolean is_shared = FALSE;
        for (guint j = 0; j < summaries->len && self->study->first->patient_id; j++) {
            const DkmStudySummary *other = summaries->pdata[j];
            is_shared = is_shared || (other->patient != self->patient &&
                                      g_strcmp0(other->study->first->patient_id,
                                                self->study->first->patient_id) == 0);
        }
        if (is_shared)
            g_ptr_array_insert(self->findings, self->n_phases == 0 ? 1 : 0,
                               g_strdup(_("another patient here has the same ID")));
    }
}

GPtrArray *dkm_studies_summarise(const DkmStudies *studies)
{
    GPtrArray *summaries = g_ptr_array_new_with_free_func(summary_free);
    for (guint s = 0; s < studies->studies->len; s++)
        g_ptr_array_add(summaries, summary_new(studies->studies->pdata[s]));
    count_files(summaries, studies);
    g_ptr_array_sort(summaries, compare_summaries);
    number_patients(summaries);
    find_shared_ids(summaries);
    return summaries;
}
