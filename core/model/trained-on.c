#include "core/model/trained-on.h"

#include "core/json-value.h"

#include <math.h>
#include <string.h>

/* Some tell the field in gauss. Two fields are the same within 5 %: 2.89 T is sold as 3 T. */
static const double gauss_a_tesla = 10000, most_tesla = 100, same_field = 0.05;
static const double low_share = 0.01, high_share = 0.99;
static const char *const phase_names[DKM_TRAINED_PHASES] = {"pre", "early", "late"};

DkmSpan dkm_span_with(DkmSpan span, double value)
{
    if (!isfinite(value))
        return span;
    if (!dkm_span_is_known(span))
        return (DkmSpan){value, value};
    return (DkmSpan){MIN(span.low, value), MAX(span.high, value)};
}

/* -- one study */

static double in_tesla(double stored)
{
    if (!(stored > 0))
        return NAN;
    return stored > most_tesla ? stored / gauss_a_tesla : stored;
}

/* FS is DICOM's term (0018,0022); vendors pad it. */
static gboolean says_fat_suppressed(const char *scan_options)
{
    g_auto(GStrv) words = g_strsplit(scan_options ? scan_options : "", "\\", -1);
    for (guint i = 0; words[i]; i++)
        if (strcmp(g_strstrip(words[i]), "FS") == 0)
            return TRUE;
    return FALSE;
}

/* Cut at a character's end. */
static void copy_vendor(char to[DKM_VENDOR_BYTES], const char *from)
{
    g_autofree char *valid = g_utf8_make_valid(from ? from : "", -1);
    g_strlcpy(to, g_strstrip(valid), DKM_VENDOR_BYTES);
    const char *end = NULL;
    if (!g_utf8_validate(to, -1, &end))
        to[end - to] = '\0';
}

DkmAcquisition dkm_acquisition_read(const DkmFrame *frame, const DkmGrid *grid)
{
    DkmAcquisition a = {.has_header = frame != NULL,
                        .field_tesla = NAN,
                        .pixel_mm = {grid->spacing_mm[1], grid->spacing_mm[2]},
                        .slice_mm = grid->spacing_mm[0],
                        .slices = grid->n[0]};
    if (!frame)
        return a;
    a.field_tesla = in_tesla(frame->field_strength);
    a.fat_suppressed = says_fat_suppressed(frame->scan_options);
    copy_vendor(a.vendor, frame->manufacturer);
    return a;
}

/* -- brightness */

enum { BINS = 4000 }; /* of 0.005 standard deviations */

static double quantile_of(const gsize bins[BINS], gsize n, double share)
{
    const double width = 2.0 * (double)DKM_NORMALISE_CLAMP / BINS, wanted = share * (double)n;
    gsize below = 0;
    for (int i = 0; i < BINS; i++) {
        below += bins[i];
        if ((double)below >= wanted)
            return (i + 0.5) * width - (double)DKM_NORMALISE_CLAMP;
    }
    return (double)DKM_NORMALISE_CLAMP;
}

DkmBrightness dkm_brightness_measure(const DkmVolume *pre, const DkmVolume *phase,
                                     const DkmNormalisation *normalisation)
{
    const DkmGrid *grid = dkm_volume_grid(pre);
    const gsize n = (gsize)grid->n[1] * (gsize)grid->n[2];
    const float scale = BINS / (2 * DKM_NORMALISE_CLAMP);
    g_autofree float *before = g_new(float, n), *values = g_new(float, n);
    g_autofree gsize *bins = g_new0(gsize, BINS);
    gsize count = 0;
    for (int z = 0; z < grid->n[0]; z++) {
        dkm_volume_read_slice(pre, z, before);
        dkm_volume_read_slice(phase, z, values);
        dkm_normalisation_apply(normalisation, values, n);
        for (gsize i = 0; i < n; i++) {
            if (!(before[i] > normalisation->floor))
                continue;
            const int bin = (int)((values[i] + DKM_NORMALISE_CLAMP) * scale);
            bins[CLAMP(bin, 0, BINS - 1)]++;
            count++;
        }
    }
    if (count == 0)
        return (DkmBrightness){NAN, NAN};
    return (DkmBrightness){quantile_of(bins, count, low_share),
                           quantile_of(bins, count, high_share)};
}

