/* The whole way of a reader through the program itself, by nothing but its window: reads, corrects
 * with every tool, runs the network, accepts, exports; is killed in the middle of a stroke and goes
 * on. What is checked is what a person gets: pictures, files, and edits that are still there. */
#include "tests/gui/state.h"
#include "tests/gui/study.h"
#include "tests/gui/walk.h"
#include "tests/support/random-model.h"

#define UNDONE 12

static char *study;

/* --- reading ---------------------------------------------------------------------------------- */

/* In all views of the overview. */
static void expect_overview(void)
{
    static const Area views[] = {
        {80, 150, 400, 300}, {650, 150, 400, 300}, {80, 570, 400, 300}, {650, 570, 400, 300}};
    for (guint i = 0; i < G_N_ELEMENTS(views); i++)
        person_expect_picture(views[i]);
}

static void open_study(void)
{
    person_start(study);
    person_expect_windows(1);
    expect_overview();
    g_object_unref(person_look((Area){1130, 80, 300, 800})); /* nothing is worked on */
    person_point((Spot){837, 282});
    person_shoot("walk-01-opened");
}

static void stages(void)
{
    static const char *const names[] = {"walk-02-compare", "walk-03-kinetics", "walk-04-edit"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        person_step_back();
        g_autoptr(GdkPixbuf) before = person_look(LARGE);
        person_key("period");
        person_expect_other(LARGE, before);
        person_point((Spot){350, 470});
        person_shoot(names[i]);
    }
    person_step_back();
    g_autoptr(GdkPixbuf) edit = person_look(LARGE);
    person_key("comma");
    person_expect_other(LARGE, edit);
    person_key("period");
    person_expect_same(LARGE, edit);
}

/* THERE changes what is seen, BACK takes it back. */
static void there_and_back(const char *there, const char *back)
{
    g_autoptr(GdkPixbuf) before = person_look(LARGE);
    person_key(there);
    person_expect_other(LARGE, before);
    person_key(back);
    person_expect_same(LARGE, before);
}

static void look_around(const Walk *walk)
{
    static const char *const ways[][2] = {{"Down", "Up"},    {"shift+Up", "shift+Down"},
                                          {"Right", "Left"}, {"Left", "Right"},
                                          {"plus", "0"},     {"3", "0"},
                                          {"i", "i"},        {"Return", "Return"}};
    for (guint i = 0; i < G_N_ELEMENTS(ways); i++)
        there_and_back(ways[i][0], ways[i][1]);
    person_point(walk->lesion);
    g_autoptr(GdkPixbuf) before = person_look(LARGE);
    person_wheel(5);
    person_expect_other(LARGE, before);
    person_wheel(4);
    person_expect_same(LARGE, before);
}

static void read_the_keys(void)
{
    person_key("question");
    person_expect_windows(2);
    person_shoot("walk-16-keys");
    person_key("Escape");
    person_expect_windows(1);
}

/* Window, zoom and pan by the pointer; the planes across follow it with Shift. */
static void drag_around(const Walk *walk)
{
    const Spot from = walk->lesion, to = {from.x + 40, from.y - 60};
    g_autoptr(GdkPixbuf) start = person_look(LARGE);
    for (int button = 1; button <= 3; button++) {
        g_autoptr(GdkPixbuf) before = person_look(LARGE);
        person_drag(button, (Spot[]){from, to}, 2, FALSE);
        person_step_back();
        person_expect_other(LARGE, before);
    }
    person_key("0");
    person_expect_same(LARGE, start);
    g_autoptr(GdkPixbuf) across = person_look(CORONAL);
    person_point(from);
    person_hold("shift");
    person_point((Spot){from.x - 60, from.y});
    person_expect_other(CORONAL, across);
    g_autoptr(GdkPixbuf) followed = person_look(CORONAL);
    person_point(from);
    person_expect_other(CORONAL, followed);
    person_let_go("shift");
    person_step_back();
}

static void cine(void)
{
    person_key("c");
    for (int i = 0; i < 3; i++) {
        g_autoptr(GdkPixbuf) now = person_glance(LARGE);
        person_expect_other(LARGE, now);
    }
    person_key("c");
    g_object_unref(person_look(LARGE));
}

/* Wherever the cine has stopped. */
static void to_the_early_phase(void)
{
    for (int i = 0; i < 3; i++)
        person_key("Left");
    g_autoptr(GdkPixbuf) first = person_look(LARGE);
    person_key("Right");
    person_expect_other(LARGE, first);
}

static void peek(void)
{
    person_step_back();
    g_autoptr(GdkPixbuf) with = person_look(LARGE);
    person_hold("space");
    display_wait(700); /* a short press would switch, not peek */
    person_expect_other(LARGE, with);
    person_shoot("walk-11-peek");
    person_let_go("space");
    person_expect_same(LARGE, with);
}

/* --- correcting ------------------------------------------------------------------------------- */

