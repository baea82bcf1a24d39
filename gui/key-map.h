/* Which keys do what, as a person has set them: defaults, changes kept in a key file, and a check
 * for clashes that knows in which contexts a key counts. Actions are numbered as the defaults are.
 * No widget, no file. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Two of them overlap where they are equal or one is ANYWHERE. */
typedef enum { DKM_KEYS_ANYWHERE, DKM_KEYS_READING, DKM_KEYS_CORRECTING } DkmKeyContext;

/* KEYS: accelerators as GTK writes them, separated by blanks; NULL: none. WORDS: what a person
 * calls the action, to be translated; NULL: nothing but its name. */
typedef struct {
    const char *action, *keys;
    DkmKeyContext context;
    const char *words;
} DkmKeyDefault;

typedef struct _DkmKeyMap DkmKeyMap;

/* DEFAULTS are copied but for their strings, which must stay. */
DkmKeyMap *dkm_key_map_new(const DkmKeyDefault *defaults, guint n);
void dkm_key_map_free(DkmKeyMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmKeyMap, dkm_key_map_free)

/* "" where there are none. Borrowed. */
const char *dkm_key_map_keys(const DkmKeyMap *map, guint i);
gboolean dkm_key_map_is_default(const DkmKeyMap *map, guint i);
gboolean dkm_key_context_overlaps(DkmKeyContext a, DkmKeyContext b);
DkmKeyContext dkm_key_map_context(const DkmKeyMap *map, guint i);

/* Gives KEYS to action I. FALSE and a person's words in WHY (g_free) where one of them is no key or
 * belongs to another action in a context that overlaps; then nothing has changed. */
gboolean dkm_key_map_set(DkmKeyMap *map, guint i, const char *keys, char **why);
void dkm_key_map_reset(DkmKeyMap *map);
/* Every clash there is, in words: of the defaults there must be none. Free with g_ptr_array_unref.
 */
GPtrArray *dkm_key_map_clashes(const DkmKeyMap *map);

/* What differs from the defaults, as a key file's text, and back: a line that names no action of
 * ours, or would clash, is left out and said in PROBLEMS (of g_free-able text). */
char *dkm_key_map_save(const DkmKeyMap *map);
void dkm_key_map_load(DkmKeyMap *map, const char *text, GPtrArray *problems);

G_END_DECLS
