/* Fibers, one a thread of a block; see emulate.h. A fiber is entered by its ucontext once and then
 * switched to by the compiler's longjmp(), which asks nothing of the kernel nor of a sanitizer. */
#include "tests/core/net/cuda/emulator.h"
#include "tests/core/net/cuda/emulate.h"

#include "core/error.h"
#include "core/philox.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

enum { MOST_THREADS = 1024, WARP = 32, STACK = 64 * 1024, DYNAMIC_SHARED = 48 * 1024 };

typedef enum { READY, AT_BARRIER, AT_SHUFFLE, DONE } FiberState;

typedef struct {
    ucontext_t context; /* where it begins */
    void *place[5];     /* where it goes on */
    gboolean started;
    char *stack;
    void *fake_stack; /* the address sanitizer's */
    FiberState state;
    const char *file; /* where it waits */
    int line;
    EmulatedIndex index;
    int source; /* lane whose value it wants */
    size_t size;
    char value[16], received[16];
} Fiber;

EmulatedIndex threadIdx, blockIdx, blockDim, gridDim;
float *emulated_dynamic_shared;

/* All shared memory of all kernels, by the linker. */
extern char __start_dkm_shared[], __stop_dkm_shared[];

static struct {
    EmulatedKernel *kernels;
    Fiber fibers[MOST_THREADS];
    unsigned made;    /* fibers with a stack */
    unsigned threads; /* of a block */
    unsigned running;
    void *scheduler[5];
    void *fake_stack;
    const void *scheduler_stack;
    size_t scheduler_stack_size;
    const EmulatedKernel *kernel;
    void **args;
} emulator;

void emulated_register(EmulatedKernel *kernel)
{
    kernel->next = emulator.kernels;
    emulator.kernels = kernel;
}

char *emulated_unused(const char *pattern, gboolean matches)
{
    GString *names = g_string_new(NULL);
    for (const EmulatedKernel *k = emulator.kernels; k; k = k->next)
        if (k->launches == 0 && g_regex_match_simple(pattern, k->name, 0, 0) == matches)
            g_string_append_printf(names, "%s\n", k->name);
    return g_string_free(names, FALSE);
}

#if defined(__SANITIZE_ADDRESS__)
#define UNCHECKED __attribute__((no_sanitize_address))
#else
#define UNCHECKED
#endif
/* Its callers must not know which registers it spares: other fibers run before it returns. */
#if __has_attribute(noipa)
#define SWITCHES UNCHECKED __attribute__((noipa))
#else
#define SWITCHES UNCHECKED __attribute__((noinline))
#endif

/* A function of its own: the compiler's longjmp() must not be where its setjmp() is. */
SWITCHES __attribute__((noreturn)) static void jump(void **place)
{
    __builtin_longjmp(place, 1);
}

/* The sanitizer keeps a record of the stack it is on. */
static void before_switch(void **fake_stack, const void *bottom, size_t size)
{
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(fake_stack, bottom, size);
#endif
}

static void after_switch(void *fake_stack, const void **bottom, size_t *size)
{
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake_stack, bottom, size);
#endif
}

/* Back to the scheduler until it resumes this fiber. */
SWITCHES static void yield(void)
{
    Fiber *fiber = &emulator.fibers[emulator.running];
    before_switch(&fiber->fake_stack, emulator.scheduler_stack, emulator.scheduler_stack_size);
    if (__builtin_setjmp(fiber->place) == 0)
        jump(emulator.scheduler);
    after_switch(fiber->fake_stack, &emulator.scheduler_stack, &emulator.scheduler_stack_size);
}

/* A fiber lives for ever and runs one thread after the other. */
static void fiber_main(void)
{
    after_switch(NULL, &emulator.scheduler_stack, &emulator.scheduler_stack_size);
    for (;;) {
        emulator.kernel->call(emulator.args);
        emulator.fibers[emulator.running].state = DONE;
        yield();
    }
}

SWITCHES __attribute__((noreturn)) static void enter(Fiber *fiber)
{
    if (fiber->started)
        jump(fiber->place);
    fiber->started = TRUE;
    setcontext(&fiber->context);
    abort();
}

