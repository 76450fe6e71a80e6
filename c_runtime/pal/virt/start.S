// SPDX-License-Identifier: Apache-2.0
// Every hart starts here: hart 0 initialises the memory and runs main, the others wait for work.

    .macro ep_own_stack hart, scratch   // sp = end of the stack of this hart, which is number `hart` from below
    lui \scratch, %hi(__ep_stack_bytes)
    addi \scratch, \scratch, %lo(__ep_stack_bytes)
    addi sp, \hart, 1
    mul sp, sp, \scratch
    lui \scratch, %hi(__ep_l1_origin)
    add sp, sp, \scratch
    .endm

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
    // No hart reaches the gap between L2 and L1: two locked PMP entries, the second an address range (TOR) without any right.
    lui t0, %hi(__ep_gap_start)
    addi t0, t0, %lo(__ep_gap_start)
    srli t0, t0, 2
    csrw pmpaddr0, t0
    lui t0, %hi(__ep_l1_origin)
    srli t0, t0, 2
    csrw pmpaddr1, t0
    li t0, 0x8800               // entry 0 off, entry 1 L and A = TOR
    csrw pmpcfg0, t0
#if defined(__riscv_flen)
    li t0, 0x6000               // mstatus.FS: F registers usable
    csrs mstatus, t0
#endif
    csrr s0, mhartid
    lui t0, %hi(__ep_harts)
    addi t0, t0, %lo(__ep_harts)
    bgeu s0, t0, ep_virt_park
    ep_own_stack s0, t0
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
    // since the old stack pointer
    // may be what went wrong.
    .balign 4
ep_virt_trap_entry:
    csrr a0, mhartid
    ep_own_stack a0, t0
    csrr a1, mepc
    csrr a2, mcause
    csrr a3, mtval
    call ep_virt_trap
