#include "core/model/preset.h"

#include "core/error.h"

#include <string.h>

/* Widths in quarters and eighths of the paper's keep its topology. */
static const DkmPreset presets[] = {
    {.name = "paper",
     .image_channels = 1,
     .base = 128,
     .multiplier = {1, 2, 2, 2},
     .outputs = 1,
     .reading = DKM_READING_B1,
     .dropout = 0.1f,
     .sm_width = {128, 256, 512, 1024},
     .fuse = {FALSE, FALSE, TRUE, TRUE},
     .tap = DKM_TAP_DECODER,
     .timestep = 50},
    {.name = "small",
     .image_channels = 1,
     .base = 32,
     .multiplier = {1, 2, 2, 2},
     .outputs = 1,
     .reading = DKM_READING_B1,
     .dropout = 0.1f,
     .sm_width = {32, 64, 128, 256},
     .fuse = {FALSE, FALSE, TRUE, TRUE},
     .tap = DKM_TAP_DECODER,
     .timestep = 50},
    /* for tests: seconds, not hours */
    {.name = "tiny",
     .image_channels = 1,
     .base = 8,
     .multiplier = {1, 2, 2, 2},
     .outputs = 1,
     .reading = DKM_READING_B1,
     .dropout = 0.1f,
     .sm_width = {8, 16, 32, 64},
     .fuse = {FALSE, FALSE, TRUE, TRUE},
     .tap = DKM_TAP_DECODER,
     .timestep = 50},
    /* DDPM's published network, to prove the builder by its parameter count */
    {.name = "ddpm-cifar",
     .image_channels = 3,
     .base = 128,
     .multiplier = {1, 2, 2, 2},
     .attention = 1u << 1,
     .outputs = 3,
     .reading = DKM_READING_A,
     .dropout = 0.1f,
     .sm_width = {128, 256, 512, 1024},
     .tap = DKM_TAP_DECODER,
     .timestep = 50},
};

const char *const dkm_preset_names[] = {"paper", "paper-k2", "small",      "small-k2",
                                        "tiny",  "tiny-k2",  "ddpm-cifar", NULL};

/* "NAME-k2" is NAME with two output phases. */
static const DkmPreset *find_base(const char *name, gboolean *two_phases)
{
    *two_phases = g_str_has_suffix(name, "-k2");
    const gsize length = strlen(name) - (*two_phases ? 3 : 0);
    for (guint i = 0; i < G_N_ELEMENTS(presets); i++)
        if (strlen(presets[i].name) == length && strncmp(presets[i].name, name, length) == 0)
            return &presets[i];
    return NULL;
}

gboolean dkm_preset_find(const char *name, DkmPreset *preset, GError **error)
{
    for (guint i = 0; dkm_preset_names[i]; i++) {
        if (strcmp(dkm_preset_names[i], name) != 0)
            continue;
        gboolean two_phases;
        *preset = *find_base(name, &two_phases);
        preset->name = dkm_preset_names[i];
        if (two_phases)
            preset->outputs = 2;
        return TRUE;
    }
    g_autofree char *known = g_strjoinv(", ", (char **)dkm_preset_names);
    g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE, "no preset is called \"%s\"; known: %s", name,
                known);
    return FALSE;
}

int dkm_preset_dm_inputs(const DkmPreset *preset)
{
    return preset->image_channels * (preset->reading == DKM_READING_B2 ? 2 : 1);
}

int dkm_preset_sm_inputs(const DkmPreset *preset)
{
    switch (preset->input) {
    case DKM_INPUT_POST:
        return 3;
    case DKM_INPUT_PREDICTED:
        return 1 + preset->outputs;
    case DKM_INPUT_ANY:
        return 5;
    default:
        return 1;
    }
}

guint dkm_preset_posts(const DkmPreset *preset)
{
    const gboolean sees = preset->input == DKM_INPUT_POST || preset->input == DKM_INPUT_ANY;
    return sees ? DKM_POST_BOTH : 0;
}

gboolean dkm_preset_accepts(const DkmPreset *preset, guint posts)
{
    return preset->input == DKM_INPUT_ANY ? posts <= DKM_POST_BOTH
                                          : posts == dkm_preset_posts(preset);
}

const char *dkm_posts_name(guint posts)
{
    static const char *const names[] = {"pre", "pre early", "pre late", "pre early late"};
    return names[posts & DKM_POST_BOTH];
}

char *dkm_preset_accepted(const DkmPreset *preset)
{
    GString *text = g_string_new(NULL);
    for (guint posts = 0; posts <= DKM_POST_BOTH; posts++)
        if (dkm_preset_accepts(preset, posts))
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", dkm_posts_name(posts));
    return g_string_free(text, FALSE);
}

