// SPDX-License-Identifier: Apache-2.0
// Compares ep_exp_f32, ep_log_f32 and ep_sqrt_f32 with the double functions of the C library over a sweep of float bit
// patterns: math_sweep FIRST STEP COUNT THREADS. Prints one JSON object: for each function the largest error in units
// in the last place of the exact result, and the bits where it occurs. Special values (NaN, infinity, signed zero) that
// differ count as an infinite error.
#include "ep/math.h"
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { FUNCTIONS = 3, MAX_THREADS = 64 };

typedef struct {
    uint64_t first, step, count;
    double worst[FUNCTIONS];
    uint32_t where[FUNCTIONS];
    uint64_t above_one[FUNCTIONS];
} sweep_t;

static const char *const names[FUNCTIONS] = {"exp", "log", "sqrt"};
static float (*const functions[FUNCTIONS])(float) = {ep_exp_f32, ep_log_f32, ep_sqrt_f32};
static double (*const references[FUNCTIONS])(double) = {exp, log, sqrt};

static double error_ulp(float got, double exact) {
    float rounded = (float)exact;
    if (isnan(exact) || isnan(got)) {
        return isnan(exact) && isnan(got) ? 0.0 : (double)INFINITY;
    }
    if (isinf(exact) || exact == 0.0) {
        return ep_bits_f32(got) == ep_bits_f32(rounded) ? 0.0 : (double)INFINITY;
    }
    int exponent = 0;
    (void)frexp(exact, &exponent);
    exponent = exponent < -125 ? -125 : exponent > 128 ? 128 : exponent;
    // An infinite result stands for 2^128, the float that would follow the largest: overflow may round up to it.
    double value = isinf(got) ? copysign(0x1p128, (double)got) : (double)got;
    double limit = fmin(fabs(exact), 0x1p128);
    return fabs(value - copysign(limit, exact)) / ldexp(1.0, exponent - 24);
}

static void *sweep(void *argument) {
    sweep_t *s = argument;
    for (uint64_t i = 0; i < s->count; i++) {
        uint32_t bits = (uint32_t)(s->first + i * s->step);
        float x = ep_from_bits_f32(bits);
        for (int f = 0; f < FUNCTIONS; f++) {
            double error = error_ulp(functions[f](x), references[f]((double)x));
            s->above_one[f] += error > 1.0;
            if (!(error <= s->worst[f])) {
                s->worst[f] = error;
                s->where[f] = bits;
            }
        }
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: math_sweep FIRST STEP COUNT THREADS\n");
        return 2;
    }
    uint64_t first = strtoull(argv[1], NULL, 0);
    uint64_t step = strtoull(argv[2], NULL, 0);
    uint64_t count = strtoull(argv[3], NULL, 0);
    uint64_t threads = strtoull(argv[4], NULL, 0);
    if (threads < 1 || threads > MAX_THREADS) {
        fprintf(stderr, "math_sweep: THREADS is %llu, allowed are 1 to %d\n", (unsigned long long)threads, MAX_THREADS);
        return 2;
    }
    static sweep_t parts[MAX_THREADS];
    pthread_t ids[MAX_THREADS];
    for (uint64_t t = 0; t < threads; t++) {
        parts[t].first = first + t * step;
        parts[t].step = step * threads;
        parts[t].count = (count - t + threads - 1) / threads;
        if (pthread_create(&ids[t], NULL, sweep, &parts[t]) != 0) {
            fprintf(stderr, "math_sweep: no thread could be started\n");
            return 1;
        }
    }
    sweep_t total = {0};
    for (uint64_t t = 0; t < threads; t++) {
        pthread_join(ids[t], NULL);
        total.count += parts[t].count;
        for (int f = 0; f < FUNCTIONS; f++) {
            total.above_one[f] += parts[t].above_one[f];
            if (parts[t].worst[f] > total.worst[f]) {
                total.worst[f] = parts[t].worst[f];
                total.where[f] = parts[t].where[f];
            }
        }
    }
    printf("{\"inputs\": %llu", (unsigned long long)total.count);
    for (int f = 0; f < FUNCTIONS; f++) {
        printf(", \"%s\": {\"ulp\": %.4f, \"bits\": %lu, \"above_one\": %llu}", names[f], total.worst[f],
               (unsigned long)total.where[f], (unsigned long long)total.above_one[f]);
    }
    printf("}\n");
    return 0;
}
