/* dkm bench read: time of scanning headers and of reading a study into volumes, beside that of
 * plainly reading the same bytes from the same files. On a study that is written for this and
 * removed afterwards, or on one that is given. */
#include "plugin/bench/bench.h"

#include "core/error.h"
#include "dicom/dicom.h"
#include "plugin/bench/read-peers.h"
#include "plugin/session.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <time.h>
#include <unistd.h>

enum { PHASES = 3, HEADERS = 5000, HEADER_BYTES = 4096, MIN_RUNS = 3 };

static const double goal_scan_s = 0.5;

/* The studies that are written: three phases of SLICES x SIDE x SIDE. */
typedef struct {
    const char *name, *what;
    int slices, side;
    double goal_ms;
} Size;
static const Size sizes[DKM_READ_FOLDERS] = {{"study", "180 slices 256x256", 60, 256, 60},
                                             {"large", "480 slices 512x512", 160, 512, 200}};

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* One phase of noise-like values: what they are makes no difference to uncompressed files. */
static DkmVolume *make_volume(const Size *size, guint phase)
{
    const DkmGrid grid = {.n = {size->slices, size->side, size->side},
                          .spacing_mm = {2, 0.7, 0.7},
                          .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    const gsize n = dkm_grid_voxels(&grid);
    guint16 *samples = g_new(guint16, n);
    for (gsize i = 0; i < n; i++)
        samples[i] = (guint16)((i * 7919 + phase * 131) % 1000);
    return dkm_volume_new_take(&grid, samples, FALSE, NULL, NULL);
}

static gboolean write_study(const Size *size, const char *dir, GCancellable *cancel, GError **error)
{
    static const double t_seconds[PHASES] = {0, 120, 420};
    DkmVolume *volumes[PHASES];
    for (guint p = 0; p < PHASES; p++)
        volumes[p] = make_volume(size, p);
    const DkmMrRequest request = {.volumes = (const DkmVolume *const *)volumes,
                                  .n_phases = PHASES,
                                  .t_seconds = t_seconds,
                                  .layout = "ucsf",
                                  .patient_id = "BENCH",
                                  .patient_name = "Bench",
                                  .study_description = "Bench",
                                  .study_uid = "2.25.1",
                                  .frame_of_reference_uid = "2.25.2",
                                  .seed = 1};
    const gboolean written = dkm_dicom_write_mr(&request, dir, cancel, error);
    for (guint p = 0; p < PHASES; p++)
        dkm_volume_unref(volumes[p]);
    return written;
}

/* HEADERS files in DIR, hard links to the files of SOURCE over and over: each is opened and read as
 * any other. */
static gboolean link_files(const char *source, const char *dir, GError **error)
{
    g_autoptr(GDir) listing = g_dir_open(source, 0, error);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const char *n = listing ? g_dir_read_name(listing) : NULL; n; n = g_dir_read_name(listing))
        g_ptr_array_add(names, g_strdup(n));
    if (!listing)
        return FALSE;
    if (g_mkdir(dir, 0700) != 0) {
        g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, "%s: cannot be made", dir);
        return FALSE;
    }
    for (guint i = 0; i < HEADERS; i++) {
        const char *name = names->pdata[i % names->len];
        g_autofree char *from = g_build_filename(source, name, NULL);
        g_autofree char *to = g_strdup_printf("%s/%u.dcm", dir, i);
        if (link(from, to) != 0) {
            g_set_error(error, DKM_ERROR, DKM_ERROR_OUTPUT, "%s: cannot be written", to);
            return FALSE;
        }
    }
    return TRUE;
}

/* The paths of frames, each once where neighbours share a file. */
static GPtrArray *paths_of(const DkmFrameTable *table, const DkmPhases *phases)
{
    GPtrArray *paths = g_ptr_array_new();
    const guint n = phases ? phases->n_phases * (guint)phases->grid.n[0] : table->frames->len;
    for (guint i = 0; i < n; i++) {
        const guint slices = phases ? (guint)phases->grid.n[0] : 1;
        const guint frame = phases ? phases->phases[i / slices].frames[i % slices] : i;
        const char *path = dkm_frame_table_get(table, frame)->path;
        if (paths->len == 0 || !g_str_equal(paths->pdata[paths->len - 1], path))
            g_ptr_array_add(paths, (gpointer)path);
    }
    return paths;
}

