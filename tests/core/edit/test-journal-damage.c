/* Journals that are cut, flipped, or cannot be kept aside. */
#include "core/error.h"
#include "tests/core/edit/journals.h"

#include <signal.h>

/* The file's head, and what a frame has before its content. */
#define MAGIC_BYTES 8
#define FRAME_BYTES 9

/* The pictures after 0, 1, 2, ... of the records that a session writes. */
static void keep_picture(gpointer data, const guint8 *record, gsize length)
{
    gpointer *pair = data;
    write_record(pair[0], record, length);
    g_ptr_array_add(pair[1], actions_picture(pair[2]));
}

static GPtrArray *pictured_session(guint32 seed, int actions)
{
    GPtrArray *pictures = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    start_over();
    g_autoptr(DkmJournal) journal = open_journal();
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    gpointer data[] = {journal, pictures, layers};
    g_ptr_array_add(pictures, actions_picture(layers));
    dkm_layers_set_observer(layers, keep_picture, data);
    for (int i = 0; i < actions; i++)
        actions_random(layers, rand);
    return pictures;
}

static void check_recovery(const GPtrArray *pictures, guint *records)
{
    g_autoptr(DkmJournal) journal = open_journal();
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    g_assert_true(dkm_journal_recover(journal, layers, NULL));
    g_autofree char *recovered = actions_picture(layers);
    *records = n_records(journal);
    g_assert_cmpuint(*records, <, pictures->len);
    g_assert_cmpstr(recovered, ==, pictures->pdata[*records]);
}

static void check_no_alarm(void)
{
    DkmJournalState state;
    g_autoptr(DkmJournal) journal = open_journal();
    dkm_journal_get_state(journal, &state);
    g_assert_false(state.is_damaged);
    g_assert_cmpuint(state.lost, ==, 0);
}

/* Cut anywhere: all whole records are there. Every length of the last records, then some. */
static void cut_anywhere(void)
{
    g_autoptr(GPtrArray) pictures = pictured_session(7, 25);
    g_autofree char *path = file_path(), *bytes = NULL;
    gsize length;
    guint records, last = pictures->len - 1;
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    for (gsize n = length; n > 0; n -= MIN(n, n > length - 400 || n < 30 ? 1 : 97)) {
        g_assert_true(g_file_set_contents(path, bytes, (gssize)n, NULL));
        check_no_alarm();
        check_recovery(pictures, &records);
        g_assert_cmpuint(records, <=, last);
        last = records;
    }
    g_assert_cmpuint(last, ==, 0);
    g_assert_cmpuint(n_damaged(FALSE), ==, 0);
}

/* Every byte of PATH is as in BYTES. */
static void check_untouched(const char *path, const char *bytes, gsize length)
{
    g_autofree char *found = NULL;
    gsize n;
    g_assert_true(g_file_get_contents(path, &found, &n, NULL));
    g_assert_cmpmem(found, n, bytes, length);
}

/* Looks at a damaged file, asks nobody and leaves: it is as it was. */
static void check_only_counted(const char *path, const char *bytes, gsize length, guint steps)
{
    DkmJournalState state;
    g_autoptr(DkmJournal) journal = open_journal();
    dkm_journal_get_state(journal, &state);
    g_assert_true(state.is_damaged);
    g_assert_cmpuint(state.records + state.lost, ==, steps);
    g_assert_cmpuint(state.records, <, steps);
    dkm_journal_close(g_steal_pointer(&journal));
    check_untouched(path, bytes, length);
    g_assert_cmpuint(n_damaged(FALSE), ==, 0);
}

/* In the middle, in the head, in the first frame, in a length: the file is as it was until somebody
 * has answered, the steps that are lost are counted, and then it lies aside, byte for byte. */
