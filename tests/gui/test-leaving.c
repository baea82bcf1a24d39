/* Leaving a study with masks that are not exported, and coming back to it: what the window asks,
 * and what each answer does. */
#include "gui/window.h"
#include "tests/gui/desk.h"
#include "tests/gui/display.h"
#include "tests/gui/study.h"

#include <glib/gstdio.h>
#include <string.h>

#define LOAD_MS 120000
#define STROKES 5

static DkmWindow *window;

static DkmReading *reading(void)
{
    return dkm_window_reading(window);
}

static gboolean is_loaded(gpointer data)
{
    int permille;
    const DkmReviewCase *on = dkm_reading_case(reading());
    return on && dkm_review_case_phase(on, 0) && !dkm_reading_is_loading(reading(), &permille);
}

static void open_window_on(const char *study)
{
    window = g_object_ref_sink(dkm_window_new(NULL));
    gtk_window_resize(GTK_WINDOW(window), 1200, 800);
    gtk_widget_show(GTK_WIDGET(window));
    display_wait(200);
    display_focus_newest();
    dkm_window_open(window, study);
    g_assert_true(display_wait_for(is_loaded, NULL, LOAD_MS));
    display_wait(200);
}

static void paint(int strokes)
{
    DkmLayers *layers = dkm_reading_case(reading())->layers;
    for (int i = 0; i < strokes; i++) {
        const double at[3] = {3 + i, 40 + 8 * i, 60};
        dkm_layers_stroke_begin(layers, 0, &(DkmBrush){4, DKM_BRUSH_BALL, FALSE, NULL}, at, NULL);
        dkm_layers_stroke_end(layers);
    }
    dkm_reading_layers_changed(reading());
}

static guint n_masks(void)
{
    return dkm_layers_count(dkm_reading_case(reading())->layers);
}

/* As a program that dies: nobody is asked. */
static void die(void)
{
    gtk_widget_destroy(GTK_WIDGET(window));
    g_clear_object(&window);
    display_wait(50);
}

static GtkWidget *question(void)
{
    g_autoptr(GList) tops = gtk_window_list_toplevels();
    for (GList *top = tops; top; top = top->next)
        if (GTK_IS_DIALOG(top->data) && gtk_widget_get_mapped(top->data))
            return top->data;
    return NULL;
}

static gboolean has_question(gpointer data)
{
    return (question() != NULL) == GPOINTER_TO_INT(data);
}

static char *words(void)
{
    char *words = NULL;
    g_assert_true(display_wait_for(has_question, GINT_TO_POINTER(TRUE), 10000));
    g_object_get(question(), "secondary-text", &words, NULL);
    return words;
}

static void put_away(char *study)
{
    dkm_reading_discard_kept(reading());
    die();
    study_path_free(study);
}

/* --- what was kept is damaged ----------------------------------------------------------------- */

/* The file in the folder of edits that ends so; g_free. */
static char *find_file(const char *suffix)
{
    g_autofree char *folder = dkm_journal_folder(NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));)
        if (g_str_has_suffix(name, suffix))
            return g_build_filename(folder, name, NULL);
    return NULL;
}

typedef struct {
    char *bytes;
    gsize length;
} Content;

static Content damage(const char *path, double where)
{
    Content content;
    g_assert_true(g_file_get_contents(path, &content.bytes, &content.length, NULL));
    content.bytes[(gsize)(where * (double)content.length)] ^= 0x10;
    g_assert_true(g_file_set_contents(path, content.bytes, (gssize)content.length, NULL));
    return content;
}

static void check_is(const char *path, const Content *content)
{
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_nonnull(path);
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    g_assert_cmpmem(bytes, length, content->bytes, content->length);
}

/* Half of it, and all of it. */
static void damage_is_said_and_kept(void)
{
    static const double places[] = {0.5, 0};
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        char *study = study_path_small();
        open_window_on(study);
        paint(STROKES);
        die();
        g_autofree char *path = find_file(".edits");
        Content content = damage(path, places[i]);
        open_window_on(study);
        g_autofree char *text = words();
        display_shoot(i ? "kept-none" : "kept-damaged");
        g_assert_nonnull(strstr(text, "damaged"));
        g_assert_nonnull(strstr(text, i ? "none of 5 steps" : " of 5 steps"));
        check_is(path, &content); /* nobody has answered yet */
        display_focus_newest();
        display_key("Return");
        g_assert_true(display_wait_for(has_question, GINT_TO_POINTER(FALSE), 10000));
        g_assert_cmpuint(n_masks() > 0, ==, i == 0);
        g_assert_cmpuint(n_masks(), <, STROKES);
        g_assert_true(dkm_reading_is_kept(reading()));
        g_autofree char *aside = find_file(".damaged");
        check_is(aside, &content);
        g_unlink(aside);
        g_free(content.bytes);
        put_away(study);
    }
}

