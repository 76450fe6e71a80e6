// SPDX-License-Identifier: Apache-2.0
// Regions for tests/bench_softfp.py: a loop without a call, then one loop over the operands for each routine.
#include "ep/pal.h"

#include "harness.h"

#define LEN 64u
#define ROUNDS 2u // the first warms the instruction cache

extern const float operands_a[LEN];
extern const float operands_b[LEN];

static EP_L1 float a[LEN], b[LEN];
static EP_L1 volatile float results[LEN];
static EP_L1 volatile int32_t answers[LEN];

#ifdef WITH_SOFTFP
float sqrtf(float x);
float fmaf(float x, float y, float z);
#endif

#define REGION(statement)                                                                                              \
    ep_roi_begin();                                                                                                    \
    for (uint32_t i = 0; i < LEN; i++) {                                                                               \
        statement;                                                                                                     \
    }                                                                                                                  \
    ep_roi_end()

__attribute__((noinline)) static float nothing(float x, float y) {
    __asm__ volatile("" : "+r"(x) : "r"(y));
    return x;
}

int main(void) {
    for (uint32_t i = 0; i < LEN; i++) {
        a[i] = operands_a[i];
        b[i] = operands_b[i];
    }
    for (uint32_t round = 0; round < ROUNDS; round++) {
        REGION(results[i] = nothing(a[i], b[i]));
        REGION(results[i] = a[i] + b[i]);
        REGION(results[i] = a[i] - b[i]);
        REGION(results[i] = a[i] * b[i]);
        REGION(results[i] = a[i] / b[i]);
        REGION(answers[i] = a[i] < b[i]);
        REGION(answers[i] = a[i] <= b[i]);
        REGION(answers[i] = a[i] == b[i]);
        REGION(results[i] = (float)(int32_t)i);
        REGION(answers[i] = (int32_t)a[i]);
#ifdef WITH_SOFTFP
        REGION(results[i] = sqrtf(a[i]));
        REGION(results[i] = fmaf(a[i], b[i], b[i ^ 1u]));
#endif
    }
    ep_exit(0);
}
