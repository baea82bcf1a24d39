/* Members of JSON that somebody else may have written: of the right kind, or not there. */
#pragma once

#include <json-glib/json-glib.h>

/* The object that TEXT is; lives as long as PARSER. NULL where it is none. */
JsonObject *dkm_json_parse(JsonParser *parser, const char *text);
/* Borrowed; NULL where the member is absent or of another kind. */
const char *dkm_json_get_text(JsonObject *object, const char *name);
JsonArray *dkm_json_get_array(JsonObject *object, const char *name);
JsonObject *dkm_json_get_object(JsonObject *object, const char *name);
/* NaN likewise. */
double dkm_json_get_number(JsonObject *object, const char *name);
