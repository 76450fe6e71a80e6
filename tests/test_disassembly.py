# SPDX-License-Identifier: Apache-2.0
"""Which instructions an image holds: none its cores lack, and in the hot loops those that make them fast."""

from __future__ import annotations

import subprocess
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import capstone
import pytest
from elftools.elf.elffile import ELFFile

from edgepar.codegen.build_files import OPTIONS
from edgepar.emulators.elf import load_image
from edgepar.image import Image
from edgepar.toolchain import find_compiler, toolchains
from tests.case import Case
from tests.images import DEMO, cases, image_of

FOREST, LOGISTIC, BAYES = DEMO
MODELS = [*DEMO, *cases("normalized_tree", "clipped_forest", "cancer_logistic_l1_norm", "two_target_forest")]

#: Major opcodes that RISC-V leaves to vendors; CORE-V takes all four (CV32E40P user manual, instruction encoding).
CUSTOM = {0x0B: "custom-0", 0x2B: "custom-1", 0x5B: "custom-2", 0x7B: "custom-3"}
#: LOAD-FP, STORE-FP, MADD, MSUB, NMSUB, NMADD, OP-FP: F and Zfinx.
FUSED = {0x43, 0x47, 0x4B, 0x4F}
FLOAT = {0x07, 0x27, 0x43, 0x47, 0x4B, 0x4F, 0x53}


@cache
def words(path: Path) -> tuple[tuple[int, int], ...]:
    """Address and bits of every instruction in the executable sections, 16-bit ones with their upper half 0."""
    found = []
    with path.open("rb") as file:
        for section in ELFFile(file).iter_sections():
            if not section["sh_flags"] & 4 or section["sh_type"] != "SHT_PROGBITS":
                continue
            data, at = section.data(), 0
            while at + 2 <= len(data):
                size = 4 if data[at] & 3 == 3 else 2
                found.append((section["sh_addr"] + at, int.from_bytes(data[at : at + size], "little")))
                at += size
    assert found
    return tuple(found)


def opcodes(image: Image) -> set[int]:
    """Major opcodes of the 32-bit instructions."""
    return {bits & 0x7F for _, bits in words(image.artefact) if bits & 3 == 3}


def fused(path: Path) -> set[int]:
    """Addresses of fused multiply-adds."""
    return {at for at, bits in words(path) if bits & 3 == 3 and bits & 0x7F in FUSED}


def compressed_floats(image: Image) -> list[int]:
    """Addresses of c.flw, c.fsw, c.flwsp, c.fswsp: quadrants 0 and 2 with funct3 of 3 or 7."""
    return [at for at, bits in words(image.artefact) if bits & 3 in (0, 2) and (bits >> 13) & 3 == 3 and bits]


@pytest.mark.parametrize(("emulator", "isa"), [("rtl", "corev"), ("rtl", "plain"), ("qemu", "plain")])
@pytest.mark.parametrize("case", MODELS, ids=str)
def test_gap8_has_no_floating_point_instruction(case: Case, emulator: str, isa: str) -> None:
    image = image_of(case, "gap8", emulator=emulator, isa=isa)
    assert not opcodes(image) & FLOAT
    assert not compressed_floats(image)


@pytest.mark.parametrize("emulator", ["rtl", "qemu"])
@pytest.mark.parametrize("target", ["pulp-open", "gap8"])
@pytest.mark.parametrize("case", MODELS, ids=str)
def test_plain_images_have_no_core_v_opcode(case: Case, target: str, emulator: str) -> None:
    image = image_of(case, target, emulator=emulator, isa="plain")
    assert not opcodes(image) & set(CUSTOM)


@pytest.mark.parametrize("target", ["pulp-open", "gap8"])
def test_the_two_searches_find_what_they_look_for(target: str) -> None:
    """The default images do hold CORE-V operations, and those of pulp-open floating-point ones."""
    assert opcodes(image_of(LOGISTIC, target)) & set(CUSTOM)
    assert bool(opcodes(image_of(LOGISTIC, "pulp-open")) & FLOAT)
    assert compressed_floats(image_of(LOGISTIC, "pulp-open", emulator="qemu"))


