#include "core/edit/journal.h"

#include "core/error.h"
#include "tests/core/edit/journals.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void recovers_with_history(void)
{
    start_over();
    for (guint32 seed = 1; seed <= 5; seed++) { /* each goes on where the last one ended */
        g_autofree char *end = session(seed, 40);
        g_autoptr(DkmJournal) journal = open_journal();
        g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
        g_assert_true(dkm_journal_recover(journal, layers, NULL));
        g_autofree char *recovered = actions_picture(layers);
        g_assert_cmpstr(recovered, ==, end);
        while (dkm_layers_undo(layers, NULL))
            ;
        g_assert_cmpuint(dkm_layers_count(layers), ==, 0);
    }
}

static void private_and_nameless(void)
{
    struct stat found;
    start_over();
    g_autofree char *none = file_path();
    g_assert_null(none); /* opening alone leaves nothing */
    g_autofree char *end = session(3, 10);
    g_autofree char *path = file_path(), *name = g_path_get_basename(path);
    g_assert_cmpint(stat(folder, &found), ==, 0);
    g_assert_cmpint(found.st_mode & 0777, ==, 0700);
    g_assert_cmpint(stat(path, &found), ==, 0);
    g_assert_cmpint(found.st_mode & 0777, ==, 0600);
    g_assert_null(strstr(name, STUDY));
    g_autofree char *bare = g_compute_checksum_for_string(G_CHECKSUM_SHA256, STUDY, -1);
    g_assert_false(g_str_has_prefix(name, "1.2.") || strncmp(name, bare, 40) == 0);
    g_chmod(folder, 0755); /* opened to others meanwhile: closed again */
    g_autoptr(DkmJournal) journal = open_journal();
    g_assert_cmpint(stat(folder, &found), ==, 0);
    g_assert_cmpint(found.st_mode & 0777, ==, 0700);
}

