#include "plugin/ablate/chart.h"

#include "core/atomic-file.h"
#include "core/error.h"

#include <cairo-svg.h>
#include <math.h>

enum { SIZE = 11, TICK = 4, TICKS = 5, LEGEND_LINE = 22 };

struct _DkmChart {
    GByteArray *svg;
    cairo_surface_t *surface;
    cairo_t *cr;
};

/* Okabe and Ito's colours, which colour-blind readers tell apart; black last. */
static const double colours[][3] = {{0.00, 0.45, 0.70}, {0.84, 0.37, 0.00}, {0.00, 0.62, 0.45},
                                    {0.80, 0.47, 0.65}, {0.90, 0.62, 0.00}, {0.34, 0.71, 0.91},
                                    {0.55, 0.53, 0.05}, {0.25, 0.25, 0.25}};

static cairo_status_t append(void *closure, const unsigned char *data, unsigned int length)
{
    g_byte_array_append(closure, data, length);
    return CAIRO_STATUS_SUCCESS;
}

DkmChart *dkm_chart_new(double width, double height)
{
    DkmChart *chart = g_new0(DkmChart, 1);
    chart->svg = g_byte_array_new();
    chart->surface = cairo_svg_surface_create_for_stream(append, chart->svg, width, height);
    chart->cr = cairo_create(chart->surface);
    cairo_set_source_rgb(chart->cr, 1, 1, 1);
    cairo_paint(chart->cr);
    cairo_select_font_face(chart->cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(chart->cr, SIZE);
    return chart;
}

void dkm_chart_free(DkmChart *chart)
{
    if (!chart)
        return;
    cairo_destroy(chart->cr);
    cairo_surface_destroy(chart->surface);
    g_byte_array_unref(chart->svg);
    g_free(chart);
}

gboolean dkm_chart_save(DkmChart *chart, const char *path, GError **error)
{
    cairo_surface_finish(chart->surface);
    if (cairo_surface_status(chart->surface) != CAIRO_STATUS_SUCCESS) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_NO_MEMORY, "not enough memory to draw %s", path);
        return FALSE;
    }
    return dkm_atomic_write(path, chart->svg->data, chart->svg->len, error);
}

static double x_of(const DkmPanel *p, double value)
{
    return p->x + p->width * (value - p->across.low) / (p->across.high - p->across.low);
}

static double y_of(const DkmPanel *p, double value)
{
    return p->y + p->height * (1 - (value - p->up.low) / (p->up.high - p->up.low));
}

static void take_style(DkmChart *chart, int style)
{
    const int n = G_N_ELEMENTS(colours);
    const double dash[] = {2.0 + 3 * (style / n % 3), 2};
    const double *c = colours[style % n];
    cairo_set_source_rgb(chart->cr, c[0], c[1], c[2]);
    cairo_set_line_width(chart->cr, 1.4);
    cairo_set_dash(chart->cr, dash, style >= n ? 2 : 0, 0);
}

static void take_grey(DkmChart *chart, double grey)
{
    cairo_set_source_rgb(chart->cr, grey, grey, grey);
    cairo_set_line_width(chart->cr, 0.8);
    cairo_set_dash(chart->cr, NULL, 0, 0);
}

void dkm_chart_words(DkmChart *chart, double x, double y, double side, const char *words)
{
    cairo_text_extents_t extents;
    take_grey(chart, 0.1);
    cairo_text_extents(chart->cr, words, &extents);
    cairo_move_to(chart->cr, x - side * extents.x_advance, y);
    cairo_show_text(chart->cr, words);
}

double dkm_chart_tick(double low, double high, int n)
{
    const double rough = (high - low) / n, power = pow(10, floor(log10(rough)));
    static const double round[] = {1, 2, 5};
    for (guint i = 0; i < G_N_ELEMENTS(round); i++)
        if (round[i] * power >= rough * (1 - 1e-9))
            return round[i] * power;
    return 10 * power;
}

static void stroke(DkmChart *chart, double x0, double y0, double x1, double y1)
{
    cairo_move_to(chart->cr, x0, y0);
    cairo_line_to(chart->cr, x1, y1);
    cairo_stroke(chart->cr);
}

static void tick_words(double value, char words[G_ASCII_DTOSTR_BUF_SIZE])
{
    g_ascii_formatd(words, G_ASCII_DTOSTR_BUF_SIZE, "%.3g", fabs(value) < 1e-9 ? 0 : value);
}

