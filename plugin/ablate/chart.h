/* A picture with axes, as SVG: the few marks that a report needs. Not for: what is shown. */
#pragma once

#include <cairo.h>
#include <glib.h>

typedef struct {
    double low, high;
    const char *label;
} DkmAxis;

/* One panel of a picture: where it lies, in points, and what its sides mean. */
typedef struct {
    double x, y, width, height;
    DkmAxis across, up;
    const char *title;
} DkmPanel;

typedef struct _DkmChart DkmChart; /* single owner */

DkmChart *dkm_chart_new(double width, double height);
void dkm_chart_free(DkmChart *chart);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DkmChart, dkm_chart_free)
/* Writes it, atomically, and ends it: nothing can be drawn any more. OUTPUT, NO_MEMORY. */
gboolean dkm_chart_save(DkmChart *chart, const char *path, GError **error);

/* Frame, title, ticks. UP_TICKS FALSE: none at the left, where names stand. */
void dkm_chart_panel(DkmChart *chart, const DkmPanel *panel, gboolean up_ticks);
/* N points (X, Y), joined; those that are not finite part the line. STYLE: a colour and a dash, the
 * same for the same number. */
void dkm_chart_line(DkmChart *chart, const DkmPanel *panel, const double *xy, guint n, int style);
void dkm_chart_dot(DkmChart *chart, const DkmPanel *panel, const double xy[2], int style);
/* A box from XY0 to XY1. */
void dkm_chart_box(DkmChart *chart, const DkmPanel *panel, const double xy0[2], const double xy1[2],
                   int style);
/* Words at a place in points; SIDE: 0 they begin there, 0.5 middle, 1 they end there. */
void dkm_chart_words(DkmChart *chart, double x, double y, double side, const char *words);
/* A legend entry: the style's line and NAME, with its upper left corner there. */
void dkm_chart_legend(DkmChart *chart, double x, double y, int style, const char *name);

/* A round distance between at most N+1 ticks of LOW..HIGH. */
double dkm_chart_tick(double low, double high, int n);
