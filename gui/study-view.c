#include "gui/study-view.h"

#include "gui/i18n.h"

#include <cairo-gobject.h>
#include <string.h>

/* Of the store. The numbers of DkmStudyColumn are those of the sorts. */
enum {
    COLUMN_ROW,
    COLUMN_PICTURE,
    COLUMN_PATIENT,
    COLUMN_ID,
    COLUMN_BIRTH,
    COLUMN_DATE,
    COLUMN_DESCRIPTION,
    COLUMN_PHASES,
    COLUMN_FILES,
    COLUMN_STATE,
    COLUMN_STATE_COLOUR,
    COLUMN_FINDINGS,
    COLUMN_TIP,
    COLUMN_WEIGHT, /* of the study on the desk */
    COLUMN_COLOUR, /* of one that cannot be read */
    N_COLUMNS
};

#define PIXELS 2 /* of a picture, a logical one */
/* Of a patient's ID there is room for so many characters, as far as the list needs it; what may be
 * cut is whole in the row's tooltip. */
#define ID_LEAST 10
#define ID_MOST 22
#define QUIET "#8d979f"
#define CAUTION "#d9a85b"
#define GOOD "#6fbf8b"

struct _DkmStudyView {
    GtkBox parent;
    DkmStudyList *list;
    char *folder;
    int current;
    GtkLabel *title, *count, *nothing;
    GtkEntry *search;
    GtkTreeView *table;
    GtkListStore *store;
    GtkCellRenderer *id_cell;
    gulong on_row;
    guint asking; /* idle: which rows are in sight? */
};

G_DEFINE_FINAL_TYPE(DkmStudyView, dkm_study_view, GTK_TYPE_BOX)

enum { SIGNAL_OPEN, SIGNAL_BACK, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- rows ------------------------------------------------------------------------------------- */

static cairo_surface_t *new_surface(const guint32 *picture)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, DKM_THUMBNAIL_WIDTH, DKM_THUMBNAIL_HEIGHT);
    guchar *data = cairo_image_surface_get_data(surface);
    const int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; picture && y < DKM_THUMBNAIL_HEIGHT; y++)
        memcpy(data + (gsize)y * (gsize)stride, picture + (gsize)y * DKM_THUMBNAIL_WIDTH,
               DKM_THUMBNAIL_WIDTH * sizeof *picture);
    cairo_surface_mark_dirty(surface);
    cairo_surface_set_device_scale(surface, PIXELS, PIXELS);
    return surface;
}

static void set_picture(DkmStudyView *self, GtkTreeIter *at, const DkmStudyRow *row)
{
    cairo_surface_t *surface = new_surface(row->picture);
    gtk_list_store_set(self->store, at, COLUMN_PICTURE, surface, -1);
    cairo_surface_destroy(surface);
}

/* "ID 1.2.3…" for the tooltip, where the column may have cut it; else "". */
static char *whole_id(const char *id)
{
    return g_utf8_strlen(id, -1) < ID_LEAST - 2 ? g_strdup("") : g_strdup_printf(_("ID %s"), id);
}

static void fill_row(DkmStudyView *self, GtkTreeIter *at, guint i)
{
    static const char *const colours[] = {
        [DKM_STUDY_UNREAD] = NULL, [DKM_STUDY_BEGUN] = CAUTION, [DKM_STUDY_ACCEPTED] = GOOD};
    const DkmStudyRow *row = dkm_study_list_get(self->list, i);
    const DkmStudySummary *of = row->summary;
    g_autofree char *findings = dkm_study_row_findings(row, "; ");
    g_autofree char *lines = dkm_study_row_findings(row, "\n");
    g_autofree char *whole = whole_id(of->patient_id);
    g_autofree char *tips = g_strconcat(whole, *whole && *lines ? "\n" : "", lines, NULL);
    g_autofree char *tip = *tips ? g_markup_escape_text(tips, -1) : NULL;
    const gboolean is_readable = of->n_phases > 0;
    gtk_list_store_set(
        self->store, at, COLUMN_ROW, i, COLUMN_PATIENT, of->patient_name, COLUMN_ID, of->patient_id,
        COLUMN_BIRTH, of->birth_date, COLUMN_DATE, of->study_date, COLUMN_DESCRIPTION,
        of->description, COLUMN_PHASES, of->phases, COLUMN_FILES, of->n_files, COLUMN_STATE,
        is_readable ? dkm_study_state_words(row->state) : _("cannot be read"), COLUMN_STATE_COLOUR,
        is_readable ? colours[row->state] : CAUTION, COLUMN_FINDINGS, findings, COLUMN_TIP, tip,
        COLUMN_WEIGHT, (int)i == self->current ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL,
        COLUMN_COLOUR, is_readable ? NULL : QUIET, -1);
}

