#include "core/error.h"
#include "tests/dicom/craft.h"
#include "tests/dicom/fixture.h"

#include <math.h>
#include <unistd.h>

enum { ROWS = 4, COLUMNS = 6, PIXELS = ROWS * COLUMNS };

typedef struct {
    char *folder;
    DkmFrameTable *table;
    guint *frames;
    DkmFrameStack stack;
} Stack;

/* One file a slice; the pixels of IMAGES[z] are the LENGTH bytes behind those of slice z - 1. */
static void stack_write(Stack *s, const CraftImage *images, int slices, const void *pixels,
                        guint length)
{
    *s = (Stack){.folder = fixture_folder(), .frames = g_new(guint, (gsize)slices)};
    for (int z = 0; z < slices; z++) {
        CraftImage image = images[z];
        g_autofree char *uid = g_strdup_printf("1.2.3.4.%d", z + 1);
        g_autofree char *name = g_strdup_printf("slice-%d.dcm", z);
        image.uid = uid;
        image.z_mm = 2 * z;
        g_autoptr(GByteArray) b = craft_header(&image);
        if (strcmp(image.syntax, CRAFT_EXPLICIT) == 0)
            craft_pixels(b, (const guint8 *)pixels + (gsize)z * length, length);
        else
            craft_encapsulated(b, (const guint8 *)pixels + (gsize)z * length, length);
        g_free(craft_save(b, s->folder, name));
        s->frames[z] = (guint)z;
    }
    GError *error = NULL;
    s->table = dkm_dicom_scan(s->folder, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(s->table->frames->len, ==, (guint)slices);
    s->stack = (DkmFrameStack){.frames = s->frames,
                               .grid = {.n = {slices, ROWS, COLUMNS},
                                        .spacing_mm = {2, 0.7, 0.7},
                                        .origin_lps = {-10, -20, 0},
                                        .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}}};
}

static void stack_clear(Stack *s)
{
    dkm_frame_table_unref(s->table);
    fixture_remove(s->folder);
    g_free(s->folder);
    g_free(s->frames);
}

static DkmVolume *stack_load(const Stack *s, GError **error)
{
    return dkm_dicom_load_frames(s->table, &s->stack, NULL, NULL, error);
}

/* ---- what the bits mean -------------------------------------------------------------------- */

typedef struct {
    const char *name;
    guint allocated, stored, high, is_signed;
    const char *photometric;
    guint16 in[3], out[3]; /* stored words, and the samples that they are */
} Bits;

static const Bits bits[] = {
    {"unsigned", 16, 16, 15, 0, "MONOCHROME2", {0, 0x8001, 0xffff}, {0, 0x8001, 0xffff}},
    {"signed", 16, 16, 15, 1, "MONOCHROME2", {0, 0x8001, 0xffff}, {0, 0x8001, 0xffff}},
    {"monochrome1", 16, 16, 15, 0, "MONOCHROME1", {0, 1, 0xffff}, {0, 1, 0xffff}},
    {"12-bit", 16, 12, 11, 0, "MONOCHROME2", {0x0fff, 0xf001, 0x8000}, {0x0fff, 1, 0}},
    {"12-bit-signed",
     16,
     12,
     11,
     1,
     "MONOCHROME2",
     {0x0fff, 0x07ff, 0xf800},
     {0xffff, 0x07ff, 0xf800}},
    {"overlay-above-sign",
     16,
     12,
     11,
     1,
     "MONOCHROME2",
     {0xf001, 0x1fff, 0x7800},
     {1, 0xffff, 0xf800}},
    {"high-bit-15", 16, 12, 15, 0, "MONOCHROME2", {0xfff0, 0x001f, 0x8007}, {0x0fff, 1, 0x800}},
    {"high-bit-15-signed",
     16,
     12,
     15,
     1,
     "MONOCHROME2",
     {0xfff0, 0x7ff0, 0x8000},
     {0xffff, 0x07ff, 0xf800}},
    {"1-bit-stored", 16, 1, 0, 0, "MONOCHROME2", {0xffff, 0xfffe, 1}, {1, 0, 1}},
    {"8-bit", 8, 8, 7, 0, "MONOCHROME2", {0, 0x80, 0xff}, {0, 0x80, 0xff}},
    {"8-bit-signed", 8, 8, 7, 1, "MONOCHROME2", {0, 0x80, 0xff}, {0, 0xff80, 0xffff}},
    {"6-of-8", 8, 6, 5, 0, "MONOCHROME2", {0xc1, 0x3f, 0xff}, {1, 0x3f, 0x3f}},
};

