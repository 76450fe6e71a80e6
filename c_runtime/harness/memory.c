// SPDX-License-Identifier: Apache-2.0
// The four functions that compilers call on their own. Weak, so that a C library or a platform may bring better ones.
#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#define EP_NO_IDIOM __attribute__((weak, no_builtin))
#else
#define EP_NO_IDIOM __attribute__((weak, optimize("no-tree-loop-distribute-patterns")))
#endif

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

typedef uint32_t __attribute__((may_alias)) ep_word_t;

EP_NO_IDIOM void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
    uint8_t *target = to;
    const uint8_t *source = from;
    if ((((uintptr_t)to | (uintptr_t)from) & 3u) == 0u) {
        for (; bytes >= 4u; bytes -= 4u, target += 4, source += 4) {
            *(ep_word_t *)(void *)target = *(const ep_word_t *)(const void *)source;
        }
    }
    for (; bytes > 0u; --bytes) {
        *target++ = *source++;
    }
    return to;
}

EP_NO_IDIOM void *memmove(void *to, const void *from, size_t bytes) {
    uint8_t *target = to;
    const uint8_t *source = from;
    if ((uintptr_t)target - (uintptr_t)source >= bytes) {
        return memcpy(to, from, bytes);
    }
    while (bytes > 0u) {
        --bytes;
        target[bytes] = source[bytes];
    }
    return to;
}

EP_NO_IDIOM void *memset(void *to, int value, size_t bytes) {
    uint8_t *target = to;
    if (((uintptr_t)to & 3u) == 0u) {
        const uint32_t word = (uint32_t)(uint8_t)value * 0x01010101u;
        for (; bytes >= 4u; bytes -= 4u, target += 4) {
            *(ep_word_t *)(void *)target = word;
        }
    }
    for (; bytes > 0u; --bytes) {
        *target++ = (uint8_t)value;
    }
    return to;
}

EP_NO_IDIOM int memcmp(const void *a, const void *b, size_t bytes) {
    const uint8_t *left = a;
    const uint8_t *right = b;
    for (; bytes > 0u; --bytes, ++left, ++right) {
        if (*left != *right) {
            return (int)*left - (int)*right;
        }
    }
    return 0;
}
