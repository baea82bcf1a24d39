/* Large files through the scan, within its limits: a real one is read, a hostile one is refused
 * before it takes memory. */
#include "dicom/dicom.h"
#include "tests/dicom/craft.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/says.h"

#include <glib/gstdio.h>
#include <unistd.h>

enum { PHASES = 4, SLICES = 500, FRAMES = PHASES * SLICES, ROWS = 16, COLUMNS = 16 };

static GByteArray *enhanced_head(const char *frames)
{
    GByteArray *b = craft_new(CRAFT_EXPLICIT);
    craft_text(b, 0x00080008, "CS", "ORIGINAL\\PRIMARY\\DYNAMIC");
    craft_text(b, 0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.4.1");
    craft_text(b, 0x00080018, "UI", "1.2.3.4.1");
    craft_text(b, 0x00080060, "CS", "MR");
    craft_text(b, 0x0020000d, "UI", "1.2.3.4.5");
    craft_text(b, 0x0020000e, "UI", "1.2.3.4.6");
    craft_us(b, 0x00280002, 1);
    craft_text(b, 0x00280004, "CS", "MONOCHROME2");
    craft_text(b, 0x00280008, "IS", frames);
    craft_us(b, 0x00280010, ROWS);
    craft_us(b, 0x00280011, COLUMNS);
    craft_us(b, 0x00280100, 16);
    craft_us(b, 0x00280101, 16);
    craft_us(b, 0x00280102, 15);
    craft_us(b, 0x00280103, 0);
    return b;
}

static void append_shared(GByteArray *b)
{
    craft_open_item(b, 0x52009229);
    craft_open_item(b, 0x00209116);
    craft_text(b, 0x00200037, "DS", "1\\0\\0\\0\\1\\0");
    craft_close_item(b, TRUE);
    craft_open_item(b, 0x00289110);
    craft_text(b, 0x00180050, "DS", "2");
    craft_text(b, 0x00280030, "DS", "0.7\\0.7");
    craft_close_item(b, TRUE);
    craft_close_item(b, TRUE);
}

/* Position, temporal index, and what a vendor adds: 140 elements and items. */
static void append_frame(GByteArray *b, int frame)
{
    enum { OURS = 10, PRIVATE = 140 - OURS };
    g_autofree char *position = g_strdup_printf("-10\\-20\\%d", 2 * (frame % SLICES));
    craft_open_item(b, frame == 0 ? 0x52009230 : 0);
    craft_open_item(b, 0x00209111);
    craft_head(b, 0x00209128, "UL", 4);
    craft_u32(b, (guint32)(frame / SLICES + 1));
    craft_close_item(b, TRUE);
    craft_open_item(b, 0x00209113);
    craft_text(b, 0x00200032, "DS", position);
    craft_close_item(b, TRUE);
    craft_open_item(b, 0x2005140f);
    for (guint i = 0; i < PRIVATE; i++)
        craft_text(b, 0x20051100 + i, "DS", "0.5");
    craft_close_item(b, TRUE);
    craft_close_item(b, frame == FRAMES - 1);
}

static DkmStudies *scan(const GByteArray *b)
{
    GError *error = NULL;
    g_autofree char *folder = g_dir_make_tmp("dkm-large-XXXXXX", &error);
    g_assert_no_error(error);
    g_autofree char *path = craft_save(b, folder, "large.dcm");
    g_autoptr(DkmFrameTable) table = dkm_dicom_scan(path, NULL, NULL, &error);
    g_assert_no_error(error);
    g_unlink(path);
    g_rmdir(folder);
    return dkm_studies_new(table);
}

static void test_enhanced(void)
{
    g_autofree char *frames = g_strdup_printf("%d", FRAMES);
    g_autoptr(GByteArray) b = enhanced_head(frames);
    append_shared(b);
    for (int frame = 0; frame < FRAMES; frame++)
        append_frame(b, frame);
    craft_head(b, 0x7fe00010, "OW", FRAMES * ROWS * COLUMNS * 2);
    craft_zeros(b, FRAMES * ROWS * COLUMNS * 2);
    LLVMFuzzerTestOneInput(b->data, b->len); /* within the limits */
    g_test_message("%u bytes took %" G_GSIZE_FORMAT, b->len, fuzz_peak());
    g_autoptr(DkmStudies) studies = scan(b);
    const DkmStudy *study = studies->studies->pdata[0];
    g_assert_nonnull(study->dce);
    g_assert_cmpuint(study->dce->n_phases, ==, PHASES);
    g_assert_cmpint(study->dce->grid.n[0], ==, SLICES);
}

/* As many as a header may declare, in places that DCMTK parses: empty elements, then items. */
static void test_hostile(gconstpointer data)
{
    enum { HOSTILE = 2000000 };
    const gboolean items = GPOINTER_TO_INT(data);
    g_autoptr(GByteArray) b = enhanced_head("2147483647");
    craft_open_item(b, 0x52009230);
    if (items)
        craft_head(b, 0x00209111, "SQ", (guint32)CRAFT_UNDEFINED);
    for (guint i = 0; i < HOSTILE; i++) { /* tags that ascend */
        const guint32 tag = (0x2005 + 2 * (i >> 14)) << 16 | (0x1000 + (i & 0x3fff));
        craft_head(b, items ? 0xfffee000 : tag, items ? NULL : "LO", 0);
    }
    if (items)
        craft_head(b, 0xfffee0dd, NULL, 0);
    craft_close_item(b, TRUE);
    LLVMFuzzerTestOneInput(b->data, b->len);
    g_test_message("%u bytes took %" G_GSIZE_FORMAT, b->len, fuzz_peak());
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    alarm(100);
    g_test_add_func("/large-scan/enhanced-2000", test_enhanced);
    g_test_add_data_func("/large-scan/elements", GINT_TO_POINTER(FALSE), test_hostile);
    g_test_add_data_func("/large-scan/items", GINT_TO_POINTER(TRUE), test_hostile);
    return g_test_run();
}
