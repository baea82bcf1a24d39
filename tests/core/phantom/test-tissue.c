#include "core/phantom/contrast.h"
#include "core/phantom/protocol.h"

/* Enhancement in percent at MINUTES after the injection. */
static double enhancement(DkmTissue which, double minutes)
{
    const DkmTissueFacts *tissue = dkm_tissue_facts(which);
    const double before = dkm_signal_spgr(&dkm_phantom_sequence, tissue, 0);
    const double after =
        dkm_signal_spgr(&dkm_phantom_sequence, tissue, dkm_contrast_tissue(tissue, minutes));
    return 100 * (after - before) / before;
}

static void plausible(void)
{
    for (int t = 0; t < DKM_TISSUE_COUNT; t++) {
        const DkmTissueFacts *tissue = dkm_tissue_facts((DkmTissue)t);
        g_assert_nonnull(tissue->name);
        g_assert_true(tissue->t1_ms > tissue->t2_star_ms && tissue->t2_star_ms > 0);
        g_assert_true(tissue->proton_density > 0 && tissue->proton_density <= 1);
        g_assert_true(tissue->ve > 0 && tissue->ve <= 1 && tissue->vp >= 0 && tissue->vp < 0.6);
    }
}

/* What a reader expects: a mass that washes out, a core that goes on rising, gland and fat that
 * rise little, blood that is brightest first. */
static void kinetics(void)
{
    const double early = 3, late = 9;
    g_assert_cmpfloat(enhancement(DKM_TISSUE_MASS, early), >, 100);
    g_assert_cmpfloat(enhancement(DKM_TISSUE_MASS, late), <, enhancement(DKM_TISSUE_MASS, early));
    g_assert_cmpfloat(enhancement(DKM_TISSUE_CORE, early), >, 70);
    g_assert_cmpfloat(enhancement(DKM_TISSUE_CORE, late), >, enhancement(DKM_TISSUE_CORE, early));
    g_assert_cmpfloat(enhancement(DKM_TISSUE_GLAND, early), <, 40);
    g_assert_cmpfloat(enhancement(DKM_TISSUE_GLAND, late), >, enhancement(DKM_TISSUE_GLAND, early));
    g_assert_cmpfloat(enhancement(DKM_TISSUE_FAT, late), <, 15);
    g_assert_cmpfloat(enhancement(DKM_TISSUE_BLOOD, early), >, 150);
    g_assert_cmpfloat(enhancement(DKM_TISSUE_BLOOD, late), <, enhancement(DKM_TISSUE_BLOOD, early));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tissue/plausible", plausible);
    g_test_add_func("/tissue/kinetics", kinetics);
    return g_test_run();
}
