// SPDX-License-Identifier: Apache-2.0
// The chip's own sequence. The controller (FC, another cluster id in mhartid) starts here after reset, turns the instruction caches on and
// starts the cluster's cores at the same address. Core 0 runs main, the others wait for work. Where a test bench plays the controller,
// that part of the code does not run.

#define EP_CLUSTER_CONTROL   0x10200000
#define EP_FETCH_ENABLE      0x08
#define EP_BOOT_ADDRESS      0x40
#define EP_CLUSTER_ICACHE    0x10201400
#define EP_CONTROLLER_ICACHE 0x1A108800
#define EP_EVENT_UNIT        0x10204000
#define EP_EVENT_MASK        0x00
#define EP_EXIT              0x1A1040A0
#define EP_WAKE_EVENTS       0x00010001   // barrier and software event 0, as in pal.c
#define EP_STATUS_TRAP       65

    // Defaults of what --defsym may set; link.ld explains them.
    .macro ep_default name, value
    .weak \name
    .set \name, \value
    .endm
    ep_default __ep_l1_bytes, 0x10000
    ep_default __ep_l2_bytes, 0x80000
    ep_default __ep_stack_bytes, 0x400
    ep_default __ep_cores, 8

    .section .text.ep_vectors, "ax", @progbits
    .option push
    .option norvc
    .balign 256
    .globl __ep_vectors
__ep_vectors:
    .rept 32
    j ep_pulp_trap
    .endr
    .option pop

    .section .text.ep_start, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    csrr a0, mhartid
    srli t0, a0, 5
    bnez t0, ep_pulp_controller
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    lui t0, %hi(__ep_core_count)
    addi t0, t0, %lo(__ep_core_count)
    bgeu a0, t0, ep_pulp_park
    lui t0, %hi(__ep_stack_stride_bytes)
    addi t0, t0, %lo(__ep_stack_stride_bytes)
    addi sp, a0, 1
    mul sp, sp, t0
    lui t0, %hi(__ep_l1_origin)
    add sp, sp, t0
    li tp, EP_EVENT_UNIT        // stays there; pal.c waits through it
    li t1, EP_WAKE_EVENTS
    sw t1, EP_EVENT_MASK(tp)
    bnez a0, ep_pulp_dispatch   // reads no memory before core 0 wakes it

    la a0, __ep_l1_data_start
    la a1, __ep_l1_data_load
    la a2, __ep_l1_data_end
    sub a2, a2, a0
    call ep_dma_copy_in
    la a0, __ep_l1_bss_start
    la a1, __ep_l1_bss_end
    call ep_pulp_clear
    la a0, __ep_l2_bss_start
    la a1, __ep_l2_bss_end
    call ep_pulp_clear
    call main
    call ep_exit

    .type ep_pulp_clear, @function
ep_pulp_clear:
    bgeu a0, a1, 1f
    sw zero, 0(a0)
    addi a0, a0, 4
    j ep_pulp_clear
1:  ret

    .type ep_pulp_controller, @function
ep_pulp_controller:
    li t1, -1
    li t0, EP_CONTROLLER_ICACHE
    sw t1, 0(t0)
    li t0, EP_CLUSTER_ICACHE
    sw t1, 0(t0)
    li t0, EP_CLUSTER_CONTROL
    la t1, _start
    lui t2, %hi(__ep_core_count)
    addi t2, t2, %lo(__ep_core_count)
    li t3, 0
    li t4, 1
1:  slli t5, t3, 2
    add t5, t5, t0
    sw t1, EP_BOOT_ADDRESS(t5)
    addi t3, t3, 1
    slli t4, t4, 1
    bltu t3, t2, 1b
    addi t4, t4, -1
    sw t4, EP_FETCH_ENABLE(t0)

    .type ep_pulp_park, @function
ep_pulp_park:
    wfi
    j ep_pulp_park

    // A trap ends the program.
    .type ep_pulp_trap, @function
ep_pulp_trap:
    li t0, EP_EXIT
    li t1, 0x80000000 | EP_STATUS_TRAP
    sw t1, 0(t0)
    j ep_pulp_park
