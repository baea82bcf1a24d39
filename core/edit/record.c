/* An action as bytes and back: what a journal keeps.
 * A record is its kind and, for an action, its steps: id, description, the change of voxels. What
 * was there before is not written: whoever replays has it. Numbers are LEB128, a text is its length
 * + 1 and its bytes, 0 for none. */
#include "core/edit/layers-private.h"
#include "core/error.h"

#include <string.h>

/* --- writing ---------------------------------------------------------------------------------- */

static void put_number(GByteArray *out, guint64 number)
{
    do {
        const guint8 byte = (guint8)((number & 0x7f) | (number > 0x7f ? 0x80 : 0));
        g_byte_array_append(out, &byte, 1);
        number >>= 7;
    } while (number);
}

static void put_bytes(GByteArray *out, const void *bytes, gsize length)
{
    put_number(out, bytes ? length + 1 : 0);
    if (bytes)
        g_byte_array_append(out, bytes, (guint)length);
}

static void put_text(GByteArray *out, const char *text)
{
    put_bytes(out, text, text ? strlen(text) : 0);
}

static void put_step(GByteArray *out, const DkmStep *step)
{
    const DkmLayerInfo *info = &step->after;
    gsize length = 0;
    const guint8 *code = step->delta ? dkm_delta_code(step->delta, &length) : NULL;
    put_number(out, step->id);
    put_number(out, (info->present ? 1u : 0) | (info->touched ? 2u : 0) | (info->named ? 4u : 0) |
                        (info->algorithm ? 8u : 0));
    put_number(out, info->origin);
    put_number(out, info->review);
    put_number(out, info->colour);
    put_number(out, (guint64)info->reviewed_unix_s);
    put_text(out, info->name);
    put_text(out, info->reviewer);
    if (info->algorithm) /* the first journals know none */
        put_text(out, info->algorithm);
    put_bytes(out, code, length);
}

void dkm_layers_tell(const DkmLayers *layers, DkmRecordKind kind, guint first)
{
    if (!layers->observer)
        return;
    g_autoptr(GByteArray) record = g_byte_array_new();
    put_number(record, kind);
    for (guint i = first; kind == DKM_RECORD_ACTION && i < layers->done; i++)
        put_step(record, layers->steps->pdata[i]);
    layers->observer(layers->observer_data, record->data, record->len);
}

void dkm_layers_set_observer(DkmLayers *layers, DkmRecordFunc observer, gpointer data)
{
    layers->observer = observer;
    layers->observer_data = data;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* What is left to read; OK falls at the first thing that is not what it should be. */
typedef struct {
    const guint8 *data;
    gsize at, length;
    gboolean ok;
} Reader;

static guint64 get_number(Reader *reader)
{
    guint64 number = 0;
    for (int shift = 0; reader->at < reader->length && shift < 64; shift += 7) {
        const guint8 byte = reader->data[reader->at++];
        number |= (guint64)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return number;
    }
    reader->ok = FALSE;
    return 0;
}

static guint get_choice(Reader *reader, guint last)
{
    const guint64 number = get_number(reader);
    reader->ok = reader->ok && number <= last;
    return reader->ok ? (guint)number : 0;
}

/* NULL where there is none; else borrowed. */
static const guint8 *get_bytes(Reader *reader, gsize *length)
{
    const guint64 number = get_number(reader);
    *length = 0;
    if (!reader->ok || number == 0)
        return NULL;
    if (number - 1 > reader->length - reader->at) {
        reader->ok = FALSE;
        return NULL;
    }
    const guint8 *bytes = reader->data + reader->at;
    *length = (gsize)(number - 1);
    reader->at += *length;
    return bytes;
}

static char *get_text(Reader *reader)
{
    gsize length;
    const char *text = (const char *)get_bytes(reader, &length);
    if (text && !g_utf8_validate_len(text, length, NULL))
        reader->ok = FALSE;
    return text && reader->ok ? g_ref_string_new_len(text, (gssize)length) : NULL;
}

/* The reader's step but for its layer's present description; NULL where it is not one. */
static DkmStep *get_step(Reader *reader, gsize voxels, GError **error)
{
    DkmStep *step = g_new0(DkmStep, 1);
    DkmLayerInfo *info = &step->after;
    gsize length;
    step->id = get_choice(reader, G_MAXUINT);
    const guint flags = get_choice(reader, 15);
    info->present = (flags & 1) != 0;
    info->touched = (flags & 2) != 0;
    info->named = (flags & 4) != 0;
    info->origin = (DkmOrigin)get_choice(reader, DKM_ORIGIN_FOREIGN);
    info->review = (DkmReview)get_choice(reader, DKM_REVIEW_REJECTED);
    info->colour = get_choice(reader, 0xffffff);
    info->reviewed_unix_s = (gint64)get_number(reader);
    info->name = get_text(reader);
    info->reviewer = get_text(reader);
    info->algorithm = flags & 8 ? get_text(reader) : NULL;
    const guint8 *code = get_bytes(reader, &length);
    if (reader->ok && code)
        step->delta = dkm_delta_new_from_code(code, length, voxels, error);
    if (reader->ok && (!code || step->delta))
        return step;
    if (!reader->ok)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT, "a record is damaged");
    dkm_step_free(step);
    return NULL;
}

