#include "plugin/options.h"

#include "core/error.h"
#include "core/json-value.h"

#include <stdio.h>
#include <string.h>

G_DEFINE_QUARK(dkm - help - shown, dkm_help_shown)

/* GOption's own errors are errors of usage. */
static void translate(GError *parse_error, const char *command, GError **error)
{
    g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE, "%s (see: dkm %s --help)", parse_error->message,
                command);
    g_error_free(parse_error);
}

static gboolean count_fits(const DkmUsage *usage, const char *command, int count, GError **error)
{
    if (count >= usage->min && count <= usage->max)
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE, "%s: usage: dkm %s %s",
                count < usage->min ? "something is missing" : "too many words", command,
                usage->words);
    return FALSE;
}

/* An empty word is a variable that was not set. */
static gboolean are_words(char **words, const DkmUsage *usage, const char *command, GError **error)
{
    for (int i = 0; words[i]; i++)
        if (!*words[i]) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE, "a word is empty: usage: dkm %s %s",
                        command, usage->words);
            return FALSE;
        }
    return TRUE;
}

/* GOption lets "--json=5" pass. */
static gboolean check_switches(const GOptionEntry *entries, int argc, char **argv, GError **error)
{
    for (int i = 1; i < argc && !g_str_equal(argv[i], "--"); i++) {
        const char *value = g_str_has_prefix(argv[i], "--") ? strchr(argv[i], '=') : NULL;
        for (const GOptionEntry *e = entries; value && e && e->long_name; e++)
            if (e->arg == G_OPTION_ARG_NONE &&
                strlen(e->long_name) == (gsize)(value - argv[i] - 2) &&
                g_str_has_prefix(argv[i] + 2, e->long_name)) {
                g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE,
                            "--%s takes no value (see: dkm %s --help)", e->long_name, argv[0]);
                return FALSE;
            }
    }
    return TRUE;
}

static gboolean asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && !g_str_equal(argv[i], "--"); i++)
        if (g_str_equal(argv[i], "--help") || g_str_equal(argv[i], "-h"))
            return TRUE;
    return FALSE;
}

/* GOption's list of options below our own first lines. */
static void print_help(GOptionContext *context, const DkmUsage *usage, const char *command)
{
    g_autofree char *help = g_option_context_get_help(context, TRUE, NULL);
    const char *options = strstr(help, "\n\n");
    g_print("Usage: dkm %s %s\n%s%s", command, usage->words, usage->summary,
            options ? options : "\n");
}

gboolean dkm_options_parse(const DkmUsage *usage, int argc, char **argv, char ***rest,
                           GError **error)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autofree char *name = g_strdup_printf("dkm %s", argv[0]);
    g_auto(GStrv) copy = g_new0(char *, (gsize)argc + 1);
    GError *parse_error = NULL;
    for (int i = 0; i < argc; i++)
        copy[i] = g_strdup(i ? argv[i] : name);
    GOptionGroup *group = g_option_group_new(NULL, NULL, NULL, usage->data, NULL);
    if (usage->entries)
        g_option_group_add_entries(group, usage->entries);
    if (usage->more)
        g_option_group_add_entries(group, usage->more->entries);
    g_option_context_set_main_group(context, group);
    g_option_context_set_help_enabled(context, FALSE);
    if (asks_for_help(argc, argv)) {
        print_help(context, usage, argv[0]);
        g_set_error_literal(error, DKM_HELP_SHOWN, 0, "help was asked for");
        return FALSE;
    }
    if (!check_switches(usage->entries, argc, argv, error))
        return FALSE;
    if (!g_option_context_parse_strv(context, &copy, &parse_error)) {
        translate(parse_error, argv[0], error);
        return FALSE;
    }
    const int count = (int)g_strv_length(copy) - 1;
    if (!count_fits(usage, argv[0], count, error) || !are_words(copy + 1, usage, argv[0], error))
        return FALSE;
    if (usage->more && !usage->more->parsed(error))
        return FALSE;
    *rest = g_strdupv(copy + 1);
    return TRUE;
}

