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
    const DkmColourMap maps[] = {DKM_COLOUR_GREY,  DKM_COLOUR_HEAT,      DKM_COLOUR_SER,
                                 DKM_COLOUR_CURVE, DKM_COLOUR_AGREEMENT, DKM_COLOUR_BLUE_YELLOW};
    for (guint m = 0; m < G_N_ELEMENTS(maps); m++) {
        const guint8(*table)[3] = dkm_colour_map(maps[m]);
        for (int i = 1; i < 256; i++)
            g_assert_cmpfloat(luminance(table[i]), >=, luminance(table[i - 1]));
        g_assert_cmpfloat(luminance(table[255]), >, luminance(table[0]) + 0.65);
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
    const double values[] = {0.89, 0.95, 1.2, 1.5, 2};
    for (guint i = 1; i < G_N_ELEMENTS(values); i++)
        g_assert_cmpint(table[(int)(values[i] / 3 * 255)][0], >,
                        table[(int)(values[i - 1] / 3 * 255)][0]);
}

/* What a deuteranope or protanope sees of RGB (Vienot, Brettel and Mollon 1999), linear. */
static void as_seen(const guint8 rgb[3], gboolean protan, double out[3])
{
    double c[3];
    for (int k = 0; k < 3; k++)
        c[k] = pow(rgb[k] / 255.0, 2.2);
    const double share = protan ? 0.11238 : 0.29275;
    out[0] = out[1] = share * c[0] + (1 - share) * c[1];
    out[2] = (protan ? 0.004 : -0.02234) * c[0] - (protan ? 0.004 : -0.02234) * c[1] + c[2];
}

/* Neighbouring classes stay apart for readers who do not tell red from green. */
static void classes_stay_apart(void)
{
    const DkmColourMap maps[] = {DKM_COLOUR_CURVE, DKM_COLOUR_AGREEMENT};
    for (guint m = 0; m < G_N_ELEMENTS(maps); m++)
        for (int step = 85; step < 255; step += 85)
            for (int protan = 0; protan < 2; protan++) {
                double a[3], b[3];
                as_seen(dkm_colour_map(maps[m])[step], protan, a);
                as_seen(dkm_colour_map(maps[m])[step + 85], protan, b);
                g_assert_cmpfloat(hypot(hypot(a[0] - b[0], a[1] - b[1]), a[2] - b[2]), >, 0.15);
                g_assert_cmpfloat(b[0], >, a[0]);
            }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/colour-map/luminance-rises", luminance_rises);
    g_test_add_func("/colour-map/ser-steps", ser_steps);
    g_test_add_func("/colour-map/classes-stay-apart", classes_stay_apart);
    return g_test_run();
}
