#include "core/learn/dm-batch.h"

#include "core/model/noise.h"
#include "core/philox.h"

static gsize pixels_of(const DkmDmBatch *batch)
{
    return (gsize)batch->side * (gsize)batch->side;
}

void dkm_dm_batch_init(DkmDmBatch *batch, const DkmPreset *preset, int samples, int side)
{
    *batch = (DkmDmBatch){.preset = *preset, .samples = samples, .side = side};
    const gsize n = (gsize)samples, pixels = pixels_of(batch);
    dkm_schedule_init(&batch->schedule);
    batch->x = g_new0(float, n *pixels *(gsize)dkm_preset_dm_inputs(preset));
    batch->target = g_new0(float, n *pixels *(gsize)preset->outputs);
    batch->time = g_new0(float, n);
    batch->weight = g_new0(float, n);
    batch->x_0 = g_new0(float, pixels);
    batch->noise = g_new0(float, pixels);
}

void dkm_dm_batch_clear(DkmDmBatch *batch)
{
    g_free(batch->x);
    g_free(batch->target);
    g_free(batch->time);
    g_free(batch->weight);
    g_free(batch->x_0);
    g_free(batch->noise);
    *batch = (DkmDmBatch){0};
}

/* Phase that output K predicts. */
static DkmPhaseKind phase_of(const DkmPreset *preset, int k)
{
    return preset->outputs == 2 && k == 0 ? DKM_PHASE_EARLY : DKM_PHASE_LATE;
}

static void read_phase(const DkmDmBatch *batch, const DkmSample *sample, const DkmDmDraw *draw,
                       DkmPhaseKind phase, int stride, float *out)
{
    dkm_crop_read(sample, phase, &draw->crop, stride, out);
    if (draw->intensity)
        dkm_intensity_apply(draw->intensity, &sample->c->normalisation, phase, batch->side, stride,
                            out);
}

/* Every output's phase into its channel, then from x_k to the target. */
static void fill_target(const DkmDmBatch *batch, const DkmSample *sample, const DkmDmDraw *draw,
                        DkmLevel level, float *target)
{
    const gsize outputs = (gsize)batch->preset.outputs, pixels = pixels_of(batch);
    for (gsize k = 0; k < outputs; k++) {
        const DkmPhaseKind phase = batch->preset.reading == DKM_READING_A
                                       ? DKM_PHASE_PRE
                                       : phase_of(&batch->preset, (int)k);
        read_phase(batch, sample, draw, phase, (int)outputs, target + k);
        for (gsize i = 0; i < pixels; i++) {
            float *value = &target[i * outputs + k];
            *value = dkm_level_target(level, batch->x_0[i], *value, batch->noise[i]);
        }
    }
}

void dkm_dm_batch_fill(DkmDmBatch *batch, int place, const DkmSample *sample, const DkmDmDraw *draw)
{
    const DkmReading reading = batch->preset.reading;
    const DkmLevel level = dkm_schedule_level_of(&batch->schedule, reading, draw->t);
    const gsize inputs = (gsize)dkm_preset_dm_inputs(&batch->preset), pixels = pixels_of(batch);
    const gsize at = (gsize)place * pixels;
    read_phase(batch, sample, draw, DKM_PHASE_PRE, 1, batch->x_0);
    for (gsize i = 0; i < pixels; i++) {
        float *x = &batch->x[(at + i) * inputs];
        batch->noise[i] = level.s > 0 ? (float)dkm_philox_normal(draw->seed, draw->number << 24 | i,
                                                                 DKM_STREAM_TRAINING)
                                      : 0;
        x[0] = dkm_level_noised(level, batch->x_0[i], batch->noise[i]);
        if (inputs > 1)
            x[1] = batch->x_0[i];
    }
    fill_target(batch, sample, draw, level, batch->target + at * (gsize)batch->preset.outputs);
    batch->time[place] = dkm_reading_time(reading, draw->t);
    batch->weight[place] = dkm_level_weight(level, reading);
}

double dkm_dm_batch_unchanged_error(const DkmDmBatch *batch, int place)
{
    const gsize outputs = (gsize)batch->preset.outputs, pixels = pixels_of(batch);
    const float *target = batch->target + (gsize)place * pixels * outputs;
    double sum = 0;
    for (gsize i = 0; i < pixels * outputs; i++) {
        const double d = (double)target[i] - batch->noise[i / outputs];
        sum += d * d;
    }
    return batch->weight[place] * sum / (double)(pixels * outputs);
}
