/* For the table of what is read: one line of JSON for each file named on standard input, and the
 * samples of all its frames as N.raw (16-bit little endian, N counts the files) in the folder that
 * is the argument.
 *
 *   {"path", "fate": "image" | "set aside" | "refused", "reason", "error", "signed", "rows",
 *    "columns", "bits", "frames", "slope": [], "intercept": []}
 *
 * An MR image goes through dicom.h; the pixels of a file that is set aside (a CT image) are decoded
 * all the same. "error" says why there are no samples. */
#include "core/error.h"
#include "dicom/dicom.h"
#include "dicom/pixel-file.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_PIXELS = 1 << 28 };

typedef struct {
    JsonBuilder *json;
    GByteArray *samples;
} Answer;

static void say(const Answer *answer, const char *key, const char *text)
{
    json_builder_set_member_name(answer->json, key);
    json_builder_add_string_value(answer->json, text);
}

static void count(const Answer *answer, const char *key, int value)
{
    json_builder_set_member_name(answer->json, key);
    json_builder_add_int_value(answer->json, value);
}

static void list(const Answer *answer, const char *key, const DkmFrameTable *table, gsize offset)
{
    json_builder_set_member_name(answer->json, key);
    json_builder_begin_array(answer->json);
    for (guint i = 0; i < table->frames->len; i++)
        json_builder_add_double_value(
            answer->json, G_STRUCT_MEMBER(double, dkm_frame_table_get(table, i), offset));
    json_builder_end_array(answer->json);
}

static void keep(const Answer *answer, guint16 *samples, gsize n)
{
    for (gsize i = 0; i < n; i++)
        samples[i] = GUINT16_TO_LE(samples[i]);
    g_byte_array_append(answer->samples, (const guint8 *)samples, (guint)(n * sizeof *samples));
}

/* The product's way: every frame of the table as a slice of one stack. */
static gboolean load(const Answer *answer, const DkmFrameTable *table, GError **error)
{
    const DkmFrame *first = dkm_frame_table_get(table, 0);
    const int slices = (int)table->frames->len;
    g_autofree guint *frames = g_new(guint, (gsize)slices);
    for (int i = 0; i < slices; i++)
        frames[i] = (guint)i;
    const DkmFrameStack stack = {frames,
                                 {.n = {slices, first->rows, first->columns},
                                  .spacing_mm = {1, 1, 1},
                                  .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}}};
    g_autoptr(DkmVolume) volume = dkm_dicom_load_frames(table, &stack, NULL, NULL, error);
    if (!volume)
        return FALSE;
    const gsize n = (gsize)first->rows * (gsize)first->columns;
    g_autofree guint16 *copy = g_new(guint16, n);
    for (int z = 0; z < slices; z++) {
        memcpy(copy, dkm_volume_slice(volume, z), n * sizeof *copy);
        keep(answer, copy, n);
    }
    count(answer, "signed", dkm_volume_is_signed(volume));
    return TRUE;
}

static void answer_image(const Answer *answer, const DkmFrameTable *table)
{
    g_autoptr(GError) error = NULL;
    const DkmFrame *first = dkm_frame_table_get(table, 0);
    say(answer, "fate", "image");
    count(answer, "rows", first->rows);
    count(answer, "columns", first->columns);
    count(answer, "bits", first->bits_stored);
    count(answer, "frames", (int)table->frames->len);
    list(answer, "slope", table, G_STRUCT_OFFSET(DkmFrame, rescale_slope));
    list(answer, "intercept", table, G_STRUCT_OFFSET(DkmFrame, rescale_intercept));
    if (!load(answer, table, &error))
        say(answer, "error", error->message);
}

static gboolean decode(const Answer *answer, DkmPixelFile *file, GError **error)
{
    const DkmPreflight *p = &file->preflight;
    const gsize n = (gsize)p->rows * (gsize)p->columns;
    const int frames = MAX(1, p->frames);
    if (p->pixel_offset == 0 || n == 0 || n > MOST_PIXELS / (gsize)frames) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT,
                            p->pixel_offset ? "no image of a usual size" : "no pixel data");
        return FALSE;
    }
    g_autofree guint16 *samples = g_new(guint16, n);
    for (int i = 0; i < frames; i++) {
        const DkmFrameWanted wanted = {i, p->rows, p->columns};
        if (!dkm_pixel_file_read(file, &wanted, samples, error))
            return FALSE;
        keep(answer, samples, n);
    }
    count(answer, "rows", p->rows);
    count(answer, "columns", p->columns);
    count(answer, "bits", p->bits_stored);
    count(answer, "frames", frames);
    count(answer, "signed", p->pixel_representation == 1);
    return TRUE;
}

static void answer_other(const Answer *answer, const char *path, const char *reason, gboolean aside)
{
    g_autoptr(GError) error = NULL;
    DkmPixelFile file = {.source.fd = -1};
    say(answer, "fate", aside ? "set aside" : "refused");
    say(answer, "reason", reason);
    if (aside && (!dkm_pixel_file_open(&file, path, &error) || !decode(answer, &file, &error)))
        say(answer, "error", error->message);
    dkm_pixel_file_close(&file);
}

static void answer_file(const Answer *answer, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmFrameTable) table = dkm_dicom_scan(path, NULL, NULL, &error);
    say(answer, "path", path);
    if (table && table->frames->len) {
        answer_image(answer, table);
    } else {
        const DkmFileNote *note = table ? &g_array_index(table->notes, DkmFileNote, 0) : NULL;
        answer_other(answer, path, note ? note->reason : error->message,
                     note && note->fate == DKM_FILE_SET_ASIDE);
    }
}

static void print_file(const char *path, const char *folder, int number)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    g_autoptr(GByteArray) samples = g_byte_array_new();
    const Answer answer = {json, samples};
    json_builder_begin_object(json);
    answer_file(&answer, path);
    json_builder_end_object(json);
    g_autoptr(JsonNode) root = json_builder_get_root(json);
    g_autofree char *line = json_to_string(root, FALSE);
    g_autofree char *name = g_strdup_printf("%d.raw", number);
    g_autofree char *raw = g_build_filename(folder, name, NULL);
    if (!g_file_set_contents(raw, (const char *)samples->data, samples->len, NULL))
        exit(1);
    puts(line);
}

int main(int argc, char **argv)
{
    char line[4096];
    g_assert(argc == 2);
    for (int number = 0; fgets(line, sizeof line, stdin); number++)
        print_file(g_strchomp(line), argv[1], number);
    return 0;
}
