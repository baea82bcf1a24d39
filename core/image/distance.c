#include "core/image/distance.h"

#include "core/error.h"

#include <math.h>

/* Scratch of one line: its values, the parabolas of the lower envelope and where they start. */
typedef struct {
    double *value, *start;
    int *parabola, count;
} Line;

/* Lower envelope of the parabolas value[q] + (step (p - q))^2; lines without a feature stay. */
static void transform_line(Line *line, int n, double step)
{
    const double *f = line->value;
    const double step2 = step * step;
    int k = -1;
    for (int q = 0; q < n; q++) {
        if (isinf(f[q]))
            continue;
        double s = -HUGE_VAL;
        while (k >= 0) {
            const int p = line->parabola[k];
            s = ((f[q] + step2 * q * q) - (f[p] + step2 * p * p)) / (2 * step2 * (q - p));
            if (s > line->start[k])
                break;
            k--;
            s = -HUGE_VAL;
        }
        k++;
        line->parabola[k] = q;
        line->start[k] = s;
    }
    line->count = k + 1;
}

static void apply_line(const Line *line, int n, double step, double *out, gsize stride)
{
    int k = 0;
    for (int p = 0; p < n && line->count > 0; p++) {
        while (k + 1 < line->count && line->start[k + 1] < p)
            k++;
        const double away = step * (p - line->parabola[k]);
        out[(gsize)p * stride] = away * away + line->value[line->parabola[k]];
    }
}

static void transform_axis(double *d, const int n[3], int axis, double step, Line *line)
{
    const gsize strides[3] = {(gsize)n[1] * (gsize)n[2], (gsize)n[2], 1};
    const int u = axis == 0 ? 1 : 0, v = axis == 2 ? 1 : 2;
    for (int i = 0; i < n[u]; i++)
        for (int j = 0; j < n[v]; j++) {
            double *first = d + (gsize)i * strides[u] + (gsize)j * strides[v];
            for (int p = 0; p < n[axis]; p++)
                line->value[p] = first[(gsize)p * strides[axis]];
            transform_line(line, n[axis], step);
            apply_line(line, n[axis], step, first, strides[axis]);
        }
}

gboolean dkm_distance_transform(double *distance2, const int n[3], const double spacing_mm[3],
                                GError **error)
{
    const gsize longest = (gsize)MAX(MAX(n[0], n[1]), n[2]);
    g_autofree double *value = g_try_new(double, longest), *start = g_try_new(double, longest);
    g_autofree int *parabola = g_try_new(int, longest);
    if (!value || !start || !parabola)
        return dkm_error_set_no_memory(error, longest * 20, "a distance transform");
    Line line = {value, start, parabola, 0};
    for (int axis = 2; axis >= 0; axis--)
        transform_axis(distance2, n, axis, spacing_mm[axis], &line);
    return TRUE;
}