static gboolean is_within(const DkmRange *r)
{
    return r->value >= r->least && r->value <= r->most &&
           !(r->exclusive == DKM_RANGE_ABOVE_LEAST && r->value == r->least) &&
           !(r->exclusive == DKM_RANGE_BELOW_MOST && r->value == r->most);
}

gboolean dkm_options_check_ranges(const DkmRange *ranges, gsize n, GError **error)
{
    for (gsize i = 0; i < n; i++) {
        const DkmRange *r = &ranges[i];
        if (r->value == (double)DKM_NOT_GIVEN || is_within(r))
            continue;
        g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE, "%s must be %s %g and %s %g, not %g",
                    r->option, r->exclusive == DKM_RANGE_ABOVE_LEAST ? "above" : "at least",
                    r->least, r->exclusive == DKM_RANGE_BELOW_MOST ? "below" : "at most", r->most,
                    r->value);
        return FALSE;
    }
    return TRUE;
}

char *dkm_command_text(const char *const *words)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./,:=+@%";
    GString *text = g_string_new("dkm");
    for (; *words; words++) {
        const gboolean is_plain = **words && strspn(*words, plain) == strlen(*words);
        g_autofree char *quoted = is_plain ? g_strdup(*words) : g_shell_quote(*words);
        g_string_append_printf(text, " %s", quoted);
    }
    return g_string_free(text, FALSE);
}

gboolean dkm_options_parse_box(const char *text, DkmBox *box, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    gboolean good = g_strv_length(parts) == 6;
    for (int i = 0; good && i < 6; i++) {
        gint64 value = 0;
        good = g_ascii_string_to_signed(g_strstrip(parts[i]), 10, 0, 1 << 20, &value, NULL);
        (i < 3 ? box->first : box->end)[i % 3] = (int)value;
    }
    if (!good)
        g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE,
                    "%s is no box: write z0,y0,x0,z1,y1,x1 (first voxel, then the one behind the "
                    "last; slice, row, column, from 0)",
                    text);
    return good;
}

char *dkm_json_to_text(JsonBuilder *json)
{
    g_autoptr(JsonNode) root = json_builder_get_root(json);
    g_autofree char *text = json_to_string(root, TRUE);
    return g_strconcat(text, "\n", NULL);
}

void dkm_print_json(JsonBuilder *json)
{
    g_autofree char *text = dkm_json_to_text(json);
    fputs(text, stdout);
}

void dkm_json_real(JsonBuilder *json, const char *name, double value)
{
    json_builder_set_member_name(json, name);
    dkm_json_add_real(json, value);
}

void dkm_json_int(JsonBuilder *json, const char *name, gint64 value)
{
    json_builder_set_member_name(json, name);
    json_builder_add_int_value(json, value);
}

void dkm_json_text(JsonBuilder *json, const char *name, const char *value)
{
    json_builder_set_member_name(json, name);
    dkm_json_add_text(json, value);
}

void dkm_json_texts(JsonBuilder *json, const char *name, const char *const *values)
{
    json_builder_set_member_name(json, name);
    json_builder_begin_array(json);
    for (; values && *values; values++)
        dkm_json_add_text(json, *values);
    json_builder_end_array(json);
}

void dkm_json_sentences(JsonBuilder *json, const char *name, const GPtrArray *sentences)
{
    json_builder_set_member_name(json, name);
    json_builder_begin_array(json);
    for (guint i = 0; i < sentences->len; i++)
        dkm_json_add_text(json, sentences->pdata[i]);
    json_builder_end_array(json);
}

void dkm_json_box(JsonBuilder *json, const char *name, const DkmBox *box)
{
    json_builder_set_member_name(json, name);
    json_builder_begin_array(json);
    for (int i = 0; i < 6; i++)
        json_builder_add_int_value(json, (i < 3 ? box->first : box->end)[i % 3]);
    json_builder_end_array(json);
}
