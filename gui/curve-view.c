#include "gui/curve-view.h"

#include "gui/i18n.h"

#include <math.h>

#define LEFT 44.0
#define RIGHT 12.0
#define TOP 10.0
#define BOTTOM 30.0
#define HEIGHT 150

struct _DkmCurveView {
    GtkDrawingArea parent;
    DkmReading *reading;
    DkmCurve curves[DKM_CURVE_ROLES]; /* the pointer's: the last one */
};

G_DEFINE_FINAL_TYPE(DkmCurveView, dkm_curve_view, GTK_TYPE_DRAWING_AREA)

/* From seconds and intensity to pixels. */
typedef struct {
    double width, height;
    double t0, t1, v1; /* intensity begins at 0 */
    double tick;       /* of the intensity axis */
} Axes;

static double axis_x(const Axes *axes, double t)
{
    const double share = (t - axes->t0) / (axes->t1 - axes->t0);
    return LEFT + share * (axes->width - LEFT - RIGHT);
}

static double axis_y(const Axes *axes, double value)
{
    return axes->height - BOTTOM - value / axes->v1 * (axes->height - TOP - BOTTOM);
}

/* 1, 2 or 5 times a power of ten, for about four ticks up to MOST. */
static double nice_tick(double most)
{
    const double rough = MAX(most, 1e-9) / 4, power = pow(10, floor(log10(rough)));
    const double lead = rough / power;
    return power * (lead > 5 ? 10 : lead > 2 ? 5 : lead > 1 ? 2 : 1);
}

guint32 dkm_curve_colour(DkmCurveRole role)
{
    static const guint32 colours[] = {0x8cd4f2, 0x2fd0a0, 0xf0b24a};
    return colours[role];
}

/* The one whose plateau is marked: under the pointer, else the lesion's worst. */
static const DkmCurve *leading(const DkmCurveView *self)
{
    for (guint role = 0; role < DKM_CURVE_ROLES; role++)
        if (self->curves[role].n > 1 && role != DKM_CURVE_OF_MEAN)
            return &self->curves[role];
    return self->curves[DKM_CURVE_OF_MEAN].n > 1 ? &self->curves[DKM_CURVE_OF_MEAN] : NULL;
}

static Axes axes_for(const DkmCurveView *self, double width, double height)
{
    const DkmCurve *lead = leading(self);
    double most = 0;
    for (guint role = 0; role < DKM_CURVE_ROLES; role++)
        for (guint i = 0; i < self->curves[role].n; i++)
            most = MAX(most, isnan(self->curves[role].value[i]) ? 0 : self->curves[role].value[i]);
    Axes axes = {.width = width, .height = height, .t0 = lead->t[0], .t1 = lead->t[lead->n - 1]};
    axes.t1 = MAX(axes.t1, axes.t0 + 1);
    axes.tick = nice_tick(MAX(most, 1) * 1.1);
    axes.v1 = ceil(MAX(most, 1) * 1.1 / axes.tick) * axes.tick;
    return axes;
}

static void draw_label(DkmCurveView *self, cairo_t *cr, double x, double y, double align,
                       const char *text)
{
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(GTK_WIDGET(self), text);
    g_autoptr(PangoFontDescription) font =
        pango_font_description_from_string("Cantarell, DejaVu Sans 8");
    pango_layout_set_font_description(layout, font);
    int width, height;
    pango_layout_get_pixel_size(layout, &width, &height);
    cairo_move_to(cr, floor(x - width * align), floor(y - height / 2.0));
    cairo_set_source_rgb(cr, 0.62, 0.68, 0.72);
    pango_cairo_show_layout(cr, layout);
}

static void draw_axes(DkmCurveView *self, cairo_t *cr, const Axes *axes)
{
    const DkmCurve *curve = leading(self);
    cairo_set_line_width(cr, 1);
    const int ticks = (int)(axes->v1 / axes->tick + 0.5);
    for (int i = 0; i <= ticks; i++) {
        const double v = i * axes->tick;
        const double y = floor(axis_y(axes, v)) + 0.5;
        cairo_set_source_rgba(cr, 1, 1, 1, v > 0 ? 0.07 : 0.25);
        cairo_move_to(cr, LEFT, y);
        cairo_line_to(cr, axes->width - RIGHT, y);
        cairo_stroke(cr);
        g_autofree char *text = g_strdup_printf("%.4g", v);
        draw_label(self, cr, LEFT - 6, y, 1, text);
    }
    double taken = -G_MAXDOUBLE;
    for (guint i = 0; i < curve->n; i++) {
        const double x = axis_x(axes, curve->t[i]);
        if (x - taken < 34)
            continue;
        taken = x;
        g_autofree char *text = curve->has_seconds
                                    ? g_strdup_printf("%.0f s", curve->t[i])
                                    : g_strdup_printf(_("phase %.0f"), curve->t[i] + 1);
        draw_label(self, cr, x, axes->height - BOTTOM + 12,
                   i == 0              ? 0.2
                   : i + 1 == curve->n ? 0.8
                                       : 0.5,
                   text);
    }
}

