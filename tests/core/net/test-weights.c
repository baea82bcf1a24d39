/* Weights files: what is saved is loaded, what is damaged is refused in words that say how. */
#include "core/net/weights.h"
#include "tests/core/net/fixture.h"

#include "core/error.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

static char *temporary_path(void)
{
    g_autoptr(GError) error = NULL;
    char *path = NULL;
    const int fd = g_file_open_tmp("dkm-weights-XXXXXX.safetensors", &path, &error);
    g_assert_no_error(error);
    g_close(fd, NULL);
    return path;
}

static void set(DkmParams *params, const char *name, DkmShape shape, guint64 seed)
{
    g_autoptr(GError) error = NULL;
    g_autofree float *data = new_normal(dkm_shape_count(shape), seed);
    dkm_params_set(params, name, shape, data, &error);
    g_assert_no_error(error);
}

/* One tensor of every kind that is stored in its own way. */
static void fill_params(DkmParams *params, guint64 seed)
{
    set(params, "a.weight", (DkmShape){4, 3, 3, 5}, seed);
    set(params, "a.bias", (DkmShape){1, 1, 1, 4}, seed + 1);
    set(params, "b.running", (DkmShape){1, 1, 2, 4}, seed + 2);
    set(params, "c.weight", (DkmShape){3, 1, 1, 7}, seed + 3);
    set(params, "d.weight", (DkmShape){1, 1, 1, 6}, seed + 4);
}

static void assert_equal(DkmParams *a, DkmParams *b)
{
    g_assert_cmpuint(dkm_params_count(a), ==, dkm_params_count(b));
    for (guint i = 0; i < dkm_params_count(a); i++) {
        g_autoptr(GError) error = NULL;
        const char *name = dkm_params_name(a, i);
        const gsize count = dkm_shape_count(dkm_params_shape(a, name));
        g_autofree float *x = g_new(float, count);
        g_autofree float *y = g_new(float, count);
        dkm_params_get(a, name, x, count, &error);
        g_assert_no_error(error);
        dkm_params_get(b, name, y, count, &error);
        g_assert_no_error(error);
        g_assert_cmpmem(x, count * sizeof *x, y, count * sizeof *y);
    }
}

static void save_two(const char *path, DkmParams *first, DkmParams *second)
{
    g_autoptr(GError) error = NULL;
    const DkmWeightsPart parts[] = {{"dm.", first}, {"sm.", second}};
    const char *const meta[] = {"preset", "tiny", "note", "\"quoted\"\n", NULL};
    dkm_weights_save(path, parts, 2, meta, &error);
    g_assert_no_error(error);
}

