/* Milliseconds to compose one 1000 x 1000 picture of a 256 x 256 slice with heat map and mask:
 * median and worst of many, and the processor time, which other programs do not disturb. */
#include "gui/render.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

enum { SIDE = 256, PICTURE = 1000, TIMES = 200 };

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double thread_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(void)
{
    g_autofree guint16 *samples = g_new0(guint16, SIDE * SIDE);
    g_autofree guint8 *values = g_new0(guint8, SIDE * SIDE), *voxels = g_new0(guint8, SIDE * SIDE);
    g_autofree guint32 *pixels = g_new0(guint32, PICTURE * PICTURE);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            samples[y * SIDE + x] = (guint16)(500 + 400 * sin(x * 0.1) * cos(y * 0.07));
            values[y * SIDE + x] = (guint8)((x + y) / 2);
            voxels[y * SIDE + x] = hypot(x - 120, y - 140) < 40;
        }
    guint32 table[256];
    dkm_heat_table(DKM_COLOUR_HEAT, 0.6, table);
    const DkmMaskLayer mask = {voxels, 0x40c0ff, 0.25, 2};
    DkmPicture picture = {.pixels = pixels,
                          .width = PICTURE,
                          .height = PICTURE,
                          .stride = PICTURE,
                          .plane = {SIDE, SIDE, {0.7, 0.7}},
                          .smooth = TRUE,
                          .grey = {samples, TRUE, 1, 0},
                          .heat = {values, table},
                          .masks = &mask,
                          .n_masks = 1};
    const DkmAim aim = dkm_aim_whole(&picture.plane);
    picture.view = dkm_viewport_new(&picture.plane, &aim, PICTURE, PICTURE);
    g_autoptr(DkmRenderer) renderer = dkm_renderer_new();
    double ms[TIMES], busy[TIMES];
    for (int i = 0; i < TIMES; i++) {
        picture.window = (DkmWindowLevel){500 + i, 1000, FALSE}; /* as while dragging the window */
        const gint64 start = g_get_monotonic_time();
        const double busy_start = thread_ms();
        dkm_renderer_draw(renderer, &picture);
        ms[i] = (double)(g_get_monotonic_time() - start) / 1000;
        busy[i] = thread_ms() - busy_start;
    }
    qsort(ms, TIMES, sizeof *ms, by_value);
    qsort(busy, TIMES, sizeof *busy, by_value);
    g_print("compose 1000x1000 with heat map and mask: best %.2f ms, median %.2f ms, 99%% %.2f ms; "
            "processor time: median %.2f ms\n",
            ms[0], ms[TIMES / 2], ms[TIMES * 99 / 100], busy[TIMES / 2]);
    return 0;
}
