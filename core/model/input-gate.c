#include "core/model/input-gate.h"

#include "core/i18n.h"
#include "core/model/model.h"

#include <math.h>

/* What resampling bridges without leaving the kind of image; what a brightness may exceed the
 * extremes of the training patients by. Our choice, not a published limit. */
static const double same_field = 0.05, pixel_factor = 1.25, slice_factor = 1.5,
                    brightness_room = 0.5;
static const double card_pixel_mm = 0.71429, card_field_tesla[] = {1.5, 3};

typedef struct {
    const DkmTrainedOn *trained; /* NULL: the file says nothing */
    GPtrArray *sentences;
} Gate;

G_GNUC_PRINTF(2, 3) static void say(Gate *gate, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(gate->sentences, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

/* "1.5 T and 3 T". */
static char *list_fields(const double *fields, guint n)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i + 1 < n; i++)
        g_string_append_printf(text, "%s%.3g T", i ? ", " : "", fields[i]);
    if (n > 1) {
        g_autofree char *most = g_string_free(text, FALSE);
        return g_strdup_printf(_("%s and %.3g T"), most, fields[n - 1]);
    }
    if (n)
        g_string_append_printf(text, "%.3g T", fields[0]);
    return g_string_free(text, FALSE);
}

static void compare_field(Gate *gate, double tesla)
{
    const gboolean said = gate->trained && gate->trained->n_fields > 0;
    const double *fields = said ? gate->trained->field_tesla : card_field_tesla;
    const guint n = said ? gate->trained->n_fields : G_N_ELEMENTS(card_field_tesla);
    g_autofree char *list = list_fields(fields, n);
    for (guint i = 0; i < n; i++)
        if (fabs(tesla / fields[i] - 1) < same_field)
            return;
    if (isfinite(tesla))
        say(gate,
            said ? _("Field strength %.3g T: trained on %s only.")
                 : _("Field strength %.3g T: trained on %s only, by the model card (its file does "
                     "not say)."),
            tesla, list);
    else
        say(gate,
            said ? _("The images do not tell the field strength: trained on %s only.")
                 : _("The images do not tell the field strength: trained on %s only, by the model "
                     "card (its file does not say)."),
            list);
}

static void compare_fat(Gate *gate, const DkmAcquisition *a)
{
    const DkmTrainedOn *t = gate->trained;
    const gboolean said = t && t->headers > 0;
    if (said && t->fat_suppressed == 0 && a->fat_suppressed)
        say(gate, "%s", _("Fat is suppressed: no image that was trained on says that."));
    if (a->fat_suppressed || (said && t->fat_suppressed < t->headers))
        return;
    say(gate, "%s",
        said ? _("The images do not say that fat is suppressed (FS in ScanOptions): trained on "
                 "fat-suppressed images only.")
             : _("The images do not say that fat is suppressed (FS in ScanOptions): trained on "
                 "fat-suppressed images only, by the model card (its file does not say)."));
}

static void compare_vendor(Gate *gate, const char *vendor)
{
    const DkmTrainedOn *t = gate->trained;
    if (!t || t->n_vendors == 0 || !*vendor)
        return;
    g_autoptr(GString) list = g_string_new(NULL);
    for (guint i = 0; i < t->n_vendors; i++) {
        if (g_ascii_strcasecmp(t->vendor[i], vendor) == 0)
            return;
        g_string_append_printf(list, "%s%s", i ? ", " : "", t->vendor[i]);
    }
    say(gate, _("Scanner by %s: trained on images by %s only."), vendor, list->str);
}

static char *span_text(DkmSpan span)
{
    return span.high - span.low < 0.005
               ? g_strdup_printf("%.2f mm", span.low)
               : g_strdup_printf(_("%.2f to %.2f mm"), span.low, span.high);
}

static gboolean is_far(DkmSpan span, double value, double factor)
{
    return value < span.low / factor || value > span.high * factor;
}

static void compare_pixels(Gate *gate, const double pixel_mm[2])
{
    const gboolean said = gate->trained && dkm_span_is_known(gate->trained->pixel_mm);
    const DkmSpan span = said ? gate->trained->pixel_mm : (DkmSpan){card_pixel_mm, card_pixel_mm};
    g_autofree char *text = span_text(span);
    if (is_far(span, pixel_mm[0], pixel_factor) || is_far(span, pixel_mm[1], pixel_factor))
        say(gate,
            said ? _("Pixels of %.2f x %.2f mm: trained on %s.")
                 : _("Pixels of %.2f x %.2f mm: trained on %s, by the model card (its file does "
                     "not say)."),
            pixel_mm[0], pixel_mm[1], text);
}

static void compare_slices(Gate *gate, double slice_mm)
{
    if (!gate->trained || !dkm_span_is_known(gate->trained->slice_mm) ||
        !is_far(gate->trained->slice_mm, slice_mm, slice_factor))
        return;
    g_autofree char *text = span_text(gate->trained->slice_mm);
    say(gate, _("Slices %.2f mm apart: trained on %s."), slice_mm, text);
}

/* One end of the range of z-scores; what is no number is not compared. */
static void compare_end(Gate *gate, const char *what, double value, DkmSpan span)
{
    if (dkm_span_is_known(span) &&
        (value < span.low - brightness_room || value > span.high + brightness_room))
        say(gate,
            _("%s voxels lie %.2f standard deviations from the foreground's mean: trained on %.2f "
              "to %.2f."),
            what, value, span.low, span.high);
}

/* Subjects of compare_end()'s sentence. */
static const char *const ends[DKM_TRAINED_PHASES][2] = {
    /* xgettext:no-c-format */
    {N_("The darkest 1 % of the pre-contrast"),
     /* xgettext:no-c-format */
     N_("The brightest 1 % of the pre-contrast")},
    /* xgettext:no-c-format */
    {N_("The darkest 1 % of the early"),
     /* xgettext:no-c-format */
     N_("The brightest 1 % of the early")},
    /* xgettext:no-c-format */
    {N_("The darkest 1 % of the late"),
     /* xgettext:no-c-format */
     N_("The brightest 1 % of the late")},
};

static void compare_brightness(Gate *gate, const DkmBrightness brightness[DKM_TRAINED_PHASES])
{
    for (int k = 0; gate->trained && k < DKM_TRAINED_PHASES; k++) {
        compare_end(gate, _(ends[k][0]), brightness[k].low, gate->trained->low[k]);
        compare_end(gate, _(ends[k][1]), brightness[k].high, gate->trained->high[k]);
    }
}

DkmAcquisition dkm_acquisition_of_study(const DkmStudies *studies, const DkmStudy *study)
{
    const DkmPhases *dce = study->dce;
    return dkm_acquisition_read(dkm_frame_table_get(studies->table, dce->phases[0].frames[0]),
                                &dce->grid);
}

GPtrArray *dkm_input_gate(const DkmTrainedOn *trained, const DkmAcquisition *acquisition,
                          const DkmBrightness brightness[DKM_TRAINED_PHASES])
{
    Gate gate = {trained, g_ptr_array_new_with_free_func(g_free)};
    compare_field(&gate, acquisition->field_tesla);
    compare_fat(&gate, acquisition);
    compare_vendor(&gate, acquisition->vendor);
    compare_pixels(&gate, acquisition->pixel_mm);
    compare_slices(&gate, acquisition->slice_mm);
    compare_brightness(&gate, brightness);
    return gate.sentences;
}

GPtrArray *dkm_input_gate_model(const DkmModel *model, const DkmInputFacts *facts)
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
    return dkm_input_gate(said ? &trained : NULL, &facts->acquisition, brightness);
}
