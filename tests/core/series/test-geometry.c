#include "core/series/geometry.h"

#include "core/error.h"
#include "tests/core/series/frames.h"

#include <string.h>

enum { SLICES = 6 };

/* ---- one frame --------------------------------------------------------------------------- */

static void test_has_geometry(void)
{
    static const struct {
        gsize field; /* the double that is spoilt */
        double value;
        gboolean good;
    } rows[] = {
        {G_STRUCT_OFFSET(DkmFrame, position_lps[1]), 1e4, TRUE},
        {G_STRUCT_OFFSET(DkmFrame, position_lps[1]), NAN, FALSE},
        {G_STRUCT_OFFSET(DkmFrame, position_lps[2]), INFINITY, FALSE},
        {G_STRUCT_OFFSET(DkmFrame, row_lps[0]), NAN, FALSE},
        {G_STRUCT_OFFSET(DkmFrame, row_lps[0]), 0, FALSE},
        {G_STRUCT_OFFSET(DkmFrame, row_lps[0]), 0.999, TRUE},
        {G_STRUCT_OFFSET(DkmFrame, row_lps[0]), 0.9, FALSE},
        {G_STRUCT_OFFSET(DkmFrame, column_lps[0]), 0.1, FALSE}, /* not at right angles */
        {G_STRUCT_OFFSET(DkmFrame, column_lps[1]), -1, TRUE},
        {G_STRUCT_OFFSET(DkmFrame, spacing_mm[0]), 0, FALSE},
        {G_STRUCT_OFFSET(DkmFrame, spacing_mm[1]), -1, FALSE},
        {G_STRUCT_OFFSET(DkmFrame, spacing_mm[1]), NAN, FALSE},
        {G_STRUCT_OFFSET(DkmFrame, spacing_mm[0]), INFINITY, FALSE},
        {G_STRUCT_OFFSET(DkmFrame, spacing_mm[0]), 100, TRUE},
        {G_STRUCT_OFFSET(DkmFrame, spacing_mm[1]), 100.5, FALSE},
        {G_STRUCT_OFFSET(DkmFrame, slice_thickness_mm), NAN, TRUE},
    };
    g_autoptr(DkmFrameTable) table = frames_new(1, 1, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        DkmFrame frame = *dkm_frame_table_get(table, 0);
        G_STRUCT_MEMBER(double, &frame, rows[i].field) = rows[i].value;
        g_assert_cmpint(dkm_frame_has_geometry(&frame), ==, rows[i].good);
    }
    DkmFrame empty;
    dkm_frame_init(&empty);
    g_assert_false(dkm_frame_has_geometry(&empty));
}

static void test_same_lattice(void)
{
    static const struct {
        gsize field;
        double by;
        gboolean same;
    } rows[] = {
        {G_STRUCT_OFFSET(DkmFrame, position_lps[0]), 300, TRUE},
        {G_STRUCT_OFFSET(DkmFrame, row_lps[1]), 0.0009, TRUE},
        {G_STRUCT_OFFSET(DkmFrame, row_lps[1]), 0.0011, FALSE},
        {G_STRUCT_OFFSET(DkmFrame, column_lps[2]), -0.0011, FALSE},
        {G_STRUCT_OFFSET(DkmFrame, spacing_mm[0]), 0.0009, TRUE},
        {G_STRUCT_OFFSET(DkmFrame, spacing_mm[0]), 0.0011, FALSE},
        {G_STRUCT_OFFSET(DkmFrame, spacing_mm[1]), -0.0011, FALSE},
        {G_STRUCT_OFFSET(DkmFrame, slice_thickness_mm), 1, TRUE},
    };
    g_autoptr(DkmFrameTable) table = frames_new(1, 1, NULL);
    const DkmFrame *first = dkm_frame_table_get(table, 0);
    DkmFrame frame = *first;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        frame = *first;
        G_STRUCT_MEMBER(double, &frame, rows[i].field) += rows[i].by;
        g_assert_cmpint(dkm_frame_same_lattice(first, &frame), ==, rows[i].same);
        g_assert_cmpint(dkm_frame_same_lattice(&frame, first), ==, rows[i].same);
    }
    frame = *first;
    frame.frame_of_reference_uid = "1.2.3.6";
    g_assert_false(dkm_frame_same_lattice(first, &frame));
    frame = *first;
    frame.rows++;
    g_assert_false(dkm_frame_same_lattice(first, &frame));
}