void dkm_preset_set_network(DkmPreset *preset, DkmNetworkKind network)
{
    const int base = preset->sm_width[0];
    preset->network = network;
    if (network != DKM_NETWORK_PLAIN)
        return;
    const int widths[] = {base, base * 5 / 2, base * 4, base * 17 / 2};
    for (int i = 0; i < DKM_LEVELS; i++) {
        preset->sm_width[i] = widths[i];
        preset->fuse[i] = FALSE;
    }
}

gboolean dkm_preset_fuses(const DkmPreset *preset)
{
    for (int i = 0; i < DKM_LEVELS; i++)
        if (preset->fuse[i])
            return TRUE;
    return FALSE;
}

gboolean dkm_preset_uses_dm(const DkmPreset *preset)
{
    return dkm_preset_fuses(preset) || preset->input == DKM_INPUT_PREDICTED;
}

int dkm_preset_code_channels(const DkmPreset *preset, int level)
{
    return preset->base * preset->multiplier[level];
}

static const char *const reading_names[] = {"A", "B1", "B2", "regression"};
static const char *const tap_names[] = {"decoder", "encoder"};
static const char *const input_names[] = {"pre", "post", "predicted", "any"};
static const char *const network_names[] = {"kinetic", "plain"};

static gboolean parse_name(const char *text, const char *const *names, guint n, const char *what,
                           guint *found, GError **error)
{
    g_autoptr(GString) known = g_string_new(NULL);
    for (guint i = 0; i < n; i++) {
        if (strcmp(names[i], text) == 0) {
            *found = i;
            return TRUE;
        }
        g_string_append_printf(known, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " or ", names[i]);
    }
    g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE, "no %s is called \"%s\": it is %s", what, text,
                known->str);
    return FALSE;
}

const char *dkm_reading_name(DkmReading reading)
{
    return reading_names[reading];
}

gboolean dkm_reading_parse(const char *text, DkmReading *reading, GError **error)
{
    guint found;
    if (!parse_name(text, reading_names, G_N_ELEMENTS(reading_names), "reading", &found, error))
        return FALSE;
    *reading = (DkmReading)found;
    return TRUE;
}

const char *dkm_tap_name(DkmTapSide tap)
{
    return tap_names[tap];
}

gboolean dkm_tap_parse(const char *text, DkmTapSide *tap, GError **error)
{
    guint found;
    if (!parse_name(text, tap_names, G_N_ELEMENTS(tap_names), "tap", &found, error))
        return FALSE;
    *tap = (DkmTapSide)found;
    return TRUE;
}

const char *dkm_input_name(DkmInput input)
{
    return input_names[input];
}

gboolean dkm_input_parse(const char *text, DkmInput *input, GError **error)
{
    guint found;
    if (!parse_name(text, input_names, G_N_ELEMENTS(input_names), "input", &found, error))
        return FALSE;
    *input = (DkmInput)found;
    return TRUE;
}

const char *dkm_network_kind_name(DkmNetworkKind network)
{
    return network_names[network];
}

gboolean dkm_network_kind_parse(const char *text, DkmNetworkKind *network, GError **error)
{
    guint found;
    if (!parse_name(text, network_names, G_N_ELEMENTS(network_names), "network", &found, error))
        return FALSE;
    *network = (DkmNetworkKind)found;
    return TRUE;
}

char *dkm_fusion_name(const gboolean fuse[DKM_LEVELS])
{
    GString *name = g_string_new(NULL);
    for (int i = 0; i < DKM_LEVELS; i++)
        if (fuse[i])
            g_string_append_printf(name, "f%d", i + 1);
    if (name->len == 0)
        g_string_append(name, "none");
    return g_string_free(name, FALSE);
}

gboolean dkm_fusion_parse(const char *text, gboolean fuse[DKM_LEVELS], GError **error)
{
    for (guint set = 0; set < 1u << DKM_LEVELS; set++) {
        gboolean wanted[DKM_LEVELS];
        for (int i = 0; i < DKM_LEVELS; i++)
            wanted[i] = (set >> i & 1u) != 0;
        g_autofree char *name = dkm_fusion_name(wanted);
        if (strcmp(name, text) != 0)
            continue;
        memcpy(fuse, wanted, sizeof wanted);
        return TRUE;
    }
    g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE,
                "fusion set \"%s\" is none of \"none\", \"f1\", ... \"f1f2f3f4\"", text);
    return FALSE;
}
