#include "core/phantom/protocol.h"

static void all_of_them(void)
{
    guint n = 0;
    for (const DkmPhantomProtocol *p = NULL; (p = dkm_phantom_protocol_nth(n)); n++) {
        const DkmGrid grid = dkm_phantom_protocol_grid(p, 1, 1);
        g_assert_true(dkm_phantom_protocol_find(p->layout) == p);
        g_assert_true(dkm_grid_is_valid(&grid));
        g_assert_true(p->n_phases >= 3 && p->n_phases <= DKM_PHANTOM_MAX_PHASES);
        g_assert_cmpfloat(p->t_seconds[0], ==, 0);
        /* the agent comes after the middle of the first phase and before that of the second */
        g_assert_cmpfloat(p->injection_seconds, >, p->centre_seconds);
        g_assert_cmpfloat(p->injection_seconds, <, p->t_seconds[1] + p->centre_seconds);
        for (guint i = 1; i < p->n_phases; i++)
            g_assert_cmpfloat(p->t_seconds[i], >, p->t_seconds[i - 1] + p->centre_seconds);
    }
    g_assert_cmpuint(n, ==, 5);
    g_assert_null(dkm_phantom_protocol_find("nobody"));
}

/* The unilateral lattice follows the side of the mass, slices along row x column direction. */
static void lattices(void)
{
    const DkmPhantomProtocol *ucsf = dkm_phantom_protocol_find("ucsf");
    const double last[3] = {59, 0, 0};
    for (int side = 1; side >= -1; side -= 2) {
        const DkmGrid grid = dkm_phantom_protocol_grid(ucsf, side, 1);
        double lps[3];
        dkm_grid_to_lps(&grid, last, lps);
        g_assert_cmpfloat_with_epsilon(grid.origin_lps[0], side > 0 ? 158 : -40, 1e-9);
        g_assert_cmpfloat_with_epsilon(lps[0], side > 0 ? 40 : -158, 1e-9);
    }
    const DkmGrid coarse = dkm_phantom_protocol_grid(ucsf, 1, 4);
    g_assert_cmpint(coarse.n[0], ==, 15);
    g_assert_cmpfloat(coarse.spacing_mm[0], ==, 8);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/protocol/all-of-them", all_of_them);
    g_test_add_func("/protocol/lattices", lattices);
    return g_test_run();
}
