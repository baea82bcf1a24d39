#include "core/series/set-aside.h"

#include "core/i18n.h"

#include <string.h>

/* Kinds of object that share folders with MR images, by the end of their SOP class UID. "(SEG)" is
 * looked for where masks are sought: it stays in every language. */
static const struct {
    const char *uid, *words;
} other_objects[] = {
    {"1.2.840.10008.5.1.4.1.1.66.4", N_("a segmentation (SEG), not an image")},
    {"1.2.840.10008.5.1.4.1.1.66.7", N_("a label map segmentation (SEG), not an image")},
    {"1.2.840.10008.5.1.4.1.1.66.2", N_("a deformable registration, not an image")},
    {"1.2.840.10008.5.1.4.1.1.66.1", N_("a registration, not an image")},
    {"1.2.840.10008.5.1.4.1.1.66", N_("raw data, not an image")},
    {"1.2.840.10008.5.1.4.1.1.30", N_("a parametric map, not an original image")},
    {"1.2.840.10008.5.1.4.1.1.67", N_("a real world value mapping, not an image")},
    {"1.2.840.10008.5.1.4.1.1.7", N_("a secondary capture, not an original image")},
    {"1.2.840.10008.5.1.4.1.1.7.1", N_("a secondary capture, not an original image")},
    {"1.2.840.10008.5.1.4.1.1.7.2", N_("a secondary capture, not an original image")},
    {"1.2.840.10008.5.1.4.1.1.7.3", N_("a secondary capture, not an original image")},
    {"1.2.840.10008.5.1.4.1.1.7.4", N_("a secondary capture, not an original image")},
    {"1.2.840.10008.5.1.4.1.1.11.1", N_("a presentation state, not an image")},
    {"1.2.840.10008.5.1.4.1.1.4.2", N_("MR spectroscopy, not an image")},
};

static const char *const mr_classes[] = {
    "1.2.840.10008.5.1.4.1.1.4",   /* MR Image */
    "1.2.840.10008.5.1.4.1.1.4.1", /* Enhanced MR Image */
    "1.2.840.10008.5.1.4.1.1.4.4", /* Legacy Converted Enhanced MR Image */
};

typedef struct {
    const char *word, *what;
} TellingWord;

/* Maps of the kinetics: short names, trusted only where ImageType says DERIVED too. */
static const TellingWord map_words[] = {
    {"PE", N_("percent enhancement map")},
    {"SER", N_("signal enhancement ratio map")},
};

/* Words that give an image away where they stand alone in ImageType or SeriesDescription. */
static const TellingWord telling_words[] = {
    {"SUB", N_("subtraction")},
    {"SUBTRACTION", N_("subtraction")},
    {"SUBTRACT", N_("subtraction")},
    {"SUBTRACTED", N_("subtraction")},
    {"MIP", N_("maximum intensity projection")},
    {"PROJECTION IMAGE", N_("projection")},
    {"MPR", N_("reformatted images")},
    {"LOC", N_("localizer")},
    {"LOCALIZER", N_("localizer")},
    {"LOCALISER", N_("localizer")},
    {"SCOUT", N_("localizer")},
    {"SURVEY", N_("localizer")},
    {"PRE-SCAN", N_("calibration scan")},
    {"PRESCAN", N_("calibration scan")},
    {"CALIBRATION", N_("calibration scan")},
    {"CSA REPORT", N_("report, not an image")},
    {"ADC", N_("apparent diffusion coefficient map")},
    {"DIFFUSION", N_("diffusion-weighted images")},
    {"DWI", N_("diffusion-weighted images")},
};

/* TRUE where WORD stands in TEXT with no letter before and none behind it ("SUB1" counts, "SUBTLE"
 * does not). */
static gboolean has_word(const char *text, const char *word)
{
    const gsize length = strlen(word);
    for (const char *at = text; *at; at++)
        if (g_ascii_strncasecmp(at, word, length) == 0 && !g_ascii_isalpha(at[length]) &&
            (at == text || !g_ascii_isalpha(at[-1])))
            return TRUE;
    return FALSE;
}