/* A layer that leaves must leave no voxel behind: undo would not find it. */
static gboolean is_possible(const DkmLayer *layer, const DkmStep *step)
{
    if (!layer || step->after.present)
        return layer != NULL;
    gssize left = (gssize)layer->voxels;
    if (step->delta && !layer->mask)
        left = (gssize)dkm_delta_voxels(step->delta);
    else if (step->delta) {
        left += dkm_delta_apply(step->delta, layer->mask);
        dkm_delta_apply(step->delta, layer->mask);
    }
    return left == 0;
}

/* Takes STEP. */
static gboolean replay_step(DkmLayers *layers, DkmStep *step, GError **error)
{
    if (step->id == layers->slots->len + 1)
        dkm_layers_add_slot(layers);
    DkmLayer *layer = dkm_layers_slot(layers, step->id);
    const gboolean possible = is_possible(layer, step);
    if (layer)
        step->before = dkm_layer_info_copy(&layer->info);
    if (!possible)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT,
                            "a record does not belong to these masks");
    if (!possible || !dkm_layers_run_step(layers, step, &step->after, error)) {
        dkm_step_free(step);
        return FALSE;
    }
    dkm_layers_remember(layers, step);
    return TRUE;
}

static gboolean replay_action(DkmLayers *layers, Reader *reader, GError **error)
{
    gboolean ok = TRUE;
    dkm_layers_begin(layers);
    while (ok && reader->at < reader->length) {
        DkmStep *step = get_step(reader, dkm_grid_voxels(&layers->grid), error);
        ok = step && replay_step(layers, step, error);
    }
    dkm_layers_end(layers, ok);
    return ok;
}

gboolean dkm_layers_replay(DkmLayers *layers, const guint8 *record, gsize length, GError **error)
{
    const DkmRecordFunc observer = layers->observer;
    Reader reader = {record, 0, length, TRUE};
    layers->observer = NULL;
    gboolean ok = FALSE;
    switch (get_choice(&reader, DKM_RECORD_REDO)) {
    case DKM_RECORD_ACTION:
        ok = replay_action(layers, &reader, error);
        break;
    case DKM_RECORD_UNDO:
        ok = dkm_layers_undo(layers, error);
        break;
    case DKM_RECORD_REDO:
        ok = dkm_layers_redo(layers, error);
        break;
    default:
        break;
    }
    layers->observer = observer;
    if (!ok && error && !*error)
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_INPUT,
                            "a record says nothing that can be done");
    return ok;
}
