/* Frames to volumes: which file, which frame, which slice. The bytes are pixel-file.c's. */
#include "core/error.h"
#include "core/i18n.h"
#include "core/pool.h"
#include "dicom/dicom.h"
#include "dicom/pixel-file.h"

#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>

typedef struct {
    const DkmFrameTable *table;
    const DkmFrameStack *stack;
    DkmProgress *progress;
    GCancellable *cancel;
    gboolean is_signed; /* of the volume: where any frame is */
    guint16 *samples;
    DkmPixelFile *files; /* one a worker: the file that it read last */
    GError **errors;     /* one a slice */
    gint done;
} Job;

static const DkmFrame *frame_of_slice(const Job *job, gsize z)
{
    return dkm_frame_table_get(job->table, job->stack->frames[z]);
}

/* An unsigned frame in a signed volume must not use the sign bit. */
static gboolean fits_sign(const Job *job, const DkmFrame *frame, const guint16 *samples, gsize n,
                          GError **error)
{
    if (!job->is_signed || frame->pixel_representation == 1 || frame->bits_stored < 16)
        return TRUE;
    for (gsize i = 0; i < n; i++)
        if (samples[i] > G_MAXINT16) {
            g_set_error_literal(error, DKM_ERROR, DKM_ERROR_UNSUPPORTED,
                                _("unsigned samples over 32767 beside signed ones"));
            return FALSE;
        }
    return TRUE;
}

/* Every stored sample is a value that can be computed with; else windows, thresholds and z-scores
 * would be infinite. */
static gboolean fits_rescale(const DkmFrame *frame, GError **error)
{
    static const double largest = 1e30, smallest = 1e-30;
    const double slope = fabs(frame->rescale_slope), intercept = fabs(frame->rescale_intercept);
    if (slope >= smallest && slope * 65536 + intercept <= largest)
        return TRUE;
    g_set_error(error, DKM_ERROR, DKM_ERROR_INPUT,
                _("rescale slope %g and intercept %g give no usable values"), frame->rescale_slope,
                frame->rescale_intercept);
    return FALSE;
}

static void read_slice(gpointer data, gsize z, int worker)
{
    Job *job = data;
    if (g_cancellable_is_cancelled(job->cancel))
        return;
    const DkmFrame *frame = frame_of_slice(job, z);
    const DkmGrid *grid = &job->stack->grid;
    const DkmFrameWanted wanted = {frame->frame, grid->n[1], grid->n[2]};
    const gsize n = (gsize)grid->n[1] * (gsize)grid->n[2];
    DkmPixelFile *file = &job->files[worker];
    GError *error = NULL;
    if (fits_rescale(frame, &error) && dkm_pixel_file_open(file, frame->path, &error) &&
        dkm_pixel_file_read(file, &wanted, job->samples + z * n, &error))
        fits_sign(job, frame, job->samples + z * n, n, &error);
    job->errors[z] = error;
    const gint done = g_atomic_int_add(&job->done, 1) + 1;
    dkm_progress_set(job->progress, 0, 1000, (gsize)done, (gsize)grid->n[0]);
}

/* The first slice's error, with the slice and its file named; the others are freed. */
static gboolean check_slices(Job *job, GError **error)
{
    gboolean good = TRUE;
    for (int z = 0; z < job->stack->grid.n[0]; z++) {
        if (good && job->errors[z]) {
            g_autofree char *name = g_path_get_basename(frame_of_slice(job, (gsize)z)->path);
            g_propagate_prefixed_error(error, g_steal_pointer(&job->errors[z]),
                                       _("slice %d (%s): "), z + 1, name);
            good = FALSE;
        }
        g_clear_error(&job->errors[z]);
    }
    if (good && g_cancellable_is_cancelled(job->cancel)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_CANCELLED, "cancelled");
        return FALSE;
    }
    return good;
}

