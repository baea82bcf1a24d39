/* dkm compare A B [--json]: how far two segmentations agree. */
#include "plugin/commands.h"
#include "plugin/options.h"

#include "core/error.h"
#include "core/image/compare.h"
#include "dicom/dicom.h"

static DkmMask *read_on(const char *path, const DkmGrid *grid, GError **error)
{
    g_autoptr(DkmSeg) seg = dkm_dicom_read_seg(path, grid, 0, error);
    return seg ? dkm_seg_union(seg, error) : NULL;
}

/* The lattice that holds the slices of both. */
static gboolean join_lattices(char *const paths[2], DkmGrid *grid, GError **error)
{
    g_autoptr(DkmMask) a = read_on(paths[0], NULL, error);
    g_autoptr(DkmMask) b = a ? read_on(paths[1], NULL, error) : NULL;
    if (!b)
        return FALSE;
    if (dkm_grid_join(dkm_mask_grid(a), dkm_mask_grid(b), grid))
        return TRUE;
    g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                        "the two segmentations do not lie on one lattice");
    return FALSE;
}

static void print_result(const DkmComparison *c, gboolean as_json)
{
    if (!as_json) {
        g_print("Dice %.4f, Jaccard %.4f, 95th percentile of surface distances %.2f mm\n"
                "A: %" G_GSIZE_FORMAT " voxels, %.3f ml\nB: %" G_GSIZE_FORMAT
                " voxels, %.3f ml\nboth: %" G_GSIZE_FORMAT " voxels\n",
                c->dice, c->jaccard, c->hd95_mm, c->voxels_a, c->ml_a, c->voxels_b, c->ml_b,
                c->both);
        return;
    }
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
    json_builder_end_object(json);
    dkm_print_json(json);
}

gboolean dkm_command_compare(int argc, char **argv, GCancellable *cancel, GError **error)
{
    gboolean as_json = FALSE;
    const GOptionEntry entries[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON", NULL},
                                    G_OPTION_ENTRY_NULL};
    const DkmUsage usage = {"A.dcm B.dcm [--json]", "How far two segmentations (SEG) agree.",
                            entries, 2, 2};
    g_auto(GStrv) rest = NULL;
    DkmGrid grid;
    DkmComparison result;
    if (!dkm_options_parse(&usage, argc, argv, &rest, error) || !join_lattices(rest, &grid, error))
        return FALSE;
    g_autoptr(DkmMask) a = read_on(rest[0], &grid, error);
    g_autoptr(DkmMask) b = a ? read_on(rest[1], &grid, error) : NULL;
    if (!b || !dkm_masks_compare(a, b, &result, error))
        return FALSE;
    print_result(&result, as_json);
    return TRUE;
}
