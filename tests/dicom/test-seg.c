#include "core/error.h"
#include "dicom/preflight.h"
#include "tests/dicom/craft.h"
#include "tests/dicom/fixture.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* A study, masks on its lattice, and where their SEG goes. */
typedef struct {
    Fixture study;
    DkmMask *masks[4];
    DkmSegSegment segments[4];
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

/* Bits at random, FILL of 100; slices that are multiples of three stay empty. */
static void fill_mask(DkmMask *mask, int fill, guint32 seed)
{
    const DkmGrid *grid = dkm_mask_grid(mask);
    GRand *rand = g_rand_new_with_seed(seed);
    for (int z = 0; z < grid->n[0]; z++)
        for (int i = 0; z % 3 && i < grid->n[1] * grid->n[2]; i++)
            dkm_mask_slice(mask, z)[i] = g_rand_int_range(rand, 0, 100) < fill;
    g_rand_free(rand);
}

static void case_init(Case *c, const char *layout, const DkmGrid *grid, guint n_segments)
{
    *c = (Case){.folder = fixture_folder()};
    c->path = g_build_filename(c->folder, "result.dcm", NULL);
    fixture_write(&c->study, layout, 2, grid);
    for (guint s = 0; s < n_segments; s++) {
        c->masks[s] = dkm_mask_new(grid, NULL);
        fill_mask(c->masks[s], 30, s + 1);
        c->segments[s] = (DkmSegSegment){.mask = c->masks[s]};
    }
    c->request = (DkmSegRequest){.table = c->study.table,
                                 .phases = &c->study.phases,
                                 .segments = c->segments,
                                 .n_segments = n_segments,
                                 .uid_seed = "seed"};
}

static void case_clear(Case *c)
{
    for (guint s = 0; s < G_N_ELEMENTS(c->masks); s++)
        dkm_mask_unref(c->masks[s]);
    fixture_clear(&c->study);
    fixture_remove(c->folder);
    g_free(c->folder);
    g_free(c->path);
}

static void case_write(const Case *c)
{
    GError *error = NULL;
    g_assert_true(dkm_dicom_write_seg(&c->request, c->path, NULL, &error));
    g_assert_no_error(error);
}

static DkmSeg *read_on(const char *path, const DkmGrid *grid)
{
    GError *error = NULL;
    DkmSeg *seg = dkm_dicom_read_seg(path, grid, 0, &error);
    g_assert_no_error(error);
    return seg;
}

static const DkmSegReadSegment *segment_at(const DkmSeg *seg, guint i)
{
    g_assert_cmpuint(i, <, seg->segments->len);
    return g_ptr_array_index(seg->segments, i);
}

static void assert_same_mask(const DkmMask *a, const DkmMask *b)
{
    const gsize n = dkm_grid_voxels(dkm_mask_grid(a));
    g_assert_cmpmem(dkm_mask_peek_slice(a, 0), n, dkm_mask_peek_slice(b, 0), n);
}

static guint count_files(const char *folder)
{
    guint n = 0;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    while (g_dir_read_name(dir))
        n++;
    return n;
}

/* ---- what is written is read --------------------------------------------------------------- */

/* 5 x 8..15 pixels: every remainder of eight bits, on every lattice, from every layout. */
static void test_round_trip(void)
{
    static const char *const layouts[] = {"ucsf", "ge", "siemens", "philips", "enhanced"};
    guint remainders = 0;
    for (int columns = 8; columns < 16; columns++) {
        Case c;
        const DkmGrid grid = lattice_of((Lattice)(columns % 3), 6, 5, columns);
        case_init(&c, layouts[columns % 5], &grid, 3);
        case_write(&c);
        remainders |= 1u << (5 * columns % 8);
        g_autoptr(DkmSeg) seg = read_on(c.path, &grid);
        g_assert_cmpuint(seg->segments->len, ==, 3);
        g_assert_cmpuint(seg->assumed->len, ==, 0);
        g_assert_false(seg->fractional);
        for (guint s = 0; s < 3; s++) {
            g_assert_cmpint(segment_at(seg, s)->number, ==, (int)s + 1);
            assert_same_mask(segment_at(seg, s)->mask, c.masks[s]);
        }
        case_clear(&c);
    }
    g_assert_cmphex(remainders, ==, 0xff);
}

static void test_union(void)
{
    Case c;
    const DkmGrid grid = lattice_of(LATTICE_AXIAL, 5, 7, 9);
    case_init(&c, "ucsf", &grid, 2);
    case_write(&c);
    g_autoptr(DkmSeg) seg = read_on(c.path, &grid);
    g_autoptr(DkmMask) all = dkm_seg_union(seg, NULL);
    const guint8 *a = dkm_mask_peek_slice(c.masks[0], 0), *b = dkm_mask_peek_slice(c.masks[1], 0);
    const guint8 *both = dkm_mask_peek_slice(all, 0);
    for (gsize i = 0; i < dkm_grid_voxels(&grid); i++)
        g_assert_cmpint(both[i], ==, a[i] | b[i]);
    case_clear(&c);
}

/* On its own lattice: from the first to the last slice that is not empty. */
static void test_own_lattice(void)
{
    for (int lattice = 0; lattice <= LATTICE_OBLIQUE; lattice++) {
        Case c;
        const DkmGrid grid = lattice_of((Lattice)lattice, 9, 6, 5);
        case_init(&c, "ucsf", &grid, 1);
        case_write(&c);
        g_autoptr(DkmSeg) seg = read_on(c.path, NULL);
        const DkmMask *mask = segment_at(seg, 0)->mask;
        g_assert_cmpint(dkm_mask_grid(mask)->n[0], ==, 8); /* 1 to 8, 3 and 6 empty between */
        double lps[3];
        dkm_grid_to_lps(&grid, (double[]){1, 0, 0}, lps);
        for (int k = 0; k < 3; k++)
            g_assert_cmpfloat_with_epsilon(dkm_mask_grid(mask)->origin_lps[k], lps[k], 1e-4);
        for (int z = 0; z < 8; z++)
            g_assert_cmpmem(dkm_mask_peek_slice(mask, z), 30,
                            dkm_mask_peek_slice(c.masks[0], z + 1), 30);
        case_clear(&c);
    }
}

static void test_empty(void)
{
    Case c;
    DkmPreflight found;
    GError *error = NULL;
    const DkmGrid grid = lattice_of(LATTICE_AXIAL, 4, 7, 9);
    case_init(&c, "ge", &grid, 1);
    fill_mask(c.masks[0], 0, 1);
    case_write(&c);
    g_assert_true(dkm_preflight_file(c.path, &found, &error));
    g_assert_cmpint(found.frames, ==, 1);
    g_assert_cmpint(found.bits_allocated, ==, 1);
    g_assert_cmpuint(found.pixel_length, ==, 8); /* 63 bits */
    g_autoptr(DkmSeg) seg = read_on(c.path, &grid);
    assert_same_mask(segment_at(seg, 0)->mask, c.masks[0]);
    case_clear(&c);
}

static void test_words(void)
{
    Case c;
    static const char *const types[] = {"AUTOMATIC", "SEMIAUTOMATIC", "MANUAL"};
    const DkmGrid grid = lattice_of(LATTICE_AXIAL, 4, 4, 4);
    case_init(&c, "ucsf", &grid, 3);
    for (guint s = 0; s < 3; s++)
        c.segments[s].algorithm = (DkmSegAlgorithm)s;
    c.segments[1].label = "L\303\244sion 2";
    c.segments[2].tracking_id = "Ours";
    c.segments[2].tracking_uid = "1.2.3.99";
    c.request.content_creator = "M\303\274ller^Eva";
    c.request.series_description = "R\303\251sum\303\251";
    case_write(&c);
    g_autoptr(DkmSeg) seg = read_on(c.path, &grid);
    for (guint s = 0; s < 3; s++)
        g_assert_cmpstr(segment_at(seg, s)->algorithm_type, ==, types[s]);
    g_assert_cmpstr(segment_at(seg, 0)->label, ==, "Lesion 1");
    g_assert_cmpstr(segment_at(seg, 1)->label, ==, "L\303\244sion 2");
    g_assert_cmpstr(segment_at(seg, 2)->tracking_uid, ==, "1.2.3.99");
    g_assert_true(g_str_has_prefix(segment_at(seg, 0)->tracking_uid, "2.25."));
    g_assert_cmpstr(seg->series_description, ==, "R\303\251sum\303\251");
    g_assert_cmpstr(seg->study_uid, ==, dkm_frame_table_get(c.study.table, 0)->study_uid);
    g_autofree char *bytes = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(c.path, &bytes, &size, NULL));
    g_assert_nonnull(memmem(bytes, size, "ISO_IR 192", 10)); /* how other readers know */
    case_clear(&c);
}