static void damage_is_not_cut_off(void)
{
    for (int i = 0; i < 16; i++) {
        const int place = i / 2;
        const gboolean discards = i % 2 == 1;
        g_autoptr(GPtrArray) pictures = pictured_session(14, 25);
        g_autofree char *path = file_path(), *bytes = NULL;
        g_autofree char *aside = g_strconcat(path, ".1.damaged", NULL);
        gsize length;
        guint records;
        g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
        const gsize first = MAGIC_BYTES + FRAME_BYTES + sizeof(DkmGrid), middle = length / 2;
        const gsize places[] = {middle,    0,         MAGIC_BYTES + 12, first + 12,
                                first + 1, first + 3, first + 8,        length - 1};
        bytes[places[place]] ^= 0x40;
        g_assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
        check_only_counted(path, bytes, length, pictures->len - 1);
        if (discards) {
            g_autoptr(DkmJournal) journal = open_journal();
            dkm_journal_discard(journal);
        } else {
            check_recovery(pictures, &records);
            g_assert_cmpuint(records > 0, ==, places[place] >= middle);
        }
        check_untouched(aside, bytes, length);
        g_assert_cmpuint(n_damaged(FALSE), ==, 1);
        const gboolean has_lattice = places[place] >= first;
        g_assert_cmpint(g_file_test(path, G_FILE_TEST_EXISTS), ==, has_lattice && !discards);
    }
}

/* What comes back goes on; nothing is said of the damage again. */
static void goes_on_after_damage(void)
{
    g_autoptr(GPtrArray) pictures = pictured_session(15, 25);
    g_autofree char *path = file_path(), *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    for (guint32 i = 0; i < 2; i++) {
        bytes[i ? 2 : length / 2] ^= 0x40;
        g_assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
        g_autofree char *end = session(16 + i, 10);
        check_no_alarm();
        g_autoptr(DkmJournal) journal = open_journal();
        g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
        g_assert_true(dkm_journal_recover(journal, layers, NULL));
        g_autofree char *recovered = actions_picture(layers);
        g_assert_cmpstr(recovered, ==, end);
    }
    g_assert_cmpuint(n_damaged(FALSE), ==, 2);
}

/* No place to keep the damaged file: it stays where it is. */
static void not_kept_aside_stays(void)
{
    g_autoptr(GPtrArray) pictures = pictured_session(17, 25);
    g_autofree char *path = file_path(), *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    bytes[length / 2] ^= 0x40;
    g_assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
    {
        g_autoptr(DkmJournal) journal = open_journal();
        g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
        g_autoptr(GError) error = NULL;
        signal(SIGXFSZ, SIG_IGN);
        limit_files(100);
        g_assert_false(dkm_journal_recover(journal, layers, &error));
        limit_files(RLIM_INFINITY);
        g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
    }
    check_untouched(path, bytes, length);
    g_assert_cmpuint(n_damaged(FALSE), ==, 0);
}

/* A flipped bit anywhere: what comes before it is there, and nothing false. */
static void flipped_anywhere(void)
{
    g_autoptr(GPtrArray) pictures = pictured_session(8, 25);
    g_autoptr(GRand) rand = g_rand_new_with_seed(8);
    g_autofree char *path = file_path(), *bytes = NULL;
    gsize length;
    guint records, fewer = 0;
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    for (int i = 0; i < 150; i++) {
        g_autofree char *damaged = g_memdup2(bytes, length);
        damaged[g_rand_int_range(rand, 0, (gint32)length)] ^= (char)(1 << (i % 8));
        g_assert_true(g_file_set_contents(path, damaged, (gssize)length, NULL));
        check_recovery(pictures, &records);
        fewer += records < pictures->len - 1;
    }
    g_assert_cmpuint(fewer, ==, 150);
    g_assert_cmpuint(n_damaged(FALSE), ==, 4); /* not one for each */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    begin_in_a_folder();
    g_test_add_func("/journal/cut-anywhere", cut_anywhere);
    g_test_add_func("/journal/flipped-anywhere", flipped_anywhere);
    g_test_add_func("/journal/damage-is-not-cut-off", damage_is_not_cut_off);
    g_test_add_func("/journal/goes-on-after-damage", goes_on_after_damage);
    g_test_add_func("/journal/not-kept-aside-stays", not_kept_aside_stays);
    const int failed = g_test_run();
    remove_folder();
    return failed;
}
