#include "core/series/groups.h"

#include "core/i18n.h"
#include "core/series/geometry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What an image shows where one acquisition gives several pictures of each slice. */
typedef enum { KIND_PLAIN, KIND_WATER, KIND_FAT, KIND_OTHER_ECHO, KIND_NOT_MAGNITUDE } ImageKind;

static const struct {
    const char *word;
    ImageKind kind;
} kind_words[] = {{"WATER", KIND_WATER},
                  {"W", KIND_WATER},
                  {"FAT", KIND_FAT},
                  {"F", KIND_FAT},
                  {"IN_PHASE", KIND_OTHER_ECHO},
                  {"IP", KIND_OTHER_ECHO},
                  {"OUT_PHASE", KIND_OTHER_ECHO},
                  {"OP", KIND_OTHER_ECHO},
                  {"OPP_PHASE", KIND_OTHER_ECHO},
                  {"PHASE MAP", KIND_NOT_MAGNITUDE},
                  {"P", KIND_NOT_MAGNITUDE},
                  {"R", KIND_NOT_MAGNITUDE},
                  {"I", KIND_NOT_MAGNITUDE},
                  {"REAL", KIND_NOT_MAGNITUDE},
                  {"IMAGINARY", KIND_NOT_MAGNITUDE}};

/* By the values of ImageType behind the first two. */
static ImageKind image_kind(const DkmFrame *frame)
{
    const char *at = frame->image_type;
    for (int value = 0; at; value++) {
        const gsize length = strcspn(at, "\\");
        for (guint i = 0; value >= 2 && i < G_N_ELEMENTS(kind_words); i++)
            if (strlen(kind_words[i].word) == length &&
                strncmp(at, kind_words[i].word, length) == 0)
                return kind_words[i].kind;
        at = at[length] ? at + length + 1 : NULL;
    }
    return KIND_PLAIN;
}

/* Equal within 5 %; an absent value fits any. */
static gboolean about_equal(double a, double b)
{
    return isnan(a) || isnan(b) || fabs(a - b) <= 0.05 * MAX(fabs(a), fabs(b));
}

static gboolean same_sequence(const DkmFrame *a, const DkmFrame *b)
{
    const gboolean same_name =
        !a->sequence_name || !b->sequence_name || strcmp(a->sequence_name, b->sequence_name) == 0;
    return same_name && about_equal(a->repetition_time_ms, b->repetition_time_ms) &&
           about_equal(a->echo_time_ms, b->echo_time_ms) &&
           about_equal(a->flip_angle_deg, b->flip_angle_deg) && image_kind(a) == image_kind(b);
}

/* ---- slabs: the frames of one series on one lattice -------------------------------------- */

typedef struct {
    GArray *frames;        /* of guint */
    const DkmFrame *first; /* of them */
    guint lattice;
    double normal[3];
    GArray *positions; /* of double, ascending, distinct */
    guint group;       /* which slabs belong together */
} Slab;

static void slab_free(gpointer data)
{
    Slab *slab = data;
    g_array_unref(slab->frames);
    if (slab->positions)
        g_array_unref(slab->positions);
    g_free(slab);
}

static Slab *find_slab(GPtrArray *slabs, const DkmFrame *frame, guint *n_lattices)
{
    guint lattice = *n_lattices;
    for (guint i = 0; i < slabs->len; i++) {
        Slab *slab = g_ptr_array_index(slabs, i);
        if (!dkm_frame_same_lattice(slab->first, frame) || !same_sequence(slab->first, frame))
            continue;
        if (g_strcmp0(slab->first->series_uid, frame->series_uid) == 0)
            return slab;
        lattice = slab->lattice;
    }
    Slab *slab = g_new0(Slab, 1);
    *slab = (Slab){.frames = g_array_new(FALSE, FALSE, sizeof(guint)),
                   .first = frame,
                   .lattice = lattice,
                   .group = slabs->len};
    *n_lattices = MAX(*n_lattices, lattice + 1);
    g_ptr_array_add(slabs, slab);
    return slab;
}