static void test_words(void)
{
    g_autoptr(DkmFrameTable) table = frames_new(1, 1, NULL);
    DkmFrame frame = *dkm_frame_table_get(table, 0);
    g_autofree char *axial = dkm_frame_lattice_words(&frame);
    g_assert_cmpstr(axial, ==, "32 x 24 of 0.700 x 0.700 mm, axial");
    memcpy(frame.row_lps, (double[]){0, 1, 0}, sizeof frame.row_lps);
    memcpy(frame.column_lps, (double[]){0, 0.1, -0.99}, sizeof frame.column_lps);
    g_autofree char *sagittal = dkm_frame_lattice_words(&frame);
    g_assert_cmpstr(sagittal, ==, "32 x 24 of 0.700 x 0.700 mm, sagittal");
}

/* ---- a stack ------------------------------------------------------------------------------- */

/* Lays slices out along the normal of FRAME, STEP mm apart from ORIGIN. */
static void lay(DkmFrame *frame, double step, int slice)
{
    double normal[3];
    dkm_frame_normal(frame, normal);
    for (int k = 0; k < 3; k++)
        frame->position_lps[k] = 10 * k - 20 + step * slice * normal[k];
}

static gboolean oblique(DkmFrame *f, int p, int z)
{
    static const double row[3] = {0.8, 0.36, -0.48}, column[3] = {0, 0.8, 0.6};
    (void)p;
    memcpy(f->row_lps, row, sizeof row);
    memcpy(f->column_lps, column, sizeof column);
    lay(f, 1.7, z);
    return TRUE;
}

/* Slice 0 is the highest along row x column. */
static gboolean reversed(DkmFrame *f, int p, int z)
{
    (void)p;
    lay(f, -2, z);
    return TRUE;
}

static gboolean sagittal(DkmFrame *f, int p, int z)
{
    static const double row[3] = {0, 1, 0}, column[3] = {0, 0, -1};
    (void)p;
    memcpy(f->row_lps, row, sizeof row);
    memcpy(f->column_lps, column, sizeof column);
    lay(f, 2.5, z);
    return TRUE;
}

/* Direction cosines of four decimals, positions of two, as archives have them. */
static gboolean rounded(DkmFrame *f, int p, int z)
{
    oblique(f, p, z);
    for (int k = 0; k < 3; k++) {
        f->row_lps[k] = round(f->row_lps[k] * 1e4 + 0.4) / 1e4;
        f->position_lps[k] = round(f->position_lps[k] * 100) / 100;
    }
    return TRUE;
}

static const struct {
    const char *name;
    FrameFill fill;
    double spacing_mm;
    int lowest; /* the slice of the table that the grid starts with */
} lattices[] = {
    {"axial", NULL, 2, 0},
    {"oblique", oblique, 1.7, 0},
    {"reversed", reversed, 2, SLICES - 1},
    {"sagittal", sagittal, 2.5, 0},
    {"rounded", rounded, 1.7, 0},
};

static void assert_right_handed(const DkmGrid *grid)
{
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            double product = 0;
            for (int k = 0; k < 3; k++)
                product += grid->axis_lps[a][k] * grid->axis_lps[b][k];
            g_assert_cmpfloat_with_epsilon(product, a == b, 1e-12);
        }
    const double *x = grid->axis_lps[2], *y = grid->axis_lps[1];
    for (int k = 0; k < 3; k++)
        g_assert_cmpfloat_with_epsilon(
            grid->axis_lps[0][k], x[(k + 1) % 3] * y[(k + 2) % 3] - x[(k + 2) % 3] * y[(k + 1) % 3],
            1e-12);
}

