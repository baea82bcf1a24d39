#include "core/model/noise.h"

#include "core/philox.h"

void dkm_noise_field(guint64 seed, int y, int x, int height, int width, float *out)
{
    for (int i = 0; i < height; i++)
        for (int j = 0; j < width; j++)
            *out++ = (float)dkm_philox_normal(seed, (guint64)(y + i) * 4096 + (guint64)(x + j),
                                              DKM_STREAM_FIELD);
}