static int compare_doubles(const void *a, const void *b)
{
    const double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

/* Positions along the normal of the lattice's first slab, so that slabs can be compared. */
static void fill_positions(Slab *slab, const DkmFrameTable *table, const double normal[3])
{
    memcpy(slab->normal, normal, sizeof slab->normal);
    g_autoptr(GArray) all = g_array_sized_new(FALSE, FALSE, sizeof(double), slab->frames->len);
    for (guint i = 0; i < slab->frames->len; i++) {
        const DkmFrame *frame = dkm_frame_table_get(table, g_array_index(slab->frames, guint, i));
        const double position = dkm_frame_position_mm(frame, normal);
        g_array_append_val(all, position);
    }
    g_array_sort(all, compare_doubles);
    slab->positions = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < all->len; i++) {
        const double position = g_array_index(all, double, i);
        const guint n = slab->positions->len;
        if (n == 0 ||
            position - g_array_index(slab->positions, double, n - 1) > DKM_POSITION_TOLERANCE_MM)
            g_array_append_val(slab->positions, position);
    }
}

static double position(const Slab *slab, guint i)
{
    return g_array_index(slab->positions, double, i);
}

/* Number of positions that both slabs have. */
static guint shared_positions(const Slab *a, const Slab *b)
{
    guint i = 0, j = 0, shared = 0;
    while (i < a->positions->len && j < b->positions->len) {
        const double difference = position(a, i) - position(b, j);
        shared += fabs(difference) <= DKM_POSITION_TOLERANCE_MM;
        i += difference <= DKM_POSITION_TOLERANCE_MM;
        j += difference >= -DKM_POSITION_TOLERANCE_MM;
    }
    return shared;
}

/* Slabs that share half of the smaller one's positions are one; a slice that one of them lacks
 * must be noticed, not split off. */
static void join_slabs(GPtrArray *slabs)
{
    for (guint i = 0; i < slabs->len; i++)
        for (guint j = 0; j < i; j++) {
            const Slab *a = g_ptr_array_index(slabs, i), *b = g_ptr_array_index(slabs, j);
            const guint from = a->group, to = b->group;
            if (a->lattice != b->lattice || from == to ||
                2 * shared_positions(a, b) < MIN(a->positions->len, b->positions->len))
                continue;
            for (guint k = 0; k < slabs->len; k++) {
                Slab *slab = g_ptr_array_index(slabs, k);
                if (slab->group == from)
                    slab->group = to;
            }
        }
}

static GPtrArray *make_slabs(const DkmFrameTable *table, const guint *frames, guint n)
{
    GPtrArray *slabs = g_ptr_array_new_with_free_func(slab_free);
    guint n_lattices = 0;
    Slab *last = NULL;
    for (guint i = 0; i < n; i++) {
        const DkmFrame *frame = dkm_frame_table_get(table, frames[i]);
        if (!last || g_strcmp0(last->first->series_uid, frame->series_uid) != 0 ||
            !dkm_frame_same_lattice(last->first, frame) || !same_sequence(last->first, frame))
            last = find_slab(slabs, frame, &n_lattices);
        g_array_append_val(last->frames, frames[i]);
    }
    for (guint i = 0; i < slabs->len; i++) {
        Slab *slab = g_ptr_array_index(slabs, i);
        double normal[3];
        dkm_frame_normal(slab->first, normal);
        for (guint j = 0; j < i; j++) {
            const Slab *earlier = g_ptr_array_index(slabs, j);
            if (earlier->lattice == slab->lattice)
                memcpy(normal, earlier->normal, sizeof normal);
        }
        fill_positions(slab, table, normal);
    }
    join_slabs(slabs);
    return slabs;
}

/* ---- groups ----------------------------------------------------------------------------- */

static void group_free(gpointer data)
{
    DkmGroup *group = data;
    g_array_unref(group->frames);
    g_free(group);
}

static void count_slices(DkmGroup *group, const DkmFrameTable *table)
{
    g_auto(DkmStack) stack = {0};
    if (!dkm_stack_init(&stack, table, (const guint *)(void *)group->frames->data,
                        group->frames->len, NULL))
        return;
    group->n_slices = stack.n_slices;
    for (guint s = 0; s < stack.n_slices; s++)
        group->per_slice = MAX(group->per_slice, stack.count[s]);
}

/* Short echo: T1-weighted, or unknown. */
static gboolean may_be_t1(const DkmFrame *frame)
{
    return !(frame->echo_time_ms > 15) && !(frame->repetition_time_ms > 1500);
}

static int compare_groups(const void *a, const void *b)
{
    const DkmGroup *p = *(DkmGroup *const *)a, *q = *(DkmGroup *const *)b;
    const gboolean p_many = p->per_slice > 1, q_many = q->per_slice > 1;
    if (p_many != q_many)
        return q_many - p_many;
    if (!p_many && (p->n_slices > 2) != (q->n_slices > 2))
        return (q->n_slices > 2) - (p->n_slices > 2);
    if (!p_many && may_be_t1(p->first) != may_be_t1(q->first))
        return may_be_t1(q->first) - may_be_t1(p->first);
    if (p->frames->len != q->frames->len)
        return p->frames->len > q->frames->len ? -1 : 1;
    const ImageKind p_kind = image_kind(p->first), q_kind = image_kind(q->first);
    if (p_kind != q_kind)
        return p_kind < q_kind ? -1 : 1;
    return (p->first->series_number > q->first->series_number) -
           (p->first->series_number < q->first->series_number);
}

