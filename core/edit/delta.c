#include "core/edit/delta.h"

#include "core/error.h"

#include <string.h>

typedef struct {
    gsize start, length;
} Run;

/* CODE: for each run the gap since the end of the last one and its length, both LEB128. A brush's
 * row costs three to five bytes. */
struct _DkmDelta {
    gatomicrefcount refs;
    gsize voxels, length;
    guint8 *code;
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

/* CODE is taken, and what it has allocated too much is given back. */
static DkmDelta *delta_new_take(GByteArray *code, gsize voxels)
{
    DkmDelta *delta = g_new0(DkmDelta, 1);
    g_atomic_ref_count_init(&delta->refs);
    delta->voxels = voxels;
    delta->length = code->len;
    delta->code = g_realloc(g_byte_array_free(code, FALSE), delta->length);
    return delta;
}

DkmDelta *dkm_delta_new(DkmFlips *flips)
{
    if (!flips->runs || flips->runs->len == 0)
        return NULL;
    g_array_sort(flips->runs, by_start);
    GByteArray *code = g_byte_array_new();
    gsize end = 0, voxels = 0;
    for (guint i = 0; i < flips->runs->len;) {
        const gsize start = g_array_index(flips->runs, Run, i).start;
        gsize length;
        i = join_runs(flips->runs, i, &length);
        put_number(code, start - end);
        put_number(code, length);
        voxels += length;
        end = start + length;
    }
    return delta_new_take(code, voxels);
}

/* Adds the runs of a slice in which A and B differ; B NULL: nothing set. */
static void add_differences(DkmFlips *flips, const guint8 *a, const guint8 *b, gsize start, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        const gsize first = i;
        while (i < n && a[i] != (b ? b[i] : 0))
            i++;
        if (i > first)
            dkm_flips_add(flips, start + first, i - first);
    }
}

DkmDelta *dkm_delta_new_from_mask(const DkmMask *mask)
{
    const DkmGrid *grid = dkm_mask_grid(mask);
    const gsize n = (gsize)grid->n[1] * (gsize)grid->n[2];
    g_auto(DkmFlips) flips = {0};
    for (int z = 0; z < grid->n[0]; z++) {
        const guint8 *voxels = dkm_mask_peek_slice(mask, z);
        if (memchr(voxels, 1, n))
            add_differences(&flips, voxels, NULL, (gsize)z * n, n);
    }
    return dkm_delta_new(&flips);
}

DkmDelta *dkm_delta_new_between(const DkmMask *from, const DkmMask *to)
{
    const DkmGrid *grid = dkm_mask_grid(from);
    const gsize n = (gsize)grid->n[1] * (gsize)grid->n[2];
    g_auto(DkmFlips) flips = {0};
    for (int z = 0; z < grid->n[0]; z++) {
        const guint8 *a = dkm_mask_peek_slice(from, z), *b = dkm_mask_peek_slice(to, z);
        if (memcmp(a, b, n) != 0)
            add_differences(&flips, a, b, (gsize)z * n, n);
    }
    return dkm_delta_new(&flips);
}

/* One number of a foreign code; FALSE where it ends too early or says too much. */
static gboolean read_number(const guint8 **at, const guint8 *end, gsize most, gsize *number)
{
    *number = 0;
    for (int shift = 0; *at < end && shift < 63; shift += 7) {
        const guint8 byte = *(*at)++;
        *number |= (gsize)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return *number <= most;
    }
    return FALSE;
}

DkmDelta *dkm_delta_new_from_code(const guint8 *code, gsize length, gsize voxels, GError **error)
{
    const guint8 *at = code, *end = code + length;
    gsize left = voxels, changed = 0;
    while (at < end) {
        gsize gap, run;
        const gboolean ok =
            read_number(&at, end, left, &gap) && read_number(&at, end, left - gap, &run) && run > 0;
        if (!ok) {
            g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT, "a change of voxels is damaged");
            return NULL;
        }
        left -= gap + run;
        changed += run;
    }
    GByteArray *copy = g_byte_array_new();
    g_byte_array_append(copy, code, (guint)length);
    return delta_new_take(copy, changed);
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
    g_free(delta->code);
    g_free(delta);
}

gssize dkm_delta_apply(const DkmDelta *delta, DkmMask *mask)
{
    guint8 *voxel = dkm_mask_slice(mask, 0);
    const guint8 *at = delta->code, *end = at + delta->length;
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

gsize dkm_delta_count_set(const DkmDelta *delta, const DkmMask *mask)
{
    const guint8 *voxel = dkm_mask_peek_slice(mask, 0);
    const guint8 *at = delta->code, *end = at + delta->length;
    gsize count = 0;
    while (at < end) {
        voxel += get_number(&at);
        for (gsize left = get_number(&at); left > 0; left--)
            count += *voxel++;
    }
    return count;
}

gsize dkm_delta_voxels(const DkmDelta *delta)
{
    return delta->voxels;
}

const guint8 *dkm_delta_code(const DkmDelta *delta, gsize *length)
{
    *length = delta->length;
    return delta->code;
}

gsize dkm_delta_bytes(const DkmDelta *delta)
{
    return sizeof *delta + delta->length;
}
