/* A compressed series is decoded by all workers at once: the bits are those that one thread gets.
 * The source under test is pixels.c. */
#include "core/error.h"
#include "dicom/pixel-file.h"
#include "tests/dicom/craft.h"
#include "tests/dicom/fixture.h"
#include "tests/dicom/streams.h"

#include <unistd.h>

enum { SLICES = 48, ROWS = STREAM_ROWS, COLUMNS = STREAM_COLUMNS, PIXELS = ROWS * COLUMNS };

/* Slice Z of every codec: noise in RLE, fixed pictures in the others. */
static GByteArray *craft_slice(int z, guint codec)
{
    static const char *const syntaxes[] = {CRAFT_RLE, CRAFT_JPEG, "1.2.840.10008.1.2.4.201"};
    g_autofree char *uid = g_strdup_printf("1.2.3.4.%d", z + 1);
    CraftImage image = CRAFT_IMAGE;
    image.syntax = syntaxes[codec];
    image.uid = uid;
    image.rows = ROWS;
    image.columns = COLUMNS;
    image.z_mm = 2 * z;
    if (codec == 2) {
        image.stored = 12;
        image.high = 11;
    }
    GByteArray *b = craft_header(&image);
    if (codec == 1)
        craft_encapsulated(b, stream_lossless, sizeof stream_lossless);
    if (codec == 2)
        craft_encapsulated(b, stream_high_throughput, sizeof stream_high_throughput);
    if (codec == 0) {
        guint16 samples[PIXELS];
        GRand *noise = g_rand_new_with_seed((guint32)z + 1);
        for (int i = 0; i < PIXELS; i++)
            samples[i] = GUINT16_TO_LE((guint16)g_rand_int_range(noise, 0, 40));
        g_rand_free(noise);
        g_autoptr(GByteArray) packed = stream_rle((const guint8 *)samples, PIXELS, 2);
        craft_encapsulated(b, packed->data, packed->len);
    }
    return b;
}

static void read_alone(const char *path, guint16 *out)
{
    GError *error = NULL;
    DkmPixelFile file = {.source.fd = -1};
    const DkmFrameWanted wanted = {0, ROWS, COLUMNS};
    g_assert_true(dkm_pixel_file_open(&file, path, &error));
    g_assert_true(dkm_pixel_file_read(&file, &wanted, out, &error));
    g_assert_no_error(error);
    dkm_pixel_file_close(&file);
}

/* All of one codec, or, CODEC 3, each slice by another one. */
static void test_codec(gconstpointer data)
{
    const guint codec = GPOINTER_TO_UINT(data);
    GError *error = NULL;
    g_autofree char *folder = fixture_folder();
    for (int z = 0; z < SLICES; z++) {
        g_autofree char *name = g_strdup_printf("%02d.dcm", z);
        g_autoptr(GByteArray) b = craft_slice(z, codec < 3 ? codec : (guint)z % 3);
        g_autofree char *path = craft_save(b, folder, name);
    }
    g_autoptr(DkmFrameTable) table = dkm_dicom_scan(folder, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(table->frames->len, ==, SLICES);
    guint frames[SLICES];
    DkmFrameStack stack = {frames, fixture_grid(LATTICE_AXIAL, SLICES, ROWS, COLUMNS)};
    for (guint z = 0; z < SLICES; z++)
        frames[z] = z;
    g_autoptr(DkmVolume) volume = dkm_dicom_load_frames(table, &stack, NULL, NULL, &error);
    g_assert_no_error(error);
    for (int z = 0; z < SLICES; z++) {
        guint16 alone[PIXELS];
        read_alone(dkm_frame_table_get(table, (guint)z)->path, alone);
        g_assert_cmpmem(dkm_volume_slice(volume, z), sizeof alone, alone, sizeof alone);
    }
    fixture_remove(folder);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"rle", "jpeg-lossless", "htj2k", "mixed"};
    g_test_init(&argc, &argv, NULL);
    alarm(60);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_strconcat("/pixels-parallel/", names[i], NULL);
        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_codec);
    }
    return g_test_run();
}