/* The text of FILE with every FROM made TO, of one length. */
static void replace_text(const char *file, const char *from, const char *to)
{
    gsize size;
    g_autofree char *bytes = NULL;
    g_assert_true(g_file_get_contents(file, &bytes, &size, NULL));
    for (char *at; (at = memmem(bytes, size, from, strlen(from)));)
        memcpy(at, to, strlen(to));
    g_assert_true(g_file_set_contents(file, bytes, (gssize)size, NULL));
}

/* Images in Latin 1, our words in UTF-8: the object has one character set, which is true. */
static void test_character_set(void)
{
    Case c;
    const DkmGrid grid = lattice_of(LATTICE_AXIAL, 4, 4, 4);
    case_init(&c, "ucsf", &grid, 1);
    replace_text(dkm_frame_table_get(c.study.table, 0)->path, "ISO_IR 192", "ISO_IR 100");
    case_write(&c); /* plain words: the images' own character set stays */
    g_autofree char *plain = NULL, *unified = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(c.path, &plain, &size, NULL));
    g_assert_nonnull(memmem(plain, size, "ISO_IR 100", 10));
    c.segments[0].label = "L\303\244sion";
    case_write(&c);
    g_assert_true(g_file_get_contents(c.path, &unified, &size, NULL));
    g_assert_nonnull(memmem(unified, size, "ISO_IR 192", 10));
    g_autoptr(DkmSeg) seg = read_on(c.path, &grid);
    g_assert_cmpstr(segment_at(seg, 0)->label, ==, "L\303\244sion");
    case_clear(&c);
}