/* -- over studies */

void dkm_trained_on_init(DkmTrainedOn *trained)
{
    *trained = (DkmTrainedOn){.slices_a_study = dkm_span_none(),
                              .pixel_mm = dkm_span_none(),
                              .slice_mm = dkm_span_none()};
    for (int k = 0; k < DKM_TRAINED_PHASES; k++)
        trained->low[k] = trained->high[k] = dkm_span_none();
}

static void add_field(DkmTrainedOn *trained, double tesla)
{
    for (guint i = 0; i < trained->n_fields; i++)
        if (fabs(trained->field_tesla[i] / tesla - 1) < same_field)
            return;
    if (isfinite(tesla) && tesla > 0 && trained->n_fields < DKM_MOST_FIELDS)
        trained->field_tesla[trained->n_fields++] = tesla;
}

static void add_vendor(DkmTrainedOn *trained, const char *vendor)
{
    for (guint i = 0; i < trained->n_vendors; i++)
        if (g_ascii_strcasecmp(trained->vendor[i], vendor) == 0)
            return;
    if (*vendor && trained->n_vendors < DKM_MOST_VENDORS)
        copy_vendor(trained->vendor[trained->n_vendors++], vendor);
}

void dkm_trained_on_add(DkmTrainedOn *trained, const DkmAcquisition *a,
                        const DkmBrightness brightness[DKM_TRAINED_PHASES])
{
    trained->studies++;
    trained->slices += (guint)a->slices;
    trained->slices_a_study = dkm_span_with(trained->slices_a_study, a->slices);
    trained->slice_mm = dkm_span_with(trained->slice_mm, a->slice_mm);
    for (int i = 0; i < 2; i++)
        trained->pixel_mm = dkm_span_with(trained->pixel_mm, a->pixel_mm[i]);
    for (int k = 0; k < DKM_TRAINED_PHASES; k++) {
        trained->low[k] = dkm_span_with(trained->low[k], brightness[k].low);
        trained->high[k] = dkm_span_with(trained->high[k], brightness[k].high);
    }
    if (!a->has_header)
        return;
    trained->headers++;
    trained->fat_suppressed += a->fat_suppressed;
    add_field(trained, a->field_tesla);
    add_vendor(trained, a->vendor);
}

/* -- text */

static void add_count(JsonBuilder *json, const char *name, guint value)
{
    json_builder_set_member_name(json, name);
    json_builder_add_int_value(json, value);
}

/* Three decimals are what anybody reads. */
static double rounded(double value)
{
    return round(value * 1000) / 1000;
}

static void add_span(JsonBuilder *json, const char *name, DkmSpan span)
{
    if (!dkm_span_is_known(span))
        return;
    json_builder_set_member_name(json, name);
    json_builder_begin_array(json);
    dkm_json_add_real(json, rounded(span.low));
    dkm_json_add_real(json, rounded(span.high));
    json_builder_end_array(json);
}

static void add_phases(JsonBuilder *json, const DkmTrainedOn *trained)
{
    json_builder_set_member_name(json, "z_scores");
    json_builder_begin_object(json);
    for (int k = 0; k < DKM_TRAINED_PHASES; k++) {
        json_builder_set_member_name(json, phase_names[k]);
        json_builder_begin_object(json);
        add_span(json, "percentile_1", trained->low[k]);
        add_span(json, "percentile_99", trained->high[k]);
        json_builder_end_object(json);
    }
    json_builder_end_object(json);
}

