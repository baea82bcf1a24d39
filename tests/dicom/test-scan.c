#include "core/error.h"
#include "tests/dicom/craft.h"
#include "tests/dicom/fixture.h"
#include "tests/support/says.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#define MR_CLASS "1.2.840.10008.5.1.4.1.1.4"

static char *below(const char *folder, const char *name)
{
    char *path = g_build_filename(folder, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
    return path;
}

static void put(const char *folder, const char *name, const GByteArray *bytes)
{
    GError *error = NULL;
    g_autofree char *path = below(folder, name);
    g_file_set_contents(path, (const char *)bytes->data, bytes->len, &error);
    g_assert_no_error(error);
}

static void put_text(const char *folder, const char *name, const char *text)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const guint8 *)text, (guint)strlen(text));
    put(folder, name, bytes);
}

static GByteArray *image_bytes(const char *uid)
{
    static const guint16 pixels[24];
    CraftImage image = CRAFT_IMAGE;
    image.uid = uid;
    GByteArray *b = craft_header(&image);
    craft_pixels(b, pixels, sizeof pixels);
    return b;
}

static void put_image(const char *folder, const char *name, const char *uid)
{
    g_autoptr(GByteArray) bytes = image_bytes(uid);
    put(folder, name, bytes);
}

/* An object of SOP_CLASS without pixels. */
static void put_object(const char *folder, const char *name, const char *sop_class)
{
    g_autoptr(GByteArray) b = craft_new(CRAFT_EXPLICIT);
    craft_text(b, 0x00080016, "UI", sop_class);
    craft_text(b, 0x00080018, "UI", "1.2.3.9");
    craft_text(b, 0x0020000d, "UI", "1.2.3.4.5");
    craft_text(b, 0x0020000e, "UI", "1.2.3.4.7");
    put(folder, name, b);
}

static DkmFrameTable *scan(const char *path)
{
    GError *error = NULL;
    DkmFrameTable *table = dkm_dicom_scan(path, NULL, NULL, &error);
    g_assert_no_error(error);
    return table;
}

static const DkmFileNote *note_of(const DkmFrameTable *table, const char *name)
{
    for (guint i = 0; i < table->notes->len; i++) {
        const DkmFileNote *note = &g_array_index(table->notes, DkmFileNote, i);
        g_autofree char *base = g_path_get_basename(note->path);
        if (strcmp(base, name) == 0)
            return note;
    }
    g_assert_cmpstr(name, ==, "a file with a note");
    return NULL;
}

static void assert_note(const DkmFrameTable *table, const char *name, DkmFileFate fate,
                        const char *says)
{
    const DkmFileNote *note = note_of(table, name);
    g_assert_cmpint(note->fate, ==, fate);
    assert_says(note->reason, says);
}

/* ---- what a folder holds ------------------------------------------------------------------- */

static void test_walk(void)
{
    g_autofree char *folder = fixture_folder();
    put_image(folder, "b/2.dcm", "1.2.3.4.2");
    put_image(folder, "a/deep/er/1", "1.2.3.4.1"); /* no ending, another folder */
    put_image(folder, ".hidden", "1.2.3.4.3");
    put_text(folder, "b/notes.txt", "nothing of interest");
    put_text(folder, "empty.dcm", "");
    put_object(folder, "seg.dcm", "1.2.840.10008.5.1.4.1.1.66.4");
    put_object(folder, "ct.dcm", "1.2.840.10008.5.1.4.1.1.2");
    put_object(folder, "odd.dcm", "1.2.3.4.5.6");
    g_autoptr(DkmFrameTable) table = scan(folder);
    g_assert_cmpuint(table->frames->len, ==, 3);
    g_assert_cmpuint(table->notes->len, ==, 5);
    static const char *const order[] = {"1.2.3.4.3", "1.2.3.4.1", "1.2.3.4.2"}; /* by path */
    for (guint i = 0; i < 3; i++)
        g_assert_cmpstr(dkm_frame_table_get(table, i)->sop_instance_uid, ==, order[i]);
    assert_note(table, "notes.txt", DKM_FILE_REFUSED, "not a DICOM file");
    assert_note(table, "empty.dcm", DKM_FILE_REFUSED, "not a DICOM file");
    assert_note(table, "seg.dcm", DKM_FILE_SET_ASIDE, "segmentation object (SEG)");
    assert_note(table, "ct.dcm", DKM_FILE_SET_ASIDE, "not an MR image: CT");
    assert_note(table, "odd.dcm", DKM_FILE_SET_ASIDE, "SOP class 1.2.3.4.5.6");
    g_assert_cmpstr(note_of(table, "seg.dcm")->series_uid, ==, "1.2.3.4.7");
    fixture_remove(folder);
}