static guint row_at(DkmStudyView *self, GtkTreeIter *at)
{
    guint row;
    gtk_tree_model_get(GTK_TREE_MODEL(self->store), at, COLUMN_ROW, &row, -1);
    return row;
}

static gboolean find_row(DkmStudyView *self, guint row, GtkTreeIter *at)
{
    GtkTreeModel *model = GTK_TREE_MODEL(self->store);
    for (gboolean more = gtk_tree_model_get_iter_first(model, at); more;
         more = gtk_tree_model_iter_next(model, at))
        if (row_at(self, at) == row)
            return TRUE;
    return FALSE;
}

static int selected(DkmStudyView *self)
{
    GtkTreeIter at;
    if (!gtk_tree_selection_get_selected(gtk_tree_view_get_selection(self->table), NULL, &at))
        return -1;
    return (int)row_at(self, &at);
}

static void select_row(DkmStudyView *self, int row)
{
    GtkTreeIter at;
    GtkTreeModel *model = GTK_TREE_MODEL(self->store);
    if (!(row >= 0 && find_row(self, (guint)row, &at)) &&
        !gtk_tree_model_get_iter_first(model, &at))
        return;
    GtkTreePath *path = gtk_tree_model_get_path(model, &at);
    gtk_tree_view_set_cursor(self->table, path, NULL, FALSE);
    gtk_tree_selection_select_path(gtk_tree_view_get_selection(self->table), path);
    gtk_tree_view_scroll_to_cell(self->table, path, NULL, FALSE, 0, 0);
    gtk_tree_path_free(path);
}

/* --- pictures of what is in sight --------------------------------------------------------------
 */

/* The upper ones last, so that they come first. */
static gboolean ask_for_pictures(gpointer user)
{
    DkmStudyView *self = user;
    GtkTreePath *first, *last;
    self->asking = 0;
    if (!self->list || !gtk_widget_get_mapped(GTK_WIDGET(self)) ||
        !gtk_tree_view_get_visible_range(self->table, &first, &last))
        return G_SOURCE_REMOVE;
    const int from = gtk_tree_path_get_indices(first)[0], to = gtk_tree_path_get_indices(last)[0];
    for (int i = to; i >= from; i--) {
        GtkTreeIter at;
        if (gtk_tree_model_iter_nth_child(GTK_TREE_MODEL(self->store), &at, NULL, i))
            dkm_study_list_want(self->list, row_at(self, &at));
    }
    gtk_tree_path_free(first);
    gtk_tree_path_free(last);
    return G_SOURCE_REMOVE;
}

static void ask_soon(DkmStudyView *self)
{
    if (!self->asking)
        self->asking = g_idle_add_full(G_PRIORITY_LOW, ask_for_pictures, self, NULL);
}

static void on_scrolled(GtkAdjustment *adjustment, gpointer user)
{
    ask_soon(user);
}

static void on_mapped(GtkWidget *widget, gpointer user)
{
    DkmStudyView *self = user;
    gtk_widget_grab_focus(GTK_WIDGET(self->table));
    select_row(self, self->current >= 0 ? self->current : selected(self));
    ask_soon(self);
}

static void on_unmapped(GtkWidget *widget, gpointer user)
{
    DkmStudyView *self = user;
    gtk_entry_set_text(self->search, "");
    if (self->list)
        dkm_study_list_want_none(self->list);
}

