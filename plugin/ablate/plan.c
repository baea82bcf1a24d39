#include "plugin/ablate/plan.h"

#include "core/error.h"
#include "core/learn/split.h"
#include "core/regular-file.h"

#include <string.h>

enum { MAX_PLAN_BYTES = 1 << 20 };

static void diffusion_clear(gpointer data)
{
    DkmAblateDiffusion *d = data;
    g_free(d->name);
    dkm_ablate_recipe_free(d->recipe);
}

static void row_clear(gpointer data)
{
    DkmAblateRow *row = data;
    g_free(row->name);
    g_free(row->slug);
    g_free(row->control);
    dkm_ablate_recipe_free(row->recipe);
}

void dkm_ablate_plan_free(DkmAblatePlan *plan)
{
    if (!plan)
        return;
    g_free(plan->name);
    g_free(plan->note);
    g_strfreev(plan->cases);
    g_clear_pointer(&plan->folds, g_array_unref);
    g_clear_pointer(&plan->diffusion, g_array_unref);
    g_clear_pointer(&plan->rows, g_array_unref);
    g_free(plan);
}

const DkmAblateRow *dkm_ablate_plan_row(const DkmAblatePlan *plan, guint i)
{
    return &g_array_index(plan->rows, DkmAblateRow, i);
}

const DkmAblateDiffusion *dkm_ablate_plan_diffusion(const DkmAblatePlan *plan, guint i)
{
    return &g_array_index(plan->diffusion, DkmAblateDiffusion, i);
}

gboolean dkm_ablate_has_fold(const GArray *folds, int fold)
{
    for (guint i = 0; i < folds->len; i++)
        if (g_array_index(folds, int, i) == fold)
            return TRUE;
    return FALSE;
}

char *dkm_ablate_slug(const char *name)
{
    GString *slug = g_string_new(NULL);
    for (const char *c = name; *c; c++) {
        if (g_ascii_isalnum(*c) || *c == '.')
            g_string_append_c(slug, g_ascii_tolower(*c));
        else if (slug->len && slug->str[slug->len - 1] != '-')
            g_string_append_c(slug, '-');
    }
    while (slug->len && slug->str[slug->len - 1] == '-')
        g_string_truncate(slug, slug->len - 1);
    return g_string_free(slug, FALSE);
}

G_GNUC_PRINTF(2, 3)
static gboolean refuse(GError **error, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    g_autofree char *message = g_strdup_vprintf(format, values);
    va_end(values);
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT, message);
    return FALSE;
}

/* -- members */

static gboolean only_known(JsonObject *object, const char *where, const char *const *known,
                           GError **error)
{
    g_autoptr(GList) names = json_object_get_members(object);
    for (GList *l = names; l; l = l->next)
        if (!g_strv_contains(known, l->data))
            return refuse(error, "%s: there is no member \"%s\"", where, (const char *)l->data);
    return TRUE;
}

/* *TEXT: a copy, NULL where the member is absent. */
static gboolean read_text(JsonObject *object, const char *where, const char *name, char **text,
                          GError **error)
{
    JsonNode *node = json_object_get_member(object, name);
    if (!node)
        return TRUE;
    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING)
        return refuse(error, "%s: \"%s\" must be a text", where, name);
    *text = g_strdup(json_node_get_string(node));
    return TRUE;
}

/* *MEMBER: borrowed, NULL where it is absent. */
static gboolean read_object(JsonObject *object, const char *where, const char *name,
                            JsonObject **member, GError **error)
{
    JsonNode *node = json_object_get_member(object, name);
    *member = NULL;
    if (!node)
        return TRUE;
    if (!JSON_NODE_HOLDS_OBJECT(node))
        return refuse(error, "%s: \"%s\" must be an object", where, name);
    *member = json_node_get_object(node);
    return TRUE;
}

static gboolean read_array(JsonObject *object, const char *where, const char *name,
                           JsonArray **member, GError **error)
{
    JsonNode *node = json_object_get_member(object, name);
    *member = NULL;
    if (!node)
        return TRUE;
    if (!JSON_NODE_HOLDS_ARRAY(node))
        return refuse(error, "%s: \"%s\" must be a list", where, name);
    *member = json_node_get_array(node);
    return TRUE;
}

static gboolean holds(JsonNode *node, GType type)
{
    return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type;
}

static gboolean read_cases(DkmAblatePlan *plan, JsonObject *root, GError **error)
{
    JsonArray *cases;
    g_autoptr(GStrvBuilder) folders = g_strv_builder_new();
    if (!read_array(root, "the plan", "cases", &cases, error))
        return FALSE;
    for (guint i = 0; cases && i < json_array_get_length(cases); i++) {
        if (!holds(json_array_get_element(cases, i), G_TYPE_STRING))
            return refuse(error, "the plan: \"cases\" must be a list of folders");
        g_strv_builder_add(folders, json_array_get_string_element(cases, i));
    }
    plan->cases = g_strv_builder_end(folders);
    return TRUE;
}

