/* The surface of the body: a chest, two breasts and nipples, smoothly joined, as one level function
 * that is divided by its slope to give millimetres. */
#include "core/phantom/parts.h"

/* The larger of two depths, rounded where they are within K of each other (Quilez's polynomial
 * smooth maximum). */
static float join(float a, float b, float k)
{
    const float h = fmaxf(k - fabsf(a - b), 0) / k;
    return fmaxf(a, b) + h * h * k * 0.25f;
}

void dkm_chest_ellipse(float w, float half[2], float *centre_v)
{
    const float up = fmaxf(w - 10, 0), down = fmaxf(-w - 30, 0);
    half[0] = 163 - 0.0016f * up * up;
    half[1] = 100 - 0.10f * up;
    *centre_v = 100 + 0.16f * up + 0.0012f * up * up - 0.20f * down;
}

static float chest_level(const float q[3])
{
    float half[2], centre = 0;
    dkm_chest_ellipse(q[2], half, &centre);
    const float u = q[0] / half[0], v = (q[1] - centre) / half[1];
    return (1 - sqrtf(u * u + v * v)) * half[1];
}

/* An ellipsoid with a pointed tip; its lower half overhangs the base. */
static float breast_level(const DkmBreast *b, const float q[3])
{
    const float h = fmaxf((b->base_v - q[1]) / (b->base_v - b->nipple[1]), 0);
    const float bulge = fmaxf(h * (1 - h), 0);
    const float w = q[2] - b->nipple[2];
    const float half_w =
        w > 0 ? b->half_up * (1 - 0.25f * bulge) : b->half_down * (1 + 1.5f * bulge);
    const float u = (q[0] - b->nipple[0]) / (b->half_width * (1 + 0.25f * bulge));
    const float level =
        sqrtf(u * u + w * w / (half_w * half_w) + h * h * (0.55f + 0.45f / sqrtf(h + 0.02f)));
    return (1 - level) * 70;
}

static float nipple_level(const DkmBreast *b, const float q[3])
{
    const float d[3] = {q[0] - b->nipple[0], (q[1] - b->nipple[1]) * 0.7f, q[2] - b->nipple[2]};
    return 6 - dkm_length(d);
}

static float level(const DkmBreast *b, const float q[3])
{
    const float above = dkm_smooth_step(-55, 10, q[2] - b->nipple[2]);
    const float body = join(chest_level(q), breast_level(b, q), 9 + 21 * above);
    return join(body, nipple_level(b, q), 5);
}

/* Level over slope is the distance to first order. */
static float depth(const DkmBreast *b, const float q[3], float here)
{
    const float step = 0.5f;
    float slope[3];
    for (int a = 0; a < 3; a++) {
        float beside[3] = {q[0], q[1], q[2]};
        beside[a] += step;
        slope[a] = (level(b, beside) - here) / step;
    }
    return here / fmaxf(dkm_length(slope), 0.15f);
}

void dkm_site_init(const DkmAnatomy *anatomy, const float p[3], float half_mm, DkmSite *site)
{
    const int right = p[0] < 0;
    *site = (DkmSite){.p = {p[0], p[1], p[2]},
                      .q = {fabsf(p[0]), p[1], p[2]},
                      .breast = &anatomy->breasts[right],
                      .half_mm = half_mm};
    const float here = level(site->breast, site->q);
    site->depth_mm = fabsf(here) < 25 ? depth(site->breast, site->q, here) : here;
    site->chest_mm = chest_level(site->q);
}
