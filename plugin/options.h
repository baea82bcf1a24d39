/* What commands share in reading their words and printing their results. */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "core/grid.h"

/* Domain of the "error" that ends a command whose help was asked for: no failure. */
#define DKM_HELP_SHOWN (dkm_help_shown_quark())
GQuark dkm_help_shown_quark(void);

/* Parses ARGV by ENTRIES; what is left must be between MIN and MAX words, returned in *REST (a
 * NULL-terminated copy, g_strfreev). "--help" prints and ends with
 * DKM_HELP_SHOWN. Errors: DKM_ERROR_USAGE. */
/* Options that several commands share; PARSED is called when the words are read. */
typedef struct {
    const GOptionEntry *entries;
    gboolean (*parsed)(GError **error);
} DkmMoreOptions;
typedef struct {
    const char *words;   /* of the usage line: "STUDY -o OUT.dcm" */
    const char *summary; /* one sentence */
    const GOptionEntry *entries;
    int min, max;
    gpointer data;              /* for callbacks of ENTRIES */
    const DkmMoreOptions *more; /* NULL: none */
} DkmUsage;
gboolean dkm_options_parse(const DkmUsage *usage, int argc, char **argv, char ***rest,
                           GError **error);

/* "dkm" and WORDS (NULL-terminated) as one would type them, for records; g_free. */
char *dkm_command_text(const char *const *words);

/* The value of a numeric option before the command line is read: it may say 0 and mean it. */
#define DKM_NOT_GIVEN G_MININT
enum { DKM_MOST_THREADS = 256 }; /* core/pool.h's */

/* What an option's number may be: LEAST to MOST; neither itself where EXCLUSIVE says so. */
typedef struct {
    const char *option; /* "--dropout" */
    double value, least, most;
    enum { DKM_RANGE_CLOSED, DKM_RANGE_ABOVE_LEAST, DKM_RANGE_BELOW_MOST } exclusive;
} DkmRange;
/* Passes what was not given and refuses what is no number. DKM_ERROR_USAGE. */
gboolean dkm_options_check_ranges(const DkmRange *ranges, gsize n, GError **error);

/* "z0,y0,x0,z1,y1,x1": first voxel and the one behind the last. DKM_ERROR_USAGE. */
gboolean dkm_options_parse_box(const char *text, DkmBox *box, GError **error);

/* The finished object, pretty, UTF-8 whatever the locale, with a line end; g_free. */
char *dkm_json_to_text(JsonBuilder *json);
/* The same on standard output. */
void dkm_print_json(JsonBuilder *json);
/* Sets a member; numbers that are no numbers become null. */
void dkm_json_real(JsonBuilder *json, const char *name, double value);
void dkm_json_int(JsonBuilder *json, const char *name, gint64 value);
void dkm_json_text(JsonBuilder *json, const char *name, const char *value); /* NULL: null */
/* An array; empty for NULL. */
void dkm_json_texts(JsonBuilder *json, const char *name, const char *const *values);
/* The same of char*. */
void dkm_json_sentences(JsonBuilder *json, const char *name, const GPtrArray *sentences);
/* [z0, y0, x0, z1, y1, x1] */
void dkm_json_box(JsonBuilder *json, const char *name, const DkmBox *box);
