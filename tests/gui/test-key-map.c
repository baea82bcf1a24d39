#include "gui/key-map.h"

#include <string.h>

static const DkmKeyDefault defaults[] = {
    {"up", "Up k", DKM_KEYS_ANYWHERE},
    {"preset(1)", "1 KP_1", DKM_KEYS_READING, "Grey window"},
    {"flat-brush", "1", DKM_KEYS_CORRECTING}, /* the same key in another context */
    {"undo", "<Control>z", DKM_KEYS_ANYWHERE},
    {"redo", "<Control><Shift>z <Control>y", DKM_KEYS_ANYWHERE},
    {"nothing", NULL, DKM_KEYS_ANYWHERE},
};
enum { UP, PRESET, BRUSH, UNDO, REDO, NOTHING, N };

static DkmKeyMap *new_map(void)
{
    return dkm_key_map_new(defaults, N);
}

static void contexts_decide(void)
{
    g_autoptr(DkmKeyMap) map = new_map();
    g_autoptr(GPtrArray) none = dkm_key_map_clashes(map);
    g_assert_cmpuint(none->len, ==, 0);
    g_autofree char *why = NULL;
    g_assert_false(dkm_key_map_set(map, NOTHING, "1", &why)); /* counts anywhere */
    g_assert_cmpstr(why, ==, "1 belongs to \"Grey window\" already");
    g_assert_cmpstr(dkm_key_map_keys(map, NOTHING), ==, "");
    g_assert_true(dkm_key_map_set(map, PRESET, "F5", &why));
    g_assert_true(dkm_key_map_set(map, BRUSH, "KP_1 1", &why));
    g_assert_cmpstr(dkm_key_map_keys(map, BRUSH), ==, "KP_1 1");
    g_assert_false(dkm_key_map_is_default(map, BRUSH));
    dkm_key_map_reset(map);
    g_assert_cmpstr(dkm_key_map_keys(map, BRUSH), ==, "1");
}

/* However it is written. */
static void keys_are_compared(void)
{
    g_autoptr(DkmKeyMap) map = new_map();
    const char *const taken[] = {"K", "<Shift><Control>Z", "x <control>Y"};
    for (guint i = 0; i < G_N_ELEMENTS(taken); i++) {
        g_autofree char *why = NULL;
        g_assert_false(dkm_key_map_set(map, NOTHING, taken[i], &why));
        g_assert_nonnull(strstr(why, "already"));
    }
    const char *const no_keys[] = {"<Control>", "<Hyper>x", "a <"};
    for (guint i = 0; i < G_N_ELEMENTS(no_keys); i++) {
        g_autofree char *why = NULL;
        g_assert_false(dkm_key_map_set(map, NOTHING, no_keys[i], &why));
        g_assert_nonnull(strstr(why, "is no key"));
    }
    g_autofree char *why = NULL;
    g_assert_true(dkm_key_map_set(map, NOTHING, "<Control><Alt>z", &why));
    g_assert_true(dkm_key_map_set(map, UNDO, "", &why)); /* none at all */
}

static void comes_back(void)
{
    g_autoptr(DkmKeyMap) map = new_map(), other = new_map();
    g_autofree char *why = NULL;
    g_assert_true(dkm_key_map_set(map, UP, "u", &why));
    g_assert_true(dkm_key_map_set(map, UNDO, "<Control>z", &why)); /* the default again */
    g_autofree char *text = dkm_key_map_save(map);
    g_assert_null(strstr(text, "undo"));
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    dkm_key_map_load(other, text, problems);
    g_assert_cmpuint(problems->len, ==, 0);
    g_assert_cmpstr(dkm_key_map_keys(other, UP), ==, "u");
}

static void bad_lines_are_said(void)
{
    g_autoptr(DkmKeyMap) map = new_map();
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    dkm_key_map_load(map, "[keys]\nfly=f\nundo=Up\nredo=<Control>r\n", problems);
    g_assert_cmpuint(problems->len, ==, 2);
    g_assert_cmpstr(problems->pdata[0], ==, "fly: there is no such action");
    g_assert_cmpstr(problems->pdata[1], ==, "undo: Up belongs to \"up\" already");
    g_assert_cmpstr(dkm_key_map_keys(map, UNDO), ==, "<Control>z");
    g_assert_cmpstr(dkm_key_map_keys(map, REDO), ==, "<Control>r");
    dkm_key_map_load(map, "nonsense", problems);
    g_assert_cmpuint(problems->len, ==, 3);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/key-map/contexts-decide", contexts_decide);
    g_test_add_func("/key-map/keys-are-compared", keys_are_compared);
    g_test_add_func("/key-map/comes-back", comes_back);
    g_test_add_func("/key-map/bad-lines-are-said", bad_lines_are_said);
    return g_test_run();
}