static void on_row_changed(DkmStudyList *list, guint row, gpointer user)
{
    DkmStudyView *self = user;
    GtkTreeIter at;
    if (find_row(self, row, &at))
        set_picture(self, &at, dkm_study_list_get(list, row));
}

/* --- filling ---------------------------------------------------------------------------------- */

static void fit_ids(DkmStudyView *self)
{
    int longest = ID_LEAST;
    for (guint i = 0; self->list && i < dkm_study_list_count(self->list); i++) {
        const char *id = dkm_study_list_get(self->list, i)->summary->patient_id;
        longest = MAX(longest, (int)g_utf8_strlen(id, -1) + 1);
    }
    g_object_set(self->id_cell, "width-chars", MIN(longest, ID_MOST), NULL);
}

static void fill(DkmStudyView *self)
{
    const int was = selected(self);
    const char *text = gtk_entry_get_text(self->search);
    const guint n = self->list ? dkm_study_list_count(self->list) : 0;
    guint found = 0;
    fit_ids(self);
    gtk_list_store_clear(self->store);
    for (guint i = 0; i < n; i++) {
        GtkTreeIter at;
        if (!dkm_study_list_matches(self->list, i, text))
            continue;
        gtk_list_store_append(self->store, &at);
        fill_row(self, &at, i);
        set_picture(self, &at, dkm_study_list_get(self->list, i));
        found++;
    }
    gtk_widget_set_visible(GTK_WIDGET(self->nothing), n > 0 && found == 0);
    select_row(self, was);
    ask_soon(self);
}

static char *count_words(DkmStudyView *self)
{
    guint n[3] = {0}, total = dkm_study_list_count(self->list);
    for (guint i = 0; i < total; i++)
        n[dkm_study_list_get(self->list, i)->state]++;
    const guint patients = dkm_study_list_count_patients(self->list);
    return g_strdup_printf(
        ngettext("%u studies of %u patient: %u unread, %u in progress, %u accepted",
                 "%u studies of %u patients: %u unread, %u in progress, %u accepted", patients),
        total, patients, n[DKM_STUDY_UNREAD], n[DKM_STUDY_BEGUN], n[DKM_STUDY_ACCEPTED]);
}

void dkm_study_view_set_list(DkmStudyView *self, DkmStudyList *list, const char *folder)
{
    if (self->list)
        g_signal_handler_disconnect(self->list, self->on_row);
    g_set_object(&self->list, list);
    g_free(self->folder);
    self->folder = g_strdup(folder);
    self->current = -1;
    if (list)
        self->on_row =
            g_signal_connect_object(list, "row-changed", G_CALLBACK(on_row_changed), self, 0);
    gtk_label_set_text(self->title, folder ? folder : "");
    gtk_entry_set_text(self->search, "");
    dkm_study_view_refresh(self, -1);
    select_row(self, -1);
}

void dkm_study_view_refresh(DkmStudyView *self, int current)
{
    self->current = current;
    fill(self);
    g_autofree char *words = self->list ? count_words(self) : g_strdup("");
    gtk_label_set_text(self->count, words);
    if (current >= 0)
        select_row(self, current);
}

int dkm_study_view_step(DkmStudyView *self, int row, int step)
{
    const int n = self->list ? (int)dkm_study_list_count(self->list) : 0;
    int sort = DKM_STUDY_BY_PATIENT;
    GtkSortType order = GTK_SORT_ASCENDING;
    gtk_tree_sortable_get_sort_column_id(GTK_TREE_SORTABLE(self->store), &sort, &order);
    const int sign = (order == GTK_SORT_DESCENDING ? -1 : 1) * (step < 0 ? -1 : 1);
    int best = -1;
    for (int i = 0; i < n; i++) {
        const gboolean is_readable =
            dkm_study_list_get(self->list, (guint)i)->summary->n_phases > 0;
        const DkmStudyColumn by = (DkmStudyColumn)MAX(sort, 0);
        if (!is_readable || i == row ||
            (row >= 0 && sign * dkm_study_list_compare(self->list, (guint)i, (guint)row, by) < 0))
            continue;
        if (best < 0 || sign * dkm_study_list_compare(self->list, (guint)i, (guint)best, by) < 0)
            best = i;
    }
    return best;
}

