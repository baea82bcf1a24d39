#include "core/image/colour-map.h"

#include <math.h>

/* CIE Y of an sRGB triple. */
static double luminance(const guint8 rgb[3])
{
    static const double weight[3] = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int k = 0; k < 3; k++) {
        const double c = rgb[k] / 255.0;
        sum += weight[k] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static void luminance_rises(void)
{
    const DkmColourMap maps[] = {DKM_COLOUR_GREY, DKM_COLOUR_HEAT};
    for (guint m = 0; m < G_N_ELEMENTS(maps); m++) {
        const guint8(*table)[3] = dkm_colour_map(maps[m]);
        for (int i = 1; i < 256; i++)
            g_assert_cmpfloat(luminance(table[i]), >=, luminance(table[i - 1]));
        g_assert_cmpfloat(luminance(table[255]), >, luminance(table[0]) + 0.8);
    }
}

/* The steps lie where UCSF's do: 0.9, 1, 1.3, 1.75 of 3. */
static void ser_steps(void)
{
    const guint8(*table)[3] = dkm_colour_map(DKM_COLOUR_SER);
    int changes = 0;
    for (int i = 1; i < 256; i++)
        changes += table[i][0] != table[i - 1][0];
    g_assert_cmpint(changes, ==, 4);
    g_assert_cmpint(table[(int)(0.89 / 3 * 255)][2], >, 200); /* blue */
    g_assert_cmpint(table[(int)(1.2 / 3 * 255)][1], >, 150);  /* green */
    g_assert_cmpint(table[(int)(1.5 / 3 * 255)][0], >, 200);  /* red */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/colour-map/luminance-rises", luminance_rises);
    g_test_add_func("/colour-map/ser-steps", ser_steps);
    return g_test_run();
}
