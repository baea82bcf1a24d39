#include "core/edit/delta.h"

typedef struct {
    gsize start, length;
} Run;

/* CODE: for each run the gap since the end of the last one and its length, both LEB128. A brush's
 * row costs three to five bytes. */
struct _DkmDelta {
    gatomicrefcount refs;
    gsize voxels;
    GByteArray *code;
};

void dkm_flips_add(DkmFlips *flips, gsize start, gsize length)
{
    if (!flips->runs)
        flips->runs = g_array_new(FALSE, FALSE, sizeof(Run));
    const Run run = {start, length};
    g_array_append_val(flips->runs, run);
}

gsize dkm_flips_count(const DkmFlips *flips, guint first)
{
    gsize voxels = 0;
    for (guint i = first; flips->runs && i < flips->runs->len; i++)
        voxels += g_array_index(flips->runs, Run, i).length;
    return voxels;
}

void dkm_flips_clear(DkmFlips *flips)
{
    g_clear_pointer(&flips->runs, g_array_unref);
}

static void put_number(GByteArray *code, gsize number)
{
    do {
        const guint8 byte = (guint8)((number & 0x7f) | (number > 0x7f ? 0x80 : 0));
        g_byte_array_append(code, &byte, 1);
        number >>= 7;
    } while (number);
}

static gsize get_number(const guint8 **at)
{
    gsize number = 0;
    int shift = 0;
    guint8 byte;
    do {
        byte = *(*at)++;
        number |= (gsize)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    return number;
}

static gint by_start(gconstpointer a, gconstpointer b)
{
    const Run *left = a, *right = b;
    return left->start < right->start ? -1 : left->start > right->start;
}

/* Where the runs from I on stop touching each other; *LENGTH is what they cover. */
static guint join_runs(const GArray *runs, guint i, gsize *length)
{
    const Run *run = &g_array_index(runs, Run, i);
    *length = run->length;
    for (i++; i < runs->len && g_array_index(runs, Run, i).start == run->start + *length; i++)
        *length += g_array_index(runs, Run, i).length;
    return i;
}

DkmDelta *dkm_delta_new(DkmFlips *flips)
{
    if (!flips->runs || flips->runs->len == 0)
        return NULL;
    g_array_sort(flips->runs, by_start);
    DkmDelta *delta = g_new0(DkmDelta, 1);
    g_atomic_ref_count_init(&delta->refs);
    delta->code = g_byte_array_new();
    gsize end = 0;
    for (guint i = 0; i < flips->runs->len;) {
        const gsize start = g_array_index(flips->runs, Run, i).start;
        gsize length;
        i = join_runs(flips->runs, i, &length);
        put_number(delta->code, start - end);
        put_number(delta->code, length);
        delta->voxels += length;
        end = start + length;
    }
    return delta;
}

DkmDelta *dkm_delta_new_from_mask(const DkmMask *mask)
{
    const guint8 *voxels = dkm_mask_peek_slice(mask, 0);
    const gsize n = dkm_grid_voxels(dkm_mask_grid(mask));
    g_auto(DkmFlips) flips = {0};
    for (gsize i = 0; i < n; i++) {
        if (!voxels[i])
            continue;
        const gsize start = i;
        while (i < n && voxels[i])
            i++;
        dkm_flips_add(&flips, start, i - start);
    }
    return dkm_delta_new(&flips);
}

DkmDelta *dkm_delta_ref(DkmDelta *delta)
{
    g_atomic_ref_count_inc(&delta->refs);
    return delta;
}

void dkm_delta_unref(DkmDelta *delta)
{
    if (!delta || !g_atomic_ref_count_dec(&delta->refs))
        return;
    g_byte_array_unref(delta->code);
    g_free(delta);
}

gssize dkm_delta_apply(const DkmDelta *delta, DkmMask *mask)
{
    guint8 *voxel = dkm_mask_slice(mask, 0);
    const guint8 *at = delta->code->data, *end = at + delta->code->len;
    gssize change = 0;
    while (at < end) {
        voxel += get_number(&at);
        for (gsize left = get_number(&at); left > 0; left--, voxel++) {
            *voxel ^= 1;
            change += *voxel ? 1 : -1;
        }
    }
    return change;
}

gsize dkm_delta_voxels(const DkmDelta *delta)
{
    return delta->voxels;
}

gsize dkm_delta_bytes(const DkmDelta *delta)
{
    return sizeof *delta + sizeof *delta->code + delta->code->len;
}