/* Where a curve may end that is called a plateau: within the curve's band of the early value. */
static void draw_band(const DkmCurve *curve, cairo_t *cr, const Axes *axes)
{
    if (isnan(curve->late_change_percent))
        return;
    const double early = curve->value[curve->early], x = axis_x(axes, curve->t[curve->early]);
    const double top = axis_y(axes, MIN(early * (1 + curve->band), axes->v1)),
                 bottom = axis_y(axes, early * (1 - curve->band));
    cairo_set_source_rgba(cr, 0.36, 0.62, 0.75, 0.16);
    cairo_rectangle(cr, x, top, axes->width - RIGHT - x, bottom - top);
    cairo_fill(cr);
}

static void draw_line(const DkmCurve *curve, guint32 rgb, cairo_t *cr, const Axes *axes)
{
    cairo_set_source_rgb(cr, (rgb >> 16) / 255.0, ((rgb >> 8) & 0xff) / 255.0,
                         (rgb & 0xff) / 255.0);
    cairo_set_line_width(cr, 1.8);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_new_path(cr);
    for (guint i = 0; i < curve->n; i++)
        if (!isnan(curve->value[i]))
            cairo_line_to(cr, axis_x(axes, curve->t[i]), axis_y(axes, curve->value[i]));
    cairo_stroke(cr);
    for (guint i = 0; i < curve->n; i++) {
        if (isnan(curve->value[i]))
            continue;
        cairo_new_path(cr);
        const gboolean named = i == 0 || i == curve->early || i == curve->late;
        cairo_arc(cr, axis_x(axes, curve->t[i]), axis_y(axes, curve->value[i]), named ? 3.5 : 2, 0,
                  2 * G_PI);
        cairo_fill(cr);
    }
}

static void draw_hint(DkmCurveView *self, cairo_t *cr, double width, double height)
{
    const DkmReviewCase *on = dkm_reading_case(self->reading);
    const gboolean is_air = self->curves[DKM_CURVE_OF_POINTER].is_air;
    int permille;
    const gboolean opens = !on && dkm_reading_is_loading(self->reading, &permille);
    const char *text = opens                              ? _("Opening…")
                       : !on                              ? _("No study is open")
                       : dkm_review_case_n_phases(on) < 2 ? _("One phase only: there is no curve")
                       : is_air                           ? _("No tissue here")
                                                          : _("Point at a voxel to see its curve");
    draw_label(self, cr, width / 2, height / 2, 0.5, text);
}

static gboolean draw(GtkWidget *widget, cairo_t *cr)
{
    DkmCurveView *self = DKM_CURVE_VIEW(widget);
    const double width = gtk_widget_get_allocated_width(widget);
    const double height = gtk_widget_get_allocated_height(widget);
    if (!leading(self)) {
        draw_hint(self, cr, width, height);
        return GDK_EVENT_STOP;
    }
    const Axes axes = axes_for(self, width, height);
    draw_band(leading(self), cr, &axes);
    draw_axes(self, cr, &axes);
    for (guint role = DKM_CURVE_ROLES; role-- > 0;)
        draw_line(&self->curves[role], dkm_curve_colour(role), cr, &axes);
    return GDK_EVENT_STOP;
}

void dkm_curve_view_set(DkmCurveView *self, DkmCurveRole role, const DkmCurve *curve)
{
    self->curves[role] = *curve;
    gtk_widget_queue_draw(GTK_WIDGET(self));
}

static void finalize(GObject *object)
{
    g_clear_object(&DKM_CURVE_VIEW(object)->reading);
    G_OBJECT_CLASS(dkm_curve_view_parent_class)->finalize(object);
}

static void dkm_curve_view_init(DkmCurveView *self)
{
    gtk_widget_set_size_request(GTK_WIDGET(self), -1, HEIGHT);
}

static void dkm_curve_view_class_init(DkmCurveViewClass *class)
{
    G_OBJECT_CLASS(class)->finalize = finalize;
    GTK_WIDGET_CLASS(class)->draw = draw;
}

GtkWidget *dkm_curve_view_new(DkmReading *reading)
{
    DkmCurveView *self = g_object_new(DKM_TYPE_CURVE_VIEW, NULL);
    self->reading = g_object_ref(reading);
    return GTK_WIDGET(self);
}
