/* curves.svg, boxes.svg, reliability.svg. */
#include "plugin/ablate/chart.h"
#include "plugin/ablate/report.h"

#include <math.h>

enum { LEFT = 60, TOP = 34, FOOT = 48, GAP = 14, LEGEND = 16 };

static gboolean save(const DkmAblateReport *r, DkmChart *chart, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(r->ablate->out, name, NULL);
    return dkm_chart_save(chart, path, error);
}

/* -- training curves */

/* The mean over folds of one training's validation, by epoch: sums and how many. */
typedef struct {
    char *name;
    GArray *sum, *n; /* of double */
} Curve;

static void curve_clear(gpointer data)
{
    Curve *curve = data;
    g_free(curve->name);
    g_array_unref(curve->sum);
    g_array_unref(curve->n);
}

static double *number_at(GArray *values, guint i)
{
    if (values->len <= i)
        g_array_set_size(values, i + 1);
    return &g_array_index(values, double, i);
}

static void add_history(Curve *curve, const char *history, gboolean relative)
{
    g_autoptr(GArray) epochs = dkm_ablate_parse_history(history);
    const double first =
        epochs->len && relative ? g_array_index(epochs, DkmAblateEpoch, 0).validation : 1;
    for (guint i = 0; i < epochs->len; i++) {
        const DkmAblateEpoch *e = &g_array_index(epochs, DkmAblateEpoch, i);
        if (e->epoch < 1 || !isfinite(e->validation / first))
            continue;
        *number_at(curve->sum, (guint)e->epoch) += e->validation / first;
        *number_at(curve->n, (guint)e->epoch) += 1;
    }
}

static Curve *curve_of(GArray *curves, const char *name)
{
    for (guint i = 0; i < curves->len; i++)
        if (g_str_equal(g_array_index(curves, Curve, i).name, name))
            return &g_array_index(curves, Curve, i);
    const Curve curve = {g_strdup(name), g_array_new(FALSE, TRUE, sizeof(double)),
                         g_array_new(FALSE, TRUE, sizeof(double))};
    g_array_append_val(curves, curve);
    return &g_array_index(curves, Curve, curves->len - 1);
}

/* Of the trainings of KIND that are done, one a diffusion module or row. */
static GArray *gather_curves(const DkmAblateReport *r, DkmAblateKind kind)
{
    GArray *curves = g_array_new(FALSE, FALSE, sizeof(Curve));
    g_array_set_clear_func(curves, curve_clear);
    for (guint i = 0; i < r->steps->len; i++) {
        const DkmAblateStep *step = &g_array_index(r->steps, DkmAblateStep, i);
        if (step->kind != kind || step->state != DKM_ABLATE_DONE)
            continue;
        g_autofree char *path = dkm_ablate_path(r->ablate, step, DKM_ABLATE_RECORD);
        g_autoptr(DkmAblateRecord) record = dkm_ablate_record_load(path, NULL);
        const char *name =
            kind == DKM_ABLATE_DM
                ? dkm_ablate_plan_diffusion(r->ablate->plan, (guint)step->diffusion)->name
                : dkm_ablate_plan_row(r->ablate->plan, (guint)step->row)->name;
        if (record)
            add_history(curve_of(curves, name), record->history, kind == DKM_ABLATE_DM);
    }
    return curves;
}

/* Epoch and mean, pair after pair. */
static GArray *points_of(const Curve *curve)
{
    GArray *points = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint epoch = 1; epoch < curve->n->len; epoch++) {
        const double n = g_array_index(curve->n, double, epoch);
        const double xy[] = {epoch, n > 0 ? g_array_index(curve->sum, double, epoch) / n : NAN};
        g_array_append_vals(points, xy, 2);
    }
    return points;
}

