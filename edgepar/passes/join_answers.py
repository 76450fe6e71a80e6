# SPDX-License-Identifier: Apache-2.0
"""Let the last core find the label while the others begin what comes next: a barrier and a lonely core less."""

from __future__ import annotations

from dataclasses import replace

from edgepar.plan import Call, Phase, Ref, Result


def join_answers(phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
    """Phases in which core 0 alone asks kernels for answers join the split phase behind them, on the last core.

    Such a kernel writes nothing but its answer, and a value that it reads has been written for good, for each value is
    made once. So the two may run at once unless the later phase uses the answer. The last core has the fewest units.
    """
    out: list[Phase] = []
    for phase in phases:
        if out and _joins(out[-1], phase):
            answers = tuple(replace(call, who="last") for call in out[-1].calls)
            out[-1] = replace(phase, title=f"{phase.title}, {out[-1].title}", calls=(*phase.calls, *answers))
        else:
            out.append(phase)
    return tuple(out)


def _joins(answers: Phase, later: Phase) -> bool:
    plain = all(phase.guard is None and phase.attempt == 0 for phase in (answers, later))
    asked = all(call.who == "first" and isinstance(call.stored_in, Result) for call in answers.calls)
    split = any(call.who == "split" for call in later.calls)
    return plain and asked and split and not _uses(later, answers)


def _uses(later: Phase, answers: Phase) -> bool:
    made = {call.stored_in.field for call in answers.calls if isinstance(call.stored_in, Result)}
    return any(field in made for call in later.calls for field in _fields(call))


def _fields(call: Call) -> set[str]:
    pending: list[object] = [*call.applies, call.stored_in]
    found = set()
    while pending:
        one = pending.pop()
        if isinstance(one, Result):
            found.add(one.field)
        elif not isinstance(one, Ref):
            pending += [*getattr(one, "arguments", ()), *([one.array] if hasattr(one, "array") else [])]
    return found
