#include "core/series/groups.h"

#include "tests/core/series/frames.h"

#include <string.h>

enum { SLICES = 8 };

static void in_series(DkmFrame *f, int number)
{
    static const char *const uids[] = {"1.2.3.40", "1.2.3.41", "1.2.3.42", "1.2.3.43"};
    f->series_uid = uids[number];
    f->series_number = number;
}

static gboolean own_series(DkmFrame *f, int p, int z)
{
    (void)z;
    in_series(f, p);
    return TRUE;
}

static gboolean pre_and_post(DkmFrame *f, int p, int z)
{
    return own_series(f, p > 0, z);
}

/* Each phase has its own frame of reference. */
static gboolean other_reference(DkmFrame *f, int p, int z)
{
    if (p == 1)
        f->frame_of_reference_uid = "1.2.3.6";
    return own_series(f, p, z);
}

/* A second series that is T2-weighted. */
static gboolean t2_beside(DkmFrame *f, int p, int z)
{
    f->echo_time_ms = p == 0 ? 90 : 2.4;
    f->repetition_time_ms = p == 0 ? 4000 : 6;
    return own_series(f, p > 0, z);
}

static gboolean t2_and_t1(DkmFrame *f, int p, int z)
{
    f->echo_time_ms = p == 0 ? 90 : 2.4;
    return own_series(f, p, z);
}

/* Fat and water of one dynamic series. */
static gboolean dixon(DkmFrame *f, int p, int z)
{
    f->image_type = p % 2 ? "ORIGINAL\\PRIMARY\\W\\NONE" : "ORIGINAL\\PRIMARY\\F\\NONE";
    in_series(f, 0);
    (void)z;
    return TRUE;
}

static gboolean echo_4_percent(DkmFrame *f, int p, int z)
{
    f->echo_time_ms = p == 0 ? 2.4 : 2.49;
    return own_series(f, p, z);
}

static gboolean echo_6_percent(DkmFrame *f, int p, int z)
{
    f->echo_time_ms = p == 0 ? 2.4 : 2.56;
    return own_series(f, p, z);
}

static gboolean one_without_echo(DkmFrame *f, int p, int z)
{
    f->echo_time_ms = p == 0 ? NAN : 2.4;
    return own_series(f, p, z);
}

/* The left and the right breast, apart. */
static gboolean two_slabs(DkmFrame *f, int p, int z)
{
    f->position_lps[2] += 100 * (p / 2);
    return own_series(f, p / 2, z);
}

static gboolean shifted(DkmFrame *f, int p, int z)
{
    f->position_lps[2] += p == 2 ? 0.5 : 0;
    return own_series(f, p, z);
}

static gboolean lacks_one(DkmFrame *f, int p, int z)
{
    return own_series(f, p, z) && !(p == 1 && z == 3);
}

static gboolean mixed(DkmFrame *f, int p, int z)
{
    f->columns += p == 2 && z == 5;
    return TRUE;
}

static const struct {
    const char *name;
    FrameFill fill;
    int phases;
    guint groups, slices, per_slice; /* how many groups; the first one's size */
    int first_series;
    const char *conflict;
} rows[] = {
    {"one-series", NULL, 3, 1, SLICES, 3, 1, NULL},
    {"a-series-a-phase", own_series, 3, 1, SLICES, 3, -1, NULL},
    {"pre-and-post", pre_and_post, 4, 1, SLICES, 4, -1, NULL},
    {"other-reference", other_reference, 3, 2, SLICES, 2, -1, NULL},
    {"t2-beside", t2_beside, 4, 2, SLICES, 3, 1, NULL},
    {"single-volumes", t2_and_t1, 2, 2, SLICES, 1, 1, NULL},
    {"dixon", dixon, 4, 2, SLICES, 2, 0, NULL},
    {"echo-4-percent", echo_4_percent, 2, 1, SLICES, 2, -1, NULL},
    {"echo-6-percent", echo_6_percent, 2, 2, SLICES, 1, 0, NULL},
    {"one-without-echo", one_without_echo, 3, 1, SLICES, 3, -1, NULL},
    {"two-slabs", two_slabs, 4, 2, SLICES, 2, 0, NULL},
    {"shifted", shifted, 3, 2, SLICES, 2, -1, "slices begin 0.50 mm apart"},
    {"lacks-one", lacks_one, 3, 1, SLICES, 3, -1, NULL},
    {"mixed", mixed, 3, 2, SLICES, 3, 1, "mixed geometry in one series: 23 images are 32 x 24"},
};

static void test_row(gconstpointer data)
{
    const guint i = GPOINTER_TO_UINT(data);
    g_autoptr(DkmFrameTable) table = frames_new(rows[i].phases, SLICES, rows[i].fill);
    g_autofree guint *all = frames_all(table);
    g_autoptr(GPtrArray) groups = dkm_groups_new(table, all, table->frames->len);
    g_assert_cmpuint(groups->len, ==, rows[i].groups);
    const DkmGroup *first = g_ptr_array_index(groups, 0);
    g_assert_cmpuint(first->n_slices, ==, rows[i].slices);
    g_assert_cmpuint(first->per_slice, ==, rows[i].per_slice);
    if (rows[i].first_series >= 0)
        g_assert_cmpint(first->first->series_number, ==, rows[i].first_series);
    guint frames = 0;
    for (guint g = 0; g < groups->len; g++)
        frames += ((const DkmGroup *)g_ptr_array_index(groups, g))->frames->len;
    g_assert_cmpuint(frames, ==, table->frames->len);
    g_autofree char *conflict = dkm_groups_conflict(table, groups);
    if (rows[i].conflict)
        assert_says(conflict, rows[i].conflict);
    else
        g_assert_cmpstr(conflict, ==, NULL);
}

/* Water before fat where nothing else decides. */
static void test_water_first(void)
{
    g_autoptr(DkmFrameTable) table = frames_new(4, SLICES, dixon);
    g_autofree guint *all = frames_all(table);
    g_autoptr(GPtrArray) groups = dkm_groups_new(table, all, table->frames->len);
    assert_says(((const DkmGroup *)g_ptr_array_index(groups, 0))->first->image_type, "\\W\\");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/groups/", rows[i].name, NULL);
        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_row);
    }
    g_test_add_func("/groups/water-first", test_water_first);
    return g_test_run();
}
