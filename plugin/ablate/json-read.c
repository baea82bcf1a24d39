#include "plugin/ablate/json-read.h"

#include <math.h>

JsonObject *dkm_json_parse(JsonParser *parser, const char *text)
{
    JsonNode *root =
        json_parser_load_from_data(parser, text, -1, NULL) ? json_parser_get_root(parser) : NULL;
    return root && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : NULL;
}

static GType value_type(JsonNode *node)
{
    return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_INVALID;
}

const char *dkm_json_get_text(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    return value_type(node) == G_TYPE_STRING ? json_node_get_string(node) : NULL;
}

JsonArray *dkm_json_get_array(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

JsonObject *dkm_json_get_object(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

double dkm_json_get_number(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    const GType type = value_type(node);
    return type == G_TYPE_DOUBLE || type == G_TYPE_INT64 ? json_node_get_double(node) : NAN;
}
