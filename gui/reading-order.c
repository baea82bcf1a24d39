/* The open study in a reader's order of the phases. */
#include "gui/i18n.h"
#include "gui/ordering.h"
#include "gui/reading-private.h"

#include "core/error.h"
#include "core/series/beside.h"

/* As of the journal: masks on lattices nearer than this are on the same one. */
#define SAME_LATTICE_MM 0.01

/* --- what there is -----------------------------------------------------------------------------
 */

/* The folder's only study, where the rules could not read it and it has pictures all the same. */
static const DkmStudy *unread_study(DkmReading *self)
{
    if (self->open || self->loading || !self->list || dkm_study_list_count(self->list) != 1)
        return NULL;
    const DkmStudy *study = dkm_study_list_get(self->list, 0)->summary->study;
    g_autoptr(GPtrArray) series = dkm_study_others(dkm_study_list_studies(self->list), study);
    return series->len > 0 ? study : NULL;
}

/* As the rules found it; the case may hold another. */
static const DkmStudy *found_study(DkmReading *self, DkmStudies **found)
{
    *found = self->list ? dkm_study_list_studies(self->list) : NULL;
    if (!self->open || !self->list)
        return unread_study(self);
    const int row = dkm_study_list_find(self->list, self->open->study->first->study_uid);
    if (row < 0)
        return NULL;
    return dkm_study_list_get(self->list, (guint)row)->summary->study;
}

gboolean dkm_reading_can_order(DkmReading *self)
{
    DkmStudies *found = NULL;
    return found_study(self, &found) && !self->running && !self->exporting && !self->importing &&
           !self->capturing && !self->has_kept;
}

gboolean dkm_reading_is_ordered(DkmReading *self)
{
    return self->open && self->open->study->dce->order_given;
}

DkmPhaseOrder *dkm_reading_order(DkmReading *self)
{
    DkmStudies *found = NULL;
    const DkmStudy *study = found_study(self, &found);
    if (!study || !dkm_reading_can_order(self))
        return NULL;
    DkmPhaseOrder *order = dkm_phase_order_new(found, study);
    if (self->open)
        dkm_phase_order_take_given(order, self->open->study->dce->order_given);
    return order;
}

gboolean dkm_reading_order_keeps_masks(DkmReading *self, const DkmPhaseOrder *order)
{
    const DkmStudy *study = NULL;
    g_autoptr(DkmStudies) studies = dkm_phase_order_apply(order, &study, NULL);
    const gboolean fits =
        studies && self->open &&
        dkm_grid_equal(&study->dce->grid, dkm_review_case_grid(self->open), SAME_LATTICE_MM);
    return fits && dkm_reading_is_kept(self);
}

/* --- reading it anew ---------------------------------------------------------------------------
 */

/* What the masks and their exports are told by, and where the reader was: stays. */
typedef struct {
    char *path, *stem, *exported;
    GHashTable *tracking;
    int slice, row, column;
    guint layer;
} Stays;

static Stays take(DkmReading *self, gboolean with_masks)
{
    Stays stays = {.path = g_steal_pointer(&self->path),
                   .stem = g_steal_pointer(&self->stem),
                   .slice = self->look.slice,
                   .row = self->look.row,
                   .column = self->look.column,
                   .layer = self->look.layer};
    if (with_masks) {
        stays.exported = g_steal_pointer(&self->exported);
        stays.tracking = g_steal_pointer(&self->tracking);
    }
    return stays;
}

static void give_back(DkmReading *self, Stays *stays)
{
    self->path = g_steal_pointer(&stays->path);
    self->stem = g_steal_pointer(&stays->stem);
    self->exported = g_steal_pointer(&stays->exported);
    self->tracking = g_steal_pointer(&stays->tracking);
}

static void show_place(DkmReading *self, const Stays *stays)
{
    DkmLook look = self->look;
    look.slice = stays->slice;
    look.row = stays->row;
    look.column = stays->column;
    look.layer = stays->layer;
    dkm_reading_set_look(self, &look);
}

static void read_anew(DkmReading *self, DkmStudies *studies, const DkmStudy *study,
                      gboolean keeps_masks)
{
    Stays stays = take(self, keeps_masks);
    if (self->open)
        dkm_layers_stroke_end(self->open->layers);
    self->keeps_masks = keeps_masks;
    dkm_reading_clear(self);
    give_back(self, &stays);
    dkm_reading_begin(self, studies, study);
    if (keeps_masks)
        show_place(self, &stays);
}

gboolean dkm_reading_set_order(DkmReading *self, const DkmPhaseOrder *order)
{
    const DkmStudy *study = NULL;
    g_autoptr(GError) error = NULL, not_kept = NULL;
    g_autoptr(DkmStudies) studies = dkm_phase_order_apply(order, &study, &error);
    if (!studies) {
        dkm_reading_report(self, error);
        return FALSE;
    }
    const gboolean is_kept =
        dkm_phase_order_can_keep(order) && dkm_phase_order_keep(order, &not_kept);
    read_anew(self, studies, study, dkm_reading_order_keeps_masks(self, order));
    if (!is_kept) {
        g_autofree char *text =
            g_strdup_printf(_("This order holds until the study is closed, and could not be kept: "
                              "%s"),
                            not_kept ? not_kept->message : _("the study has no identifier"));
        dkm_reading_message(self, DKM_MESSAGE_ERROR, text);
    }
    return TRUE;
}

/* --- at every opening --------------------------------------------------------------------------
 */

DkmStudies *dkm_reading_recall_order(DkmStudies *found, const DkmStudy **study, char **problem)
{
    g_autoptr(GError) error = NULL;
    DkmStudies *ordered = dkm_phase_order_recalled(found, study, &error);
    if (error)
        *problem = g_strdup_printf(_("The order of phases that a reader has set is not used, the "
                                     "rules’ is: %s."),
                                   error->message);
    return ordered ? ordered : dkm_studies_ref(found);
}