SWITCHES static void resume(unsigned i)
{
    Fiber *fiber = &emulator.fibers[i];
    emulator.running = i;
    threadIdx = fiber->index;
    before_switch(&emulator.fake_stack, fiber->stack, STACK);
    if (__builtin_setjmp(emulator.scheduler) == 0)
        enter(fiber);
    after_switch(emulator.fake_stack, NULL, NULL);
}

static void wait_at(FiberState state, const char *file, int line)
{
    Fiber *fiber = &emulator.fibers[emulator.running];
    fiber->state = state;
    fiber->file = file;
    fiber->line = line;
    yield();
}

void emulated_barrier(const char *file, int line)
{
    wait_at(AT_BARRIER, file, line);
}

unsigned emulated_lane(void)
{
    return emulator.running % WARP;
}

void emulated_shuffle(void *value, size_t size, int source, const char *file, int line)
{
    Fiber *fiber = &emulator.fibers[emulator.running];
    fiber->source = source;
    fiber->size = size;
    if (size > 0)
        memcpy(fiber->value, value, size);
    wait_at(AT_SHUFFLE, file, line);
    if (size > 0)
        memcpy(value, fiber->received, size);
}

static const char *where(const Fiber *fiber, char *text, size_t size)
{
    if (fiber->state == DONE)
        g_snprintf(text, size, "has ended");
    else
        g_snprintf(text, size, "waits at %s:%d", fiber->file, fiber->line);
    return text;
}

static void diverged(const char *what, unsigned a, unsigned b)
{
    char at_a[200], at_b[200];
    fprintf(stderr, "%s: divergent %s: thread %u %s, thread %u %s\n", emulator.kernel->name, what,
            a, where(&emulator.fibers[a], at_a, sizeof at_a), b,
            where(&emulator.fibers[b], at_b, sizeof at_b));
    abort();
}

static gboolean together(const Fiber *a, const Fiber *b)
{
    return a->state == b->state && a->line == b->line && a->file == b->file;
}

/* The warp from FIRST on: where every lane is at one shuffle, values change hands. */
static gboolean release_warp(unsigned first)
{
    Fiber *lanes = &emulator.fibers[first];
    unsigned shuffling = 0;
    for (unsigned i = 0; i < WARP; i++)
        shuffling += lanes[i].state == AT_SHUFFLE;
    if (shuffling == 0)
        return FALSE;
    for (unsigned i = 1; i < WARP; i++)
        if (!together(&lanes[0], &lanes[i]))
            diverged("shuffle", first, first + i);
    for (unsigned i = 0; i < WARP; i++)
        if (lanes[i].source >= 0)
            memcpy(lanes[i].received, lanes[lanes[i].source].value, lanes[i].size);
    for (unsigned i = 0; i < WARP; i++)
        lanes[i].state = READY;
    return TRUE;
}

/* FALSE: every thread has ended. */
static gboolean release(void)
{
    gboolean any = FALSE;
    for (unsigned first = 0; first + WARP <= emulator.threads; first += WARP)
        any |= release_warp(first);
    if (any)
        return TRUE;
    for (unsigned i = 1; i < emulator.threads; i++)
        if (!together(&emulator.fibers[0], &emulator.fibers[i]) &&
            (emulator.fibers[0].state != DONE || emulator.fibers[i].state != DONE))
            diverged("barrier", 0, i);
    if (emulator.fibers[0].state == DONE)
        return FALSE;
    for (unsigned i = 0; i < emulator.threads; i++)
        emulator.fibers[i].state = READY;
    return TRUE;
}

static void make_fibers(unsigned count)
{
    for (; emulator.made < count; emulator.made++) {
        Fiber *fiber = &emulator.fibers[emulator.made];
        fiber->stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        g_assert_true(fiber->stack != MAP_FAILED);
        getcontext(&fiber->context);
        fiber->context.uc_stack.ss_sp = fiber->stack;
        fiber->context.uc_stack.ss_size = STACK;
        fiber->context.uc_link = NULL;
        makecontext(&fiber->context, fiber_main, 0);
    }
}

