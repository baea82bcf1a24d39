#include "core/learn/sm-batch.h"

#include "core/model/noise.h"
#include "core/philox.h"

static gsize pixels_of(const DkmSmBatch *batch)
{
    return (gsize)batch->side * (gsize)batch->side;
}

void dkm_sm_batch_init(DkmSmBatch *batch, const DkmPreset *preset, int samples, int side)
{
    *batch = (DkmSmBatch){.preset = *preset, .samples = samples, .side = side};
    const gsize n = (gsize)samples * pixels_of(batch);
    batch->x_0 = g_new0(float, n);
    batch->noise = g_new0(float, n);
    batch->label = g_new0(float, n);
    for (int i = 0; i < DKM_SM_DEEP; i++)
        batch->deep_label[i] = g_new0(float, n >> (2 * (i + 1)));
    batch->x = g_new0(float, n *(gsize)dkm_preset_sm_inputs(preset));
    if (preset->input == DKM_INPUT_PREDICTED)
        batch->codes.phases = g_new0(float, n *(gsize)preset->outputs);
    for (int i = 0; i < DKM_LEVELS; i++)
        if (preset->fuse[i])
            batch->codes.code[i] =
                g_new0(float, (n >> (2 * i)) * (gsize)dkm_preset_code_channels(preset, i));
}

void dkm_sm_batch_clear(DkmSmBatch *batch)
{
    g_free(batch->x_0);
    g_free(batch->noise);
    g_free(batch->x);
    g_free(batch->label);
    for (int i = 0; i < DKM_SM_DEEP; i++)
        g_free(batch->deep_label[i]);
    g_free(batch->codes.phases);
    for (int i = 0; i < DKM_LEVELS; i++)
        g_free(batch->codes.code[i]);
    *batch = (DkmSmBatch){0};
}

/* Each of the four subsets is as likely as the others. */
static guint draw_posts(const DkmTrainOptions *o, guint64 number)
{
    const double u = dkm_philox_uniform(o->seed, number, DKM_STREAM_POSTS);
    return o->preset->input == DKM_INPUT_ANY ? (guint)(u * (DKM_POST_BOTH + 1))
                                             : dkm_preset_posts(o->preset);
}

/* The field begins at another place each time where the window does, or the network could tell
 * where it is by the noise. */
DkmSmDraw dkm_sm_draw(const DkmTrainOptions *o, const DkmSample *sample, guint64 number)
{
    DkmSmDraw draw = {.crop = dkm_crop_centre(sample, o->side),
                      .posts = draw_posts(o, number),
                      .has_intensity = o->augment_intensity,
                      .intensity = dkm_intensity_draw(o->seed, number)};
    if (!o->augment)
        return draw;
    const double u = dkm_philox_uniform(o->seed, number, DKM_STREAM_TIMESTEP);
    const int origin = (int)(u * 1024 * 1024);
    draw.crop = dkm_crop_random(sample, o->side, TRUE, o->seed, number);
    draw.noise_y = origin / 1024;
    draw.noise_x = origin % 1024;
    return draw;
}

/* VALUES, or one where they are NULL, into CHANNEL of sample PLACE. */
static void set_channel(DkmSmBatch *batch, int place, int channel, const float *values, float one)
{
    const gsize pixels = pixels_of(batch), inputs = (gsize)dkm_preset_sm_inputs(&batch->preset);
    float *x = batch->x + (gsize)place * pixels * inputs + channel;
    for (gsize i = 0; i < pixels; i++)
        x[i * inputs] = values ? values[i] : one;
}

static void read_phase(const DkmSmBatch *batch, const DkmSample *sample, const DkmSmDraw *draw,
                       DkmPhaseKind phase, float *out)
{
    dkm_crop_read(sample, phase, &draw->crop, 1, out);
    if (draw->has_intensity)
        dkm_intensity_apply(&draw->intensity, &sample->c->normalisation, phase, batch->side, 1,
                            out);
}

/* What is not shown is 0, and where the input has a channel for it, said to be absent. */
static void fill_posts(DkmSmBatch *batch, int place, const DkmSample *sample, const DkmSmDraw *draw)
{
    static const DkmPhaseKind kinds[] = {DKM_PHASE_EARLY, DKM_PHASE_LATE};
    g_autofree float *values = g_new(float, pixels_of(batch));
    for (int k = 0; k < 2; k++) {
        const gboolean is_shown = (draw->posts >> k & 1u) != 0;
        if (is_shown)
            read_phase(batch, sample, draw, kinds[k], values);
        set_channel(batch, place, 1 + k, is_shown ? values : NULL, 0);
        if (batch->preset.input == DKM_INPUT_ANY)
            set_channel(batch, place, 3 + k, NULL, is_shown ? 1 : 0);
    }
}

/* 1 where at least half of the pixels that a small one stands for are. */
static void shrink_label(DkmSmBatch *batch, int place, int i)
{
    const int step = 2 << i, side = batch->side / step;
    const float *label = batch->label + (gsize)place * pixels_of(batch);
    float *out = batch->deep_label[i] + (gsize)place * (gsize)(side * side);
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            float sum = 0;
            for (int p = 0; p < step * step; p++)
                sum += label[(y * step + p / step) * batch->side + x * step + p % step];
            *out++ = 2 * sum >= (float)(step * step);
        }
}

void dkm_sm_batch_fill(DkmSmBatch *batch, int place, const DkmSample *sample, const DkmSmDraw *draw)
{
    const gsize at = (gsize)place * pixels_of(batch);
    dkm_noise_field(0, draw->noise_y, draw->noise_x, batch->side, batch->side, batch->noise + at);
    read_phase(batch, sample, draw, DKM_PHASE_PRE, batch->x_0 + at);
    dkm_crop_read_mask(sample, &draw->crop, batch->label + at);
    for (int i = 0; i < DKM_SM_DEEP; i++)
        shrink_label(batch, place, i);
    set_channel(batch, place, 0, batch->x_0 + at, 0);
    if (dkm_preset_posts(&batch->preset))
        fill_posts(batch, place, sample, draw);
}

void dkm_sm_batch_add_predicted(DkmSmBatch *batch)
{
    const gsize outputs = (gsize)batch->preset.outputs, inputs = 1 + outputs;
    const gsize n = batch->codes.phases ? (gsize)batch->samples * pixels_of(batch) : 0;
    for (gsize i = 0; i < n; i++)
        for (gsize k = 0; k < outputs; k++)
            batch->x[i * inputs + 1 + k] = batch->codes.phases[i * outputs + k];
}
