#include "core/error.h"
#include "core/image/compare.h"
#include "core/image/kinetics.h"
#include "core/phantom/phantom.h"

#include <math.h>
#include <string.h>

/* On a coarser lattice, for speed. */
static DkmPhantom *make(const char *layout, guint64 seed, int coarse, int threads)
{
    const DkmPhantomRequest request = {.protocol = dkm_phantom_protocol_find(layout),
                                       .seed = seed,
                                       .coarse = coarse,
                                       .threads = threads};
    g_autoptr(GError) error = NULL;
    DkmPhantom *phantom = dkm_phantom_new(&request, NULL, NULL, &error);
    g_assert_no_error(error);
    return phantom;
}

static gboolean same_bytes(const DkmPhantom *a, const DkmPhantom *b)
{
    const gsize n = dkm_grid_voxels(dkm_mask_grid(a->truth));
    gboolean same =
        memcmp(dkm_mask_peek_slice(a->truth, 0), dkm_mask_peek_slice(b->truth, 0), n) == 0;
    for (guint p = 0; p < a->n_phases; p++)
        same = same && memcmp(dkm_volume_slice(a->volumes[p], 0),
                              dkm_volume_slice(b->volumes[p], 0), 2 * n) == 0;
    return same;
}

static void deterministic(void)
{
    g_autoptr(DkmPhantom) one = make("ucsf", 3, 4, 1), three = make("ucsf", 3, 4, 3),
                          other = make("ucsf", 4, 4, 3);
    g_assert_cmpuint(one->n_phases, ==, 3);
    g_assert_true(same_bytes(one, three));
    g_assert_cmpuint(dkm_mask_count(one->truth), !=, dkm_mask_count(other->truth));
}

/* Mean of a phase over the mask. */
static double mean_of(const DkmPhantom *phantom, guint phase, const DkmMask *mask)
{
    const DkmGrid *grid = dkm_mask_grid(mask);
    double sum = 0;
    for (int z = 0; z < grid->n[0]; z++)
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[2]; x++)
                if (dkm_mask_get(mask, z, y, x))
                    sum += (double)dkm_volume_value(phantom->volumes[phase], z, y, x);
    return sum / (double)dkm_mask_count(mask);
}

/* Voxels that are TISSUE by nine tenths. */
static DkmMask *mask_of(const DkmPhantom *phantom, guint64 seed, DkmTissue tissue)
{
    const DkmGrid *grid = dkm_mask_grid(phantom->truth);
    g_autoptr(DkmAnatomy) anatomy = dkm_anatomy_new(seed);
    DkmMask *mask = dkm_mask_new(grid, NULL);
    for (int z = 0; z < grid->n[0]; z += 2)
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[2]; x++) {
                double lps[3];
                DkmMixture m;
                dkm_grid_to_lps(grid, (const double[]){z, y, x}, lps);
                dkm_anatomy_at(anatomy,
                               (const float[]){(float)lps[0], (float)lps[1], (float)lps[2]}, 0.5f,
                               &m);
                dkm_mask_slice(mask, z)[y * grid->n[2] + x] = m.share[tissue] > 0.9f;
            }
    return mask;
}

static double percent(double before, double after)
{
    return 100 * (after - before) / before;
}

/* What UCSF's rules would see: the mass at 70 % and more early and then falling, gland mild and
 * rising, fat still, the heart's blood strong. */
static void enhancement(void)
{
    static const char *const layouts[] = {"ucsf", "siemens"};
    for (gsize i = 0; i < G_N_ELEMENTS(layouts); i++) {
        const guint64 seed = 6;
        g_autoptr(DkmPhantom) p = make(layouts[i], seed, 3, 0);
        const guint late = p->n_phases - 1, early = late > 2 ? 2 : 1;
        g_autoptr(DkmMask) vital = mask_of(p, seed, DKM_TISSUE_MASS);
        g_autoptr(DkmMask) gland = mask_of(p, seed, DKM_TISSUE_GLAND);
        g_autoptr(DkmMask) fat = mask_of(p, seed, DKM_TISSUE_FAT);
        const double s0 = mean_of(p, 0, vital), s1 = mean_of(p, early, vital),
                     s2 = mean_of(p, late, vital);
        g_assert_cmpfloat(percent(mean_of(p, 0, p->truth), mean_of(p, early, p->truth)), >, 70);
        g_assert_cmpfloat((s1 - s0) / (s2 - s0), >, 1.05);
        const double g0 = mean_of(p, 0, gland), g1 = mean_of(p, early, gland),
                     g2 = mean_of(p, late, gland);
        g_assert_cmpfloat(percent(g0, g1), >, 5);
        g_assert_cmpfloat(percent(g0, g1), <, 50);
        g_assert_cmpfloat(g2, >, g1);
        g_assert_cmpfloat(percent(mean_of(p, 0, fat), mean_of(p, late, fat)), <, 10);
        g_assert_cmpfloat(mean_of(p, 0, fat), <, 0.6 * g0);
    }
}