static void test_same_bytes(void)
{
    for (int seeded = 0; seeded < 2; seeded++) {
        Case c;
        g_autofree char *first = NULL, *second = NULL;
        gsize sizes[2];
        const DkmGrid grid = lattice_of(LATTICE_AXIAL, 4, 4, 5);
        case_init(&c, "ucsf", &grid, 2);
        c.request.uid_seed = seeded ? "seed" : NULL;
        case_write(&c);
        g_assert_true(g_file_get_contents(c.path, &first, &sizes[0], NULL));
        case_write(&c); /* over the first one */
        g_assert_true(g_file_get_contents(c.path, &second, &sizes[1], NULL));
        const gboolean same = sizes[0] == sizes[1] && memcmp(first, second, sizes[0]) == 0;
        g_assert_cmpint(same, ==, seeded);
        g_assert_cmpuint(count_files(c.folder), ==, 1);
        case_clear(&c);
    }
}

/* ---- failures leave what was there --------------------------------------------------------- */

static void assert_nothing_done(Case *c, GCancellable *cancel, int code)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *bytes = NULL;
    g_assert_true(g_file_set_contents(c->path, "precious", -1, NULL));
    g_assert_false(dkm_dicom_write_seg(&c->request, c->path, cancel, &error));
    g_assert_error(error, DKM_ERROR, code);
    g_assert_true(g_file_get_contents(c->path, &bytes, NULL, NULL));
    g_assert_cmpstr(bytes, ==, "precious");
    g_assert_cmpuint(count_files(c->folder), ==, 1);
}

