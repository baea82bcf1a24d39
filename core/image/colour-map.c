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

/* Dark blue over grey to yellow: no red and no green at all. Own stops. */
static const Stop blue_yellow_stops[] = {
    {0, {0, 0, 8}},        {64, {8, 48, 112}},     {128, {92, 100, 116}},
    {192, {176, 160, 96}}, {255, {255, 242, 120}},
};

/* UCSF's steps of SER over 0..3 (to 0.9, 1, 1.3, 1.75, 3). Their blue, purple, green, red, yellow
 * do not rise in luminance, and red and green look alike to many: these do and do not. */
static const Stop ser_steps[] = {
    {0, {45, 60, 170}},    {77, {125, 55, 165}},  {85, {190, 75, 125}},
    {111, {240, 130, 65}}, {149, {250, 225, 95}},
};

/* Persistent, plateau, wash-out at 85, 170, 255; further apart in luminance than in hue. */
static const Stop curve_steps[] = {
    {0, {0, 0, 4}}, {43, {50, 85, 185}}, {128, {205, 95, 135}}, {213, {252, 225, 95}}};

/* A mask alone, enhancement alone, both at 85, 170, 255. */
static const Stop agreement_steps[] = {
    {0, {0, 0, 4}}, {43, {45, 95, 200}}, {128, {235, 135, 45}}, {213, {235, 240, 225}}};

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
    static Table tables[6];
    static gsize once;
    if (g_once_init_enter(&once)) {
        fill_grey(tables[DKM_COLOUR_GREY]);
        fill_smooth(tables[DKM_COLOUR_HEAT], heat_stops, G_N_ELEMENTS(heat_stops));
        fill_steps(tables[DKM_COLOUR_SER], ser_steps, G_N_ELEMENTS(ser_steps));
        fill_steps(tables[DKM_COLOUR_CURVE], curve_steps, G_N_ELEMENTS(curve_steps));
        fill_steps(tables[DKM_COLOUR_AGREEMENT], agreement_steps, G_N_ELEMENTS(agreement_steps));
        fill_smooth(tables[DKM_COLOUR_BLUE_YELLOW], blue_yellow_stops,
                    G_N_ELEMENTS(blue_yellow_stops));
        g_once_init_leave(&once, 1);
    }
    return (const guint8(*)[3])tables[map];
}
