// SPDX-License-Identifier: Apache-2.0
// Holds c_runtime/softfp against the float hardware of this computer.
//   softfp_host unary FIRST STEP COUNT THREADS    every single-operand routine on a sweep of bit patterns
//   softfp_host binary FIRST COUNT THREADS        every other routine on the operands FIRST .. FIRST + COUNT - 1
//   softfp_host hashes FIRST COUNT BLOCKS         hashes of what the hardware answers, a line a block, as images print
// The first two print one JSON object: by routine, how many results differ and the first that does.
#include "softfp_operands.h"
#include "softfp_routines.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_THREADS = 64, MAX_ROUTINES = 16 };

static uint64_t hard_add(uint32_t a, uint32_t b, uint32_t c) {
    (void)c;
    return softfp_bits(softfp_from(a) + softfp_from(b));
}
static uint64_t hard_sub(uint32_t a, uint32_t b, uint32_t c) {
    (void)c;
    return softfp_bits(softfp_from(a) - softfp_from(b));
}
static uint64_t hard_mul(uint32_t a, uint32_t b, uint32_t c) {
    (void)c;
    return softfp_bits(softfp_from(a) * softfp_from(b));
}
static uint64_t hard_div(uint32_t a, uint32_t b, uint32_t c) {
    (void)c;
    return softfp_bits(softfp_from(a) / softfp_from(b));
}
static uint64_t hard_fma(uint32_t a, uint32_t b, uint32_t c) {
    return softfp_bits(fmaf(softfp_from(a), softfp_from(b), softfp_from(c)));
}
#define HARD_COMPARISON(name, operator)                                                                                \
    static uint64_t hard_##name(uint32_t a, uint32_t b, uint32_t c) {                                                  \
        (void)c;                                                                                                       \
        return softfp_from(a) operator softfp_from(b);                                                                 \
    }
HARD_COMPARISON(lt, <)
HARD_COMPARISON(le, <=)
HARD_COMPARISON(gt, >)
HARD_COMPARISON(ge, >=)
HARD_COMPARISON(eq, ==)
HARD_COMPARISON(ne, !=)
static uint64_t hard_unord(uint32_t a, uint32_t b, uint32_t c) {
    (void)c;
    return isunordered(softfp_from(a), softfp_from(b)) ? 1u : 0u;
}

// RISC-V: NaN is the largest, numbers beyond the range its end.
static uint64_t hard_fix(uint32_t a) {
    float x = softfp_from(a);
    return (uint32_t)(x < 0x1p31f ? (x >= -0x1p31f ? (int32_t)x : INT32_MIN) : INT32_MAX);
}
static uint64_t hard_fixuns(uint32_t a) {
    float x = softfp_from(a);
    return x < 0x1p32f ? (x > -1.0f ? (uint32_t)x : 0u) : UINT32_MAX;
}
static uint64_t hard_fixdi(uint32_t a) {
    float x = softfp_from(a);
    return (uint64_t)(x < 0x1p63f ? (x >= -0x1p63f ? (int64_t)x : INT64_MIN) : INT64_MAX);
}
static uint64_t hard_fixunsdi(uint32_t a) {
    float x = softfp_from(a);
    return x < 0x1p64f ? (x > -1.0f ? (uint64_t)x : 0u) : UINT64_MAX;
}
static uint64_t hard_floatsi(uint32_t a) {
    return softfp_bits((float)(int32_t)a);
}
static uint64_t hard_floatunsi(uint32_t a) {
    return softfp_bits((float)a);
}
static uint64_t hard_floatdi(uint32_t a) {
    return softfp_bits((float)(int64_t)softfp_wide(a));
}
static uint64_t hard_floatundi(uint32_t a) {
    // Halved without losing what rounds it: this computer has no instruction for numbers of 64 bits without sign.
    uint64_t n = softfp_wide(a);
    return softfp_bits(n >> 63 != 0 ? 2.0f * (float)(int64_t)(n >> 1 | (n & 1u)) : (float)(int64_t)n);
}
static uint64_t hard_sqrt(uint32_t a) {
    return softfp_bits(sqrtf(softfp_from(a)));
}

#define NAME(routine) #routine,
static const char *const binary_names[] = {SOFTFP_BINARY(NAME) NULL};
static const char *const unary_names[] = {SOFTFP_UNARY(NAME) NULL};

typedef struct {
    uint64_t differ[MAX_ROUTINES];
    uint32_t operands[MAX_ROUTINES][3];
    uint64_t got[MAX_ROUTINES], wanted[MAX_ROUTINES];
} result_t;

typedef struct {
    int unary;
    uint64_t first, step, count;
    result_t result;
} part_t;

static void hold(result_t *result, int routine, uint64_t got, uint64_t wanted, softfp_operands_t on) {
    if (got == wanted) {
        return;
    }
    if (result->differ[routine]++ == 0) {
        const uint32_t operands[3] = {on.a, on.b, on.c};
        memcpy(result->operands[routine], operands, sizeof operands);
        result->got[routine] = got;
        result->wanted[routine] = wanted;
    }
}