static void test_record(void)
{
    g_autofree char *folder = fixture_folder();
    put_image(folder, "1.dcm", "1.2.3.4.1");
    g_autoptr(DkmFrameTable) table = scan(folder);
    const DkmFrame *f = dkm_frame_table_get(table, 0);
    g_assert_cmpstr(f->image_type, ==, "ORIGINAL\\PRIMARY");
    g_assert_cmpstr(f->study_uid, ==, "1.2.3.4.5");
    g_assert_cmpstr(f->transfer_syntax_uid, ==, CRAFT_EXPLICIT);
    g_assert_cmpfloat(f->position_lps[1], ==, -20);
    g_assert_cmpfloat(f->spacing_mm[1], ==, 0.7);
    g_assert_cmpint(f->rows, ==, 4);
    g_assert_cmpint(f->columns, ==, 6);
    g_assert_cmpint(f->acquisition_number, ==, DKM_ABSENT_INT);
    g_assert_true(f->content_time_s != f->content_time_s); /* NaN: absent */
    g_assert_null(f->series_description);
    fixture_remove(folder);
}

static void assert_full(const DkmFrame *f)
{
    const char *const texts[] = {
        f->study_uid,        f->study_date,    f->study_time,       f->study_description,
        f->accession_number, f->patient_id,    f->patient_name,     f->patient_birth_date,
        f->patient_sex,      f->series_uid,    f->sequence_name,    f->frame_of_reference_uid,
        f->protocol_name,    f->modality,      f->manufacturer,     f->manufacturer_model,
        f->body_part,        f->sop_class_uid, f->sop_instance_uid, f->transfer_syntax_uid,
        f->image_type,       f->photometric,   f->contrast_agent};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_nonnull(texts[i]);
    g_assert_cmpstr(f->series_description, ==, "S\u00e9rie");
    g_assert_cmpstr(f->scanning_sequence, ==, "GR\\IR");
    const double reals[][2] = {{f->acquisition_datetime_s, 1577960100},
                               {f->series_time_s, 36660},
                               {f->acquisition_time_s, 36720},
                               {f->content_time_s, 36780},
                               {f->slice_thickness_mm, 2},
                               {f->repetition_time_ms, 5},
                               {f->echo_time_ms, 1.5},
                               {f->field_strength, 3},
                               {f->flip_angle_deg, 7},
                               {f->trigger_time_ms, 12},
                               {f->position_lps[2], 3},
                               {f->row_lps[0], 1},
                               {f->column_lps[1], 1},
                               {f->temporal_resolution, 90},
                               {f->spacing_mm[0], 0.5},
                               {f->spacing_mm[1], 0.6},
                               {f->window_center, 100},
                               {f->window_width, 200},
                               {f->rescale_intercept, -4},
                               {f->rescale_slope, 3}};
    for (guint i = 0; i < G_N_ELEMENTS(reals); i++)
        g_assert_cmpfloat(reals[i][0], ==, reals[i][1]);
    const int ints[][2] = {{f->series_number, 8},
                           {f->acquisition_number, 9},
                           {f->instance_number, 10},
                           {f->temporal_position, 2},
                           {f->number_of_temporal_positions, 6},
                           {f->images_in_acquisition, 60},
                           {f->bits_stored, 12},
                           {f->pixel_representation, 1}};
    for (guint i = 0; i < G_N_ELEMENTS(ints); i++)
        g_assert_cmpint(ints[i][0], ==, ints[i][1]);
}

