/* Inside a breast: skin, fat with its septa, fibroglandular tissue that converges on the nipple. */
#include "core/phantom/parts.h"

static const float SKIN_MM = 2.1f;

void dkm_breast_plan(DkmBreast *b, guint64 seed, guint32 first)
{
    const float nipple_v = dkm_draw(seed, first, -92, -74);
    *b = (DkmBreast){
        .nipple = {dkm_draw(seed, first + 1, 90, 98), nipple_v, dkm_draw(seed, first + 2, -14, -4)},
        .base_v = 34,
        .half_width = dkm_draw(seed, first + 3, 64, 70),
        .half_up = dkm_draw(seed, first + 4, 72, 82),
        .half_down = dkm_draw(seed, first + 5, 50, 57),
        .density = dkm_draw(seed, first + 6, 0.15f, 0.75f)};
    const float length = b->base_v - nipple_v;
    b->gland[0] = b->nipple[0] + 4;
    b->gland[1] = nipple_v + 0.38f * length;
    b->gland[2] = b->nipple[2] + 6;
    b->gland_half[0] = 0.62f * b->half_width;
    b->gland_half[1] = 0.38f * length;
    b->gland_half[2] = 0.56f * b->half_up;
    for (guint32 a = 0; a < 3; a++)
        b->texture[a] = dkm_draw(seed, first + 7 + a, 0, 32);
}

void dkm_breast_place(const DkmBreast *b, float height, float angle, float share, float q[3])
{
    const float bulge = height * (1 - height);
    const float radius =
        share * sqrtf(fmaxf(1 - height * height * (0.55f + 0.45f / sqrtf(height + 0.02f)), 0));
    const float up = sinf(angle);
    const float half_w =
        up > 0 ? b->half_up * (1 - 0.25f * bulge) : b->half_down * (1 + 1.5f * bulge);
    q[0] = b->nipple[0] + radius * cosf(angle) * b->half_width * (1 + 0.25f * bulge);
    q[1] = b->base_v - height * (b->base_v - b->nipple[1]) * (0.9f + 0.1f * share);
    q[2] = b->nipple[2] + radius * up * half_w;
}

/* A place in the random field whose grain is drawn out towards the nipple: ducts and the fibres
 * around them run there. */
static void towards_nipple(const DkmBreast *b, const float q[3], float grain, float out[3])
{
    const float d[3] = {q[0] - b->nipple[0], q[1] - b->nipple[1], q[2] - b->nipple[2]};
    const float r = dkm_length(d) + 12;
    for (int a = 0; a < 3; a++)
        out[a] = d[a] / r * 70 / grain + r / (3.5f * grain) * (a == 1 ? 1 : 0.4f) + b->texture[a];
}

/* 1 in the middle of the gland's ellipsoid, 0 at its border, negative outside. */
static float envelope(const DkmBreast *b, const float q[3])
{
    float sum = 0;
    for (int a = 0; a < 3; a++) {
        const float d = (q[a] - b->gland[a]) / b->gland_half[a];
        sum += d * d;
    }
    return 1 - sqrtf(sum);
}

/* Gland is never alone in a voxel: fat runs between its lobules, more of it towards the border. */
static float gland_share(const DkmAnatomy *a, const DkmSite *s, float level)
{
    const float border = 1 - 0.6f * dkm_smooth_step(0.1f, 0.9f, level);
    float at[3];
    if (level <= -0.12f)
        return 0;
    towards_nipple(s->breast, s->q, 7, at);
    const float fat = dkm_field_sheet(a->field, at, 0.3f);
    return dkm_smooth_step(-0.12f, 0.40f, level) * 0.96f * (1 - 0.6f * fat * border);
}

static void cover_gland(const DkmAnatomy *a, const DkmSite *s, DkmMixture *m)
{
    const DkmBreast *b = s->breast;
    const float inside = envelope(b, s->q);
    const float under_skin = s->depth_mm - SKIN_MM;
    float at[3];
    if (inside < -0.9f)
        return;
    towards_nipple(b, s->q, 12, at);
    const float radial = dkm_field_sum(a->field, at, 4);
    dkm_grain(s->q, 10, b->texture, at);
    const float lobules = dkm_field_sum(a->field, at, 3);
    towards_nipple(b, s->q, 17, at);
    const float strand = dkm_field_sheet(a->field, at, 0.17f);
    const float level = 0.95f * inside + 1.2f * radial + 0.7f * lobules + 0.42f * strand +
                        0.55f * b->density - 0.62f - 2 * fmaxf(-0.35f - inside, 0);
    const float covered = dkm_smooth_step(0, 3, under_skin) *
                          dkm_smooth_step(3, 9, s->chest_mm < 0 ? 9 : 14 - s->chest_mm);
    dkm_mixture_cover(m, DKM_TISSUE_GLAND, covered * gland_share(a, s, level));
    m->uptake[DKM_TISSUE_GLAND] = fmaxf(0.3f, 1 + 1.6f * lobules);
}

/* Septa between lobules of fat: thin sheets, here and there, more of them near the gland. */
static void cover_septa(const DkmAnatomy *a, const DkmSite *s, DkmMixture *m)
{
    const DkmBreast *b = s->breast;
    const float near = dkm_smooth_step(-1.3f, 0.1f, envelope(b, s->q));
    float at[3];
    if (near <= 0 || s->chest_mm > 12)
        return;
    dkm_grain(s->q, 31, b->texture, at);
    const float here = dkm_smooth_step(-0.4f, 0.3f, dkm_field_at(a->field, at)) * near;
    if (here <= 0)
        return;
    towards_nipple(b, s->q, 21, at);
    float sheet = dkm_field_sheet(a->field, at, 0.07f);
    dkm_grain(s->q, 17, b->texture, at);
    sheet = fmaxf(sheet, 0.6f * dkm_field_sheet(a->field, at, 0.05f));
    towards_nipple(b, s->q, 9, at);
    sheet = fmaxf(sheet, 0.45f * dkm_field_sheet(a->field, at, 0.09f));
    dkm_mixture_cover(m, DKM_TISSUE_GLAND, 0.9f * sheet * here);
}

static void cover_skin(const DkmSite *s, DkmMixture *m)
{
    const DkmBreast *b = s->breast;
    const float d[3] = {s->q[0] - b->nipple[0], s->q[1] - b->nipple[1], s->q[2] - b->nipple[2]};
    const float away = dkm_length(d);
    const float thick = SKIN_MM + 1.4f * (1 - dkm_smooth_step(8, 24, away));
    dkm_mixture_cover(m, DKM_TISSUE_SKIN, dkm_share_inside(thick - s->depth_mm, s->half_mm));
    dkm_mixture_cover(m, DKM_TISSUE_NIPPLE, dkm_share_inside(7 - away, 2));
}

void dkm_breast_cover(const DkmAnatomy *anatomy, const DkmSite *site, DkmMixture *mixture)
{
    if (site->chest_mm < 16) {
        cover_septa(anatomy, site, mixture);
        cover_gland(anatomy, site, mixture);
    }
    if (site->depth_mm < 8)
        cover_skin(site, mixture);
}
