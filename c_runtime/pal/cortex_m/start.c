// SPDX-License-Identifier: Apache-2.0
// Reset and faults of a Cortex-M with semihosting: vectors, memory initialisation, a report of any fault.
#include <stdint.h>

#include "semihost.h"

extern uint32_t __ep_data_load[];
extern uint32_t __ep_data_start[];
extern uint32_t __ep_data_end[];
extern uint32_t __ep_bss_start[];
extern uint32_t __ep_bss_end[];
extern uint32_t __ep_stack_end[];
extern uint32_t __ep_ram_start[];
extern uint32_t __ep_ram_end[];

int main(void);
_Noreturn void ep_cortex_m_reset(void);
void ep_cortex_m_fault(void);
// Called by an instruction of assembly, which a compiler does not read.
__attribute__((used)) _Noreturn void ep_cortex_m_report(const uint32_t *frame);

#define EP_SCB_CFSR (*(volatile uint32_t *)0xE000ED28u)
#define EP_SCB_MMFAR (*(volatile uint32_t *)0xE000ED34u)
#define EP_CFSR_MMARVALID 0x80u
#define EP_SCB_BFAR (*(volatile uint32_t *)0xE000ED38u)
#define EP_MPU_CTRL (*(volatile uint32_t *)0xE000ED94u)
#define EP_MPU_RBAR (*(volatile uint32_t *)0xE000ED9Cu)
#define EP_MPU_RASR (*(volatile uint32_t *)0xE000EDA0u)
#define EP_MPU_VALID 0x10u           // RBAR: the low bits name the region
#define EP_MPU_READ_ONLY 0x06020000u // RASR: privileged and user read only, normal memory
#define EP_MPU_NO_ACCESS 0x10000000u // RASR: no access, no execution
#define EP_MPU_SIZE(log2_bytes) ((((uint32_t)(log2_bytes) - 1u) << 1) | 1u)
#define EP_MPU_ON 5u // the default map elsewhere
#define EP_SCB_CPACR (*(volatile uint32_t *)0xE000ED88u)
#define EP_CPACR_FPU_FULL (0xFu << 20)

typedef union {
    uint32_t *stack;
    void (*handler)(void);
} ep_vector_t;

// Every exception but reset ends in the report: the program enables no interrupt and calls no supervisor.
__attribute__((section(".ep_vectors"), used)) const ep_vector_t ep_cortex_m_vectors[16] = {
    {.stack = __ep_stack_end},      {.handler = ep_cortex_m_reset}, {.handler = ep_cortex_m_fault},
    {.handler = ep_cortex_m_fault}, {.handler = ep_cortex_m_fault}, {.handler = ep_cortex_m_fault},
    {.handler = ep_cortex_m_fault}, {.handler = ep_cortex_m_fault}, {.handler = ep_cortex_m_fault},
    {.handler = ep_cortex_m_fault}, {.handler = ep_cortex_m_fault}, {.handler = ep_cortex_m_fault},
    {.handler = ep_cortex_m_fault}, {.handler = ep_cortex_m_fault}, {.handler = ep_cortex_m_fault},
    {.handler = ep_cortex_m_fault},
};

// QEMU's board lets writes to flash happen and ignores those to the hole below the RAM; the microcontroller would fault
// on both.
static void ep_cortex_m_protect(void) {
    EP_MPU_RBAR = 0x00000000u | EP_MPU_VALID;
    EP_MPU_RASR = EP_MPU_READ_ONLY | EP_MPU_SIZE(23);
    EP_MPU_RBAR = 0x10000000u | EP_MPU_VALID | 1u;
    EP_MPU_RASR = EP_MPU_NO_ACCESS | EP_MPU_SIZE(28);
    EP_MPU_CTRL = EP_MPU_ON;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
}

_Noreturn void ep_cortex_m_reset(void) {
    ep_cortex_m_protect();
#if defined(__ARM_FP)
    EP_SCB_CPACR |= EP_CPACR_FPU_FULL;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
    const uint32_t *load = __ep_data_load;
    for (uint32_t *word = __ep_data_start; word != __ep_data_end;) {
        *word++ = *load++;
    }
    for (uint32_t *word = __ep_bss_start; word != __ep_bss_end;) {
        *word++ = 0u;
    }
    ep_semihost_exit(main());
}

// The stack may be what failed, so the report runs on a fresh one. Its address comes in two halves: a literal would lie
// at the end of the program, out of reach of a large one that is optimised as a whole.
__attribute__((naked)) void ep_cortex_m_fault(void) {
    __asm__ volatile("mrs r0, msp\n\t"
                     "movw r1, #:lower16:__ep_stack_end\n\t"
                     "movt r1, #:upper16:__ep_stack_end\n\t"
                     "mov sp, r1\n\t"
                     "b ep_cortex_m_report");
}

_Noreturn void ep_cortex_m_report(const uint32_t *frame) {
    enum { STACKED_PC = 6, FRAME_WORDS = 8 };
    const uintptr_t start = (uintptr_t)frame;
    const uintptr_t lowest = (uintptr_t)__ep_ram_start;
    const uintptr_t highest = (uintptr_t)__ep_ram_end - FRAME_WORDS * sizeof(uint32_t);
    // A frame outside the RAM was never written: the stack ran over.
    const uint32_t pc = (start >= lowest && start <= highest) ? frame[STACKED_PC] : 0u;
    const uint32_t cause = EP_SCB_CFSR;
    const uint32_t address = (cause & EP_CFSR_MMARVALID) != 0u ? EP_SCB_MMFAR : EP_SCB_BFAR;
    ep_semihost_trap(pc != 0u ? "fault" : "stack-overflow", 0u, pc, cause, address);
}
