/* One input through one target, within the limits: FUZZ_SECONDS of processor time and FUZZ_MEMORY
 * beside the file and its pixels, or the program ends. Where a sanitizer is linked it counts every
 * allocation, DCMTK's too; else the kernel tells the peak of the resident memory. */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* ---- memory -------------------------------------------------------------------------------- */

typedef void MallocHook(const volatile void *, size_t);
typedef void FreeHook(const volatile void *);
__attribute__((weak)) int __sanitizer_install_malloc_and_free_hooks(MallocHook *, FreeHook *);
__attribute__((weak)) size_t __sanitizer_get_allocated_size(const volatile void *);

static gint64 in_use, in_use_at_peak; /* atomic */
static gsize peak;

gsize fuzz_peak(void)
{
    return peak;
}

static void on_malloc(const volatile void *memory, size_t size)
{
    const gint64 now = __atomic_add_fetch(&in_use, (gint64)size, __ATOMIC_RELAXED);
    gint64 before = __atomic_load_n(&in_use_at_peak, __ATOMIC_RELAXED);
    while (now > before && !__atomic_compare_exchange_n(&in_use_at_peak, &before, now, TRUE,
                                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

static void on_free(const volatile void *memory)
{
    if (memory)
        __atomic_sub_fetch(&in_use, (gint64)__sanitizer_get_allocated_size(memory),
                           __ATOMIC_RELAXED);
}

static gboolean counts_allocations(void)
{
    return __sanitizer_install_malloc_and_free_hooks && __sanitizer_get_allocated_size;
}

/* The value of a line of /proc/self/status, in bytes; 0 where there is none. */
static gsize status_bytes(const char *key)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents("/proc/self/status", &text, NULL, NULL))
        return 0;
    const char *line = strstr(text, key);
    return line ? (gsize)g_ascii_strtoull(line + strlen(key), NULL, 10) << 10 : 0;
}

/* Starts a measurement, and says what is in use. */
static gsize start_memory(void)
{
    static gboolean is_installed;
    if (counts_allocations()) {
        if (!is_installed)
            __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
        is_installed = TRUE;
        in_use_at_peak = in_use;
        return (gsize)MAX(0, in_use);
    }
    const int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
    const gboolean is_reset = fd >= 0 && write(fd, "5", 1) == 1; /* forget the peak */
    if (fd >= 0)
        close(fd);
    return status_bytes(is_reset ? "VmRSS:" : "VmHWM:");
}

static void end_memory(gsize before)
{
    const gsize now = counts_allocations() ? (gsize)MAX(0, in_use_at_peak) : status_bytes("VmHWM:");
    peak = now > before ? now - before : 0;
}

/* ---- one input ----------------------------------------------------------------------------- */

static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The bytes in a file that lies in memory; the same one every time, as its name may be kept. */
static void put(int fd, const guint8 *data, size_t size)
{
    size_t done = 0;
    if (ftruncate(fd, 0) != 0)
        abort();
    while (done < size) {
        const ssize_t n = pwrite(fd, data + done, size - done, (off_t)done);
        if (n <= 0)
            abort();
        done += (size_t)n;
    }
}

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size)
{
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("fuzz", MFD_CLOEXEC);
    put(fd, data, size);
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    FuzzInput input = {.path = path, .size = size};
    const double t0 = processor_seconds();
    const gsize before = start_memory();
    fuzz_one(&input);
    end_memory(before);
    const double seconds = processor_seconds() - t0;
    const guint64 allowed = FUZZ_MEMORY + (guint64)size + input.declared;
    if (seconds <= FUZZ_SECONDS && peak <= allowed)
        return 0;
    fprintf(stderr, "%.1f s, %" G_GSIZE_FORMAT " bytes where %" G_GUINT64_FORMAT " are allowed\n",
            seconds, peak, allowed);
    abort();
}