static gboolean add_fold(DkmAblatePlan *plan, JsonNode *node, GError **error)
{
    const gint64 fold = holds(node, G_TYPE_INT64) ? json_node_get_int(node) : -1;
    if (fold < 0 || fold >= DKM_FOLDS)
        return refuse(error, "the plan: \"folds\" must be a list of numbers from 0 to %d",
                      DKM_FOLDS - 1);
    if (dkm_ablate_has_fold(plan->folds, (int)fold))
        return refuse(error, "the plan: \"folds\" names %d twice", (int)fold);
    const int value = (int)fold;
    g_array_append_val(plan->folds, value);
    return TRUE;
}

static gboolean read_folds(DkmAblatePlan *plan, JsonObject *root, GError **error)
{
    JsonArray *folds;
    plan->folds = g_array_new(FALSE, FALSE, sizeof(int));
    if (!read_array(root, "the plan", "folds", &folds, error))
        return FALSE;
    for (guint i = 0; folds && i < json_array_get_length(folds); i++)
        if (!add_fold(plan, json_array_get_element(folds, i), error))
            return FALSE;
    for (int fold = 0; !folds && fold < DKM_FOLDS; fold++)
        g_array_append_val(plan->folds, fold);
    return plan->folds->len > 0 || refuse(error, "the plan: \"folds\" is empty");
}

static gboolean read_diffusion(DkmAblatePlan *plan, JsonObject *root, GError **error)
{
    JsonObject *all, *one;
    plan->diffusion = g_array_new(FALSE, TRUE, sizeof(DkmAblateDiffusion));
    g_array_set_clear_func(plan->diffusion, diffusion_clear);
    if (!read_object(root, "the plan", "diffusion", &all, error))
        return FALSE;
    g_autoptr(GList) names = all ? json_object_get_members(all) : NULL;
    for (GList *l = names; l; l = l->next) {
        g_autofree char *slug = dkm_ablate_slug(l->data),
                        *where = g_strdup_printf("diffusion \"%s\"", (const char *)l->data);
        if (strcmp(slug, l->data) != 0 || !*slug)
            return refuse(error, "%s: its name must be of a-z, 0-9, '-' and '.'", where);
        if (!read_object(all, "diffusion", l->data, &one, error))
            return FALSE;
        const DkmAblateDiffusion d = {g_strdup(slug), dkm_ablate_recipe_new()};
        g_array_append_val(plan->diffusion, d);
        if (!dkm_ablate_recipe_read(d.recipe, one, where, error))
            return FALSE;
    }
    return TRUE;
}

static int find_diffusion(const DkmAblatePlan *plan, const char *name)
{
    for (guint i = 0; i < plan->diffusion->len; i++)
        if (strcmp(dkm_ablate_plan_diffusion(plan, i)->name, name) == 0)
            return (int)i;
    return -1;
}

static int find_row(const DkmAblatePlan *plan, const char *name)
{
    for (guint i = 0; i < plan->rows->len; i++)
        if (strcmp(dkm_ablate_plan_row(plan, i)->name, name) == 0)
            return (int)i;
    return -1;
}

/* -- rows */

static gboolean name_row(const DkmAblatePlan *plan, DkmAblateRow *row, const char *where,
                         GError **error)
{
    if (!row->name)
        return refuse(error, "%s has no \"name\"", where);
    row->slug = dkm_ablate_slug(row->name);
    if (!*row->slug)
        return refuse(error, "%s: its name must have a letter or a digit", where);
    for (guint i = 0; i < plan->rows->len; i++)
        if (dkm_ablate_plan_row(plan, i) != row &&
            strcmp(dkm_ablate_plan_row(plan, i)->slug, row->slug) == 0)
            return refuse(error, "%s: \"%s\" has files of the same names as \"%s\"", where,
                          row->name, dkm_ablate_plan_row(plan, i)->name);
    return TRUE;
}

static gboolean fill_row(const DkmAblatePlan *plan, DkmAblateRow *row, JsonObject *object,
                         const char *where, GError **error)
{
    static const char *const known[] = {"name", "diffusion", "segmentation", "control", NULL};
    g_autofree char *diffusion = NULL;
    JsonObject *options;
    if (!only_known(object, where, known, error) ||
        !read_text(object, where, "name", &row->name, error) ||
        !name_row(plan, row, where, error) ||
        !read_text(object, where, "control", &row->control, error) ||
        !read_text(object, where, "diffusion", &diffusion, error) ||
        !read_object(object, where, "segmentation", &options, error) ||
        (options && !dkm_ablate_recipe_read(row->recipe, options, where, error)))
        return FALSE;
    row->diffusion = diffusion ? find_diffusion(plan, diffusion) : -1;
    return !diffusion || row->diffusion >= 0 ||
           refuse(error, "%s: the plan has no diffusion \"%s\"", where, diffusion);
}