/* --- what a person does ----------------------------------------------------------------------- */

static void open_selected(DkmStudyView *self)
{
    const int row = selected(self);
    if (row >= 0)
        g_signal_emit(self, signals[SIGNAL_OPEN], 0, (guint)row);
}

static void on_activated(GtkTreeView *table, GtkTreePath *path, GtkTreeViewColumn *column,
                         gpointer user)
{
    open_selected(user);
}

static void on_search(GtkEditable *entry, gpointer user)
{
    fill(user);
}

static void move_selection(DkmStudyView *self, GtkMovementStep unit, int count)
{
    gboolean handled;
    gtk_widget_grab_focus(GTK_WIDGET(self->table));
    g_signal_emit_by_name(self->table, "move-cursor", unit, count, &handled);
}

static gboolean move_by_key(DkmStudyView *self, guint key)
{
    static const struct {
        guint key;
        GtkMovementStep unit;
        int count;
    } moves[] = {
        {GDK_KEY_Up, GTK_MOVEMENT_DISPLAY_LINES, -1}, {GDK_KEY_Down, GTK_MOVEMENT_DISPLAY_LINES, 1},
        {GDK_KEY_Page_Up, GTK_MOVEMENT_PAGES, -1},    {GDK_KEY_Page_Down, GTK_MOVEMENT_PAGES, 1},
        {GDK_KEY_Home, GTK_MOVEMENT_BUFFER_ENDS, -1}, {GDK_KEY_End, GTK_MOVEMENT_BUFFER_ENDS, 1}};
    for (guint i = 0; i < G_N_ELEMENTS(moves); i++)
        if (moves[i].key == key) {
            move_selection(self, moves[i].unit, moves[i].count);
            return TRUE;
        }
    return FALSE;
}

gboolean dkm_study_view_handle_key(DkmStudyView *self, GdkEventKey *event)
{
    const gboolean is_typed = *gtk_entry_get_text(self->search) != '\0';
    switch (event->keyval) {
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_ISO_Enter:
        open_selected(self);
        return GDK_EVENT_STOP;
    case GDK_KEY_Escape:
        if (is_typed)
            gtk_entry_set_text(self->search, "");
        else
            g_signal_emit(self, signals[SIGNAL_BACK], 0);
        return GDK_EVENT_STOP;
    case GDK_KEY_Tab:
    case GDK_KEY_ISO_Left_Tab:
        return GDK_EVENT_PROPAGATE;
    default:
        if (move_by_key(self, event->keyval))
            return GDK_EVENT_STOP;
        return gtk_search_entry_handle_event(GTK_SEARCH_ENTRY(self->search), (GdkEvent *)event);
    }
}

/* --- making it -------------------------------------------------------------------------------- */

static int compare(GtkTreeModel *model, GtkTreeIter *a, GtkTreeIter *b, gpointer user)
{
    DkmStudyView *self = g_object_get_data(G_OBJECT(model), "view");
    return dkm_study_list_compare(self->list, row_at(self, a), row_at(self, b),
                                  (DkmStudyColumn)GPOINTER_TO_INT(user));
}

typedef struct {
    const char *title;
    int column, sort, width; /* the least; 0: as wide as it needs */
    gboolean expands;
    PangoEllipsizeMode gives_way; /* where there is no room: a name never does */

} ColumnSpec;

