/* A private X server for one test program, a person's hands (xdotool) and a camera. */
#pragma once

#include <gtk/gtk.h>

/* Starts Xvfb and points DISPLAY at it. FALSE where Xvfb or xdotool are not installed. */
gboolean display_start(void);
/* The same with another SCREEN than the usual one: "3040x980x24". */
gboolean display_start_with(const char *screen);
void display_stop(void);

/* Runs the main loop for MS milliseconds, or until CHECK is TRUE (FALSE: it never was). */
void display_wait(int ms);
gboolean display_wait_for(gboolean (*check)(gpointer), gpointer data, int ms);

/* Real events, through the server. Positions in logical pixels of WIDGET. */
void display_key(const char *keys);
void display_key_down(const char *key);
void display_key_up(const char *key);
void display_hold(const char *key, int ms);
void display_type(const char *text);
void display_move(GtkWidget *widget, double x, double y);
void display_click(int button);
/* A button of the pointer goes down, up; display_move() between them is a drag of any course. */
void display_press(int button);
void display_release(int button);
void display_double_click(void);
/* TIMES clicks, DELAY milliseconds apart, both in digits; the main loop runs between them. */
void display_repeat(int button, const char *times, const char *delay);
void display_drag(GtkWidget *widget, int button, const double from[2], const double to[2]);
/* The newest window gets the keys: there is no window manager. */
void display_focus_newest(void);
void display_focus(GtkWidget *window);

/* The whole screen as SCREENSHOTS/NAME.png. */
void display_shoot(const char *name);
