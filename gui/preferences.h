/* How a person likes the viewer: a plain value, kept in a key file. No widget; any thread.
 * Not for: keys (key-map.h), who is told of a change (settings.h). */
#pragma once

#include "gui/hanging.h"

G_BEGIN_DECLS

#define DKM_READER_BYTES 96

/* Of the words; the computer's own where nobody says. */
typedef enum { DKM_LANGUAGE_SYSTEM, DKM_LANGUAGE_ENGLISH, DKM_LANGUAGE_GERMAN } DkmLanguage;

typedef struct {
    DkmArmed left_button; /* what it does first */
    DkmStage stage;       /* that a study opens on, where it has that */
    double brush_mm;      /* radius */
    gboolean brush_is_ball;
    double mask_opacity, map_opacity;
    gboolean masks_are_outlines; /* not filled, until a person asks for it */
    DkmHeat heat;
    double cine_per_second; /* phases */
    double curve_band;      /* percent of the early value: a plateau */
    gboolean asks_before_leaving;
    gboolean keeps_recent;
    double text_scale;
    DkmLanguage language;          /* from the next start */
    char reader[DKM_READER_BYTES]; /* the name that is offered when a mask is accepted; "" */
} DkmPreferences;

DkmPreferences dkm_preferences_default(void);
gboolean dkm_preferences_equal(const DkmPreferences *a, const DkmPreferences *b);
/* Every field within its bounds. */
void dkm_preferences_clamp(DkmPreferences *self);
/* Those of the file at PATH, the defaults where it says nothing. What is wrong is said in PROBLEMS
 * (of g_free-able text) by its line; a file that is no key file is renamed to PATH.broken. */
void dkm_preferences_load(const char *path, DkmPreferences *out, GPtrArray *problems);
/* Keeps what else stands in the file. DKM_ERROR_OUTPUT. */
gboolean dkm_preferences_save(const DkmPreferences *self, const char *path, GError **error);
/* LOOK as a person likes it: all of it where BEFORE is NULL, else what differs from BEFORE. */
void dkm_preferences_apply(const DkmPreferences *self, const DkmPreferences *before, DkmLook *look);

/* Bounds of the numbers. */
#define DKM_CINE_LEAST 0.2
#define DKM_CINE_MOST 20.0
#define DKM_BAND_LEAST 1.0
#define DKM_BAND_MOST 50.0
#define DKM_TEXT_LEAST 0.8
#define DKM_TEXT_MOST 2.0

G_END_DECLS