/* Every attribute of a record reaches it: the scan parses no more than it is told to. */
static void test_full_record(void)
{
    static const struct {
        guint32 tag;
        const char *vr, *text;
    } rows[] = {
        {0x00080005, "CS", "ISO_IR 100"}, {0x00080008, "CS", "ORIGINAL"},
        {0x00080016, "UI", MR_CLASS},     {0x00080018, "UI", "1.2.3"},
        {0x00080020, "DA", "20200102"},   {0x0008002a, "DT", "20200102101500"},
        {0x00080030, "TM", "1010"},       {0x00080031, "TM", "1011"},
        {0x00080032, "TM", "1012"},       {0x00080033, "TM", "1013"},
        {0x00080050, "SH", "A1"},         {0x00080060, "CS", "MR"},
        {0x00080070, "LO", "Maker"},      {0x00081030, "LO", "Study"},
        {0x0008103e, "LO", "S\xe9rie"},   {0x00081090, "LO", "Model"},
        {0x00100010, "PN", "Made^Up"},    {0x00100020, "LO", "P1"},
        {0x00100030, "DA", "19700101"},   {0x00100040, "CS", "F"},
        {0x00180010, "LO", "Agent"},      {0x00180015, "CS", "BREAST"},
        {0x00180020, "CS", "GR\\IR"},     {0x00180024, "SH", "fl3d"},
        {0x00180050, "DS", "2"},          {0x00180080, "DS", "5"},
        {0x00180081, "DS", "1.5"},        {0x00180087, "DS", "3"},
        {0x00181030, "LO", "Protocol"},   {0x00181060, "DS", "12"},
        {0x00181314, "DS", "7"},          {0x0020000d, "UI", "1.2.4"},
        {0x0020000e, "UI", "1.2.5"},      {0x00200011, "IS", "8"},
        {0x00200012, "IS", "9"},          {0x00200013, "IS", "10"},
        {0x00200032, "DS", "1\\2\\3"},    {0x00200037, "DS", "1\\0\\0\\0\\1\\0"},
        {0x00200052, "UI", "1.2.6"},      {0x00200100, "IS", "2"},
        {0x00200105, "IS", "6"},          {0x00200110, "DS", "90"},
        {0x00201002, "IS", "60"},         {0x00280004, "CS", "MONOCHROME2"},
        {0x00280030, "DS", "0.5\\0.6"},   {0x00281050, "DS", "100"},
        {0x00281051, "DS", "200"},        {0x00281052, "DS", "-4"},
        {0x00281053, "DS", "3"},
    };
    static const guint16 numbers[][2] = {{2, 1},      {0x10, 4},   {0x11, 6}, {0x100, 16},
                                         {0x101, 12}, {0x102, 11}, {0x103, 1}};
    static const guint16 pixels[24];
    g_autofree char *folder = fixture_folder();
    g_autoptr(GByteArray) b = craft_new(CRAFT_EXPLICIT);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        craft_text(b, rows[i].tag, rows[i].vr, rows[i].text);
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        craft_us(b, 0x00280000u | numbers[i][0], numbers[i][1]);
    craft_pixels(b, pixels, sizeof pixels);
    put(folder, "1.dcm", b);
    g_autoptr(DkmFrameTable) table = scan(folder);
    g_assert_cmpuint(table->frames->len, ==, 1);
    assert_full(dkm_frame_table_get(table, 0));
    fixture_remove(folder);
}

