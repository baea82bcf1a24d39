/* A legend's lines touch neither each other nor what stands above and below them, however large the
 * words are. */
#include "gui/legend.h"

static const double heights[] = {200, 330, 420, 700, 1400};

static DkmLegendRoom room_of(double height, double line)
{
    return (DkmLegendRoom){height, 10, line, 1.25 * line, 0};
}

/* The words of the corner and the letter of the side. */
static void assert_between(const DkmLegendRoom *room, double upper, double lower)
{
    g_assert_cmpfloat(upper - room->line / 2, >=, room->height / 2 + room->letter / 2);
    g_assert_cmpfloat(lower + room->line / 2, <=, room->height - room->margin - room->line);
}

static void check_bar(const DkmLegendRoom *room, const DkmMapInfo *map, const DkmLegendBar *bar)
{
    double middle[3];
    assert_between(room, bar->top, bar->top + bar->height);
    if (bar->has_marks)
        g_assert_cmpfloat(bar->height / 2, >=, room->line);
    const int n = dkm_legend_names(room, bar, map, middle);
    for (int i = 0; i + 1 < n; i++)
        g_assert_cmpfloat(middle[i] - middle[i + 1], >=, room->line - 1e-6);
    for (int i = 0; bar->has_marks && i < n; i++) { /* the middle one has no words there */
        g_assert_cmpfloat(bar->top + bar->height - middle[i], >=, room->line - 1e-6);
        g_assert_cmpfloat(middle[i] - bar->top, >=, room->line - 1e-6);
    }
}

static void numbers_have_their_room(void)
{
    guint shown = 0, marked = 0;
    for (double line = 10; line <= 44; line++)
        for (guint i = 0; i < G_N_ELEMENTS(heights); i++) {
            const DkmLegendRoom room = room_of(heights[i], line);
            const DkmMapInfo *maps[] = {dkm_map_info(DKM_MAP_VIEW_PE),
                                        dkm_map_info(DKM_MAP_VIEW_SER)};
            for (guint m = 0; m < G_N_ELEMENTS(maps); m++) {
                DkmLegendBar bar;
                if (!dkm_legend_bar(&room, maps[m], &bar))
                    continue;
                check_bar(&room, maps[m], &bar);
                shown++;
                marked += bar.has_marks;
            }
        }
    g_assert_cmpuint(shown, >, 200);
    g_assert_cmpuint(marked, >, 100);
}

/* As it has always been with words of the usual size, which a reader knows. */
static void usual_words(void)
{
    const DkmLegendRoom room = {420, 10, 14, 17, 0};
    DkmLegendBar bar;
    g_assert_true(dkm_legend_bar(&room, dkm_map_info(DKM_MAP_VIEW_PE), &bar));
    g_assert_cmpfloat(bar.height, ==, 131);
    g_assert_cmpfloat(bar.top + bar.height, ==, 386);
    g_assert_true(bar.has_marks);
}

static void classes_have_their_room(void)
{
    for (double line = 10; line <= 44; line++) {
        const DkmLegendRoom room = room_of(700, line);
        for (int i = 0; i < 2; i++)
            g_assert_cmpfloat(dkm_legend_line(&room, i) - dkm_legend_line(&room, i + 1), >, line);
        assert_between(&room, dkm_legend_line(&room, 2), dkm_legend_line(&room, 0));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/legend/numbers-have-their-room", numbers_have_their_room);
    g_test_add_func("/legend/usual-words", usual_words);
    g_test_add_func("/legend/classes-have-their-room", classes_have_their_room);
    return g_test_run();
}