static void round_trip(void)
{
    g_autofree char *path = temporary_path();
    Fixture a = fixture_open(&dkm_backend_reference), b = fixture_open(&dkm_backend_reference);
    Fixture c = fixture_open(&dkm_backend_reference);
    fill_params(a.params, 1);
    fill_params(b.params, 11);
    fill_params(c.params, 21);
    save_two(path, a.params, b.params);

    g_autoptr(GError) error = NULL;
    g_autoptr(DkmWeights) weights = dkm_weights_open(path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(dkm_weights_count(weights), ==, 10);
    g_assert_cmpuint(dkm_weights_values(weights, "none such"), ==, 0);
    g_assert_cmpuint(dkm_weights_values(weights, ""), ==, dkm_weights_values(weights, "dm.") * 2);
    g_assert_cmpstr(dkm_weights_meta(weights, "preset"), ==, "tiny");
    g_assert_cmpstr(dkm_weights_meta(weights, "note"), ==, "\"quoted\"\n");
    g_assert_null(dkm_weights_meta(weights, "absent"));
    g_auto(GStrv) all = dkm_weights_dup_meta(weights);
    g_autofree char *pairs = g_strjoinv("|", all);
    g_assert_cmpstr(pairs, ==, "format|pt|note|\"quoted\"\n|preset|tiny");
    g_assert_cmpstr(dkm_weights_meta(weights, "sha256"), ==, dkm_weights_sha256(weights));
    dkm_weights_load(weights, "sm.", c.params, &error);
    g_assert_no_error(error);
    assert_equal(b.params, c.params);
    dkm_weights_load(weights, "dm.", c.params, &error);
    g_assert_no_error(error);
    assert_equal(a.params, c.params);
    fixture_close(&a);
    fixture_close(&b);
    fixture_close(&c);
    g_unlink(path);
}

/* The bytes of a convolution are in O,I,H,W order, PyTorch's. */
static void stored_order(void)
{
    g_autofree char *path = temporary_path();
    g_autofree char *bytes = NULL;
    gsize length;
    Fixture f = fixture_open(&dkm_backend_reference);
    g_autoptr(GError) error = NULL;
    const float ohwi[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};
    dkm_params_set(f.params, "w", (DkmShape){1, 3, 3, 2}, ohwi, &error);
    dkm_weights_save(path, &(DkmWeightsPart){"", f.params}, 1, NULL, &error);
    g_assert_no_error(error);
    g_file_get_contents(path, &bytes, &length, &error);
    g_assert_no_error(error);
    float stored[18];
    memcpy(stored, bytes + length - sizeof stored, sizeof stored);
    for (int tap = 0; tap < 9; tap++) {
        g_assert_cmpfloat(stored[tap], ==, ohwi[2 * tap]);
        g_assert_cmpfloat(stored[9 + tap], ==, ohwi[2 * tap + 1]);
    }
    g_assert_cmpuint((length - sizeof stored) % 64, ==, 0);
    g_assert_nonnull(strstr(bytes + 8, "[1,2,3,3]"));
    fixture_close(&f);
    g_unlink(path);
}

static void does_not_fit(void)
{
    g_autofree char *path = temporary_path();
    Fixture a = fixture_open(&dkm_backend_reference), b = fixture_open(&dkm_backend_reference);
    g_autoptr(GError) missing = NULL;
    g_autoptr(GError) misshapen = NULL;
    g_autoptr(GError) error = NULL;
    fill_params(a.params, 1);
    save_two(path, a.params, a.params);
    g_autoptr(DkmWeights) weights = dkm_weights_open(path, &error);
    g_assert_no_error(error);
    g_assert_false(dkm_weights_load(weights, "xm.", a.params, &missing));
    g_assert_error(missing, DKM_ERROR, DKM_ERROR_MODEL);
    g_assert_nonnull(strstr(missing->message, "tensor xm.a.bias is missing"));
    set(b.params, "a.bias", (DkmShape){1, 1, 1, 5}, 1);
    g_assert_false(dkm_weights_load(weights, "dm.", b.params, &misshapen));
    g_assert_error(misshapen, DKM_ERROR, DKM_ERROR_MODEL);
    g_assert_nonnull(strstr(misshapen->message, "tensor dm.a.bias has another shape"));
    fixture_close(&a);
    fixture_close(&b);
    g_unlink(path);
}

static void refuses_no_numbers(void)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *path = temporary_path();
        Fixture f = fixture_open(&dkm_backend_reference);
        g_autoptr(GError) error = NULL;
        fill_params(f.params, 1);
        const float six[] = {1, 2, 3, 4, 5, bad[i]};
        g_assert_true(dkm_params_set(f.params, "d.weight", (DkmShape){1, 1, 1, 6}, six, &error));
        save_two(path, f.params, f.params);
        g_autoptr(DkmWeights) weights = dkm_weights_open(path, &error);
        g_assert_no_error(error);
        g_assert_false(dkm_weights_load(weights, "sm.", f.params, &error));
        g_assert_error(error, DKM_ERROR, DKM_ERROR_MODEL);
        g_assert_nonnull(strstr(error->message, "tensor sm.d.weight holds infinite values"));
        fixture_close(&f);
        g_unlink(path);
    }
}

