/* Values of JSON that json-glib would write as something that is no JSON. */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* VALUE as a number; null where it is infinite or no number. */
void dkm_json_add_real(JsonBuilder *json, double value);
/* TEXT as a string; null for NULL. A text that is not UTF-8 (a file's name need not be) is told
 * with U+FFFD in the place of each wrong byte. */
void dkm_json_add_text(JsonBuilder *json, const char *text);

G_END_DECLS
