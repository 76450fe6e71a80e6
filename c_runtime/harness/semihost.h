// SPDX-License-Identifier: Apache-2.0
// Semihosting calls of the emulated platforms (Arm's numbers, which RISC-V shares): console, one file, exit.
#ifndef EP_SEMIHOST_H
#define EP_SEMIHOST_H

#include <stdint.h>

enum {
    EP_SYS_OPEN = 0x01,
    EP_SYS_CLOSE = 0x02,
    EP_SYS_WRITEC = 0x03,
    EP_SYS_WRITE = 0x05,
    EP_SYS_EXIT_EXTENDED = 0x20,
    EP_OPEN_WRITE_BINARY = 5,         // fopen's "wb"
    EP_STOPPED_APPLICATION = 0x20026, // ADP_Stopped_ApplicationExit
    EP_STATUS_TRAP = 65,              // exit status of a program that trapped
    EP_STATUS_DUMP = 66,              // exit status when samples.out cannot be written
    EP_STATUS_PLATFORM = 67           // exit status of a call that pal.h does not allow
};

// `argument` is the address of a block of words, or of a character; the answer depends on the call.
static inline uint32_t ep_semihost(uint32_t call, const void *argument) {
#if defined(__riscv)
    register uint32_t a0 __asm__("a0") = call;
    register const void *a1 __asm__("a1") = argument;
    // The three words are what marks the call; they must be uncompressed and lie in one page.
    __asm__ volatile(".option push\n\t.option norvc\n\t.balign 16\n\t"
                     "slli x0, x0, 0x1f\n\tebreak\n\tsrai x0, x0, 7\n\t.option pop"
                     : "+&r"(a0)
                     : "r"(a1)
                     : "memory");
    return a0;
#else
    register uint32_t r0 __asm__("r0") = call;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
#endif
}

// Out of line, since the call's code is long.
__attribute__((noinline, unused)) static void ep_semihost_write_char(const char *character) {
    (void)ep_semihost(EP_SYS_WRITEC, character);
}

static inline void ep_semihost_write(const char *text, uint32_t len) {
    for (uint32_t i = 0; i < len; ++i) {
        ep_semihost_write_char(text + i);
    }
}

static inline void ep_semihost_write_string(const char *text) {
    while (*text != '\0') {
        ep_semihost_write_char(text++);
    }
}

static inline void ep_semihost_write_hex(uint32_t value) {
    ep_semihost_write_string("0x");
    for (uint32_t shift = 32u; shift > 0u;) {
        shift -= 4u;
        const char digit = "0123456789abcdef"[(value >> shift) & 15u];
        ep_semihost_write_char(&digit);
    }
}

static inline _Noreturn void ep_semihost_exit(int32_t status) {
    const uint32_t block[2] = {EP_STOPPED_APPLICATION, (uint32_t)status};
    for (;;) {
        (void)ep_semihost(EP_SYS_EXIT_EXTENDED, block);
    }
}

// One line that edgepar/emulators/qemu.py reads, then the end.
static inline _Noreturn void ep_semihost_trap(const char *kind, uint32_t core, uint32_t pc, uint32_t cause,
                                              uint32_t address) {
    ep_semihost_write_string("\nedgepar-trap ");
    ep_semihost_write_string(kind);
    ep_semihost_write_string(" core=");
    ep_semihost_write_hex(core);
    ep_semihost_write_string(" pc=");
    ep_semihost_write_hex(pc);
    ep_semihost_write_string(" cause=");
    ep_semihost_write_hex(cause);
    ep_semihost_write_string(" address=");
    ep_semihost_write_hex(address);
    ep_semihost_write_string("\n");
    ep_semihost_exit(EP_STATUS_TRAP);
}

// Writes the area to samples.out, or ends the program.
static inline void ep_semihost_dump(const void *start, uint32_t bytes) {
    static const char name[] = "samples.out";
    const uint32_t open_block[3] = {(uint32_t)(uintptr_t)name, EP_OPEN_WRITE_BINARY, (uint32_t)sizeof(name) - 1u};
    const uint32_t handle = ep_semihost(EP_SYS_OPEN, open_block);
    const uint32_t write_block[3] = {handle, (uint32_t)(uintptr_t)start, bytes};
    if (handle == UINT32_MAX || ep_semihost(EP_SYS_WRITE, write_block) != 0u) {
        ep_semihost_exit(EP_STATUS_DUMP);
    }
    (void)ep_semihost(EP_SYS_CLOSE, write_block);
}

#endif