/* CPU seconds of opening every file and reading its first MOST bytes, 0 for all. */
static double plain_seconds(const GPtrArray *paths, gsize most)
{
    enum { PIECE = 1 << 18 };
    g_autofree char *buffer = g_malloc(PIECE);
    const double start = cpu_seconds();
    for (guint i = 0; i < paths->len; i++) {
        const int file = open(paths->pdata[i], O_RDONLY | O_CLOEXEC);
        if (file < 0)
            continue;
        while (read(file, buffer, most ? most : PIECE) == PIECE && !most)
            ;
        close(file);
    }
    return cpu_seconds() - start;
}

/* The best of many: seconds of CPU and, for ours, of the clock on the wall. */
typedef struct {
    double ours, plain, wall;
} Times;

static DkmBenchRow *add_row(DkmBench *bench, const char *what, char *note)
{
    return dkm_bench_add(bench, "read", g_strdup(what), note);
}

/* CPU time, SCALE units of a second. */
static DkmBenchFigure cpu_figure(const Times *times, double scale, const char *unit)
{
    return (DkmBenchFigure){.what = "CPU time",
                            .value = times->ours * scale,
                            .unit = unit,
                            .ratio = times->ours / times->plain,
                            .ratio_of = "x plain reading"};
}

/* Repeats until BENCH's time is over. The first run is start-up: it does not count. */
static gboolean measure_scan(DkmBench *bench, const char *dir, guint *files, Times *best,
                             GError **error)
{
    const gint64 begin = g_get_monotonic_time();
    *best = (Times){G_MAXDOUBLE, G_MAXDOUBLE, G_MAXDOUBLE};
    for (int run = 0;
         run <= MIN_RUNS || (double)(g_get_monotonic_time() - begin) * 1e-6 < bench->seconds / 2;
         run++) {
        const double start = cpu_seconds();
        const gint64 wall = g_get_monotonic_time();
        g_autoptr(DkmFrameTable) table = dkm_dicom_scan(dir, NULL, bench->cancel, error);
        const double seconds = cpu_seconds() - start;
        const double wall_seconds = (double)(g_get_monotonic_time() - wall) * 1e-6;
        if (!table)
            return FALSE;
        g_autoptr(GPtrArray) paths = paths_of(table, NULL);
        *files = paths->len + table->notes->len;
        if (run > 0) {
            best->ours = MIN(best->ours, seconds);
            best->wall = MIN(best->wall, wall_seconds);
        }
        best->plain = MIN(best->plain, plain_seconds(paths, HEADER_BYTES));
    }
    return TRUE;
}

/* SECONDS of CPU for HEADERS files. */
static gboolean bench_scan(DkmBench *bench, const char *dir, double *seconds, GError **error)
{
    Times best;
    guint files = 0;
    if (!measure_scan(bench, dir, &files, &best, error))
        return FALSE;
    const double scale = (double)HEADERS / MAX(1, files);
    DkmBenchRow *row =
        add_row(bench, "5000 headers scanned",
                files == HEADERS ? NULL : g_strdup_printf("%u files, scaled", files));
    const DkmBenchFigure cpu = cpu_figure(&best, scale, "s");
    dkm_bench_figure(row, &(DkmBenchFigure){.what = "wall time",
                                            .value = best.wall * scale,
                                            .unit = "s",
                                            .ratio = best.wall / best.plain,
                                            .ratio_of = "x plain reading",
                                            .goal_value = goal_scan_s});
    dkm_bench_figure(row, &cpu);
    *seconds = best.ours * scale;
    return TRUE;
}

static gboolean load_phases(const DkmSession *session, GCancellable *cancel, GError **error)
{
    const DkmPhases *phases = session->study->dce;
    for (guint p = 0; p < phases->n_phases; p++) {
        g_autoptr(DkmVolume) volume =
            dkm_dicom_load_phase(session->studies->table, phases, p, NULL, cancel, error);
        if (!volume)
            return FALSE;
    }
    return TRUE;
}

