/* Which phases the study has, when they were taken, and why they are in this order. */
#include "gui/i18n.h"
#include "gui/panels.h"
#include "gui/words.h"

#include <math.h>

typedef struct {
    GtkWidget *list, *why, *evidence, *order;
} PhasesPanel;

static void add_phase(PhasesPanel *panel, const DkmReviewCase *on, guint phase)
{
    g_autofree char *name = dkm_word_phase(on, phase);
    const double seconds = on->study->dce->phases[phase].t_seconds;
    g_autofree char *when =
        isnan(seconds) ? g_strdup(_("time unknown")) : g_strdup_printf("%.0f s", seconds);
    GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
    gtk_box_pack_start(GTK_BOX(row), dkm_panel_label(name, NULL), TRUE, TRUE, 0);
    GtkWidget *time = gtk_label_new(dkm_review_case_phase(on, phase) ? when : _("loading…"));
    gtk_style_context_add_class(gtk_widget_get_style_context(time), "dim");
    gtk_box_pack_end(GTK_BOX(row), time, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(panel->list), row, FALSE, FALSE, 0);
}

static void add_evidence(PhasesPanel *panel, const DkmPhases *dce)
{
    for (guint i = 0; i < dce->evidence->len; i++) {
        const DkmKeyEvidence *key = &g_array_index(dce->evidence, DkmKeyEvidence, i);
        g_autofree char *text = g_strdup_printf("%s: %s", key->key, key->detail ? key->detail : "");
        gtk_box_pack_start(GTK_BOX(panel->evidence),
                           dkm_panel_label(text, key->verdict == DKM_VERDICT_CHOSEN ? NULL : "dim"),
                           FALSE, FALSE, 0);
    }
}

static void add_findings(PhasesPanel *panel, const GPtrArray *findings)
{
    for (guint i = 0; findings && i < findings->len; i++)
        gtk_box_pack_start(GTK_BOX(panel->list),
                           dkm_panel_label(findings->pdata[i], "warning-text"), FALSE, FALSE, 0);
}

/* Not the rules alone: said before all that follows from it. */
static void add_order(PhasesPanel *panel, const DkmPhases *dce)
{
    if (!dce->order_given)
        return;
    g_autofree char *text = g_strdup_printf(_("Order set by reader: %s"), dce->order_given);
    gtk_box_pack_start(GTK_BOX(panel->list), dkm_panel_label(text, "warning-text"), FALSE, FALSE,
                       0);
}

static void show_geometry(PhasesPanel *panel, const DkmGrid *grid)
{
    g_autofree char *text =
        g_strdup_printf("%d × %d × %d, %.2f × %.2f × %.2f mm", grid->n[2], grid->n[1], grid->n[0],
                        grid->spacing_mm[2], grid->spacing_mm[1], grid->spacing_mm[0]);
    gtk_box_pack_start(GTK_BOX(panel->list), dkm_panel_label(text, "dim"), FALSE, FALSE, 0);
}

static void refresh(PhasesPanel *panel, DkmReading *reading)
{
    int permille;
    const DkmReviewCase *on = dkm_reading_case(reading);
    dkm_panel_empty(panel->list);
    dkm_panel_empty(panel->evidence);
    gtk_widget_set_visible(panel->why, on && dkm_review_case_n_phases(on) > 1);
    gtk_widget_set_visible(panel->order, on != NULL);
    if (!on) {
        const char *text =
            dkm_reading_is_loading(reading, &permille) ? _("Opening…") : _("No study is open");
        gtk_box_pack_start(GTK_BOX(panel->list), dkm_panel_label(text, "dim"), FALSE, FALSE, 0);
        gtk_widget_show_all(panel->list);
        return;
    }
    const DkmPhases *dce = on->study->dce;
    for (guint i = 0; i < dce->n_phases; i++)
        add_phase(panel, on, i);
    add_order(panel, dce);
    show_geometry(panel, &dce->grid);
    if (dce->n_phases == 1)
        gtk_box_pack_start(
            GTK_BOX(panel->list),
            dkm_panel_label(_("No post-contrast phase in this study"), "warning-text"), FALSE,
            FALSE, 0);
    add_findings(panel, dce->findings);
    add_findings(panel, on->study->findings);
    add_evidence(panel, dce);
    g_autofree char *why = g_strdup_printf(dce->order_given ? _("The rules’ order is by %s: %s")
                                                            : _("Order by %s: %s"),
                                           dce->key, dkm_word_confidence(dce->confidence));
    gtk_label_set_text(GTK_LABEL(gtk_expander_get_label_widget(GTK_EXPANDER(panel->why))), why);
    gtk_widget_set_tooltip_text(panel->why, why);
    gtk_widget_show_all(panel->list);
    gtk_widget_show_all(panel->evidence);
}

static void on_changed(DkmReading *reading, guint what, gpointer user)
{
    PhasesPanel *panel = g_object_get_data(user, "panel");
    const gboolean may_have_failed = (what & DKM_CHANGED_JOBS) && !dkm_reading_case(reading);
    if ((what & (DKM_CHANGED_CASE | DKM_CHANGED_PHASES)) || may_have_failed)
        refresh(panel, reading);
}

/* One line: an expander gives a label that wraps no more than the width of a letter. */
static GtkWidget *new_title(void)
{
    GtkWidget *label = gtk_label_new(NULL);
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
    gtk_label_set_width_chars(GTK_LABEL(label), 32);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    return label;
}

GtkWidget *dkm_phases_panel_new(DkmReading *reading)
{
    PhasesPanel *panel = g_new0(PhasesPanel, 1);
    GtkWidget *section = dkm_panel_section(_("Phases"));
    panel->list = gtk_box_new(GTK_ORIENTATION_VERTICAL, 3);
    panel->evidence = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
    panel->why = gtk_expander_new(NULL);
    gtk_expander_set_label_widget(GTK_EXPANDER(panel->why), new_title());
    gtk_widget_show(gtk_expander_get_label_widget(GTK_EXPANDER(panel->why)));
    gtk_widget_set_no_show_all(panel->why, TRUE);
    gtk_style_context_add_class(gtk_widget_get_style_context(panel->why), "small");
    gtk_container_add(GTK_CONTAINER(panel->why), panel->evidence);
    gtk_box_pack_start(GTK_BOX(section), panel->list, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(section), panel->why, FALSE, FALSE, 0);
    panel->order = dkm_panel_button(_("Order of phases…"), NULL, "win.order-phases");
    gtk_widget_set_tooltip_text(panel->order,
                                _("Say which volumes are the phases, and in which order (O)"));
    gtk_widget_set_no_show_all(panel->order, TRUE);
    gtk_box_pack_start(GTK_BOX(section), panel->order, FALSE, FALSE, 0);
    g_object_set_data_full(G_OBJECT(section), "panel", panel, g_free);
    g_signal_connect_object(reading, "changed", G_CALLBACK(on_changed), section, 0);
    refresh(panel, reading);
    return section;
}