static void test_bits(gconstpointer data)
{
    const Bits *row = data;
    Stack s;
    GError *error = NULL;
    guint16 words[PIXELS] = {0};
    for (int i = 0; i < 3; i++)
        if (row->allocated == 16)
            words[i] = GUINT16_TO_LE(row->in[i]);
        else
            ((guint8 *)words)[i] = (guint8)row->in[i];
    CraftImage image = CRAFT_IMAGE;
    image.allocated = row->allocated;
    image.stored = row->stored;
    image.high = row->high;
    image.is_signed = row->is_signed;
    image.photometric = row->photometric;
    stack_write(&s, &image, 1, words, PIXELS * row->allocated / 8);
    g_autoptr(DkmVolume) volume = stack_load(&s, &error);
    g_assert_no_error(error);
    g_assert_cmpint(dkm_volume_is_signed(volume), ==, row->is_signed);
    const guint16 *samples = dkm_volume_slice(volume, 0);
    for (int i = 0; i < 3; i++)
        g_assert_cmphex(samples[i], ==, row->out[i]);
    for (int i = 3; i < PIXELS; i++)
        g_assert_cmphex(samples[i], ==, 0);
    stack_clear(&s);
}

/* A slope and an intercept for each slice; what is no number, or no slope, counts as absent. */
static void test_rescale(void)
{
    static const struct {
        const char *slope, *intercept;
        float expected_slope, expected_intercept;
        gboolean is_replaced; /* which a person is told */
    } rows[] = {{"0.5", "-3", 0.5F, -3, FALSE},  {NULL, NULL, 1, 0, FALSE},
                {"2.25", NULL, 2.25F, 0, FALSE}, {"0", "7", 1, 7, TRUE},
                {"nan", "inf", 1, 0, TRUE},      {"junk", "", 1, 0, TRUE},
                {"-1", "1e2", -1, 100, FALSE},   {"1e-3", "0", 1e-3F, 0, FALSE}};
    enum { SLICES = G_N_ELEMENTS(rows) };
    static const guint16 words[SLICES * PIXELS];
    CraftImage images[SLICES];
    Stack s;
    GError *error = NULL;
    for (int z = 0; z < SLICES; z++) {
        images[z] = (CraftImage)CRAFT_IMAGE;
        images[z].slope = rows[z].slope;
        images[z].intercept = rows[z].intercept;
    }
    stack_write(&s, images, SLICES, words, PIXELS * 2);
    g_autoptr(DkmVolume) volume = stack_load(&s, &error);
    g_assert_no_error(error);
    for (int z = 0; z < SLICES; z++) {
        g_assert_cmpfloat((float)dkm_volume_slope(volume, z), ==, rows[z].expected_slope);
        g_assert_cmpfloat((float)dkm_volume_intercept(volume, z), ==, rows[z].expected_intercept);
        g_assert_cmpint(dkm_frame_table_get(s.table, s.frames[z])->rescale_is_replaced, ==,
                        rows[z].is_replaced);
    }
    stack_clear(&s);
}