static void fit_axes(DkmPanel *panel, const GArray *curves)
{
    double low = INFINITY, high = -INFINITY, last = 2;
    for (guint i = 0; i < curves->len; i++) {
        g_autoptr(GArray) points = points_of(&g_array_index(curves, Curve, i));
        for (guint k = 0; k + 1 < points->len; k += 2) {
            const double y = g_array_index(points, double, k + 1);
            last = fmax(last, g_array_index(points, double, k));
            low = isfinite(y) ? fmin(low, y) : low;
            high = isfinite(y) ? fmax(high, y) : high;
        }
    }
    const double margin = high > low ? 0.06 * (high - low) : 0.1;
    panel->across.low = 1;
    panel->across.high = last;
    panel->up.low = isfinite(low) ? low - margin : 0;
    panel->up.high = isfinite(high) ? high + margin : 1;
}

static void draw_curves(DkmChart *chart, DkmPanel *panel, const GArray *curves)
{
    fit_axes(panel, curves);
    dkm_chart_panel(chart, panel, TRUE);
    for (guint i = 0; i < curves->len; i++) {
        const Curve *curve = &g_array_index(curves, Curve, i);
        g_autoptr(GArray) points = points_of(curve);
        dkm_chart_line(chart, panel, (const double *)(gconstpointer)points->data, points->len / 2,
                       (int)i);
        dkm_chart_legend(chart, panel->x, panel->y + panel->height + FOOT + LEGEND * (0.5 + i),
                         (int)i, curve->name);
    }
}

static gboolean plot_curves(const DkmAblateReport *r, GError **error)
{
    enum { WIDTH = 340, HEIGHT = 240 };
    g_autoptr(GArray) dm = gather_curves(r, DKM_ABLATE_DM), sm = gather_curves(r, DKM_ABLATE_SM);
    g_autoptr(DkmChart) chart = dkm_chart_new(
        2 * (LEFT + WIDTH + GAP), TOP + HEIGHT + FOOT + LEGEND * (1.0 + MAX(dm->len, sm->len)));
    DkmPanel left = {.x = LEFT,
                     .y = TOP,
                     .width = WIDTH,
                     .height = HEIGHT,
                     .across = {.label = "epoch"},
                     .up = {.label = "validation error / that of epoch 1"},
                     .title = "Diffusion modules, mean over folds"};
    DkmPanel right = left;
    right.x += LEFT + WIDTH + GAP;
    right.up.label = "validation Dice";
    right.title = "Segmentation modules, mean over folds";
    draw_curves(chart, &left, dm);
    draw_curves(chart, &right, sm);
    return save(r, chart, "curves.svg", error);
}

/* -- boxes */

static GArray *sorted_dice(const DkmAblateLine *line)
{
    GArray *values = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < line->patients->len; i++) {
        const double dice = g_array_index(line->patients, DkmAblatePatient, i).dice;
        if (isfinite(dice))
            g_array_append_val(values, dice);
    }
    dkm_statistics_sort((double *)(gpointer)values->data, values->len);
    return values;
}

/* Quartiles as a box, the median and the whiskers (Tukey's: the last patient within 1.5 of the
 * box's length) as lines, every patient as a point. */
static void draw_box(DkmChart *chart, const DkmPanel *panel, const DkmAblateLine *line, double y,
                     int style)
{
    g_autoptr(GArray) sorted = sorted_dice(line);
    const double *v = (const double *)(gconstpointer)sorted->data;
    const guint n = sorted->len;
    const double q1 = dkm_statistics_quantile(v, n, 0.25), q3 = dkm_statistics_quantile(v, n, 0.75),
                 median = dkm_statistics_quantile(v, n, 0.5), reach = 1.5 * (q3 - q1);
    double low = q1, high = q3;
    for (guint i = 0; i < n; i++) {
        low = v[i] >= q1 - reach ? fmin(low, v[i]) : low;
        high = v[i] <= q3 + reach ? fmax(high, v[i]) : high;
        /* points of neighbours in rank lie apart: the golden section spreads them */
        const double aside = fmod(i * 0.618034, 1) * 0.5 - 0.25;
        dkm_chart_dot(chart, panel, (const double[]){v[i], y + aside}, style);
    }
    dkm_chart_box(chart, panel, (const double[]){q1, y - 0.3}, (const double[]){q3, y + 0.3},
                  style);
    dkm_chart_line(chart, panel, (const double[]){median, y - 0.3, median, y + 0.3}, 2, style);
    dkm_chart_line(chart, panel, (const double[]){low, y, q1, y}, 2, style);
    dkm_chart_line(chart, panel, (const double[]){q3, y, high, y}, 2, style);
}