/* A deflated file, and one whose SOP class is in the meta information only. */
static void test_other_forms(void)
{
    static const guint16 pixels[24];
    g_autofree char *folder = fixture_folder();
    CraftImage image = CRAFT_IMAGE;
    image.syntax = CRAFT_DEFLATED;
    g_autoptr(GByteArray) plain = craft_header(&image);
    craft_pixels(plain, pixels, sizeof pixels);
    g_autoptr(GByteArray) deflated = craft_deflated(plain);
    put(folder, "1.dcm", deflated);
    g_autoptr(GByteArray) classless = image_bytes("1.2.3.4.2");
    for (guint at = 132; at + 4 < classless->len; at++)
        if (memcmp(classless->data + at, "\x08\x00\x16\x00UI", 6) == 0)
            classless->data[at + 2] = 0x14; /* (0008,0014), which says nothing here */
    g_autoptr(GByteArray) class = g_byte_array_new();
    craft_text(class, 0x00020002, "UI", MR_CLASS);
    g_autoptr(GByteArray) whole = g_byte_array_new();
    g_byte_array_append(whole, classless->data, 132 + 12);
    g_byte_array_append(whole, class->data, class->len);
    g_byte_array_append(whole, classless->data + 132 + 12, classless->len - 132 - 12);
    put(folder, "2.dcm", whole);
    g_autoptr(DkmFrameTable) table = scan(folder);
    g_assert_cmpuint(table->frames->len, ==, 2);
    g_assert_cmpstr(dkm_frame_table_get(table, 0)->patient_name, ==, "Made^Up");
    g_assert_cmpstr(dkm_frame_table_get(table, 1)->sop_class_uid, ==, MR_CLASS);
    fixture_remove(folder);
}

/* ---- Philips' own scaling ------------------------------------------------------------------ */

static void append_slope(GByteArray *b, const char *creator, const char *vr, float value)
{
    guint32 word;
    memcpy(&word, &value, sizeof word);
    if (creator)
        craft_text(b, 0x20050010, "LO", creator);
    craft_head(b, 0x2005100e, vr, 4);
    craft_u32(b, word);
}

static void test_philips_scale(void)
{
    static const struct {
        const char *creator, *vr;
        float value;
        gboolean is_read;
    } rows[] = {
        {"Philips MR Imaging DD 001", "FL", 0.0625f, TRUE},
        {"PHILIPS MR IMAGING DD 001", "UN", 0.0625f, TRUE}, /* as in an implicit syntax */
        {"Philips MR Imaging DD 002", "FL", 0.0625f, FALSE},
        {"Other", "FL", 0.0625f, FALSE},
        {NULL, "FL", 0.0625f, FALSE},
        {"Philips MR Imaging DD 001", "FL", 0, FALSE},
        {"Philips MR Imaging DD 001", "FL", NAN, FALSE},
    };
    static const guint16 pixels[24];
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const CraftImage image = CRAFT_IMAGE;
        g_autofree char *folder = fixture_folder();
        g_autoptr(GByteArray) b = craft_header(&image);
        append_slope(b, rows[i].creator, rows[i].vr, rows[i].value);
        craft_pixels(b, pixels, sizeof pixels);
        put(folder, "1.dcm", b);
        g_autoptr(DkmFrameTable) table = scan(folder);
        const double scale = dkm_frame_table_get(table, 0)->philips_scale;
        g_assert_true(rows[i].is_read ? scale == 0.0625 : isnan(scale));
        fixture_remove(folder);
    }
}

/* ---- Enhanced MR --------------------------------------------------------------------------- */

static void open_item(GByteArray *b, guint32 sequence)
{
    if (sequence)
        craft_head(b, sequence, "SQ", (guint32)CRAFT_UNDEFINED);
    craft_head(b, 0xfffee000, NULL, (guint32)CRAFT_UNDEFINED);
}

static void close_item(GByteArray *b, gboolean sequence_too)
{
    craft_head(b, 0xfffee00d, NULL, 0);
    if (sequence_too)
        craft_head(b, 0xfffee0dd, NULL, 0);
}

/* Two frames at one place; what tells them apart is the second of two dimensions. POINTER is the
 * attribute that it counts. */