static gboolean measure_pixels(DkmBench *bench, const DkmSession *session, Times *best,
                               GError **error)
{
    g_autoptr(GPtrArray) paths = paths_of(session->studies->table, session->study->dce);
    const gint64 begin = g_get_monotonic_time();
    *best = (Times){G_MAXDOUBLE, G_MAXDOUBLE, G_MAXDOUBLE};
    for (int run = 0;
         run <= MIN_RUNS || (double)(g_get_monotonic_time() - begin) * 1e-6 < bench->seconds / 2;
         run++) {
        const double start = cpu_seconds();
        if (!load_phases(session, bench->cancel, error))
            return FALSE;
        if (run > 0)
            best->ours = MIN(best->ours, cpu_seconds() - start);
        best->plain = MIN(best->plain, plain_seconds(paths, 0));
    }
    return TRUE;
}

/* SECONDS of CPU that ours took for what SIZE describes. */
static gboolean bench_pixels(DkmBench *bench, const Size *size, const char *dir, double *seconds,
                             GError **error)
{
    const double wanted = (double)PHASES * size->slices * size->side * size->side;
    g_auto(DkmSession) session = {0};
    Times best;
    if (!dkm_session_open(&session, dir, NULL, bench->cancel, error) ||
        !measure_pixels(bench, &session, &best, error))
        return FALSE;
    const DkmPhases *dce = session.study->dce;
    const double voxels = (double)dkm_grid_voxels(&dce->grid) * dce->n_phases;
    DkmBenchFigure cpu = cpu_figure(&best, wanted / voxels * 1e3, "ms");
    cpu.goal_value = size->goal_ms;
    char *note = voxels == wanted
                     ? NULL
                     : g_strdup_printf("%u phases of %d slices %dx%d, scaled", dce->n_phases,
                                       dce->grid.n[0], dce->grid.n[1], dce->grid.n[2]);
    g_autofree char *what = g_strconcat(size->what, " into volumes", NULL);
    dkm_bench_figure(add_row(bench, what, note), &cpu);
    *seconds = best.ours * wanted / voxels;
    return TRUE;
}

/* What a library does that is handed files: headers first, then pixels. */
static gboolean bench_race(DkmBench *bench, const Size *size, const char *dir, double *seconds,
                           GError **error)
{
    Times scan;
    guint files = 0;
    if (!bench_pixels(bench, size, dir, seconds, error) ||
        (bench->peers && !measure_scan(bench, dir, &files, &scan, error)))
        return FALSE;
    if (!bench->peers)
        return TRUE;
    const double pixels = *seconds;
    *seconds += scan.ours;
    g_autofree char *what = g_strconcat(size->what, " scanned and into volumes", NULL);
    dkm_bench_figure(add_row(bench, what, NULL),
                     &(DkmBenchFigure){.what = "CPU time",
                                       .value = *seconds * 1e3,
                                       .unit = "ms",
                                       .ratio = *seconds / pixels,
                                       .ratio_of = "x the volumes alone"});
    return TRUE;
}

/* What is written for this, beside what others take for it where they are asked for. */
static gboolean bench_written(DkmBench *bench, const char *folder, GError **error)
{
    DkmReadRace race = {0};
    g_autofree char *first = g_build_filename(folder, sizes[0].name, NULL);
    g_autofree char *second = g_build_filename(folder, sizes[1].name, NULL);
    g_autofree char *many = g_build_filename(folder, "many", NULL);
    char *const dirs[DKM_READ_FOLDERS] = {first, second};
    for (int i = 0; i < DKM_READ_FOLDERS; i++) {
        race.pixels[i] = dirs[i];
        race.what[i] = sizes[i].what;
        if (!write_study(&sizes[i], dirs[i], bench->cancel, error) ||
            !bench_race(bench, &sizes[i], dirs[i], &race.pixel_seconds[i], error))
            return FALSE;
    }
    race.headers = many;
    return link_files(first, many, error) && bench_scan(bench, many, &race.header_seconds, error) &&
           (!bench->peers || dkm_bench_read_peers(bench, &race, error));
}

gboolean dkm_bench_read(DkmBench *bench, GError **error)
{
    double seconds;
    if (bench->study)
        return bench_pixels(bench, &sizes[0], bench->study, &seconds, error) &&
               bench_scan(bench, bench->study, &seconds, error);
    g_auto(DkmBenchFolder) folder = dkm_bench_folder_make(error);
    return folder && bench_written(bench, folder, error);
}
