#include "core/error.h"
#include "core/image/lesion-measures.h"
#include "tests/support/volumes.h"

#include <math.h>

static const DkmGrid grid = {
    {4, 10, 10}, {2, 0.5, 0.5}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

/* 100 all over, VALUE in the lesion (slices 1 and 2, a square of 5) and HOT in 3x3 of slice 2. */
static DkmVolume *phase(guint16 value, guint16 hot)
{
    guint16 *samples = g_new(guint16, dkm_grid_voxels(&grid));
    for (gsize i = 0; i < dkm_grid_voxels(&grid); i++)
        samples[i] = 100;
    for (int z = 1; z <= 2; z++)
        for (int y = 2; y < 7; y++)
            for (int x = 3; x < 8; x++) {
                const gboolean is_hot = z == 2 && y >= 4 && x <= 5;
                samples[dkm_grid_index(&grid, z, y, x)] = is_hot ? hot : value;
            }
    return dkm_volume_new_take(&grid, samples, FALSE, NULL, NULL);
}

static DkmMask *lesion_of(int side)
{
    g_autoptr(GError) error = NULL;
    DkmMask *mask = dkm_mask_new(&grid, &error);
    g_assert_no_error(error);
    for (int z = 1; z <= 2; z++)
        for (int y = 2; y < 2 + side; y++)
            for (int x = 3; x < 3 + side; x++)
                dkm_mask_slice(mask, z)[y * grid.n[2] + x] = 1;
    return mask;
}

typedef struct {
    DkmVolume *pre, *early, *late;
} Phases;

static void setup(Phases *p, gconstpointer data)
{
    p->pre = phase(100, 100);
    p->early = phase(150, 250);
    p->late = phase(180, 200);
}

static void teardown(Phases *p, gconstpointer data)
{
    dkm_volume_unref(p->pre);
    dkm_volume_unref(p->early);
    dkm_volume_unref(p->late);
}

static DkmLesionMeasures measure(const DkmMask *lesion, const DkmKineticSource *source)
{
    DkmLesionMeasures out;
    g_autoptr(GError) error = NULL;
    g_assert_true(dkm_lesion_measure(lesion, source, &dkm_ftv_ispy, &out, NULL, &error));
    g_assert_no_error(error);
    return out;
}

static void mean_and_worst(Phases *p, gconstpointer data)
{
    g_autoptr(DkmMask) lesion = lesion_of(5);
    const DkmKineticSource source = {p->pre, p->early, p->late};
    const DkmLesionMeasures m = measure(lesion, &source);
    g_assert_cmpuint(m.voxels, ==, 50);
    g_assert_cmpfloat_with_epsilon(m.volume_ml, 50 * 0.0005, 1e-12);
    g_assert_cmpfloat_with_epsilon(m.in_plane.mm, hypot(2, 2.5), 1e-12);
    g_assert_cmpfloat_with_epsilon(m.mean.pe_percent, (41 * 50 + 9 * 150) / 50.0, 1e-9);
    g_assert_true(m.has_curve && m.has_worst && m.has_late);
    g_assert_cmpfloat(m.worst.pe_percent, ==, 150);
    g_assert_cmpfloat(m.worst.late, ==, 200);
    g_assert_cmpint(m.worst_zyx[0], ==, 2);
    g_assert_cmpint(m.worst_zyx[1], ==, 5);
    g_assert_cmpint(m.worst_zyx[2], ==, 4);
    g_assert_cmpint(m.curve, ==, DKM_CURVE_WASHOUT); /* the mean alone persists */
    g_assert_cmpuint(m.ftv_voxels, ==, 5); /* the corners of the 3x3 have 3 neighbours only */
    g_assert_cmpfloat_with_epsilon(m.ftv_ml, 5 * 0.0005, 1e-12);
}

/* A lesion of 2x2 a slice holds no 3x3: its curve is the mean's. */
static void thin_lesion_has_no_worst(Phases *p, gconstpointer data)
{
    g_autoptr(DkmMask) lesion = lesion_of(2);
    const DkmKineticSource source = {p->pre, p->early, p->late};
    const DkmLesionMeasures m = measure(lesion, &source);
    g_assert_false(m.has_worst);
    g_assert_cmpfloat(m.mean.pe_percent, ==, 50);
    g_assert_cmpint(m.curve, ==, DKM_CURVE_PERSISTENT);
}

static void what_phases_allow(Phases *p, gconstpointer data)
{
    g_autoptr(DkmMask) lesion = lesion_of(5), nothing = lesion_of(0);
    const DkmKineticSource two = {p->pre, p->early, NULL}, three = {p->pre, p->early, p->late};
    const DkmLesionMeasures early = measure(lesion, &two), none = measure(lesion, NULL);
    g_assert_true(early.has_worst && !early.has_late && isnan(early.mean.late));
    g_assert_cmpuint(early.ftv_voxels, ==, 0);
    g_assert_false(none.has_curve);
    g_assert_cmpuint(none.voxels, ==, 50);
    const DkmLesionMeasures empty = measure(nothing, &three);
    g_assert_false(empty.has_curve);
    g_assert_cmpfloat(empty.in_space.mm, ==, 0);
}

static void another_lattice_is_refused(Phases *p, gconstpointer data)
{
    DkmGrid other = grid;
    other.origin_lps[0] = 1;
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmMask) lesion = dkm_mask_new(&other, &error);
    dkm_mask_slice(lesion, 0)[0] = 1;
    const DkmKineticSource source = {p->pre, p->early, p->late};
    DkmLesionMeasures out;
    g_assert_false(dkm_lesion_measure(lesion, &source, &dkm_ftv_ispy, &out, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, func) g_test_add("/lesion/" path, Phases, NULL, setup, func, teardown)
    ADD("mean-and-worst", mean_and_worst);
    ADD("thin-lesion-has-no-worst", thin_lesion_has_no_worst);
    ADD("what-phases-allow", what_phases_allow);
    ADD("another-lattice-is-refused", another_lattice_is_refused);
    return g_test_run();
}