/* Values without end: refused by slice and file. */
static void test_rescale_refused(void)
{
    static const char *const rows[][2] = {{"1e300", "0"}, {"-1e308", "0"}, {"1", "1e300"},
                                          {"1", "-1e31"}, {"1e26", "0"},   {"1e-40", "0"}};
    static const guint16 words[2 * PIXELS];
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        CraftImage images[2] = {CRAFT_IMAGE, CRAFT_IMAGE};
        Stack s;
        g_autoptr(GError) error = NULL;
        images[1].slope = rows[i][0];
        images[1].intercept = rows[i][1];
        stack_write(&s, images, 2, words, PIXELS * 2);
        g_autoptr(DkmVolume) volume = stack_load(&s, &error);
        g_assert_null(volume);
        g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, "slice 2 ("));
        g_assert_nonnull(strstr(error->message, "give no usable values"));
        stack_clear(&s);
    }
}

/* The order of the stack, not that of the table. */
static void test_order(void)
{
    guint16 words[3 * PIXELS];
    CraftImage images[3] = {CRAFT_IMAGE, CRAFT_IMAGE, CRAFT_IMAGE};
    Stack s;
    GError *error = NULL;
    for (int i = 0; i < 3 * PIXELS; i++)
        words[i] = GUINT16_TO_LE((guint16)i);
    stack_write(&s, images, 3, words, PIXELS * 2);
    static const guint order[] = {2, 0, 1};
    memcpy(s.frames, order, sizeof order);
    g_autoptr(DkmVolume) volume = stack_load(&s, &error);
    g_assert_no_error(error);
    for (int z = 0; z < 3; z++)
        for (guint i = 0; i < PIXELS; i++)
            g_assert_cmpuint(((const guint16 *)dkm_volume_slice(volume, z))[i], ==,
                             order[z] * PIXELS + i);
    stack_clear(&s);
}

/* Signed and unsigned slices in one volume: well where the numbers fit, else refused. */
static void test_mixed_signs(void)
{
    for (int large = 0; large < 2; large++) {
        guint16 words[2 * PIXELS] = {0};
        CraftImage images[2] = {CRAFT_IMAGE, CRAFT_IMAGE};
        Stack s;
        g_autoptr(GError) error = NULL;
        images[0].is_signed = 1;
        words[0] = 0xffff;
        words[PIXELS] = large ? 0x8000 : 0x7fff;
        stack_write(&s, images, 2, words, PIXELS * 2);
        g_autoptr(DkmVolume) volume = stack_load(&s, &error);
        g_assert_cmpint(volume == NULL, ==, large);
        if (large) {
            g_assert_error(error, DKM_ERROR, DKM_ERROR_UNSUPPORTED);
            g_assert_true(g_str_has_prefix(error->message, "slice 2 (slice-1.dcm): "));
        }
        stack_clear(&s);
    }
}

/* ---- refusals name the slice and its file -------------------------------------------------- */

typedef void (*Spoil)(const char *path);

static void cut_short(const char *path)
{
    GStatBuf status;
    g_assert_cmpint(g_stat(path, &status), ==, 0);
    g_assert_cmpint(truncate(path, status.st_size - 2), ==, 0);
}

static void take_away(const char *path)
{
    g_unlink(path);
}

static void replace(const char *path, guint rows, guint pixels)
{
    static const guint16 words[4 * PIXELS];
    CraftImage image = CRAFT_IMAGE;
    image.rows = rows;
    g_autoptr(GByteArray) b = craft_header(&image);
    craft_pixels(b, words, pixels * 2);
    GError *error = NULL;
    g_file_set_contents(path, (const char *)b->data, b->len, &error);
    g_assert_no_error(error);
}

static void other_size(const char *path)
{
    replace(path, ROWS + 1, PIXELS + COLUMNS);
}

static void fewer_pixels(const char *path)
{
    replace(path, ROWS, PIXELS - 1);
}

static void more_pixels(const char *path)
{
    replace(path, ROWS, 2 * PIXELS);
}

