#include "gui/preferences.h"

#include "gui/i18n.h"
#include "gui/private-file.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define GROUP "viewer"

typedef enum { KIND_NUMBER, KIND_CHOICE, KIND_FLAG, KIND_TEXT } Kind;

/* One line of the file. */
typedef struct {
    const char *key;
    Kind kind;
    gsize offset;
    double least, most;       /* of a number */
    const char *const *words; /* of a choice, NULL-terminated; their places are its values */
} Field;

static const char *const buttons[] = {"window", "brush", "eraser", "limited-brush", NULL};
static const char *const stages[] = {"overview", "compare", "kinetics", "edit", NULL};
static const char *const shapes[] = {"disc", "ball", NULL};
static const char *const styles[] = {"filled", "outline", NULL};
static const char *const heats[] = {"heat", "blue-yellow", "grey", NULL};

static const char *const languages[] = {"system", "en", "de", NULL};

#define AT(field) G_STRUCT_OFFSET(DkmPreferences, field)
static const Field fields[] = {
    {"left-button", KIND_CHOICE, AT(left_button), 0, 0, buttons},
    {"first-stage", KIND_CHOICE, AT(stage), 0, 0, stages},
    {"brush-mm", KIND_NUMBER, AT(brush_mm), DKM_BRUSH_LEAST_MM, DKM_BRUSH_MOST_MM, NULL},
    {"brush-shape", KIND_CHOICE, AT(brush_is_ball), 0, 0, shapes},
    {"mask-opacity", KIND_NUMBER, AT(mask_opacity), 0, 1, NULL},
    {"mask-style", KIND_CHOICE, AT(masks_are_outlines), 0, 0, styles},
    {"map-opacity", KIND_NUMBER, AT(map_opacity), 0, 1, NULL},
    {"map-colours", KIND_CHOICE, AT(heat), 0, 0, heats},
    {"cine-phases-per-second", KIND_NUMBER, AT(cine_per_second), DKM_CINE_LEAST, DKM_CINE_MOST,
     NULL},
    {"curve-band-percent", KIND_NUMBER, AT(curve_band), DKM_BAND_LEAST, DKM_BAND_MOST, NULL},
    {"ask-before-leaving", KIND_FLAG, AT(asks_before_leaving), 0, 0, NULL},
    {"keep-recent", KIND_FLAG, AT(keeps_recent), 0, 0, NULL},
    {"text-scale", KIND_NUMBER, AT(text_scale), DKM_TEXT_LEAST, DKM_TEXT_MOST, NULL},
    {"language", KIND_CHOICE, AT(language), 0, 0, languages},
    {"reader", KIND_TEXT, AT(reader), 0, 0, NULL},
};

/* Choices are enums and flags, all of them of the size of an int. */
G_STATIC_ASSERT(sizeof(DkmArmed) == sizeof(int) && sizeof(DkmStage) == sizeof(int) &&
                sizeof(DkmHeat) == sizeof(int) && sizeof(DkmLanguage) == sizeof(int) &&
                sizeof(gboolean) == sizeof(int));

DkmPreferences dkm_preferences_default(void)
{
    return (DkmPreferences){.left_button = DKM_ARMED_WINDOW,
                            .stage = DKM_STAGE_OVERVIEW,
                            .brush_mm = 5,
                            .mask_opacity = 0.25,
                            .map_opacity = 0.75,
                            .cine_per_second = 2,
                            .curve_band = 10,
                            .asks_before_leaving = TRUE,
                            .keeps_recent = TRUE,
                            .text_scale = 1};
}

static int count(const char *const *words)
{
    return (int)g_strv_length((char **)words);
}

/* Shorter by whole characters where the name is too long or no text. */
static void clamp_text(char *text)
{
    text[DKM_READER_BYTES - 1] = '\0';
    const char *end;
    g_utf8_validate(text, -1, &end);
    memset(text + (end - text), 0, (gsize)(DKM_READER_BYTES - (end - text)));
}

static void clamp_field(const Field *field, DkmPreferences *self, const DkmPreferences *otherwise)
{
    if (field->kind == KIND_NUMBER) {
        double *number = G_STRUCT_MEMBER_P(self, field->offset);
        *number = isfinite(*number) ? CLAMP(*number, field->least, field->most)
                                    : G_STRUCT_MEMBER(double, otherwise, field->offset);
    } else if (field->kind == KIND_CHOICE) {
        int *choice = G_STRUCT_MEMBER_P(self, field->offset);
        if (*choice < 0 || *choice >= count(field->words))
            *choice = G_STRUCT_MEMBER(int, otherwise, field->offset);
    } else if (field->kind == KIND_TEXT) {
        clamp_text(G_STRUCT_MEMBER_P(self, field->offset));
    }
}

void dkm_preferences_clamp(DkmPreferences *self)
{
    const DkmPreferences otherwise = dkm_preferences_default();
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
        clamp_field(&fields[i], self, &otherwise);
}

static gboolean is_equal(const Field *field, const DkmPreferences *a, const DkmPreferences *b)
{
    const gconstpointer p = G_STRUCT_MEMBER_P(a, field->offset);
    const gconstpointer q = G_STRUCT_MEMBER_P(b, field->offset);
    if (field->kind == KIND_TEXT)
        return strcmp(p, q) == 0;
    return field->kind == KIND_NUMBER ? *(const double *)p == *(const double *)q
                                      : *(const int *)p == *(const int *)q;
}

