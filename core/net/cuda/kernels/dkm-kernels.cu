/* All kernels in one translation unit, so that one fat binary holds them; meson.build compiles it
 * for every GPU that the module serves. */
#include "core/net/cuda/kernels/attention.cu"
#include "core/net/cuda/kernels/elementwise.cu"
#include "core/net/cuda/kernels/loss.cu"
#include "core/net/cuda/kernels/norm.cu"
#include "core/net/cuda/kernels/optimiser.cu"
#include "core/net/cuda/kernels/pack.cu"
#include "core/net/cuda/kernels/reduce.cu"
#include "core/net/cuda/kernels/resample.cu"