static void heart_is_strong(void)
{
    g_autoptr(DkmPhantom) p = make("enhanced", 6, 4, 0);
    g_autoptr(DkmMask) blood = mask_of(p, 6, DKM_TISSUE_BLOOD);
    g_assert_cmpfloat(dkm_mask_volume_ml(blood), >, 50);
    g_assert_cmpfloat(percent(mean_of(p, 0, blood), mean_of(p, 1, blood)), >, 80);
}

/* UCSF's functional tumour volume in a box around the mass is the mass. */
static void ftv_is_the_truth(void)
{
    for (guint64 seed = 1; seed < 4; seed++) {
        g_autoptr(DkmPhantom) p = make("ucsf", seed, 2, 0);
        const DkmKineticSource source = {p->volumes[0], p->volumes[1], p->volumes[2]};
        const DkmBox voi = dkm_phantom_voi(p, 6);
        g_auto(DkmFtv) ftv = {0};
        DkmComparison agreement;
        g_assert_true(dkm_ftv_compute(&source, &voi, &dkm_ftv_ispy, &ftv, NULL, NULL));
        g_assert_true(dkm_masks_compare(ftv.mask, p->truth, &agreement, NULL));
        g_assert_cmpfloat(agreement.dice, >, 0.75);
        g_assert_cmpuint(ftv.ser_voxels, >, ftv.pe_voxels / 4);
    }
}

static void truth_is_plausible(void)
{
    for (guint64 seed = 0; seed < 8; seed++) {
        g_autoptr(DkmPhantom) p = make("enhanced", seed, 4, 0);
        const DkmBox voi = dkm_phantom_voi(p, 0);
        g_assert_cmpfloat(dkm_mask_volume_ml(p->truth), >, 1);
        g_assert_cmpfloat(dkm_mask_volume_ml(p->truth), <, 40);
        g_assert_true(dkm_box_fits(&voi, dkm_mask_grid(p->truth)));
        for (int a = 0; a < 3; a++) /* none is cut by the border of the lattice */
            g_assert_true(voi.first[a] > 0 && voi.end[a] < dkm_mask_grid(p->truth)->n[a]);
    }
}

/* Air before the breast holds Rayleigh's mean of the protocol's noise. */
static void noise_in_air(void)
{
    g_autoptr(DkmPhantom) p = make("philips", 2, 4, 0);
    const double sigma = dkm_phantom_protocol_find("philips")->noise;
    double sum = 0, squares = 0;
    guint n = 0;
    for (int z = 0; z < dkm_mask_grid(p->truth)->n[0]; z++)
        for (int y = 0; y < 5; y++)
            for (int x = 0; x < 64; x++, n++) {
                const double value = (double)dkm_volume_value(p->volumes[1], z, y, x);
                sum += value;
                squares += value * value;
            }
    g_assert_cmpfloat_with_epsilon(sum / n, sigma * sqrt(G_PI / 2), 0.04 * sigma);
    g_assert_cmpfloat_with_epsilon(squares / n, 2 * sigma * sigma, 0.1 * sigma * sigma);
}

static void one_phase_and_cancel(void)
{
    const DkmPhantomRequest request = {
        .protocol = dkm_phantom_protocol_find("ge"), .seed = 1, .n_phases = 1, .coarse = 4};
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    g_autoptr(GError) error = NULL;
    DkmProgress progress = {0};
    g_autoptr(DkmPhantom) phantom = dkm_phantom_new(&request, &progress, cancel, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(phantom->n_phases, ==, 1);
    g_assert_cmpint(dkm_progress_get(&progress), ==, 1000);
    g_cancellable_cancel(cancel);
    g_assert_null(dkm_phantom_new(&request, NULL, cancel, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_CANCELLED);
}

static void a_seed_is_a_patient(void)
{
    static const struct {
        guint64 seed;
        const char *id, *name;
    } rows[] = {{1, "DKM-PHANTOM", "Phantom^DKM"},
                {0, "DKM-PHANTOM-0", "Phantom^Seed 0"},
                {2, "DKM-PHANTOM-2", "Phantom^Seed 2"}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *id = dkm_phantom_patient_id(rows[i].seed);
        g_autofree char *name = dkm_phantom_patient_name(rows[i].seed);
        g_assert_cmpstr(id, ==, rows[i].id);
        g_assert_cmpstr(name, ==, rows[i].name);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/phantom/deterministic", deterministic);
    g_test_add_func("/phantom/a-seed-is-a-patient", a_seed_is_a_patient);
    g_test_add_func("/phantom/enhancement", enhancement);
    g_test_add_func("/phantom/heart-is-strong", heart_is_strong);
    g_test_add_func("/phantom/ftv-is-the-truth", ftv_is_the_truth);
    g_test_add_func("/phantom/truth-is-plausible", truth_is_plausible);
    g_test_add_func("/phantom/noise-in-air", noise_in_air);
    g_test_add_func("/phantom/one-phase-and-cancel", one_phase_and_cancel);
    return g_test_run();
}