gboolean dkm_preferences_equal(const DkmPreferences *a, const DkmPreferences *b)
{
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
        if (!is_equal(&fields[i], a, b))
            return FALSE;
    return TRUE;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* FALSE where TEXT means nothing; a number out of its bounds is taken as it stands. */
static gboolean parse(const Field *field, const char *text, DkmPreferences *out)
{
    gpointer at = G_STRUCT_MEMBER_P(out, field->offset);
    char *end;
    if (field->kind == KIND_TEXT) {
        g_strlcpy(at, text, DKM_READER_BYTES);
        return TRUE;
    }
    if (field->kind == KIND_NUMBER) {
        const double number = g_ascii_strtod(text, &end);
        if (end == text || *end != '\0' || !isfinite(number))
            return FALSE;
        *(double *)at = number;
        return TRUE;
    }
    static const char *const flags[] = {"false", "true", NULL};
    const char *const *words = field->kind == KIND_FLAG ? flags : field->words;
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], text) == 0) {
            *(int *)at = i;
            return TRUE;
        }
    return FALSE;
}

/* Of KEY in our group of the file, from 1. */
static guint line_of(const char *path, const char *key)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    const gsize n = strlen(key);
    guint found = 0;
    for (guint i = 0; lines[i]; i++)
        if (strncmp(lines[i], key, n) == 0 && strchr(" \t=", lines[i][n]) && lines[i][n])
            found = i + 1; /* the last one counts */
    return found;
}

static char *format(const Field *field, const DkmPreferences *self)
{
    const gconstpointer at = G_STRUCT_MEMBER_P(self, field->offset);
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    switch (field->kind) {
    case KIND_NUMBER:
        return g_strdup(g_ascii_formatd(number, sizeof number, "%.4g", *(const double *)at));
    case KIND_CHOICE:
        return g_strdup(field->words[*(const int *)at]);
    case KIND_FLAG:
        return g_strdup(*(const int *)at ? "true" : "false");
    default:
        return g_strdup(at);
    }
}

static void read_field(const Field *field, GKeyFile *file, const char *path, DkmPreferences *out,
                       GPtrArray *problems)
{
    const DkmPreferences otherwise = dkm_preferences_default();
    g_autofree char *text = g_key_file_get_string(file, GROUP, field->key, NULL);
    if (!text)
        return;
    g_strstrip(text);
    DkmPreferences asked = *out;
    const gboolean is_understood = parse(field, text, &asked);
    *out = asked;
    clamp_field(field, out, &otherwise);
    if (is_understood && is_equal(field, out, &asked))
        return;
    g_autofree char *name = g_path_get_basename(path), *taken = format(field, out);
    g_ptr_array_add(
        problems, g_strdup_printf(
                      is_understood ? _("%s, line %u: “%s = %s” is out of bounds, %s is taken")
                                    : _("%s, line %u: “%s = %s” cannot be understood, %s is taken"),
                      name, line_of(path, field->key), field->key, text, taken));
}

static void put_aside(const char *path, const GError *error, GPtrArray *problems)
{
    g_autofree char *aside = g_strconcat(path, ".broken", NULL);
    g_autofree char *name = g_path_get_basename(aside);
    const gboolean is_kept = g_rename(path, aside) == 0;
    g_ptr_array_add(
        problems, is_kept ? g_strdup_printf(_("%s. The defaults are used; the file is kept as %s."),
                                            error->message, name)
                          : g_strdup_printf(_("%s. The defaults are used."), error->message));
}

void dkm_preferences_load(const char *path, DkmPreferences *out, GPtrArray *problems)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GKeyFile) file = dkm_private_load(path, &error);
    *out = dkm_preferences_default();
    if (!file) {
        put_aside(path, error, problems);
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
        read_field(&fields[i], file, path, out, problems);
}

/* --- writing ---------------------------------------------------------------------------------- */

gboolean dkm_preferences_save(const DkmPreferences *self, const char *path, GError **error)
{
    g_autoptr(GKeyFile) file = dkm_private_load(path, NULL);
    if (!file)
        file = g_key_file_new();
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
        g_autofree char *text = format(&fields[i], self);
        g_key_file_set_string(file, GROUP, fields[i].key, text);
    }
    return dkm_private_save(file, path, error);
}

/* --- effect ----------------------------------------------------------------------------------- */

static double fill_of(const DkmPreferences *self)
{
    return self->masks_are_outlines ? 0 : self->mask_opacity;
}

void dkm_preferences_apply(const DkmPreferences *self, const DkmPreferences *before, DkmLook *look)
{
    if (!before || before->left_button != self->left_button)
        look->armed = self->left_button;
    if (!before || before->brush_mm != self->brush_mm)
        look->brush_mm = self->brush_mm;
    if (!before || before->brush_is_ball != self->brush_is_ball)
        look->brush_is_ball = self->brush_is_ball;
    if (!before || fill_of(before) != fill_of(self))
        look->mask_opacity = fill_of(self);
    if (!before || before->map_opacity != self->map_opacity)
        look->map_opacity = self->map_opacity;
    look->heat = self->heat;
    look->curve_band = self->curve_band / 100;
}