static void no_pixels(const char *path)
{
    CraftImage image = CRAFT_IMAGE;
    g_autoptr(GByteArray) b = craft_header(&image);
    GError *error = NULL;
    g_file_set_contents(path, (const char *)b->data, b->len, &error);
    g_assert_no_error(error);
}

static void make_text(const char *path)
{
    g_file_set_contents(path, "no image any more", -1, NULL);
}

static const struct {
    const char *name;
    Spoil spoil;
    const char *says;
} spoilt[] = {
    {"cut-short", cut_short, "cut off in (7fe0,0010)"},
    {"taken-away", take_away, "cannot be opened"},
    {"other-size", other_size, "5 x 6 pixels where 4 x 6 belong"},
    {"fewer-pixels", fewer_pixels, "46 bytes of pixel data where 48 belong"},
    {"more-pixels", more_pixels, "96 bytes of pixel data where 48 belong"},
    {"no-pixels", no_pixels, "no pixel data"},
    {"text", make_text, "not a DICOM file"},
};

static void test_spoilt(gconstpointer data)
{
    const guint row = GPOINTER_TO_UINT(data);
    static const guint16 words[3 * PIXELS];
    CraftImage images[3] = {CRAFT_IMAGE, CRAFT_IMAGE, CRAFT_IMAGE};
    Stack s;
    g_autoptr(GError) error = NULL;
    stack_write(&s, images, 3, words, PIXELS * 2);
    g_autofree char *path = g_build_filename(s.folder, "slice-1.dcm", NULL);
    spoilt[row].spoil(path);
    g_assert_null(stack_load(&s, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_INPUT);
    g_assert_true(g_str_has_prefix(error->message, "slice 2 (slice-1.dcm): "));
    g_assert_nonnull(strstr(error->message, spoilt[row].says));
    stack_clear(&s);
}

/* ---- coded pixels -------------------------------------------------------------------------- */

static void test_coded(void)
{
    static const struct {
        const char *syntax;
        const char *says; /* NULL: read */
        int code;
    } rows[] = {
        {CRAFT_RLE, NULL, 0},
        {"1.2.840.10008.1.2.4.100",
         "MPEG2MainProfile@MainLevel (1.2.840.10008.1.2.4.100) is not read", DKM_ERROR_UNSUPPORTED},
        {"1.2.840.10008.1.2.4.90", "JPEG 2000 data are damaged", DKM_ERROR_INPUT},
        {"1.2.840.10008.1.2.4.50", "JPEG data are damaged", DKM_ERROR_INPUT},
        {"1.2.840.10008.1.2.4.51", "JPEG data are damaged", DKM_ERROR_INPUT},
        {CRAFT_JPEG, "JPEG data are damaged", DKM_ERROR_INPUT},
        {"1.2.840.10008.1.2.4.80", "JPEG data are damaged", DKM_ERROR_INPUT},
    };
    guint8 rle[64 + 4] = {2, 0, 0, 0, 64, 0, 0, 0, 66};
    rle[64] = (guint8)(257 - PIXELS), rle[65] = 1; /* 24 times 0x0105 */
    rle[66] = (guint8)(257 - PIXELS), rle[67] = 5;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        CraftImage image = CRAFT_IMAGE;
        Stack s;
        g_autoptr(GError) error = NULL;
        image.syntax = rows[i].syntax;
        stack_write(&s, &image, 1, rle, sizeof rle);
        g_autoptr(DkmVolume) volume = stack_load(&s, &error);
        g_assert_cmpint(volume != NULL, ==, rows[i].says == NULL);
        for (int k = 0; volume && k < PIXELS; k++)
            g_assert_cmphex(((const guint16 *)dkm_volume_slice(volume, 0))[k], ==, 0x0105);
        if (rows[i].says) {
            g_assert_error(error, DKM_ERROR, rows[i].code);
            g_assert_true(g_str_has_prefix(error->message, "slice 1 (slice-0.dcm): "));
            g_assert_nonnull(strstr(error->message, rows[i].says));
        }
        stack_clear(&s);
    }
}