static gboolean read_rows(DkmAblatePlan *plan, JsonObject *root, GError **error)
{
    JsonArray *rows;
    JsonObject *common;
    g_autoptr(GArray) defaults = dkm_ablate_recipe_new();
    plan->rows = g_array_new(FALSE, TRUE, sizeof(DkmAblateRow));
    g_array_set_clear_func(plan->rows, row_clear);
    if (!read_object(root, "the plan", "segmentation", &common, error) ||
        (common && !dkm_ablate_recipe_read(defaults, common, "segmentation", error)) ||
        !read_array(root, "the plan", "rows", &rows, error))
        return FALSE;
    for (guint i = 0; rows && i < json_array_get_length(rows); i++) {
        g_autofree char *where = g_strdup_printf("row %u", i + 1);
        JsonNode *node = json_array_get_element(rows, i);
        if (!JSON_NODE_HOLDS_OBJECT(node))
            return refuse(error, "%s must be an object", where);
        const DkmAblateRow row = {.recipe = dkm_ablate_recipe_dup(defaults)};
        g_array_append_val(plan->rows, row);
        if (!fill_row(plan, &g_array_index(plan->rows, DkmAblateRow, i), json_node_get_object(node),
                      where, error))
            return FALSE;
    }
    return plan->rows->len > 0 || refuse(error, "the plan has no \"rows\"");
}

static gboolean read_baseline(DkmAblatePlan *plan, JsonObject *root, GError **error)
{
    g_autofree char *baseline = NULL;
    if (!read_text(root, "the plan", "baseline", &baseline, error))
        return FALSE;
    plan->baseline = baseline ? find_row(plan, baseline) : -1;
    return !baseline || plan->baseline >= 0 ||
           refuse(error, "the plan: the baseline \"%s\" is no row's name", baseline);
}

gboolean dkm_ablate_plan_compare_with(DkmAblatePlan *plan, const char *name, GError **error)
{
    const int row = find_row(plan, name);
    if (row >= 0) {
        plan->baseline = row;
        return TRUE;
    }
    g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE, "--baseline %s is no row's name", name);
    return FALSE;
}

GArray *dkm_ablate_plan_pick_folds(const DkmAblatePlan *plan, const char *text, GError **error)
{
    if (!text)
        return g_array_ref(plan->folds);
    g_autoptr(GArray) folds = g_array_new(FALSE, FALSE, sizeof(int));
    g_auto(GStrv) words = g_strsplit(*text ? text : " ", ",", -1); /* "" is no fold either */
    for (guint i = 0; words[i]; i++) {
        gint64 fold;
        if (!g_ascii_string_to_signed(words[i], 10, 0, DKM_FOLDS - 1, &fold, NULL) ||
            !dkm_ablate_has_fold(plan->folds, (int)fold) || dkm_ablate_has_fold(folds, (int)fold)) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE,
                        "--folds %s: \"%s\" is no fold of the plan, or named twice", text,
                        words[i]);
            return NULL;
        }
        const int value = (int)fold;
        g_array_append_val(folds, value);
    }
    return g_steal_pointer(&folds);
}

DkmAblatePlan *dkm_ablate_plan_parse(const char *text, GError **error)
{
    static const char *const known[] = {"name",         "note", "cases",    "folds", "diffusion",
                                        "segmentation", "rows", "baseline", NULL};
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GError) cause = NULL;
    if (!json_parser_load_from_data(parser, text, -1, &cause)) {
        refuse(error, "the plan is no JSON: %s", cause->message);
        return NULL;
    }
    JsonNode *node = json_parser_get_root(parser);
    if (!node || !JSON_NODE_HOLDS_OBJECT(node)) {
        refuse(error, "the plan must be one JSON object");
        return NULL;
    }
    JsonObject *root = json_node_get_object(node);
    g_autoptr(DkmAblatePlan) plan = g_new0(DkmAblatePlan, 1);
    if (!only_known(root, "the plan", known, error) ||
        !read_text(root, "the plan", "name", &plan->name, error) ||
        !read_text(root, "the plan", "note", &plan->note, error) ||
        !read_cases(plan, root, error) || !read_folds(plan, root, error) ||
        !read_diffusion(plan, root, error) || !read_rows(plan, root, error) ||
        !read_baseline(plan, root, error))
        return NULL;
    if (!plan->name) {
        refuse(error, "the plan has no \"name\"");
        return NULL;
    }
    return g_steal_pointer(&plan);
}

DkmAblatePlan *dkm_ablate_plan_load(const char *path, GError **error)
{
    g_autofree char *text = dkm_regular_file_read(path, MAX_PLAN_BYTES, DKM_ERROR_INPUT, error);
    DkmAblatePlan *plan = text ? dkm_ablate_plan_parse(text, error) : NULL;
    if (!plan)
        g_prefix_error(error, "%s: ", path);
    return plan;
}
