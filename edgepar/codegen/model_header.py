# SPDX-License-Identifier: Apache-2.0
"""model.h: the interface a C or C++ program sees."""

from __future__ import annotations

import numpy as np

from edgepar.codegen.names import Names
from edgepar.codegen.opening import opening
from edgepar.codegen.writer import Writer
from edgepar.manifest import Field
from edgepar.model import listed
from edgepar.plan import Plan

_DTYPES = {"float32": "float", "int32": "int32_t"}


def label_type(plan: Plan) -> str:
    """C type of a label: text, or the narrowest integer of 32 or 64 bits that holds them all."""
    labels = plan.graph.labels
    if labels and isinstance(labels[0], str):
        return "const char *"
    narrow = all(-(2**31) <= int(label) < 2**31 for label in labels)
    return "int32_t " if narrow else "int64_t "


def _field(names: Names, field: Field) -> str:
    member = names.field(field.name)
    if field.role == "label":
        return f"int32_t {member}; // class index, 0 .. {names.macro}_N_CLASSES - 1"
    if field.flat:
        return f"{_DTYPES[field.dtype]} {member};"
    return f"{_DTYPES[field.dtype]} {member}[{field.len}];"


def functions(plan: Plan) -> list[tuple[str, str, Field]]:
    """Signature, comment and record field of each function that asks for one output."""
    names = Names(plan)
    x = f"const float x[{names.macro}_N_FEATURES]"
    found = []
    for field in plan.record:
        ctype = _DTYPES[field.dtype]
        if field.role == "label":
            found.append(
                (f"{label_type(plan)}{names.model}_predict({x})", "The label, one of the classes.", field)
            )
            continue
        function, text = {
            "probabilities": ("predict_proba", "Probability of each class."),
            "decision": ("decision_function", "Scores, as scikit-learn's decision_function."),
            "value": ("predict", "The value of the regressor."),
            "transformed": (
                "transform",
                "The sample in the estimator's own space, as its transform gives it.",
            ),
            "score": ("score_samples", "The score of the sample, as score_samples gives it."),
        }[field.role]
        if field.flat:
            found.append((f"{ctype} {names.model}_{function}({x})", text, field))
        else:
            out = f"{ctype} {names.field(field.name)}[{field.len}]"
            found.append((f"void {names.model}_{function}({x}, {out})", text, field))
    return found


def _allowed(plan: Plan) -> str:
    """What a sample may hold, which nothing on the device checks."""
    nan = plan.graph.accepts_nan
    if nan is False:
        return "The numbers of x are finite; nothing checks that."
    where = "" if nan is True else f" in {listed(np.array(nan))}"
    return f"The numbers of x are finite, or NaN where a value is missing{where}; nothing checks that."


def model_header(plan: Plan) -> str:
    """Text of model.h."""
    names = Names(plan)
    writer = Writer()
    opening(writer, plan)
    guard = f"EP_MODEL_{names.macro}_H"
    writer.line(f"#ifndef {guard}")
    writer.line(f"#define {guard}")
    writer.line()
    writer.line("#include <stdint.h>")
    writer.line()
    writer.line("#ifdef __cplusplus")
    writer.line('extern "C" {')
    writer.line("#endif")
    writer.line()
    writer.line(f"#define {names.macro}_N_FEATURES {plan.graph.input.len}")
    if plan.graph.labels:
        writer.line(f"#define {names.macro}_N_CLASSES {len(plan.graph.labels)}")
    writer.line(f"#define {names.macro}_CORES {plan.team}")
    if plan.batch > 1:
        writer.line(f"#define {names.macro}_BATCH {plan.batch}")
    writer.line()
    if plan.graph.labels:
        kind = label_type(plan)
        star = "const char *const " if kind == "const char *" else f"const {kind}"
        writer.line("// Labels in the order of class indices.")
        writer.line(f"extern {star}{names.model}_classes[{names.macro}_N_CLASSES];")
        writer.line()
    writer.line("// All outputs of the model for one sample; elements of 4 bytes without gaps.")
    writer.line("typedef struct {")
    for field in plan.record:
        writer.line("    " + _field(names, field))
    writer.line(f"}} {names.result};")
    writer.line()
    memory = "L2" if plan.staged else "any memory"
    writer.line(
        f"// Computes every output. x and result lie in {memory}, 4-byte aligned; called by core 0, not reentrant."
    )
    writer.line(f"// {_allowed(plan)}")
    writer.line(f"void {names.model}_infer(const float x[{names.macro}_N_FEATURES], {names.result} *result);")
    writer.line()
    if plan.batch > 1:
        writer.line(
            "// The same of several samples, which lie one behind the other, as do their results. samples is 1 or "
            f"more; the plan is made for {names.macro}_BATCH."
        )
        writer.line(
            f"void {names.model}_infer_batch(const float *x, uint32_t samples, {names.result} *results);"
        )
        writer.line()
    for signature, text, _ in functions(plan):
        writer.line(f"// {text}")
        writer.line(f"{signature};")
        writer.line()
    writer.line("#ifdef __cplusplus")
    writer.line("}")
    writer.line("#endif")
    writer.line()
    writer.line("#endif")
    return writer.text()
