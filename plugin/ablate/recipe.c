#include "plugin/ablate/recipe.h"

#include "core/error.h"
#include "core/learn/train.h"
#include "core/net/dtype.h"

#include <string.h>

/* Given by the run, or telling where and not what. */
static const char *const reserved[] = {
    "cases",   "out",    "dm",      "fold", "resume",
    "threads", "device", "minutes", "help", "checkpoint-minutes"};
/* What does not change the weights. */
static const char *const harmless[] = {"validation"};

static void option_clear(gpointer data)
{
    DkmAblateOption *option = data;
    g_free(option->name);
    g_free(option->value);
}

DkmAblateRecipe *dkm_ablate_recipe_new(void)
{
    GArray *recipe = g_array_new(FALSE, FALSE, sizeof(DkmAblateOption));
    g_array_set_clear_func(recipe, option_clear);
    return recipe;
}

void dkm_ablate_recipe_free(DkmAblateRecipe *recipe)
{
    if (recipe)
        g_array_unref(recipe);
}

static const DkmAblateOption *option_of(const DkmAblateRecipe *recipe, guint i)
{
    return &g_array_index(recipe, DkmAblateOption, i);
}

DkmAblateRecipe *dkm_ablate_recipe_dup(const DkmAblateRecipe *recipe)
{
    DkmAblateRecipe *copy = dkm_ablate_recipe_new();
    for (guint i = 0; i < recipe->len; i++) {
        const DkmAblateOption *o = option_of(recipe, i);
        const DkmAblateOption twin = {g_strdup(o->name), g_strdup(o->value)};
        g_array_append_val(copy, twin);
    }
    return copy;
}

/* Where NAME is, or belongs. */
static guint place_of(const DkmAblateRecipe *recipe, const char *name, gboolean *is_there)
{
    guint i = 0;
    while (i < recipe->len && strcmp(option_of(recipe, i)->name, name) < 0)
        i++;
    *is_there = i < recipe->len && strcmp(option_of(recipe, i)->name, name) == 0;
    return i;
}

static void drop(DkmAblateRecipe *recipe, const char *name)
{
    gboolean is_there;
    const guint i = place_of(recipe, name, &is_there);
    if (is_there)
        g_array_remove_index(recipe, i);
}

static void put(DkmAblateRecipe *recipe, const char *name, char *value_take)
{
    gboolean is_there;
    drop(recipe, name);
    const DkmAblateOption option = {g_strdup(name), value_take};
    g_array_insert_val(recipe, place_of(recipe, name, &is_there), option);
}

static gboolean is_among(const char *name, const char *const *names, guint n)
{
    for (guint i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return TRUE;
    return FALSE;
}

static gboolean check_name(const char *name, const char *where, GError **error)
{
    if (!*name || name[0] == '-' ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") < strlen(name)) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT, "%s: \"%s\" is no option of dkm train",
                    where, name);
        return FALSE;
    }
    if (is_among(name, reserved, G_N_ELEMENTS(reserved))) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                    "%s: \"%s\" is given by dkm ablate itself, not by a plan", where, name);
        return FALSE;
    }
    return TRUE;
}

static char *number_text(JsonNode *node)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    if (json_node_get_value_type(node) == G_TYPE_INT64)
        return g_strdup_printf("%" G_GINT64_FORMAT, json_node_get_int(node));
    return g_strdup(g_ascii_formatd(text, sizeof text, "%.9g", json_node_get_double(node)));
}

/* FALSE where NODE is nothing that an option can be. */
static gboolean read_member(DkmAblateRecipe *recipe, const char *name, JsonNode *node)
{
    if (JSON_NODE_HOLDS_NULL(node)) {
        drop(recipe, name);
        return TRUE;
    }
    const GType type =
        JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_INVALID;
    if (type == G_TYPE_BOOLEAN && !json_node_get_boolean(node))
        drop(recipe, name);
    else if (type == G_TYPE_BOOLEAN)
        put(recipe, name, NULL);
    else if (type == G_TYPE_STRING)
        put(recipe, name, g_strdup(json_node_get_string(node)));
    else if (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE)
        put(recipe, name, number_text(node));
    else
        return FALSE;
    return TRUE;
}

