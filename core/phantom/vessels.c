/* The vessels of the breast: under the skin towards the nipple, from the chest into the gland, two
 * that feed the mass, and the internal thoracic ones beside the sternum. */
#include "core/phantom/parts.h"

#include <string.h>

enum { SUPERFICIAL = 8, DEEP = 5, STEPS = 14, DRAWS = 600, DRAWS_EACH = 24 };

/* Mirrored coordinates to LPS. */
static void to_lps(int side, const float q[3], float p[3])
{
    p[0] = q[0] * (float)side;
    p[1] = q[1];
    p[2] = q[2];
}

static void add_piece(DkmAnatomy *anatomy, const float from[3], const float to[3], float radius)
{
    DkmVesselPiece piece = {.radius_mm = radius};
    for (int a = 0; a < 3; a++) {
        piece.from[a] = from[a];
        piece.to[a] = to[a];
    }
    g_array_append_val(anatomy->vessels, piece);
}

/* A place put out of line by the random field: no vessel is straight. */
static void wobble(const DkmAnatomy *anatomy, float strength, float p[3])
{
    static const float shift[3][3] = {{1, 2, 3}, {14, 5, 9}, {7, 19, 23}};
    float out[3];
    for (int a = 0; a < 3; a++) {
        float at[3];
        dkm_grain(p, 17, shift[a], at);
        out[a] = p[a] + strength * dkm_field_at(anatomy->field, at);
    }
    for (int a = 0; a < 3; a++)
        p[a] = out[a];
}

/* One vessel under the skin, with a branch that leaves half-way. */
static void plan_superficial(DkmAnatomy *anatomy, int side, guint32 draw)
{
    const DkmBreast *b = &anatomy->breasts[side < 0];
    const float start = dkm_draw(anatomy->seed, draw, 0, 2 * (float)G_PI);
    const float turn = dkm_draw(anatomy->seed, draw + 1, -0.9f, 0.9f);
    const float end = dkm_draw(anatomy->seed, draw + 2, 0.6f, 0.92f);
    const float radius = dkm_draw(anatomy->seed, draw + 3, 0.6f, 1.15f);
    const float share = dkm_draw(anatomy->seed, draw + 4, 0.80f, 0.91f);
    for (int branch = 0; branch < 2; branch++) {
        float before[3] = {0, 0, 0};
        for (int i = branch ? STEPS / 2 : 0; i <= STEPS; i++) {
            const float t = (float)i / STEPS;
            const float off = branch ? -1.8f * turn * (t - 0.5f) : 0;
            float q[3], p[3];
            dkm_breast_place(b, 0.12f + (end - 0.12f) * t, start + turn * t + off, share, q);
            to_lps(side, q, p);
            wobble(anatomy, 7, p);
            if (i > (branch ? STEPS / 2 : 0))
                add_piece(anatomy, before, p, radius * (1 - 0.45f * t) * (branch ? 0.8f : 1));
            memcpy(before, p, sizeof before);
        }
    }
}

/* A bowed vessel between two places in LPS. */
static void plan_between(DkmAnatomy *anatomy, const float from[3], const float to[3],
                         const float radius[2])
{
    float before[3] = {from[0], from[1], from[2]};
    for (int i = 1; i <= STEPS; i++) {
        const float t = (float)i / STEPS;
        float p[3];
        for (int a = 0; a < 3; a++)
            p[a] = from[a] + (to[a] - from[a]) * t;
        wobble(anatomy, 30 * t * (1 - t) + 2, p);
        add_piece(anatomy, before, p, radius[0] + (radius[1] - radius[0]) * t);
        memcpy(before, p, sizeof before);
    }
}

static void plan_deep(DkmAnatomy *anatomy, int side, guint32 draw)
{
    const DkmBreast *b = &anatomy->breasts[side < 0];
    const float from_q[3] = {b->nipple[0] + dkm_draw(anatomy->seed, draw, -50, 50), 22,
                             b->nipple[2] + dkm_draw(anatomy->seed, draw + 1, -30, 50)};
    float from[3], to_q[3], to[3];
    for (guint32 a = 0; a < 3; a++)
        to_q[a] =
            b->gland[a] + b->gland_half[a] * dkm_draw(anatomy->seed, draw + 2 + a, -0.6f, 0.6f);
    to_lps(side, from_q, from);
    to_lps(side, to_q, to);
    plan_between(anatomy, from, to, (const float[]){0.9f, 0.35f});
}

/* Two that end at the mass. */
static void plan_feeding(DkmAnatomy *anatomy)
{
    const DkmMass *mass = &anatomy->mass;
    const float lateral_q[3] = {146, 40, mass->centre[2] + 28};
    const float medial_q[3] = {34, 4, mass->centre[2] - 4};
    float from[3];
    to_lps(mass->side, lateral_q, from);
    plan_between(anatomy, from, mass->centre, (const float[]){1.3f, 0.9f});
    to_lps(mass->side, medial_q, from);
    plan_between(anatomy, from, mass->centre, (const float[]){0.9f, 0.6f});
}

static void plan_thoracic(DkmAnatomy *anatomy, int side)
{
    for (int i = 0; i < 2; i++) {
        float before[3] = {0, 0, 0};
        for (int step = 0; step <= 30; step++) {
            const float w = -130 + 8 * (float)step;
            float half[2], centre = 0;
            dkm_chest_ellipse(w, half, &centre);
            float p[3] = {(float)side * (20 + 5 * (float)i), centre - half[1] + 27, w};
            wobble(anatomy, 2, p);
            if (step > 0)
                add_piece(anatomy, before, p, i ? 1.1f : 1.5f);
            memcpy(before, p, sizeof before);
        }
    }
}

void dkm_vessels_plan(DkmAnatomy *anatomy)
{
    guint32 draw = DRAWS;
    anatomy->vessels = g_array_new(FALSE, FALSE, sizeof(DkmVesselPiece));
    for (int side = 1; side >= -1; side -= 2) {
        for (int i = 0; i < SUPERFICIAL; i++, draw += DRAWS_EACH)
            plan_superficial(anatomy, side, draw);
        for (int i = 0; i < DEEP; i++, draw += DRAWS_EACH)
            plan_deep(anatomy, side, draw);
        plan_thoracic(anatomy, side);
    }
    plan_feeding(anatomy);
}
