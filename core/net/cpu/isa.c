/* Which instructions this machine has, and which of them a device uses. */
#include "core/net/cpu/cpu.h"

#include "core/error.h"

#ifdef DKM_HAVE_AMX
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

/* What a device may be asked to be, worst first. */
static const struct {
    const char *name;
    DkmIsa isa;
    gboolean bf16; /* rounds with AVX512_BF16 */
    gboolean multiplies, amx, vnni;
} choices[] = {{"portable", DKM_ISA_PORTABLE, FALSE, FALSE, FALSE, FALSE},
               {"avx2", DKM_ISA_AVX2, FALSE, FALSE, FALSE, FALSE},
               {"avx512", DKM_ISA_AVX512, FALSE, FALSE, FALSE, FALSE},
               {"avx512vnni", DKM_ISA_AVX512, FALSE, FALSE, FALSE, TRUE},
               {"avx512bf16", DKM_ISA_AVX512, TRUE, TRUE, FALSE, TRUE},
               {"amx", DKM_ISA_AVX512, TRUE, FALSE, TRUE, TRUE}};

const char *dkm_cpu_isa_name(DkmIsa isa)
{
    gsize i = 0;
    while (choices[i].isa != isa)
        i++;
    return choices[i].name;
}

static DkmIsa best_isa(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    /* Feature by feature: clang 14 does not know the names of levels (x86-64-v3). */
    const gboolean avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                          __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return DKM_ISA_AVX512;
    if (avx2)
        return DKM_ISA_AVX2;
#endif
    return DKM_ISA_PORTABLE;
}

static gboolean machine_has_bf16(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bf16");
#else
    return FALSE;
#endif
}

static gboolean machine_has_vnni(void)
{
#if defined(DKM_HAVE_VNNI)
    return __builtin_cpu_supports("avx512vnni");
#else
    return FALSE;
#endif
}

/* vdpbf16ps does twice the FLOP of a multiply-add. AMD's cores start as many of them; Intel's,
 * which have another unit for bf16, a quarter: half of the peak of f32 (measured, `dkm bench
 * peak`). There bf16 tensors are widened to f32 and multiplied as such. */
static gboolean bf16_is_fast(void)
{
#if defined(__x86_64__)
    return !__builtin_cpu_is("intel");
#else
    return FALSE;
#endif
}

/* AMX multiplies bf16 and int8 and the kernel lets this process keep its tiles: their registers are
 * large, so Linux wants to be asked (once for all threads; asking again is no harm). */
static gboolean machine_has_amx(void)
{
#if defined(DKM_HAVE_AMX)
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
    const unsigned amx_bf16 = 1u << 22, amx_tile = 1u << 24, amx_int8 = 1u << 25; /* leaf 7, EDX */
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & amx_bf16) && (d & amx_tile) &&
           (d & amx_int8) && syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
#else
    return FALSE;
#endif
}

gboolean dkm_cpu_isa_choose(const char *wanted, DkmCpuDevice *device, GError **error)
{
    const DkmIsa best = best_isa();
    const gboolean bf16 = best == DKM_ISA_AVX512 && machine_has_bf16();
    const gboolean vnni = best == DKM_ISA_AVX512 && machine_has_vnni();
    const gboolean amx = bf16 && vnni && machine_has_amx();
    device->isa = best;
    device->has_bf16 = bf16;
    device->has_amx = amx;
    device->has_vnni = vnni;
    device->multiplies_bf16 = bf16 && !amx && bf16_is_fast();
    if (!wanted)
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(choices); i++)
        if (g_str_equal(wanted, choices[i].name) && choices[i].isa <= best &&
            (!choices[i].bf16 || bf16) && (!choices[i].amx || amx) && (!choices[i].vnni || vnni)) {
            device->isa = choices[i].isa;
            device->has_bf16 = choices[i].bf16;
            device->has_amx = choices[i].amx;
            device->has_vnni = choices[i].vnni;
            device->multiplies_bf16 = choices[i].multiplies;
            return TRUE;
        }
    g_set_error(error, DKM_ERROR, DKM_ERROR_DEVICE, "this machine has no %s (its best is %s)",
                wanted, amx ? "amx" : dkm_cpu_isa_name(best));
    return FALSE;
}
