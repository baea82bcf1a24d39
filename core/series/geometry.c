#include "core/series/geometry.h"

#include "core/error.h"
#include "core/i18n.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static gboolean is_orthonormal(const double a[3], const double b[3])
{
    return fabs(dot(a, a) - 1) < 1e-2 && fabs(dot(b, b) - 1) < 1e-2 && fabs(dot(a, b)) < 1e-2;
}

/* Above 0 and below what any picture of a body has. */
static gboolean is_spacing(double mm)
{
    return mm > 0 && mm <= DKM_SPACING_MAX_MM;
}

gboolean dkm_frame_has_geometry(const DkmFrame *frame)
{
    for (int k = 0; k < 3; k++)
        if (!isfinite(frame->position_lps[k]))
            return FALSE;
    return frame->rows > 0 && frame->columns > 0 && is_spacing(frame->spacing_mm[0]) &&
           is_spacing(frame->spacing_mm[1]) && is_orthonormal(frame->row_lps, frame->column_lps);
}

gboolean dkm_frame_same_lattice(const DkmFrame *a, const DkmFrame *b)
{
    if (a->rows != b->rows || a->columns != b->columns ||
        g_strcmp0(a->frame_of_reference_uid, b->frame_of_reference_uid) != 0)
        return FALSE;
    for (int k = 0; k < 3; k++)
        if (!(fabs(a->row_lps[k] - b->row_lps[k]) < 1e-3 &&
              fabs(a->column_lps[k] - b->column_lps[k]) < 1e-3))
            return FALSE;
    return fabs(a->spacing_mm[0] - b->spacing_mm[0]) < 1e-3 &&
           fabs(a->spacing_mm[1] - b->spacing_mm[1]) < 1e-3;
}

void dkm_frame_normal(const DkmFrame *frame, double normal[3])
{
    const double *r = frame->row_lps, *c = frame->column_lps;
    normal[0] = r[1] * c[2] - r[2] * c[1];
    normal[1] = r[2] * c[0] - r[0] * c[2];
    normal[2] = r[0] * c[1] - r[1] * c[0];
    const double length = sqrt(dot(normal, normal));
    for (int k = 0; k < 3; k++)
        normal[k] /= length;
}

double dkm_frame_position_mm(const DkmFrame *frame, const double normal[3])
{
    return dot(frame->position_lps, normal);
}

char *dkm_frame_lattice_words(const DkmFrame *frame)
{
    static const char *const planes[] = {N_("sagittal"), N_("coronal"), N_("axial")};
    double normal[3];
    dkm_frame_normal(frame, normal);
    int main_axis = 0;
    for (int k = 1; k < 3; k++)
        if (fabs(normal[k]) > fabs(normal[main_axis]))
            main_axis = k;
    return g_strdup_printf(_("%d x %d of %.3f x %.3f mm, %s"), frame->rows, frame->columns,
                           frame->spacing_mm[0], frame->spacing_mm[1], _(planes[main_axis]));
}

static gboolean refuse_lattice(const DkmFrame *first, const DkmFrame *frame, GError **error)
{
    g_autofree char *name = g_path_get_basename(frame->path);
    if (!dkm_frame_has_geometry(frame)) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                    _("%s does not say where it lies (position, orientation or pixel spacing is "
                      "missing or impossible)"),
                    name);
        return FALSE;
    }
    g_autofree char *words = dkm_frame_lattice_words(first);
    g_autofree char *other = dkm_frame_lattice_words(frame);
    g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                _("mixed geometry: %s is %s, the others are %s"), name, other, words);
    return FALSE;
}

static gboolean check_lattice(const DkmStack *stack, GError **error)
{
    const DkmFrame *first = dkm_stack_frame(stack, 0);
    for (guint i = 0; i < stack->n_frames; i++) {
        const DkmFrame *frame = dkm_stack_frame(stack, i);
        if (!dkm_frame_has_geometry(frame) || !dkm_frame_same_lattice(first, frame))
            return refuse_lattice(first, frame, error);
    }
    return TRUE;
}

typedef struct {
    double position_mm;
    guint frame;
} Place;

static int compare_places(const void *a, const void *b)
{
    const Place *p = a, *q = b;
    return (p->position_mm > q->position_mm) - (p->position_mm < q->position_mm);
}

