/* Which rows a device runs. */
#include "core/net/cpu/rows.h"
#include "core/net/cpu/winograd.h"

extern const DkmRows dkm_rows_portable;
extern const DkmConvRows dkm_conv_rows_portable;
extern const DkmWinoRows dkm_wino_rows_portable;
#ifdef DKM_HAVE_X86_ROWS
extern const DkmRows dkm_rows_avx2, dkm_rows_avx512, dkm_rows_avx512bf16;
extern const DkmConvRows dkm_conv_rows_avx2, dkm_conv_rows_avx512, dkm_conv_rows_avx512bf16;
extern const DkmWinoRows dkm_wino_rows_avx2, dkm_wino_rows_avx512, dkm_wino_rows_avx512bf16;
#endif
extern const DkmConvInt8 dkm_conv_int8_portable;
#ifdef DKM_HAVE_VNNI
extern const DkmConvInt8 dkm_conv_int8_vnni;
#endif
#ifdef DKM_HAVE_AMX
extern const DkmConvMatrix dkm_conv_amx;
#endif

const DkmRows *dkm_cpu_rows(const DkmCpuDevice *device)
{
#ifdef DKM_HAVE_X86_ROWS
    if (device->isa == DKM_ISA_AVX512)
        return device->has_bf16 ? &dkm_rows_avx512bf16 : &dkm_rows_avx512;
    if (device->isa == DKM_ISA_AVX2)
        return &dkm_rows_avx2;
#endif
    return &dkm_rows_portable;
}

const DkmConvRows *dkm_cpu_conv_rows(const DkmCpuDevice *device)
{
#ifdef DKM_HAVE_X86_ROWS
    if (device->isa == DKM_ISA_AVX512)
        return device->has_bf16 ? &dkm_conv_rows_avx512bf16 : &dkm_conv_rows_avx512;
    if (device->isa == DKM_ISA_AVX2)
        return &dkm_conv_rows_avx2;
#endif
    return &dkm_conv_rows_portable;
}

const DkmConvInt8 *dkm_cpu_conv_int8(const DkmCpuDevice *device)
{
#ifdef DKM_HAVE_VNNI
    if (device->has_vnni)
        return &dkm_conv_int8_vnni;
#endif
    return &dkm_conv_int8_portable;
}

const DkmConvMatrix *dkm_cpu_conv_matrix(const DkmCpuDevice *device)
{
#ifdef DKM_HAVE_AMX
    if (device->has_amx)
        return &dkm_conv_amx;
#endif
    return NULL;
}

const DkmWinoRows *dkm_cpu_wino_rows(const DkmCpuDevice *device)
{
#ifdef DKM_HAVE_X86_ROWS
    if (device->isa == DKM_ISA_AVX512)
        return device->has_bf16 ? &dkm_wino_rows_avx512bf16 : &dkm_wino_rows_avx512;
    if (device->isa == DKM_ISA_AVX2)
        return &dkm_wino_rows_avx2;
#endif
    return &dkm_wino_rows_portable;
}
