/* The curve under the pointer with its numbers in words. */
#include "gui/curve-view.h"
#include "gui/curve.h"
#include "gui/panels.h"

#include <math.h>

/* A whole number with its sign, and no "-0". */
static double whole(double percent)
{
    const double rounded = round(percent);
    return rounded == 0 ? 0 : rounded;
}

static char *describe(const DkmCurve *curve)
{
    if (isnan(curve->enhancement_percent))
        return g_strdup("");
    if (isnan(curve->late_change_percent))
        return g_strdup_printf("%+.0f %% after contrast", whole(curve->enhancement_percent));
    return g_strdup_printf("%+.0f %% early, then %+.0f %%: %s", whole(curve->enhancement_percent),
                           whole(curve->late_change_percent),
                           curve->type == DKM_CURVE_NONE ? "no enhancement"
                                                         : dkm_curve_type_name(curve->type));
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    const DkmReviewCase *on = dkm_reading_case(reading);
    const DkmPointer *at = dkm_reading_pointer(reading);
    if (what & DKM_CHANGED_CASE)
        gtk_label_set_text(user, "");
    if (!on || !at->is_over || !(what & (DKM_CHANGED_POINTER | DKM_CHANGED_PHASES)))
        return;
    const DkmCurve curve =
        dkm_curve_at(on, (int)lround(at->zyx[0]), (int)lround(at->zyx[1]), (int)lround(at->zyx[2]));
    g_autofree char *text = describe(&curve);
    gtk_label_set_text(user, curve.n > 1 ? text : "");
}

GtkWidget *dkm_curve_panel_new(DkmReading *reading)
{
    GtkWidget *section = dkm_panel_section("Time-intensity curve, 3 × 3 voxels");
    GtkWidget *words = dkm_panel_label("", NULL);
    gtk_box_pack_start(GTK_BOX(section), dkm_curve_view_new(reading), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(section), words, FALSE, FALSE, 0);
    g_signal_connect_object(reading, "changed", G_CALLBACK(on_changed), words, 0);
    return section;
}
