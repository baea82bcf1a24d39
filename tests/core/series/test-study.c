#include "core/series/study.h"

#include "core/error.h"
#include "tests/core/series/frames.h"

#include <string.h>

enum { SLICES = 8 };

static gboolean ucsf(DkmFrame *f, int p, int z)
{
    (void)z;
    f->content_time_s = 36000 + 100.0 * p;
    return TRUE;
}

static DkmStudies *sorted(DkmFrameTable *table)
{
    DkmStudies *studies = dkm_studies_new(table);
    dkm_frame_table_unref(table); /* the studies hold their own reference */
    return studies;
}

static const DkmStudy *study_at(const DkmStudies *studies, guint i)
{
    g_assert_cmpuint(i, <, studies->studies->len);
    return g_ptr_array_index(studies->studies, i);
}

static guint count_paths(GHashTable *paths, const char *path)
{
    const guint n = GPOINTER_TO_UINT(g_hash_table_lookup(paths, path)) + 1;
    g_hash_table_insert(paths, (gpointer)path, GUINT_TO_POINTER(n));
    return n;
}

/* Used + set aside + refused = all; every frame is in exactly one series; reasons are words. */
static void assert_accounted(const DkmStudies *studies)
{
    const DkmFrameTable *table = studies->table;
    g_autoptr(GHashTable) all = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < table->frames->len; i++)
        g_hash_table_add(all, (gpointer)dkm_frame_table_get(table, i)->path);
    for (guint i = 0; i < table->notes->len; i++)
        g_hash_table_add(all, (gpointer)g_array_index(table->notes, DkmFileNote, i).path);
    for (guint i = 0; i < studies->used->len; i++)
        g_assert_cmpuint(count_paths(told, g_ptr_array_index(studies->used, i)), ==, 1);
    for (guint i = 0; i < studies->notes->len; i++) {
        const DkmFileNote *note = &g_array_index(studies->notes, DkmFileNote, i);
        g_assert_cmpuint(count_paths(told, note->path), ==, 1);
        g_assert_true(note->reason && *note->reason);
    }
    g_assert_cmpuint(g_hash_table_size(told), ==, g_hash_table_size(all));
    guint frames = 0;
    for (guint s = 0; s < studies->studies->len; s++) {
        const DkmStudy *study = study_at(studies, s);
        g_assert_cmpint(study->dce != NULL, ==, study->dce_problem == NULL);
        for (guint k = 0; k < study->series->len; k++) {
            const DkmSeries *series = g_ptr_array_index(study->series, k);
            g_assert_cmpint(series->reason == NULL, ==, series->role == DKM_SERIES_DYNAMIC);
            frames += series->frames->len;
        }
    }
    g_assert_cmpuint(frames, ==, table->frames->len);
}

static const char *reason_of(const DkmStudies *studies, const char *path)
{
    for (guint i = 0; i < studies->notes->len; i++)
        if (strcmp(g_array_index(studies->notes, DkmFileNote, i).path, path) == 0)
            return g_array_index(studies->notes, DkmFileNote, i).reason;
    return NULL;
}

/* ---- one study ----------------------------------------------------------------------------- */

static gboolean in_series(DkmFrame *f, const char *uid, int number)
{
    f->series_uid = uid;
    f->series_number = number;
    return TRUE;
}

/* The last "phase" is a subtraction by name. */
static gboolean with_subtraction(DkmFrame *f, int p, int z)
{
    if (p == 3) {
        in_series(f, "1.2.3.90", 9);
        f->series_description = "dyn SUB";
    }
    return ucsf(f, p, z);
}

static gboolean with_mip(DkmFrame *f, int p, int z)
{
    if (p == 3) {
        in_series(f, "1.2.3.90", 9);
        f->image_type = "DERIVED\\SECONDARY\\MIP";
    }
    return ucsf(f, p, z);
}

/* A localizer of three images on another lattice. */
static gboolean with_localizer(DkmFrame *f, int p, int z)
{
    if (p == 3) {
        in_series(f, "1.2.3.90", 0);
        f->rows = f->columns = 128;
        return z < 3;
    }
    return ucsf(f, p, z);
}

static gboolean a_series_a_phase(DkmFrame *f, int p, int z)
{
    static const char *const uids[] = {"1.2.3.10", "1.2.3.11", "1.2.3.12"};
    in_series(f, uids[p], p + 1);
    return ucsf(f, p, z);
}

static gboolean pre_and_post(DkmFrame *f, int p, int z)
{
    in_series(f, p ? "1.2.3.11" : "1.2.3.10", 1 + (p > 0));
    return ucsf(f, p, z);
}

