/* The curve under the pointer beside the selected lesion's mean and worst one, with their numbers
 * in words. */
#include "gui/curve-view.h"
#include "gui/i18n.h"
#include "gui/panels.h"
#include "gui/word-line.h"

#include "core/image/lesion-curve.h"

#include <math.h>

/* A lesion is measured when its painter has paused for this long. */
#define PAUSE_MS 200

typedef struct {
    DkmReading *reading;
    GtkWidget *view, *words[DKM_CURVE_ROLES], *types;
    guint timer;
    double band; /* as measured with */
} CurvePanel;

static void panel_free(gpointer data)
{
    CurvePanel *panel = data;
    g_clear_handle_id(&panel->timer, g_source_remove);
    g_free(panel);
}

static void show(CurvePanel *panel, DkmCurveRole role, const DkmCurve *curve)
{
    static const char *const names[] = {[DKM_CURVE_OF_POINTER] = N_("here"),
                                        [DKM_CURVE_OF_MEAN] = N_("mean"),
                                        [DKM_CURVE_OF_WORST] = N_("worst")};
    dkm_curve_view_set(DKM_CURVE_VIEW(panel->view), role, curve);
    g_autofree char *numbers = dkm_curve_describe(curve),
                    *text = g_strconcat(_(names[role]), " ", numbers, NULL);
    dkm_word_line_set(DKM_WORD_LINE(panel->words[role]), text);
    gtk_widget_set_opacity(panel->words[role], *numbers != 0);
    gtk_widget_set_visible(panel->words[role], *numbers != 0 || role == DKM_CURVE_OF_POINTER);
}

/* --- the pointer ------------------------------------------------------------------------------ */

static void show_pointer(CurvePanel *panel)
{
    const DkmReviewCase *on = dkm_reading_case(panel->reading);
    const DkmPointer *at = dkm_reading_pointer(panel->reading);
    if (!on || !at->is_over || at->beside) /* the curve is this study's */
        return;
    const int zyx[3] = {(int)lround(at->zyx[0]), (int)lround(at->zyx[1]), (int)lround(at->zyx[2])};
    DkmCurve curve = dkm_curve_at(on, zyx, dkm_reading_scene(panel->reading).background);
    dkm_curve_set_band(&curve, dkm_reading_look(panel->reading)->curve_band);
    show(panel, DKM_CURVE_OF_POINTER, &curve);
}

/* --- the lesion ------------------------------------------------------------------------------- */

static void show_types(const CurvePanel *panel, const DkmLesionCurve *lesion)
{
    g_autofree char *text = dkm_curve_type_shares(lesion->types);
    gtk_label_set_text(GTK_LABEL(panel->types), text);
    gtk_widget_set_visible(panel->types, lesion->n > 2);
}

static gboolean measure(gpointer data)
{
    CurvePanel *panel = data;
    const DkmReviewCase *on = dkm_reading_case(panel->reading);
    const DkmLayer *layer =
        on ? dkm_layers_find(on->layers, dkm_reading_look(panel->reading)->layer) : NULL;
    const double band = dkm_reading_look(panel->reading)->curve_band;
    DkmLesionCurve lesion = {0};
    DkmCurve mean = {0}, worst = {0};
    panel->timer = 0;
    if (layer) {
        const DkmLesionSource source = {layer->mask,
                                        (const DkmVolume *const *)on->phases,
                                        dkm_review_case_n_phases(on),
                                        on->early,
                                        MAX(on->late, on->early),
                                        dkm_reading_scene(panel->reading).background,
                                        band};
        dkm_lesion_curve(&source, &lesion);
    }
    if (lesion.n)
        mean = dkm_curve_of(on, lesion.mean);
    if (lesion.has_worst)
        worst = dkm_curve_of(on, lesion.worst);
    dkm_curve_set_band(&mean, band);
    dkm_curve_set_band(&worst, band);
    show(panel, DKM_CURVE_OF_MEAN, &mean);
    show(panel, DKM_CURVE_OF_WORST, &worst);
    show_types(panel, &lesion);
    return G_SOURCE_REMOVE;
}

static void measure_soon(CurvePanel *panel)
{
    g_clear_handle_id(&panel->timer, g_source_remove);
    panel->timer = g_timeout_add(PAUSE_MS, measure, panel);
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    CurvePanel *panel = g_object_get_data(user, "panel");
    const DkmCurve none = {0};
    if (what & (DKM_CHANGED_CASE | DKM_CHANGED_PHASES))
        for (guint role = 0; role < DKM_CURVE_ROLES; role++)
            show(panel, role, &none);
    if (what & (DKM_CHANGED_CASE | DKM_CHANGED_LAYERS | DKM_CHANGED_PHASES | DKM_CHANGED_RESULT))
        measure_soon(panel);
    const double band = dkm_reading_look(panel->reading)->curve_band;
    if (band != panel->band) {
        panel->band = band;
        measure_soon(panel);
        show_pointer(panel);
    }
    if (what & (DKM_CHANGED_POINTER | DKM_CHANGED_PHASES))
        show_pointer(panel);
}

GtkWidget *dkm_curve_panel_new(DkmReading *reading)
{
    GtkWidget *section = dkm_panel_section(_("Time-intensity curves"));
    CurvePanel *panel = g_new0(CurvePanel, 1);
    gtk_style_context_add_class(gtk_widget_get_style_context(section), "curves");
    panel->reading = reading;
    panel->view = dkm_curve_view_new(reading);
    gtk_box_pack_start(GTK_BOX(section), panel->view, FALSE, FALSE, 0);
    for (guint role = 0; role < DKM_CURVE_ROLES; role++) {
        panel->words[role] = dkm_word_line_new(dkm_curve_colour(role));
        gtk_widget_set_no_show_all(panel->words[role], TRUE);
        gtk_box_pack_start(GTK_BOX(section), panel->words[role], FALSE, FALSE, 0);
    }
    panel->types = dkm_panel_label("", "dim");
    g_autoptr(PangoAttrList) smaller = pango_attr_list_new();
    pango_attr_list_insert(smaller, pango_attr_scale_new(0.9));
    gtk_label_set_attributes(GTK_LABEL(panel->types), smaller);
    gtk_widget_set_no_show_all(panel->types, TRUE);
    gtk_widget_set_tooltip_text(section,
                                _("Of 3 × 3 voxels under the pointer; the selected mask's mean, "
                                  "and its worst 3 × 3 voxels; its voxels by type"));
    gtk_box_pack_start(GTK_BOX(section), panel->types, FALSE, FALSE, 0);
    g_object_set_data_full(G_OBJECT(section), "panel", panel, panel_free);
    g_signal_connect_object(reading, "changed", G_CALLBACK(on_changed), section, 0);
    return section;
}
