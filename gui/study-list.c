#include "gui/study-list.h"

#include "core/edit/journal.h"
#include "dicom/dicom.h"
#include "gui/i18n.h"
#include "gui/jobs.h"
#include "gui/study-marks.h"

#include <string.h>

typedef struct {
    DkmStudyRow shown;
    guint32 *picture;
    char *text; /* all that is searched, folded */
} Row;

struct _DkmStudyList {
    GObject parent;
    DkmStudies *studies;
    GHashTable *reviewed;
    GPtrArray *summaries;
    Row *rows;
    GArray *wanted; /* of guint: rows, the next one last */
    DkmJob *drawing;
    guint drawn; /* the row that is being drawn */
};

G_DEFINE_FINAL_TYPE(DkmStudyList, dkm_study_list, G_TYPE_OBJECT)

enum { SIGNAL_ROW_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

GHashTable *dkm_studies_find_reviewed(const DkmStudies *studies, GCancellable *cancel)
{
    GHashTable *reviewed = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < studies->notes->len && !g_cancellable_is_cancelled(cancel); i++) {
        const DkmFileNote *note = &g_array_index(studies->notes, DkmFileNote, i);
        if (note->study_uid && note->reason && strstr(note->reason, "(SEG)") &&
            !g_hash_table_contains(reviewed, note->study_uid) &&
            dkm_dicom_seg_review(note->path) == DKM_SEG_REVIEWED)
            g_hash_table_add(reviewed, (gpointer)note->study_uid);
    }
    return reviewed;
}

/* --- life ------------------------------------------------------------------------------------- */

static void dkm_study_list_init(DkmStudyList *self)
{
    self->wanted = g_array_new(FALSE, FALSE, sizeof(guint));
}

static void finalize(GObject *object)
{
    DkmStudyList *self = DKM_STUDY_LIST(object);
    dkm_job_drop(self->drawing);
    for (guint i = 0; self->summaries && i < self->summaries->len; i++) {
        g_free(self->rows[i].picture);
        g_free(self->rows[i].text);
    }
    g_free(self->rows);
    g_array_unref(self->wanted);
    g_clear_pointer(&self->summaries, g_ptr_array_unref);
    g_clear_pointer(&self->reviewed, g_hash_table_unref);
    dkm_studies_unref(self->studies);
    G_OBJECT_CLASS(dkm_study_list_parent_class)->finalize(object);
}

static void dkm_study_list_class_init(DkmStudyListClass *class)
{
    G_OBJECT_CLASS(class)->finalize = finalize;
    signals[SIGNAL_ROW_CHANGED] =
        g_signal_new("row-changed", DKM_TYPE_STUDY_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                     G_TYPE_NONE, 1, G_TYPE_UINT);
}

static char *search_text(const DkmStudySummary *summary)
{
    g_autofree char *text =
        g_strjoin("\n", summary->patient_name, summary->patient_id, summary->birth_date,
                  summary->study_date, summary->description, summary->phases, NULL);
    return g_utf8_casefold(text, -1);
}

DkmStudyList *dkm_study_list_new(DkmStudies *studies, GHashTable *reviewed)
{
    DkmStudyList *self = g_object_new(DKM_TYPE_STUDY_LIST, NULL);
    self->studies = dkm_studies_ref(studies);
    self->reviewed = g_hash_table_ref(reviewed);
    self->summaries = dkm_studies_summarise(studies);
    self->rows = g_new0(Row, self->summaries->len + 1);
    for (guint i = 0; i < self->summaries->len; i++) {
        Row *row = &self->rows[i];
        row->shown.summary = self->summaries->pdata[i];
        row->shown.has_no_picture = row->shown.summary->n_phases == 0;
        row->text = search_text(row->shown.summary);
    }
    dkm_study_list_refresh(self, NULL, FALSE);
    return self;
}

/* --- what it holds ---------------------------------------------------------------------------- */

DkmStudies *dkm_study_list_studies(DkmStudyList *self)
{
    return self->studies;
}

guint dkm_study_list_count(DkmStudyList *self)
{
    return self->summaries->len;
}

guint dkm_study_list_count_patients(DkmStudyList *self)
{
    const guint n = self->summaries->len;
    return n ? self->rows[n - 1].shown.summary->patient + 1 : 0;
}

const DkmStudyRow *dkm_study_list_get(DkmStudyList *self, guint row)
{
    g_return_val_if_fail(row < self->summaries->len, NULL);
    return &self->rows[row].shown;
}

static const char *uid_of(const DkmStudyList *self, guint row)
{
    const char *uid = self->rows[row].shown.summary->study->study_uid;
    return uid ? uid : "";
}