static void one_window_at_a_time(void)
{
    start_over();
    g_autofree char *end = session(4, 10);
    g_autoptr(DkmJournal) journal = open_journal();
    g_autoptr(GError) error = NULL;
    g_assert_null(dkm_journal_open(folder, STUDY, &actions_grid, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
    g_autoptr(DkmJournal) other = dkm_journal_open(folder, "1.2.3", &actions_grid, NULL);
    g_assert_cmpuint(n_records(other), ==, 0);
}

/* Both look at the study before either paints: the later painter is told why nothing is kept, and
 * goes on where the other puts its work away. */
static void two_that_began_together(void)
{
    start_over();
    g_autoptr(DkmJournal) one = open_journal();
    g_autoptr(DkmJournal) two = open_journal();
    g_autoptr(GError) error = NULL;
    g_assert_true(dkm_journal_append(one, (const guint8 *)"\2", 1, NULL));
    g_assert_false(dkm_journal_append(two, (const guint8 *)"\2", 1, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
    g_assert_cmpstr(error->message, ==, "this study is being corrected in another window");
    dkm_journal_discard(one);
    g_assert_true(dkm_journal_append(two, (const guint8 *)"\3", 1, NULL));
    dkm_journal_close(g_steal_pointer(&two));
    g_autoptr(DkmJournal) journal = open_journal();
    g_assert_cmpuint(n_records(journal), ==, 2);
}

static void other_images_are_refused(void)
{
    DkmGrid grid = actions_grid;
    grid.origin_lps[1] += 3;
    start_over();
    g_autofree char *end = session(5, 10);
    g_autoptr(DkmJournal) journal = dkm_journal_open(folder, STUDY, &grid, NULL);
    g_autoptr(DkmLayers) layers = dkm_layers_new(&grid);
    g_autoptr(GError) error = NULL;
    g_assert_false(dkm_journal_recover(journal, layers, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY);
    g_assert_cmpuint(dkm_layers_count(layers), ==, 0);
}

static void knows_what_was_exported(void)
{
    DkmJournalState state;
    start_over();
    g_autofree char *end = session(6, 10);
    {
        g_autoptr(DkmJournal) journal = open_journal();
        dkm_journal_get_state(journal, &state);
        g_assert_false(state.saved);
        g_assert_true(dkm_journal_mark_saved(journal, NULL));
    }
    g_autoptr(DkmJournal) journal = open_journal();
    dkm_journal_get_state(journal, &state);
    g_assert_true(state.saved);
    g_assert_cmpint(ABS(state.unix_s - g_get_real_time() / G_USEC_PER_SEC), <, 60);
    dkm_journal_append(journal, (const guint8 *)"\2", 1, NULL);
    dkm_journal_get_state(journal, &state);
    g_assert_false(state.saved);
}

/* Notes lie between the records and count as none. */
static void notes_come_back(void)
{
    start_over();
    g_autofree char *one = session(12, 10);
    DkmJournalState before, state;
    {
        g_autoptr(DkmJournal) journal = open_journal();
        dkm_journal_get_state(journal, &before);
        g_assert_true(dkm_journal_append_note(journal, "made with weights 0123", NULL));
        g_assert_true(dkm_journal_append_note(journal, "", NULL));
    }
    g_autofree char *two = session(13, 5);
    g_autoptr(DkmJournal) journal = open_journal();
    g_autoptr(GPtrArray) notes = dkm_journal_notes(journal, NULL);
    g_assert_cmpuint(notes->len, ==, 2);
    g_assert_cmpstr(notes->pdata[0], ==, "made with weights 0123");
    g_assert_cmpstr(notes->pdata[1], ==, "");
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    g_assert_true(dkm_journal_recover(journal, layers, NULL));
    g_assert_cmpuint(dkm_layers_count(layers), >, 0);
    dkm_journal_get_state(journal, &state);
    g_assert_cmpuint(state.records, >, before.records);
    dkm_journal_discard(journal);
    g_autoptr(GPtrArray) none = dkm_journal_notes(journal, NULL);
    g_assert_cmpuint(none->len, ==, 0);
}

/* What was exported is found again: the masks of that moment. */
static void versions_come_back(void)
{
    start_over();
    g_autofree char *one = session(10, 30);
    {
        g_autoptr(DkmJournal) journal = open_journal();
        g_assert_true(dkm_journal_mark_saved(journal, NULL));
    }
    g_autoptr(DkmJournal) before = open_journal();
    g_autoptr(DkmLayers) then = dkm_layers_new(&actions_grid);
    g_assert_true(dkm_journal_recover(before, then, NULL));
    dkm_journal_close(g_steal_pointer(&before));
    g_autofree char *two = session(11, 10);
    g_autoptr(DkmJournal) journal = open_journal();
    g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
    g_autoptr(DkmVersions) versions = dkm_versions_new();
    g_assert_true(dkm_journal_recover_versions(journal, layers, versions, NULL));
    g_assert_cmpuint(dkm_versions_count(versions), ==, 1);
    g_assert_cmpint(ABS(dkm_versions_time(versions, 0) - g_get_real_time() / G_USEC_PER_SEC), <,
                    60);
    DkmDifference difference;
    guint compared = 0;
    for (guint i = 0; i < dkm_layers_count(then); i++) {
        const DkmLayer *layer = dkm_layers_get(then, i);
        if (layer->info.review == DKM_REVIEW_REJECTED)
            continue;
        g_assert_true(dkm_versions_compare(versions, 0, then, layer->id, &difference));
        g_assert_cmpuint(difference.added + difference.removed, ==, 0);
        compared++;
    }
    g_assert_cmpuint(compared, >, 0);
}

/* --- kill -9 ---------------------------------------------------------------------------------- */

/* Shared with the child: records that have left it. */
static volatile guint *written;

static void write_and_count(gpointer journal, const guint8 *record, gsize length)
{
    write_record(journal, record, length);
    (*written)++;
}

/* The child: recovers what is there and goes on painting until it is killed. */
static void paint_for_ever(guint32 seed)
{
    DkmJournal *journal = open_journal();
    DkmLayers *layers = dkm_layers_new(&actions_grid);
    GRand *rand = g_rand_new_with_seed(seed);
    if (!dkm_journal_recover(journal, layers, NULL))
        _exit(1);
    dkm_layers_set_observer(layers, write_and_count, journal);
    for (;;)
        actions_random(layers, rand);
}

typedef struct {
    DkmLayers *layers;
    guint left;    /* records to come */
    char *picture; /* after the last of them */
} Twin;

static void twin_told(gpointer data, const guint8 *record, gsize length)
{
    Twin *twin = data;
    if (--twin->left == 0)
        twin->picture = actions_picture(twin->layers);
}

/* A twin that never died does the same from where it was; the state after RECORDS records. */
static char *twin_picture(DkmLayers *layers, guint32 seed, guint records)
{
    Twin twin = {layers, records, NULL};
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    if (records == 0)
        return actions_picture(layers);
    dkm_layers_set_observer(layers, twin_told, &twin);
    while (!twin.picture)
        actions_random(layers, rand);
    dkm_layers_set_observer(layers, NULL, NULL);
    return twin.picture;
}

static guint kill_once(guint32 seed, gulong after_us)
{
    *written = 0;
    const pid_t child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0)
        paint_for_ever(seed);
    g_usleep(after_us);
    kill(child, SIGKILL);
    int status;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return *written;
}

/* Every fifth kill begins a new journal; the others go on with what the dead left. */
static void survives_kills(int kills)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(2026);
    guint total = 0, before = 0;
    for (int i = 0; i < kills; i++) {
        if (i % 5 == 0) {
            start_over();
            before = 0;
        }
        g_autoptr(DkmLayers) twin = dkm_layers_new(&actions_grid);
        {
            g_autoptr(DkmJournal) journal = open_journal();
            g_assert_true(dkm_journal_recover(journal, twin, NULL));
        }
        const guint told =
            kill_once((guint32)i, (gulong)g_rand_int_range(rand, 0, i % 2 ? 4000 : 25000));
        g_autoptr(DkmJournal) journal = open_journal();
        g_autoptr(DkmLayers) layers = dkm_layers_new(&actions_grid);
        g_assert_true(dkm_journal_recover(journal, layers, NULL));
        const guint got = n_records(journal) - before;
        g_assert_cmpuint(got, >=, told); /* nothing that was done is lost */
        g_assert_cmpuint(got, <=, told + 1);
        g_autofree char *recovered = actions_picture(layers);
        g_autofree char *expected = twin_picture(twin, (guint32)i, got);
        g_assert_cmpstr(recovered, ==, expected);
        before += got;
        total += got;
    }
    g_test_message("%d kills, %u records", kills, total);
    g_assert_cmpuint(total, >, (guint)kills);
}

static void killed(void)
{
    survives_kills(40);
}

static void killed_a_thousand_times(void)
{
    if (g_test_slow())
        survives_kills(1000);
    else
        g_test_skip("in the suite slow");
}

/* --- a full disk ------------------------------------------------------------------------------ */

/* The disk is full in the middle of a record: no half of it stays, and it is written before the
 * next one. */
static void full_disk(void)
{
    g_autoptr(GError) error = NULL;
    struct stat found;
    start_over();
    g_autofree char *end = session(9, 10), *path = file_path();
    g_autoptr(DkmJournal) journal = open_journal();
    const guint before = n_records(journal);
    g_assert_cmpint(stat(path, &found), ==, 0);
    const off_t size = found.st_size;
    signal(SIGXFSZ, SIG_IGN);
    limit_files((rlim_t)size + 5);
    g_assert_false(dkm_journal_append(journal, (const guint8 *)"\2", 1, &error));
    g_assert_error(error, DKM_ERROR, DKM_ERROR_OUTPUT);
    g_assert_cmpint(stat(path, &found), ==, 0);
    g_assert_cmpint(found.st_size, ==, size);
    limit_files(RLIM_INFINITY);
    g_assert_true(dkm_journal_append(journal, (const guint8 *)"\3", 1, NULL));
    dkm_journal_close(g_steal_pointer(&journal));
    journal = open_journal();
    g_assert_cmpuint(n_records(journal), ==, before + 2);
}

/* Only while there is something to come back to, and of that study alone. */
static void says_whether_there_is_one(void)
{
    start_over();
    g_assert_false(dkm_journal_exists(folder, STUDY));
    g_free(session(5, 3));
    g_assert_true(dkm_journal_exists(folder, STUDY));
    g_assert_false(dkm_journal_exists(folder, STUDY "1"));
    start_over();
    g_assert_false(dkm_journal_exists(folder, STUDY));
    g_assert_false(dkm_journal_exists("/dev/null/nowhere", STUDY));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    begin_in_a_folder();
    written =
        mmap(NULL, sizeof *written, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    g_test_add_func("/journal/exists", says_whether_there_is_one);
    g_test_add_func("/journal/recovers-with-history", recovers_with_history);
    g_test_add_func("/journal/private-and-nameless", private_and_nameless);
    g_test_add_func("/journal/one-window-at-a-time", one_window_at_a_time);
    g_test_add_func("/journal/two-that-began-together", two_that_began_together);
    g_test_add_func("/journal/other-images-are-refused", other_images_are_refused);
    g_test_add_func("/journal/knows-what-was-exported", knows_what_was_exported);
    g_test_add_func("/journal/notes-come-back", notes_come_back);
    g_test_add_func("/journal/versions-come-back", versions_come_back);
    g_test_add_func("/journal/killed", killed);
    g_test_add_func("/journal/killed-a-thousand-times", killed_a_thousand_times);
    g_test_add_func("/journal/full-disk", full_disk);
    const int failed = g_test_run();
    remove_folder();
    return failed;
}
