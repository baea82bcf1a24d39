/* Every layout with every defect, written as DICOM, scanned, and told apart: how many phases, by
 * which attribute, on which clock, on what evidence; or why not, in which words. */
#include "dicom/dicom.h"
#include "tests/dicom/fixture.h"
#include "tests/support/says.h"

#include <math.h>
#include <string.h>

enum { PHASES = 3, SLICES = 6 };

/* How a vendor's phases are told apart; the keys that say nothing are left out of the evidence. */
typedef struct {
    const char *name, *key, *clock;
    const char *evidence, *evidence_of_series; /* the second where they are two series */
} Layout;

static const Layout layouts[] = {
    {"ucsf", "ContentTime", "ContentTime",
     "AcquisitionNumber fails, ContentTime chosen, InstanceNumber agrees",
     "AcquisitionNumber fails, ContentTime chosen, SeriesInstanceUID fails, InstanceNumber agrees"},
    {"ge", "TriggerTime", "TriggerTime", "TriggerTime chosen, InstanceNumber agrees",
     "TriggerTime chosen, SeriesInstanceUID fails, InstanceNumber agrees"},
    {"siemens", "AcquisitionTime", "AcquisitionTime",
     "AcquisitionTime chosen, ContentTime agrees, SeriesInstanceUID agrees, InstanceNumber agrees",
     "AcquisitionTime chosen, ContentTime agrees, SeriesInstanceUID fails, InstanceNumber agrees"},
    {"philips", "TemporalPositionIdentifier", "TriggerTime",
     "TemporalPositionIdentifier chosen, TriggerTime agrees, InstanceNumber agrees",
     "TemporalPositionIdentifier chosen, TriggerTime agrees, SeriesInstanceUID fails, "
     "InstanceNumber agrees"},
    {"enhanced", "TemporalPositionIdentifier", "AcquisitionDateTime",
     "TemporalPositionIdentifier chosen, AcquisitionNumber agrees, AcquisitionDateTime agrees",
     "TemporalPositionIdentifier chosen, AcquisitionNumber agrees, ContentTime fails, "
     "AcquisitionDateTime agrees, SeriesInstanceUID fails"},
};

/* What comes of it. */
typedef struct {
    const char *name;     /* NULL: sound */
    const char *says[2];  /* why there are no phases; NULL: there are */
    const char *aside[2]; /* reasons of files beside them, of an own series or not used */
    guint n_aside[2];     /* so many files each: one a slice, one an object */
} Defect;

static const Defect defects[] = {
    {"sound", {NULL}, {NULL}, {0}},
    {"series", {NULL}, {NULL}, {0}},
    {"derived", {NULL}, {"derived: subtraction", "derived: projection"}, {SLICES, 1}},
    {"copies", {NULL}, {"same SOP instance UID"}, {1}},
    {"double", {"slice 2 of 6 (at 128.42 mm) has 4 images", "comes twice in phase 2"}, {NULL}, {0}},
    {"missing", {NULL}, {"not used: phase 2 of 3 lacks slice 2 of 6 (at 128.42 mm)"}, {SLICES - 1}},
    {"uneven", {"uneven slice spacing: slice 5 and slice 6", "2.60 mm apart"}, {NULL}, {0}},
    {"tilted", {"sheared stack (tilted gantry?)", "slice 3 of 6, lies 0.70 mm"}, {NULL}, {0}},
    {"mixed",
     {"mixed geometry in one series: 18 images are 5 x 7", "axial, 2 are 5 x 7"},
     {"not part of the dynamics: another geometry"},
     {2}},
};

typedef struct {
    const Layout *layout;
    const Defect *defect;
} Row;