static gboolean shifted_phase(DkmFrame *f, int p, int z)
{
    f->position_lps[2] += p == 2 ? 0.5 : 0;
    return a_series_a_phase(f, p, z);
}

static gboolean moved_phase(DkmFrame *f, int p, int z)
{
    f->position_lps[0] += p == 2 ? 3 : 0;
    return a_series_a_phase(f, p, z);
}

static gboolean lacks_one(DkmFrame *f, int p, int z)
{
    return ucsf(f, p, z) && !(p == 1 && z == 3);
}

static gboolean lacks_one_series(DkmFrame *f, int p, int z)
{
    return a_series_a_phase(f, p, z) && !(p == 1 && z == 3);
}

static gboolean no_geometry(DkmFrame *f, int p, int z)
{
    if (p == 2)
        f->position_lps[0] = NAN;
    return ucsf(f, p, z);
}

static gboolean huge_pixels(DkmFrame *f, int p, int z)
{
    f->spacing_mm[0] = f->spacing_mm[1] = 1e9;
    return ucsf(f, p, z);
}

static gboolean ct(DkmFrame *f, int p, int z)
{
    (void)p, (void)z;
    f->modality = "CT";
    f->sop_class_uid = "1.2.840.10008.5.1.4.1.1.2";
    return TRUE;
}

static gboolean of_a_patient(DkmFrame *f, int p, int z)
{
    f->patient_id = "SECRET-1";
    f->patient_name = z ? "Secret^A" : "SECRET^A^^";
    f->patient_birth_date = p ? "19600102" : NULL; /* one that lacks it is no other patient */
    return ucsf(f, p, z);
}

static gboolean other_id(DkmFrame *f, int p, int z)
{
    of_a_patient(f, p, z);
    f->patient_id = p == 1 && z == 3 ? "SECRET-2" : "SECRET-1";
    return TRUE;
}

/* The odd one comes first in the scrambled table. */
static gboolean other_name(DkmFrame *f, int p, int z)
{
    of_a_patient(f, p, z);
    f->patient_id = NULL;
    f->patient_name = p == 0 && z == 0 ? "SECRET^B" : "SECRET^A";
    return TRUE;
}

static gboolean other_birth_date(DkmFrame *f, int p, int z)
{
    a_series_a_phase(f, p, z);
    f->patient_birth_date = p == 2 ? "19600103" : "19600102";
    return TRUE;
}

/* What is set aside counts too: something in this study is not what it says. */
static gboolean other_subtraction(DkmFrame *f, int p, int z)
{
    with_subtraction(f, p, z);
    f->patient_id = p == 3 ? "SECRET-2" : "SECRET-1";
    return TRUE;
}

static gboolean one_slice(DkmFrame *f, int p, int z)
{
    return ucsf(f, p, z) && z == 2;
}

/* T2 (series 1), T1 (2) and another T1 with fewer slices (3): one volume each. */
static gboolean single_volumes(DkmFrame *f, int p, int z)
{
    static const char *const uids[] = {"1.2.3.10", "1.2.3.11", "1.2.3.12"};
    in_series(f, uids[p], p + 1);
    f->echo_time_ms = p == 0 ? 90 : 2.4;
    f->rows = p == 2 ? 64 : 32;
    return p < 2 || z < 5;
}

typedef struct {
    const char *name;
    FrameFill fill;
    int phases;             /* of the table */
    guint dce_phases, used; /* expected; 0: no dce */
    const char *says;       /* part of dce_problem, of the first finding, or of a reason */
} Row;

