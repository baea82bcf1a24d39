/* IEEE half precision in portable C, for the emulator and its tests. */
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

/* To nearest even. */
static inline uint16_t half_from_float(float value)
{
    uint32_t u;
    memcpy(&u, &value, sizeof u);
    const uint16_t sign = (uint16_t)(u >> 16 & 0x8000u);
    u &= 0x7fffffffu;
    if (u > 0x7f800000u)
        return sign | 0x7e00u;
    if (u >= 0x477ff000u) /* 65520 rounds to infinity */
        return sign | 0x7c00u;
    if (u < 0x38800000u) /* below 2^-14: multiples of 2^-24 */
        return sign | (uint16_t)lrintf(fabsf(value) * 16777216.0f);
    return sign | (uint16_t)((u + 0xfffu + (u >> 13 & 1u) - 0x38000000u) >> 13);
}

static inline float half_to_float(uint16_t half)
{
    const uint32_t magnitude = half & 0x7fffu, exponent = magnitude >> 10;
    uint32_t u = (magnitude << 13) + (exponent == 31 ? 0x70000000u : 0x38000000u);
    float value;
    memcpy(&value, &u, sizeof value);
    if (exponent == 0)
        value = (float)magnitude / 16777216.0f;
    return half & 0x8000u ? -value : value;
}