static void test_refused_requests(void)
{
    Case c;
    const DkmGrid grid = lattice_of(LATTICE_AXIAL, 4, 4, 5);
    const DkmGrid other = lattice_of(LATTICE_AXIAL, 4, 5, 5);
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    g_autoptr(DkmMask) foreign = dkm_mask_new(&other, NULL);
    case_init(&c, "ucsf", &grid, 1);
    c.request.n_segments = 0;
    assert_nothing_done(&c, NULL, DKM_ERROR_GEOMETRY);
    c.request.n_segments = 1;
    c.segments[0].mask = foreign;
    assert_nothing_done(&c, NULL, DKM_ERROR_GEOMETRY);
    c.segments[0].mask = c.masks[0];
    g_cancellable_cancel(cancel);
    assert_nothing_done(&c, cancel, DKM_ERROR_CANCELLED);
    g_unlink(dkm_frame_table_get(c.study.table, 0)->path);
    assert_nothing_done(&c, NULL, DKM_ERROR_INPUT);
    case_clear(&c);
}

/* A disk that is full after 100 bytes: no file may grow beyond them. */
static void test_full_disk(void)
{
    Case c;
    struct rlimit before, full;
    const DkmGrid grid = lattice_of(LATTICE_AXIAL, 4, 40, 50);
    case_init(&c, "ucsf", &grid, 1);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    for (rlim_t limit = 100; limit < 4000; limit += 1300) {
        full = before;
        full.rlim_cur = limit;
        g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &full), ==, 0);
        assert_nothing_done(&c, NULL, DKM_ERROR_OUTPUT);
        g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &before), ==, 0);
    }
    case_clear(&c);
}