static const Row rows[] = {
    {"ucsf", ucsf, 3, 3, 24, NULL},
    {"with-subtraction", with_subtraction, 4, 3, 24, "subtraction (by its SeriesDescription)"},
    {"with-mip", with_mip, 4, 3, 24, "derived: maximum intensity projection"},
    {"with-localizer", with_localizer, 4, 3, 24, "another geometry or sequence (3 slices of 128"},
    {"a-series-a-phase", a_series_a_phase, 3, 3, 24, NULL},
    {"pre-and-post", pre_and_post, 4, 4, 32, NULL},
    {"single-phase", NULL, 1, 1, 8, NULL},
    {"single-volumes", single_volumes, 3, 1, 8, "3 single volumes series 2"},
    {"dynamic-slice", one_slice, 3, 3, 3, NULL},
    {"no-geometry", no_geometry, 3, 2, 16, "does not say where it lies"},
    {"lone-slice", one_slice, 1, 1, 1, "a single slice was taken as the pre-contrast volume"},
    {"lacks-one", lacks_one, 3, 2, 16, "not used: phase 2 of 3 lacks slice 4 of 8 (at 6.00 mm)"},
    {"lacks-one-series", lacks_one_series, 3, 2, 16, "lacks slice 4 of 8 (at 6.00 mm)"},
    {"shifted-phase", shifted_phase, 3, 0, 0, "phases of different geometry"},
    {"moved-phase", moved_phase, 3, 0, 0, "do not share one geometry"},
    {"one-patient", of_a_patient, 3, 3, 24, NULL},
    {"other-id", other_id, 3, 0, 0,
     "p1-s03.dcm belongs to another patient than the rest of its series"},
    {"other-name", other_name, 3, 0, 0,
     "p0-s00.dcm belongs to another patient than the rest of its series"},
    {"other-birth-date", other_birth_date, 3, 0, 0,
     "belongs to another patient than the rest of its study"},
    {"other-subtraction", other_subtraction, 4, 0, 0,
     "belongs to another patient than the rest of its study"},
    {"huge-pixels", huge_pixels, 3, 0, 0, "(modality MR); p0-s00.dcm: does not say where it lies"},
    {"ct", ct, 2, 0, 0, "no original MR images in this study (modality CT)"},
};

static gboolean says_somewhere(const DkmStudies *studies, const DkmStudy *study, const char *part)
{
    gboolean said = study->dce_problem && strstr(study->dce_problem, part);
    for (guint i = 0; i < study->findings->len; i++)
        said = said || strstr(g_ptr_array_index(study->findings, i), part);
    for (guint i = 0; i < studies->notes->len; i++)
        said = said || strstr(g_array_index(studies->notes, DkmFileNote, i).reason, part);
    return said;
}

static void test_row(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmStudies) studies = sorted(frames_new(row->phases, SLICES, row->fill));
    assert_accounted(studies);
    g_assert_cmpuint(studies->studies->len, ==, 1);
    const DkmStudy *study = study_at(studies, 0);
    g_assert_cmpuint(study->dce ? study->dce->n_phases : 0, ==, row->dce_phases);
    g_assert_cmpuint(studies->used->len, ==, row->used);
    g_assert_false(says_somewhere(studies, study, "SECRET"));
    if (row->says)
        g_assert_true(says_somewhere(studies, study, row->says));
    else
        g_assert_cmpuint(studies->notes->len, ==, 0);
    const DkmStudy *only = dkm_studies_only_dce(studies, &error);
    g_assert_true(only == (row->dce_phases ? study : NULL));
    if (only)
        return;
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
    g_assert_cmpstr(error->message, ==, study->dce_problem);
}

static void test_single_volume_is_low(void)
{
    g_autoptr(DkmStudies) studies = sorted(frames_new(3, SLICES, single_volumes));
    g_assert_cmpint(study_at(studies, 0)->dce->confidence, ==, DKM_CONFIDENCE_LOW);
}

static void test_roles(void)
{
    g_autoptr(DkmStudies) studies = sorted(frames_new(4, SLICES, with_subtraction));
    const DkmStudy *study = study_at(studies, 0);
    g_assert_cmpuint(study->series->len, ==, 2);
    const DkmSeries *used = g_ptr_array_index(study->series, 0);
    const DkmSeries *aside = g_ptr_array_index(study->series, 1);
    g_assert_cmpint(used->role, ==, DKM_SERIES_DYNAMIC);
    g_assert_cmpuint(used->frames->len, ==, 24);
    g_assert_cmpint(aside->role, ==, DKM_SERIES_SET_ASIDE);
    g_assert_cmpstr(aside->description, ==, "dyn SUB");
    g_assert_cmpint(aside->number, ==, 9);
}

/* ---- copies -------------------------------------------------------------------------------- */

static void add_copy(DkmFrameTable *table, int phase, int slice, const char *path)
{
    DkmFrame copy = *dkm_frame_table_get(table, frames_find(table, phase, slice));
    copy.path = path;
    dkm_frame_table_add(table, &copy);
}

static void test_copies(void)
{
    DkmFrameTable *table = frames_new(3, SLICES, ucsf);
    add_copy(table, 1, 3, "/copy/a.dcm");
    add_copy(table, 1, 3, "/copy/b.dcm");
    add_copy(table, 0, 0, "/copy/c.dcm");
    g_array_index(table->frames, DkmFrame, frames_find(table, 0, 0)).content = 17;
    g_array_index(table->frames, DkmFrame, table->frames->len - 1).content = 18;
    g_autoptr(DkmStudies) studies = sorted(table);
    assert_accounted(studies);
    g_assert_cmpuint(studies->used->len, ==, 24);
    g_assert_cmpuint(study_at(studies, 0)->dce->n_phases, ==, 3);
    assert_says(reason_of(studies, "/copy/a.dcm"), "a copy of p1-s03.dcm");
    assert_says(reason_of(studies, "/copy/b.dcm"), "a copy of p1-s03.dcm");
    assert_says(reason_of(studies, "/copy/c.dcm"), "other pixels");
    const GPtrArray *findings = study_at(studies, 0)->findings;
    g_assert_cmpuint(findings->len, ==, 1);
    assert_says(findings->pdata[0], "1 image is there twice with other pixels");
}