/* One triple of GE's subtraction descriptions, "(5/1/30)"; the text behind it, or NULL. */
static const char *skip_triple(const char *text)
{
    if (*text++ != '(')
        return NULL;
    int slashes = 0;
    for (; g_ascii_isdigit(*text) || *text == '/'; text++)
        slashes += *text == '/';
    return slashes == 2 && *text == ')' ? text + 1 : NULL;
}

/* "(5/1/30)-(4/1/30)": GE's name for series 5 minus series 4. */
static gboolean is_ge_subtraction(const char *description)
{
    for (const char *at = strchr(description, '('); at; at = strchr(at + 1, '(')) {
        const char *behind = skip_triple(at);
        if (!behind)
            continue;
        behind += strspn(behind, " ");
        if (*behind++ == '-' && skip_triple(behind + strspn(behind, " ")))
            return TRUE;
    }
    return FALSE;
}

static char *reason_of_kind(const DkmFrame *frame)
{
    const char *uid = frame->sop_class_uid;
    for (guint i = 0; uid && i < G_N_ELEMENTS(other_objects); i++)
        if (strcmp(uid, other_objects[i].uid) == 0)
            return g_strdup(_(other_objects[i].words));
    if (frame->modality && strcmp(frame->modality, "MR") != 0)
        return g_strdup_printf(_("modality %s, not MR"), frame->modality);
    for (guint i = 0; uid && i < G_N_ELEMENTS(mr_classes); i++)
        if (strcmp(uid, mr_classes[i]) == 0)
            return NULL;
    return uid ? g_strdup_printf(_("not an MR image (SOP class %s)"), uid)
               : g_strdup(_("not an MR image (no SOP class)"));
}

static const char *find_word(const TellingWord *words, guint n, const char *text)
{
    for (guint i = 0; text && i < n; i++)
        if (has_word(text, words[i].word))
            return words[i].what;
    return NULL;
}

static const char *telling_word(const char *text)
{
    return find_word(telling_words, G_N_ELEMENTS(telling_words), text);
}

static const char *map_word(const char *text)
{
    return find_word(map_words, G_N_ELEMENTS(map_words), text);
}

static gboolean is_original(const char *image_type)
{
    return !image_type || g_str_has_prefix(image_type, "ORIGINAL") ||
           g_str_has_prefix(image_type, "MIXED");
}

/* "derived: percent enhancement map (ImageType DERIVED\\PRIMARY\\DCE\\PE1)" */
static char *reason_of_derived(const DkmFrame *frame)
{
    const char *what = map_word(frame->image_type);
    if (!what)
        what = telling_word(frame->image_type);
    if (!what)
        what = telling_word(frame->series_description);
    if (!what)
        what = map_word(frame->series_description);
    return what ? g_strdup_printf(_("derived: %s (ImageType %s)"), _(what), frame->image_type)
                : g_strdup_printf(_("derived (ImageType %s)"), frame->image_type);
}

char *dkm_frame_set_aside_reason(const DkmFrame *frame)
{
    char *kind = reason_of_kind(frame);
    if (kind)
        return kind;
    if (!is_original(frame->image_type))
        return reason_of_derived(frame);
    const char *what = telling_word(frame->image_type);
    if (what)
        return g_strdup_printf(_("%s (ImageType %s)"), _(what), frame->image_type);
    if (frame->series_description && is_ge_subtraction(frame->series_description))
        return g_strdup(_("subtraction (named like \"(5/1/30)-(4/1/30)\" in SeriesDescription)"));
    what = telling_word(frame->series_description);
    if (what)
        return g_strdup_printf(_("%s (by its SeriesDescription)"), _(what));
    if (frame->scanning_sequence && has_word(frame->scanning_sequence, "EP"))
        return g_strdup(_("echo-planar images (ScanningSequence EP), no dynamics of the breast"));
    if (frame->samples_per_pixel > 1)
        return g_strdup(_("a colour image"));
    return NULL;
}