static void add_column(DkmStudyView *self, const ColumnSpec *spec)
{
    GtkCellRenderer *cell = gtk_cell_renderer_text_new();
    GtkTreeViewColumn *column = gtk_tree_view_column_new_with_attributes(
        _(spec->title), cell, "text", spec->column, "weight", COLUMN_WEIGHT, "foreground",
        spec->column == COLUMN_STATE ? COLUMN_STATE_COLOUR : COLUMN_COLOUR, NULL);
    g_object_set(cell, "xpad", 8, NULL);
    g_object_set(cell, "ellipsize", spec->gives_way, NULL);
    if (spec->width > 0)
        gtk_tree_view_column_set_min_width(column, spec->width);
    if (spec->column == COLUMN_ID)
        self->id_cell = cell;
    gtk_tree_view_column_set_resizable(column, TRUE);
    gtk_tree_view_column_set_expand(column, spec->expands);
    gtk_tree_view_column_set_sort_column_id(column, spec->sort);
    gtk_tree_sortable_set_sort_func(GTK_TREE_SORTABLE(self->store), spec->sort, compare,
                                    GINT_TO_POINTER(spec->sort), NULL);
    gtk_tree_view_append_column(self->table, column);
}

static void add_columns(DkmStudyView *self)
{
    static const ColumnSpec specs[] = {
        {N_("Patient"), COLUMN_PATIENT, DKM_STUDY_BY_PATIENT, 150, TRUE, PANGO_ELLIPSIZE_NONE},
        {N_("ID"), COLUMN_ID, DKM_STUDY_BY_ID, 0, FALSE, PANGO_ELLIPSIZE_MIDDLE},
        {N_("Born"), COLUMN_BIRTH, DKM_STUDY_BY_BIRTH, 0, FALSE, PANGO_ELLIPSIZE_NONE},
        {N_("Date"), COLUMN_DATE, DKM_STUDY_BY_DATE, 0, FALSE, PANGO_ELLIPSIZE_NONE},
        {N_("Description"), COLUMN_DESCRIPTION, DKM_STUDY_BY_DESCRIPTION, 110, TRUE,
         PANGO_ELLIPSIZE_END},
        {N_("Phases"), COLUMN_PHASES, DKM_STUDY_BY_PHASES, 0, FALSE, PANGO_ELLIPSIZE_NONE},
        {N_("Files"), COLUMN_FILES, DKM_STUDY_BY_FILES, 0, FALSE, PANGO_ELLIPSIZE_NONE},
        {N_("State"), COLUMN_STATE, DKM_STUDY_BY_STATE, 0, FALSE, PANGO_ELLIPSIZE_NONE},
        {N_("To know"), COLUMN_FINDINGS, DKM_STUDY_BY_FINDINGS, 160, TRUE, PANGO_ELLIPSIZE_END},
    };
    GtkCellRenderer *cell = gtk_cell_renderer_pixbuf_new();
    gtk_cell_renderer_set_padding(cell, 6, 3);
    gtk_tree_view_append_column(self->table, gtk_tree_view_column_new_with_attributes(
                                                 "", cell, "surface", COLUMN_PICTURE, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(specs); i++)
        add_column(self, &specs[i]);
    gtk_tree_sortable_set_sort_column_id(GTK_TREE_SORTABLE(self->store), DKM_STUDY_BY_PATIENT,
                                         GTK_SORT_ASCENDING);
}

static GtkWidget *new_table(DkmStudyView *self)
{
    self->store = gtk_list_store_new(
        N_COLUMNS, G_TYPE_UINT, CAIRO_GOBJECT_TYPE_SURFACE, G_TYPE_STRING, G_TYPE_STRING,
        G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_STRING,
        G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_INT, G_TYPE_STRING);
    g_object_set_data(G_OBJECT(self->store), "view", self);
    self->table = GTK_TREE_VIEW(gtk_tree_view_new_with_model(GTK_TREE_MODEL(self->store)));
    gtk_tree_view_set_enable_search(self->table, FALSE);
    gtk_tree_view_set_tooltip_column(self->table, COLUMN_TIP);
    add_columns(self);
    atk_object_set_name(gtk_widget_get_accessible(GTK_WIDGET(self->table)), _("Studies"));
    g_signal_connect(self->table, "row-activated", G_CALLBACK(on_activated), self);
    GtkWidget *scroller = gtk_scrolled_window_new(NULL, NULL);
    gtk_container_add(GTK_CONTAINER(scroller), GTK_WIDGET(self->table));
    g_signal_connect(gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(scroller)),
                     "value-changed", G_CALLBACK(on_scrolled), self);
    g_signal_connect(gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(scroller)), "changed",
                     G_CALLBACK(on_scrolled), self);
    return scroller;
}

