// SPDX-License-Identifier: Apache-2.0
// The routines of c_runtime/softfp by number, on bit patterns. Results are canonical: one NaN, signs of comparisons.
#ifndef SOFTFP_ROUTINES_H
#define SOFTFP_ROUTINES_H

#include <stdint.h>

float __addsf3(float x, float y);
float __subsf3(float x, float y);
float __mulsf3(float x, float y);
float __divsf3(float x, float y);
int32_t __ltsf2(float x, float y);
int32_t __lesf2(float x, float y);
int32_t __gtsf2(float x, float y);
int32_t __gesf2(float x, float y);
int32_t __eqsf2(float x, float y);
int32_t __nesf2(float x, float y);
int32_t __cmpsf2(float x, float y);
int32_t __unordsf2(float x, float y);
float __floatsisf(int32_t n);
float __floatunsisf(uint32_t n);
float __floatdisf(int64_t n);
float __floatundisf(uint64_t n);
int32_t __fixsfsi(float x);
uint32_t __fixunssfsi(float x);
int64_t __fixsfdi(float x);
uint64_t __fixunssfdi(float x);
float softfp_sqrtf(float x);
float softfp_fmaf(float x, float y, float z);

// X-macros: name. The order numbers them.
#define SOFTFP_BINARY(X) X(add) X(sub) X(mul) X(div) X(fma) X(lt) X(le) X(gt) X(ge) X(eq) X(ne) X(unord)
#define SOFTFP_UNARY(X) X(fix) X(fixuns) X(fixdi) X(fixunsdi) X(floatsi) X(floatunsi) X(floatdi) X(floatundi) X(sqrt)

static inline uint32_t softfp_bits(float x) {
    uint32_t bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    return bits << 1 > 0xff000000u ? 0x7fc00000u : bits;
}

static inline float softfp_from(uint32_t bits) {
    float x;
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}

// A whole number of 64 bits of every magnitude, made of 32.
static inline uint64_t softfp_wide(uint32_t n) {
    return (uint64_t)n * 0x9e3779b97f4a7c15u >> (n & 63u);
}

static inline uint64_t soft_add(uint32_t a, uint32_t b, uint32_t c) {
    (void)c;
    return softfp_bits(__addsf3(softfp_from(a), softfp_from(b)));
}
static inline uint64_t soft_sub(uint32_t a, uint32_t b, uint32_t c) {
    (void)c;
    return softfp_bits(__subsf3(softfp_from(a), softfp_from(b)));
}
static inline uint64_t soft_mul(uint32_t a, uint32_t b, uint32_t c) {
    (void)c;
    return softfp_bits(__mulsf3(softfp_from(a), softfp_from(b)));
}
static inline uint64_t soft_div(uint32_t a, uint32_t b, uint32_t c) {
    (void)c;
    return softfp_bits(__divsf3(softfp_from(a), softfp_from(b)));
}
static inline uint64_t soft_fma(uint32_t a, uint32_t b, uint32_t c) {
    return softfp_bits(softfp_fmaf(softfp_from(a), softfp_from(b), softfp_from(c)));
}
#define SOFTFP_COMPARISON(name, condition)                                                                             \
    static inline uint64_t soft_##name(uint32_t a, uint32_t b, uint32_t c) {                                           \
        (void)c;                                                                                                       \
        return __##name##sf2(softfp_from(a), softfp_from(b)) condition;                                                \
    }
SOFTFP_COMPARISON(lt, < 0)
SOFTFP_COMPARISON(le, <= 0)
SOFTFP_COMPARISON(gt, > 0)
SOFTFP_COMPARISON(ge, >= 0)
SOFTFP_COMPARISON(eq, == 0)
SOFTFP_COMPARISON(ne, != 0)
SOFTFP_COMPARISON(unord, != 0)

static inline uint64_t soft_fix(uint32_t a) {
    return (uint32_t)__fixsfsi(softfp_from(a));
}
static inline uint64_t soft_fixuns(uint32_t a) {
    return __fixunssfsi(softfp_from(a));
}
static inline uint64_t soft_fixdi(uint32_t a) {
    return (uint64_t)__fixsfdi(softfp_from(a));
}
static inline uint64_t soft_fixunsdi(uint32_t a) {
    return __fixunssfdi(softfp_from(a));
}
static inline uint64_t soft_floatsi(uint32_t a) {
    return softfp_bits(__floatsisf((int32_t)a));
}
static inline uint64_t soft_floatunsi(uint32_t a) {
    return softfp_bits(__floatunsisf(a));
}
static inline uint64_t soft_floatdi(uint32_t a) {
    return softfp_bits(__floatdisf((int64_t)softfp_wide(a)));
}
static inline uint64_t soft_floatundi(uint32_t a) {
    return softfp_bits(__floatundisf(softfp_wide(a)));
}
static inline uint64_t soft_sqrt(uint32_t a) {
    return softfp_bits(softfp_sqrtf(softfp_from(a)));
}

// One step of a hash in which every bit of `value` matters.
static inline uint32_t softfp_hash(uint32_t hash, uint64_t value) {
    hash = (hash ^ (uint32_t)value) * 0x01000193u;
    hash = (hash ^ (uint32_t)(value >> 32)) * 0x01000193u;
    return hash ^ hash >> 15;
}

#endif
