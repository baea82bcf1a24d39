#include "dicom/uid.h"

#include "dicom/dicom.h"

#include <string.h>

/* "2.25." and a decimal number without leading zeros, at most 64 characters in all. */
static void assert_uid(const char *uid)
{
    g_assert_true(g_str_has_prefix(uid, "2.25."));
    g_assert_cmpuint(strlen(uid), <=, 44);
    g_assert_cmpuint(strspn(uid + 5, "0123456789"), ==, strlen(uid) - 5);
    g_assert_true(uid[5] >= '1' && uid[5] <= '9');
}

static void test_random(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int i = 0; i < 10000; i++) {
        char *uid = i % 2 ? dkm_dicom_new_uid() : dkm_uid_new(NULL, NULL);
        assert_uid(uid);
        g_assert_true(g_hash_table_add(seen, uid));
    }
}

/* The same seed and name, the same UID; anything else, another one. */
static void test_seeded(void)
{
    static const char *const pairs[][2] = {{"", ""},   {"", "a"},  {"a", ""},  {"a", "b"},
                                           {"ab", ""}, {"", "ab"}, {"b", "a"}, {"seed", "series"}};
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++) {
        char *uid = dkm_uid_new(pairs[i][0], pairs[i][1]);
        g_autofree char *again = dkm_uid_new(pairs[i][0], pairs[i][1]);
        assert_uid(uid);
        g_assert_cmpstr(uid, ==, again);
        g_assert_true(g_hash_table_add(seen, uid));
    }
}

/* Fixed for good: an object made again years later has the same UID. */
static void test_for_good(void)
{
    g_autofree char *uid = dkm_uid_new("seed", "series");
    g_assert_cmpstr(uid, ==, "2.25.92049653246494980265040678357566238582");
}

/* Version 4 (random) or 8 (from the seed), variant 1: RFC 9562. */
static void test_version(void)
{
    for (int seeded = 0; seeded < 2; seeded++) {
        g_autofree char *uid = dkm_uid_new(seeded ? "seed" : NULL, seeded ? "name" : NULL);
        unsigned __int128 value = 0;
        for (const char *c = uid + 5; *c; c++)
            value = value * 10 + (unsigned)(*c - '0');
        g_assert_cmpuint((guint)(value >> 76) & 0xf, ==, seeded ? 8 : 4);
        g_assert_cmpuint((guint)(value >> 62) & 0x3, ==, 2);
    }
}

static void test_valid(void)
{
    static const struct {
        const char *uid;
        gboolean is_valid;
    } rows[] = {{"1.2.3", TRUE},
                {"2.25.0", TRUE},
                {"12", TRUE},
                {NULL, FALSE},
                {"", FALSE},
                {"1..2", FALSE},
                {"1.2.", FALSE},
                {".1", FALSE},
                {"1.02", FALSE},
                {"1.2 ", FALSE},
                {"lesion-7", FALSE},
                {"1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23.24.25", FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpint(dkm_uid_is_valid(rows[i].uid), ==, rows[i].is_valid);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/uid/random", test_random);
    g_test_add_func("/uid/seeded", test_seeded);
    g_test_add_func("/uid/for-good", test_for_good);
    g_test_add_func("/uid/version", test_version);
    g_test_add_func("/uid/valid", test_valid);
    return g_test_run();
}
