/* Two lattices: the same place of the patient, or the same share of the stack, forth and back. */
#include "core/image/link.h"

#include <math.h>

static const DkmGrid axial = {.n = {40, 100, 80},
                              .spacing_mm = {2, 1, 1},
                              .origin_lps = {-40, -50, -40},
                              .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

/* Sagittal slices from left to right; rows run to the feet. */
static const DkmGrid sagittal = {.n = {20, 60, 50},
                                 .spacing_mm = {4, 1.5, 2},
                                 .origin_lps = {38, -50, 45},
                                 .axis_lps = {{-1, 0, 0}, {0, 0, -1}, {0, 1, 0}}};

static void assert_near(const double a[3], double z, double y, double x)
{
    g_assert_cmpfloat_with_epsilon(a[0], z, 1e-9);
    g_assert_cmpfloat_with_epsilon(a[1], y, 1e-9);
    g_assert_cmpfloat_with_epsilon(a[2], x, 1e-9);
}

static void one_frame_of_reference_links_by_position(void)
{
    const DkmLink link = dkm_link_new(&axial, "1.2", &sagittal, "1.2");
    g_assert_true(link.by_position);
    double out[3];
    dkm_link_forth(&link, (double[]){20, 30, 38}, out); /* at (-2, -20, 0) mm */
    assert_near(out, 10, 30, 15);
}

static void another_or_none_links_by_the_share(void)
{
    const DkmLink other = dkm_link_new(&axial, "1.2", &sagittal, "1.3");
    g_assert_false(other.by_position || dkm_link_new(&axial, NULL, &axial, NULL).by_position ||
                   dkm_link_new(&axial, "", &axial, "").by_position);
    double out[3];
    dkm_link_forth(&other, (double[]){19.5, 49.5, 39.5}, out); /* the middle stays the middle */
    assert_near(out, 9.5, 29.5, 24.5);
    /* The first axial slice is at the feet: the sagittal rows' end. To the right is to the end. */
    dkm_link_forth(&other, (double[]){-0.5, -0.5, -0.5}, out);
    assert_near(out, 19.5, 59.5, -0.5);
}

static void there_and_back_again(void)
{
    const char *const references[] = {"1.2", "1.3"};
    for (guint r = 0; r < G_N_ELEMENTS(references); r++) {
        const DkmLink link = dkm_link_new(&axial, "1.2", &sagittal, references[r]);
        for (int z = 0; z < 40; z += 13)
            for (int x = 0; x < 80; x += 17) {
                double there[3], back[3];
                dkm_link_forth(&link, (double[]){z, 2 * z, x}, there);
                dkm_link_back(&link, there, back);
                assert_near(back, z, 2 * z, x);
            }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/link/one-frame-of-reference-links-by-position",
                    one_frame_of_reference_links_by_position);
    g_test_add_func("/link/another-or-none-links-by-the-share", another_or_none_links_by_the_share);
    g_test_add_func("/link/there-and-back-again", there_and_back_again);
    return g_test_run();
}