static GtkLabel *new_label(const char *class)
{
    GtkWidget *label = gtk_label_new("");
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_MIDDLE);
    gtk_style_context_add_class(gtk_widget_get_style_context(label), class);
    return GTK_LABEL(label);
}

static GtkWidget *new_head(DkmStudyView *self)
{
    GtkWidget *head = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
    GtkWidget *words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
    self->title = new_label("heading");
    self->count = new_label("dim");
    self->search = GTK_ENTRY(gtk_search_entry_new());
    gtk_entry_set_placeholder_text(self->search, _("Type to find"));
    gtk_entry_set_width_chars(self->search, 28);
    atk_object_set_name(gtk_widget_get_accessible(GTK_WIDGET(self->search)), _("Find a study"));
    gtk_widget_set_valign(GTK_WIDGET(self->search), GTK_ALIGN_CENTER);
    g_signal_connect(self->search, "changed", G_CALLBACK(on_search), self);
    gtk_box_pack_start(GTK_BOX(words), GTK_WIDGET(self->title), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(words), GTK_WIDGET(self->count), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(head), words, TRUE, TRUE, 0);
    gtk_box_pack_end(GTK_BOX(head), GTK_WIDGET(self->search), FALSE, FALSE, 0);
    gtk_style_context_add_class(gtk_widget_get_style_context(head), "section");
    return head;
}

static void dkm_study_view_init(DkmStudyView *self)
{
    GtkBox *box = GTK_BOX(self);
    self->current = -1;
    gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
    gtk_style_context_add_class(gtk_widget_get_style_context(GTK_WIDGET(self)), "studies");
    gtk_box_pack_start(box, new_head(self), FALSE, FALSE, 0);
    GtkWidget *table = new_table(self);
    self->nothing = new_label("dim");
    gtk_label_set_text(self->nothing, _("No study of this folder says that. Escape shows all."));
    g_object_set(self->nothing, "margin", 14, "no-show-all", TRUE, NULL);
    gtk_box_pack_start(box, GTK_WIDGET(self->nothing), FALSE, FALSE, 0);
    gtk_box_pack_start(box, table, TRUE, TRUE, 0);
    GtkLabel *foot = new_label("small");
    gtk_label_set_text(foot, _("↑ ↓ choose · Enter opens · type to find · Esc goes back · "
                               "Ctrl+Page ↑ ↓ while reading: previous, next study"));
    g_object_set(foot, "margin", 6, "margin-start", 14, NULL);
    gtk_box_pack_end(box, GTK_WIDGET(foot), FALSE, FALSE, 0);
    g_signal_connect(self, "map", G_CALLBACK(on_mapped), self);
    g_signal_connect(self, "unmap", G_CALLBACK(on_unmapped), self);
}

static void dispose(GObject *object)
{
    DkmStudyView *self = DKM_STUDY_VIEW(object);
    g_clear_handle_id(&self->asking, g_source_remove);
    if (self->list)
        g_signal_handler_disconnect(self->list, self->on_row);
    g_clear_object(&self->list);
    G_OBJECT_CLASS(dkm_study_view_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    DkmStudyView *self = DKM_STUDY_VIEW(object);
    g_clear_object(&self->store);
    g_free(self->folder);
    G_OBJECT_CLASS(dkm_study_view_parent_class)->finalize(object);
}

static void dkm_study_view_class_init(DkmStudyViewClass *class)
{
    G_OBJECT_CLASS(class)->dispose = dispose;
    G_OBJECT_CLASS(class)->finalize = finalize;
    signals[SIGNAL_OPEN] = g_signal_new("open", DKM_TYPE_STUDY_VIEW, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
    signals[SIGNAL_BACK] = g_signal_new("back", DKM_TYPE_STUDY_VIEW, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 0);
}

GtkWidget *dkm_study_view_new(void)
{
    return g_object_new(DKM_TYPE_STUDY_VIEW, NULL);
}
