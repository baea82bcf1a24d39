/* The window in German: its words are there, and none is English that German has a word for. */
#include "gui/app.h"
#include "gui/i18n.h"
#include "gui/keys.h"
#include "tests/gui/german.h"
#include "tests/gui/opened.h"
#include "tests/gui/state.h"
#include "tests/gui/study.h"

static DkmWindow *window;

/* With a mask in the list, so that its row is there. */
static char *open_window(void)
{
    char *study = study_path_small();
    window = opened_window(1440, 900);
    opened_load(window, study);
    DkmReading *reading = dkm_window_reading(window);
    g_autoptr(GError) error = NULL;
    dkm_layers_add(dkm_reading_case(reading)->layers, DKM_ORIGIN_PERSON, NULL, NULL, &error);
    g_assert_no_error(error);
    dkm_reading_layers_changed(reading);
    display_wait(300);
    return study;
}

static void close_window(char *study)
{
    opened_close(&window);
    study_path_free(study);
}

/* --- every word of the window ----------------------------------------------------------------- */

typedef struct {
    GHashTable *seen;
    guint english;
} Words;

static void take_word(Words *words, const char *text)
{
    if (!text || !*text)
        return;
    g_hash_table_add(words->seen, g_strdup(text));
    if (g_strcmp0(_(text), text) == 0)
        return;
    g_test_message("not in German: %s", text);
    words->english++;
}

static void take_widget(GtkWidget *widget, gpointer user)
{
    AtkObject *accessible = gtk_widget_get_accessible(widget);
    g_autofree char *tip = gtk_widget_get_tooltip_text(widget);
    take_word(user, tip);
    take_word(user, accessible ? atk_object_get_name(accessible) : NULL);
    if (GTK_IS_LABEL(widget))
        take_word(user, gtk_label_get_text(GTK_LABEL(widget)));
    if (GTK_IS_CONTAINER(widget))
        gtk_container_forall(GTK_CONTAINER(widget), take_widget, user);
}

static void check_words(GtkWidget *top, const char *const *expected)
{
    Words words = {g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), 0};
    take_widget(top, &words);
    for (; *expected; expected++) {
        g_test_message("%s", *expected);
        g_assert_true(g_hash_table_contains(words.seen, *expected));
    }
    g_assert_cmpuint(words.english, ==, 0);
    g_hash_table_unref(words.seen);
}

static void the_window_speaks_german(void)
{
    static const char *const expected[] = {"Öffnen …",
                                           "Rückgängig",
                                           "Übersicht",
                                           "Kinetik",
                                           "Frühphase",
                                           "Nativ",
                                           "Masken",
                                           "Annehmen …",
                                           "Farbe der Maske",
                                           "Netz und Karten",
                                           "bearbeitet · manuell",
                                           "Nur für Forschungszwecke – nicht zur Diagnostik",
                                           NULL};
    char *study = open_window();
    check_words(GTK_WIDGET(window), expected);
    display_shoot("german");
    close_window(study);
}

static void the_sheet_of_keys_speaks_german(void)
{
    static const char *const expected[] = {"Vorige, nächste Schicht", "Strg+Z", "Leertaste",
                                           "Zurück zum Standard", NULL};
    char *study = open_window();
    GtkWidget *sheet = dkm_keys_sheet_new(GTK_WINDOW(window));
    check_words(sheet, expected);
    gtk_widget_destroy(sheet);
    close_window(study);
}

static GtkWidget *question(void)
{
    g_autoptr(GList) tops = gtk_window_list_toplevels();
    for (GList *top = tops; top; top = top->next)
        if (GTK_IS_MESSAGE_DIALOG(top->data) && gtk_widget_get_mapped(top->data))
            return top->data;
    return NULL;
}

static gboolean has_question(gpointer data)
{
    return question() != NULL;
}

/* What leaving a study with a mask asks, and that it fits a small screen. */
static void leaving_asks_in_german(void)
{
    static const char *const expected[] = {"Diese Studie mit nicht exportierten Masken verlassen?",
                                           "Weiterarbeiten",
                                           "Für später aufheben",
                                           "Exportieren …",
                                           "Verwerfen",
                                           NULL};
    char *study = open_window();
    gtk_window_close(GTK_WINDOW(window));
    g_assert_true(display_wait_for(has_question, NULL, 10000));
    display_wait(300);
    display_shoot("german-leave");
    check_words(question(), expected);
    g_assert_cmpint(gtk_widget_get_allocated_width(question()), <, 800);
    gtk_dialog_response(GTK_DIALOG(question()), GTK_RESPONSE_CANCEL);
    close_window(study);
}

static int run(void)
{
    char *state = state_new();
    dkm_i18n_start();
    gtk_disable_setlocale();
    gtk_init(NULL, NULL);
    dkm_app_load_theme();
    g_test_add_func("/german/the-window", the_window_speaks_german);
    g_test_add_func("/german/the-sheet-of-keys", the_sheet_of_keys_speaks_german);
    g_test_add_func("/german/leaving", leaving_asks_in_german);
    const int failed = g_test_run();
    state_free(state);
    return failed;
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (!german_start()) {
        g_print("1..0 # SKIP no German locale: localedef or its sources are not installed\n");
        german_stop();
        return 0;
    }
    if (!display_start()) {
        g_print("1..0 # SKIP Xvfb or xdotool is not installed\n");
        german_stop();
        return 0;
    }
    const int failed = run();
    display_stop();
    german_stop();
    return failed;
}