/* Every frame's corner is where the grid puts its slice. */
static void test_lattice(gconstpointer data)
{
    const guint row = GPOINTER_TO_UINT(data);
    GError *error = NULL;
    DkmGrid grid;
    g_auto(DkmStack) stack = {0};
    g_autoptr(DkmFrameTable) table = frames_new(2, SLICES, lattices[row].fill);
    g_autofree guint *all = frames_all(table);
    g_assert_true(dkm_stack_init(&stack, table, all, table->frames->len, &error));
    g_assert_no_error(error);
    g_assert_true(dkm_stack_grid(&stack, &grid, &error));
    g_assert_no_error(error);
    g_assert_cmpint(grid.n[0], ==, SLICES);
    g_assert_cmpint(grid.n[1], ==, 32);
    g_assert_cmpint(grid.n[2], ==, 24);
    g_assert_cmpfloat_with_epsilon(grid.spacing_mm[0], lattices[row].spacing_mm, 2e-3);
    assert_right_handed(&grid);
    g_assert_true(dkm_grid_is_valid(&grid));
    for (guint i = 0; i < table->frames->len; i++) {
        double zyx[3];
        dkm_grid_from_lps(&grid, dkm_frame_table_get(table, i)->position_lps, zyx);
        g_assert_cmpfloat_with_epsilon(zyx[0], stack.slice[i], 0.01);
        g_assert_cmpfloat_with_epsilon(zyx[1], 0, 0.05);
        g_assert_cmpfloat_with_epsilon(zyx[2], 0, 0.05);
        g_assert_cmpuint(stack.count[stack.slice[i]], ==, 2);
    }
    const guint lowest = frames_find(table, 0, lattices[row].lowest);
    g_assert_cmpuint(stack.slice[lowest], ==, 0);
}

static void test_single_slice(void)
{
    static const struct {
        double thickness_mm, spacing_mm;
    } rows[] = {{2, 2}, {0.5, 0.5}, {0, 1}, {NAN, 1}};
    static const guint both[] = {0, 1};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        DkmGrid grid;
        g_auto(DkmStack) stack = {0};
        g_autoptr(DkmFrameTable) table = frames_new(2, 1, NULL);
        for (guint k = 0; k < 2; k++)
            g_array_index(table->frames, DkmFrame, k).slice_thickness_mm = rows[i].thickness_mm;
        g_assert_true(dkm_stack_init(&stack, table, both, 2, NULL));
        g_assert_true(dkm_stack_grid(&stack, &grid, NULL));
        g_assert_cmpfloat(grid.spacing_mm[0], ==, rows[i].spacing_mm);
    }
}

