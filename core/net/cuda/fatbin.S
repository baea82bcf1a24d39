/* The own kernels of all architectures, as nvcc made them, inside the module. */
    .section .rodata
    .hidden dkm_cuda_fatbin
    .global dkm_cuda_fatbin
    .balign 64
dkm_cuda_fatbin:
    .incbin DKM_CUDA_FATBIN
    .section .note.GNU-stack, "", @progbits
