/* The mass: a lobed ball with spikes, of one kind throughout or with a poorly perfused core. */
#include "core/phantom/parts.h"

enum { TRIES = 64, DRAWS = 200 };

float dkm_mass_depth(const DkmAnatomy *anatomy, const float p[3])
{
    const DkmMass *mass = &anatomy->mass;
    float d[3], at[3];
    for (int a = 0; a < 3; a++)
        d[a] = (p[a] - mass->centre[a]) / mass->stretch[a];
    const float r = dkm_length(d);
    if (r > 1.9f * mass->radius_mm || r < 0.25f * mass->radius_mm)
        return mass->radius_mm - r;
    for (int a = 0; a < 3; a++)
        at[a] = d[a] / r * 1.3f + mass->texture[a];
    const float lobes = mass->radius_mm * mass->lobes * dkm_field_sum(anatomy->field, at, 2);
    dkm_grain(p, 5.5f, mass->texture, at);
    const float rough = 0.16f * mass->radius_mm * dkm_field_sum(anatomy->field, at, 2);
    for (int a = 0; a < 3; a++) /* drawn out along the radius: spikes into the fat around */
        at[a] = d[a] / r * 6.5f + p[a] / 40 + mass->texture[a];
    const float spike = dkm_smooth_step(0.35f, 0.8f, dkm_field_at(anatomy->field, at));
    return mass->radius_mm + lobes + rough + mass->spikes * spike - r;
}

/* A place in the gland, far enough from skin and chest. */
static gboolean try_place(DkmAnatomy *anatomy, guint32 draw)
{
    DkmMass *mass = &anatomy->mass;
    const DkmBreast *b = &anatomy->breasts[mass->side < 0];
    DkmSite site;
    float p[3];
    for (guint32 a = 0; a < 3; a++)
        p[a] = b->gland[a] + dkm_draw(anatomy->seed, draw + a, -0.75f, 0.75f) * b->gland_half[a];
    p[0] *= (float)mass->side;
    dkm_site_init(anatomy, p, 1, &site);
    if (site.depth_mm < 1.25f * mass->radius_mm + 5 || site.chest_mm > -1.2f * mass->radius_mm)
        return FALSE;
    for (int a = 0; a < 3; a++)
        mass->centre[a] = p[a];
    return TRUE;
}

void dkm_mass_plan(DkmAnatomy *anatomy)
{
    const guint64 seed = anatomy->seed;
    DkmMass *mass = &anatomy->mass;
    mass->side = dkm_draw(seed, DRAWS, 0, 1) < 0.5f ? 1 : -1;
    mass->kind = dkm_draw(seed, DRAWS + 1, 0, 1) < 0.5f ? DKM_MASS_RIM : DKM_MASS_HOMOGENEOUS;
    mass->radius_mm = dkm_draw(seed, DRAWS + 2, 8.5f, mass->kind == DKM_MASS_RIM ? 16 : 14);
    mass->lobes = dkm_draw(seed, DRAWS + 3, 0.35f, 0.75f);
    mass->spikes = dkm_draw(seed, DRAWS + 4, 0.5f, 5);
    for (guint32 a = 0; a < 3; a++) {
        mass->stretch[a] = dkm_draw(seed, DRAWS + 5 + a, 0.8f, 1.2f);
        mass->texture[a] = dkm_draw(seed, DRAWS + 8 + a, 0, 32);
    }
    const DkmBreast *b = &anatomy->breasts[mass->side < 0];
    for (int a = 0; a < 3; a++)
        mass->centre[a] = b->gland[a] * (a == 0 ? (float)mass->side : 1);
    for (guint32 i = 0; i < TRIES; i++)
        if (try_place(anatomy, DRAWS + 11 + 3 * i))
            return;
}

void dkm_mass_cover(const DkmAnatomy *anatomy, const DkmSite *s, DkmMixture *m)
{
    const DkmMass *mass = &anatomy->mass;
    const float depth = dkm_mass_depth(anatomy, s->p);
    if (depth < -s->half_mm)
        return;
    float at[3];
    dkm_grain(s->p, 4.5f, mass->texture, at);
    const float texture = dkm_field_sum(anatomy->field, at, 2);
    dkm_mixture_cover(m, DKM_TISSUE_MASS, dkm_share_inside(depth, s->half_mm));
    m->uptake[DKM_TISSUE_MASS] = 1 + 0.5f * texture;
    m->uptake[DKM_TISSUE_CORE] = 1 + 0.25f * texture;
    if (mass->kind == DKM_MASS_RIM) {
        const float core = depth - mass->radius_mm * (0.42f + 0.25f * texture);
        dkm_mixture_cover(m, DKM_TISSUE_CORE, dkm_share_inside(core, 2 * s->half_mm));
    }
}
