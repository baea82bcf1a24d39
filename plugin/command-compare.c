/* dkm compare A B [--study DIR] [--json]: how far two segmentations agree, on the lattice that both
 * lie on, or on that of a study's images. */
#include "plugin/commands.h"
#include "plugin/options.h"
#include "plugin/session.h"

#include "core/error.h"
#include "core/image/compare.h"

typedef struct {
    char *study;
    double threshold;
    gboolean json, is_override;
} Options;

static void options_clear(Options *o)
{
    g_free(o->study);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* One side: what was read and its segments as one mask. */
typedef struct {
    const char *path;
    DkmSeg *seg;
    DkmMask *mask;
} Side;

static void side_clear(Side *side)
{
    g_clear_pointer(&side->seg, dkm_seg_unref);
    g_clear_pointer(&side->mask, dkm_mask_unref);
}

/* Takes SEG, which may be NULL (then ERROR is set). */
static gboolean side_set(Side *side, DkmSeg *seg, GError **error)
{
    side_clear(side);
    side->seg = seg;
    side->mask = seg ? dkm_seg_union(seg, error) : NULL;
    return side->mask != NULL;
}

/* Both on their own lattice, then on the one that holds the slices of both. */
static gboolean read_alone(Side sides[2], const Options *o, GError **error)
{
    DkmGrid grid;
    for (int i = 0; i < 2; i++)
        if (!side_set(&sides[i], dkm_dicom_read_seg(sides[i].path, NULL, o->threshold, error),
                      error))
            return FALSE;
    if (!dkm_grid_join(dkm_mask_grid(sides[0].mask), dkm_mask_grid(sides[1].mask), &grid)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                            "the two segmentations do not lie on one lattice: name the images' "
                            "folder with --study to compare them there");
        return FALSE;
    }
    for (int i = 0; i < 2; i++)
        if (!side_set(&sides[i], dkm_dicom_read_seg(sides[i].path, &grid, o->threshold, error),
                      error))
            return FALSE;
    g_autofree char *difference = dkm_seg_difference(sides[0].seg, sides[1].seg);
    if (difference && !o->is_override) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                    "the second segmentation is of %s than the first (--override compares them all "
                    "the same)",
                    difference);
        return FALSE;
    }
    if (difference)
        g_ptr_array_add(
            sides[1].seg->assumed,
            g_strdup_printf("OVERRIDE: it is of %s than the first segmentation", difference));
    return TRUE;
}

static gboolean read_on_study(Side sides[2], const Options *o, GCancellable *cancel, GError **error)
{
    g_auto(DkmSession) session = {0};
    if (!dkm_session_open(&session, o->study, NULL, cancel, error))
        return FALSE;
    const DkmSegImport import = {.table = session.studies->table,
                                 .phases = session.study->dce,
                                 .threshold = o->threshold,
                                 .is_override = o->is_override};
    for (int i = 0; i < 2; i++)
        if (!side_set(&sides[i], dkm_dicom_import_seg(sides[i].path, &import, error), error))
            return FALSE;
    return TRUE;
}

static void note_joined(const Side *side)
{
    if (side->seg->segments->len > 1)
        g_ptr_array_add(side->seg->assumed,
                        g_strdup_printf("%u segments were joined", side->seg->segments->len));
}

static void json_assumed(JsonBuilder *json, const char *name, const Side *side)
{
    json_builder_set_member_name(json, name);
    json_builder_begin_array(json);
    for (guint i = 0; i < side->seg->assumed->len; i++)
        json_builder_add_string_value(json, side->seg->assumed->pdata[i]);
    json_builder_end_array(json);
}

static void print_json(const DkmComparison *c, const Side sides[2])
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    dkm_json_real(json, "dice", c->dice);
    dkm_json_real(json, "jaccard", c->jaccard);
    dkm_json_real(json, "hd95_mm", c->hd95_mm);
    dkm_json_int(json, "voxels_a", (gint64)c->voxels_a);
    dkm_json_int(json, "voxels_b", (gint64)c->voxels_b);
    dkm_json_int(json, "voxels_both", (gint64)c->both);
    dkm_json_real(json, "volume_a_ml", c->ml_a);
    dkm_json_real(json, "volume_b_ml", c->ml_b);
    json_assumed(json, "assumed_a", &sides[0]);
    json_assumed(json, "assumed_b", &sides[1]);
    json_builder_end_object(json);
    dkm_print_json(json);
}

static void print_words(const DkmComparison *c, const Side sides[2])
{
    g_print("Dice %.4f, Jaccard %.4f, 95th percentile of surface distances %.2f mm\n"
            "A: %" G_GSIZE_FORMAT " voxels, %.3f ml\nB: %" G_GSIZE_FORMAT
            " voxels, %.3f ml\nboth: %" G_GSIZE_FORMAT " voxels\n",
            c->dice, c->jaccard, c->hd95_mm, c->voxels_a, c->ml_a, c->voxels_b, c->ml_b, c->both);
    for (int side = 0; side < 2; side++)
        for (guint i = 0; i < sides[side].seg->assumed->len; i++)
            g_print("%c, assumed: %s\n", 'A' + side, (char *)sides[side].seg->assumed->pdata[i]);
}

static gboolean compare(const Options *o, Side sides[2], GCancellable *cancel, GError **error)
{
    DkmComparison result;
    if (!(o->study ? read_on_study(sides, o, cancel, error) : read_alone(sides, o, error)) ||
        !dkm_masks_compare(sides[0].mask, sides[1].mask, &result, error))
        return FALSE;
    note_joined(&sides[0]);
    note_joined(&sides[1]);
    if (o->json)
        print_json(&result, sides);
    else
        print_words(&result, sides);
    return TRUE;
}

gboolean dkm_command_compare(int argc, char **argv, GCancellable *cancel, GError **error)
{
    g_auto(Options) o = {.threshold = 0.5};
    const GOptionEntry entries[] = {
        {"study", 0, 0, G_OPTION_ARG_FILENAME, &o.study,
         "Compare on the lattice of these images; a segmentation of another one is resampled",
         "DIR"},
        {"threshold", 0, 0, G_OPTION_ARG_DOUBLE, &o.threshold,
         "Of a FRACTIONAL segmentation: what lies over it is set (0.5)", "P"},
        {"override", 0, 0, G_OPTION_ARG_NONE, &o.is_override,
         "Compare even what is of another patient, study or frame of reference", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o.json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {"A.dcm B.dcm [OPTIONS]", "How far two segmentations (SEG) agree.",
                            entries, 2, 2};
    g_auto(GStrv) rest = NULL;
    if (!dkm_options_parse(&usage, argc, argv, &rest, error))
        return FALSE;
    const DkmRange range = {"--threshold", o.threshold, 0, 1, DKM_RANGE_BELOW_MOST};
    if (!dkm_options_check_ranges(&range, 1, error))
        return FALSE;
    Side sides[2] = {{.path = rest[0]}, {.path = rest[1]}};
    const gboolean done = compare(&o, sides, cancel, error);
    side_clear(&sides[0]);
    side_clear(&sides[1]);
    return done;
}
