#include "core/model/schedule.h"

#include <math.h>

static const double beta_first = 1e-4, beta_last = 1e-2;
/* Without a bound, 72 % of the loss comes from t <= 10 (specification, section 1.3). */
static const double snr_bound = 5;

void dkm_schedule_init(DkmSchedule *schedule)
{
    schedule->alpha_bar[0] = 1;
    for (int t = 1; t <= DKM_TIMESTEPS; t++) {
        const double beta =
            beta_first + (beta_last - beta_first) * (t - 1) / (double)(DKM_TIMESTEPS - 1);
        schedule->alpha_bar[t] = schedule->alpha_bar[t - 1] * (1 - beta);
    }
}

DkmLevel dkm_schedule_level(const DkmSchedule *schedule, int t)
{
    const double alpha_bar = schedule->alpha_bar[CLAMP(t, 1, DKM_TIMESTEPS)];
    return (DkmLevel){.a = sqrt(alpha_bar), .s = sqrt(1 - alpha_bar)};
}

DkmLevel dkm_schedule_level_of(const DkmSchedule *schedule, DkmReading reading, int t)
{
    return reading == DKM_READING_REGRESSION ? (DkmLevel){.a = 1, .s = 0}
                                             : dkm_schedule_level(schedule, t);
}

float dkm_reading_time(DkmReading reading, int t)
{
    return reading == DKM_READING_REGRESSION ? 0 : (float)(t - 1);
}

float dkm_level_weight(DkmLevel level, DkmReading reading)
{
    if (reading == DKM_READING_A || reading == DKM_READING_REGRESSION)
        return 1;
    const double snr = dkm_level_snr(level);
    return (float)(MIN(snr_bound, snr) / snr);
}
