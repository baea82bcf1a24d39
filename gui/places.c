#include "gui/places.h"

#include <string.h>

/* Smaller ones cannot be worked in. */
#define LEAST_WIDTH 480
#define LEAST_HEIGHT 360
/* A window's height goes without its title, which has to be seen too. */
#define TITLE_HEIGHT 60

#define LAST_GROUP "last"
#define LAST_KEY "arrangement"

struct _DkmPlaces {
    GKeyFile *file;
};

static const char *const prefixes[] = {
    [DKM_WINDOW_FIRST] = "first", [DKM_WINDOW_SECOND] = "second"};

/* In the file: these never change, the names for a person may. */
static const char *const stages[DKM_STAGE_COUNT] = {"overview", "compare", "kinetics", "edit",
                                                    "prior"};

DkmPlaces *dkm_places_load(const char *path)
{
    DkmPlaces *places = g_new0(DkmPlaces, 1);
    places->file = g_key_file_new();
    g_key_file_load_from_file(places->file, path, G_KEY_FILE_KEEP_COMMENTS, NULL);
    return places;
}

gboolean dkm_places_save(const DkmPlaces *places, const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_mkdir_with_parents(folder, 0700);
    return g_key_file_save_to_file(places->file, path, error);
}

void dkm_places_free(DkmPlaces *places)
{
    g_key_file_unref(places->file);
    g_free(places);
}

/* A name for the group: brackets would end it. */
static char *arrangement_of(const DkmMonitor *monitors, guint n)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < n; i++) {
        const DkmTile *area = &monitors[i].area;
        g_string_append_printf(text, "%s%s %dx%d%+d%+d", i ? ", " : "", monitors[i].name,
                               area->width, area->height, area->x, area->y);
    }
    g_strdelimit(text->str, "[]\n\r", '_');
    return g_string_free(text, FALSE);
}

static char *key_of(DkmWhichWindow which, const char *what)
{
    return g_strdup_printf("%s-%s", prefixes[which], what);
}

static guint find_monitor(const DkmMonitor *monitors, guint n, const char *name)
{
    for (guint i = 0; name && i < n; i++)
        if (g_str_equal(monitors[i].name, name))
            return i;
    return n;
}

static DkmTile kept_inside(DkmTile at, DkmTile area)
{
    at.width = MIN(MAX(at.width, LEAST_WIDTH), area.width);
    const int most = MAX(area.height - TITLE_HEIGHT, 1);
    at.height = MIN(MAX(at.height, LEAST_HEIGHT), most);
    at.x = CLAMP(at.x, area.x, area.x + area.width - at.width);
    at.y = CLAMP(at.y, area.y, area.y + most - at.height);
    return at;
}

static gboolean is_listed(char **words, const char *word)
{
    return words && g_strv_contains((const char *const *)words, word);
}

static DkmStage stage_of(const char *id)
{
    for (guint i = 0; id && i < DKM_STAGE_COUNT; i++)
        if (g_str_equal(stages[i], id))
            return (DkmStage)i;
    return DKM_STAGE_OVERVIEW;
}

/* The group for these monitors, else the one that was put last; NULL: there is none. */
static char *group_for(const DkmPlaces *places, const DkmMonitor *monitors, guint n)
{
    g_autofree char *exact = arrangement_of(monitors, n);
    if (g_key_file_has_group(places->file, exact))
        return g_steal_pointer(&exact);
    return g_key_file_get_string(places->file, LAST_GROUP, LAST_KEY, NULL);
}