/* A file of a header and eight bytes of data, and the words it is refused with. */
typedef struct {
    const char *name, *header, *words;
    gsize data_bytes;
    gint64 stated_length; /* of the header; 0: the true one */
} Damaged;

#define TENSOR(shape, place) "{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" place "}"

static const Damaged damaged[] = {
    {"not-json", "weights", "header is not JSON", 0},
    {"not-an-object", "[1,2]", "not a JSON object", 0},
    {"comment", "{/*\"*/}", "header is not JSON", 0},
    {"cut-json", "{\"a\":", "header is not JSON", 0},
    {"header-too-long", "{}", "header would have 67108865 bytes", 0, (64 << 20) + 1},
    {"header-behind-end", "{}", "ends inside its header", 0, 3},
    {"truncated", "{\"a\":" TENSOR("[3]", "[0,12]") "}", "tensor a lies outside the file", 8},
    {"gap", "{\"a\":" TENSOR("[1]", "[4,8]") "}", "a gap before tensor a", 8},
    {"overlap", "{\"a\":" TENSOR("[2]", "[0,8]") ",\"b\":" TENSOR("[1]", "[4,8]") "}",
     "tensor b overlaps another", 8},
    {"bytes-behind", "{\"a\":" TENSOR("[1]", "[0,4]") "}", "bytes behind the last tensor", 8},
    {"dtype", "{\"a\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[0,8]}}",
     "tensor a is of dtype BF16, not F32", 8},
    {"no-dtype", "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", "dtype unknown", 8},
    {"size", "{\"a\":" TENSOR("[3]", "[0,8]") "}", "not the bytes of its shape", 8},
    {"negative-side", "{\"a\":" TENSOR("[-2]", "[0,8]") "}", "impossible shape", 8},
    {"overflow", "{\"a\":" TENSOR("[2147483647,2147483647,2147483647]", "[0,8]") "}",
     "impossible shape", 8},
    {"five-sides", "{\"a\":" TENSOR("[1,1,1,1,2]", "[0,8]") "}", "no shape of 1 to 4 sides", 8},
    {"no-shape", "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", "no shape", 8},
    {"negative-place", "{\"a\":" TENSOR("[2]", "[-8,0]") "}", "no valid data_offsets", 8},
    {"fraction", "{\"a\":" TENSOR("[2]", "[0.5,8]") "}", "no valid data_offsets", 8},
    {"twice", "{\"a\":" TENSOR("[2]", "[0,8]") ",\"a\":" TENSOR("[2]", "[0,8]") "}",
     "'a' is in its header twice", 8},
    {"metadata", "{\"__metadata__\":{\"preset\":3}}", "metadata 'preset' is not a string", 0},
    {"sha256", "{\"__metadata__\":{\"sha256\":\"00\"},\"a\":" TENSOR("[2]", "[0,8]") "}",
     "do not have the SHA-256", 8},
};

static void write_file(const char *path, const char *header, gsize length, gint64 stated,
                       gsize data_bytes)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    const guint64 prefix = GUINT64_TO_LE(stated ? (guint64)stated : length);
    const guint8 data[64] = {0};
    g_byte_array_append(bytes, (const guint8 *)&prefix, sizeof prefix);
    g_byte_array_append(bytes, (const guint8 *)header, (guint)length);
    g_byte_array_append(bytes, data, (guint)data_bytes);
    g_file_set_contents(path, (const char *)bytes->data, (gssize)bytes->len, &error);
    g_assert_no_error(error);
}

static void assert_refused(const char *path, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_path_get_basename(path);
    g_assert_null(dkm_weights_open(path, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_MODEL);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, words));
    g_assert_true(g_str_has_prefix(error->message, name));
}

static void refuses(gconstpointer data)
{
    const Damaged *row = data;
    g_autofree char *path = temporary_path();
    write_file(path, row->header, strlen(row->header), row->stated_length, row->data_bytes);
    assert_refused(path, row->words);
    g_unlink(path);
}

