/* What is written is JSON: a number can be read back by a strict reader. */
#include "core/json-value.h"

#include <math.h>
#include <string.h>

static char *text_of(void (*add)(JsonBuilder *, gconstpointer), gconstpointer value)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_array(json);
    add(json, value);
    json_builder_end_array(json);
    g_autoptr(JsonNode) root = json_builder_get_root(json);
    g_autofree char *text = json_to_string(root, FALSE);
    return g_strndup(text + 1, strlen(text) - 2);
}

static void add_real(JsonBuilder *json, gconstpointer value)
{
    dkm_json_add_real(json, *(const double *)value);
}

static void test_reals(void)
{
    static const double values[] = {0,           1,     -1.5,   1e5,         1e17,  1e22,
                                    -1e22,       1e308, -1e308, 4.9407e-324, 1e-7,  1e300,
                                    G_MAXDOUBLE, 0.1,   1e16,   123456,      1e100, 3e-5};
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autofree char *text = text_of(add_real, &values[i]);
        g_test_message("%s", text);
        g_assert_true(
            g_regex_match_simple("^-?(0|[1-9][0-9]*)(\\.[0-9]+)?(e[-+]?[0-9]+)?$", text, 0, 0));
        const double read = g_ascii_strtod(text, NULL);
        g_assert_cmpfloat(fabs(read - values[i]), <=, 3e-16 * fabs(values[i]));
    }
    static const double none[] = {NAN, INFINITY, -INFINITY};
    for (gsize i = 0; i < G_N_ELEMENTS(none); i++) {
        g_autofree char *text = text_of(add_real, &none[i]);
        g_assert_cmpstr(text, ==, "null");
    }
}

static void add_text(JsonBuilder *json, gconstpointer text)
{
    dkm_json_add_text(json, text);
}

static void test_texts(void)
{
    static const char *const rows[][2] = {
        {NULL, "null"},
        {"", "\"\""},
        {"a\"b\\", "\"a\\\"b\\\\\""},
        {"\303\251t\303\251", "\"\303\251t\303\251\""},
        {"/s/\377\376.dcm", "\"/s/\357\277\275\357\277\275.dcm\""},
        {"cut \303", "\"cut \357\277\275\""}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = text_of(add_text, rows[i][0]);
        g_assert_cmpstr(text, ==, rows[i][1]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json-value/reals", test_reals);
    g_test_add_func("/json-value/texts", test_texts);
    return g_test_run();
}