char *dkm_trained_on_to_text(const DkmTrainedOn *trained)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    add_count(json, "patients", trained->patients);
    add_count(json, "studies", trained->studies);
    add_count(json, "slices", trained->slices);
    add_count(json, "with_header", trained->headers);
    add_count(json, "fat_suppressed", trained->fat_suppressed);
    add_span(json, "slices_a_study", trained->slices_a_study);
    add_span(json, "pixel_mm", trained->pixel_mm);
    add_span(json, "slice_mm", trained->slice_mm);
    json_builder_set_member_name(json, "field_tesla");
    json_builder_begin_array(json);
    for (guint i = 0; i < trained->n_fields; i++)
        dkm_json_add_real(json, rounded(trained->field_tesla[i]));
    json_builder_end_array(json);
    json_builder_set_member_name(json, "vendors");
    json_builder_begin_array(json);
    for (guint i = 0; i < trained->n_vendors; i++)
        dkm_json_add_text(json, trained->vendor[i]);
    json_builder_end_array(json);
    add_phases(json, trained);
    json_builder_end_object(json);
    g_autoptr(JsonNode) root = json_builder_get_root(json);
    return json_to_string(root, FALSE);
}

static gboolean is_number(JsonNode *node)
{
    const GType type =
        node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_INVALID;
    return type == G_TYPE_DOUBLE || type == G_TYPE_INT64;
}

static guint read_count(JsonObject *from, const char *name)
{
    JsonNode *node = json_object_get_member(from, name);
    const double value = is_number(node) ? json_node_get_double(node) : 0;
    return value > 0 && value < G_MAXINT ? (guint)value : 0;
}

static JsonArray *read_array(JsonObject *from, const char *name)
{
    JsonNode *node = json_object_get_member(from, name);
    return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

static JsonObject *read_object(JsonObject *from, const char *name)
{
    JsonNode *node = from ? json_object_get_member(from, name) : NULL;
    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static DkmSpan read_span(JsonObject *from, const char *name)
{
    JsonArray *array = read_array(from, name);
    DkmSpan span = dkm_span_none();
    for (guint i = 0; array && i < json_array_get_length(array); i++)
        if (is_number(json_array_get_element(array, i)))
            span = dkm_span_with(span, json_array_get_double_element(array, i));
    return span;
}

static void read_lists(JsonObject *from, DkmTrainedOn *trained)
{
    JsonArray *fields = read_array(from, "field_tesla"), *vendors = read_array(from, "vendors");
    for (guint i = 0; fields && i < json_array_get_length(fields); i++)
        if (is_number(json_array_get_element(fields, i)))
            add_field(trained, json_array_get_double_element(fields, i));
    for (guint i = 0; vendors && i < json_array_get_length(vendors); i++) {
        JsonNode *node = json_array_get_element(vendors, i);
        if (JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING)
            add_vendor(trained, json_node_get_string(node));
    }
}

gboolean dkm_trained_on_parse(const char *text, DkmTrainedOn *trained)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    dkm_trained_on_init(trained);
    JsonNode *root = text && json_parser_load_from_data(parser, text, -1, NULL)
                         ? json_parser_get_root(parser)
                         : NULL;
    if (!root || !JSON_NODE_HOLDS_OBJECT(root))
        return FALSE;
    JsonObject *from = json_node_get_object(root), *phases = read_object(from, "z_scores");
    trained->patients = read_count(from, "patients");
    trained->studies = read_count(from, "studies");
    trained->slices = read_count(from, "slices");
    trained->headers = read_count(from, "with_header");
    trained->fat_suppressed = read_count(from, "fat_suppressed");
    trained->slices_a_study = read_span(from, "slices_a_study");
    trained->pixel_mm = read_span(from, "pixel_mm");
    trained->slice_mm = read_span(from, "slice_mm");
    read_lists(from, trained);
    for (int k = 0; k < DKM_TRAINED_PHASES; k++) {
        JsonObject *phase = read_object(phases, phase_names[k]);
        if (!phase)
            continue;
        trained->low[k] = read_span(phase, "percentile_1");
        trained->high[k] = read_span(phase, "percentile_99");
    }
    return trained->studies > 0;
}
