/* A person in front of the program: hands and eyes on the window of another process, which is all
 * that the walk knows of it, and the edits that it keeps on disk. Every wait is for something that
 * is seen, and ends the test where it does not come. Needs display_start() and state_new(). */
#pragma once

#include "tests/gui/display.h"

/* Pixels of the screen. */
typedef struct {
    int x, y;
} Spot;
typedef struct {
    int x, y, width, height;
} Area;

/* DKM_VIEWER opens STUDY. */
void person_start(const char *study);
void person_kill(void);
/* Waits for its end, which must be a calm one. */
void person_expect_end(void);

/* --- hands --- */

void person_key(const char *name);
void person_hold(const char *name);
void person_let_go(const char *name);
void person_type(const char *text);
void person_point(Spot at);
void person_click(Spot at);
void person_wheel(int button);
/* BUTTON goes down at the first of N spots and up at the last; it stays down where IS_HELD. */
void person_drag(int button, const Spot *spots, int n, gboolean is_held);
/* Where no view, button or tooltip is in the way of what is to be seen. */
void person_step_back(void);

/* --- eyes --- */

/* What AREA shows when it stands still. g_object_unref. */
GdkPixbuf *person_look(Area area);
/* The same without waiting: of what moves. g_object_unref. */
GdkPixbuf *person_glance(Area area);
/* It shows something else than BEFORE; it shows WANTED (again). */
void person_expect_other(Area area, const GdkPixbuf *before);
void person_expect_same(Area area, const GdkPixbuf *wanted);
/* It is not black or plain any more. */
void person_expect_picture(Area area);
/* The middle of the brightest SIZE x SIZE pixels of AREA. */
Spot person_brightest(Area area, int size);
/* So many windows are there; the newest gets the keys. */
void person_expect_windows(guint n);
/* The program's main window as SCREENSHOTS/NAME.png, and smaller as SCREENSHOTS_SMALL/NAME.jpg;
 * nothing where these are not set. */
void person_shoot(const char *name);

/* --- what is on disk --- */

goffset person_kept_bytes(void);
void person_expect_kept(goffset before); /* more than BEFORE */
void person_expect_file(const char *path);