static DkmStudies *write_and_scan(const Row *row)
{
    GError *error = NULL;
    const DkmGrid grid = fixture_grid(LATTICE_OBLIQUE, SLICES, 5, 7);
    g_autofree char *folder = fixture_folder();
    DkmVolume *volumes[PHASES];
    for (guint p = 0; p < PHASES; p++)
        volumes[p] = fixture_volume(&grid, TRUE, p);
    const DkmMrRequest request = {.volumes = (const DkmVolume *const *)volumes,
                                  .n_phases = PHASES,
                                  .t_seconds = fixture_t_seconds,
                                  .layout = row->layout->name,
                                  .defect = row->defect == defects ? NULL : row->defect->name,
                                  .seed = 7};
    dkm_dicom_write_mr(&request, folder, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(DkmFrameTable) table = dkm_dicom_scan(folder, NULL, NULL, &error);
    g_assert_no_error(error);
    for (guint p = 0; p < PHASES; p++)
        dkm_volume_unref(volumes[p]);
    fixture_remove(folder);
    return dkm_studies_new(table);
}

/* "ContentTime chosen, AcquisitionNumber fails" */
static char *evidence_words(const DkmPhases *phases)
{
    static const char *const verdicts[] = {"chosen", "agrees", "disagrees", "fails"};
    GString *words = g_string_new(NULL);
    for (guint i = 0; i < phases->evidence->len; i++) {
        const DkmKeyEvidence *e = &g_array_index(phases->evidence, DkmKeyEvidence, i);
        if (e->verdict != DKM_VERDICT_ABSENT)
            g_string_append_printf(words, "%s%s %s", words->len ? ", " : "", e->key,
                                   verdicts[e->verdict]);
    }
    return g_string_free(words, FALSE);
}

static void assert_phases(const DkmStudy *study, const DkmFrameTable *table, const Row *row)
{
    const DkmPhases *dce = study->dce;
    const gboolean two_series = strcmp(row->defect->name, "series") == 0;
    g_autofree char *evidence = evidence_words(dce);
    g_assert_cmpstr(dce->key, ==, row->layout->key);
    g_assert_cmpstr(dce->clock, ==, row->layout->clock);
    g_assert_cmpint(dce->confidence, ==, DKM_CONFIDENCE_HIGH);
    g_assert_cmpstr(evidence, ==,
                    two_series ? row->layout->evidence_of_series : row->layout->evidence);
    g_assert_cmpuint(study->findings->len + dce->findings->len, ==, 0);
    g_assert_cmpuint(dce->n_phases, ==, PHASES);
    g_assert_cmpint(dce->grid.n[0], ==, SLICES);
    for (guint p = 0; p < PHASES; p++) {
        g_assert_cmpfloat_with_epsilon(dce->phases[p].t_seconds, fixture_t_seconds[p], 1e-3);
        for (int z = 0; z < SLICES; z++) { /* instance numbers count slices, then phases */
            const DkmFrame *frame = dkm_frame_table_get(table, dce->phases[p].frames[z]);
            double lps[3];
            dkm_grid_to_lps(&dce->grid, (double[]){z, 0, 0}, lps);
            for (int k = 0; k < 3; k++)
                g_assert_cmpfloat_with_epsilon(frame->position_lps[k], lps[k], 1e-3);
        }
    }
}

/* The phase that lacks a slice is aside, the others stand, with the times that they have. */
static void assert_incomplete(const DkmPhases *dce, const Row *row)
{
    g_assert_nonnull(dce);
    g_assert_cmpuint(dce->n_phases, ==, PHASES - 1);
    g_assert_cmpint(dce->grid.n[0], ==, SLICES);
    g_assert_cmpstr(dce->clock, ==, row->layout->clock);
    g_assert_cmpfloat_with_epsilon(dce->phases[1].t_seconds, fixture_t_seconds[2], 1e-3);
    assert_says(dce->findings->pdata[0], "only two phases");
    assert_says(dce->findings->pdata[1],
                "phase 2 of 3 lacks slice 2 of 6 (at 128.42 mm) and is set aside: subtraction and "
                "kinetics use the other phases");
}

static guint count_aside(const DkmStudies *studies, const char *says)
{
    guint n = 0;
    for (guint i = 0; i < studies->notes->len; i++)
        n += strstr(g_array_index(studies->notes, DkmFileNote, i).reason, says) != NULL;
    return n;
}

static void test_row(gconstpointer data)
{
    const Row *row = data;
    const gboolean is_enhanced = strcmp(row->layout->name, "enhanced") == 0;
    g_autoptr(DkmStudies) studies = write_and_scan(row);
    g_assert_cmpuint(studies->studies->len, ==, 1);
    const DkmStudy *study = studies->studies->pdata[0];
    const gboolean is_incomplete = strcmp(row->defect->name, "missing") == 0;
    if (is_incomplete)
        assert_incomplete(study->dce, row);
    else if (!row->defect->says[0])
        assert_phases(study, studies->table, row);
    for (guint i = 0; i < 2 && row->defect->says[i]; i++)
        assert_says(study->dce_problem, row->defect->says[i]);
    for (guint i = 0; i < 2 && row->defect->aside[i]; i++) {
        const gboolean in_used = row->defect->says[0] || is_incomplete; /* the one file */
        const guint files = !is_enhanced ? row->defect->n_aside[i] : in_used ? 0 : 1;
        g_assert_cmpuint(count_aside(studies, row->defect->aside[i]), ==, files);
    }
    if (!row->defect->says[0])
        g_assert_cmpuint(studies->notes->len, ==,
                         (is_enhanced ? !is_incomplete : row->defect->n_aside[0]) *
                                 (row->defect->aside[0] != NULL) +
                             (row->defect->aside[1] != NULL));
}

int main(int argc, char **argv)
{
    static Row rows[G_N_ELEMENTS(layouts) * G_N_ELEMENTS(defects)];
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        rows[i] = (Row){&layouts[i % G_N_ELEMENTS(layouts)], &defects[i / G_N_ELEMENTS(layouts)]};
        g_autofree char *path =
            g_strdup_printf("/phase-table/%s/%s", rows[i].layout->name, rows[i].defect->name);
        g_test_add_data_func(path, &rows[i], test_row);
    }
    return g_test_run();
}
