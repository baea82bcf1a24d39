#include "core/edit/threshold.h"

struct _DkmThreshold {
    gatomicrefcount refs;
    DkmGrid grid;
    float low, high;
    DkmSliceReader read;
    gpointer data;
    GDestroyNotify destroy;
    float **slices; /* n[0] of them; NULL: not read yet */
};

DkmThreshold *dkm_threshold_new(const DkmGrid *grid, float low, float high, DkmSliceReader read,
                                gpointer data, GDestroyNotify destroy)
{
    DkmThreshold *self = g_new0(DkmThreshold, 1);
    g_atomic_ref_count_init(&self->refs);
    self->grid = *grid;
    self->low = low;
    self->high = high;
    self->read = read;
    self->data = data;
    self->destroy = destroy;
    self->slices = g_new0(float *, (gsize)grid->n[0]);
    return self;
}

static void read_phase(gpointer data, int z, float *out)
{
    dkm_volume_read_slice(data, z, out);
}

DkmThreshold *dkm_threshold_new_for_phase(DkmVolume *volume, float low, float high)
{
    return dkm_threshold_new(dkm_volume_grid(volume), low, high, read_phase, dkm_volume_ref(volume),
                             (GDestroyNotify)dkm_volume_unref);
}

typedef struct {
    DkmMapKind kind;
    DkmVolume *pre, *early, *late;
    float background;
} MapReader;

static void read_map(gpointer data, int z, float *out)
{
    const MapReader *reader = data;
    const DkmKineticSource source = {reader->pre, reader->early, reader->late};
    dkm_kinetics_slice(reader->kind, &source, z, reader->background, out);
}

static void map_reader_free(gpointer data)
{
    MapReader *reader = data;
    dkm_volume_unref(reader->pre);
    dkm_volume_unref(reader->early);
    dkm_volume_unref(reader->late);
    g_free(reader);
}

static DkmVolume *keep(const DkmVolume *volume)
{
    return volume ? dkm_volume_ref((DkmVolume *)volume) : NULL;
}

DkmThreshold *dkm_threshold_new_for_map(DkmMapKind kind, const DkmKineticSource *source,
                                        float background, float low, float high)
{
    MapReader *reader = g_new0(MapReader, 1);
    *reader =
        (MapReader){kind, keep(source->pre), keep(source->early), keep(source->late), background};
    return dkm_threshold_new(dkm_volume_grid(source->pre), low, high, read_map, reader,
                             map_reader_free);
}

DkmThreshold *dkm_threshold_ref(DkmThreshold *threshold)
{
    g_atomic_ref_count_inc(&threshold->refs);
    return threshold;
}

void dkm_threshold_unref(DkmThreshold *threshold)
{
    if (!threshold || !g_atomic_ref_count_dec(&threshold->refs))
        return;
    for (int z = 0; z < threshold->grid.n[0]; z++)
        g_free(threshold->slices[z]);
    g_free(threshold->slices);
    if (threshold->destroy)
        threshold->destroy(threshold->data);
    g_free(threshold);
}

gboolean dkm_threshold_accepts(DkmThreshold *threshold, int z, int y, int x)
{
    const gsize rows = (gsize)threshold->grid.n[1], columns = (gsize)threshold->grid.n[2];
    if (!threshold->slices[z]) {
        threshold->slices[z] = g_try_new(float, rows *columns);
        if (!threshold->slices[z])
            return FALSE;
        threshold->read(threshold->data, z, threshold->slices[z]);
    }
    const float value = threshold->slices[z][(gsize)y * columns + (gsize)x];
    return value >= threshold->low && value <= threshold->high;
}