static void undo_and_redo(Walk *walk)
{
    person_step_back();
    g_autoptr(GdkPixbuf) now = person_look(LARGE);
    walk_undo(walk, UNDONE);
    person_expect_other(LARGE, now);
    walk_redo(walk, UNDONE);
    person_expect_same(LARGE, now);
}

/* In a box around the lesion, in three slices: one more mask. */
static void run_network(Walk *walk)
{
    const Spot o = walk->lesion;
    person_key("v");
    person_drag(1, (Spot[]){{o.x - 100, o.y - 100}, {o.x, o.y}, {o.x + 100, o.y + 100}}, 3, FALSE);
    person_key("2");
    walk_page("Down", 2);
    person_key("3");
    person_shoot("walk-12-box");
    walk_page("Up", 1);
    person_key("Escape");
    walk_edit(walk, "ctrl+r", UNKNOWN);
    person_shoot("walk-13-network");
    person_key("comma");
    person_shoot("walk-14-agreement");
    person_key("period");
    person_key("b");
    walk_stroke(walk, (Spot[]){{o.x - 140, o.y}, {o.x - 120, o.y}}, 2, MORE);
    person_key("Escape");
}

static void accept_mask(Walk *walk)
{
    const goffset before = person_kept_bytes();
    person_key("ctrl+Return");
    person_expect_windows(2);
    person_key("ctrl+a");
    person_type("Ada Reader");
    person_shoot("walk-15-accept");
    person_key("Return");
    person_expect_windows(1);
    person_expect_kept(before);
    g_array_append_val(walk->signs, (Sign){AS_MANY});
}

static void export_to(const char *path)
{
    person_key("ctrl+s");
    person_expect_windows(2);
    person_key("ctrl+a");
    person_type(path);
    person_key("Return");
    person_expect_file(path);
    person_expect_windows(1);
}

/* With the button down: the stroke before it is on disk, this one is not. */
static void killed_in_a_stroke(Walk *walk)
{
    const Spot o = walk->lesion;
    person_key("b");
    walk_stroke(walk, (Spot[]){{o.x - 140, o.y + 60}, {o.x - 120, o.y + 60}}, 2, MORE);
    person_drag(1, (Spot[]){{o.x - 140, o.y + 140}, {o.x - 100, o.y + 140}}, 2, TRUE);
    person_kill();
}

static void go_on_after_the_question(void)
{
    person_start(study);
    person_expect_windows(2);
    expect_overview();
    person_shoot("walk-17-question");
    person_key("Return");
    person_expect_windows(1);
    g_object_unref(person_look(LARGE));
    person_expect_windows(1); /* it asks once */
    person_shoot("walk-18-recovered");
}

/* --- the walk --------------------------------------------------------------------------------- */

static void read_study(Walk *walk)
{
    open_study();
    stages();
    walk->lesion = person_brightest((Area){200, 280, 340, 400}, 48);
    walk->island = (Spot){walk->lesion.x < 370 ? walk->lesion.x + 190 : walk->lesion.x - 190,
                          walk->lesion.y < 480 ? walk->lesion.y + 170 : walk->lesion.y - 170};
    look_around(walk);
    drag_around(walk);
    cine();
    to_the_early_phase();
}

static void walk_all(void)
{
    g_autoptr(GArray) signs = g_array_new(FALSE, FALSE, sizeof(Sign));
    g_autofree char *folder = g_dir_make_tmp("dkm-walk-XXXXXX", NULL);
    g_autofree char *first = g_build_filename(folder, "first.dcm", NULL);
    g_autofree char *second = g_build_filename(folder, "second.dcm", NULL);
    Walk walk = {.signs = signs};
    read_study(&walk);
    walk_correct(&walk);
    peek();
    undo_and_redo(&walk);
    run_network(&walk);
    accept_mask(&walk);
    read_the_keys();
    export_to(first);
    killed_in_a_stroke(&walk);

    DkmGrid grid;
    g_autofree char *left = walk_left_on_disk(&walk, study, &grid);
    go_on_after_the_question();
    export_to(second);
    person_shoot("walk-19-exported");
    g_autofree char *before = walk_exported(first, &grid), *after = walk_exported(second, &grid);
    g_assert_cmpstr(after, ==, left);
    g_assert_cmpstr(after, !=, before);
    person_key("ctrl+q");
    person_expect_end();
    g_assert_cmpint(person_kept_bytes(), ==, 0); /* all of it is exported */
    g_remove(first);
    g_remove(second);
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    char *state = state_new();
    if (!display_start()) {
        g_print("1..0 # SKIP Xvfb or xdotool is not installed\n");
        state_free(state);
        return 0;
    }
    gtk_init(NULL, NULL);
    if (!g_getenv("DKM_MODEL"))
        random_model_start();
    study = study_path();
    g_test_add_func("/walk/reader", walk_all);
    const int failed = g_test_run();
    study_path_free(study);
    display_stop();
    state_free(state);
    random_model_stop();
    return failed;
}
