/* The kinds of segmentation that are written, and versions of one: what goes out comes back. What
 * failures leave behind is in test-seg.c, what other readers say in the suite peers. */
#include "core/error.h"
#include "dicom/preflight.h"
#include "tests/dicom/fixture.h"

#include <string.h>
#include <unistd.h>

enum { MOST_SEGMENTS = 3 };

typedef struct {
    Fixture study;
    DkmMask *masks[MOST_SEGMENTS];
    guint8 *probabilities[MOST_SEGMENTS];
    DkmSegSegment segments[MOST_SEGMENTS];
    DkmSegRequest request;
    char *folder, *path;
} Case;

/* A right-handed lattice, as the series logic makes them. */
static DkmGrid lattice_of(Lattice lattice, int slices, int rows, int columns)
{
    DkmGrid grid = fixture_grid(lattice, slices, rows, columns);
    if (lattice == LATTICE_SAGITTAL_REVERSED)
        grid.axis_lps[0][0] = -1;
    return grid;
}

/* Lesion S of N: every Nth voxel of a part of the slices; each third slice is a gap. */
static void case_fill(Case *c, const DkmGrid *grid, guint s, guint n)
{
    const gsize plane = (gsize)grid->n[1] * (gsize)grid->n[2];
    GRand *rand = g_rand_new_with_seed(s);
    c->masks[s] = dkm_mask_new(grid, NULL);
    c->probabilities[s] = g_malloc0(dkm_grid_voxels(grid));
    for (int z = 0; z < grid->n[0]; z++)
        for (gsize i = s; z % 3 != (int)s % 3 && i < plane; i += n) {
            const guint8 value = (guint8)g_rand_int_range(rand, 0, 256);
            c->probabilities[s][(gsize)z * plane + i] = value;
            dkm_mask_slice(c->masks[s], z)[i] = value > 127;
        }
    g_rand_free(rand);
    c->segments[s] = (DkmSegSegment){.mask = c->masks[s], .probability = c->probabilities[s]};
}

static void case_init(Case *c, const char *layout, const DkmGrid *grid, guint n_segments)
{
    *c = (Case){.folder = fixture_folder()};
    c->path = g_build_filename(c->folder, "result.dcm", NULL);
    fixture_write(&c->study, layout, 2, grid);
    for (guint s = 0; s < n_segments; s++)
        case_fill(c, grid, s, n_segments);
    c->request = (DkmSegRequest){.table = c->study.table,
                                 .phases = &c->study.phases,
                                 .segments = c->segments,
                                 .n_segments = n_segments};
}

static void case_clear(Case *c)
{
    for (guint s = 0; s < MOST_SEGMENTS; s++) {
        dkm_mask_unref(c->masks[s]);
        g_free(c->probabilities[s]);
    }
    fixture_clear(&c->study);
    fixture_remove(c->folder);
    g_free(c->folder);
    g_free(c->path);
}

static DkmSeg *write_and_read(const Case *c, const char *path)
{
    GError *error = NULL;
    g_assert_true(dkm_dicom_write_seg(&c->request, path, NULL, &error));
    g_assert_no_error(error);
    DkmSeg *seg = dkm_dicom_read_seg(path, &c->study.phases.grid, 0.5, &error);
    g_assert_no_error(error);
    return seg;
}

static const DkmSegReadSegment *segment_at(const DkmSeg *seg, guint i)
{
    g_assert_cmpuint(i, <, seg->segments->len);
    return g_ptr_array_index(seg->segments, i);
}

/* ---- every type on every kind of lattice ----------------------------------------------------- */

typedef struct {
    const char *name, *layout;
    Lattice lattice;
    int slices, rows, columns;
    guint n_segments;
    gboolean is_empty;
} Row;

static const Row rows[] = {
    {"one lesion", "ge", LATTICE_AXIAL, 5, 8, 8, 1, FALSE},
    {"447 x 449", "ucsf", LATTICE_AXIAL, 4, 447, 449, 1, FALSE},
    {"251 x 253", "siemens", LATTICE_SAGITTAL_REVERSED, 4, 251, 253, 2, FALSE},
    {"oblique, several lesions", "philips", LATTICE_OBLIQUE, 7, 13, 11, 3, FALSE},
    {"reversed, several lesions", "ucsf", LATTICE_SAGITTAL_REVERSED, 8, 5, 7, 3, FALSE},
    {"Enhanced MR", "enhanced", LATTICE_OBLIQUE, 6, 9, 9, 2, FALSE},
    {"nothing found", "ge", LATTICE_AXIAL, 5, 9, 7, 1, TRUE},
    {"nothing found, three lesions", "enhanced", LATTICE_SAGITTAL_REVERSED, 5, 9, 7, 3, TRUE},
};