gboolean dkm_ablate_recipe_read(DkmAblateRecipe *recipe, JsonObject *object, const char *where,
                                GError **error)
{
    g_autoptr(GList) names = json_object_get_members(object);
    for (GList *l = names; l; l = l->next) {
        const char *name = l->data;
        if (!check_name(name, where, error))
            return FALSE;
        if (read_member(recipe, name, json_object_get_member(object, name)))
            continue;
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                    "%s: \"%s\" must be a text, a number, true or false", where, name);
        return FALSE;
    }
    return TRUE;
}

const char *dkm_ablate_recipe_get(const DkmAblateRecipe *recipe, const char *name)
{
    gboolean is_there;
    const guint i = place_of(recipe, name, &is_there);
    if (!is_there)
        return NULL;
    const char *value = option_of(recipe, i)->value;
    return value ? value : "";
}

void dkm_ablate_recipe_add_words(const DkmAblateRecipe *recipe, GPtrArray *words)
{
    for (guint i = 0; i < recipe->len; i++) {
        const DkmAblateOption *o = option_of(recipe, i);
        g_ptr_array_add(words, g_strconcat("--", o->name, NULL));
        if (o->value)
            g_ptr_array_add(words, g_strdup(o->value));
    }
}

char *dkm_ablate_recipe_text(const DkmAblateRecipe *recipe, const char *kind, int fold)
{
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "%s fold %d:", kind, fold);
    for (guint i = 0; i < recipe->len; i++) {
        const DkmAblateOption *o = option_of(recipe, i);
        g_string_append_printf(text, " --%s%s%s", o->name, o->value ? " " : "",
                               o->value ? o->value : "");
    }
    return g_string_free(text, FALSE);
}

static DkmTrainOptions defaults_of(const char *kind)
{
    return strcmp(kind, "dm") == 0 ? dkm_train_options_dm() : dkm_train_options_sm();
}

static double number_or(const DkmAblateRecipe *recipe, const char *name, double otherwise)
{
    const char *text = dkm_ablate_recipe_get(recipe, name);
    return text ? g_ascii_strtod(text, NULL) : otherwise;
}

int dkm_ablate_recipe_epochs(const DkmAblateRecipe *recipe, const char *kind)
{
    return (int)number_or(recipe, "epochs", defaults_of(kind).epochs);
}

/* -- what a file says of itself */

/* One comparison; the texts of core/learn/loop.c, which writes "trained_on". */
typedef struct {
    const DkmAblateRecipe *recipe;
    const DkmWeights *weights;
    char **told; /* the parts of "trained_on" */
    GError **error;
} Match;

static gboolean differs(const Match *m, const char *what, const char *wanted)
{
    g_set_error(m->error, DKM_ERROR, DKM_ERROR_INPUT, "it was trained otherwise: %s should be %s",
                what, wanted);
    return FALSE;
}

static gboolean has_part(const Match *m, const char *option, const char *wanted)
{
    return g_strv_contains((const char *const *)m->told, wanted) || differs(m, option, wanted);
}

G_GNUC_PRINTF(3, 4)
static gboolean has(const Match *m, const char *option, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    g_autofree char *wanted = g_strdup_vprintf(format, values);
    va_end(values);
    return has_part(m, option, wanted);
}

/* A number of the recipe, as %g of the float that the training has of it. */
static double as_float(const Match *m, const char *option, float otherwise)
{
    return (double)(float)number_or(m->recipe, option, (double)otherwise);
}

