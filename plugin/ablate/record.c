#include "plugin/ablate/record.h"

#include "core/atomic-file.h"
#include "core/error.h"
#include "core/json-value.h"
#include "core/regular-file.h"
#include "plugin/ablate/json-read.h"
#include "plugin/ablate/schedule.h"
#include "plugin/commit.h"
#include "plugin/options.h"

#include <math.h>
#include <string.h>

enum { MAX_RECORD_BYTES = 16 << 20 };

const char *dkm_ablate_commit(void)
{
    return DKM_COMMIT;
}

static void object_unref(gpointer object)
{
    json_object_unref(object);
}

DkmAblateRecord *dkm_ablate_record_new(void)
{
    DkmAblateRecord *record = g_new0(DkmAblateRecord, 1);
    record->runs = g_ptr_array_new_with_free_func(object_unref);
    return record;
}

void dkm_ablate_record_free(DkmAblateRecord *record)
{
    if (!record)
        return;
    g_free(record->recipe);
    g_free(record->weights_sha256);
    g_free(record->dm_sha256);
    g_free(record->history);
    g_free(record->trained_on);
    g_ptr_array_unref(record->runs);
    g_free(record);
}

/* -- reading */

static void read_runs(DkmAblateRecord *record, JsonObject *root)
{
    JsonArray *runs = dkm_json_get_array(root, "runs");
    for (guint i = 0; runs && i < json_array_get_length(runs); i++)
        if (JSON_NODE_HOLDS_OBJECT(json_array_get_element(runs, i)))
            g_ptr_array_add(record->runs, json_object_ref(json_array_get_object_element(runs, i)));
}

static gint64 whole(JsonObject *root, const char *name)
{
    const double value = dkm_json_get_number(root, name);
    return fabs(value) < 1e15 ? (gint64)value : 0;
}

DkmAblateRecord *dkm_ablate_record_load(const char *path, GError **error)
{
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return NULL;
    g_autofree char *text = dkm_regular_file_read(path, MAX_RECORD_BYTES, DKM_ERROR_INPUT, error);
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *root = text ? dkm_json_parse(parser, text) : NULL;
    if (!root || !dkm_json_get_text(root, "recipe")) {
        if (text)
            g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT, "it is no record of a training");
        g_prefix_error(error, "%s: ", path);
        return NULL;
    }
    DkmAblateRecord *record = dkm_ablate_record_new();
    record->recipe = g_strdup(dkm_json_get_text(root, "recipe"));
    record->weights_sha256 = g_strdup(dkm_json_get_text(root, "weights_sha256"));
    record->dm_sha256 = g_strdup(dkm_json_get_text(root, "dm_weights_sha256"));
    record->history = g_strdup(dkm_json_get_text(root, "history"));
    record->trained_on = g_strdup(dkm_json_get_text(root, "trained_on"));
    record->seed = whole(root, "seed");
    record->fold = (int)whole(root, "fold");
    record->is_done = g_strcmp0(dkm_json_get_text(root, "state"), "done") == 0;
    read_runs(record, root);
    return record;
}

/* -- writing */

static void add_curve(JsonBuilder *json, const char *history)
{
    g_autoptr(GArray) epochs = dkm_ablate_parse_history(history);
    json_builder_set_member_name(json, "curve");
    json_builder_begin_array(json);
    for (guint i = 0; i < epochs->len; i++) {
        const DkmAblateEpoch *e = &g_array_index(epochs, DkmAblateEpoch, i);
        json_builder_begin_object(json);
        dkm_json_int(json, "epoch", e->epoch);
        dkm_json_real(json, "loss", e->loss);
        dkm_json_real(json, "validation", e->validation);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static void add_runs(JsonBuilder *json, const DkmAblateRecord *record)
{
    json_builder_set_member_name(json, "runs");
    json_builder_begin_array(json);
    for (guint i = 0; i < record->runs->len; i++) {
        JsonNode *node = json_node_new(JSON_NODE_OBJECT);
        json_node_set_object(node, record->runs->pdata[i]);
        json_builder_add_value(json, node);
    }
    json_builder_end_array(json);
}

static void add_split(JsonBuilder *json, const DkmAblateRecord *record)
{
    json_builder_set_member_name(json, "split");
    json_builder_begin_object(json);
    dkm_json_int(json, "seed", record->seed);
    dkm_json_int(json, "fold", record->fold);
    dkm_json_text(json, "rule", "by a hash of the patient's name, five folds; core/learn/split.c");
    json_builder_end_object(json);
}

gboolean dkm_ablate_record_save(const DkmAblateRecord *record, const char *path, GError **error)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    dkm_json_text(json, "program", "DKM Workstation");
    dkm_json_text(json, "version", DKM_VERSION);
    dkm_json_text(json, "commit", dkm_ablate_commit());
    dkm_json_text(json, "state", record->is_done ? "done" : "not done");
    dkm_json_text(json, "recipe", record->recipe);
    dkm_json_int(json, "seed", record->seed);
    dkm_json_int(json, "fold", record->fold);
    add_split(json, record);
    dkm_json_text(json, "weights_sha256", record->weights_sha256);
    if (record->dm_sha256)
        dkm_json_text(json, "dm_weights_sha256", record->dm_sha256);
    dkm_json_text(json, "trained_on", record->trained_on);
    dkm_json_real(json, "seconds", dkm_ablate_record_seconds(record));
    add_runs(json, record);
    add_curve(json, record->history);
    dkm_json_text(json, "history", record->history);
    json_builder_end_object(json);
    g_autofree char *text = dkm_json_to_text(json);
    return dkm_atomic_write(path, text, strlen(text), error);
}

/* -- runs */

void dkm_ablate_record_begin(DkmAblateRecord *record, const char *command)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *started = g_date_time_format_iso8601(now);
    JsonObject *run = json_object_new();
    json_object_set_string_member(run, "command", command);
    json_object_set_string_member(run, "started", started);
    json_object_set_string_member(run, "commit", dkm_ablate_commit());
    g_ptr_array_add(record->runs, run);
}

void dkm_ablate_record_end(DkmAblateRecord *record, double seconds, int status)
{
    JsonObject *run = record->runs->pdata[record->runs->len - 1];
    json_object_set_double_member(run, "seconds", seconds);
    json_object_set_int_member(run, "status", status);
}

double dkm_ablate_record_seconds(const DkmAblateRecord *record)
{
    double sum = 0;
    for (guint i = 0; i < record->runs->len; i++)
        sum += json_object_get_double_member_with_default(record->runs->pdata[i], "seconds", 0);
    return sum;
}
