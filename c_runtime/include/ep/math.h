// SPDX-License-Identifier: Apache-2.0
// Elementary functions in float32 operations alone: the same bits on every target. The fused operation is for kernels
// whose name says so; the others use none, and no libm.
#ifndef EP_MATH_H
#define EP_MATH_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Within 2 units in the last place over all 2^32 inputs (docs/kernels.md has the measured figures), denormal results
// included. exp(-inf) = 0, exp(+inf) = +inf, exp(NaN) = NaN.
float ep_exp_f32(float x);

// Within 2 units in the last place over all 2^32 inputs. log(+-0) = -inf, log(x < 0) = NaN, log(+inf) = +inf.
float ep_log_f32(float x);

// Correctly rounded, by integer operations. sqrt(-0) = -0, sqrt(x < 0) = NaN.
float ep_sqrt_f32(float x);

// a * b + c, rounded once. One instruction where the processor has it; elsewhere the C library must have fmaf.
static inline float ep_fma_f32(float a, float b, float c) {
    return __builtin_fmaf(a, b, c);
}

// The bits of a float, and back. The built-in is there for freestanding compilers, which have no string.h.
static inline uint32_t ep_bits_f32(float x) {
    uint32_t bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float ep_from_bits_f32(uint32_t bits) {
    float x;
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}

#ifdef __cplusplus
}
#endif

#endif