GPtrArray *dkm_groups_new(const DkmFrameTable *table, const guint *frames, guint n)
{
    g_autoptr(GPtrArray) slabs = make_slabs(table, frames, n);
    g_autofree DkmGroup **of = g_new0(DkmGroup *, slabs->len + 1);
    GPtrArray *groups = g_ptr_array_new_with_free_func(group_free);
    for (guint i = 0; i < slabs->len; i++) {
        const Slab *slab = g_ptr_array_index(slabs, i);
        DkmGroup *group = of[slab->group];
        if (!group) {
            group = of[slab->group] = g_new0(DkmGroup, 1);
            group->frames = g_array_new(FALSE, FALSE, sizeof(guint));
            group->first = slab->first;
            group->lattice = slab->lattice;
            g_ptr_array_add(groups, group);
        }
        g_array_append_vals(group->frames, slab->frames->data, slab->frames->len);
    }
    for (guint i = 0; i < groups->len; i++)
        count_slices(g_ptr_array_index(groups, i), table);
    g_ptr_array_sort(groups, compare_groups);
    return groups;
}

/* ---- conflicts -------------------------------------------------------------------------- */

static const DkmFrame *group_frame(const DkmFrameTable *table, const DkmGroup *group, guint i)
{
    return dkm_frame_table_get(table, g_array_index(group->frames, guint, i));
}

static char *mixed_series(const DkmFrameTable *table, const DkmGroup *group, const DkmGroup *other)
{
    if (dkm_frame_same_lattice(group->first, other->first))
        return NULL; /* another echo or kind of picture on the same lattice */
    g_autoptr(GHashTable) uids = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < group->frames->len; i++) {
        const char *uid = group_frame(table, group, i)->series_uid;
        g_hash_table_add(uids, (gpointer)(uid ? uid : ""));
    }
    for (guint i = 0; i < other->frames->len; i++) {
        const DkmFrame *frame = group_frame(table, other, i);
        if (!g_hash_table_contains(uids, frame->series_uid ? frame->series_uid : ""))
            continue;
        g_autofree char *name = g_path_get_basename(frame->path);
        g_autofree char *words = dkm_frame_lattice_words(group->first);
        g_autofree char *others = dkm_frame_lattice_words(frame);
        return g_strdup_printf(
            _("mixed geometry in one series: %u images are %s, %u are %s (first: "
              "%s)"),
            group->frames->len, words, other->frames->len, others, name);
    }
    return NULL;
}

static void extent(const DkmFrameTable *table, const DkmGroup *group, const double normal[3],
                   double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (guint i = 0; i < group->frames->len; i++) {
        const double at = dkm_frame_position_mm(group_frame(table, group, i), normal);
        *low = fmin(*low, at);
        *high = fmax(*high, at);
    }
}

static char *shifted_slab(const DkmFrameTable *table, const DkmGroup *group, const DkmGroup *other)
{
    double normal[3], a[2], b[2];
    if (group->lattice != other->lattice || other->n_slices < 3)
        return NULL;
    dkm_frame_normal(group->first, normal);
    extent(table, group, normal, &a[0], &a[1]);
    extent(table, other, normal, &b[0], &b[1]);
    const double overlap = fmin(a[1], b[1]) - fmax(a[0], b[0]);
    if (2 * overlap < fmin(a[1] - a[0], b[1] - b[0]))
        return NULL;
    return g_strdup_printf(_("phases of different geometry: series %d and series %d cover the same "
                             "slab, but their slices begin %.2f mm apart"),
                           group->first->series_number, other->first->series_number,
                           fabs(a[0] - b[0]));
}

char *dkm_groups_conflict(const DkmFrameTable *table, const GPtrArray *groups)
{
    const DkmGroup *group = g_ptr_array_index(groups, 0);
    for (guint i = 1; i < groups->len; i++) {
        const DkmGroup *other = g_ptr_array_index(groups, i);
        char *conflict = mixed_series(table, group, other);
        if (!conflict)
            conflict = shifted_slab(table, group, other);
        if (conflict)
            return conflict;
    }
    return NULL;
}
