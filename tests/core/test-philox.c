#include "core/philox.h"

/* Known answers of the generator's authors (Random123, kat_vectors). */
static void known_answers(void)
{
    guint32 out[4];
    dkm_philox((guint32[]){0, 0}, (guint32[]){0, 0, 0, 0}, out);
    g_assert_cmphex(out[0], ==, 0x6627e8d5);
    g_assert_cmphex(out[1], ==, 0xe169c58d);
    g_assert_cmphex(out[2], ==, 0xbc57ac4c);
    g_assert_cmphex(out[3], ==, 0x9b00dbd8);
    dkm_philox((guint32[]){0xffffffff, 0xffffffff},
               (guint32[]){0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, out);
    g_assert_cmphex(out[0], ==, 0x408f276d);
    g_assert_cmphex(out[1], ==, 0x41c83b0e);
    g_assert_cmphex(out[2], ==, 0xa20bc7c6);
    g_assert_cmphex(out[3], ==, 0x6d5451fd);
}

static void normal_moments(void)
{
    double sum = 0, squares = 0;
    const int n = 100000;
    for (int i = 0; i < n; i++) {
        const double value = dkm_philox_normal(7, (guint64)i, 1);
        sum += value;
        squares += value * value;
    }
    g_assert_cmpfloat_with_epsilon(sum / n, 0, 0.015);
    g_assert_cmpfloat_with_epsilon(squares / n, 1, 0.02);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/philox/known-answers", known_answers);
    g_test_add_func("/philox/normal-moments", normal_moments);
    return g_test_run();
}
