#include "core/model/scales.h"

#include "core/error.h"

#include <string.h>

struct _DkmScales {
    GHashTable *by_name; /* name -> float */
};

DkmScales *dkm_scales_new(void)
{
    DkmScales *scales = g_new(DkmScales, 1);
    scales->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return scales;
}

void dkm_scales_free(DkmScales *scales)
{
    if (!scales)
        return;
    g_hash_table_unref(scales->by_name);
    g_free(scales);
}

void dkm_scales_set(DkmScales *scales, const char *name, float scale)
{
    g_hash_table_replace(scales->by_name, g_strdup(name), g_memdup2(&scale, sizeof scale));
}

float dkm_scales_get(const DkmScales *scales, const char *name)
{
    const float *scale = g_hash_table_lookup(scales->by_name, name);
    return scale ? *scale : 0;
}

guint dkm_scales_count(const DkmScales *scales)
{
    return g_hash_table_size(scales->by_name);
}

char *dkm_scales_to_text(const DkmScales *scales)
{
    GString *text = g_string_new(NULL);
    g_autoptr(GList) names = g_hash_table_get_keys(scales->by_name);
    names = g_list_sort(names, (GCompareFunc)strcmp);
    for (const GList *name = names; name; name = name->next) {
        char number[G_ASCII_DTOSTR_BUF_SIZE];
        const double scale = (double)dkm_scales_get(scales, name->data);
        g_ascii_formatd(number, sizeof number, "%.9g", scale);
        g_string_append_printf(text, "%s %s\n", (const char *)name->data, number);
    }
    return g_string_free(text, FALSE);
}

static gboolean refuse(const char *name, const char *why, GError **error)
{
    g_set_error(error, DKM_ERROR, DKM_ERROR_MODEL, "the int8 calibration of %s %s", name, why);
    return FALSE;
}

static gboolean parse_line(DkmScales *scales, const char *line, GError **error)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    char *end = NULL;
    if (g_strv_length(words) != 2 || !*words[0])
        return refuse(line, "is no name and scale", error);
    const float scale = (float)g_ascii_strtod(words[1], &end);
    if (end == words[1] || *end || !(scale > 1e-30f && scale < 1e30f))
        return refuse(words[0], "is no positive number", error);
    if (dkm_scales_get(scales, words[0]) > 0)
        return refuse(words[0], "stands there twice", error);
    dkm_scales_set(scales, words[0], scale);
    return TRUE;
}

DkmScales *dkm_scales_parse(const char *text, GError **error)
{
    g_autoptr(DkmScales) scales = dkm_scales_new();
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (gsize i = 0; lines[i]; i++)
        if (*lines[i] && !parse_line(scales, lines[i], error))
            return NULL;
    return g_steal_pointer(&scales);
}

GArray *dkm_scales_nodes(const DkmGraph *graph, const DkmValue *outputs, int n)
{
    g_autofree gboolean *live = dkm_graph_live(graph, outputs, n);
    GArray *nodes = g_array_new(FALSE, FALSE, sizeof(int));
    for (int i = 0; i < dkm_graph_n_nodes(graph); i++)
        if (live[i] && dkm_graph_takes_int8(graph, i))
            g_array_append_val(nodes, i);
    return nodes;
}

/* A name of SCALES that is none of NAMES, or NULL. */
static const char *find_foreign(const DkmScales *scales, GHashTable *names)
{
    g_autoptr(GList) all = g_hash_table_get_keys(scales->by_name);
    all = g_list_sort(all, (GCompareFunc)strcmp);
    for (const GList *name = all; name; name = name->next)
        if (!g_hash_table_contains(names, name->data))
            return name->data;
    return NULL;
}

gboolean dkm_scales_apply(const DkmScales *scales, DkmGraph *graph, const DkmValue *outputs, int n,
                          GError **error)
{
    g_autoptr(GArray) nodes = dkm_scales_nodes(graph, outputs, n);
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < nodes->len; i++) {
        const int node = g_array_index(nodes, int, i);
        char *name = dkm_graph_conv_name(graph, node);
        const float scale = name ? dkm_scales_get(scales, name) : 0;
        if (scale == 0) {
            refuse(name ? name : dkm_graph_node(graph, node)->scope, "is missing", error);
            g_free(name);
            return FALSE;
        }
        dkm_graph_set_int8(graph, node, scale);
        g_hash_table_add(names, name);
    }
    const char *foreign = find_foreign(scales, names);
    return !foreign || refuse(foreign, "belongs to no convolution that runs in int8", error);
}
