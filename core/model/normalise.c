#include "core/model/normalise.h"

#include "core/error.h"
#include "core/i18n.h"

#include <math.h>
#include <string.h>

static const double foreground_share = 0.1, bright_quantile = 0.995;

static const char *const rule_names[] = {"foreground", "volume"};

/* Why nothing can be measured: COUNT voxels of the foreground, all of one value, MEAN. */
typedef struct {
    gsize count;
    double mean;
} Foreground;

static void set_no_contrast(const DkmVolume *pre, const Foreground *found, GError **error)
{
    float low, high;
    dkm_volume_range(pre, &low, &high);
    if (!(high > low))
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                    _("the pre-contrast images are empty: all voxels have the same value, %g"),
                    (double)low);
    else if (found->count == 0)
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                    _("the pre-contrast images have no foreground: their values lie between %g and "
                      "%g, where magnitudes of MR are not negative"),
                    (double)low, (double)high);
    else
        g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                    _("the pre-contrast images show no contrast: all %lu "
                      "voxels of the foreground have the same value, %g (the images reach from %g "
                      "to %g)"),
                    found->count, found->mean, (double)low, (double)high);
}

gboolean dkm_normalisation_measure(const DkmVolume *pre, DkmNormaliseRule rule,
                                   DkmNormalisation *out, GError **error)
{
    const DkmGrid *grid = dkm_volume_grid(pre);
    const gsize n = (gsize)grid->n[1] * (gsize)grid->n[2];
    const float bright = dkm_volume_quantile(pre, bright_quantile, -G_MAXFLOAT);
    out->floor = (float)(foreground_share * bright);
    const float above = rule == DKM_NORMALISE_FOREGROUND ? out->floor : -G_MAXFLOAT;
    g_autofree float *values = g_new(float, n);
    double sum = 0, squares = 0;
    gsize count = 0;
    for (int z = 0; z < grid->n[0]; z++) {
        dkm_volume_read_slice(pre, z, values);
        for (gsize i = 0; i < n; i++) {
            if (!(values[i] > above))
                continue;
            sum += values[i];
            squares += (double)values[i] * values[i];
            count++;
        }
    }
    const double mean = count ? sum / (double)count : 0;
    const double variance = count ? squares / (double)count - mean * mean : 0;
    if (!(variance > 1e-12 * MAX(1, mean * mean))) {
        set_no_contrast(pre, &(Foreground){count, mean}, error);
        return FALSE;
    }
    out->mean = (float)mean;
    out->sd = (float)sqrt(variance);
    return TRUE;
}

gsize dkm_normalisation_apply(const DkmNormalisation *normalisation, float *values, gsize n)
{
    const float mean = normalisation->mean, scale = 1 / normalisation->sd;
    gsize clamped = 0;
    for (gsize i = 0; i < n; i++) {
        const float z = (values[i] - mean) * scale;
        values[i] = CLAMP(z, -DKM_NORMALISE_CLAMP, DKM_NORMALISE_CLAMP);
        clamped += fabsf(z) > DKM_NORMALISE_CLAMP;
    }
    return clamped;
}

void dkm_normalisation_invert(const DkmNormalisation *normalisation, float *values, gsize n)
{
    for (gsize i = 0; i < n; i++)
        values[i] = values[i] * normalisation->sd + normalisation->mean;
}

const char *dkm_normalise_rule_name(DkmNormaliseRule rule)
{
    return rule_names[rule];
}

gboolean dkm_normalise_rule_parse(const char *text, DkmNormaliseRule *rule, GError **error)
{
    *rule = DKM_NORMALISE_FOREGROUND;
    if (!text)
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(rule_names); i++)
        if (strcmp(rule_names[i], text) == 0) {
            *rule = (DkmNormaliseRule)i;
            return TRUE;
        }
    g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE, _("no normalisation is called \"%s\""), text);
    return FALSE;
}
