/* examples-ROW.png: the best, the median and the worst patient of a row, each by the slice with the
 * largest label: pre-contrast image, outline of the label and of the prediction. */
#include "plugin/ablate/report.h"

#include "core/atomic-file.h"
#include "core/error.h"
#include "core/model/model.h"
#include "plugin/training-cases.h"

#include <cairo.h>
#include <glib/gstdio.h>
#include <math.h>

enum { PANELS = 3, PANEL = 336, GAP = 8, CAPTION = 40 };

typedef cairo_surface_t Surface;
typedef cairo_t Drawing;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Surface, cairo_surface_destroy)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Drawing, cairo_destroy)

/* What is drawn in one panel; arrays of side squared. */
typedef struct {
    int side;
    float *image, *label, *prediction;
} Picture;

static void picture_clear(Picture *picture)
{
    g_free(picture->image);
    g_free(picture->label);
    g_free(picture->prediction);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Picture, picture_clear)

static const DkmCase *find_case(const GPtrArray *cases, const char *name)
{
    for (guint i = 0; i < cases->len; i++) {
        const DkmCase *c = g_ptr_array_index(cases, i);
        if (g_str_equal(c->name, name))
            return c;
    }
    return NULL;
}

static int largest_slice(const DkmCase *c)
{
    int best = 0;
    for (int z = 1; z < dkm_mask_grid(c->mask)->n[0]; z++)
        if (dkm_mask_slice_count(c->mask, z) > dkm_mask_slice_count(c->mask, best))
            best = z;
    return best;
}

/* The phases of the evaluation's first line: what the caption's Dice is of. */
static void show_first_set(DkmNetwork *network)
{
    guint posts = 0;
    while (posts < DKM_POST_BOTH && !dkm_network_accepts(network, posts))
        posts++;
    dkm_network_show(network, posts);
}

/* The model's view of SAMPLE in the middle of its slice, as the evaluation saw it. */
static gboolean predict(DkmModel *model, const DkmSample *sample, Picture *picture,
                        GCancellable *cancel, GError **error)
{
    const gsize n = (gsize)picture->side * (gsize)picture->side;
    const DkmCrop crop = dkm_crop_centre(sample, picture->side);
    g_autoptr(DkmNetwork) network =
        dkm_model_make_network(model, picture->side, picture->side, error);
    if (!network)
        return FALSE;
    show_first_set(network);
    g_autofree float *noise = dkm_network_make_noise(network, 0, 0, 0, error);
    if (!noise)
        return FALSE;
    picture->image = g_new(float, n);
    picture->label = g_new(float, n);
    picture->prediction = g_new(float, n);
    dkm_crop_read(sample, DKM_PHASE_PRE, &crop, 1, picture->image);
    dkm_crop_read_mask(sample, &crop, picture->label);
    const DkmNoisedNetwork noised = {network, noise};
    return dkm_evaluate_predict(&noised, sample, &crop, picture->prediction, cancel, error);
}

static Surface *grey_surface(const Picture *p)
{
    Surface *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, p->side, p->side);
    guint8 *data = cairo_image_surface_get_data(surface);
    const int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; data && y < p->side; y++) {
        guint32 *row = (guint32 *)(void *)(data + (gsize)y * (gsize)stride);
        for (int x = 0; x < p->side; x++) {
            /* z-scores from -2 to 3, black to white */
            const float z = p->image[(gsize)y * (gsize)p->side + (gsize)x];
            row[x] = (guint32)(255 * CLAMP((z + 2) / 5, 0.0f, 1.0f)) * 0x010101u;
        }
    }
    cairo_surface_mark_dirty(surface);
    return surface;
}

static gboolean is_on(const float *value, int side, float threshold, int y, int x)
{
    return y >= 0 && x >= 0 && y < side && x < side &&
           value[(gsize)y * (gsize)side + (gsize)x] >= threshold;
}

