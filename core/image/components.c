#include "core/image/components.h"

typedef struct {
    const guint8 *mask;
    const int *n;
    guint32 *labels;
    GArray *open; /* of gsize: voxels whose neighbours are still to be looked at */
} Flood;

static void reach(Flood *flood, gsize index, guint32 label)
{
    if (!flood->mask[index] || flood->labels[index])
        return;
    flood->labels[index] = label;
    g_array_append_val(flood->open, index);
}

/* Reaches the 26 neighbours of voxel INDEX, and itself. */
static void spread(Flood *flood, gsize index, guint32 label)
{
    const gsize columns = (gsize)flood->n[2], rows = (gsize)flood->n[1];
    const int x = (int)(index % columns), y = (int)(index / columns % rows),
              z = (int)(index / columns / rows);
    for (int p = MAX(z - 1, 0); p <= MIN(z + 1, flood->n[0] - 1); p++)
        for (int q = MAX(y - 1, 0); q <= MIN(y + 1, flood->n[1] - 1); q++)
            for (int r = MAX(x - 1, 0); r <= MIN(x + 1, flood->n[2] - 1); r++)
                reach(flood, ((gsize)p * rows + (gsize)q) * columns + (gsize)r, label);
}

guint dkm_components_label(const guint8 *mask, const int n[3], guint32 *labels)
{
    const gsize count = (gsize)n[0] * (gsize)n[1] * (gsize)n[2];
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(gsize));
    Flood flood = {mask, n, labels, open};
    guint32 label = 0;
    for (gsize i = 0; i < count; i++)
        labels[i] = 0;
    for (gsize i = 0; i < count; i++) {
        if (!mask[i] || labels[i])
            continue;
        reach(&flood, i, ++label);
        while (open->len) {
            const gsize index = g_array_index(open, gsize, open->len - 1);
            g_array_set_size(open, open->len - 1);
            spread(&flood, index, label);
        }
    }
    return label;
}
