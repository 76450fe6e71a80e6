# SPDX-License-Identifier: Apache-2.0
"""The step of a batch: a loop over samples around what one sample takes, the next sample arriving meanwhile."""

from __future__ import annotations

from edgepar.codegen.names import Names
from edgepar.codegen.step import Step, reads_input
from edgepar.codegen.writer import Writer
from edgepar.plan import Plan


def batch_step(writer: Writer, plan: Plan, names: Names, step: Step) -> None:
    """Text of the step of a plan for several samples a call."""
    writer.line("typedef struct {")
    writer.line("    const float *input;")
    writer.line(f"    {names.result} *output;")
    writer.line("    uint32_t samples;")
    writer.line(f"}} {names.model}_call_t;")
    writer.line()
    rows = _rows if plan.staged else _rows_in_place
    with writer.block(f"static EP_STEP void {names.model}_step(ep_team_t *team, uint32_t core, void *arg)"):
        writer.line(f"const {names.model}_call_t *const call = (const {names.model}_call_t *)arg;")
        if plan.spread == "samples":
            writer.line("(void)team;")
            writer.line("// The samples of this core, each from begin to end.")
            writer.line(f"const ep_range_t mine = ep_split(call->samples, {names.macro}_CORES, core);")
            _own_buffers(writer, plan)
            writer.line()
            rows(writer, plan, names, step, "mine.begin", "mine.end")
        else:
            if plan.team == 1:
                writer.line("(void)team;")
                if not plan.staged:
                    writer.line("(void)core;")
            rows(writer, plan, names, step, "0u", "call->samples")
    writer.line()


def _own_buffers(writer: Writer, plan: Plan) -> None:
    for buffer in plan.buffers:
        if not (plan.staged and plan.near_sample and buffer.name == "sample"):
            writer.line(f"{buffer.ctype} *const {buffer.name} = {buffer.copies_name}[core];")


def _rows_in_place(writer: Writer, plan: Plan, names: Names, step: Step, begin: str, end: str) -> None:
    """The loop over samples where one memory holds everything."""
    with writer.block(f"for (uint32_t row = {begin}; row < {end}; ++row)"):
        if plan.spread == "units" and plan.team > 1:
            with writer.block("if (row > 0u)"):
                step.barrier()
        if reads_input(plan):
            writer.line(f"const float *const input = call->input + row * {names.macro}_N_FEATURES;")
        writer.line(f"{names.result} *const result = call->output + row;")
        _sample(plan, step)


def _rows(writer: Writer, plan: Plan, names: Names, step: Step, begin: str, end: str) -> None:
    """The loop over samples, of which answers go by DMA, and the samples themselves where they are ``near``."""
    shared = plan.spread == "units"
    n = f"{names.macro}_N_FEATURES"
    bytes_ = f"{n} * 4u"
    near = plan.near_sample
    sample = next(buffer.copies_name for buffer in plan.buffers if buffer.name == "sample") if near else ""
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

    kept = 0 if plan.answers is None else plan.answers.copies // (1 if shared else plan.cores)

    if near:
        writer.line("ep_dma_t sample_copy = 0u;")
    if shared:
        writer.line("ep_dma_t answer_copy = 0u;")
    else:
        writer.line("uint32_t kept = 0u;")
    if near:
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
        elif near:
            writer.line("ep_dma_wait(sample_copy);")
            with writer.block(f"if (row + 1u < {end})"):
                start("(row + 1u)")
        if near:
            writer.line(f"const float *const sample = {at(sample, 'row')};")
        elif reads_input(plan):
            writer.line(f"const float *const input = call->input + row * {n};")
        place_of_answer = at("answers", "row") if shared else f"answers[{kept}u * core + kept]"
        writer.line(f"{names.result} *const result = &{place_of_answer};")
        _sample(plan, step)
        if not shared:
            _send_together(writer, kept)
    if shared:
        step.barrier()
        with writer.block("if (core == 0u)"):
            writer.line("ep_dma_wait(answer_copy);")
            send("(call->samples - 1u)")
            writer.line("ep_dma_wait(answer_copy);")


def _send_together(writer: Writer, kept: int) -> None:
    """The answers that a core has kept go to L2 when there is no room for more, or nothing more to do."""
    writer.line("++kept;")
    with writer.block(f"if (kept == {kept}u || row + 1u == mine.end)"):
        writer.line(
            f"ep_dma_copy_out(call->output + row + 1u - kept, &answers[{kept}u * core], "
            "kept * (uint32_t)sizeof *answers);"
        )
        writer.line("kept = 0u;")


def _sample(plan: Plan, step: Step) -> None:
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
