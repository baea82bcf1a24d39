#include "core/json-value.h"

#include <math.h>
#include <string.h>

/* json-glib puts ".0" behind a text without a point: "1e+22.0", which no reader takes. */
static gboolean is_written_well(double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_dtostr(text, sizeof text, value);
    return strchr(text, '.') || !strchr(text, 'e');
}

void dkm_json_add_real(JsonBuilder *json, double value)
{
    if (!isfinite(value)) {
        json_builder_add_null_value(json);
        return;
    }
    while (!is_written_well(value))
        value = nextafter(value, 0); /* one part in 10^16 away, and it has a point */
    json_builder_add_double_value(json, value);
}

void dkm_json_add_text(JsonBuilder *json, const char *text)
{
    if (!text) {
        json_builder_add_null_value(json);
        return;
    }
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    json_builder_add_string_value(json, valid);
}