int dkm_study_list_find(DkmStudyList *self, const char *study_uid)
{
    for (guint i = 0; i < self->summaries->len; i++)
        if (strcmp(uid_of(self, i), study_uid ? study_uid : "") == 0)
            return (int)i;
    return -1;
}

static gboolean is_inside(const char *path, const char *folder)
{
    const gsize n = strlen(folder);
    return strncmp(path, folder, n) == 0 && (path[n] == '/' || (n > 0 && folder[n - 1] == '/'));
}

/* FOLDER (taken), or the deepest one above it that PATH lies in; a relative path may have none. */
static char *widen(char *folder, const char *path)
{
    while (!is_inside(path, folder)) {
        char *above = g_path_get_dirname(folder);
        const gboolean is_top = strcmp(above, folder) == 0;
        g_free(folder);
        folder = above;
        if (is_top)
            break;
    }
    return folder;
}

char *dkm_study_list_folder(DkmStudyList *self, guint row)
{
    const DkmStudy *study = self->rows[row].shown.summary->study;
    char *folder = g_path_get_dirname(study->first->path);
    for (guint s = 0; s < study->series->len; s++) {
        const DkmSeries *series = study->series->pdata[s];
        for (guint i = 0; i < series->frames->len; i++) {
            const guint frame = g_array_index(series->frames, guint, i);
            folder = widen(folder, dkm_frame_table_get(self->studies->table, frame)->path);
        }
    }
    return folder;
}

gboolean dkm_study_list_owns_folder(DkmStudyList *self, guint row)
{
    g_autofree char *folder = dkm_study_list_folder(self, row);
    g_autofree char *inside = g_strconcat(folder, "/", NULL);
    const GArray *frames = self->studies->table->frames;
    for (guint i = 0; i < frames->len; i++) {
        const DkmFrame *frame = dkm_frame_table_get(self->studies->table, i);
        if (g_str_has_prefix(frame->path, inside) &&
            strcmp(frame->study_uid ? frame->study_uid : "", uid_of(self, row)) != 0)
            return FALSE;
    }
    return TRUE;
}

/* --- states ----------------------------------------------------------------------------------- */

static DkmStudyState state_of(const DkmStudyList *self, const char *uid, gboolean has_edits,
                              const DkmStudyMarks *marks)
{
    const DkmStudyMark mark = dkm_study_marks_get(marks, uid);
    if (has_edits)
        return DKM_STUDY_BEGUN;
    if (mark == DKM_STUDY_SAVED_ACCEPTED || g_hash_table_contains(self->reviewed, uid))
        return DKM_STUDY_ACCEPTED;
    return mark == DKM_STUDY_SAVED ? DKM_STUDY_BEGUN : DKM_STUDY_UNREAD;
}

void dkm_study_list_refresh(DkmStudyList *self, const char *open_uid, gboolean is_unsaved)
{
    g_autofree char *edits = dkm_journal_folder(NULL);
    g_autoptr(DkmStudyMarks) marks = dkm_study_marks_load();
    for (guint i = 0; i < self->summaries->len; i++) {
        const char *uid = uid_of(self, i);
        const gboolean has_edits = open_uid && strcmp(open_uid, uid) == 0
                                       ? is_unsaved
                                       : edits && *uid && dkm_journal_exists(edits, uid);
        self->rows[i].shown.state = state_of(self, uid, has_edits, marks);
    }
}

const char *dkm_study_state_words(DkmStudyState state)
{
    static const char *const words[] = {[DKM_STUDY_UNREAD] = N_("unread"),
                                        [DKM_STUDY_BEGUN] = N_("in progress"),
                                        [DKM_STUDY_ACCEPTED] = N_("accepted")};
    return _(words[state]);
}

char *dkm_study_row_findings(const DkmStudyRow *row, const char *separator)
{
    GString *text = g_string_new(NULL);
    const GPtrArray *findings = row->summary->findings;
    for (guint i = 0; i < findings->len; i++)
        g_string_append_printf(text, "%s%s", i ? separator : "", (const char *)findings->pdata[i]);
    return g_string_free(text, FALSE);
}

/* --- pictures --------------------------------------------------------------------------------- */

typedef struct {
    DkmStudies *studies;
    const DkmStudy *study;
} DrawInput;

static DrawInput *draw_input_new(DkmStudies *studies, const DkmStudy *study)
{
    DrawInput *input = g_new(DrawInput, 1);
    *input = (DrawInput){dkm_studies_ref(studies), study};
    return input;
}