static void sort_into_slices(DkmStack *stack)
{
    g_autofree Place *places = g_new(Place, stack->n_frames);
    for (guint i = 0; i < stack->n_frames; i++)
        places[i] = (Place){dkm_frame_position_mm(dkm_stack_frame(stack, i), stack->normal), i};
    qsort(places, stack->n_frames, sizeof *places, compare_places);
    for (guint i = 0; i < stack->n_frames; i++) {
        const guint n = stack->n_slices;
        if (n == 0 || places[i].position_mm - stack->position_mm[n - 1] > DKM_POSITION_TOLERANCE_MM)
            stack->position_mm[stack->n_slices++] = places[i].position_mm;
        stack->slice[places[i].frame] = stack->n_slices - 1;
        stack->count[stack->n_slices - 1]++;
    }
}

gboolean dkm_stack_init(DkmStack *stack, const DkmFrameTable *table, const guint *frames,
                        guint n_frames, GError **error)
{
    *stack = (DkmStack){.table = table, .frames = frames, .n_frames = n_frames};
    if (n_frames == 0) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY, _("no images"));
        return FALSE;
    }
    if (!check_lattice(stack, error))
        return FALSE;
    dkm_frame_normal(dkm_stack_frame(stack, 0), stack->normal);
    stack->position_mm = g_new(double, n_frames);
    stack->slice = g_new(guint, n_frames);
    stack->count = g_new0(guint, n_frames);
    sort_into_slices(stack);
    return TRUE;
}

void dkm_stack_clear(DkmStack *stack)
{
    g_clear_pointer(&stack->position_mm, g_free);
    g_clear_pointer(&stack->slice, g_free);
    g_clear_pointer(&stack->count, g_free);
}

char *dkm_stack_slice_words(const DkmStack *stack, guint slice)
{
    return g_strdup_printf(_("slice %u of %u (at %.2f mm)"), slice + 1, stack->n_slices,
                           stack->position_mm[slice]);
}

static int compare_doubles(const void *a, const void *b)
{
    const double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

static double median_gap(const DkmStack *stack)
{
    const guint n = stack->n_slices - 1;
    g_autofree double *gaps = g_new(double, n);
    for (guint i = 0; i < n; i++)
        gaps[i] = stack->position_mm[i + 1] - stack->position_mm[i];
    qsort(gaps, n, sizeof *gaps, compare_doubles);
    return gaps[n / 2];
}

/* Positions are written with two or more decimals, so a gap may be off by 0.01 mm from rounding
 * alone. */
static gboolean check_spacing(const DkmStack *stack, double gap_mm, GError **error)
{
    const double tolerance = MAX(0.01 * gap_mm, 0.0101);
    for (guint i = 0; i + 1 < stack->n_slices; i++) {
        const double gap = stack->position_mm[i + 1] - stack->position_mm[i];
        if (fabs(gap - gap_mm) <= tolerance)
            continue;
        const double missing = gap / gap_mm - 1;
        const gboolean whole = missing > 0.9 && fabs(missing - round(missing)) < 0.05;
        if (whole)
            g_set_error(
                error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                ngettext("%d slice is missing between slice %u (at %.2f mm) and slice %u (at "
                         "%.2f mm): slices lie %.2f mm apart elsewhere",
                         "%d slices are missing between slice %u (at %.2f mm) and slice %u (at "
                         "%.2f mm): slices lie %.2f mm apart elsewhere",
                         (gulong)round(missing)),
                (int)round(missing), i + 1, stack->position_mm[i], i + 2, stack->position_mm[i + 1],
                gap_mm);
        else
            g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                        _("uneven slice spacing: slice %u and slice %u (at %.2f mm) lie %.2f mm "
                          "apart, others %.2f mm"),
                        i + 1, i + 2, stack->position_mm[i + 1], gap, gap_mm);
        return FALSE;
    }
    return TRUE;
}

/* How far B lies from A in the plane of A. */
static double aside_mm(const DkmFrame *a, const DkmFrame *b)
{
    double offset[3];
    for (int k = 0; k < 3; k++)
        offset[k] = b->position_lps[k] - a->position_lps[k];
    return hypot(dot(offset, a->row_lps), dot(offset, a->column_lps));
}

