/* The noise schedule and what the diffusion module is asked to predict, pixel by pixel. Symbols as
 * in the specification of DKM, section 1: a = sqrt(alpha_bar_t), s = sqrt(1 - alpha_bar_t). t is
 * the paper's 1..1000 everywhere. Values. */
#pragma once

#include "core/model/preset.h"

G_BEGIN_DECLS

enum { DKM_TIMESTEPS = 1000 };

typedef struct {
    double alpha_bar[DKM_TIMESTEPS + 1]; /* [0] = 1 */
} DkmSchedule;

/* beta linear from 1e-4 to 1e-2. */
void dkm_schedule_init(DkmSchedule *schedule);

/* One timestep of a schedule; without noise (a = 1, s = 0) that of a regression. */
typedef struct {
    double a, s;
} DkmLevel;
DkmLevel dkm_schedule_level(const DkmSchedule *schedule, int t);
/* The same for what READING sees: a regression sees no noise, whatever T. */
DkmLevel dkm_schedule_level_of(const DkmSchedule *schedule, DkmReading reading, int t);
/* What the time embedding counts from: t - 1; a regression's time stands still. */
float dkm_reading_time(DkmReading reading, int t);

static inline double dkm_level_snr(DkmLevel level)
{
    return level.a * level.a / (level.s * level.s);
}
/* x_t = a x_0 + s eps (eq. 4). */
static inline float dkm_level_noised(DkmLevel level, float x_0, float eps)
{
    return (float)(level.a * x_0 + level.s * eps);
}
/* Readings B: eps* = (x_t - a x_k)/s = eps - (a/s)(x_k - x_0). Reading A is the case x_k = x_0.
 * Without noise: x_k - x_0. */
static inline float dkm_level_target(DkmLevel level, float x_0, float x_k, float eps)
{
    const double enhancement = (double)x_k - x_0;
    return (float)(level.s > 0 ? eps - level.a / level.s * enhancement : enhancement);
}
/* One-step prediction of x_k: (x_t - s eps*)/a; without noise x_t + what is predicted. */
static inline float dkm_level_predicted(DkmLevel level, float x_t, float target)
{
    return (float)(level.s > 0 ? (x_t - level.s * target) / level.a : (double)x_t + target);
}
/* Weight of the squared error at this level: min(5, SNR)/SNR in readings B, else 1. */
float dkm_level_weight(DkmLevel level, DkmReading reading);

G_END_DECLS