static void draw_input_free(gpointer data)
{
    dkm_studies_unref(((DrawInput *)data)->studies);
    g_free(data);
}

static gpointer draw_work(gpointer data, DkmProgress *progress, GCancellable *cancel,
                          GError **error)
{
    const DrawInput *input = data;
    return dkm_thumbnail_draw(input->studies, input->study, cancel, error);
}

static void draw_next(DkmStudyList *self);

/* A study that cannot be decoded says so when it is opened: here it has no picture. */
static void on_drawn(gpointer data, const GError *error, gpointer user)
{
    DkmStudyList *self = user;
    Row *row = &self->rows[self->drawn];
    g_clear_pointer(&self->drawing, dkm_job_drop);
    row->shown.picture = row->picture = data;
    row->shown.has_no_picture = data == NULL;
    draw_next(self);
    g_signal_emit(self, signals[SIGNAL_ROW_CHANGED], 0, (guint)(row - self->rows));
}

static void draw_next(DkmStudyList *self)
{
    if (self->drawing || self->wanted->len == 0)
        return;
    self->drawn = g_array_index(self->wanted, guint, self->wanted->len - 1);
    g_array_set_size(self->wanted, self->wanted->len - 1);
    const DkmStudy *study = self->rows[self->drawn].shown.summary->study;
    const DkmJobSpec spec = {
        DKM_LANE_POOL, draw_work, draw_input_new(self->studies, study), draw_input_free, g_free,
        on_drawn,      self};
    self->drawing = dkm_job_start(&spec);
}

void dkm_study_list_want(DkmStudyList *self, guint row)
{
    const DkmStudyRow *shown = dkm_study_list_get(self, row);
    if (!shown || shown->picture || shown->has_no_picture || (self->drawing && self->drawn == row))
        return;
    for (guint i = self->wanted->len; i-- > 0;)
        if (g_array_index(self->wanted, guint, i) == row)
            g_array_remove_index(self->wanted, i);
    g_array_append_val(self->wanted, row);
    draw_next(self);
}

void dkm_study_list_want_none(DkmStudyList *self)
{
    g_array_set_size(self->wanted, 0);
    g_clear_pointer(&self->drawing, dkm_job_drop);
}

/* --- order and search ------------------------------------------------------------------------- */

static int compare_numbers(guint a, guint b)
{
    return (a > b) - (a < b);
}

/* -1, 0, 1: how far apart, strcmp() does not say the same twice. */
static int compare_texts(const char *a, const char *b)
{
    const int order = strcmp(a, b);
    return (order > 0) - (order < 0);
}

static int compare_words(const char *a, const char *b)
{
    const int order = g_utf8_collate(a, b);
    return (order > 0) - (order < 0);
}

/* IDs and dates by their characters, words as a person's language has them. */
static int compare_by(const DkmStudyRow *a, const DkmStudyRow *b, DkmStudyColumn column)
{
    const DkmStudySummary *p = a->summary, *q = b->summary;
    switch (column) {
    case DKM_STUDY_BY_ID:
        return compare_texts(p->patient_id, q->patient_id);
    case DKM_STUDY_BY_BIRTH:
        return compare_texts(p->birth_date, q->birth_date);
    case DKM_STUDY_BY_DATE:
        return compare_texts(p->study_date, q->study_date);
    case DKM_STUDY_BY_DESCRIPTION:
        return compare_words(p->description, q->description);
    case DKM_STUDY_BY_PHASES:
        return compare_numbers(p->n_phases, q->n_phases);
    case DKM_STUDY_BY_FILES:
        return compare_numbers(p->n_files, q->n_files);
    case DKM_STUDY_BY_STATE:
        return compare_numbers(a->state, b->state);
    case DKM_STUDY_BY_FINDINGS:
        return compare_numbers(p->findings->len, q->findings->len);
    default:
        return compare_numbers(p->patient, q->patient);
    }
}

int dkm_study_list_compare(DkmStudyList *self, guint a, guint b, DkmStudyColumn column)
{
    const int by_column = compare_by(&self->rows[a].shown, &self->rows[b].shown, column);
    return by_column ? by_column : compare_numbers(a, b);
}

gboolean dkm_study_list_matches(DkmStudyList *self, guint row, const char *text)
{
    g_autofree char *folded = g_utf8_casefold(text, -1);
    g_auto(GStrv) words = g_strsplit(folded, " ", -1);
    for (guint i = 0; words[i]; i++)
        if (*words[i] && !strstr(self->rows[row].text, words[i]) &&
            !strstr(dkm_study_state_words(self->rows[row].shown.state), words[i]))
            return FALSE;
    return TRUE;
}
