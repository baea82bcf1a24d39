/* One file of kernels as C, with its launches registered; meson names it. */
#include "tests/core/net/cuda/emulate.h"

#include KERNELS
