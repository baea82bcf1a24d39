#include "core/philox.h"

#include <math.h>

void dkm_philox(const guint32 key[2], const guint32 counter[4], guint32 out[4])
{
    guint32 k0 = key[0], k1 = key[1];
    guint32 c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    for (int round = 0; round < 10; round++) {
        const guint64 p0 = (guint64)0xD2511F53u * c0, p1 = (guint64)0xCD9E8D57u * c2;
        c0 = (guint32)(p1 >> 32) ^ c1 ^ k0;
        c1 = (guint32)p1;
        c2 = (guint32)(p0 >> 32) ^ c3 ^ k1;
        c3 = (guint32)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

static void words(guint64 seed, guint64 index, guint32 stream, guint32 out[4])
{
    const guint32 key[2] = {(guint32)seed, (guint32)(seed >> 32)};
    const guint32 counter[4] = {(guint32)index, (guint32)(index >> 32), stream, 0};
    dkm_philox(key, counter, out);
}

double dkm_philox_normal(guint64 seed, guint64 index, guint32 stream)
{
    guint32 word[4];
    words(seed, index, stream, word);
    const double u = (word[0] + 0.5) / 4294967296.0, v = (word[1] + 0.5) / 4294967296.0;
    return sqrt(-2.0 * log(u)) * cos(2.0 * G_PI * v);
}

double dkm_philox_uniform(guint64 seed, guint64 index, guint32 stream)
{
    guint32 word[4];
    words(seed, index, stream, word);
    return word[0] / 4294967296.0;
}