static void assert_stored(const Case *c, const DkmSeg *seg)
{
    const gsize n = dkm_grid_voxels(&c->study.phases.grid);
    g_assert_cmpuint(seg->segments->len, ==, c->request.n_segments);
    for (guint s = 0; s < seg->segments->len; s++) {
        const DkmSegReadSegment *read = segment_at(seg, s);
        g_assert_cmpmem(dkm_mask_peek_slice(read->mask, 0), n, dkm_mask_peek_slice(c->masks[s], 0),
                        n);
        g_assert_cmpint(read->values != NULL, ==, c->request.type == DKM_SEG_FRACTIONAL);
        if (read->values)
            g_assert_cmpmem(read->values, n, c->probabilities[s], n);
    }
}

static void check_row(const Row *row, DkmSegType type)
{
    static const char *const types[] = {"BINARY", "FRACTIONAL", "LABELMAP"};
    Case c;
    DkmPreflight found;
    const DkmGrid grid = lattice_of(row->lattice, row->slices, row->rows, row->columns);
    g_test_message("%s, %s", types[type], row->name);
    case_init(&c, row->layout, &grid, row->n_segments);
    for (guint s = 0; row->is_empty && s < row->n_segments; s++) {
        memset(dkm_mask_slice(c.masks[s], 0), 0, dkm_grid_voxels(&grid));
        memset(c.probabilities[s], 0, dkm_grid_voxels(&grid));
    }
    c.request.type = type;
    g_autoptr(DkmSeg) seg = write_and_read(&c, c.path);
    assert_stored(&c, seg);
    g_assert_cmpstr(seg->type, ==, types[type]);
    g_assert_cmpuint(seg->assumed->len, ==, type == DKM_SEG_FRACTIONAL); /* its threshold alone */
    /* all instances of the phase are named; an Enhanced MR file is one */
    g_assert_cmpuint(seg->referenced->len, ==,
                     strcmp(row->layout, "enhanced") == 0 ? 1 : (guint)row->slices);
    g_assert_cmpstr(g_ptr_array_index(seg->referenced, 0), ==,
                    dkm_frame_table_get(c.study.table, 0)->sop_instance_uid);
    g_assert_true(dkm_preflight_file(c.path, &found, NULL));
    g_assert_cmpint(found.bits_allocated, ==, type == DKM_SEG_BINARY ? 1 : 8);
    g_assert_cmpint(found.frames == 1, ==, row->is_empty);
    case_clear(&c);
}

static void test_table(void)
{
    for (guint r = 0; r < G_N_ELEMENTS(rows); r++)
        for (int type = DKM_SEG_BINARY; type <= DKM_SEG_LABELMAP; type++)
            check_row(&rows[r], (DkmSegType)type);
}

/* Over 255 lesions a number takes two bytes. */
/* Others' labels may be longer than the standard allows: ours are not. */
static void test_long_label(void)
{
    Case c;
    const DkmGrid grid = lattice_of(LATTICE_AXIAL, 4, 5, 7);
    case_init(&c, "ge", &grid, 2);
    GString *text = g_string_new(NULL);
    for (int i = 0; i < 200; i++)
        g_string_append(text, "Läsion ");
    c.segments[0].label = text->str;
    g_autofree char *most = g_utf8_substring(text->str, 0, 64);
    c.segments[1].label = most;
    g_autoptr(DkmSeg) seg = write_and_read(&c, c.path);
    const DkmSegReadSegment *cut = seg->segments->pdata[0], *kept = seg->segments->pdata[1];
    g_autofree char *head = g_utf8_substring(text->str, 0, 61);
    g_autofree char *expected = g_strconcat(head, "...", NULL);
    g_assert_cmpstr(cut->label, ==, expected);
    g_assert_cmpstr(kept->label, ==, most);
    g_autofree char *bytes = NULL;
    gsize n = 0;
    g_assert_true(g_file_get_contents(c.path, &bytes, &n, NULL));
    g_autofree char *whole = g_utf8_substring(text->str, 0, 1024);
    g_assert_nonnull(memmem(bytes, n, whole, strlen(whole)));
    g_string_free(text, TRUE);
    case_clear(&c);
}