gboolean dkm_places_get(const DkmPlaces *places, const DkmMonitor *monitors, guint n,
                        DkmWhichWindow which, DkmPlace *out)
{
    g_autofree char *group = group_for(places, monitors, n);
    if (!group)
        return FALSE;
    g_autofree char *at_key = key_of(which, "at"), *monitor_key = key_of(which, "monitor");
    g_autofree char *state_key = key_of(which, "state"), *stage_key = key_of(which, "stage");
    gsize n_numbers = 0;
    g_autofree int *at = g_key_file_get_integer_list(places->file, group, at_key, &n_numbers, NULL);
    if (!at || n_numbers != 4 || at[2] < 1 || at[3] < 1)
        return FALSE;
    g_autofree char *name = g_key_file_get_string(places->file, group, monitor_key, NULL);
    g_autofree char *stage = g_key_file_get_string(places->file, group, stage_key, NULL);
    g_auto(GStrv) state = g_key_file_get_string_list(places->file, group, state_key, NULL, NULL);
    const guint found = find_monitor(monitors, n, name), on = found < n ? found : 0;
    const DkmTile area = monitors[on].area;
    /* Numbers of a file that a person may have touched: far off, they would overflow. */
    const DkmTile tile = {area.x + CLAMP(at[0], -100000, 100000),
                          area.y + CLAMP(at[1], -100000, 100000), at[2], at[3]};
    *out = (DkmPlace){
        .monitor = on,
        .at = kept_inside(tile, area),
        .is_maximised = found < n && is_listed(state, "maximised"),
        .is_fullscreen = found < n && is_listed(state, "full-screen"),
        .is_shown = is_listed(state, "shown"),
        .stage = stage_of(stage),
    };
    return TRUE;
}

void dkm_places_put(DkmPlaces *places, const DkmMonitor *monitors, guint n, DkmWhichWindow which,
                    const DkmPlace *place)
{
    g_autofree char *group = arrangement_of(monitors, n);
    g_autofree char *at_key = key_of(which, "at"), *monitor_key = key_of(which, "monitor");
    g_autofree char *state_key = key_of(which, "state"), *stage_key = key_of(which, "stage");
    const guint on = MIN(place->monitor, n - 1);
    const DkmTile area = monitors[on].area;
    int at[] = {place->at.x - area.x, place->at.y - area.y, place->at.width, place->at.height};
    const char *state[3];
    gsize n_state = 0;
    if (place->is_shown)
        state[n_state++] = "shown";
    if (place->is_maximised)
        state[n_state++] = "maximised";
    if (place->is_fullscreen)
        state[n_state++] = "full-screen";
    g_key_file_set_integer_list(places->file, group, at_key, at, G_N_ELEMENTS(at));
    g_key_file_set_string(places->file, group, monitor_key, monitors[on].name);
    g_key_file_set_string_list(places->file, group, state_key, state, n_state);
    g_key_file_set_string(places->file, group, stage_key,
                          stages[MIN(place->stage, DKM_STAGE_COUNT - 1)]);
    g_key_file_set_string(places->file, LAST_GROUP, LAST_KEY, group);
}

DkmPlace dkm_places_second(const DkmMonitor *monitors, guint n, guint first_on)
{
    DkmPlace place = {.monitor = first_on, .is_shown = TRUE, .stage = DKM_STAGE_KINETICS};
    for (guint i = 0; i < n && place.monitor == first_on; i++)
        if (i != first_on)
            place.monitor = i;
    place.at = monitors[place.monitor].area;
    place.is_maximised = place.monitor != first_on;
    if (!place.is_maximised) {
        place.at.x += place.at.width / 2;
        place.at.width -= place.at.width / 2;
    }
    place.at = kept_inside(place.at, monitors[place.monitor].area);
    return place;
}

guint dkm_places_monitor_of(const DkmMonitor *monitors, guint n, DkmTile at)
{
    gint64 most = 0;
    guint on = 0;
    for (guint i = 0; i < n; i++) {
        const DkmTile *area = &monitors[i].area;
        const int width = MIN(at.x + at.width, area->x + area->width) - MAX(at.x, area->x);
        const int height = MIN(at.y + at.height, area->y + area->height) - MAX(at.y, area->y);
        const gint64 shared = (gint64)MAX(width, 0) * MAX(height, 0);
        if (shared > most) {
            most = shared;
            on = i;
        }
    }
    return on;
}