static GByteArray *enhanced(guint32 pointer)
{
    static const guint16 pixels[48];
    const CraftImage image = CRAFT_IMAGE;
    GByteArray *b = craft_new(CRAFT_EXPLICIT);
    craft_text(b, 0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.4.1");
    craft_text(b, 0x00080018, "UI", "1.2.3.4.1");
    craft_text(b, 0x0020000d, "UI", "1.2.3.4.5");
    craft_text(b, 0x0020000e, "UI", "1.2.3.4.6");
    const guint32 pointers[2] = {0x00209057, pointer};
    for (int i = 0; i < 2; i++) {
        open_item(b, i == 0 ? 0x00209222 : 0);
        craft_head(b, 0x00209165, "AT", 4);
        craft_u16(b, pointers[i] >> 16);
        craft_u16(b, pointers[i] & 0xffff);
        close_item(b, i == 1);
    }
    craft_us(b, 0x00280002, 1);
    craft_text(b, 0x00280004, "CS", "MONOCHROME2");
    craft_text(b, 0x00280008, "IS", "2");
    craft_us(b, 0x00280010, image.rows);
    craft_us(b, 0x00280011, image.columns);
    craft_us(b, 0x00280100, 16);
    craft_us(b, 0x00280101, 16);
    craft_us(b, 0x00280102, 15);
    craft_us(b, 0x00280103, 0);
    for (int frame = 0; frame < 2; frame++) {
        open_item(b, frame == 0 ? 0x52009230 : 0);
        open_item(b, 0x00209111);
        craft_head(b, 0x00209157, "UL", 8);
        craft_u32(b, 1);
        craft_u32(b, 7 - (guint32)frame);
        close_item(b, TRUE);
        open_item(b, 0x2005140f);
        append_slope(b, "Philips MR Imaging DD 001", "FL", 0.25f * (float)(frame + 1));
        close_item(b, TRUE);
        close_item(b, frame == 1);
    }
    craft_pixels(b, pixels, sizeof pixels);
    return b;
}

/* Where no frame names its temporal position, the dimension that points at it does. */
static void test_dimension_index(void)
{
    static const struct {
        guint32 pointer;
        int position[2];
    } rows[] = {{0x00209128, {7, 6}}, {0x00189082, {DKM_ABSENT_INT, DKM_ABSENT_INT}}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *folder = fixture_folder();
        g_autoptr(GByteArray) b = enhanced(rows[i].pointer);
        put(folder, "1.dcm", b);
        g_autoptr(DkmFrameTable) table = scan(folder);
        g_assert_cmpuint(table->frames->len, ==, 2);
        for (guint k = 0; k < 2; k++) {
            const DkmFrame *frame = dkm_frame_table_get(table, k);
            g_assert_cmpint(frame->temporal_position, ==, rows[i].position[k]);
            g_assert_cmpfloat(frame->philips_scale, ==, 0.25 * (k + 1));
        }
        fixture_remove(folder);
    }
}

/* Times of day and dates of every form that is met. */
static void test_times(void)
{
    static const struct {
        const char *tm;
        double seconds;
    } rows[] = {
        {"101500", 36900},
        {"101500.25", 36900.25},
        {"10:15:00", 36900},
        {"1015", 36900},
        {"10", 36000},
        {"000000", 0},
        {"235959.999999", 86399.999999},
        {"", G_MAXDOUBLE},
        {"x", G_MAXDOUBLE},
        {"-10500", G_MAXDOUBLE},
        {"ab1500", G_MAXDOUBLE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *folder = fixture_folder();
        g_autoptr(GByteArray) image = image_bytes("1.2.3.4.1");
        g_autoptr(GByteArray) time = g_byte_array_new();
        craft_text(time, 0x00080033, "TM", rows[i].tm);
        guint at = 132 + 12 + 8 + 20; /* behind the meta information: (0008,0008) */
        while (image->data[at] != 8 || image->data[at + 2] != 0x60)
            at += 2; /* before (0008,0060) */
        g_autoptr(GByteArray) whole = g_byte_array_new();
        g_byte_array_append(whole, image->data, at);
        g_byte_array_append(whole, time->data, time->len);
        g_byte_array_append(whole, image->data + at, image->len - at);
        put(folder, "1.dcm", whole);
        g_autoptr(DkmFrameTable) table = scan(folder);
        const double seconds = dkm_frame_table_get(table, 0)->content_time_s;
        if (rows[i].seconds == G_MAXDOUBLE)
            g_assert_true(seconds != seconds);
        else
            g_assert_cmpfloat_with_epsilon(seconds, rows[i].seconds, 1e-6);
        fixture_remove(folder);
    }
}

/* A syntax that is newer than the DICOM library is named, not called damage. */
static void test_new_syntax(void)
{
    g_autofree char *folder = fixture_folder();
    CraftImage image = CRAFT_IMAGE;
    image.syntax = "1.2.840.10008.1.2.4.201"; /* HTJ2K */
    g_autoptr(GByteArray) b = craft_header(&image);
    craft_encapsulated(b, "abcd", 4);
    put(folder, "htj2k.dcm", b);
    put_image(folder, "1.dcm", "1.2.3.4.1");
    g_autoptr(DkmFrameTable) table = scan(folder);
    assert_note(table, "htj2k.dcm", DKM_FILE_REFUSED,
                "transfer syntax 1.2.840.10008.1.2.4.201 is not read");
    fixture_remove(folder);
}

/* ---- what is not looked into --------------------------------------------------------------- */

/* A link is not followed, wherever it leads, and is accounted for. */
static void test_links(void)
{
    g_autofree char *folder = fixture_folder(), *outside = fixture_folder();
    put_image(folder, "1.dcm", "1.2.3.4.1");
    put_image(outside, "2.dcm", "1.2.3.4.2");
    g_autofree char *out = below(folder, "out"), *loop = below(folder, "loop");
    g_autofree char *file = below(folder, "file.dcm"), *target = below(outside, "2.dcm");
    g_autofree char *dangling = below(folder, "dangling");
    g_assert_cmpint(symlink(outside, out), ==, 0);
    g_assert_cmpint(symlink(folder, loop), ==, 0);
    g_assert_cmpint(symlink(target, file), ==, 0);
    g_assert_cmpint(symlink("/nowhere/at/all", dangling), ==, 0);
    g_autoptr(DkmFrameTable) table = scan(folder);
    g_assert_cmpuint(table->frames->len, ==, 1);
    g_assert_cmpuint(table->notes->len, ==, 4);
    static const char *const names[] = {"out", "loop", "file.dcm", "dangling"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        assert_note(table, names[i], DKM_FILE_REFUSED, "a link, not followed");
    g_unlink(out), g_unlink(loop), g_unlink(file), g_unlink(dangling);
    fixture_remove(folder);
    fixture_remove(outside);
}

/* The folder itself may be named through a link. */
static void test_link_to_folder(void)
{
    g_autofree char *folder = fixture_folder(), *elsewhere = fixture_folder();
    g_autofree char *link = below(elsewhere, "study");
    put_image(folder, "1.dcm", "1.2.3.4.1");
    g_assert_cmpint(symlink(folder, link), ==, 0);
    g_autoptr(DkmFrameTable) table = scan(link);
    g_assert_cmpuint(table->frames->len, ==, 1);
    g_unlink(link);
    fixture_remove(folder);
    fixture_remove(elsewhere);
}

static void test_too_deep(void)
{
    g_autofree char *folder = fixture_folder();
    GString *name = g_string_new(NULL);
    for (int i = 0; i < 40; i++)
        g_string_append_printf(name, "d%d/", i);
    g_string_append(name, "1.dcm");
    put_image(folder, name->str, "1.2.3.4.1");
    put_image(folder, "2.dcm", "1.2.3.4.2");
    g_autoptr(DkmFrameTable) table = scan(folder);
    g_assert_cmpuint(table->frames->len, ==, 1);
    g_assert_cmpuint(table->notes->len, ==, 1);
    assert_note(table, "d32", DKM_FILE_REFUSED, "more than 32 folders deep");
    g_string_free(name, TRUE);
    fixture_remove(folder);
}

static void test_locked_folder(void)
{
    if (geteuid() == 0) {
        g_test_skip("no folder is locked for root");
        return;
    }
    g_autofree char *folder = fixture_folder();
    put_image(folder, "1.dcm", "1.2.3.4.1");
    put_image(folder, "locked/2.dcm", "1.2.3.4.2");
    g_autofree char *locked = below(folder, "locked");
    g_assert_cmpint(chmod(locked, 0), ==, 0);
    g_autoptr(DkmFrameTable) table = scan(folder);
    assert_note(table, "locked", DKM_FILE_REFUSED, "cannot be opened");
    chmod(locked, 0700);
    fixture_remove(folder);
}

static void test_pipe(void)
{
    g_autofree char *folder = fixture_folder();
    g_autofree char *pipe = below(folder, "pipe");
    put_image(folder, "1.dcm", "1.2.3.4.1");
    g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
    g_autoptr(DkmFrameTable) table = scan(folder);
    assert_note(table, "pipe", DKM_FILE_REFUSED, "not a regular file");
    fixture_remove(folder);
}

/* ---- errors -------------------------------------------------------------------------------- */

static void assert_fails(const char *path, int code, const char *says)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(dkm_dicom_scan(path, NULL, NULL, &error));
    g_assert_error(error, DKM_ERROR, code);
    g_assert_nonnull(strstr(error->message, says));
}

static void test_nothing(void)
{
    g_autofree char *folder = fixture_folder();
    g_autofree char *link = below(folder, "link");
    assert_fails("/nowhere/at/all", DKM_ERROR_INPUT, "all does not exist");
    assert_fails(folder, DKM_ERROR_INPUT, "holds no file");
    g_assert_cmpint(symlink("/tmp", link), ==, 0);
    assert_fails(folder, DKM_ERROR_INPUT, "a link, not followed");
    g_unlink(link);
    put_text(folder, "a.txt", "hello");
    assert_fails(folder, DKM_ERROR_INPUT, "a.txt: not a DICOM file");
    fixture_remove(folder);
}

static void test_single_file(void)
{
    g_autofree char *folder = fixture_folder();
    g_autofree char *path = below(folder, "1.dcm");
    put_image(folder, "1.dcm", "1.2.3.4.1");
    put_image(folder, "2.dcm", "1.2.3.4.2");
    g_autoptr(DkmFrameTable) table = scan(path);
    g_assert_cmpuint(table->frames->len, ==, 1);
    g_assert_cmpstr(dkm_frame_table_get(table, 0)->path, ==, path);
    fixture_remove(folder);
}

static void test_cancelled(void)
{
    g_autofree char *folder = fixture_folder();
    g_autoptr(GError) error = NULL;
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    put_image(folder, "1.dcm", "1.2.3.4.1");
    g_cancellable_cancel(cancel);
    g_assert_null(dkm_dicom_scan(folder, NULL, cancel, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_CANCELLED);
    fixture_remove(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    alarm(60);
    g_test_add_func("/scan/walk", test_walk);
    g_test_add_func("/scan/record", test_record);
    g_test_add_func("/scan/full-record", test_full_record);
    g_test_add_func("/scan/other-forms", test_other_forms);
    g_test_add_func("/scan/philips-scale", test_philips_scale);
    g_test_add_func("/scan/dimension-index", test_dimension_index);
    g_test_add_func("/scan/times", test_times);
    g_test_add_func("/scan/new-syntax", test_new_syntax);
    g_test_add_func("/scan/links", test_links);
    g_test_add_func("/scan/link-to-folder", test_link_to_folder);
    g_test_add_func("/scan/too-deep", test_too_deep);
    g_test_add_func("/scan/locked-folder", test_locked_folder);
    g_test_add_func("/scan/pipe", test_pipe);
    g_test_add_func("/scan/nothing", test_nothing);
    g_test_add_func("/scan/single-file", test_single_file);
    g_test_add_func("/scan/cancelled", test_cancelled);
    return g_test_run();
}
