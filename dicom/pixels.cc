/* Frames to a volume. Uncompressed samples go straight from the file into the volume; compressed
 * ones through our own RLE decoder or, after a look at their markers, DCMTK's codecs. */
#include "core/error.h"
#include "core/pool.h"
#include "dicom/byte-source.h"
#include "dicom/dcmtk.h"
#include "dicom/dicom.h"
#include "dicom/jpeg-check.h"
#include "dicom/preflight.h"
#include "dicom/rle.h"

#include "dcmtk/dcmdata/dcfcache.h"
#include "dcmtk/dcmdata/dcpixel.h"
#include "dcmtk/dcmdata/dcuid.h"

#include <cstring>

namespace {

bool refuse(GError **error, int code, const char *what)
{
    g_set_error_literal(error, DKM_ERROR, code, what);
    return false;
}

gsize frame_bytes(const DkmFrame &f)
{
    return static_cast<gsize>(f.rows) * static_cast<gsize>(f.columns) *
           static_cast<gsize>(f.bits_allocated / 8);
}

/* The file must still be what the scan saw. */
bool is_unchanged(const DkmFrame &f, const DkmPreflight &p, GError **error)
{
    const bool same = strcmp(f.transfer_syntax_uid, p.transfer_syntax) == 0 && p.rows == f.rows &&
                      p.columns == f.columns && p.bits_allocated == f.bits_allocated &&
                      p.pixel_offset != 0;
    return same || refuse(error, DKM_ERROR_INPUT, "the file has changed since it was scanned");
}

bool read_raw(const DkmFrame &f, const DkmPreflight &p, guint8 *out, GError **error)
{
    const gsize bytes = frame_bytes(f);
    const guint64 first = static_cast<guint64>(f.frame) * bytes;
    if (first + bytes > p.pixel_length)
        return refuse(error, DKM_ERROR_INPUT, "the pixel data are cut off");
    g_auto(DkmByteSource) source;
    source.fd = -1;
    g_autoptr(GBytes) inflated = nullptr;
    if (p.deflated) {
        inflated = dkm_preflight_inflate(f.path, error);
        if (!inflated)
            return false;
        gsize size;
        const void *data = g_bytes_get_data(inflated, &size);
        dkm_byte_source_memory(&source, static_cast<const guint8 *>(data), size);
    } else if (!dkm_byte_source_open(&source, f.path, error)) {
        return false;
    }
    if (!dkm_byte_source_read(&source, p.pixel_offset + first, bytes, out))
        return refuse(error, DKM_ERROR_INPUT, "the pixel data are cut off");
    if (p.big_endian && f.bits_allocated == 16)
        for (gsize i = 0; i < bytes; i += 2)
            std::swap(out[i], out[i + 1]);
    return true;
}

/* Which fragments make frame F: [first, end). */
struct Run {
    guint first, end;
};

/* By the basic offset table where several fragments make a frame of several. */
bool run_from_table(const DkmFrame &f, const DkmPreflight &p, const GArray *fragments, Run *run,
                    GError **error)
{
    g_auto(DkmByteSource) source;
    guint8 head[8];
    source.fd = -1;
    if (!dkm_byte_source_open(&source, f.path, error) ||
        !dkm_byte_source_read(&source, p.pixel_offset, 8, head))
        return false;
    guint32 length;
    memcpy(&length, head + 4, 4);
    g_autofree guint32 *table = g_new0(guint32, static_cast<gsize>(f.number_of_frames));
    if (GUINT32_FROM_LE(length) != 4 * static_cast<guint32>(f.number_of_frames) ||
        !dkm_byte_source_read(&source, p.pixel_offset + 8,
                              4 * static_cast<gsize>(f.number_of_frames), table))
        return refuse(error, DKM_ERROR_UNSUPPORTED,
                      "several fragments per frame and no offset table");
    const guint64 base = p.pixel_offset + 8 + GUINT32_FROM_LE(length);
    const auto fragment_at = [&](int frame) {
        guint i = 0;
        if (frame == f.number_of_frames)
            return fragments->len;
        const guint64 wanted = base + GUINT32_FROM_LE(table[frame]) + 8;
        while (i < fragments->len && g_array_index(fragments, DkmFragment, i).offset != wanted)
            i++;
        return i;
    };
    *run = {fragment_at(f.frame), fragment_at(f.frame + 1)};
    return run->first < run->end ||
           refuse(error, DKM_ERROR_INPUT, "the offset table of the pixel data is damaged");
}

bool find_run(const DkmFrame &f, const DkmPreflight &p, const GArray *fragments, Run *run,
              GError **error)
{
    const guint frames = static_cast<guint>(f.number_of_frames);
    if (frames == 1)
        *run = {0, fragments->len};
    else if (fragments->len == frames)
        *run = {static_cast<guint>(f.frame), static_cast<guint>(f.frame) + 1};
    else
        return run_from_table(f, p, fragments, run, error);
    return run->first < run->end || refuse(error, DKM_ERROR_INPUT, "no fragment of pixel data");
}

/* The bytes of frame F's fragments, one after the other. */
GByteArray *read_fragments(const DkmFrame &f, const GArray *fragments, Run run, GError **error)
{
    g_auto(DkmByteSource) source;
    source.fd = -1;
    if (!dkm_byte_source_open(&source, f.path, error))
        return nullptr;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (guint i = run.first; i < run.end; i++) {
        const DkmFragment *fragment = &g_array_index(fragments, DkmFragment, i);
        const guint at = bytes->len;
        if (fragment->length > G_MAXINT - at) {
            refuse(error, DKM_ERROR_INPUT, "a compressed frame of more than 2 GiB");
            return nullptr;
        }
        g_byte_array_set_size(bytes, at + static_cast<guint>(fragment->length));
        if (!dkm_byte_source_read(&source, fragment->offset, static_cast<gsize>(fragment->length),
                                  bytes->data + at)) {
            refuse(error, DKM_ERROR_INPUT, "the pixel data are cut off");
            return nullptr;
        }
    }
    return g_steal_pointer(&bytes);
}

bool decode_with_dcmtk(const DkmFrame &f, Run run, guint8 *out, GError **error)
{
    DcmFileFormat file;
    if (!dkm::check(file.loadFile(OFFilename(f.path)), DKM_ERROR_INPUT, "not readable", error))
        return false;
    DcmElement *element = nullptr;
    DcmDataset *dataset = file.getDataset();
    const OFCondition found = dataset->findAndGetElement(DCM_PixelData, element);
    if (!dkm::check(found, DKM_ERROR_INPUT, "no pixel data", error))
        return false;
    auto *pixels = dynamic_cast<DcmPixelData *>(element);
    if (!pixels)
        return refuse(error, DKM_ERROR_INPUT, "no pixel data");
    Uint32 fragment = run.first + 1; /* item 0 is the offset table */
    OFString colour;
    DcmFileCache cache;
    const OFCondition decoded =
        pixels->getUncompressedFrame(dataset, static_cast<Uint32>(f.frame), fragment, out,
                                     static_cast<Uint32>(frame_bytes(f)), colour, &cache);
    return dkm::check(decoded, DKM_ERROR_INPUT, "the compressed pixel data are damaged", error);
}

bool is_jpeg(const char *syntax)
{
    static const char *const read[] = {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51",
                                       "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70",
                                       "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"};
    for (const char *known : read)
        if (strcmp(known, syntax) == 0)
            return true;
    return false;
}

bool refuse_syntax(const char *syntax, GError **error)
{
    const char *name = dcmFindNameOfUID(syntax, syntax);
    g_set_error(error, DKM_ERROR, DKM_ERROR_UNSUPPORTED, "pixel data in %s are not read", name);
    return false;
}

bool read_encapsulated(const DkmFrame &f, const DkmPreflight &p, guint8 *out, GError **error)
{
    const bool is_rle = strcmp(p.transfer_syntax, "1.2.840.10008.1.2.5") == 0;
    if (!is_rle && !is_jpeg(p.transfer_syntax))
        return refuse_syntax(p.transfer_syntax, error);
    Run run;
    g_autoptr(GArray) fragments = dkm_preflight_fragments(f.path, &p, error);
    if (!fragments || !find_run(f, p, fragments, &run, error))
        return false;
    g_autoptr(GByteArray) bytes = read_fragments(f, fragments, run, error);
    if (!bytes)
        return false;
    if (is_rle) {
        const gsize pixels = static_cast<gsize>(f.rows) * static_cast<gsize>(f.columns);
        return dkm_rle_decode(bytes->data, bytes->len, pixels, f.bits_allocated / 8, out) ||
               refuse(error, DKM_ERROR_INPUT, "the run-length coded pixel data are damaged");
    }
    const char *why = nullptr;
    if (!dkm_jpeg_check(bytes->data, bytes->len, f.rows, f.columns, f.bits_allocated, &why))
        return refuse(error, DKM_ERROR_INPUT, why);
    return decode_with_dcmtk(f, run, out, error);
}

/* 8 bits to 16; bits above the stored ones (old overlays) cut off, the sign carried up. */
void widen(const DkmFrame &f, guint16 *samples)
{
    const gsize n = static_cast<gsize>(f.rows) * static_cast<gsize>(f.columns);
    if (f.bits_allocated == 8) {
        const guint8 *bytes = reinterpret_cast<const guint8 *>(samples);
        for (gsize i = n; i-- > 0;)
            samples[i] = bytes[i];
    } else {
        for (gsize i = 0; i < n; i++)
            samples[i] = GUINT16_FROM_LE(samples[i]);
    }
    if (f.bits_stored == 16)
        return;
    const guint16 mask = static_cast<guint16>((1u << f.bits_stored) - 1);
    const guint16 sign = static_cast<guint16>(1u << (f.bits_stored - 1));
    for (gsize i = 0; i < n; i++) {
        samples[i] &= mask;
        if (f.pixel_representation == 1)
            samples[i] = static_cast<guint16>((samples[i] ^ sign) - sign);
    }
}

bool load_frame(const DkmFrame &f, guint16 *samples, GError **error)
{
    DkmPreflight p;
    if (!dkm_preflight_file(f.path, &p, error) || !is_unchanged(f, p, error))
        return false;
    guint8 *out = reinterpret_cast<guint8 *>(samples);
    if (!(p.encapsulated ? read_encapsulated(f, p, out, error) : read_raw(f, p, out, error)))
        return false;
    widen(f, samples);
    return true;
}

struct Job {
    const DkmFrameTable *table;
    const DkmFrameStack *stack;
    guint16 *samples;
    DkmProgress *progress;
    GCancellable *cancel;
    GMutex mutex;
    GError *error; /* of the lowest slice that failed */
    gsize failed;
    gint done;
};

void note_failure(Job *job, const DkmFrame &frame, gsize slice, GError *error)
{
    g_autofree char *name = g_path_get_basename(frame.path);
    g_prefix_error(&error, "slice %u (%s): ", static_cast<unsigned>(slice) + 1, name);
    g_mutex_lock(&job->mutex);
    if (!job->error || slice < job->failed) {
        g_clear_error(&job->error);
        job->error = g_steal_pointer(&error);
        job->failed = slice;
    }
    g_mutex_unlock(&job->mutex);
    g_clear_error(&error);
}

void load_item(gpointer data, gsize slice, int)
{
    Job *job = static_cast<Job *>(data);
    if (g_cancellable_is_cancelled(job->cancel))
        return;
    const DkmGrid &grid = job->stack->grid;
    const DkmFrame &frame = *dkm_frame_table_get(job->table, job->stack->frames[slice]);
    guint16 *samples = job->samples + dkm_grid_index(&grid, static_cast<int>(slice), 0, 0);
    GError *error = nullptr;
    const gboolean loaded =
        dkm::guarded(&error, [&] { return load_frame(frame, samples, &error); });
    if (!loaded)
        note_failure(job, frame, slice, error);
    const gint done = g_atomic_int_add(&job->done, 1) + 1;
    dkm_progress_set(job->progress, 0, 1000, static_cast<gsize>(done),
                     static_cast<gsize>(grid.n[0]));
}

/* All frames of a stack must be stored alike; slope and intercept may differ. */
bool is_uniform(const DkmFrameTable *table, const DkmFrameStack *stack, GError **error)
{
    const DkmFrame &first = *dkm_frame_table_get(table, stack->frames[0]);
    for (int z = 0; z < stack->grid.n[0]; z++) {
        const DkmFrame &f = *dkm_frame_table_get(table, stack->frames[z]);
        if (f.rows != stack->grid.n[1] || f.columns != stack->grid.n[2] ||
            f.pixel_representation != first.pixel_representation) {
            g_autofree char *name = g_path_get_basename(f.path);
            g_set_error(error, DKM_ERROR, DKM_ERROR_GEOMETRY,
                        "slice %d (%s) differs in size or sign from the first slice", z + 1, name);
            return false;
        }
    }
    return true;
}

DkmVolume *make_volume(const Job *job)
{
    const DkmGrid &grid = job->stack->grid;
    float *slope = g_new(float, static_cast<gsize>(grid.n[0]));
    float *intercept = g_new(float, static_cast<gsize>(grid.n[0]));
    for (int z = 0; z < grid.n[0]; z++) {
        const DkmFrame *f = dkm_frame_table_get(job->table, job->stack->frames[z]);
        slope[z] = static_cast<float>(f->rescale_slope);
        intercept[z] = static_cast<float>(f->rescale_intercept);
    }
    const DkmFrame *first = dkm_frame_table_get(job->table, job->stack->frames[0]);
    return dkm_volume_new_take(&grid, job->samples, first->pixel_representation == 1, slope,
                               intercept);
}

} // namespace

