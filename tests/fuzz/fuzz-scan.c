/* A file through the scan, then its frames to studies and phases. */
#include "dicom/dicom.h"
#include "tests/fuzz/fuzz.h"

static void check_phases(const DkmFrameTable *table, const DkmPhases *phases)
{
    g_assert_cmpuint(phases->n_phases, >, 0);
    for (guint p = 0; p < phases->n_phases; p++)
        for (int z = 0; z < phases->grid.n[0]; z++)
            g_assert_cmpuint(phases->phases[p].frames[z], <, table->frames->len);
}

void fuzz_one(FuzzInput *input)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmFrameTable) table = dkm_dicom_scan(input->path, NULL, NULL, &error);
    if (!table) {
        g_assert_true(error && *error->message);
        return;
    }
    g_assert_no_error(error);
    g_autoptr(DkmStudies) studies = dkm_studies_new(table);
    for (guint i = 0; i < studies->studies->len; i++) {
        const DkmStudy *study = studies->studies->pdata[i];
        g_assert_true((study->dce != NULL) != (study->dce_problem != NULL));
        if (study->dce)
            check_phases(table, study->dce);
    }
    g_assert_cmpuint(studies->used->len + studies->notes->len, ==, 1); /* files */
}
