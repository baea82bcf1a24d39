/* Where a map's legend stands in its view, from the height of its words: larger ones do not touch.
 * Pure, no drawing. Logical pixels from the view's top. */
#pragma once

#include "gui/maps.h"

G_BEGIN_DECLS

typedef struct {
    double height;       /* of the view */
    double margin;       /* that its words keep to its edge */
    double line, letter; /* heights of a line of the legend, of the letter of a side */
    double lift;         /* above what stands in the corner besides */
} DkmLegendRoom;

typedef struct {
    double top, height;
    gboolean has_marks; /* what its ends and its middle mean; FALSE: there is room for the names of
                           the map's classes alone */
} DkmLegendBar;

/* The bar of colours of a map of numbers: above the words of the corner, below the letter of the
 * right side. FALSE where that leaves no room for it. */
gboolean dkm_legend_bar(const DkmLegendRoom *room, const DkmMapInfo *map, DkmLegendBar *bar);
/* The middles of the names of MAP's classes, beside their colours as near as they fit. Returns how
 * many there are. */
int dkm_legend_names(const DkmLegendRoom *room, const DkmLegendBar *bar, const DkmMapInfo *map,
                     double middle[3]);
/* The middle of line I, counted from below, of the legend of a map of classes. */
double dkm_legend_line(const DkmLegendRoom *room, int i);

G_END_DECLS
