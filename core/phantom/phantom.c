#include "core/phantom/phantom.h"

#include "core/error.h"
#include "core/phantom/acquisition.h"
#include "core/pool.h"

#include <math.h>

/* What the workers share; each slice is written by one of them. */
typedef struct {
    const DkmAcquisition *acquisition;
    gint16 *samples[DKM_PHANTOM_MAX_PHASES];
    DkmMask *truth;
    DkmProgress *progress;
    GCancellable *cancel;
    gint done;
} Work;

static void make_slice(gpointer data, gsize item, int worker)
{
    Work *work = data;
    const DkmGrid *grid = &work->acquisition->grid;
    gint16 *planes[DKM_PHANTOM_MAX_PHASES] = {NULL};
    (void)worker;
    if (g_cancellable_is_cancelled(work->cancel))
        return;
    for (guint p = 0; p < work->acquisition->n_phases; p++)
        planes[p] = work->samples[p] + dkm_grid_index(grid, (int)item, 0, 0);
    dkm_acquisition_slice(work->acquisition, (int)item, planes,
                          dkm_mask_slice(work->truth, (int)item));
    const gint done = g_atomic_int_add(&work->done, 1) + 1;
    dkm_progress_set(work->progress, 0, 1000, (gsize)done, (gsize)grid->n[0]);
}

static void work_clear(Work *work)
{
    for (guint p = 0; p < DKM_PHANTOM_MAX_PHASES; p++)
        g_free(work->samples[p]);
    dkm_mask_unref(work->truth);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, work_clear)

static gboolean work_allocate(Work *work, GError **error)
{
    const gsize bytes = dkm_grid_voxels(&work->acquisition->grid) * sizeof(gint16);
    for (guint p = 0; p < work->acquisition->n_phases; p++)
        if (!(work->samples[p] = g_try_malloc(bytes)))
            return dkm_error_set_no_memory(error, bytes, "a phase of the phantom");
    work->truth = dkm_mask_new(&work->acquisition->grid, error);
    return work->truth != NULL;
}

static DkmPhantom *take_result(Work *work, const DkmAcquisition *acquisition)
{
    DkmPhantom *phantom = g_new0(DkmPhantom, 1);
    phantom->n_phases = acquisition->n_phases;
    phantom->t_seconds = acquisition->protocol->t_seconds;
    phantom->mass = acquisition->anatomy->mass;
    phantom->truth = g_steal_pointer(&work->truth);
    for (guint p = 0; p < phantom->n_phases; p++)
        phantom->volumes[p] = dkm_volume_new_take(
            &acquisition->grid, g_steal_pointer(&work->samples[p]), TRUE, NULL, NULL);
    return phantom;
}

DkmPhantom *dkm_phantom_new(const DkmPhantomRequest *request, DkmProgress *progress,
                            GCancellable *cancel, GError **error)
{
    g_autoptr(DkmAnatomy) anatomy = dkm_anatomy_new(request->seed);
    DkmAcquisition acquisition;
    dkm_acquisition_init(&acquisition, anatomy, request->protocol, MAX(request->coarse, 1));
    if (request->n_phases)
        acquisition.n_phases = MIN(request->n_phases, acquisition.n_phases);
    g_auto(Work) work = {.acquisition = &acquisition, .progress = progress, .cancel = cancel};
    if (!work_allocate(&work, error))
        return NULL;
    g_autoptr(DkmPool) pool = dkm_pool_new(request->threads);
    dkm_pool_run(pool, (gsize)acquisition.grid.n[0], make_slice, &work);
    if (g_cancellable_is_cancelled(cancel)) {
        g_set_error_literal(error, DKM_ERROR, DKM_ERROR_CANCELLED, "cancelled");
        return NULL;
    }
    return take_result(&work, &acquisition);
}

void dkm_phantom_free(DkmPhantom *phantom)
{
    if (!phantom)
        return;
    for (guint p = 0; p < phantom->n_phases; p++)
        dkm_volume_unref(phantom->volumes[p]);
    dkm_mask_unref(phantom->truth);
    g_free(phantom);
}

static void widen(DkmBox *box, int z, int y, int x)
{
    const int at[3] = {z, y, x};
    for (int a = 0; a < 3; a++) {
        box->first[a] = MIN(box->first[a], at[a]);
        box->end[a] = MAX(box->end[a], at[a] + 1);
    }
}

DkmBox dkm_phantom_voi(const DkmPhantom *phantom, double margin_mm)
{
    const DkmGrid *grid = dkm_mask_grid(phantom->truth);
    DkmBox box = {{grid->n[0], grid->n[1], grid->n[2]}, {0, 0, 0}};
    for (int z = 0; z < grid->n[0]; z++)
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[2]; x++)
                if (dkm_mask_get(phantom->truth, z, y, x))
                    widen(&box, z, y, x);
    for (int a = 0; a < 3; a++) {
        const int more = (int)ceil(margin_mm / grid->spacing_mm[a]);
        box.first[a] = MAX(box.first[a] - more, 0);
        box.end[a] = MIN(box.end[a] + more, grid->n[a]);
    }
    return box;
}

const char *dkm_phantom_mass_kind(const DkmPhantom *phantom)
{
    return phantom->mass.kind == DKM_MASS_RIM ? "rim" : "homogeneous";
}

char *dkm_phantom_patient_id(guint64 seed)
{
    return seed == 1 ? g_strdup("DKM-PHANTOM")
                     : g_strdup_printf("DKM-PHANTOM-%" G_GUINT64_FORMAT, seed);
}

char *dkm_phantom_patient_name(guint64 seed)
{
    return seed == 1 ? g_strdup("Phantom^DKM")
                     : g_strdup_printf("Phantom^Seed %" G_GUINT64_FORMAT, seed);
}