static gboolean plot_boxes(const DkmAblateReport *r, GError **error)
{
    enum { NAMES = 290, WIDTH = 480, LANE = 30 };
    const guint n = r->results->lines->len;
    const DkmPanel panel = {.x = NAMES,
                            .y = TOP,
                            .width = WIDTH,
                            .height = LANE * MAX(1u, n),
                            .across = {0, 1, "Dice of a patient"},
                            .up = {0.5 - MAX(1u, n), 0.5, NULL},
                            .title = "Every patient, by the fold that kept it for the test"};
    g_autoptr(DkmChart) chart = dkm_chart_new(NAMES + WIDTH + GAP, TOP + LANE * MAX(1u, n) + FOOT);
    dkm_chart_panel(chart, &panel, FALSE);
    for (guint i = 0; i < n; i++) {
        const DkmAblateLine *line = dkm_ablate_results_line(r->results, i);
        enum { GREY = 7 };
        draw_box(chart, &panel, line, -(double)i, line->row < 0 ? GREY : line->row % GREY);
        dkm_chart_words(chart, NAMES - GAP, TOP + LANE * (i + 0.5) + 4, 1, line->name);
    }
    return save(r, chart, "boxes.svg", error);
}

/* -- reliability */

static void draw_reliability(DkmChart *chart, const DkmPanel *panel, const DkmAblateLine *line,
                             int style)
{
    double xy[2 * DKM_RELIABILITY_BINS];
    for (int i = 0; i < DKM_RELIABILITY_BINS; i++) {
        const DkmReliabilityBin *bin = &line->bins[i];
        xy[2 * i] = bin->n ? bin->sum / (double)bin->n : NAN;
        xy[2 * i + 1] = bin->n ? (double)bin->labelled / (double)bin->n : NAN;
        dkm_chart_dot(chart, panel, &xy[2 * i], style);
    }
    dkm_chart_line(chart, panel, xy, DKM_RELIABILITY_BINS, style);
}

static gboolean plot_reliability(const DkmAblateReport *r, GError **error)
{
    enum { SIDE = 360, NAMES = 260 };
    const guint n = r->results->lines->len;
    const DkmPanel panel = {.x = LEFT,
                            .y = TOP,
                            .width = SIDE,
                            .height = SIDE,
                            .across = {0, 1, "mean probability"},
                            .up = {0, 1, "labelled share"},
                            .title = "Pixels of the foreground, in tenths of probability"};
    g_autoptr(DkmChart) chart =
        dkm_chart_new(LEFT + SIDE + GAP + NAMES, MAX(TOP + SIDE + FOOT, TOP + LEGEND * (n + 1)));
    enum { GREY = 7 };
    int style = 0;
    dkm_chart_panel(chart, &panel, TRUE);
    dkm_chart_line(chart, &panel, (const double[]){0, 0, 1, 1}, 2, GREY);
    for (guint i = 0; i < n; i++) {
        const DkmAblateLine *line = dkm_ablate_results_line(r->results, i);
        if (!line->has_bins)
            continue;
        draw_reliability(chart, &panel, line, style);
        dkm_chart_legend(chart, LEFT + SIDE + GAP, TOP + LEGEND * (style + 0.5), style, line->name);
        style++;
    }
    return save(r, chart, "reliability.svg", error);
}

gboolean dkm_ablate_plot(const DkmAblateReport *r, GError **error)
{
    return plot_curves(r, error) && plot_boxes(r, error) && plot_reliability(r, error) &&
           dkm_ablate_plot_examples(r, error);
}
