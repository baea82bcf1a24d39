/* The input gate's findings as sentences of the reader's language. */
#include "core/model/input-gate.h"

#include "core/i18n.h"

#include <math.h>
#include <string.h>

/* The longest is a field strength and those that were trained on. */
enum { MOST_VALUES = 1 + DKM_MOST_FIELDS };

/* What stands in a finding behind its kind. */
typedef struct {
    gboolean is_card; /* the model's file does not say what it was trained on */
    const char *const *texts;
    double value[MOST_VALUES]; /* the texts as numbers, where the kind has numbers */
    guint n;
} Finding;

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

static char *field_words(const Finding *f)
{
    g_autofree char *list = list_fields(f->value + 1, f->n - 1);
    return g_strdup_printf(f->is_card
                               ? _("Field strength %.3g T: trained on %s only, by the model card "
                                   "(its file does not say).")
                               : _("Field strength %.3g T: trained on %s only."),
                           f->value[0], list);
}

static char *no_field_words(const Finding *f)
{
    g_autofree char *list = list_fields(f->value, f->n);
    return g_strdup_printf(
        f->is_card
            ? _("The images do not tell the field strength: trained on %s only, by the model "
                "card (its file does not say).")
            : _("The images do not tell the field strength: trained on %s only."),
        list);
}

static char *fat_words(const Finding *f G_GNUC_UNUSED)
{
    return g_strdup(_("Fat is suppressed: no image that was trained on says that."));
}

static char *no_fat_words(const Finding *f)
{
    return g_strdup(
        f->is_card
            ? _("The images do not say that fat is suppressed (FS in ScanOptions): trained on "
                "fat-suppressed images only, by the model card (its file does not say).")
            : _("The images do not say that fat is suppressed (FS in ScanOptions): trained on "
                "fat-suppressed images only."));
}

static char *vendor_words(const Finding *f)
{
    g_autofree char *list = g_strjoinv(", ", (char **)(f->texts + 1));
    return g_strdup_printf(_("Scanner by %s: trained on images by %s only."), f->texts[0], list);
}

static char *span_words(const double span[2])
{
    return span[1] - span[0] < 0.005 ? g_strdup_printf("%.2f mm", span[0])
                                     : g_strdup_printf(_("%.2f to %.2f mm"), span[0], span[1]);
}

static char *pixels_words(const Finding *f)
{
    g_autofree char *span = span_words(f->value + 2);
    return g_strdup_printf(f->is_card ? _("Pixels of %.2f x %.2f mm: trained on %s, by the model "
                                          "card (its file does not say).")
                                      : _("Pixels of %.2f x %.2f mm: trained on %s."),
                           f->value[0], f->value[1], span);
}

static char *slices_words(const Finding *f)
{
    g_autofree char *span = span_words(f->value + 1);
    return g_strdup_printf(_("Slices %.2f mm apart: trained on %s."), f->value[0], span);
}

/* Subjects of end_words()'s sentence. */
static const char *const darkest[DKM_TRAINED_PHASES] = {
    /* xgettext:no-c-format */
    N_("The darkest 1 % of the pre-contrast"),
    /* xgettext:no-c-format */
    N_("The darkest 1 % of the early"),
    /* xgettext:no-c-format */
    N_("The darkest 1 % of the late"),
};
static const char *const brightest[DKM_TRAINED_PHASES] = {
    /* xgettext:no-c-format */
    N_("The brightest 1 % of the pre-contrast"),
    /* xgettext:no-c-format */
    N_("The brightest 1 % of the early"),
    /* xgettext:no-c-format */
    N_("The brightest 1 % of the late"),
};

/* NULL where it names no phase. */
static char *end_words(const Finding *f, const char *const subjects[DKM_TRAINED_PHASES])
{
    for (int phase = 0; phase < DKM_TRAINED_PHASES; phase++)
        if (f->value[0] == phase)
            return g_strdup_printf(_("%s voxels lie %.2f standard deviations from the foreground's "
                                     "mean: trained on %.2f to %.2f."),
                                   _(subjects[phase]), f->value[1], f->value[2], f->value[3]);
    return NULL;
}

static char *darkest_words(const Finding *f)
{
    return end_words(f, darkest);
}

static char *brightest_words(const Finding *f)
{
    return end_words(f, brightest);
}

static const struct {
    const char *name;
    guint least, most; /* values */
    gboolean has_numbers;
    char *(*words)(const Finding *finding);
} kinds[] = {
    {"field", 2, 1 + DKM_MOST_FIELDS, TRUE, field_words},
    {"no-field", 1, DKM_MOST_FIELDS, TRUE, no_field_words},
    {"fat", 0, 0, FALSE, fat_words},
    {"no-fat", 0, 0, FALSE, no_fat_words},
    {"vendor", 2, 1 + DKM_MOST_VENDORS, FALSE, vendor_words},
    {"pixels", 4, 4, TRUE, pixels_words},
    {"slices", 3, 3, TRUE, slices_words},
    {"darkest", 4, 4, TRUE, darkest_words},
    {"brightest", 4, 4, TRUE, brightest_words},
};

static gboolean read_numbers(Finding *finding)
{
    for (guint i = 0; i < finding->n; i++) {
        char *end = NULL;
        finding->value[i] = g_ascii_strtod(finding->texts[i], &end);
        if (end == finding->texts[i] || *end || !isfinite(finding->value[i]))
            return FALSE;
    }
    return TRUE;
}

/* NULL where there is no such kind, or not with these values. */
static char *words_of(const char *name, Finding *finding)
{
    for (guint k = 0; k < G_N_ELEMENTS(kinds); k++)
        if (strcmp(name, kinds[k].name) == 0 && finding->n >= kinds[k].least &&
            finding->n <= kinds[k].most && (!kinds[k].has_numbers || read_numbers(finding)))
            return kinds[k].words(finding);
    return NULL;
}

char *dkm_input_gate_sentence(const char *finding)
{
    g_auto(GStrv) parts = g_strsplit(finding, "|", -1);
    if (!parts[0] || !parts[1])
        return g_strdup(finding);
    Finding read = {.is_card = strcmp(parts[1], "card") == 0,
                    .texts = (const char *const *)parts + 2,
                    .n = g_strv_length(parts) - 2};
    char *words = words_of(parts[0], &read);
    return words ? words : g_strdup(finding);
}

GPtrArray *dkm_input_gate_sentences(const GPtrArray *findings)
{
    GPtrArray *sentences = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < findings->len; i++)
        g_ptr_array_add(sentences, dkm_input_gate_sentence(findings->pdata[i]));
    return sentences;
}

GPtrArray *dkm_input_gate_model(const DkmModel *model, const DkmInputFacts *facts)
{
    g_autoptr(GPtrArray) findings = dkm_input_gate_find_model(model, facts);
    return dkm_input_gate_sentences(findings);
}