/* The edges between pixels that are on and off, in the picture's pixels. */
static void trace(Drawing *cr, const float *value, int side, float threshold)
{
    for (int y = 0; y <= side; y++)
        for (int x = 0; x <= side; x++) {
            const gboolean here = is_on(value, side, threshold, y, x);
            if (here != is_on(value, side, threshold, y - 1, x)) {
                cairo_move_to(cr, x, y);
                cairo_line_to(cr, x + 1, y);
            }
            if (here != is_on(value, side, threshold, y, x - 1)) {
                cairo_move_to(cr, x, y);
                cairo_line_to(cr, x, y + 1);
            }
        }
}

static void outline(Drawing *cr, const float *value, int side, float threshold,
                    const double colour[3])
{
    trace(cr, value, side, threshold);
    cairo_set_source_rgb(cr, colour[0], colour[1], colour[2]);
    cairo_set_line_width(cr, 0.5);
    cairo_stroke(cr);
}

static void draw(Drawing *cr, const Picture *p, float threshold, double x)
{
    static const double label[3] = {0.2, 0.9, 0.4}, prediction[3] = {1, 0.55, 0};
    g_autoptr(Surface) grey = grey_surface(p);
    cairo_save(cr);
    cairo_translate(cr, x, GAP);
    cairo_scale(cr, (double)PANEL / p->side, (double)PANEL / p->side);
    cairo_set_source_surface(cr, grey, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_BILINEAR);
    cairo_rectangle(cr, 0, 0, p->side, p->side);
    cairo_fill(cr);
    outline(cr, p->label, p->side, 0.5f, label);
    outline(cr, p->prediction, p->side, threshold, prediction);
    cairo_restore(cr);
}

static void caption(Drawing *cr, double x, double y, const char *words)
{
    cairo_set_source_rgb(cr, 0.1, 0.1, 0.1);
    cairo_set_font_size(cr, 13);
    cairo_move_to(cr, x, y);
    cairo_show_text(cr, words);
}

typedef struct {
    const DkmAblateReport *report;
    const GPtrArray *cases;
    const DkmAblateLine *line;
} Examples;

/* The case in the units of MODEL. */
static DkmCase *as_seen_by(const DkmModel *model, const DkmCase *c, GError **error)
{
    return dkm_case_new(c->name, c->phase, c->mask, dkm_model_normalise_rule(model), error);
}

static gboolean draw_patient(const Examples *e, const DkmAblatePatient *p, Drawing *cr, int panel,
                             GError **error)
{
    static const char *const words[] = {"best", "median", "worst"};
    const DkmAblate *a = e->report->ablate;
    const DkmAblateStep step = {.kind = DKM_ABLATE_SM, .row = e->line->row, .fold = p->fold};
    const DkmCase *c = find_case(e->cases, p->name);
    g_autofree char *path = dkm_ablate_path(a, &step, DKM_ABLATE_MODEL);
    if (!c) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "the cases hold no %s", p->name);
        return FALSE;
    }
    g_autoptr(DkmModel) model =
        dkm_model_open(path, a->device ? a->device : "auto", a->threads, NULL, error);
    g_autoptr(DkmCase) seen = model ? as_seen_by(model, c, error) : NULL;
    const DkmSample sample = {seen, largest_slice(c)};
    g_auto(Picture) picture = {.side = dkm_evaluate_side(e->cases)};
    if (!seen || !predict(model, &sample, &picture, a->cancel, error))
        return FALSE;
    const double x = GAP + panel * (PANEL + GAP);
    draw(cr, &picture, dkm_model_threshold(model), x);
    g_autofree char *text = g_strdup_printf("%s: %s, Dice %.2f, slice %d", words[panel], p->name,
                                            p->dice, sample.z + 1);
    caption(cr, x, PANEL + GAP + 17, text);
    return TRUE;
}

static int by_dice(gconstpointer a, gconstpointer b)
{
    const double x = (*(const DkmAblatePatient *const *)a)->dice,
                 y = (*(const DkmAblatePatient *const *)b)->dice;
    return (x < y) - (x > y);
}