static gboolean read_all(Job *job, GError **error)
{
    const gsize slices = (gsize)job->stack->grid.n[0];
    g_autoptr(DkmPool) pool = dkm_pool_new(slices == 1 ? 1 : 0);
    const int workers = dkm_pool_threads(pool);
    g_autofree DkmPixelFile *files = g_new0(DkmPixelFile, (gsize)workers);
    g_autofree GError **errors = g_new0(GError *, slices);
    for (int i = 0; i < workers; i++)
        files[i].source.fd = -1;
    job->files = files;
    job->errors = errors;
    dkm_pool_run(pool, slices, read_slice, job);
    for (int i = 0; i < workers; i++)
        dkm_pixel_file_close(&files[i]);
    return check_slices(job, error);
}

/* Slope and intercept a slice; NULL where every slice's is DEFAULT. */
static float *rescale_of_slices(const Job *job, gsize offset, double default_value)
{
    const gsize slices = (gsize)job->stack->grid.n[0];
    float *values = g_new(float, slices);
    gboolean is_default = TRUE;
    for (gsize z = 0; z < slices; z++) {
        const double value = G_STRUCT_MEMBER(double, frame_of_slice(job, z), offset);
        is_default = is_default && value == default_value;
        values[z] = (float)value;
    }
    if (is_default)
        g_clear_pointer(&values, g_free);
    return values;
}

/* Memory for BYTES of samples, for g_free(). Large volumes lie on huge pages where the system has
 * them: to fault in small ones takes longer than to read the files. */
static guint16 *new_samples(gsize bytes)
{
    enum { HUGE_PAGE = 2 << 20 };
    void *memory = NULL;
    if (bytes < 4 * HUGE_PAGE)
        return g_try_malloc(bytes);
    if (posix_memalign(&memory, HUGE_PAGE, bytes) != 0)
        return NULL;
    madvise(memory, bytes, MADV_HUGEPAGE); /* a wish: what becomes of it does not matter */
    return memory;
}

DkmVolume *dkm_dicom_load_frames(const DkmFrameTable *table, const DkmFrameStack *stack,
                                 DkmProgress *progress, GCancellable *cancel, GError **error)
{
    Job job = {.table = table, .stack = stack, .progress = progress, .cancel = cancel};
    if (!dkm_grid_is_valid(&stack->grid)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_GEOMETRY, _("the lattice is not valid"));
        return NULL;
    }
    for (int z = 0; z < stack->grid.n[0]; z++)
        job.is_signed |= frame_of_slice(&job, (gsize)z)->pixel_representation == 1;
    const gsize bytes = dkm_grid_voxels(&stack->grid) * sizeof(guint16);
    g_autofree guint16 *samples = new_samples(bytes);
    if (!samples) {
        dkm_error_set_no_memory(error, bytes, _("a volume"));
        return NULL;
    }
    job.samples = samples;
    if (!read_all(&job, error))
        return NULL;
    float *slope = rescale_of_slices(&job, G_STRUCT_OFFSET(DkmFrame, rescale_slope), 1);
    float *intercept = rescale_of_slices(&job, G_STRUCT_OFFSET(DkmFrame, rescale_intercept), 0);
    return dkm_volume_new_take(&stack->grid, g_steal_pointer(&samples), job.is_signed, slope,
                               intercept);
}

DkmVolume *dkm_dicom_load_phase(const DkmFrameTable *table, const DkmPhases *phases, guint phase,
                                DkmProgress *progress, GCancellable *cancel, GError **error)
{
    if (phase >= phases->n_phases) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_USAGE, _("there is no phase %u"), phase + 1);
        return NULL;
    }
    const DkmFrameStack stack = {phases->phases[phase].frames, phases->grid};
    DkmVolume *volume = dkm_dicom_load_frames(table, &stack, progress, cancel, error);
    if (!volume)
        g_prefix_error(error, _("phase %u, "), phase + 1);
    return volume;
}
