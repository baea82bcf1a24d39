/* A segmentation of anyone's brought to the images of a study: is it theirs, does it fit, and what
 * had to be assumed. Not for: the file's own structure (seg-read.cc). */
#include "core/error.h"
#include "core/i18n.h"
#include "core/image/resample-mask.h"
#include "dicom/dicom.h"

#include <string.h>

static gboolean differ(const char *a, const char *b)
{
    return a && b && strcmp(a, b) != 0;
}

/* What two objects say of whom and where they are; NULL: not said. */
typedef struct {
    const char *patient_id, *study_uid, *frame_of_reference_uid;
} Identity;

static Identity identity_of_seg(const DkmSeg *seg)
{
    return (Identity){seg->patient_id, seg->study_uid, seg->frame_of_reference_uid};
}

static char *describe_difference(const Identity *a, const Identity *b)
{
    const char *words[4];
    guint n = 0;
    if (differ(a->patient_id, b->patient_id))
        words[n++] = _("another patient");
    if (differ(a->study_uid, b->study_uid))
        words[n++] = _("another study");
    if (differ(a->frame_of_reference_uid, b->frame_of_reference_uid))
        words[n++] = _("another frame of reference");
    words[n] = NULL;
    return n ? g_strjoinv(", ", (char **)words) : NULL;
}

char *dkm_seg_difference(const DkmSeg *a, const DkmSeg *b)
{
    const Identity first = identity_of_seg(a), second = identity_of_seg(b);
    return describe_difference(&first, &second);
}

static void assume(DkmSeg *seg, const char *words)
{
    g_ptr_array_add(seg->assumed, g_strdup(words));
}

/* Did the scope that this thread is in write it, of the images of THEIRS? Then its names stay. */
static gboolean is_of_the_scope(DkmSeg *seg, const Identity *theirs)
{
    g_autofree char *patient_id = dkm_dicom_deidentified_patient_id(theirs->patient_id);
    g_autofree char *study_uid = dkm_dicom_deidentified_uid(theirs->study_uid);
    g_autofree char *frame_uid = dkm_dicom_deidentified_uid(theirs->frame_of_reference_uid);
    const Identity ours = identity_of_seg(seg), written = {patient_id, study_uid, frame_uid};
    g_autofree char *difference = describe_difference(&ours, &written);
    seg->is_deidentified = !difference;
    if (seg->is_deidentified)
        dkm_dicom_deidentify_keep(seg);
    return seg->is_deidentified;
}

static gboolean belongs(DkmSeg *seg, const DkmSegImport *import, GError **error)
{
    const DkmFrame *image = dkm_frame_table_get(import->table, import->phases->phases[0].frames[0]);
    const Identity ours = identity_of_seg(seg);
    const Identity theirs = {image->patient_id, image->study_uid, image->frame_of_reference_uid};
    g_autofree char *difference = describe_difference(&ours, &theirs);
    if (difference && is_of_the_scope(seg, &theirs))
        g_clear_pointer(&difference, g_free);
    if (difference && !import->is_override) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                    _("it is of %s than the images, and read with an override alone"), difference);
        return FALSE;
    }
    if (difference) {
        seg->is_foreign = TRUE;
        g_ptr_array_add(seg->assumed,
                        g_strdup_printf(_("OVERRIDE: it is of %s than the images"), difference));
    }
    if (!ours.patient_id)
        assume(seg, _("no patient ID: taken to be the images'"));
    if (!ours.study_uid)
        assume(seg, _("no study: taken to be the images'"));
    if (!ours.frame_of_reference_uid)
        assume(seg, _("no frame of reference: taken to be the images'"));
    return TRUE;
}

/* Is any image that it was made from one of the table's? */
static void look_for_sources(DkmSeg *seg, const DkmFrameTable *table)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < table->frames->len; i++) {
        const char *uid = dkm_frame_table_get(table, i)->sop_instance_uid;
        if (uid)
            g_hash_table_add(known, seg->is_deidentified ? dkm_dicom_deidentified_uid(uid)
                                                         : g_strdup(uid));
    }
    guint found = 0;
    for (guint i = 0; i < seg->referenced->len; i++)
        found += g_hash_table_contains(known, seg->referenced->pdata[i]);
    if (seg->referenced->len && !found)
        assume(seg, _("the images that it refers to are not here: matched by position"));
}

static gboolean resample_segment(DkmSegReadSegment *segment, const DkmGrid *grid, gsize *outside,
                                 GError **error)
{
    gsize lost = 0;
    DkmMask *placed = dkm_mask_resample(segment->mask, grid, &lost, error);
    if (!placed)
        return FALSE;
    dkm_mask_unref(segment->mask);
    segment->mask = placed;
    g_clear_pointer(&segment->values, g_free); /* they belong to the old lattice */
    *outside += lost;
    return TRUE;
}

/* Every segment from SEG's own lattice to GRID. */
static gboolean resample(DkmSeg *seg, const DkmGrid *grid, GError **error)
{
    DkmSegReadSegment *first = g_ptr_array_index(seg->segments, 0);
    const DkmGrid own = *dkm_mask_grid(first->mask);
    gsize before = 0, outside = 0;
    for (guint s = 0; s < seg->segments->len; s++) {
        DkmSegReadSegment *segment = g_ptr_array_index(seg->segments, s);
        before += dkm_mask_count(segment->mask);
        if (!resample_segment(segment, grid, &outside, error))
            return FALSE;
    }
    if (before && outside == before) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                            _("it lies nowhere on the images"));
        return FALSE;
    }
    seg->is_resampled = TRUE;
    g_ptr_array_add(
        seg->assumed,
        g_strdup_printf(_("resampled, nearest voxel, from %d x %d x %d voxels of %.3g x %.3g x "
                          "%.3g mm (slices, rows, columns)"),
                        own.n[0], own.n[1], own.n[2], own.spacing_mm[0], own.spacing_mm[1],
                        own.spacing_mm[2]));
    if (outside)
        g_ptr_array_add(
            seg->assumed,
            g_strdup_printf(_("%lu of its %lu voxels lie outside the images and are left "
                              "out"),
                            (gulong)outside, (gulong)before));
    return TRUE;
}

static void prefix_name(const char *path, GError **error)
{
    g_autofree char *name = g_path_get_basename(path);
    g_prefix_error(error, "%s: ", name);
}

DkmSeg *dkm_dicom_import_seg(const char *path, const DkmSegImport *import, GError **error)
{
    const DkmGrid *grid = &import->phases->grid;
    g_autoptr(GError) misfit = NULL;
    g_autoptr(DkmSeg) seg = dkm_dicom_read_seg(path, grid, import->threshold, &misfit);
    const gboolean fits = seg != NULL;
    if (!seg && g_error_matches(misfit, DKM_ERROR, DKM_ERROR_GEOMETRY))
        seg = dkm_dicom_read_seg(path, NULL, import->threshold, error);
    else if (!seg)
        g_propagate_error(error, g_steal_pointer(&misfit));
    if (!seg)
        return NULL;
    if (!belongs(seg, import, error) || (!fits && !resample(seg, grid, error))) {
        prefix_name(path, error);
        return NULL;
    }
    look_for_sources(seg, import->table);
    return g_steal_pointer(&seg);
}
