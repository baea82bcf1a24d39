#include "core/series/guard.h"

#include <string.h>

static const DkmIdentity images = {"A-1", "1.2.3", "1.9"};

static void check(const char *patient, const char *uid, const char *place, const char *refusal)
{
    const DkmIdentity object = {patient, uid, place};
    g_autofree char *why = dkm_guard_refusal(&images, &object);
    if (!refusal)
        g_assert_null(why);
    else
        g_assert_true(why && strstr(why, refusal));
    g_assert_true(!why || !strstr(why, "A-1"));
}

static void its_own(void)
{
    check("A-1", "1.2.3", "1.9", NULL);
    check("A-1 ", "1.2.3", NULL, NULL); /* padded */
    check(NULL, "1.2.3", "1.9", NULL);
    check("A-1", "", "", NULL);
}

static void of_others(void)
{
    check("A-2", "1.2.3", "1.9", "another patient");
    check("a-1", NULL, NULL, "another patient");
    check("A-1", "1.2.4", "1.9", "another study");
    check("A-1", "1.2.3", "1.8", "frame of reference");
    check(NULL, NULL, "1.9", "whose");
    check("", "", "", "whose");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/guard/its-own", its_own);
    g_test_add_func("/guard/of-others", of_others);
    return g_test_run();
}
