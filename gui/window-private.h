/* What the window's files share. */
#pragma once

#include "gui/jobs.h"
#include "gui/places.h"
#include "gui/study-view.h"
#include "gui/window.h"

struct _DkmWindow {
    GtkApplicationWindow parent;
    DkmReading *reading;
    DkmWall *wall;
    GtkWidget *stages;           /* their bar */
    GtkWidget *second;           /* window, or NULL while it is put away */
    GtkWindow *typed_in;         /* while a key is dealt with: the one it was typed in */
    DkmTile first_at, second_at; /* where the windows stand when they fill no monitor */
    GtkHeaderBar *header;
    GtkBox *title,
        *strip; /* the title is in the header where that is wide enough, else in the strip */
    GtkLabel *patient, *details;
    GtkBox *tools; /* of masks */
    GtkBox *side, *panel,
        *stage; /* the side's sections scroll in the panel; the curve in a low window alone */
    GtkWidget *curve;
    GtkInfoBar *bar;
    GtkLabel *bar_text;
    GtkWidget *bar_show;     /* its button that shows a run's result */
    DkmMessage bar_kind;     /* of what it says, */
    guint64 bar_serial;      /* and the layers' when it was said */
    gboolean bar_is_of_list; /* said in front of it */
    gboolean runs;           /* the network, when it was looked at last */
    GtkRevealer *loading;
    GtkProgressBar *loading_bar;
    GtkLabel *loading_text;
    GtkStack *stack; /* "welcome", "studies", "reading" */
    DkmStudyView *studies;
    gboolean shows_studies; /* in front of the study that is open */
    GtkToggleButton *arm_window, *arm_brush, *arm_eraser, *ball;
    GtkLabel *brush;
    GtkNativeDialog *chooser; /* while it is open */
    DkmViewPicture picture;   /* while its place is asked; its description is owned */
    GtkWidget *kept_question; /* while it is asked */
    gint64 space_down_us;     /* since when Space is held; 0: it is not */
    char *imported_from;      /* the folder of the last import; NULL: none yet */
    char *path_to_open;       /* while it is asked whether work may be lost */
    char *study_to_open;      /* UID, likewise; of that folder where there is a path */
    GtkMenuButton *menu;
    GtkBox *recent;     /* what was opened last, on the first page */
    GPtrArray *recents; /* of DkmRecent*, as shown */
    GPtrArray *errands; /* to its file; the first is done next */
    DkmJob *recalling;
};

/* window.c: keys of this window and of the second one. TRUE: it meant something. */
gboolean dkm_window_take_key(DkmWindow *self, GtkWindow *from, const GdkEventKey *event);
void dkm_window_release_key(DkmWindow *self, const GdkEventKey *event);

/* window-second.c */
void dkm_window_toggle_second(DkmWindow *self);
void dkm_window_drop_second(DkmWindow *self);
/* The wall that keys are meant for: of the window they are typed in. */
DkmWall *dkm_window_wall_typed_in(DkmWindow *self);
GtkWindow *dkm_window_typed_in(DkmWindow *self);

/* window-places.c: AT follows WINDOW while it fills no monitor. */
void dkm_window_note_place(GtkWindow *window, DkmTile *at);
/* Where SELF (and its second window) stand is remembered for the monitors that are there. */
void dkm_window_keep_places(DkmWindow *self);
/* Where WHICH stood on these monitors; FALSE: nothing is known. */
gboolean dkm_window_kept_place(DkmWhichWindow which, DkmPlace *out);
/* For a second window that was never shown: off the monitor that SELF is on. */
DkmPlace dkm_window_new_place(DkmWindow *self);
/* Before WINDOW is shown. */
void dkm_window_put_at(GtkWindow *window, const DkmPlace *place);

/* window-layout.c: how the window's parts share a screen of any size. */
void dkm_window_layout_init(DkmWindow *self);
/* Once the patient has changed. */
void dkm_window_layout(DkmWindow *self);

/* window-actions.c */
void dkm_window_add_actions(DkmWindow *self);
/* Greys out what cannot be done now. */
void dkm_window_update_actions(DkmWindow *self);

/* window.c: the page that is wanted now. */
void dkm_window_show_page(DkmWindow *self);

/* window-message.c */
void dkm_window_add_messages(DkmWindow *self);
void dkm_window_take_message(DkmWindow *self, DkmMessage kind, const char *text);
/* A note that a person reads in passing. */
void dkm_window_say(DkmWindow *self, const char *text);
/* Once the layers or the look have changed: what is no longer so is no longer said. */
void dkm_window_age_message(DkmWindow *self);
/* Once the list is left: what was said there is about a study that is not on the desk. */
void dkm_window_drop_list_message(DkmWindow *self);

/* window-studies.c */
void dkm_window_add_studies(DkmWindow *self);
/* The folder that was opened last holds more than one study. */
gboolean dkm_window_has_studies(DkmWindow *self);
/* Another list has come: it is shown where it holds more than one study. */
void dkm_window_take_studies(DkmWindow *self);
void dkm_window_show_studies(DkmWindow *self, gboolean shows);
/* The study below (STEP 1) or above (-1) the open one, as the list is sorted. */
void dkm_window_step_study(DkmWindow *self, int step);

/* window-recent.c */
void dkm_window_add_recent(DkmWindow *self);
void dkm_window_drop_recent(DkmWindow *self);
void dkm_window_clear_recent(DkmWindow *self);
/* The open study, the list of studies: opened last from now on. */
void dkm_window_note_study(DkmWindow *self);
void dkm_window_note_list(DkmWindow *self);
/* The study STUDY_UID (NULL: the list, or the only one) of the folder PATH, once nothing is lost.
 */
void dkm_window_open_one(DkmWindow *self, const char *path, const char *study_uid);

/* window-preferences.c */
void dkm_window_follow_preferences(DkmWindow *self);
void dkm_window_show_preferences(DkmWindow *self);

/* window-order.c: asks for the order of the phases, and has the study read so. */
void dkm_window_order_phases(DkmWindow *self);

/* window-capture.c: what is on screen now, kept until its place is known; FALSE: nothing is. */
gboolean dkm_window_take_picture(DkmWindow *self);
void dkm_window_save_picture(DkmWindow *self, const char *path);
void dkm_window_drop_picture(DkmWindow *self);

/* window-dialogs.c */
void dkm_window_ask_open(DkmWindow *self);
void dkm_window_ask_import(DkmWindow *self);
void dkm_window_ask_export(DkmWindow *self);
void dkm_window_ask_capture(DkmWindow *self);
void dkm_window_ask_reviewer(DkmWindow *self);
/* A message dialog that has been filled: named by its first words, and shown. */
void dkm_window_present_question(GtkWidget *dialog);
/* window-lesions.c: about the selected mask. */
void dkm_window_ask_reject(DkmWindow *self);
void dkm_window_ask_name(DkmWindow *self);
/* Asks, where a program that died has left edits of the open study, whether to go on with them. */
void dkm_window_ask_kept(DkmWindow *self);
typedef void (*DkmWindowFunc)(DkmWindow *self);
/* Calls THEN at once where nothing would be lost, else when the person says that it may be. */
void dkm_window_discard_then(DkmWindow *self, DkmWindowFunc then);