@cache
def alone(image: Image, source: str) -> Path:
    """A file of the image's runtime compiled by itself: in the image, functions are parts of their callers."""
    toolchain = toolchains()[image.build.toolchain]
    folder = image.folder / "runtime"
    output = image.artefact.parent / f"{source.replace('/', '_')}.o"
    command = [
        find_compiler(toolchain).command, *toolchain.c_flags, *image.build.cpu_flags, *OPTIONS,
        "-fno-function-sections", f"-I{folder / 'include'}", "-c", str(folder / source), "-o", str(output),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    return output


def bodies(path: Path, function: str) -> list[list[str]]:
    """Bodies of the hardware loops of a function, each instruction by its kind."""
    found = []
    every = dict(words(path))
    at, end = _functions(path)[function]
    while at < end:
        bits = every[at]
        if bits & 0x7F == 0x2B and bits >> 12 & 7 == 4:  # cv.setup: the loop ends 4 * uimmL bytes behind it
            found.append([_kind(every[at + 4 * i]) for i in range(1, bits >> 20)])
        at += 4 if bits & 3 == 3 else 2
    return found


def _functions(path: Path) -> dict[str, tuple[int, int]]:
    with path.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        return {
            symbol.name: (symbol["st_value"], symbol["st_value"] + symbol["st_size"])
            for symbol in table.iter_symbols()
            if symbol["st_info"]["type"] == "STT_FUNC"
        }


def _kind(bits: int) -> str:
    """A few instructions by their fields (RISC-V manual, tables of RV32F; CV32E40P user manual, tables of Xpulp)."""
    major, funct3, funct7 = bits & 0x7F, bits >> 12 & 7, bits >> 25
    if major == 0x43:
        return "fmadd"
    if major == 0x53:
        return {0x00: "fadd", 0x04: "fsub", 0x08: "fmul"}.get(funct7, "other float")
    if major == 0x0B and funct3 == 2:
        return "post-increment load"
    if major == 0x03:
        return "load"
    return "other"


@pytest.mark.parametrize(
    ("case", "source", "function", "loops"),
    [
        # A column in every width of a block: x and the weights, each multiplied and added at once. One row and two
        # rows take two columns in turn.
        (
            LOGISTIC,
            "kernels/dense_f32/xpulp.c",
            "ep_dense_fma_f32__xpulp",
            [(4, 2, 0, 0), (6, 4, 0, 0), *((rows + 1, rows, 0, 0) for rows in range(3, 11))],
        ),
        # x, and of each class the mean, the inverse deviation and the shift; difference; scaled, squared and added.
        (
            BAYES,
            "kernels/gaussian_nb_f32/xpulp.c",
            "ep_gaussian_nb_fma_f32__xpulp",
            [(3 * classes + 1, 2 * classes, classes, 0) for classes in (2, 4, 6, 8, 10)],
        ),
        # Offset as a high and a low part, factor, x; no float operation but these.
        (LOGISTIC, "kernels/scale_f32/xpulp.c", "ep_scale_f32__xpulp", [(8, 2, 4, 0)]),
    ],
)
def test_hot_loops_of_pulp_open_are_hardware_loops_of_these_operations(
    case: Case, source: str, function: str, loops: list[tuple[int, int, int, int]]
) -> None:
    """Every load of the loop counts its address up: (such loads, products, sums and differences, other loads)."""
    found = []
    for body in bodies(alone(image_of(case, "pulp-open"), source), function):
        count = Counter(body)
        products = count["fmul"] + count["fmadd"]
        found.append((count["post-increment load"], products, count["fadd"] + count["fsub"], count["load"]))
    assert sorted(found) == sorted(loops)


def test_a_decision_of_trees_takes_5_instructions_to_the_left_and_8_to_the_right() -> None:
    """The busy path: four decisions in a row, each with two loads counted up or by index and one branch."""
    path = alone(image_of(FOREST, "pulp-open"), "kernels/coded_trees/corev.c")
    every = dict(words(path))
    at, end = _functions(path)["ep_coded_trees_vote__corev"]
    code = [bits for address, bits in sorted(every.items()) if at <= address < end]
    masks = [i for i, bits in enumerate(code) if bits & 0x7F == 0x13 and bits >> 20 == 0x7FC]
    first = masks[0]
    # andi, code, next node, bltu; a sign test stands before the next decision's andi.
    assert [b - a for a, b in pairwise(masks[:4])] == [5, 5, 5]
    assert code[first + 3] & 0x7F == 0x63
    assert code[first + 3] >> 12 & 7 == 6
    assert code[first + 4] & 0x7F == 0x63
    assert [bits & 0x7F for bits in code[first + 1 : first + 3]] == [0x2B, 0x0B]


@pytest.mark.parametrize(
    ("target", "emulator"),
    [("cortex-m4", "qemu"), ("pulp-open", "rtl"), ("pulp-open", "qemu")],
)
@pytest.mark.parametrize("case", MODELS, ids=str)
def test_fused_multiply_adds_are_only_where_kernels_say_so(case: Case, target: str, emulator: str) -> None:
    """Elsewhere one would round once where the others round twice."""
    image = image_of(case, target, emulator=emulator)
    if target == "cortex-m4":
        engine = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)
        mnemonics = {
            i.mnemonic
            for start, code in load_image(image.artefact).code_ranges()
            for i in engine.disasm(code, start)
        }
        assert any(name.startswith("v") for name in mnemonics)
        assert not [name for name in mnemonics if name.startswith(("vfma", "vfms", "vfnm", "vmla", "vmls"))]
    else:
        assert image.plan is not None
        calls = [call.apply.function for phase in image.plan.phases for call in phase.calls]
        assert bool(fused(image.artefact)) == any("_fma_f32__" in name for name in calls)
        for source in image.plan.sources:
            path = alone(image, f"kernels/{source}")
            named = [where for name, where in _functions(path).items() if "_fma_f32__" in name]
            assert all(any(start <= at < end for start, end in named) for at in fused(path)), source


@pytest.mark.parametrize(
    ("target", "emulator", "isa"),
    [
        ("cortex-m4", "qemu", None),
        *(
            (target, *rest)
            for target in ("pulp-open", "gap8")
            for rest in (("rtl", "corev"), ("rtl", "plain"), ("qemu", "plain"))
        ),
    ],
)
@pytest.mark.parametrize("case", MODELS, ids=str)
def test_the_bound_on_the_stack_is_within_the_stack(
    case: Case, target: str, emulator: str, isa: str | None
) -> None:
    image = image_of(case, target, emulator=emulator, isa=isa)
    reserved = load_image(image.artefact).symbol("__ep_stack_bytes")
    assert 32 <= image.memory.stack_bytes <= reserved
