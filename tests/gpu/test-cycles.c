/* A host that opens a model, runs it and closes it, a hundred times: memory of the process and of
 * the device comes back to what it was. An argument: how often (default 100). */
#include "core/model/pipeline.h"
#include "core/philox.h"
#include "tests/gpu/device-memory.h"
#include "tests/gpu/device.h"
#include "tests/support/random-model.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WARM_UPS = 5, CYCLES = 100, MEGABYTE = 1 << 20 };

/* What a process may still grow: an allocator's pages that are not given back at once;
 * AddressSanitizer keeps what was freed, 256 MB of it. */
#ifdef __SANITIZE_ADDRESS__
static const double process_within_mb = 300, device_within_mb = 8;
#else
static const double process_within_mb = 32, device_within_mb = 8;
#endif

static int cycles = CYCLES;

static double process_mb(void)
{
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
    const char *resident = strchr(text, ' ');
    g_assert_nonnull(resident);
    return (double)g_ascii_strtoull(resident, NULL, 10) * (double)getpagesize() / MEGABYTE;
}

/* 0 where there is no GPU to ask. */
static double device_mb(void)
{
    guint64 bytes = 0;
    return device_memory_used(&bytes) ? (double)bytes / MEGABYTE : 0;
}

static DkmVolume *volume_new(void)
{
    const DkmGrid grid = {.n = {4, 64, 64},
                          .spacing_mm = {2, 0.703, 0.703},
                          .axis_lps = {{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};
    gint16 *samples = g_new(gint16, dkm_grid_voxels(&grid));
    for (gsize i = 0; i < dkm_grid_voxels(&grid); i++)
        samples[i] = (gint16)(300 * dkm_philox_uniform(3, i / 5, 78));
    return dkm_volume_new_take(&grid, samples, TRUE, NULL, NULL);
}

static char *one_cycle(const char *path, DkmVolume *volume)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DkmModel) model = dkm_model_open(path, test_device_name(), 0, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(DkmResult) result =
        dkm_model_segment(model, volume, &(DkmSegmentOptions){0}, NULL, NULL, &error);
    g_assert_no_error(error);
    return dkm_mask_sha256(result->mask);
}

static void come_back(void)
{
    g_autofree char *folder = g_dir_make_tmp("dkm-cycles-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "model.safetensors", NULL);
    g_autoptr(DkmVolume) volume = volume_new();
    g_autofree char *first = NULL;
    double process = 0, device = 0;
    random_model_write(path, random_model_meta);
    for (int i = 0; i < WARM_UPS + cycles; i++) {
        g_autofree char *mask = one_cycle(path, volume);
        if (!first)
            first = g_strdup(mask);
        g_assert_cmpstr(mask, ==, first);
        if (i == WARM_UPS - 1) {
            process = process_mb();
            device = device_mb();
        }
    }
    printf("# cycles %d process %.1f -> %.1f MB device %.1f -> %.1f MB\n", cycles, process,
           process_mb(), device, device_mb());
    g_assert_cmpfloat(process_mb(), <=, process + process_within_mb);
    g_assert_cmpfloat(device_mb(), <=, device + device_within_mb);
    g_unlink(path);
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (!test_device())
        return 0;
    if (argc > 1)
        cycles = MAX(1, atoi(argv[1]));
    g_test_add_func("/cycles/come-back", come_back);
    return g_test_run();
}