/* Slices too far apart, or one too thick, for a body. */
static void test_spacing_refused(void)
{
    for (int slices = 1; slices < 3; slices++) {
        DkmGrid grid;
        g_auto(DkmStack) stack = {0};
        g_autoptr(GError) error = NULL;
        g_autoptr(DkmFrameTable) table = frames_new(1, slices, NULL);
        g_autofree guint *all = frames_all(table);
        for (int k = 0; k < slices; k++) {
            DkmFrame *frame = &g_array_index(table->frames, DkmFrame, k);
            frame->slice_thickness_mm = slices == 1 ? 101 : 2;
            frame->position_lps[2] *= 60;
        }
        g_assert_true(dkm_stack_init(&stack, table, all, (guint)slices, NULL));
        g_assert_false(dkm_stack_grid(&stack, &grid, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
        assert_says(error->message, "mm apart are no pictures of a body");
    }
}

static void test_slice_words(void)
{
    g_auto(DkmStack) stack = {0};
    g_autoptr(DkmFrameTable) table = frames_new(1, SLICES, NULL);
    g_autofree guint *all = frames_all(table);
    g_assert_true(dkm_stack_init(&stack, table, all, SLICES, NULL));
    g_autofree char *words = dkm_stack_slice_words(&stack, 3);
    g_assert_cmpstr(words, ==, "slice 4 of 6 (at 6.00 mm)");
}

/* ---- what is no stack ---------------------------------------------------------------------- */

/* How far each slice is moved, mm, along the normal and along the rows' direction. */
typedef struct {
    const char *name;
    double along[SLICES], aside[SLICES];
    const char *says; /* NULL: a good stack */
} Moved;

static const Moved moved[] = {
    {"within-1-percent", {0, 0.019, 0, 0, 0, 0}, {0}, NULL},
    {"over-1-percent", {0, 0.021, 0, 0, 0, 0}, {0}, "slice 1 and slice 2 (at 2.02 mm) lie 2.02"},
    {"gap", {0, 0, 0, 2, 2, 2}, {0}, "1 slice is missing between slice 3 (at 4.00 mm) and slice 4"},
    {"gap-of-3", {0, 6, 6, 6, 6, 6}, {0}, "3 slices are missing between slice 1 (at 0.00 mm)"},
    {"half-gap", {0, 0, 1, 1, 1, 1}, {0}, "uneven slice spacing: slice 2 and slice 3"},
    {"creeping", {0}, {0, 0.06, 0.12, 0.18, 0.24, 0.3}, NULL},
    {"shear", {0}, {0, 0.2, 0.4, 0.6, 0.8, 1}, "sheared"},
    {"one-aside", {0}, {0, 0, 0, 0, 0.5, 0}, "slice 5 of 6"},
};

static void test_moved(gconstpointer data)
{
    const Moved *row = data;
    g_autoptr(GError) error = NULL;
    DkmGrid grid;
    g_auto(DkmStack) stack = {0};
    g_autoptr(DkmFrameTable) table = frames_new(1, SLICES, NULL);
    guint ordered[SLICES];
    for (int z = 0; z < SLICES; z++) {
        ordered[z] = frames_find(table, 0, z);
        DkmFrame *frame = &g_array_index(table->frames, DkmFrame, ordered[z]);
        frame->position_lps[2] += row->along[z];
        frame->position_lps[0] += row->aside[z];
    }
    g_assert_true(dkm_stack_init(&stack, table, ordered, SLICES, &error));
    g_assert_no_error(error);
    g_assert_cmpint(dkm_stack_grid(&stack, &grid, &error), ==, row->says == NULL);
    if (!row->says)
        return;
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
    assert_says(error->message, row->says);
}

/* Positions of two decimals in thin slices are off by more than 1 % and still even. */
static void test_rounded_positions(void)
{
    DkmGrid grid;
    g_auto(DkmStack) stack = {0};
    g_autoptr(DkmFrameTable) table = frames_new(1, SLICES, NULL);
    g_autofree guint *all = frames_all(table);
    for (int z = 0; z < SLICES; z++)
        g_array_index(table->frames, DkmFrame, frames_find(table, 0, z)).position_lps[2] =
            round(0.567 * z * 100) / 100;
    g_assert_true(dkm_stack_init(&stack, table, all, SLICES, NULL));
    g_assert_true(dkm_stack_grid(&stack, &grid, NULL));
    g_assert_cmpfloat_with_epsilon(grid.spacing_mm[0], 0.567, 2e-3);
}

static void test_refused_frames(void)
{
    g_autoptr(DkmFrameTable) table = frames_new(1, SLICES, NULL);
    g_autofree guint *all = frames_all(table);
    g_autoptr(GError) error = NULL;
    g_auto(DkmStack) none = {0}, lost = {0}, mixed = {0};
    g_assert_false(dkm_stack_init(&none, table, all, 0, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
    g_clear_error(&error);
    DkmFrame *frame = &g_array_index(table->frames, DkmFrame, frames_find(table, 0, 4));
    frame->rows = 31;
    g_assert_false(dkm_stack_init(&mixed, table, all, SLICES, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
    assert_says(error->message, "mixed geometry: p0-s04.dcm is 31 x 24");
    g_clear_error(&error);
    frame->spacing_mm[1] = NAN;
    g_assert_false(dkm_stack_init(&lost, table, all, SLICES, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
    assert_says(error->message, "p0-s04.dcm does not say where it lies");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/geometry/has", test_has_geometry);
    g_test_add_func("/geometry/same-lattice", test_same_lattice);
    g_test_add_func("/geometry/words", test_words);
    for (guint i = 0; i < G_N_ELEMENTS(lattices); i++) {
        g_autofree char *path = g_strconcat("/geometry/lattice/", lattices[i].name, NULL);
        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_lattice);
    }
    g_test_add_func("/geometry/single-slice", test_single_slice);
    g_test_add_func("/geometry/spacing-refused", test_spacing_refused);
    g_test_add_func("/geometry/slice-words", test_slice_words);
    for (guint i = 0; i < G_N_ELEMENTS(moved); i++) {
        g_autofree char *path = g_strconcat("/geometry/moved/", moved[i].name, NULL);
        g_test_add_data_func(path, &moved[i], test_moved);
    }
    g_test_add_func("/geometry/rounded-positions", test_rounded_positions);
    g_test_add_func("/geometry/refused-frames", test_refused_frames);
    return g_test_run();
}