/* 0 to COUNT-1 in the device's order. */
static void put_in_order(EmulatedDevice *device, unsigned *order, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        order[i] = device->order == EMULATED_REVERSE ? count - 1 - i : i;
    for (unsigned i = count; device->order == EMULATED_RANDOM && i > 1; i--) {
        device->seed = device->seed * 6364136223846793005u + 1442695040888963407u;
        const unsigned other = (unsigned)(device->seed >> 33) % i, kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

/* Nobody may rely on what an earlier block left; 0xff.. is NaN. Not memset(): the sanitizer puts
 * its red zones between the arrays. */
UNCHECKED static void spoil_shared(void)
{
    volatile unsigned *p = (volatile unsigned *)__start_dkm_shared;
    for (; (char *)(p + 1) <= __stop_dkm_shared; p++)
        *p = 0xffffffffu;
    memset(emulated_dynamic_shared, 0xff, DYNAMIC_SHARED);
}

static void run_block(EmulatedDevice *device, unsigned *order)
{
    spoil_shared();
    for (unsigned i = 0; i < emulator.threads; i++) {
        Fiber *fiber = &emulator.fibers[i];
        const unsigned line = i / blockDim.x;
        fiber->index = (EmulatedIndex){i % blockDim.x, line % blockDim.y, line / blockDim.y};
        fiber->state = READY;
    }
    do {
        put_in_order(device, order, emulator.threads);
        for (unsigned i = 0; i < emulator.threads; i++)
            if (emulator.fibers[order[i]].state == READY)
                resume(order[i]);
    } while (release());
}

static EmulatedKernel *kernel_named(const char *name)
{
    EmulatedKernel *kernel = emulator.kernels;
    while (kernel && !g_str_equal(kernel->name, name))
        kernel = kernel->next;
    return kernel;
}

static gboolean fits(const EmulatedKernel *kernel, const DkmCudaLaunch *launch, GError **error)
{
    const guint *block = launch->block, *grid = launch->grid;
    const guint threads = block[0] * block[1] * block[2];
    const gboolean fit = kernel && launch->n_args == 1 && threads > 0 && threads % WARP == 0 &&
                         threads <= kernel->most_threads && block[2] <= 64 &&
                         launch->shared_bytes <= DYNAMIC_SHARED && grid[0] > 0 && grid[1] > 0 &&
                         grid[2] > 0 && grid[0] <= G_MAXINT32 && grid[1] <= 65535 &&
                         grid[2] <= 65535;
    if (!fit)
        g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE,
                    "%s: no such kernel, or its grid (%u, %u, %u) or block (%u, %u, %u) is out of "
                    "bounds",
                    launch->kernel, grid[0], grid[1], grid[2], block[0], block[1], block[2]);
    return fit;
}

gboolean dkm_cuda_launch(DkmCudaDevice *opaque, const DkmCudaLaunch *launch, GError **error)
{
    EmulatedDevice *device = (EmulatedDevice *)opaque;
    EmulatedKernel *kernel = kernel_named(launch->kernel);
    if (!fits(kernel, launch, error))
        return FALSE;
    kernel->launches++;
    device->launches++;
    const guint blocks = launch->grid[0] * launch->grid[1] * launch->grid[2];
    blockDim = (EmulatedIndex){launch->block[0], launch->block[1], launch->block[2]};
    gridDim = (EmulatedIndex){launch->grid[0], launch->grid[1], launch->grid[2]};
    emulator.threads = blockDim.x * blockDim.y * blockDim.z;
    emulator.kernel = kernel;
    emulator.args = launch->args;
    make_fibers(emulator.threads);
    if (!emulated_dynamic_shared)
        emulated_dynamic_shared = g_aligned_alloc(1, DYNAMIC_SHARED, 128);
    g_autofree unsigned *block_order = g_new(unsigned, blocks);
    g_autofree unsigned *thread_order = g_new(unsigned, emulator.threads);
    put_in_order(device, block_order, blocks);
    for (guint i = 0; i < blocks; i++) {
        const unsigned line = block_order[i] / gridDim.x;
        blockIdx = (EmulatedIndex){block_order[i] % gridDim.x, line % gridDim.y, line / gridDim.y};
        run_block(device, thread_order);
    }
    return TRUE;
}

gboolean dkm_cuda_zero(DkmCudaDevice *device, void *memory, gsize bytes, GError **error)
{
    memset(memory, 0, bytes);
    return TRUE;
}
