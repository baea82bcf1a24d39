#include "gui/settings.h"

#include "gui/private-file.h"

#include <string.h>

struct _DkmSettings {
    GObject parent;
    DkmPreferences now;
    GPtrArray *problems;
};

G_DEFINE_FINAL_TYPE(DkmSettings, dkm_settings, G_TYPE_OBJECT)

static guint changed;

static char *settings_path(void)
{
    return dkm_private_path(g_get_user_config_dir(), "viewer.ini");
}

static void finalize(GObject *object)
{
    g_clear_pointer(&DKM_SETTINGS(object)->problems, g_ptr_array_unref);
    G_OBJECT_CLASS(dkm_settings_parent_class)->finalize(object);
}

static void dkm_settings_class_init(DkmSettingsClass *class)
{
    G_OBJECT_CLASS(class)->finalize = finalize;
    changed = g_signal_new("changed", DKM_TYPE_SETTINGS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                           G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void dkm_settings_init(DkmSettings *self)
{
    g_autofree char *path = settings_path();
    self->problems = g_ptr_array_new_with_free_func(g_free);
    dkm_preferences_load(path, &self->now, self->problems);
}

DkmSettings *dkm_settings_get(void)
{
    static DkmSettings *settings;
    if (!settings)
        settings = g_object_new(DKM_TYPE_SETTINGS, NULL);
    return settings;
}

/* gettext asks LANGUAGE, but not where the locale is plain C. */
static void leave_plain_c(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *locale = g_getenv(names[i]);
        if (!locale || !*locale)
            continue;
        if (strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0)
            g_setenv(names[i], "C.UTF-8", TRUE);
        return; /* the first that says something counts */
    }
    g_setenv("LANG", "C.UTF-8", TRUE);
}

void dkm_settings_take_language(void)
{
    static const char *const codes[] = {
        [DKM_LANGUAGE_ENGLISH] = "en", [DKM_LANGUAGE_GERMAN] = "de"};
    const DkmLanguage language = dkm_settings_preferences(dkm_settings_get())->language;
    if (language == DKM_LANGUAGE_SYSTEM)
        return;
    leave_plain_c();
    g_setenv("LANGUAGE", codes[language], TRUE);
}

const DkmPreferences *dkm_settings_preferences(DkmSettings *self)
{
    return &self->now;
}

GPtrArray *dkm_settings_take_problems(DkmSettings *self)
{
    if (self->problems && self->problems->len == 0)
        g_clear_pointer(&self->problems, g_ptr_array_unref);
    return g_steal_pointer(&self->problems);
}

gboolean dkm_settings_set(DkmSettings *self, const DkmPreferences *preferences, GError **error)
{
    const DkmPreferences before = self->now;
    self->now = *preferences;
    dkm_preferences_clamp(&self->now);
    if (dkm_preferences_equal(&before, &self->now))
        return TRUE;
    g_autofree char *path = settings_path();
    const gboolean is_kept = dkm_preferences_save(&self->now, path, error);
    g_signal_emit(self, changed, 0, &before);
    return is_kept;
}