static void test_no_folder(void)
{
    Case c;
    g_autoptr(GError) error = NULL;
    const DkmGrid grid = lattice_of(LATTICE_AXIAL, 4, 4, 5);
    case_init(&c, "ucsf", &grid, 1);
    g_autofree char *nowhere = g_build_filename(c.folder, "no", "such", "result.dcm", NULL);
    g_assert_false(dkm_dicom_write_seg(&c.request, nowhere, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
    g_clear_error(&error);
    case_write(&c);
    g_autofree char *in_a_file = g_build_filename(c.path, "result.dcm", NULL);
    g_assert_false(dkm_dicom_write_seg(&c.request, in_a_file, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
    g_clear_error(&error);
    if (geteuid() != 0) {
        g_chmod(c.folder, 0500);
        g_assert_false(dkm_dicom_write_seg(&c.request, c.path, NULL, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
        g_chmod(c.folder, 0700);
    }
    case_clear(&c);
}

/* ---- SEGs of others ------------------------------------------------------------------------ */

static void begin(GByteArray *b, guint32 sequence)
{
    craft_head(b, sequence, "SQ", (guint32)CRAFT_UNDEFINED);
}

static void item(GByteArray *b)
{
    craft_head(b, 0xfffee000, NULL, (guint32)CRAFT_UNDEFINED);
}

static void end_item(GByteArray *b)
{
    craft_head(b, 0xfffee00d, NULL, 0);
}

static void end(GByteArray *b)
{
    craft_head(b, 0xfffee0dd, NULL, 0);
}

/* A sequence of one item with one text element. */
static void one(GByteArray *b, guint32 sequence, guint32 tag, const char *vr, const char *text)
{
    begin(b, sequence);
    item(b);
    craft_text(b, tag, vr, text);
    end_item(b);
    end(b);
}

enum { F_SLICES = 5, F_ROWS = 4, F_COLUMNS = 3, F_PIXELS = F_ROWS * F_COLUMNS };

/* As UCSF writes them: FRACTIONAL, 8 bit, no references, some slices only, positions as rounded as
 * OFF_MM says. Voxel I of frame K is VALUES[(K + I) % 4]. */
static char *write_fractional(const char *folder, const DkmGrid *grid, double off_mm,
                              const guint8 values[4])
{
    g_autoptr(GByteArray) b = craft_new(CRAFT_EXPLICIT);
    craft_text(b, 0x00080005, "CS", "ISO_IR 100");
    craft_text(b, 0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.66.4");
    craft_text(b, 0x00080018, "UI", "1.2.3.77");
    craft_text(b, 0x0020000d, "UI", "1.2.3.4.5");
    craft_us(b, 0x00280002, 1);
    craft_text(b, 0x00280008, "IS", "2");
    craft_us(b, 0x00280010, F_ROWS);
    craft_us(b, 0x00280011, F_COLUMNS);
    craft_us(b, 0x00280100, 8);
    craft_us(b, 0x00280101, 8);
    craft_text(b, 0x00620001, "CS", "FRACTIONAL");
    begin(b, 0x00620002);
    item(b);
    craft_us(b, 0x00620004, 1);
    craft_text(b, 0x00620005, "LO", "Gew\344chs"); /* Latin 1 */
    end_item(b);
    end(b);
    craft_us(b, 0x0062000e, 255);
    begin(b, 0x52009229);
    item(b);
    one(b, 0x00209116, 0x00200037, "DS", "1\\0\\0\\0\\1\\0");
    one(b, 0x00289110, 0x00280030, "DS", "0.703125\\0.703125");
    end_item(b);
    end(b);
    begin(b, 0x52009230);
    for (int k = 0; k < 2; k++) {
        double lps[3];
        dkm_grid_to_lps(grid, (double[]){1 + 2 * k, 0, 0}, lps);
        g_autofree char *position =
            g_strdup_printf("%.7g\\%.7g\\%.7g", lps[0] + off_mm, lps[1] - off_mm, lps[2] + off_mm);
        item(b);
        one(b, 0x00209113, 0x00200032, "DS", position);
        begin(b, 0x0062000a);
        item(b);
        craft_us(b, 0x0062000b, 1);
        end_item(b);
        end(b);
        end_item(b);
    }
    end(b);
    guint8 pixels[2 * F_PIXELS];
    for (int i = 0; i < 2 * F_PIXELS; i++)
        pixels[i] = values[(i / F_PIXELS + i % F_PIXELS) % 4];
    craft_head(b, 0x7fe00010, "OB", sizeof pixels);
    g_byte_array_append(b, pixels, sizeof pixels);
    return craft_save(b, folder, "fractional.dcm");
}

static void test_fractional(void)
{
    static const guint8 values[4] = {0, 255, 100, 200};
    static const struct {
        double threshold;
        gboolean set[4]; /* for each of the values */
    } rows[] = {{0, {0, 1, 1, 1}}, {0.5, {0, 1, 0, 1}}, {0.9, {0, 1, 0, 0}}};
    g_autofree char *folder = fixture_folder();
    const DkmGrid grid = fixture_grid(LATTICE_AXIAL, F_SLICES, F_ROWS, F_COLUMNS);
    g_autofree char *path = write_fractional(folder, &grid, 4e-6, values);
    for (guint r = 0; r < G_N_ELEMENTS(rows); r++) {
        GError *error = NULL;
        g_autoptr(DkmSeg) seg = dkm_dicom_read_seg(path, &grid, rows[r].threshold, &error);
        g_assert_no_error(error);
        g_assert_true(seg->fractional);
        g_assert_cmpuint(seg->assumed->len, ==, 2); /* no references; the threshold */
        g_assert_cmpstr(segment_at(seg, 0)->label, ==, "Gew\303\244chs");
        const DkmMask *mask = segment_at(seg, 0)->mask;
        for (int z = 0; z < F_SLICES; z++)
            for (int i = 0; i < F_PIXELS; i++)
                g_assert_cmpint(dkm_mask_peek_slice(mask, z)[i], ==,
                                z % 2 ? rows[r].set[(z / 2 + i) % 4] : 0);
    }
    fixture_remove(folder);
}

/* Half a pixel off is known of archives: read, and said. */
static void test_half_a_pixel(void)
{
    static const guint8 values[4] = {0, 255, 0, 255};
    g_autofree char *folder = fixture_folder();
    const DkmGrid grid = fixture_grid(LATTICE_AXIAL, F_SLICES, F_ROWS, F_COLUMNS);
    g_autofree char *path = write_fractional(folder, &grid, 0.35, values);
    g_autoptr(DkmSeg) seg = read_on(path, &grid);
    g_assert_cmpuint(seg->assumed->len, ==, 3);
    g_assert_nonnull(strstr(g_ptr_array_index(seg->assumed, 2), "0.350 mm off"));
    fixture_remove(folder);
}

static void test_foreign_lattice(void)
{
    static const guint8 values[4] = {0, 255, 0, 255};
    g_autofree char *folder = fixture_folder();
    const DkmGrid grid = fixture_grid(LATTICE_AXIAL, F_SLICES, F_ROWS, F_COLUMNS);
    g_autofree char *path = write_fractional(folder, &grid, 0, values);
    for (int kind = 0; kind < 7; kind++) {
        DkmGrid other = grid;
        g_autoptr(GError) error = NULL;
        other.origin_lps[0] += kind == 0 ? 0.7 : 0;
        other.origin_lps[1] += kind == 1 ? -5 : 0;
        other.origin_lps[2] += kind == 2 ? 100 : 0;
        other.spacing_mm[2] += kind == 3 ? 0.1 : 0;
        other.n[1] += kind == 4;
        other.n[0] = kind == 5 ? 2 : F_SLICES; /* too few slices */
        if (kind == 6)
            other = fixture_grid(LATTICE_OBLIQUE, F_SLICES, F_ROWS, F_COLUMNS);
        g_assert_null(dkm_dicom_read_seg(path, &other, 0, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
        g_assert_true(g_str_has_prefix(error->message, "fractional.dcm: frame "));
    }
    fixture_remove(folder);
}

/* A SEG cut anywhere, and files that are none. */
static void test_damaged(void)
{
    Case c;
    const DkmGrid grid = lattice_of(LATTICE_AXIAL, 4, 4, 5);
    case_init(&c, "ucsf", &grid, 1);
    case_write(&c);
    g_autofree char *bytes = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(c.path, &bytes, &size, NULL));
    for (gsize n = 0; n < size; n += 197) {
        g_autoptr(GError) error = NULL;
        g_assert_true(g_file_set_contents(c.path, bytes, (gssize)n, NULL));
        g_assert_null(dkm_dicom_read_seg(c.path, &grid, 0, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    }
    g_autoptr(GError) error = NULL;
    const char *image = dkm_frame_table_get(c.study.table, 0)->path;
    g_assert_null(dkm_dicom_read_seg(image, &grid, 0, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_assert_nonnull(strstr(error->message, "not a DICOM segmentation"));
    case_clear(&c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/seg/round-trip", test_round_trip);
    g_test_add_func("/seg/union", test_union);
    g_test_add_func("/seg/own-lattice", test_own_lattice);
    g_test_add_func("/seg/empty", test_empty);
    g_test_add_func("/seg/words", test_words);
    g_test_add_func("/seg/character-set", test_character_set);
    g_test_add_func("/seg/same-bytes", test_same_bytes);
    g_test_add_func("/seg/refused-requests", test_refused_requests);
    g_test_add_func("/seg/full-disk", test_full_disk);
    g_test_add_func("/seg/no-folder", test_no_folder);
    g_test_add_func("/seg/fractional", test_fractional);
    g_test_add_func("/seg/half-a-pixel", test_half_a_pixel);
    g_test_add_func("/seg/foreign-lattice", test_foreign_lattice);
    g_test_add_func("/seg/damaged", test_damaged);
    return g_test_run();
}
