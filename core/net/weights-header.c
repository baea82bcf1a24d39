#include "core/net/weights-header.h"

#include "core/error.h"

#include <json-glib/json-glib.h>
#include <string.h>

static gboolean refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean refuse(GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_MODEL, message);
    return FALSE;
}

static void tensor_free(gpointer data)
{
    DkmWeightsTensor *tensor = data;
    g_free(tensor->name);
    g_free(tensor);
}

static DkmWeightsHeader *header_new(void)
{
    DkmWeightsHeader *header = g_new0(DkmWeightsHeader, 1);
    header->tensors = g_ptr_array_new_with_free_func(tensor_free);
    header->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    header->meta = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return header;
}

void dkm_weights_header_free(DkmWeightsHeader *header)
{
    if (!header)
        return;
    g_hash_table_unref(header->by_name);
    g_ptr_array_unref(header->tensors);
    g_hash_table_unref(header->meta);
    g_free(header);
}

/* The characters that plain JSON has outside its strings. Comments and single quotes, which the
 * parser would take, are not among them. */
static gboolean is_json_character(char c)
{
    return g_ascii_isalnum(c) || (c && strchr(" \t\r\n{}[]:,+-.", c));
}

/* The parser calls itself for every level, so a header of brackets alone would end the stack, and
 * takes a time that grows with the square of an object's members. Tells what is deeper than a
 * safetensors header can be, or has more members than one has need of. */
typedef enum { HEADER_GOOD, HEADER_NO_JSON, HEADER_TOO_MANY } HeaderShape;

static HeaderShape shape_of(const char *text, gsize length)
{
    enum { DEEPEST = 3, MOST_IN_OBJECT = 10000, MOST = 5 * MOST_IN_OBJECT };
    gboolean in_string = FALSE;
    int depth = 0, members[DEEPEST + 1] = {0}, all = 0;
    for (gsize i = 0; i < length; i++) {
        const char c = text[i];
        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && !is_json_character(c))
            return HEADER_NO_JSON;
        else if (!in_string)
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (depth > DEEPEST || depth < 0)
            return HEADER_NO_JSON;
        if (!in_string && c == '{')
            members[depth] = 0;
        if (!in_string && c == ':' && (++members[depth] > MOST_IN_OBJECT || ++all > MOST))
            return HEADER_TOO_MANY;
    }
    return HEADER_GOOD;
}

/* What the parser tells while it reads: a JsonObject forgets that a member came twice. */
typedef struct {
    GHashTable *seen; /* "object/member" */
    char *twice;
} Members;

static void on_member(JsonParser *parser, JsonObject *object, const char *name, gpointer data)
{
    Members *members = data;
    const gboolean is_new =
        g_hash_table_add(members->seen, g_strdup_printf("%p/%s", (void *)object, name));
    if (!is_new && !members->twice)
        members->twice = g_strdup(name);
}

static gboolean load_json(JsonParser *parser, const char *text, gsize length, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GError) failure = NULL;
    Members members = {seen, NULL};
    const HeaderShape shape = shape_of(text, length);
    if (shape != HEADER_GOOD)
        return refuse(error, shape == HEADER_NO_JSON
                                 ? "its header is not JSON"
                                 : "its header lists more than 10000 tensors or metadata");
    g_signal_connect(parser, "object-member", G_CALLBACK(on_member), &members);
    if (!json_parser_load_from_data(parser, text, (gssize)length, &failure)) {
        g_free(members.twice);
        return refuse(error, "its header is not JSON: %s", failure->message);
    }
    g_autofree char *twice = members.twice;
    if (twice)
        return refuse(error, "'%s' is in its header twice", twice);
    JsonNode *root = json_parser_get_root(parser);
    if (!root || !JSON_NODE_HOLDS_OBJECT(root))
        return refuse(error, "its header is not a JSON object");
    return TRUE;
}

static const char *text_of(JsonNode *node)
{
    const gboolean is_text =
        node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING;
    return is_text ? json_node_get_string(node) : NULL;
}

/* A number that is whole and not negative; -1 for anything else. */
static gint64 count_of(JsonNode *node)
{
    const gboolean is_whole =
        node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_INT64;
    return is_whole ? MAX(json_node_get_int(node), -1) : -1;
}

