#include "core/image/lesion-measures.h"

#include "core/error.h"
#include "core/i18n.h"
#include "core/image/lesion-curve.h"

#include <math.h>
#include <string.h>

static DkmMeanCurve curve_of(const double *values, gboolean has_late)
{
    DkmMeanCurve curve = {values[0], values[1], has_late ? values[2] : NAN, NAN};
    if (curve.s0 > 0)
        curve.pe_percent = 100 * (curve.early - curve.s0) / curve.s0;
    return curve;
}

static void measure_curves(const DkmMask *lesion, const DkmKineticSource *source,
                           DkmLesionMeasures *out)
{
    const DkmVolume *const phases[] = {source->pre, source->early, source->late};
    out->has_late = source->late != NULL;
    const DkmLesionSource all = {.mask = lesion,
                                 .phases = phases,
                                 .n_phases = out->has_late ? 3 : 2,
                                 .early = 1,
                                 .late = out->has_late ? 2 : 1};
    DkmLesionCurve curve;
    dkm_lesion_curve(&all, &curve);
    out->has_curve = TRUE;
    out->mean = curve_of(curve.mean, out->has_late);
    out->has_worst = curve.has_worst;
    if (curve.has_worst)
        out->worst = curve_of(curve.worst, out->has_late);
    memcpy(out->worst_zyx, curve.worst_zyx, sizeof out->worst_zyx);
}

static gboolean measure_ftv(const DkmMask *lesion, const DkmKineticSource *source,
                            const DkmFtvParameters *rule, DkmLesionMeasures *out,
                            GCancellable *cancel, GError **error)
{
    DkmBox voi;
    g_auto(DkmFtv) ftv = {0};
    if (!dkm_mask_box(lesion, 0, &voi) || !dkm_ftv_compute(source, &voi, rule, &ftv, cancel, error))
        return FALSE;
    const guint8 *a = dkm_mask_peek_slice(lesion, 0), *b = dkm_mask_peek_slice(ftv.mask, 0);
    const gsize n = dkm_grid_voxels(dkm_mask_grid(lesion));
    for (gsize i = 0; i < n; i++)
        out->ftv_voxels += a[i] && b[i];
    out->ftv_ml = (double)out->ftv_voxels * dkm_grid_voxel_ml(dkm_mask_grid(lesion));
    out->used_pre_contrast_threshold = ftv.used_pre_contrast_threshold;
    return TRUE;
}

static gboolean lies_on(const DkmMask *lesion, const DkmKineticSource *source, GError **error)
{
    const DkmVolume *volumes[3] = {source->pre, source->early, source->late};
    for (int p = 0; p < 3; p++)
        if (volumes[p] &&
            !dkm_grid_equal(dkm_mask_grid(lesion), dkm_volume_grid(volumes[p]), 0.01)) {
            g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                                _("the lesion does not lie on the lattice of the phases"));
            return FALSE;
        }
    return TRUE;
}

gboolean dkm_lesion_measure(const DkmMask *lesion, const DkmKineticSource *source,
                            const DkmFtvParameters *rule, DkmLesionMeasures *out,
                            GCancellable *cancel, GError **error)
{
    *out = (DkmLesionMeasures){.voxels = dkm_mask_count(lesion),
                               .volume_ml = dkm_mask_volume_ml(lesion)};
    dkm_diameters_measure(lesion, &out->in_space, &out->in_plane);
    if (!source || !out->voxels)
        return TRUE;
    if (!lies_on(lesion, source, error))
        return FALSE;
    measure_curves(lesion, source, out);
    if (!source->late)
        return TRUE;
    const DkmMeanCurve *c = out->has_worst ? &out->worst : &out->mean;
    out->curve = dkm_curve_type(c->s0, c->early, c->late);
    return measure_ftv(lesion, source, rule, out, cancel, error);
}