/* A header of brackets alone must not end the stack. */
static void refuses_depth(void)
{
    g_autofree char *path = temporary_path();
    const gsize length = 8 << 20;
    g_autofree char *header = g_strnfill(length, '[');
    write_file(path, header, length, 0, 0);
    assert_refused(path, "header is not JSON");
    g_unlink(path);
}

/* Each an empty tensor's place, of which no network has so many: refused before they are parsed. */
static void refuses_many(void)
{
    g_autofree char *path = temporary_path();
    g_autoptr(GString) header = g_string_new("{");
    for (int i = 0; i < 200000; i++)
        g_string_append_printf(header, "%s\"t%d\":{}", i ? "," : "", i);
    g_string_append(header, "}");
    write_file(path, header->str, header->len, 0, 0);
    const gint64 start_us = g_get_monotonic_time();
    assert_refused(path, "more than 10000 tensors");
    g_assert_cmpint(g_get_monotonic_time() - start_us, <, 2 * G_USEC_PER_SEC);
    g_unlink(path);
}

static void refuses_short_and_absent(void)
{
    g_autofree char *path = temporary_path();
    assert_refused(path, "too short");
    g_unlink(path);
    assert_refused(path, "cannot be opened: No such file or directory");
}

/* A pipe that nobody writes to must not be waited for. */
static void refuses_pipe(void)
{
    g_autofree char *path = temporary_path();
    g_unlink(path);
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    assert_refused(path, "not a regular file");
    g_unlink(path);
}

/* One byte of a good file changed. */
static void refuses_changed_byte(void)
{
    g_autofree char *path = temporary_path();
    g_autofree char *bytes = NULL;
    g_autoptr(GError) error = NULL;
    gsize length;
    Fixture f = fixture_open(&dkm_backend_reference);
    fill_params(f.params, 1);
    save_two(path, f.params, f.params);
    g_file_get_contents(path, &bytes, &length, &error);
    bytes[length - 5] ^= 1;
    g_file_set_contents(path, bytes, (gssize)length, &error);
    g_assert_no_error(error);
    assert_refused(path, "do not have the SHA-256");
    fixture_close(&f);
    g_unlink(path);
}

/* The old file stays where the new one cannot be written. */
static void save_fails_whole(void)
{
    Fixture f = fixture_open(&dkm_backend_reference);
    g_autoptr(GError) error = NULL;
    fill_params(f.params, 1);
    const DkmWeightsPart part = {"", f.params};
    g_assert_false(dkm_weights_save("/nonexistent/model.safetensors", &part, 1, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
    g_assert_nonnull(strstr(error->message, "cannot write model.safetensors: "));
    g_clear_error(&error);
    g_assert_false(dkm_weights_save("/dev/full/x", &part, 1, NULL, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
    fixture_close(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/weights/round-trip", round_trip);
    g_test_add_func("/weights/stored-order", stored_order);
    g_test_add_func("/weights/does-not-fit", does_not_fit);
    g_test_add_func("/weights/refuses-no-numbers", refuses_no_numbers);
    for (gsize i = 0; i < G_N_ELEMENTS(damaged); i++) {
        g_autofree char *path = g_strconcat("/weights/refuses/", damaged[i].name, NULL);
        g_test_add_data_func(path, &damaged[i], refuses);
    }
    g_test_add_func("/weights/refuses-depth", refuses_depth);
    g_test_add_func("/weights/refuses-many", refuses_many);
    g_test_add_func("/weights/refuses-short-and-absent", refuses_short_and_absent);
    g_test_add_func("/weights/refuses-pipe", refuses_pipe);
    g_test_add_func("/weights/refuses-changed-byte", refuses_changed_byte);
    g_test_add_func("/weights/save-fails-whole", save_fails_whole);
    return g_test_run();
}
