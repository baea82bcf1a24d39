#include "core/model/input-gate.h"

#include "core/model/model.h"

#include <math.h>

/* What resampling bridges without leaving the kind of image; what a brightness may exceed the
 * extremes of the training patients by. Our choice, not a published limit. */
static const double same_field = 0.05, pixel_factor = 1.25, slice_factor = 1.5,
                    brightness_room = 0.5;
static const double card_pixel_mm = 0.71429, card_field_tesla[] = {1.5, 3};

typedef struct {
    const DkmTrainedOn *trained; /* NULL: the file says nothing */
    GPtrArray *findings;
} Gate;

/* "field|file|0.5|1.5|3": the kind, who says what was trained on (its file, or the card of the
 * models that are shipped), and the values. input-gate-words.c reads it. */
static GString *finding_new(const char *kind, gboolean said)
{
    GString *finding = g_string_new(kind);
    g_string_append(finding, said ? "|file" : "|card");
    return finding;
}

static void put_number(GString *finding, double number)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf(finding, "|%s", g_ascii_dtostr(digits, sizeof digits, number));
}

static void put_span(GString *finding, DkmSpan span)
{
    put_number(finding, span.low);
    put_number(finding, span.high);
}

static void put_text(GString *finding, const char *text)
{
    g_autofree char *whole = g_strdelimit(g_strdup(text), "|\n", ' ');
    g_string_append_printf(finding, "|%s", whole);
}

static void keep(Gate *gate, GString *finding)
{
    g_ptr_array_add(gate->findings, g_string_free(finding, FALSE));
}

static void compare_field(Gate *gate, double tesla)
{
    const gboolean said = gate->trained && gate->trained->n_fields > 0;
    const double *fields = said ? gate->trained->field_tesla : card_field_tesla;
    const guint n = said ? gate->trained->n_fields : G_N_ELEMENTS(card_field_tesla);
    for (guint i = 0; i < n; i++)
        if (fabs(tesla / fields[i] - 1) < same_field)
            return;
    GString *finding = finding_new(isfinite(tesla) ? "field" : "no-field", said);
    if (isfinite(tesla))
        put_number(finding, tesla);
    for (guint i = 0; i < n; i++)
        put_number(finding, fields[i]);
    keep(gate, finding);
}

static void compare_fat(Gate *gate, const DkmAcquisition *a)
{
    const DkmTrainedOn *t = gate->trained;
    const gboolean said = t && t->headers > 0;
    if (said && t->fat_suppressed == 0 && a->fat_suppressed)
        keep(gate, finding_new("fat", said));
    if (a->fat_suppressed || (said && t->fat_suppressed < t->headers))
        return;
    keep(gate, finding_new("no-fat", said));
}

static void compare_vendor(Gate *gate, const char *vendor)
{
    const DkmTrainedOn *t = gate->trained;
    if (!t || t->n_vendors == 0 || !*vendor)
        return;
    for (guint i = 0; i < t->n_vendors; i++)
        if (g_ascii_strcasecmp(t->vendor[i], vendor) == 0)
            return;
    GString *finding = finding_new("vendor", TRUE);
    put_text(finding, vendor);
    for (guint i = 0; i < t->n_vendors; i++)
        put_text(finding, t->vendor[i]);
    keep(gate, finding);
}

static gboolean is_far(DkmSpan span, double value, double factor)
{
    return value < span.low / factor || value > span.high * factor;
}

static void compare_pixels(Gate *gate, const double pixel_mm[2])
{
    const gboolean said = gate->trained && dkm_span_is_known(gate->trained->pixel_mm);
    const DkmSpan span = said ? gate->trained->pixel_mm : (DkmSpan){card_pixel_mm, card_pixel_mm};
    if (!is_far(span, pixel_mm[0], pixel_factor) && !is_far(span, pixel_mm[1], pixel_factor))
        return;
    GString *finding = finding_new("pixels", said);
    put_number(finding, pixel_mm[0]);
    put_number(finding, pixel_mm[1]);
    put_span(finding, span);
    keep(gate, finding);
}

static void compare_slices(Gate *gate, double slice_mm)
{
    if (!gate->trained || !dkm_span_is_known(gate->trained->slice_mm) ||
        !is_far(gate->trained->slice_mm, slice_mm, slice_factor))
        return;
    GString *finding = finding_new("slices", TRUE);
    put_number(finding, slice_mm);
    put_span(finding, gate->trained->slice_mm);
    keep(gate, finding);
}

/* One end of the range of PHASE's z-scores; what is no number is not compared. */
static void compare_end(Gate *gate, const char *end, int phase, double value, DkmSpan span)
{
    const gboolean is_beyond =
        value < span.low - brightness_room || value > span.high + brightness_room;
    if (!dkm_span_is_known(span) || !is_beyond)
        return;
    GString *finding = finding_new(end, TRUE);
    put_number(finding, phase);
    put_number(finding, value);
    put_span(finding, span);
    keep(gate, finding);
}

static void compare_brightness(Gate *gate, const DkmBrightness brightness[DKM_TRAINED_PHASES])
{
    for (int k = 0; gate->trained && k < DKM_TRAINED_PHASES; k++) {
        compare_end(gate, "darkest", k, brightness[k].low, gate->trained->low[k]);
        compare_end(gate, "brightest", k, brightness[k].high, gate->trained->high[k]);
    }
}

DkmAcquisition dkm_acquisition_of_study(const DkmStudies *studies, const DkmStudy *study)
{
    const DkmPhases *dce = study->dce;
    return dkm_acquisition_read(dkm_frame_table_get(studies->table, dce->phases[0].frames[0]),
                                &dce->grid);
}

GPtrArray *dkm_input_gate_find(const DkmTrainedOn *trained, const DkmAcquisition *acquisition,
                               const DkmBrightness brightness[DKM_TRAINED_PHASES])
{
    Gate gate = {trained, g_ptr_array_new_with_free_func(g_free)};
    compare_field(&gate, acquisition->field_tesla);
    compare_fat(&gate, acquisition);
    compare_vendor(&gate, acquisition->vendor);
    compare_pixels(&gate, acquisition->pixel_mm);
    compare_slices(&gate, acquisition->slice_mm);
    compare_brightness(&gate, brightness);
    return gate.findings;
}

GPtrArray *dkm_input_gate_find_model(const DkmModel *model, const DkmInputFacts *facts)
{
    DkmTrainedOn trained;
    DkmNormalisation normalisation;
    DkmBrightness brightness[DKM_TRAINED_PHASES];
    DkmVolume *pre = facts->phase[DKM_TRAINED_PRE];
    const gboolean said = dkm_trained_on_parse(dkm_model_meta(model, DKM_TRAINED_ON_KEY), &trained);
    const DkmNormaliseRule rule = dkm_model_normalise_rule(model);
    const gboolean measured =
        said && pre && dkm_normalisation_measure(pre, rule, &normalisation, NULL);
    for (int k = 0; k < DKM_TRAINED_PHASES; k++)
        brightness[k] = measured && facts->phase[k]
                            ? dkm_brightness_measure(pre, facts->phase[k], &normalisation)
                            : (DkmBrightness){NAN, NAN};
    return dkm_input_gate_find(said ? &trained : NULL, &facts->acquisition, brightness);
}