static JsonArray *array_of(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

static gboolean read_meta(DkmWeightsHeader *header, JsonNode *node, GError **error)
{
    if (!JSON_NODE_HOLDS_OBJECT(node))
        return refuse(error, "its metadata are not an object");
    JsonObjectIter iter;
    const char *key;
    JsonNode *value;
    json_object_iter_init(&iter, json_node_get_object(node));
    while (json_object_iter_next(&iter, &key, &value)) {
        if (!text_of(value))
            return refuse(error, "its metadata '%s' is not a string", key);
        g_hash_table_insert(header->meta, g_strdup(key), g_strdup(text_of(value)));
    }
    return TRUE;
}

/* DIMS of TENSOR, and their product in *COUNT. */
static gboolean read_dims(DkmWeightsTensor *tensor, JsonArray *shape, gint64 *count, GError **error)
{
    const guint n = shape ? json_array_get_length(shape) : 0;
    if (n < 1 || n > DKM_WEIGHTS_MAX_DIMS)
        return refuse(error, "tensor %s has no shape of 1 to 4 sides", tensor->name);
    tensor->n_dims = (int)n;
    *count = 1;
    for (guint i = 0; i < n; i++) {
        const gint64 side = count_of(json_array_get_element(shape, i));
        if (side < 1 || side > G_MAXINT || *count > G_MAXINT64 / 8 / side)
            return refuse(error, "tensor %s has an impossible shape", tensor->name);
        tensor->dims[i] = side;
        *count *= side;
    }
    return TRUE;
}

static gboolean read_place(DkmWeightsTensor *tensor, JsonArray *offsets, gsize data_bytes,
                           gint64 count, GError **error)
{
    const gboolean has_two = offsets && json_array_get_length(offsets) == 2;
    const gint64 first = has_two ? count_of(json_array_get_element(offsets, 0)) : -1;
    const gint64 end = has_two ? count_of(json_array_get_element(offsets, 1)) : -1;
    if (first < 0 || end < first)
        return refuse(error, "tensor %s has no valid data_offsets", tensor->name);
    if ((guint64)end > data_bytes)
        return refuse(error, "tensor %s lies outside the file", tensor->name);
    if (end - first != count * (gint64)sizeof(float))
        return refuse(error, "tensor %s has not the bytes of its shape", tensor->name);
    tensor->first = (gsize)first;
    tensor->end = (gsize)end;
    return TRUE;
}

static gboolean read_tensor(DkmWeightsHeader *header, const char *name, JsonNode *node,
                            gsize data_bytes, GError **error)
{
    gint64 count = 0;
    if (!JSON_NODE_HOLDS_OBJECT(node))
        return refuse(error, "tensor %s is not an object", name);
    JsonObject *object = json_node_get_object(node);
    const char *dtype = text_of(json_object_get_member(object, "dtype"));
    if (!dtype || !g_str_equal(dtype, "F32"))
        return refuse(error, "tensor %s is of dtype %s, not F32", name, dtype ? dtype : "unknown");
    DkmWeightsTensor *tensor = g_new0(DkmWeightsTensor, 1);
    tensor->name = g_strdup(name);
    g_ptr_array_add(header->tensors, tensor);
    g_hash_table_insert(header->by_name, tensor->name, tensor);
    return read_dims(tensor, array_of(object, "shape"), &count, error) &&
           read_place(tensor, array_of(object, "data_offsets"), data_bytes, count, error);
}

static int by_place(gconstpointer a, gconstpointer b)
{
    const DkmWeightsTensor *x = *(DkmWeightsTensor *const *)a, *y = *(DkmWeightsTensor *const *)b;
    return x->first < y->first ? -1 : x->first > y->first;
}

/* Every byte of the data belongs to exactly one tensor. */
static gboolean covers_data(DkmWeightsHeader *header, gsize data_bytes, GError **error)
{
    gsize end = 0;
    g_ptr_array_sort(header->tensors, by_place);
    for (guint i = 0; i < header->tensors->len; i++) {
        const DkmWeightsTensor *tensor = g_ptr_array_index(header->tensors, i);
        if (tensor->first < end)
            return refuse(error, "tensor %s overlaps another", tensor->name);
        if (tensor->first > end)
            return refuse(error, "there is a gap before tensor %s", tensor->name);
        end = tensor->end;
    }
    if (end < data_bytes)
        return refuse(error, "there are bytes behind the last tensor");
    return TRUE;
}

DkmWeightsHeader *dkm_weights_header_parse(const char *text, gsize length, gsize data_bytes,
                                           GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(DkmWeightsHeader) header = header_new();
    if (!load_json(parser, text, length, error))
        return NULL;
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;
    json_object_iter_init(&iter, json_node_get_object(json_parser_get_root(parser)));
    while (json_object_iter_next(&iter, &name, &node)) {
        const gboolean read = g_str_equal(name, "__metadata__")
                                  ? read_meta(header, node, error)
                                  : read_tensor(header, name, node, data_bytes, error);
        if (!read)
            return NULL;
    }
    if (!covers_data(header, data_bytes, error))
        return NULL;
    return g_steal_pointer(&header);
}