/* Bytes behind the pixels, fewer than a frame has: read, and said. */
static void test_padding(void)
{
    static const struct {
        guint bytes;
        gboolean is_read, is_padded;
    } rows[] = {{2 * PIXELS - 2, FALSE, FALSE}, {2 * PIXELS, TRUE, FALSE},
                {2 * PIXELS + 2, TRUE, TRUE},   {4 * PIXELS - 2, TRUE, TRUE},
                {4 * PIXELS, FALSE, FALSE},     {20 * PIXELS, FALSE, FALSE}};
    static guint16 words[10 * PIXELS];
    for (int i = 0; i < PIXELS; i++)
        words[i] = GUINT16_TO_LE(100 + i);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const CraftImage image = CRAFT_IMAGE;
        GError *error = NULL;
        g_autofree char *folder = fixture_folder();
        g_autoptr(GByteArray) b = craft_header(&image);
        craft_pixels(b, words, rows[i].bytes);
        g_autofree char *path = craft_save(b, folder, "1.dcm");
        g_autoptr(DkmFrameTable) table = dkm_dicom_scan(folder, NULL, NULL, NULL);
        g_assert_cmpint(table != NULL, ==, rows[i].is_read);
        if (table) {
            const guint first = 0;
            const DkmFrameStack stack = {&first,
                                         {.n = {1, ROWS, COLUMNS},
                                          .spacing_mm = {1, 1, 1},
                                          .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}}};
            g_autoptr(DkmVolume) volume = dkm_dicom_load_frames(table, &stack, NULL, NULL, &error);
            g_assert_no_error(error);
            g_assert_cmpint(dkm_frame_table_get(table, 0)->is_padded, ==, rows[i].is_padded);
            for (int k = 0; k < PIXELS; k++)
                g_assert_cmpuint(dkm_volume_slice(volume, 0)[k], ==, 100u + (guint)k);
        }
        fixture_remove(folder);
    }
}

/* ---- the request --------------------------------------------------------------------------- */

static void test_requests(void)
{
    Fixture f;
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    const DkmGrid grid = fixture_grid(LATTICE_AXIAL, 3, 4, 4);
    fixture_write(&f, "ucsf", 2, &grid);
    g_assert_null(dkm_dicom_load_phase(f.table, &f.phases, 2, NULL, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_USAGE);
    g_clear_error(&error);
    DkmProgress progress = {0};
    g_autoptr(DkmVolume) volume =
        dkm_dicom_load_phase(f.table, &f.phases, 1, &progress, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(dkm_progress_get(&progress), ==, 1000);
    g_cancellable_cancel(cancel);
    g_assert_null(dkm_dicom_load_phase(f.table, &f.phases, 0, NULL, cancel, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_CANCELLED);
    g_clear_error(&error);
    f.phases.grid.spacing_mm[0] = 0;
    g_assert_null(dkm_dicom_load_phase(f.table, &f.phases, 0, NULL, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
    fixture_clear(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(bits); i++) {
        g_autofree char *path = g_strconcat("/pixels/bits/", bits[i].name, NULL);
        g_test_add_data_func(path, &bits[i], test_bits);
    }
    for (guint i = 0; i < G_N_ELEMENTS(spoilt); i++) {
        g_autofree char *path = g_strconcat("/pixels/spoilt/", spoilt[i].name, NULL);
        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_spoilt);
    }
    g_test_add_func("/pixels/rescale", test_rescale);
    g_test_add_func("/pixels/rescale-refused", test_rescale_refused);
    g_test_add_func("/pixels/order", test_order);
    g_test_add_func("/pixels/mixed-signs", test_mixed_signs);
    g_test_add_func("/pixels/coded", test_coded);
    g_test_add_func("/pixels/padding", test_padding);
    g_test_add_func("/pixels/requests", test_requests);
    return g_test_run();
}