/* Images of one slice lie on each other: phases that do not are no sheared stack. */
static gboolean check_phases(const DkmStack *stack, double tolerance_mm, GError **error)
{
    g_autofree guint *first = g_new0(guint, stack->n_slices);
    for (guint i = stack->n_frames; i-- > 0;)
        first[stack->slice[i]] = i;
    for (guint i = 0; i < stack->n_frames; i++) {
        const DkmFrame *frame = dkm_stack_frame(stack, i);
        const double drift = aside_mm(dkm_stack_frame(stack, first[stack->slice[i]]), frame);
        if (drift <= tolerance_mm)
            continue;
        g_autofree char *name = g_path_get_basename(frame->path);
        g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                    _("the phases do not share one geometry: %s lies %.2f mm aside in the plane "
                      "of slice %u"),
                    name, drift, stack->slice[i] + 1);
        return FALSE;
    }
    return TRUE;
}

/* Rounded direction cosines let the in-plane place creep a little; half a pixel over the whole
 * stack is a shear. */
static gboolean check_straight(const DkmStack *stack, GError **error)
{
    const DkmFrame *first = dkm_stack_frame(stack, 0);
    const double tolerance = 0.5 * MIN(first->spacing_mm[0], first->spacing_mm[1]);
    if (!check_phases(stack, tolerance, error))
        return FALSE;
    for (guint i = 1; i < stack->n_frames; i++) {
        const DkmFrame *frame = dkm_stack_frame(stack, i);
        const double drift = aside_mm(first, frame);
        if (drift <= tolerance)
            continue;
        g_autofree char *name = g_path_get_basename(frame->path);
        g_set_error(
            error, DKM_ERROR, DKM_ERROR_GEOMETRY,
            _("sheared stack (tilted gantry?): %s, slice %u of %u, lies %.2f mm aside of the "
              "normal"),
            name, stack->slice[i] + 1, stack->n_slices, drift);
        return FALSE;
    }
    return TRUE;
}

static double slice_spacing(const DkmStack *stack)
{
    const DkmFrame *first = dkm_stack_frame(stack, 0);
    const guint n = stack->n_slices;
    if (n > 1)
        return (stack->position_mm[n - 1] - stack->position_mm[0]) / (n - 1);
    return first->slice_thickness_mm > 0 ? first->slice_thickness_mm : 1.0;
}

/* Makes the axes exactly orthonormal: rows as stored, columns in the plane of the normal. */
static void set_axes(const DkmStack *stack, DkmGrid *grid)
{
    const DkmFrame *first = dkm_stack_frame(stack, 0);
    const double *n = stack->normal, length = sqrt(dot(first->row_lps, first->row_lps));
    for (int k = 0; k < 3; k++) {
        grid->axis_lps[0][k] = n[k];
        grid->axis_lps[2][k] = first->row_lps[k] / length;
    }
    const double *x = grid->axis_lps[2];
    grid->axis_lps[1][0] = n[1] * x[2] - n[2] * x[1];
    grid->axis_lps[1][1] = n[2] * x[0] - n[0] * x[2];
    grid->axis_lps[1][2] = n[0] * x[1] - n[1] * x[0];
}

gboolean dkm_stack_grid(const DkmStack *stack, DkmGrid *grid, GError **error)
{
    const DkmFrame *lowest = dkm_stack_frame(stack, 0);
    if (stack->n_slices > 1 && !check_spacing(stack, median_gap(stack), error))
        return FALSE;
    if (!check_straight(stack, error))
        return FALSE;
    for (guint i = 0; i < stack->n_frames && stack->slice[i] != 0; i++)
        lowest = dkm_stack_frame(stack, i + 1);
    *grid = (DkmGrid){
        .n = {(int)stack->n_slices, lowest->rows, lowest->columns},
        .spacing_mm = {slice_spacing(stack), lowest->spacing_mm[0], lowest->spacing_mm[1]},
    };
    if (!is_spacing(grid->spacing_mm[0])) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                    _("slices %g mm apart are no pictures of a body"), grid->spacing_mm[0]);
        return FALSE;
    }
    memcpy(grid->origin_lps, lowest->position_lps, sizeof grid->origin_lps);
    set_axes(stack, grid);
    return TRUE;
}
