#include "core/phantom/field.h"

#include "core/philox.h"

#include <math.h>

enum { SIDE = 32, MASK = SIDE - 1, STREAM = 0x50480001 };

struct _DkmField {
    float value[SIDE][SIDE][SIDE];
};

DkmField *dkm_field_new(guint64 seed)
{
    DkmField *field = g_new(DkmField, 1);
    float *value = &field->value[0][0][0];
    const guint32 key[2] = {(guint32)seed, (guint32)(seed >> 32)};
    for (guint32 i = 0; i < SIDE * SIDE * SIDE; i += 4) {
        guint32 word[4];
        dkm_philox(key, (const guint32[]){i, 0, STREAM, 0}, word);
        for (int k = 0; k < 4; k++)
            value[i + (guint32)k] = (float)(word[k] >> 8) * (2.0f / 16777216.0f) - 1.0f;
    }
    return field;
}

void dkm_field_free(DkmField *field)
{
    g_free(field);
}

static inline float mix(float a, float b, float t)
{
    return a + (b - a) * t;
}

static inline float ease(float t)
{
    return t * t * t * (t * (t * 6 - 15) + 10);
}

float dkm_field_at(const DkmField *field, const float p[3])
{
    int cell[3], next[3];
    float t[3];
    for (int a = 0; a < 3; a++) {
        const float whole = floorf(p[a]);
        t[a] = ease(p[a] - whole);
        cell[a] = (int)whole & MASK;
        next[a] = (cell[a] + 1) & MASK;
    }
    const float *r00 = field->value[cell[0]][cell[1]], *r01 = field->value[cell[0]][next[1]];
    const float *r10 = field->value[next[0]][cell[1]], *r11 = field->value[next[0]][next[1]];
    const float near =
        mix(mix(r00[cell[2]], r00[next[2]], t[2]), mix(r01[cell[2]], r01[next[2]], t[2]), t[1]);
    const float far =
        mix(mix(r10[cell[2]], r10[next[2]], t[2]), mix(r11[cell[2]], r11[next[2]], t[2]), t[1]);
    return mix(near, far, t[0]);
}

/* Each octave is turned, so that the lattice does not show. The matrix is a rotation times 2. */
static void refine(float p[3])
{
    const float x = p[0], y = p[1], z = p[2];
    p[0] = 1.6f * y + 1.2f * z + 7.3f;
    p[1] = -1.6f * x + 0.72f * y - 0.96f * z + 3.1f;
    p[2] = -1.2f * x - 0.96f * y + 1.28f * z + 11.7f;
}

float dkm_field_sum(const DkmField *field, const float p[3], int octaves)
{
    float at[3] = {p[0], p[1], p[2]};
    float sum = 0, strength = 1, total = 0;
    for (int i = 0; i < octaves; i++) {
        sum += strength * dkm_field_at(field, at);
        total += strength;
        strength *= 0.5f;
        refine(at);
    }
    return sum / total;
}

float dkm_field_sheet(const DkmField *field, const float p[3], float width)
{
    const float away = fabsf(dkm_field_sum(field, p, 2)) / width;
    return away < 1 ? 1 - away : 0;
}
