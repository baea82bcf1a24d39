#include "core/image/colour-map.h"

typedef guint8 Table[256][3];

typedef struct {
    guint8 at, rgb[3];
} Stop;

/* Black, deep blue-violet, magenta-red, orange, pale yellow: luminance rises all the way, and the
 * blue-to-yellow course stays readable for deuteranopes and protanopes. Own stops. */
static const Stop heat_stops[] = {
    {0, {0, 0, 4}},       {40, {34, 11, 84}},    {85, {107, 24, 110}},   {128, {170, 45, 92}},
    {170, {226, 87, 52}}, {212, {250, 153, 36}}, {255, {252, 248, 170}},
};

/* UCSF's steps of SER over 0..3: blue to 0.9, purple to 1, green to 1.3, red to 1.75, yellow to 3.
 */
static const Stop ser_steps[] = {
    {0, {40, 70, 230}},   {77, {150, 60, 200}},  {85, {40, 170, 70}},
    {111, {215, 40, 40}}, {149, {245, 225, 60}},
};

static void fill_grey(Table table)
{
    for (int i = 0; i < 256; i++)
        table[i][0] = table[i][1] = table[i][2] = (guint8)i;
}

static void fill_smooth(Table table, const Stop *stops, guint n)
{
    for (guint s = 0; s + 1 < n; s++) {
        const int from = stops[s].at, to = stops[s + 1].at;
        for (int i = from; i <= to; i++)
            for (int k = 0; k < 3; k++) {
                const int a = stops[s].rgb[k], b = stops[s + 1].rgb[k];
                table[i][k] = (guint8)(a + ((b - a) * (i - from) + (to - from) / 2) / (to - from));
            }
    }
}

static void fill_steps(Table table, const Stop *steps, guint n)
{
    guint step = 0;
    for (int i = 0; i < 256; i++) {
        while (step + 1 < n && i >= steps[step + 1].at)
            step++;
        for (int k = 0; k < 3; k++)
            table[i][k] = steps[step].rgb[k];
    }
}

const guint8 (*dkm_colour_map(DkmColourMap map))[3]
{
    static Table tables[3];
    static gsize once;
    if (g_once_init_enter(&once)) {
        fill_grey(tables[DKM_COLOUR_GREY]);
        fill_smooth(tables[DKM_COLOUR_HEAT], heat_stops, G_N_ELEMENTS(heat_stops));
        fill_steps(tables[DKM_COLOUR_SER], ser_steps, G_N_ELEMENTS(ser_steps));
        g_once_init_leave(&once, 1);
    }
    return (const guint8(*)[3])tables[map];
}
