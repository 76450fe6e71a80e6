// SPDX-License-Identifier: Apache-2.0
// One verilated core: its signals by name, and its clock.
#pragma once

#include <memory>

#include <verilated.h>

#include "Vcore.h"
#include "Vcore___024root.h"

class Core {
  public:
    Core(VerilatedContext &context, uint32_t hart_id) : model_(std::make_unique<Vcore>(&context)) {
        in().hart_id_i = hart_id;
    }
    ~Core() {
        model_->final();
    }

    /// Reset, then the first rising edge with fetch enabled.
    void start(uint32_t boot_address) {
        Vcore &m = in();
        m.boot_addr_i = boot_address;
        m.fetch_enable_i = 0;
        m.instr_gnt_i = m.instr_rvalid_i = m.data_gnt_i = m.data_rvalid_i = 0;
        m.rst_ni = 1;
        clock();
        m.rst_ni = 0;
        clock();
        clock();
        m.rst_ni = 1;
        m.fetch_enable_i = 1;
        clock();
    }

    /// One clock cycle: the rising edge samples the inputs, after it the outputs are those of the next cycle.
    void clock() {
        Vcore &m = *model_;
        m.clk_i = 0;
        m.eval_step();
        m.clk_i = 1;
        m.eval_step();
    }

    Vcore &in() {
        return *model_;
    }
    const Vcore &out() const {
        return *model_;
    }

  private:
    std::unique_ptr<Vcore> model_;
};
