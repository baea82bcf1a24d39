#include "core/error.h"
#include "core/image/kinetics.h"
#include "tests/support/volumes.h"

static const DkmGrid grid = {
    {6, 10, 10}, {2, 0.5, 0.5}, {0, 0, 0}, {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

typedef struct {
    DkmVolume *pre, *early, *late;
} Phases;

static void set_box(guint16 *samples, const DkmBox *box, guint16 value)
{
    for (int z = box->first[0]; z < box->end[0]; z++)
        for (int y = box->first[1]; y < box->end[1]; y++)
            for (int x = box->first[2]; x < box->end[2]; x++)
                samples[dkm_grid_index(&grid, z, y, x)] = value;
}

/* A volume of BACK with a block of INSIDE. */
static DkmVolume *block_volume(guint16 back, guint16 inside)
{
    const DkmBox block = {{2, 4, 4}, {4, 7, 7}}, lone = {{5, 0, 0}, {6, 1, 1}};
    guint16 *samples = g_new(guint16, dkm_grid_voxels(&grid));
    const DkmBox whole = dkm_box_whole(&grid);
    set_box(samples, &whole, back);
    set_box(samples, &block, inside);
    set_box(samples, &lone, inside);
    return dkm_volume_new_take(&grid, samples, FALSE, NULL, NULL);
}

static void setup(Phases *phases, gconstpointer data)
{
    phases->pre = block_volume(100, 100);
    phases->early = block_volume(110, 171); /* 71 % */
    phases->late = block_volume(110, 170);  /* SER 71/70 */
}

static void teardown(Phases *phases, gconstpointer data)
{
    dkm_volume_unref(phases->pre);
    dkm_volume_unref(phases->early);
    dkm_volume_unref(phases->late);
}

static DkmFtv compute(const Phases *phases, const DkmBox *voi, const DkmFtvParameters *rule)
{
    DkmFtv ftv;
    g_autoptr(GError) error = NULL;
    const DkmKineticSource source = {phases->pre, phases->early, phases->late};
    dkm_ftv_compute(&source, voi, rule, &ftv, NULL, &error);
    g_assert_no_error(error);
    return ftv;
}

/* The 3x3x2 block stays, the lone voxel has no neighbours and goes. */
static void block_stays_lone_voxel_goes(Phases *phases, gconstpointer data)
{
    const DkmBox voi = dkm_box_whole(&grid);
    g_auto(DkmFtv) ftv = compute(phases, &voi, &dkm_ftv_ispy);
    g_assert_cmpuint(ftv.pe_voxels, ==, 18);
    g_assert_cmpuint(ftv.ser_voxels, ==, 18);
    g_assert_cmpuint(dkm_mask_count(ftv.mask), ==, 18);
    g_assert_cmpfloat_with_epsilon(ftv.pe_ml, 18 * 0.0005, 1e-12);
    g_assert_cmpfloat_with_epsilon(ftv.used_pre_contrast_threshold, 60, 1e-4);
}

/* Neighbours outside the VOI count: a VOI of one column of the block keeps its voxels. */
static void neighbours_outside_the_voi_count(Phases *phases, gconstpointer data)
{
    const DkmBox voi = {{2, 5, 5}, {4, 6, 6}};
    g_auto(DkmFtv) ftv = compute(phases, &voi, &dkm_ftv_ispy);
    g_assert_cmpuint(ftv.pe_voxels, ==, 2);
}

static void thresholds_cut(Phases *phases, gconstpointer data)
{
    const DkmBox voi = dkm_box_whole(&grid);
    DkmFtvParameters rule = dkm_ftv_ispy;
    rule.pe_threshold = 72;
    g_auto(DkmFtv) none = compute(phases, &voi, &rule);
    g_assert_cmpuint(none.pe_voxels, ==, 0);
    rule = dkm_ftv_ispy;
    rule.pre_contrast_threshold = 101;
    g_auto(DkmFtv) dark = compute(phases, &voi, &rule);
    g_assert_cmpuint(dark.pe_voxels, ==, 0);
    rule = dkm_ftv_ispy;
    rule.ser_threshold = 1.1;
    g_auto(DkmFtv) ser = compute(phases, &voi, &rule);
    g_assert_cmpuint(ser.pe_voxels, ==, 18);
    g_assert_cmpuint(ser.ser_voxels, ==, 0);
}

/* 72 % and 80 %: 0.9 exactly, which counts as UCSF count it. */
static void ser_on_its_threshold_counts(Phases *phases, gconstpointer data)
{
    const DkmBox voi = dkm_box_whole(&grid);
    g_autoptr(DkmVolume) early = block_volume(110, 172), late = block_volume(110, 180);
    const Phases tie = {phases->pre, early, late};
    g_auto(DkmFtv) ftv = compute(&tie, &voi, &dkm_ftv_ispy);
    g_assert_cmpuint(ftv.pe_voxels, ==, 18);
    g_assert_cmpuint(ftv.ser_voxels, ==, 18);
}

static void bad_voi_is_refused(Phases *phases, gconstpointer data)
{
    const DkmBox voi = {{0, 0, 0}, {7, 10, 10}};
    const DkmKineticSource source = {phases->pre, phases->early, phases->late};
    g_autoptr(GError) error = NULL;
    DkmFtv ftv;
    g_assert_false(dkm_ftv_compute(&source, &voi, &dkm_ftv_ispy, &ftv, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
    g_assert_nonnull(g_strstr_len(error->message, -1, "6 x 10 x 10"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, func) g_test_add("/ftv/" path, Phases, NULL, setup, func, teardown)
    ADD("block-stays-lone-voxel-goes", block_stays_lone_voxel_goes);
    ADD("neighbours-outside-the-voi-count", neighbours_outside_the_voi_count);
    ADD("thresholds-cut", thresholds_cut);
    ADD("ser-on-its-threshold-counts", ser_on_its_threshold_counts);
    ADD("bad-voi-is-refused", bad_voi_is_refused);
    return g_test_run();
}