/* ---- files of many frames ------------------------------------------------------------------ */

static gboolean one_file(DkmFrame *f, int p, int z)
{
    f->path = "/study/enhanced.dcm";
    f->sop_instance_uid = "1.2.3.4.99";
    f->frame = p * SLICES + z;
    if (p == 3)
        f->image_type = "DERIVED\\PRIMARY";
    return ucsf(f, p, z);
}

static void test_one_file(void)
{
    DkmFrameTable *table = frames_new(4, SLICES, one_file);
    const guint n = table->frames->len;
    for (guint i = 0; i < n; i++) {
        DkmFrame copy = *dkm_frame_table_get(table, i);
        copy.path = "/study/copy.dcm";
        dkm_frame_table_add(table, &copy);
    }
    g_autoptr(DkmStudies) studies = sorted(table);
    assert_accounted(studies);
    g_assert_cmpuint(studies->used->len, ==, 1); /* some of its frames are set aside */
    g_assert_cmpuint(study_at(studies, 0)->dce->n_phases, ==, 3);
    g_assert_cmpuint(studies->notes->len, ==, 1);
    g_assert_nonnull(reason_of(studies, "/study/copy.dcm"));
}

/* ---- several studies, and files that gave no frame ----------------------------------------- */

static gboolean of_1999(DkmFrame *f, int p, int z)
{
    f->study_uid = "1.2.9";
    f->study_date = "19991231";
    g_autofree char *path = g_strconcat("/1999", f->path, NULL);
    f->path = g_intern_string(path);
    f->sop_instance_uid = f->path;
    return ucsf(f, p, z);
}

static void test_two_studies(void)
{
    g_autoptr(GError) error = NULL;
    DkmFrameTable *table = frames_new(3, SLICES, ucsf);
    frames_add(table, 2, SLICES, of_1999);
    g_autoptr(DkmStudies) studies = sorted(table);
    assert_accounted(studies);
    g_assert_cmpuint(studies->studies->len, ==, 2);
    g_assert_cmpstr(study_at(studies, 0)->study_uid, ==, "1.2.9"); /* by date */
    g_assert_cmpuint(study_at(studies, 0)->dce->n_phases, ==, 2);
    g_assert_cmpuint(study_at(studies, 1)->dce->n_phases, ==, 3);
    g_assert_null(dkm_studies_only_dce(studies, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    assert_says(error->message, "2 studies");
    assert_says(error->message, "19991231 (1.2.9)");
    assert_says(error->message, "20000101 (1.2.3)");
}

static void test_notes(void)
{
    DkmFrameTable *table = frames_new(3, SLICES, ucsf);
    dkm_frame_table_note(table, DKM_FILE_REFUSED, "/study/readme.txt", NULL, NULL,
                         "not a DICOM file");
    dkm_frame_table_note(table, DKM_FILE_SET_ASIDE, "/study/seg.dcm", "1.2.3", "1.2.3.77",
                         "segmentation object (SEG)");
    g_autoptr(DkmStudies) studies = sorted(table);
    assert_accounted(studies);
    g_assert_cmpuint(studies->used->len, ==, 24);
    g_assert_cmpuint(studies->notes->len, ==, 2);
    for (guint i = 1; i < studies->used->len; i++)
        g_assert_cmpint(
            strcmp(g_ptr_array_index(studies->used, i - 1), g_ptr_array_index(studies->used, i)), <,
            0);
}

static void test_nothing(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmStudies) studies = sorted(dkm_frame_table_new());
    assert_accounted(studies);
    g_assert_null(dkm_studies_only_dce(studies, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_assert_cmpstr(error->message, ==, "no MR study found");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/study/", rows[i].name, NULL);
        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/study/single-volume-is-low", test_single_volume_is_low);
    g_test_add_func("/study/roles", test_roles);
    g_test_add_func("/study/copies", test_copies);
    g_test_add_func("/study/one-file", test_one_file);
    g_test_add_func("/study/two-studies", test_two_studies);
    g_test_add_func("/study/notes", test_notes);
    g_test_add_func("/study/nothing", test_nothing);
    return g_test_run();
}
