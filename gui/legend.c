#include "gui/legend.h"

#include <math.h>

/* Of a bar, in lines: below the one, its marks would touch; the other is long enough. */
static const double least_lines = 3, most_lines = 9.4;

/* From the view's lower edge to the end of a bar: a line of words in the corner, and half of the
 * mark at that end. */
static double foot(const DkmLegendRoom *room)
{
    return room->margin + room->lift + ceil(1.5 * room->line) + 3;
}

gboolean dkm_legend_bar(const DkmLegendRoom *room, const DkmMapInfo *map, DkmLegendBar *bar)
{
    const double below_letter = ceil((room->letter + room->line) / 2) + 4;
    const double longest = floor(most_lines * room->line);
    bar->height = MIN(longest, floor(room->height / 2) - below_letter - foot(room));
    bar->top = room->height - foot(room) - bar->height;
    bar->has_marks = !map->classes[0].name || bar->height >= longest;
    return bar->height >= least_lines * room->line;
}

int dkm_legend_names(const DkmLegendRoom *room, const DkmLegendBar *bar, const DkmMapInfo *map,
                     double middle[3])
{
    double next = bar->top + bar->height - (bar->has_marks ? room->line : 0);
    int n = 0;
    for (; n < 3 && map->classes[n].name; n++) {
        const double share = (map->classes[n].from + map->classes[n].to) / 2 / map->full;
        middle[n] = MIN(bar->top + bar->height * (1 - share), next);
        next = middle[n] - room->line;
    }
    return n;
}

double dkm_legend_line(const DkmLegendRoom *room, int i)
{
    return room->height - foot(room) - ceil(0.8 * room->line) - (room->line + 3) * i;
}
