#include "core/phantom/parts.h"

#include "core/philox.h"

enum { STREAM_PLAN = 0x50480002, DRAWS_LEFT = 0, DRAWS_RIGHT = 40 };

float dkm_draw(guint64 seed, guint32 i, float low, float high)
{
    return low + (high - low) * (float)dkm_philox_uniform(seed, i, STREAM_PLAN);
}

DkmAnatomy *dkm_anatomy_new(guint64 seed)
{
    DkmAnatomy *anatomy = g_new0(DkmAnatomy, 1);
    anatomy->seed = seed;
    anatomy->field = dkm_field_new(seed);
    dkm_breast_plan(&anatomy->breasts[0], seed, DRAWS_LEFT);
    dkm_breast_plan(&anatomy->breasts[1], seed, DRAWS_RIGHT);
    anatomy->breasts[1].density = anatomy->breasts[0].density; /* a woman's two are alike */
    dkm_mass_plan(anatomy);
    dkm_vessels_plan(anatomy);
    return anatomy;
}

void dkm_anatomy_free(DkmAnatomy *anatomy)
{
    if (!anatomy)
        return;
    dkm_field_free(anatomy->field);
    g_array_unref(anatomy->vessels);
    g_free(anatomy);
}

void dkm_mixture_cover(DkmMixture *mixture, DkmTissue tissue, float share)
{
    if (share <= 0)
        return;
    for (int t = 0; t < DKM_TISSUE_COUNT; t++)
        mixture->share[t] *= 1 - share;
    mixture->share[tissue] += share;
}

/* From the outside in the order of what hides what; the surface is cut last. */
void dkm_anatomy_at(const DkmAnatomy *anatomy, const float p[3], float half_mm, DkmMixture *out)
{
    DkmSite site;
    *out = (DkmMixture){.share = {[DKM_TISSUE_FAT] = 1}};
    for (int t = 0; t < DKM_TISSUE_COUNT; t++)
        out->uptake[t] = 1;
    dkm_site_init(anatomy, p, half_mm, &site);
    out->depth_mm = site.depth_mm;
    const float inside = dkm_share_inside(site.depth_mm, half_mm);
    if (inside <= 0) {
        out->share[DKM_TISSUE_FAT] = 0;
        return;
    }
    dkm_breast_cover(anatomy, &site, out);
    dkm_chest_cover(anatomy, &site, out);
    dkm_mass_cover(anatomy, &site, out);
    for (int t = 0; inside < 1 && t < DKM_TISSUE_COUNT; t++)
        out->share[t] *= inside;
}
