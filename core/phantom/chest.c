/* Behind the breast: fat, the pectoral muscles, ribs, lungs, heart, great vessels, liver, spine. */
#include "core/phantom/parts.h"

/* An ellipsoid in LPS. */
typedef struct {
    float centre[3], half[3];
} Ball;

static const Ball heart = {{32, 66, -28}, {54, 42, 62}};
static const Ball right_heart = {{4, 62, -20}, {38, 34, 46}};
static const Ball liver = {{-62, 100, -112}, {92, 86, 66}};
static const Ball mediastinum = {{4, 92, 40}, {36, 66, 120}};
static const Ball vertebra = {{0, 148, 0}, {19, 16, 400}};
static const Ball canal = {{0, 170, 0}, {9, 8, 400}};
static const Ball aorta_down = {{22, 138, 0}, {12, 12, 400}};
static const Ball aorta_up = {{-8, 74, 70}, {15, 15, 70}};
static const Ball pulmonary = {{18, 68, 66}, {14, 13, 50}};
static const Ball cava = {{-32, 80, 70}, {9, 9, 60}};

static float ball_depth(const Ball *ball, const float p[3])
{
    float sum = 0, least = ball->half[0];
    for (int a = 0; a < 3; a++) {
        const float d = (p[a] - ball->centre[a]) / ball->half[a];
        sum += d * d;
        least = fminf(least, ball->half[a]);
    }
    return (1 - sqrtf(sum)) * least;
}

static void cover_ball(const Ball *ball, DkmTissue tissue, const DkmSite *s, DkmMixture *m)
{
    dkm_mixture_cover(m, tissue, dkm_share_inside(ball_depth(ball, s->p), s->half_mm));
}

/* The left ventricle's wall is 11 mm thick, the right one's 4. */
static void cover_heart(const DkmSite *s, DkmMixture *m)
{
    const float left = ball_depth(&heart, s->p), right = ball_depth(&right_heart, s->p);
    dkm_mixture_cover(m, DKM_TISSUE_FAT, dkm_share_inside(fmaxf(left, right) + 4, s->half_mm));
    dkm_mixture_cover(m, DKM_TISSUE_MYOCARDIUM, dkm_share_inside(right, s->half_mm));
    dkm_mixture_cover(m, DKM_TISSUE_BLOOD, dkm_share_inside(right - 4, s->half_mm));
    dkm_mixture_cover(m, DKM_TISSUE_MYOCARDIUM, dkm_share_inside(left, s->half_mm));
    dkm_mixture_cover(m, DKM_TISSUE_BLOOD, dkm_share_inside(left - 11, s->half_mm));
}

static void cover_cavity(const DkmSite *s, DkmMixture *m)
{
    cover_ball(&mediastinum, DKM_TISSUE_FAT, s, m);
    cover_ball(&aorta_up, DKM_TISSUE_BLOOD, s, m);
    cover_ball(&pulmonary, DKM_TISSUE_BLOOD, s, m);
    cover_ball(&cava, DKM_TISSUE_BLOOD, s, m);
    cover_heart(s, m);
    cover_ball(&liver, DKM_TISSUE_LIVER, s, m);
    cover_ball(&aorta_down, DKM_TISSUE_BLOOD, s, m);
}

/* Branching vessels of the lung: bright knots where two sheets meet. */
static void cover_lung(const DkmAnatomy *a, const DkmSite *s, DkmMixture *m)
{
    const float none[3] = {0, 0, 0}, other[3] = {9.5f, 4.5f, 17.5f};
    float at[3];
    dkm_grain(s->p, 16, none, at);
    const float first = dkm_field_sheet(a->field, at, 0.12f);
    if (first <= 0)
        return;
    dkm_grain(s->p, 19, other, at);
    dkm_mixture_cover(m, DKM_TISSUE_BLOOD, 0.6f * first * dkm_field_sheet(a->field, at, 0.12f));
}

/* Ribs run downwards to the front; IN is the depth in the wall of the chest. */
static void cover_ribs(const DkmSite *s, float in, DkmMixture *m)
{
    const float along = (s->q[2] - 0.45f * s->q[1] - 0.1f * s->q[0]) / 25;
    const float across = (along - rintf(along)) * 25;
    const float d[3] = {across / 6.5f, (in - 6.5f) / 4.2f, 0};
    const float depth = (1 - dkm_length(d)) * 4.2f;
    dkm_mixture_cover(m, DKM_TISSUE_BONE, dkm_share_inside(depth, s->half_mm));
    dkm_mixture_cover(m, DKM_TISSUE_FAT, 0.8f * dkm_share_inside(depth - 1.4f, s->half_mm));
}

static void cover_fibres(const DkmAnatomy *a, const DkmSite *s, DkmMixture *m)
{
    const float along[3] = {(s->q[0] + 0.7f * s->q[2]) / 5, s->q[1] / 4, (s->q[2] - s->q[0]) / 44};
    dkm_mixture_cover(m, DKM_TISSUE_FAT, 0.4f * dkm_field_sheet(a->field, along, 0.12f));
}

static void cover_back(const DkmSite *s, DkmMixture *m)
{
    const Ball muscle = {{0, 176, 0}, {62, 24, 400}};
    cover_ball(&muscle, DKM_TISSUE_MUSCLE, s, m);
    cover_ball(&vertebra, DKM_TISSUE_BONE, s, m);
    dkm_mixture_cover(m, DKM_TISSUE_FAT,
                      0.6f * dkm_share_inside(ball_depth(&vertebra, s->p) - 2, 1));
    cover_ball(&canal, DKM_TISSUE_MUSCLE, s, m);
}

void dkm_chest_cover(const DkmAnatomy *anatomy, const DkmSite *s, DkmMixture *m)
{
    const float coarse[3] = {3.3f, 8.1f, 21.7f};
    float at[3];
    dkm_grain(s->p, 38, coarse, at);
    const float wobble = dkm_field_at(anatomy->field, at);
    const float front = 1 - dkm_smooth_step(60, 120, s->q[1]);
    const float middle = dkm_smooth_step(8, 26, s->q[0]);
    const float under = s->chest_mm - (7 + 5 * front * middle + 5 * wobble);
    if (under < -s->half_mm)
        return;
    const float upper = dkm_smooth_step(-60, 0, s->q[2]) * middle;
    const float pectoral = 4 + (11 + 3 * wobble) * upper + 3 * (1 - front);
    const float gap = pectoral + 1.5f + 2 * upper;
    dkm_mixture_cover(m, DKM_TISSUE_MUSCLE, dkm_share_inside(under, s->half_mm));
    cover_fibres(anatomy, s, m);
    dkm_mixture_cover(m, DKM_TISSUE_FAT, dkm_share_inside(under - pectoral, s->half_mm));
    dkm_mixture_cover(m, DKM_TISSUE_MUSCLE, 0.8f * dkm_share_inside(under - gap, s->half_mm));
    cover_ribs(s, under - gap, m);
    const float cavity = dkm_share_inside(under - gap - 13, s->half_mm);
    if (cavity > 0) {
        dkm_mixture_cover(m, DKM_TISSUE_LUNG, cavity);
        cover_lung(anatomy, s, m);
    }
    if (cavity >= 1)
        cover_cavity(s, m);
    if (s->q[1] > 120)
        cover_back(s, m);
}
