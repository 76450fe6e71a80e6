# SPDX-License-Identifier: Apache-2.0
"""The step of a batch: a loop over samples around what one sample takes, the next sample arriving meanwhile."""

from __future__ import annotations

from typing import Protocol

from edgepar.codegen.names import Names
from edgepar.codegen.writer import Writer
from edgepar.plan import Call, Plan


class StepWriter(Protocol):
    """What writes the phases of one sample."""

    def phases(self) -> None:
        """All of them, in a scope that has the sample, ``result`` and the buffers."""

    def barrier(self) -> None:
        """Where cores share a sample."""

    def call(self, call: Call) -> None:
        """One call."""

    def copies(self) -> None:
        """Declares the copies of streams."""

    def start_stream(self, number: int) -> None:
        """The first tiles of a stream, where there is one."""


def batch_step(writer: Writer, plan: Plan, names: Names, step: StepWriter, reads_input: bool) -> None:
    """Text of the step of a plan for several samples a call."""
    writer.line("typedef struct {")
    writer.line("    const float *input;")
    writer.line(f"    {names.result} *output;")
    writer.line("    uint32_t samples;")
    writer.line(f"}} {names.model}_call_t;")
    writer.line()
    with writer.block(f"static void {names.model}_step(ep_team_t *team, uint32_t core, void *arg)"):
        writer.line(f"const {names.model}_call_t *const call = (const {names.model}_call_t *)arg;")
        if plan.spread == "samples":
            writer.line("(void)team;")
            writer.line("// The samples of this core, each from begin to end.")
            writer.line(f"const ep_range_t mine = ep_split(call->samples, {names.macro}_CORES, core);")
            _own_buffers(writer, plan)
            writer.line()
            _rows(writer, plan, names, step, "mine.begin", "mine.end", reads_input)
        else:
            if plan.team == 1:
                writer.line("(void)team;")
                if not plan.staged:
                    writer.line("(void)core;")
            _rows(writer, plan, names, step, "0u", "call->samples", reads_input)
    writer.line()


def _own_buffers(writer: Writer, plan: Plan) -> None:
    for buffer in plan.buffers:
        if not (plan.staged and buffer.name == "sample"):
            writer.line(f"{buffer.ctype} *const {buffer.name} = {buffer.copies_name}[core];")


def _rows(
    writer: Writer, plan: Plan, names: Names, step: StepWriter, begin: str, end: str, reads_input: bool
) -> None:
    """The loop over samples."""
    shared = plan.spread == "units"
    n = f"{names.macro}_N_FEATURES"
    if not plan.staged:
        with writer.block(f"for (uint32_t row = {begin}; row < {end}; ++row)"):
            if shared and plan.team > 1:
                with writer.block("if (row > 0u)"):
                    step.barrier()
            if reads_input:
                writer.line(f"const float *const input = call->input + row * {n};")
            writer.line(f"{names.result} *const result = call->output + row;")
            _sample(plan, step)
        return
    bytes_ = f"{n} * 4u"
    sample = next(buffer for buffer in plan.buffers if buffer.name == "sample").copies_name
    place = "" if shared else "2u * core + "

    def at(array: str, row: str) -> str:
        return f"{array}[{place}{row} % 2u]"

    def start(row: str) -> None:
        writer.line(f"sample_copy = ep_dma_start_in({at(sample, row)}, call->input + {row} * {n}, {bytes_});")

    def send(row: str) -> None:
        writer.line(
            f"answer_copy = ep_dma_start_out(call->output + {row}, &{at('answers', row)}, "
            "(uint32_t)sizeof *answers);"
        )

    writer.line("ep_dma_t sample_copy = 0u;")
    writer.line("ep_dma_t answer_copy = 0u;")
    with writer.block("if (core == 0u)" if shared else f"if ({begin} < {end})"):
        start(begin)
    with writer.block(f"for (uint32_t row = {begin}; row < {end}; ++row)"):
        if shared:
            with writer.block("if (core == 0u)"):
                writer.line("ep_dma_wait(sample_copy);")
                writer.line("ep_dma_wait(answer_copy);")
            step.barrier()
            step.copies()
            writer.line(
                "// every core has done with the sample before: the next one comes, the last answer goes"
            )
            with writer.block("if (core == 0u)"):
                writer.line("answer_copy = 0u;")
                step.start_stream(0)
                with writer.block(f"if (row + 1u < {end})"):
                    start("(row + 1u)")
                with writer.block("if (row > 0u)"):
                    send("(row - 1u)")
        else:
            writer.line("ep_dma_wait(sample_copy);")
            with writer.block(f"if (row + 1u < {end})"):
                start("(row + 1u)")
        writer.line(f"const float *const sample = {at(sample, 'row')};")
        writer.line(f"{names.result} *const result = &{at('answers', 'row')};")
        _sample(plan, step)
        if not shared:
            writer.line("// the answer goes to L2 while the next one is made")
            writer.line("ep_dma_wait(answer_copy);")
            send("row")
    if shared:
        step.barrier()
        with writer.block("if (core == 0u)"):
            writer.line("ep_dma_wait(answer_copy);")
            send("(call->samples - 1u)")
            writer.line("ep_dma_wait(answer_copy);")
    else:
        writer.line("ep_dma_wait(answer_copy);")


def _sample(plan: Plan, step: StepWriter) -> None:
    for call in plan.early:
        step.call(call)
    if any(call.flags is not None for call in plan.phases[0].calls):
        # Flags that another core clears must be clear before they are asked.
        step.barrier()
    step.phases()


def batch_functions(writer: Writer, names: Names) -> None:
    """The functions that compute answers; one sample is a batch of one."""
    n = f"{names.macro}_N_FEATURES"
    with writer.block(
        f"void {names.model}_infer_batch(const float *x, uint32_t samples, {names.result} *results)"
    ):
        writer.line(f"{names.model}_call_t call = {{x, results, samples}};")
        writer.line(f"ep_team_fork({names.macro}_CORES, {names.model}_step, &call);")
    writer.line()
    with writer.block(f"void {names.model}_infer(const float x[{n}], {names.result} *result)"):
        writer.line(f"{names.model}_infer_batch(x, 1u, result);")
