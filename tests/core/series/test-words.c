#include "core/series/words.h"

static void names(void)
{
    static const char *const rows[][2] = {
        {"Doe^Jane", "Doe, Jane"}, {"Doe^Jane^Mary^Dr", "Doe, Jane Mary"}, {"Doe^^", "Doe"},
        {"^Jane", ", Jane"},       {"Yamada^Tarou=x=y", "Yamada, Tarou"},  {"", "(no name)"},
        {NULL, "(no name)"}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *words = dkm_person_name_words(rows[i][0]);
        g_assert_cmpstr(words, ==, rows[i][1]);
    }
}

static void dates(void)
{
    static const char *const rows[][2] = {
        {"20010228", "2001-02-28"}, {"1999", "1999"}, {"", "(no date)"}, {NULL, "(no date)"}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *words = dkm_date_words(rows[i][0]);
        g_assert_cmpstr(words, ==, rows[i][1]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/words/names", names);
    g_test_add_func("/words/dates", dates);
    return g_test_run();
}
