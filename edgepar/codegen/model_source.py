# SPDX-License-Identifier: Apache-2.0
"""model.c: tables, buffers, the step that all cores run, and the functions of model.h."""

from __future__ import annotations

from typing import Any

import numpy as np

from edgepar.codegen import literals
from edgepar.codegen.batch_step import batch_functions, batch_step
from edgepar.codegen.model_header import functions, label_type
from edgepar.codegen.names import Names
from edgepar.codegen.opening import opening
from edgepar.codegen.step import Step, reads_input
from edgepar.codegen.writer import Writer
from edgepar.plan import Apply, Phase, Plan, Table

_PLACE_CONST = {"l1": "EP_L1_CONST", "l2": "EP_L2_CONST", "flash": "EP_L2_CONST", "ram": "EP_L1_CONST"}
_PLACE = {"l1": "EP_L1", "l2": "EP_L2", "ram": "EP_L1"}


def _items(table: Table) -> list[str]:
    data: Any = table.data
    if data.dtype.names and "word" not in data.dtype.names:
        return [f"{{{', '.join(literals.u32(v) for v in row)}}}" for row in data.tolist()]
    if data.dtype.names:
        inner = data["right"] != 0
        thresholds = data["word"].view(np.float32)
        features, rights, words = data["feature"].tolist(), data["right"].tolist(), data["word"].tolist()
        floats = [literals.f32(t) if i else "" for t, i in zip(thresholds, inner.tolist(), strict=True)]
        return [
            f"{{{{.threshold = {t}}}, {f}u, {r}u}}" if r else f"{{{{.leaf = {w}u}}, 0u, 0u}}"
            for t, w, f, r in zip(floats, words, features, rights, strict=True)
        ]
    if data.dtype == np.float32:
        return [literals.f32(v) for v in data]
    if data.dtype == np.uint32:
        return [literals.u32(v) for v in data.tolist()]
    return [literals.i32(v) for v in data.tolist()]


def model_source(plan: Plan) -> str:
    """Text of model.c."""
    names = Names(plan)
    writer = Writer()
    opening(writer, plan)
    writer.line('#include "model.h"')
    writer.line()
    headers = {"ep/pal.h", "ep/place.h", "ep/split.h"}
    for phase in (Phase("early", plan.early), *plan.phases):
        applies = [apply for call in phase.calls for apply in call.applies]
        applies += [phase.guard] if phase.guard else []
        for apply in applies:
            headers.add(apply.header)
            headers.update(argument.header for argument in apply.arguments if isinstance(argument, Apply))
    for header in sorted(headers):
        writer.line(f'#include "{header}"')
    writer.line()
    if plan.graph.labels:
        _classes(writer, plan, names)
    for table in plan.tables:
        writer.line(f"// {literals.comment(table.origin)}")
        place = _PLACE_CONST[table.level]
        writer.table(f"static const {table.ctype} {table.name}[{len(table.data)}] {place}", _items(table))
        writer.line()
    for buffer in plan.buffers:
        writer.line(f"// {literals.comment(buffer.origin)}")
        if buffer.copies:
            name = f"{buffer.copies_name}[{buffer.copies}][{buffer.stride}]"
        else:
            name = f"{buffer.name}[{buffer.len}]"
        writer.line(f"static {buffer.ctype} {name} {_PLACE[buffer.level]};")
    if plan.answers is not None:
        writer.line("// the answers, before they are copied to L2")
        writer.line(f"static {names.result} answers[{plan.answers.copies}] EP_L1;")
    writer.line()
    if plan.batch > 1:
        batch_step(writer, plan, names, Step(writer, plan))
    else:
        _step(writer, plan, names)
    _functions(writer, plan, names)
    return writer.text()


def _classes(writer: Writer, plan: Plan, names: Names) -> None:
    kind = label_type(plan)
    head = f"{'const char *const ' if kind == 'const char *' else 'const ' + kind}{names.model}_classes"
    if kind == "const char *":
        items = [literals.text(str(label)) for label in plan.graph.labels]
    else:
        number = literals.i32 if kind == "int32_t " else literals.i64
        items = [number(int(label)) for label in plan.graph.labels]
    writer.table(f"{head}[{names.macro}_N_CLASSES]", items)
    writer.line()


