#include "core/learn/crop.h"

#include "core/model/noise.h"
#include "core/philox.h"

DkmCrop dkm_crop_centre(const DkmSample *sample, int side)
{
    const DkmGrid *grid = dkm_mask_grid(sample->c->mask);
    return (DkmCrop){.y = (grid->n[1] - side) / 2, .x = (grid->n[2] - side) / 2, .side = side};
}

/* Number I, part PART of the crop stream, as an integer in [0, N). */
static int draw(guint64 seed, guint64 i, guint part, int n)
{
    return (int)(dkm_philox_uniform(seed, i * 4 + part, DKM_STREAM_CROP) * n);
}

DkmCrop dkm_crop_random(const DkmSample *sample, int side, gboolean turned, guint64 seed, guint64 i)
{
    const DkmGrid *grid = dkm_mask_grid(sample->c->mask);
    DkmCrop crop = dkm_crop_centre(sample, side);
    if (grid->n[1] > side)
        crop.y = draw(seed, i, 0, grid->n[1] - side + 1);
    if (grid->n[2] > side)
        crop.x = draw(seed, i, 1, grid->n[2] - side + 1);
    if (turned)
        crop.symmetry = (guint)draw(seed, i, 2, 8);
    return crop;
}

static int mirrored(int i, int n)
{
    if (n == 1)
        return 0;
    const int period = 2 * (n - 1);
    i = ((i % period) + period) % period;
    return i < n ? i : period - i;
}

/* Offset in the slice of pixel (I, J) of the crop. */
static gsize place(const DkmGrid *grid, const DkmCrop *crop, int i, int j)
{
    const int last = crop->side - 1;
    if (crop->symmetry & 4u) {
        const int swap = i;
        i = j;
        j = swap;
    }
    i = crop->symmetry & 2u ? last - i : i;
    j = crop->symmetry & 1u ? last - j : j;
    return (gsize)mirrored(crop->y + i, grid->n[1]) * (gsize)grid->n[2] +
           (gsize)mirrored(crop->x + j, grid->n[2]);
}

void dkm_crop_read(const DkmSample *sample, DkmPhaseKind phase, const DkmCrop *crop, int stride,
                   float *out)
{
    const DkmVolume *volume = sample->c->phase[phase];
    const DkmGrid *grid = dkm_volume_grid(volume);
    const gsize n = (gsize)grid->n[1] * (gsize)grid->n[2];
    g_autofree float *slice = g_new(float, n);
    dkm_volume_read_slice(volume, sample->z, slice);
    dkm_normalisation_apply(&sample->c->normalisation, slice, n);
    for (int i = 0; i < crop->side; i++)
        for (int j = 0; j < crop->side; j++, out += stride)
            *out = slice[place(grid, crop, i, j)];
}

void dkm_crop_read_mask(const DkmSample *sample, const DkmCrop *crop, float *out)
{
    const DkmGrid *grid = dkm_mask_grid(sample->c->mask);
    const guint8 *slice = dkm_mask_peek_slice(sample->c->mask, sample->z);
    for (int i = 0; i < crop->side; i++)
        for (int j = 0; j < crop->side; j++)
            *out++ = slice[place(grid, crop, i, j)];
}
