#include "gui/key-map.h"

#include "gui/i18n.h"

#include <string.h>

#define GROUP "keys"

struct _DkmKeyMap {
    guint n;
    DkmKeyDefault *defaults;
    char **keys; /* n of them; NULL: the default's */
};

DkmKeyMap *dkm_key_map_new(const DkmKeyDefault *defaults, guint n)
{
    DkmKeyMap *map = g_new(DkmKeyMap, 1);
    map->n = n;
    map->defaults = g_new(DkmKeyDefault, n);
    for (guint i = 0; i < n; i++)
        map->defaults[i] = defaults[i];
    map->keys = g_new0(char *, n);
    return map;
}

void dkm_key_map_reset(DkmKeyMap *map)
{
    for (guint i = 0; i < map->n; i++)
        g_clear_pointer(&map->keys[i], g_free);
}

void dkm_key_map_free(DkmKeyMap *map)
{
    if (!map)
        return;
    dkm_key_map_reset(map);
    g_free(map->keys);
    g_free(map->defaults);
    g_free(map);
}

const char *dkm_key_map_keys(const DkmKeyMap *map, guint i)
{
    const char *keys = map->keys[i] ? map->keys[i] : map->defaults[i].keys;
    return keys ? keys : "";
}

gboolean dkm_key_map_is_default(const DkmKeyMap *map, guint i)
{
    return map->keys[i] == NULL;
}

DkmKeyContext dkm_key_map_context(const DkmKeyMap *map, guint i)
{
    return map->defaults[i].context;
}

gboolean dkm_key_context_overlaps(DkmKeyContext a, DkmKeyContext b)
{
    return a == b || a == DKM_KEYS_ANYWHERE || b == DKM_KEYS_ANYWHERE;
}

/* --- one key ---------------------------------------------------------------------------------- */

/* Modifiers in one order, a letter in lower case: "<control><shift>z". NULL where it is no key. */
static char *normalised(const char *key)
{
    static const char *const modifiers[] = {"<control>", "<shift>", "<alt>"};
    g_autofree char *rest = g_ascii_strdown(key, -1);
    GString *text = g_string_new(NULL);
    for (guint m = 0; m < G_N_ELEMENTS(modifiers); m++) {
        char *found = strstr(rest, modifiers[m]);
        if (!found)
            continue;
        g_string_append(text, modifiers[m]);
        memmove(found, found + strlen(modifiers[m]), strlen(found + strlen(modifiers[m])) + 1);
    }
    g_string_append(text, rest);
    const gboolean is_key = *rest && !strpbrk(rest, "<> ");
    return g_string_free(text, !is_key);
}

static gboolean have_common_key(const char *a, const char *b, char **common)
{
    g_auto(GStrv) left = g_strsplit(a, " ", -1), right = g_strsplit(b, " ", -1);
    for (guint i = 0; left[i]; i++)
        for (guint k = 0; right[k]; k++) {
            g_autofree char *x = normalised(left[i]), *y = normalised(right[k]);
            if (!x || g_strcmp0(x, y) != 0)
                continue;
            if (common)
                *common = g_strdup(left[i]);
            return TRUE;
        }
    return FALSE;
}

static gboolean are_keys(const char *keys, char **why)
{
    g_auto(GStrv) each = g_strsplit(keys, " ", -1);
    for (guint i = 0; each[i]; i++) {
        g_autofree char *key = *each[i] ? normalised(each[i]) : g_strdup("");
        if (key)
            continue;
        *why = g_strdup_printf(_("\"%s\" is no key"), each[i]);
        return FALSE;
    }
    return TRUE;
}

/* --- clashes ---------------------------------------------------------------------------------- */

/* KEYS for action I against all actions from FIRST on. */
static char *clash_of(const DkmKeyMap *map, guint i, const char *keys, guint first)
{
    for (guint k = first; k < map->n; k++) {
        g_autofree char *common = NULL;
        if (k == i ||
            !dkm_key_context_overlaps(map->defaults[i].context, map->defaults[k].context) ||
            !have_common_key(keys, dkm_key_map_keys(map, k), &common))
            continue;
        const DkmKeyDefault *other = &map->defaults[k];
        return g_strdup_printf(_("%s belongs to \"%s\" already"), common,
                               other->words ? _(other->words) : other->action);
    }
    return NULL;
}

GPtrArray *dkm_key_map_clashes(const DkmKeyMap *map)
{
    GPtrArray *clashes = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < map->n; i++) {
        char *clash = clash_of(map, i, dkm_key_map_keys(map, i), i + 1);
        if (clash)
            g_ptr_array_add(clashes, clash);
    }
    return clashes;
}

gboolean dkm_key_map_set(DkmKeyMap *map, guint i, const char *keys, char **why)
{
    if (!are_keys(keys, why))
        return FALSE;
    char *clash = clash_of(map, i, keys, 0);
    if (clash) {
        *why = clash;
        return FALSE;
    }
    g_free(map->keys[i]);
    map->keys[i] = g_strcmp0(keys, map->defaults[i].keys) == 0 ? NULL : g_strdup(keys);
    return TRUE;
}

/* --- the key file ----------------------------------------------------------------------------- */

char *dkm_key_map_save(const DkmKeyMap *map)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    for (guint i = 0; i < map->n; i++)
        if (map->keys[i])
            g_key_file_set_string(file, GROUP, map->defaults[i].action, map->keys[i]);
    return g_key_file_to_data(file, NULL, NULL);
}

static gboolean find_action(const DkmKeyMap *map, const char *action, guint *i)
{
    for (*i = 0; *i < map->n; ++*i)
        if (g_str_equal(map->defaults[*i].action, action))
            return TRUE;
    return FALSE;
}

void dkm_key_map_load(DkmKeyMap *map, const char *text, GPtrArray *problems)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) error = NULL;
    if (!g_key_file_load_from_data(file, text, (gsize)-1, G_KEY_FILE_NONE, &error)) {
        g_ptr_array_add(problems, g_strdup(error->message));
        return;
    }
    g_auto(GStrv) actions = g_key_file_get_keys(file, GROUP, NULL, NULL);
    for (guint a = 0; actions && actions[a]; a++) {
        g_autofree char *keys = g_key_file_get_string(file, GROUP, actions[a], NULL), *why = NULL;
        guint i;
        if (!find_action(map, actions[a], &i))
            g_ptr_array_add(problems,
                            g_strdup_printf(_("%s: there is no such action"), actions[a]));
        else if (!keys || !dkm_key_map_set(map, i, keys, &why))
            g_ptr_array_add(problems,
                            g_strdup_printf("%s: %s", actions[a], why ? why : _("not readable")));
    }
}