def _step(writer: Writer, plan: Plan, names: Names) -> None:
    writer.line("typedef struct {")
    writer.line("    const float *input;")
    writer.line(f"    {names.result} *output;")
    if plan.staged:
        writer.line("    ep_dma_t sample_copy;")
        if plan.head_len:
            writer.line("    ep_dma_t rest_copy;")
    writer.line(f"}} {names.model}_call_t;")
    writer.line()
    with writer.block(f"static EP_STEP void {names.model}_step(ep_team_t *team, uint32_t core, void *arg)"):
        writer.line(f"const {names.model}_call_t *const call = (const {names.model}_call_t *)arg;")
        step = Step(writer, plan)
        if reads_input(plan):
            writer.line("const float *const input = call->input;")
        writer.line(f"{names.result} *const result = call->output;")
        trial = Writer()
        Step(trial, plan).body()
        if "ep_team_barrier(" not in trial.text():
            writer.line("(void)team;")
        writer.line()
        step.body()
    writer.line()


def _functions(writer: Writer, plan: Plan, names: Names) -> None:
    x = f"const float x[{names.macro}_N_FEATURES]"
    if plan.batch > 1:
        batch_functions(writer, names)
    else:
        with writer.block(f"void {names.model}_infer({x}, {names.result} *result)"):
            copies = _sample_copies(plan)
            empty = "".join(", 0u" for _ in copies)
            writer.line(f"{names.model}_call_t call = {{x, result{empty}}};")
            for line in copies:
                writer.line(line)
            writer.line(f"ep_team_fork({names.macro}_CORES, {names.model}_step, &call);")
    writer.line()
    writer.line("// The answer of the functions below; in L2, where DMA can write it.")
    writer.line(f"static {names.result} latest EP_L2;")
    for signature, _, field in functions(plan):
        member = f"latest.{names.field(field.name)}"
        writer.line()
        with writer.block(signature):
            writer.line(f"{names.model}_infer(x, &latest);")
            if field.role == "label":
                writer.line(f"return {names.model}_classes[{member}];")
            elif field.flat:
                writer.line(f"return {member};")
            else:
                with writer.block(f"for (uint32_t i = 0; i < {field.len}u; ++i)"):
                    writer.line(f"{names.field(field.name)}[i] = {member}[i];")


def _sample_copies(plan: Plan) -> list[str]:
    """What sends a sample off to L1."""
    if not plan.staged:
        return []
    if not plan.head_len:
        return ["call.sample_copy = ep_dma_start_in(sample, x, (uint32_t)sizeof sample);"]
    head = literals.u32(plan.head_len)
    head_bytes, rest_bytes = (
        literals.u32(4 * n) for n in (plan.head_len, plan.graph.input.len - plan.head_len)
    )
    return [
        f"call.sample_copy = ep_dma_start_in(sample, x, {head_bytes});",
        f"call.rest_copy = ep_dma_start_in(sample + {head}, x + {head}, {rest_bytes});",
    ]


def model_glue(plan: Plan) -> str:
    """Text of model_glue.c: what the measuring harness calls."""
    names = Names(plan)
    writer = Writer()
    opening(writer, plan)
    writer.line('#include "harness.h"')
    writer.line('#include "model.h"')
    writer.line()
    writer.line(f"const uint32_t ep_model_input_bytes = {names.macro}_N_FEATURES * 4u;")
    writer.line(f"const uint32_t ep_model_output_bytes = (uint32_t)sizeof({names.result});")
    writer.line()
    if plan.batch > 1:
        writer.line(f"const uint32_t ep_model_batch = {names.macro}_BATCH;")
        writer.line()
    with writer.block("void ep_model_infer(const void *input, void *output)"):
        if plan.batch > 1:
            writer.line(
                f"{names.model}_infer_batch((const float *)input, ep_harness_call_samples, "
                f"({names.result} *)output);"
            )
        else:
            writer.line(f"{names.model}_infer((const float *)input, ({names.result} *)output);")
    return writer.text()