static gboolean numbers_match(const Match *m, const DkmTrainOptions *d, const char *kind)
{
    const gboolean cosine = dkm_ablate_recipe_get(m->recipe, "cosine") != NULL;
    const gboolean augment = (d->augment || dkm_ablate_recipe_get(m->recipe, "augment")) &&
                             !dkm_ablate_recipe_get(m->recipe, "no-augment");
    const char *precision = dkm_ablate_recipe_get(m->recipe, "precision");
    const double rate = as_float(m, "rate", d->rate);
    g_autofree char *length =
        cosine ? g_strdup_printf("over %d epochs", dkm_ablate_recipe_epochs(m->recipe, kind))
               : g_strdup("constant");
    return has(m, "--batch", "batch %d", (int)number_or(m->recipe, "batch", d->batch)) &&
           has(m, "--side", "side %d", (int)number_or(m->recipe, "side", d->side)) &&
           has(m, "--augment", "%s", augment ? "augmented" : "centred") &&
           has(m, "--rate", "rate %g %s", rate, length) &&
           has(m, "--weight-decay", "decay %g", as_float(m, "weight-decay", d->weight_decay)) &&
           has(m, "--average", "average %g", as_float(m, "average", d->average_decay)) &&
           has(m, "--dropout", "dropout %g", as_float(m, "dropout", d->dropout)) &&
           has(m, "--seed", "seed %.0f", number_or(m->recipe, "seed", 0)) &&
           has(m, "--precision", "%s", precision ? precision : dkm_dtype_name(d->dtype));
}

static gboolean is_told(const Match *m, const char *key, const char *wanted)
{
    const char *value = dkm_weights_meta(m->weights, key);
    g_autofree char *member = g_strdelimit(g_strdup(key), "-", '_');
    value = value ? value : dkm_weights_meta(m->weights, member);
    return (value && strcmp(value, wanted) == 0) || differs(m, key, wanted);
}

static gboolean preset_matches(const Match *m)
{
    const char *name = dkm_ablate_recipe_get(m->recipe, "preset"),
               *reading = dkm_ablate_recipe_get(m->recipe, "reading"),
               *tap = dkm_ablate_recipe_get(m->recipe, "tap"),
               *rule = dkm_ablate_recipe_get(m->recipe, "normalisation");
    DkmPreset preset;
    return dkm_preset_find(name ? name : "small", &preset, m->error) &&
           is_told(m, "preset", preset.name) &&
           is_told(m, "reading", reading ? reading : dkm_reading_name(preset.reading)) &&
           is_told(m, "tap", tap ? tap : dkm_tap_name(preset.tap)) &&
           is_told(m, "normalisation",
                   rule ? rule : dkm_normalise_rule_name(DKM_NORMALISE_FOREGROUND));
}

/* Options that are compared above. */
static const char *const compared[] = {"preset", "reading", "tap",          "normalisation",
                                       "batch",  "side",    "rate",         "cosine",
                                       "epochs", "augment", "no-augment",   "precision",
                                       "seed",   "average", "weight-decay", "dropout"};

/* Every other option has a metadata member of its name, or is not told. */
static gboolean others_match(const Match *m)
{
    for (guint i = 0; i < m->recipe->len; i++) {
        const DkmAblateOption *o = option_of(m->recipe, i);
        if (is_among(o->name, compared, G_N_ELEMENTS(compared)) ||
            is_among(o->name, harmless, G_N_ELEMENTS(harmless)))
            continue;
        if (!is_told(m, o->name, o->value ? o->value : "true"))
            return FALSE;
    }
    return TRUE;
}

gboolean dkm_ablate_recipe_matches(const DkmAblateRecipe *recipe, const char *kind, int fold,
                                   const DkmWeights *weights, GError **error)
{
    const char *trained_on = dkm_weights_meta(weights, "trained_on");
    const DkmTrainOptions d = defaults_of(kind);
    g_auto(GStrv) told = g_strsplit(trained_on ? trained_on : "", ", ", -1);
    const Match match = {recipe, weights, told, error};
    g_autofree char *begin = g_strconcat(kind, " ", NULL), *place = g_strdup_printf("%d", fold);
    if (!trained_on || !g_str_has_prefix(trained_on, begin))
        return differs(&match, "the module", kind);
    return is_told(&match, "split_fold", place) && preset_matches(&match) &&
           numbers_match(&match, &d, kind) && others_match(&match);
}