static void test_many_labels(void)
{
    enum { N = 300 };
    Case c;
    DkmPreflight found;
    GError *error = NULL;
    DkmSegSegment *segments = g_new0(DkmSegSegment, N);
    const DkmGrid grid = lattice_of(LATTICE_AXIAL, 3, 20, 21);
    case_init(&c, "ucsf", &grid, 1);
    for (guint s = 0; s < N; s++) {
        DkmMask *mask = dkm_mask_new(&grid, NULL);
        dkm_mask_slice(mask, 1)[s] = 1;
        segments[s].mask = mask;
    }
    c.request.segments = segments;
    c.request.n_segments = N;
    c.request.type = DKM_SEG_LABELMAP;
    g_autoptr(DkmSeg) seg = write_and_read(&c, c.path);
    g_assert_cmpuint(seg->segments->len, ==, N);
    g_assert_cmpint(dkm_mask_get(segment_at(seg, N - 1)->mask, 1, 14, 5), ==, 1);
    g_assert_true(dkm_preflight_file(c.path, &found, &error));
    g_assert_cmpint(found.bits_allocated, ==, 16);
    for (guint s = 0; s < N; s++)
        dkm_mask_unref((DkmMask *)segments[s].mask);
    g_free(segments);
    case_clear(&c);
}

static void assert_refused(const Case *c, const char *path, int code, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(dkm_dicom_write_seg(&c->request, path, NULL, &error));
    g_assert_error(error, DKM_ERROR, code);
    g_assert_nonnull(strstr(error->message, words));
}

static void test_refused(void)
{
    Case c;
    const DkmGrid grid = lattice_of(LATTICE_AXIAL, 4, 4, 5);
    case_init(&c, "ge", &grid, 2);
    c.request.type = DKM_SEG_LABELMAP;
    dkm_mask_slice(c.masks[0], 1)[3] = 1;
    dkm_mask_slice(c.masks[1], 1)[3] = 1;
    assert_refused(&c, c.path, DKM_ERROR_GEOMETRY, "lesions overlap");
    c.request.type = DKM_SEG_FRACTIONAL;
    c.segments[1].probability = NULL;
    assert_refused(&c, c.path, DKM_ERROR_GEOMETRY, "needs the probability");
    g_assert_false(g_file_test(c.path, G_FILE_TEST_EXISTS));
    case_clear(&c);
}

/* ---- versions -------------------------------------------------------------------------------- */

static gboolean file_holds(const char *path, const char *text)
{
    gsize size;
    g_autofree char *bytes = NULL;
    g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    return memmem(bytes, size, text, strlen(text)) != NULL;
}

/* A network's result, corrected twice: each version names the one before, which stays, and a lesion
 * stays the same one; a lesion that is new has an identity of its own. */
static void test_versions(void)
{
    Case c;
    char *paths[3];
    DkmSeg *versions[3];
    const DkmGrid grid = lattice_of(LATTICE_AXIAL, 4, 6, 5);
    case_init(&c, "ge", &grid, 3);
    c.segments[0].label = "Lesion";
    c.segments[1].label = "Satellite";
    for (guint v = 0; v < 3; v++) {
        g_autofree char *name = g_strdup_printf("version-%u.dcm", v);
        paths[v] = g_build_filename(c.folder, name, NULL);
        c.request.type = (DkmSegType)v; /* whatever the type */
        c.request.n_segments = v == 2 ? 3 : 2;
        c.request.predecessor = v ? paths[v - 1] : NULL;
        c.segments[0].algorithm = v ? DKM_SEG_SEMIAUTOMATIC : DKM_SEG_AUTOMATIC;
        versions[v] = write_and_read(&c, paths[v]);
        for (guint before = 0; before < v; before++) {
            g_assert_cmpstr(versions[v]->sop_instance_uid, !=, versions[before]->sop_instance_uid);
            g_assert_cmpint(file_holds(paths[v], versions[before]->sop_instance_uid), ==,
                            before + 1 == v);
            g_autoptr(DkmSeg) kept = dkm_dicom_read_seg(paths[before], &grid, 0.5, NULL);
            g_assert_cmpstr(kept->sop_instance_uid, ==, versions[before]->sop_instance_uid);
        }
        for (guint s = 0; s < 2; s++)
            g_assert_cmpstr(segment_at(versions[v], s)->tracking_uid, ==,
                            segment_at(versions[0], s)->tracking_uid);
        g_assert_cmpstr(segment_at(versions[v], 0)->algorithm_type, ==,
                        v ? "SEMIAUTOMATIC" : "AUTOMATIC");
    }
    g_assert_cmpstr(segment_at(versions[0], 0)->tracking_uid, !=,
                    segment_at(versions[0], 1)->tracking_uid);
    for (guint s = 0; s < 2; s++)
        g_assert_cmpstr(segment_at(versions[2], 2)->tracking_uid, !=,
                        segment_at(versions[0], s)->tracking_uid);
    for (guint v = 0; v < 3; v++) {
        dkm_seg_unref(versions[v]);
        g_free(paths[v]);
    }
    case_clear(&c);
}