/* --- leaving ---------------------------------------------------------------------------------- */

/* The letter that is underlined in the answer's button. */
static void answer(const char *letter)
{
    g_autofree char *text = words();
    g_autofree char *keys = g_strdup_printf("alt+%s", letter);
    display_wait(100);
    display_focus_newest();
    display_key(keys);
}

static gboolean is_gone(gpointer data)
{
    return !gtk_widget_get_mapped(GTK_WIDGET(window));
}

static void close_and_answer(const char *letter)
{
    gtk_window_close(GTK_WINDOW(window));
    answer(letter);
}

static void check_is_open(void)
{
    g_assert_true(display_wait_for(has_question, GINT_TO_POINTER(FALSE), 10000));
    display_wait(300);
    g_assert_false(is_gone(NULL));
    g_assert_cmpuint(n_masks(), ==, STROKES);
}

/* Kept for later: asked about when the study is opened again. Escape and K: nothing happens. */
static void keeps_for_later(void)
{
    DkmJournalState kept;
    char *study = study_path_small();
    open_window_on(study);
    paint(STROKES);
    close_and_answer("k");
    check_is_open();
    gtk_window_close(GTK_WINDOW(window));
    g_free(words());
    display_wait(300);
    display_shoot("leave");
    display_focus_newest();
    display_key("Escape");
    check_is_open();
    close_and_answer("l");
    g_assert_true(display_wait_for(is_gone, NULL, 10000));
    g_clear_object(&window);
    open_window_on(study);
    g_autofree char *text = words();
    g_assert_nonnull(strstr(text, "kept when the study was left"));
    g_assert_true(dkm_reading_get_kept(reading(), &kept));
    g_assert_cmpuint(kept.records, ==, STROKES);
    put_away(study);
}

static void discards(void)
{
    char *study = study_path_small();
    open_window_on(study);
    paint(STROKES);
    close_and_answer("d");
    g_assert_true(display_wait_for(is_gone, NULL, 10000));
    g_clear_object(&window);
    g_assert_null(find_file(".edits"));
    study_path_free(study);
}

/* Types where to, in the chooser that the answer brings up. */
static void export_to(const char *path)
{
    close_and_answer("e");
    display_wait(800);
    g_assert_true(GTK_IS_FILE_CHOOSER(question()));
    display_focus_newest();
    display_key("ctrl+a");
    display_type(path);
    display_key("Return");
}

static gboolean has_ended(gpointer data)
{
    return !dkm_reading_is_exporting(reading());
}

/* No name, one that cannot be written, and one that can: the window goes with the last alone. */
static void exports_and_leaves(void)
{
    char *study = study_path_small();
    g_autofree char *folder = g_dir_make_tmp("dkm-leave-XXXXXX", NULL);
    g_autofree char *good = g_build_filename(folder, "out.dcm", NULL);
    open_window_on(study);
    paint(STROKES);
    close_and_answer("e");
    display_wait(800);
    display_focus_newest();
    display_key("Escape");
    check_is_open();
    export_to("/proc/out.dcm");
    display_wait(500);
    g_assert_true(display_wait_for(has_ended, NULL, 30000));
    check_is_open();
    export_to(good);
    g_assert_true(display_wait_for(is_gone, NULL, 30000));
    g_clear_object(&window);
    g_assert_true(g_file_test(good, G_FILE_TEST_IS_REGULAR));
    g_assert_null(find_file(".edits"));
    g_unlink(good);
    g_rmdir(folder);
    study_path_free(study);
}

int main(int argc, char **argv)
{
    if (!desk_start(&argc, &argv, NULL))
        return 0;
    g_test_add_func("/leaving/damage-is-said-and-kept", damage_is_said_and_kept);
    g_test_add_func("/leaving/keeps-for-later", keeps_for_later);
    g_test_add_func("/leaving/discards", discards);
    g_test_add_func("/leaving/exports-and-leaves", exports_and_leaves);
    return desk_run();
}
