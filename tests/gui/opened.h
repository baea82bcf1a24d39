/* A window of the viewer and a study in it: how most tests of the window begin and end. */
#pragma once

#include "gui/window.h"
#include "tests/gui/display.h"

#define OPENED_MS 120000

/* Shown, with the keys; WIDTH 0: as large as it wants to be, without asking for the keys. */
static inline DkmWindow *opened_window(int width, int height)
{
    DkmWindow *window = g_object_ref_sink(dkm_window_new(NULL));
    if (width)
        gtk_window_resize(GTK_WINDOW(window), width, height);
    gtk_widget_show(GTK_WIDGET(window));
    display_wait(200);
    if (width)
        display_focus_newest();
    return window;
}

/* All phases of a study are there. */
static inline gboolean opened_is_loaded(gpointer window)
{
    DkmReading *reading = dkm_window_reading(window);
    int permille;
    const DkmReviewCase *on = dkm_reading_case(reading);
    return on && dkm_review_case_phase(on, 0) && !dkm_reading_is_loading(reading, &permille);
}

static inline void opened_load(DkmWindow *window, const char *study)
{
    dkm_window_open(window, study);
    g_assert_true(display_wait_for(opened_is_loaded, window, OPENED_MS));
    display_wait(300);
}

/* Forgets what was edited: the next test is asked nothing. */
static inline void opened_close(DkmWindow **window)
{
    dkm_reading_discard_kept(dkm_window_reading(*window));
    gtk_widget_destroy(GTK_WIDGET(*window));
    g_clear_object(window);
    display_wait(50);
}