static void *sweep(void *argument) {
    part_t *part = argument;
    for (uint64_t i = 0; i < part->count; i++) {
        uint32_t number = (uint32_t)(part->first + i * part->step);
        int routine = 0;
        if (part->unary) {
            const softfp_operands_t on = {number, 0, 0};
#define HOLD_UNARY(name) hold(&part->result, routine++, soft_##name(on.a), hard_##name(on.a), on);
            SOFTFP_UNARY(HOLD_UNARY)
        } else {
            const softfp_operands_t on = softfp_operands(number);
#define HOLD_BINARY(name)                                                                                              \
    hold(&part->result, routine++, soft_##name(on.a, on.b, on.c), hard_##name(on.a, on.b, on.c), on);
            SOFTFP_BINARY(HOLD_BINARY)
        }
    }
    return NULL;
}

static int run_sweep(int unary, uint64_t first, uint64_t step, uint64_t count, uint64_t threads) {
    static part_t parts[MAX_THREADS];
    pthread_t ids[MAX_THREADS];
    if (threads < 1 || threads > MAX_THREADS) {
        fprintf(stderr, "softfp_host: THREADS is %llu, allowed are 1 to %d\n", (unsigned long long)threads,
                MAX_THREADS);
        return 2;
    }
    for (uint64_t t = 0; t < threads; t++) {
        parts[t].unary = unary;
        parts[t].first = first + t * step;
        parts[t].step = step * threads;
        parts[t].count = (count - t + threads - 1) / threads;
        if (pthread_create(&ids[t], NULL, sweep, &parts[t]) != 0) {
            fprintf(stderr, "softfp_host: no thread could be started\n");
            return 1;
        }
    }
    uint64_t done = 0;
    for (uint64_t t = 0; t < threads; t++) {
        pthread_join(ids[t], NULL);
        done += parts[t].count;
    }
    printf("{\"inputs\": %llu, \"differ\": {", (unsigned long long)done);
    const char *const *names = unary ? unary_names : binary_names;
    for (int r = 0; names[r] != NULL; r++) {
        uint64_t differ = 0;
        const result_t *example = &parts[0].result;
        for (uint64_t t = 0; t < threads; t++) {
            differ += parts[t].result.differ[r];
            example = parts[t].result.differ[r] != 0 ? &parts[t].result : example;
        }
        printf("%s\"%s\": [%llu, \"%08lx %08lx %08lx: %llx, not %llx\"]", r == 0 ? "" : ", ", names[r],
               (unsigned long long)differ, (unsigned long)example->operands[r][0],
               (unsigned long)example->operands[r][1], (unsigned long)example->operands[r][2],
               (unsigned long long)example->got[r], (unsigned long long)example->wanted[r]);
    }
    printf("}}\n");
    return 0;
}

static void print_hashes(uint64_t first, uint64_t count, uint64_t blocks) {
    for (uint64_t block = 0; block < blocks; block++) {
        uint32_t hashes[2 * MAX_ROUTINES] = {0};
        int routine = 0;
        for (uint64_t i = 0; i < count; i++) {
            const softfp_operands_t on = softfp_operands((uint32_t)(first + block * count + i));
            routine = 0;
#define HASH_BINARY(name)                                                                                              \
    hashes[routine] = softfp_hash(hashes[routine], hard_##name(on.a, on.b, on.c));                                     \
    routine++;
            SOFTFP_BINARY(HASH_BINARY)
#define HASH_UNARY(name)                                                                                               \
    hashes[routine] = softfp_hash(hashes[routine], hard_##name(on.a));                                                 \
    routine++;
            SOFTFP_UNARY(HASH_UNARY)
        }
        for (int r = 0; r < routine; r++) {
            printf("%08lx%c", (unsigned long)hashes[r], r == routine - 1 ? '\n' : ' ');
        }
    }
}

int main(int argc, char **argv) {
    uint64_t number[4] = {0};
    for (int i = 2; i < argc && i < 6; i++) {
        number[i - 2] = strtoull(argv[i], NULL, 0);
    }
    if (argc == 6 && strcmp(argv[1], "unary") == 0) {
        return run_sweep(1, number[0], number[1], number[2], number[3]);
    }
    if (argc == 5 && strcmp(argv[1], "binary") == 0) {
        return run_sweep(0, number[0], 1, number[1], number[2]);
    }
    if (argc == 5 && strcmp(argv[1], "hashes") == 0) {
        print_hashes(number[0], number[1], number[2]);
        return 0;
    }
    fprintf(stderr, "usage: softfp_host unary FIRST STEP COUNT THREADS | binary FIRST COUNT THREADS | "
                    "hashes FIRST COUNT BLOCKS\n");
    return 2;
}
