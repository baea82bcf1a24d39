/* What a header says to a record of core/frame.h: the source under test is header.cc. */
#include "tests/dicom/folder.h"

#include <math.h>
#include <unistd.h>

#define MR_CLASS "1.2.840.10008.5.1.4.1.1.4"

static void test_record(void)
{
    g_autofree char *folder = fixture_folder();
    folder_put_image(folder, "1.dcm", "1.2.3.4.1");
    g_autoptr(DkmFrameTable) table = folder_scan(folder);
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
        f->image_type,       f->photometric,   f->contrast_agent,   f->scan_options};
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
        {0x00180020, "CS", "GR\\IR"},     {0x00180021, "CS", "OSP"},
        {0x00180022, "CS", "NPW\\FS"},    {0x00180024, "SH", "fl3d"},
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
    folder_put(folder, "1.dcm", b);
    g_autoptr(DkmFrameTable) table = folder_scan(folder);
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
    folder_put(folder, "1.dcm", deflated);
    g_autoptr(GByteArray) classless = folder_image("1.2.3.4.2");
    for (guint at = 132; at + 4 < classless->len; at++)
        if (memcmp(classless->data + at, "\x08\x00\x16\x00UI", 6) == 0)
            classless->data[at + 2] = 0x14; /* (0008,0014), which says nothing here */
    g_autoptr(GByteArray) class = g_byte_array_new();
    craft_text(class, 0x00020002, "UI", MR_CLASS);
    g_autoptr(GByteArray) whole = g_byte_array_new();
    g_byte_array_append(whole, classless->data, 132 + 12);
    g_byte_array_append(whole, class->data, class->len);
    g_byte_array_append(whole, classless->data + 132 + 12, classless->len - 132 - 12);
    folder_put(folder, "2.dcm", whole);
    g_autoptr(DkmFrameTable) table = folder_scan(folder);
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
        folder_put(folder, "1.dcm", b);
        g_autoptr(DkmFrameTable) table = folder_scan(folder);
        const double scale = dkm_frame_table_get(table, 0)->philips_scale;
        g_assert_true(rows[i].is_read ? scale == 0.0625 : isnan(scale));
        fixture_remove(folder);
    }
}

/* ---- Enhanced MR --------------------------------------------------------------------------- */

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
        craft_open_item(b, i == 0 ? 0x00209222 : 0);
        craft_head(b, 0x00209165, "AT", 4);
        craft_u16(b, pointers[i] >> 16);
        craft_u16(b, pointers[i] & 0xffff);
        craft_close_item(b, i == 1);
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
        craft_open_item(b, frame == 0 ? 0x52009230 : 0);
        craft_open_item(b, 0x00209111);
        craft_head(b, 0x00209157, "UL", 8);
        craft_u32(b, 1);
        craft_u32(b, 7 - (guint32)frame);
        craft_close_item(b, TRUE);
        craft_open_item(b, 0x2005140f);
        append_slope(b, "Philips MR Imaging DD 001", "FL", 0.25f * (float)(frame + 1));
        craft_close_item(b, TRUE);
        craft_close_item(b, frame == 1);
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
        folder_put(folder, "1.dcm", b);
        g_autoptr(DkmFrameTable) table = folder_scan(folder);
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
        g_autoptr(GByteArray) image = folder_image("1.2.3.4.1");
        g_autoptr(GByteArray) time = g_byte_array_new();
        craft_text(time, 0x00080033, "TM", rows[i].tm);
        guint at = 132 + 12 + 8 + 20; /* behind the meta information: (0008,0008) */
        while (image->data[at] != 8 || image->data[at + 2] != 0x60)
            at += 2; /* before (0008,0060) */
        g_autoptr(GByteArray) whole = g_byte_array_new();
        g_byte_array_append(whole, image->data, at);
        g_byte_array_append(whole, time->data, time->len);
        g_byte_array_append(whole, image->data + at, image->len - at);
        folder_put(folder, "1.dcm", whole);
        g_autoptr(DkmFrameTable) table = folder_scan(folder);
        const double seconds = dkm_frame_table_get(table, 0)->content_time_s;
        if (rows[i].seconds == G_MAXDOUBLE)
            g_assert_true(seconds != seconds);
        else
            g_assert_cmpfloat_with_epsilon(seconds, rows[i].seconds, 1e-6);
        fixture_remove(folder);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    alarm(60);
    g_test_add_func("/header/record", test_record);
    g_test_add_func("/header/full-record", test_full_record);
    g_test_add_func("/header/other-forms", test_other_forms);
    g_test_add_func("/header/philips-scale", test_philips_scale);
    g_test_add_func("/header/dimension-index", test_dimension_index);
    g_test_add_func("/header/times", test_times);
    return g_test_run();
}