static void ticks_across(DkmChart *chart, const DkmPanel *p)
{
    const double step = dkm_chart_tick(p->across.low, p->across.high, TICKS),
                 first = ceil(p->across.low / step - 1e-9) * step;
    const int n = (int)floor((p->across.high - first) / step + 1e-9);
    for (int i = 0; i <= n; i++) {
        char words[G_ASCII_DTOSTR_BUF_SIZE];
        const double value = first + i * step, x = x_of(p, value), foot = p->y + p->height;
        take_grey(chart, 0.85);
        stroke(chart, x, p->y, x, foot + TICK);
        tick_words(value, words);
        dkm_chart_words(chart, x, foot + TICK + SIZE, 0.5, words);
    }
}

static void ticks_up(DkmChart *chart, const DkmPanel *p)
{
    const double step = dkm_chart_tick(p->up.low, p->up.high, TICKS),
                 first = ceil(p->up.low / step - 1e-9) * step;
    const int n = (int)floor((p->up.high - first) / step + 1e-9);
    for (int i = 0; i <= n; i++) {
        char words[G_ASCII_DTOSTR_BUF_SIZE];
        const double value = first + i * step, y = y_of(p, value);
        take_grey(chart, 0.85);
        stroke(chart, p->x - TICK, y, p->x + p->width, y);
        tick_words(value, words);
        dkm_chart_words(chart, p->x - 2 * TICK, y + SIZE * 0.35, 1, words);
    }
}

static void label_up(DkmChart *chart, const DkmPanel *p)
{
    cairo_save(chart->cr);
    cairo_translate(chart->cr, p->x - 40, p->y + p->height / 2);
    cairo_rotate(chart->cr, -G_PI / 2);
    dkm_chart_words(chart, 0, 0, 0.5, p->up.label);
    cairo_restore(chart->cr);
}

void dkm_chart_panel(DkmChart *chart, const DkmPanel *p, gboolean up_ticks)
{
    ticks_across(chart, p);
    if (up_ticks)
        ticks_up(chart, p);
    take_grey(chart, 0.3);
    cairo_rectangle(chart->cr, p->x, p->y, p->width, p->height);
    cairo_stroke(chart->cr);
    dkm_chart_words(chart, p->x + p->width / 2, p->y - 8, 0.5, p->title);
    dkm_chart_words(chart, p->x + p->width / 2, p->y + p->height + 32, 0.5, p->across.label);
    if (p->up.label)
        label_up(chart, p);
}

void dkm_chart_line(DkmChart *chart, const DkmPanel *p, const double *xy, guint n, int style)
{
    gboolean is_down = FALSE;
    take_style(chart, style);
    for (guint i = 0; i < n; i++) {
        const double x = x_of(p, xy[2 * i]), y = y_of(p, xy[2 * i + 1]);
        const gboolean is_there = isfinite(x) && isfinite(y);
        if (is_there && is_down)
            cairo_line_to(chart->cr, x, y);
        else if (is_there)
            cairo_move_to(chart->cr, x, y);
        is_down = is_there;
    }
    cairo_stroke(chart->cr);
}

void dkm_chart_dot(DkmChart *chart, const DkmPanel *p, const double xy[2], int style)
{
    const double *c = colours[style % (int)G_N_ELEMENTS(colours)];
    if (!isfinite(xy[0]) || !isfinite(xy[1]))
        return;
    cairo_set_source_rgba(chart->cr, c[0], c[1], c[2], 0.45);
    cairo_arc(chart->cr, x_of(p, xy[0]), y_of(p, xy[1]), 1.8, 0, 2 * G_PI);
    cairo_fill(chart->cr);
}

void dkm_chart_box(DkmChart *chart, const DkmPanel *p, const double xy0[2], const double xy1[2],
                   int style)
{
    const double x0 = x_of(p, xy0[0]), x1 = x_of(p, xy1[0]), y0 = y_of(p, xy0[1]),
                 y1 = y_of(p, xy1[1]);
    const double *c = colours[style % (int)G_N_ELEMENTS(colours)];
    if (!isfinite(x0 + x1 + y0 + y1))
        return;
    cairo_rectangle(chart->cr, MIN(x0, x1), MIN(y0, y1), fabs(x1 - x0), fabs(y1 - y0));
    cairo_set_source_rgba(chart->cr, c[0], c[1], c[2], 0.15);
    cairo_fill_preserve(chart->cr);
    take_style(chart, style);
    cairo_stroke(chart->cr);
}

void dkm_chart_legend(DkmChart *chart, double x, double y, int style, const char *name)
{
    take_style(chart, style);
    stroke(chart, x, y, x + LEGEND_LINE, y);
    dkm_chart_words(chart, x + LEGEND_LINE + 6, y + SIZE * 0.35, 0, name);
}