static cairo_status_t append(void *closure, const unsigned char *data, unsigned int length)
{
    g_byte_array_append(closure, data, length);
    return CAIRO_STATUS_SUCCESS;
}

static gboolean draw_row(const Examples *e, const char *path, GError **error)
{
    g_autoptr(GPtrArray) patients = g_ptr_array_new();
    for (guint i = 0; i < e->line->patients->len; i++)
        g_ptr_array_add(patients, &g_array_index(e->line->patients, DkmAblatePatient, i));
    g_ptr_array_sort(patients, by_dice);
    const guint chosen[PANELS] = {0, patients->len / 2, patients->len - 1};
    g_autoptr(Surface) surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, GAP + PANELS * (PANEL + GAP), PANEL + GAP + CAPTION);
    g_autoptr(Drawing) cr = cairo_create(surface);
    g_autoptr(GByteArray) png = g_byte_array_new();
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    for (int i = 0; i < PANELS; i++)
        if (!draw_patient(e, patients->pdata[chosen[i]], cr, i, error))
            return FALSE;
    g_autofree char *title = g_strdup_printf(
        "%s: pre-contrast, label green, prediction orange. Research use only.", e->line->name);
    caption(cr, GAP, PANEL + GAP + 34, title);
    if (cairo_surface_write_to_png_stream(surface, append, png) != CAIRO_STATUS_SUCCESS) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_NO_MEMORY,
                            "not enough memory for examples");
        return FALSE;
    }
    return dkm_atomic_write(path, png->data, png->len, error);
}

/* Whether PATH is younger than every evaluation of the row. */
static gboolean is_fresh(const DkmAblateReport *r, int row, const char *path)
{
    GStatBuf picture, evaluation;
    if (g_stat(path, &picture) != 0)
        return FALSE;
    for (guint i = 0; i < r->steps->len; i++) {
        const DkmAblateStep *step = &g_array_index(r->steps, DkmAblateStep, i);
        g_autofree char *of = dkm_ablate_path(r->ablate, step, DKM_ABLATE_EVALUATION_FILE);
        if (step->kind == DKM_ABLATE_EVALUATION && step->row == row &&
            g_stat(of, &evaluation) == 0 && evaluation.st_mtime > picture.st_mtime)
            return FALSE;
    }
    return TRUE;
}

/* Lines whose picture is to be made, one a row. */
static GArray *stale_lines(const DkmAblateReport *r)
{
    GArray *stale = g_array_new(FALSE, FALSE, sizeof(guint));
    int last = -1;
    for (guint i = 0; i < r->results->lines->len; i++) {
        const DkmAblateLine *line = dkm_ablate_results_line(r->results, i);
        if (line->row < 0 || line->row == last || line->patients->len == 0)
            continue;
        last = line->row;
        g_autofree char *path = dkm_ablate_examples_path(r, line->row);
        if (!is_fresh(r, line->row, path))
            g_array_append_val(stale, i);
    }
    return stale;
}

char *dkm_ablate_examples_path(const DkmAblateReport *r, int row)
{
    g_autofree char *name =
        g_strdup_printf("examples-%s.png", dkm_ablate_plan_row(r->ablate->plan, (guint)row)->slug);
    return g_build_filename(r->ablate->out, name, NULL);
}

gboolean dkm_ablate_plot_examples(const DkmAblateReport *r, GError **error)
{
    g_autoptr(GArray) stale = stale_lines(r);
    if (stale->len == 0 || !r->ablate->cases[0])
        return TRUE;
    g_autoptr(GPtrArray) cases = dkm_training_cases_load(
        (char **)r->ablate->cases, DKM_NORMALISE_FOREGROUND, r->ablate->cancel, error);
    for (guint i = 0; cases && i < stale->len; i++) {
        const DkmAblateLine *line =
            dkm_ablate_results_line(r->results, g_array_index(stale, guint, i));
        const Examples examples = {r, cases, line};
        g_autofree char *path = dkm_ablate_examples_path(r, line->row);
        if (!draw_row(&examples, path, error))
            return FALSE;
    }
    return cases != NULL;
}
