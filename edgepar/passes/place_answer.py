# SPDX-License-Identifier: Apache-2.0
"""Where each field of the answer is made: in L2 at once, or in L1 with a copy that goes out while the cores work on."""

from __future__ import annotations

from dataclasses import replace

from edgepar.identifier import identifier
from edgepar.manifest import Field
from edgepar.plan import Apply, Argument, Buffer, Call, CopyOut, Element, Phase, Ref, Result
from edgepar.target import Target

#: A store to L2 is waited for, so a field of more than this many elements a core goes by DMA.
_DIRECT_ELEMENTS_OF_A_CORE = 4


def place_answer(
    phases: tuple[Phase, ...], record: tuple[Field, ...], target: Target, cores: int
) -> tuple[tuple[Phase, ...], tuple[Buffer, ...], tuple[CopyOut, ...]]:
    """The phases with fields that are made early, or are long, in buffers of L1; these, and when each is copied out.

    A kernel whose answer is stored reads its arguments and writes none, so a field is whole once the last phase with
    another kernel on it is over. Retries count as long as the last of them.
    """
    buffers, copies = [], []
    for field in record:
        name = identifier(field.name)
        naming = [(at, call) for at, phase in enumerate(phases) for call in phase.calls if _names(call, name)]
        made = [at for at, call in naming if _writes(call, name)]
        if not made:
            continue
        whole = max(made)
        # While others work on, DMA costs next to nothing; at the end a few stores cost less than waiting for it.
        few = field.len <= (_DIRECT_ELEMENTS_OF_A_CORE * cores if whole == len(phases) - 1 else 1)
        if len(naming) == 1 and few:
            continue
        while phases[whole].attempt > 0 and whole + 1 < len(phases) and phases[whole + 1].attempt > 0:
            whole += 1
        ctype = "int32_t" if field.dtype == "int32" else "float"
        near = Buffer(
            f"{name}_near", ctype, field.len, target.scratch_in, f"{field.name}, copied to L2 when whole"
        )
        buffers.append(near)
        copies.append(CopyOut(name, near.name, whole))
        phases = tuple(_moved(phase, name, Ref(near.name)) for phase in phases)
    return phases, tuple(buffers), tuple(copies)


def _names(call: Call, field: str) -> bool:
    return call.stored_in == Result(field) or any(field in _fields(apply) for apply in call.applies)


def _writes(call: Call, field: str) -> bool:
    return call.stored_in == Result(field) or call.stored_in is None


def _fields(argument: Argument) -> list[str]:
    match argument:
        case Result(field):
            return [field]
        case Element(array, _):
            return _fields(array)
        case Apply(_, _, arguments):
            return [field for one in arguments for field in _fields(one)]
    return []


def _moved(phase: Phase, field: str, near: Ref) -> Phase:
    def argument(one: Argument) -> Argument:
        match one:
            case Result(name) if name == field:
                return replace(near, unit_stride=one.unit_stride)
            case Element(Result(name), index) if name == field:
                return Element(near, index)
            case Apply():
                return apply(one)
        return one

    def apply(one: Apply) -> Apply:
        return replace(one, arguments=tuple(argument(each) for each in one.arguments))

    def call(one: Call) -> Call:
        stored = near if one.stored_in == Result(field) else one.stored_in
        return replace(
            one, apply=apply(one.apply), then=tuple(apply(each) for each in one.then), stored_in=stored
        )

    guard = None if phase.guard is None else apply(phase.guard)
    return replace(phase, calls=tuple(call(one) for one in phase.calls), guard=guard)
