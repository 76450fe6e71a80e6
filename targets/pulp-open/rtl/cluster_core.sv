// SPDX-License-Identifier: Apache-2.0
//
// One core of the cluster: the packaged cv32e40p_top, unmodified, with the response side of its two buses registered
// and the few internal signals that the counters and the error reports need.
//
// Responses are registered here, and not in the bench, so that everything the core drives in a cycle depends on
// registers alone once the clock edge is over. The bench reads the requests, arbitrates, sets the grants, and one
// evaluation a cycle (the next edge) is enough. No output below depends on a grant within the cycle: what does
// inside the core (issue, trap, FPU request) leaves through a register, one cycle late on both ends of a region.

module cluster_core #(
    parameter FPU = 1
) (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        fetch_enable_i,
    input  logic [31:0] hart_id_i,
    input  logic [31:0] boot_addr_i,

    input  logic        instr_gnt_i,
    input  logic        instr_rvalid_i,  // for the next cycle
    input  logic [31:0] instr_rdata_i,   // for the next cycle
    output logic        instr_req_o,
    output logic [31:0] instr_addr_o,

    input  logic        data_gnt_i,
    input  logic        data_rvalid_i,  // for the next cycle
    input  logic [31:0] data_rdata_i,   // for the next cycle
    output logic        data_req_o,
    output logic        data_we_o,
    output logic [ 3:0] data_be_o,
    output logic [31:0] data_addr_o,
    output logic [31:0] data_wdata_o,

    output logic        sleep_o,
    output logic        issue_o,      // an instruction left the decode stage in the cycle before
    output logic [31:0] issue_pc_o,   // its address; stays until the next one, so it is the one in EX
    output logic [31:0] decode_pc_o,
    output logic        fpu_op_o,     // the FPU took an operation in the cycle before
    output logic        trap_o,       // an exception was taken in the cycle before
    output logic [ 5:0] trap_cause_o,
    output logic [31:0] trap_pc_o
);

  logic instr_rvalid_q, data_rvalid_q;
  logic [31:0] instr_rdata_q, data_rdata_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      instr_rvalid_q <= 1'b0;
      data_rvalid_q  <= 1'b0;
    end else begin
      instr_rvalid_q <= instr_rvalid_i;
      data_rvalid_q  <= data_rvalid_i;
    end
  end

  always_ff @(posedge clk_i) begin
    instr_rdata_q <= instr_rdata_i;
    data_rdata_q  <= data_rdata_i;
  end

  cv32e40p_top #(
      .COREV_PULP      (1),
      .COREV_CLUSTER   (1),
      .FPU             (FPU),
      .FPU_ADDMUL_LAT  (FPU),
      .FPU_OTHERS_LAT  (FPU),
      .ZFINX           (FPU),
      .NUM_MHPMCOUNTERS(1)
  ) top_i (
      .clk_i,
      .rst_ni,
      // The bench does not clock a core that sleeps, which is what this pin would do.
      .pulp_clock_en_i    (1'b1),
      .scan_cg_en_i       (1'b0),
      .boot_addr_i,
      .mtvec_addr_i       ({boot_addr_i[31:8], 8'h00}),
      .dm_halt_addr_i     ('0),
      .hart_id_i,
      .dm_exception_addr_i('0),
      .instr_req_o,
      .instr_gnt_i,
      .instr_rvalid_i     (instr_rvalid_q),
      .instr_addr_o,
      .instr_rdata_i      (instr_rdata_q),
      .data_req_o,
      .data_gnt_i,
      .data_rvalid_i      (data_rvalid_q),
      .data_we_o,
      .data_be_o,
      .data_addr_o,
      .data_wdata_o,
      .data_rdata_i       (data_rdata_q),
      .irq_i              ('0),
      .irq_ack_o          (),
      .irq_id_o           (),
      .debug_req_i        (1'b0),
      .debug_havereset_o  (),
      .debug_running_o    (),
      .debug_halted_o     (),
      .fetch_enable_i,
      .core_sleep_o       (sleep_o)
  );

  assign issue_o = top_i.core_i.mhpmevent_minstret;
  assign decode_pc_o = top_i.core_i.pc_id;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      trap_o   <= 1'b0;
      fpu_op_o <= 1'b0;
    end else begin
      trap_o   <= top_i.core_i.csr_save_cause;
      fpu_op_o <= top_i.apu_req && top_i.apu_gnt;
    end
  end

  always_ff @(posedge clk_i) begin
    trap_cause_o <= top_i.core_i.csr_cause;
    trap_pc_o    <= top_i.core_i.pc_id;
    if (top_i.core_i.id_stage_i.minstret) issue_pc_o <= top_i.core_i.pc_id;
  end

endmodule

// The package leaves this cell to the integrator. Neither gate is needed here: a sleeping core is not clocked at all,
// and the FPU's registers hold their values while nothing is requested.
module cv32e40p_clock_gate (
    input  logic clk_i,
    input  logic en_i,
    input  logic scan_cg_en_i,
    output logic clk_o
);
  assign clk_o = clk_i;
endmodule
