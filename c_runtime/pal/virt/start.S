// SPDX-License-Identifier: Apache-2.0
// Every hart starts here: hart 0 initialises the memory and runs main, the others wait for work.

    .section .text.ep_start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la t0, ep_virt_trap_entry
    csrw mtvec, t0
    csrwi mie, 8                // the software interrupt ends a wfi; it is never taken, since mstatus.MIE stays 0
#if defined(__riscv_flen)
    li t0, 0x6000               // mstatus.FS: F registers usable
    csrs mstatus, t0
#endif
    csrr s0, mhartid
    lui t0, %hi(__ep_harts)
    addi t0, t0, %lo(__ep_harts)
    bgeu s0, t0, ep_virt_park
    la sp, __ep_stacks_end      // the stack of hart h ends h stacks below the end
    lui t0, %hi(__ep_stack_bytes)
    addi t0, t0, %lo(__ep_stack_bytes)
    mul t0, t0, s0
    sub sp, sp, t0
    mv a0, s0
    bnez s0, ep_virt_dispatch   // reads no memory before hart 0 wakes it

    la a0, __ep_l1_data_start
    la a1, __ep_l1_data_load
    la a2, __ep_l1_data_end
1:  bgeu a0, a2, 2f
    lw t0, 0(a1)
    sw t0, 0(a0)
    addi a0, a0, 4
    addi a1, a1, 4
    j 1b
2:  la a0, __ep_l1_bss_start
    la a1, __ep_l1_bss_end
    call ep_virt_clear
    la a0, __ep_l2_bss_start
    la a1, __ep_l2_bss_end
    call ep_virt_clear
    call main
    call ep_exit

ep_virt_clear:
    bgeu a0, a1, 1f
    sw zero, 0(a0)
    addi a0, a0, 4
    j ep_virt_clear
1:  ret

ep_virt_park:
    wfi
    j ep_virt_park

    // A trap ends the program, so no register needs saving. Each hart has its own stack to report from; it starts at the top again,
    // since the old stack pointer may be what went wrong.
    .balign 4
ep_virt_trap_entry:
    csrr a0, mhartid
    la sp, __ep_stacks_end
    lui t0, %hi(__ep_stack_bytes)
    addi t0, t0, %lo(__ep_stack_bytes)
    mul t0, t0, a0
    sub sp, sp, t0
    csrr a1, mepc
    csrr a2, mcause
    csrr a3, mtval
    call ep_virt_trap
