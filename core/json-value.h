/* Values of JSON that json-glib would write as something that is no JSON. */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* VALUE as a number; null where it is infinite or no number. */
void dkm_json_add_real(JsonBuilder *json, double value);

G_END_DECLS