/* Another program's algorithm leaves under its own name, without our parameters. */
static void test_foreign_algorithm(void)
{
    Case c;
    const DkmGrid grid = lattice_of(LATTICE_AXIAL, 4, 6, 5);
    case_init(&c, "ge", &grid, 3);
    for (int s = 0; s < 3; s++)
        c.segments[s].algorithm = (DkmSegAlgorithm)s;
    c.segments[0].foreign_algorithm = "BreastVendor 3";
    c.segments[2].foreign_algorithm = "BreastVendor 3"; /* a hand's work has none */
    c.request.algorithm_name = "DKM";
    c.request.algorithm_parameters = "threshold 17";
    g_autoptr(DkmSeg) seg = write_and_read(&c, c.path);
    g_assert_cmpstr(segment_at(seg, 0)->algorithm_name, ==, "BreastVendor 3");
    g_assert_cmpstr(segment_at(seg, 1)->algorithm_name, ==, "DKM");
    g_assert_null(segment_at(seg, 2)->algorithm_name);
    g_assert_true(file_holds(c.path, "threshold 17"));
    c.request.n_segments = 1;
    g_autoptr(DkmSeg) alone = write_and_read(&c, c.path);
    g_assert_cmpstr(segment_at(alone, 0)->algorithm_type, ==, "AUTOMATIC");
    g_assert_false(file_holds(c.path, "threshold 17"));
    case_clear(&c);
}

static void test_not_superseded(void)
{
    Case c, other;
    const DkmGrid grid = lattice_of(LATTICE_AXIAL, 4, 6, 5);
    case_init(&c, "ge", &grid, 1);
    case_init(&other, "siemens", &grid, 1);
    g_autoptr(DkmSeg) first = write_and_read(&c, c.path);
    g_autofree char *link = g_build_filename(c.folder, "link.dcm", NULL);
    g_autofree char *next = g_build_filename(c.folder, "next.dcm", NULL);
    g_assert_cmpint(symlink(c.path, link), ==, 0);
    c.request.predecessor = c.path;
    assert_refused(&c, c.path, DKM_ERROR_OUTPUT, "not written over");
    assert_refused(&c, link, DKM_ERROR_OUTPUT, "not written over");
    c.request.predecessor = dkm_frame_table_get(c.study.table, 0)->path;
    assert_refused(&c, next, DKM_ERROR_INPUT, "not a DICOM segmentation");
    other.request.predecessor = c.path;
    assert_refused(&other, next, DKM_ERROR_INPUT, "the version before: result.dcm: it is of");
    g_assert_false(g_file_test(next, G_FILE_TEST_EXISTS));
    case_clear(&other);
    case_clear(&c);
}

/* ---- left and right -------------------------------------------------------------------------- */

static void test_sides(void)
{
    static const struct {
        double origin_x;
        gboolean is_left, is_right;
    } cases[] = {{60, TRUE, FALSE}, {-90, FALSE, TRUE}, {-3, FALSE, FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        Case c;
        DkmGrid grid = lattice_of(LATTICE_AXIAL, 4, 8, 9);
        grid.origin_lps[0] = cases[i].origin_x;
        case_init(&c, "ge", &grid, 1);
        g_autoptr(DkmSeg) seg = write_and_read(&c, c.path);
        g_assert_cmpint(file_holds(c.path, "7771000"), ==, cases[i].is_left);
        g_assert_cmpint(file_holds(c.path, "24028007"), ==, cases[i].is_right);
        case_clear(&c);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/seg-write/foreign-algorithm", test_foreign_algorithm);
    g_test_add_func("/seg-write/table", test_table);
    g_test_add_func("/seg-write/many-labels", test_many_labels);
    g_test_add_func("/seg-write/long-label", test_long_label);
    g_test_add_func("/seg-write/refused", test_refused);
    g_test_add_func("/seg-write/versions", test_versions);
    g_test_add_func("/seg-write/not-superseded", test_not_superseded);
    g_test_add_func("/seg-write/sides", test_sides);
    return g_test_run();
}