DkmVolume *dkm_dicom_load_frames(const DkmFrameTable *table, const DkmFrameStack *stack,
                                 DkmProgress *progress, GCancellable *cancel, GError **error)
{
    if (!dkm::start(error) || !is_uniform(table, stack, error))
        return nullptr;
    const gsize bytes = dkm_grid_voxels(&stack->grid) * 2;
    auto *samples = static_cast<guint16 *>(g_try_malloc(bytes));
    if (!samples) {
        dkm_error_set_no_memory(error, bytes, "a volume");
        return nullptr;
    }
    Job job = {table, stack, samples, progress, cancel, {}, nullptr, 0, 0};
    g_mutex_init(&job.mutex);
    g_autoptr(DkmPool) pool = dkm_pool_new(0);
    dkm_pool_run(pool, static_cast<gsize>(stack->grid.n[0]), load_item, &job);
    g_mutex_clear(&job.mutex);
    if (g_cancellable_is_cancelled(cancel)) {
        g_clear_error(&job.error);
        g_set_error_literal(&job.error, DKM_ERROR, DKM_ERROR_CANCELLED, "cancelled");
    }
    if (!job.error)
        return make_volume(&job);
    g_propagate_error(error, job.error);
    g_free(samples);
    return nullptr;
}

DkmVolume *dkm_dicom_load_phase(const DkmFrameTable *table, const DkmPhases *phases, guint phase,
                                DkmProgress *progress, GCancellable *cancel, GError **error)
{
    const DkmFrameStack stack = {phases->phases[phase].frames, phases->grid};
    DkmVolume *volume = dkm_dicom_load_frames(table, &stack, progress, cancel, error);
    if (!volume)
        g_prefix_error(error, "phase %u, ", phase + 1);
    return volume;
}
