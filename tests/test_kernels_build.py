# SPDX-License-Identifier: Apache-2.0
"""The kernels as C: warnings of two compilers, headers for C and C++, sanitizers, and the instructions of variants."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgepar.kernels import KERNELS as TABLE
from edgepar.kernels import Kernel
from tests.kernel_library import ARITHMETIC, INCLUDE, KERNELS, REFERENCES, WARNINGS, assert_same_bits
from tests.kernel_samples import (
    ANSWER_WORDS,
    OPERATIONS,
    PROBE,
    sample_words,
    variant_defines,
    variant_sources,
)

#: xpulp.h holds instructions of CV32E40P: the variants that include it are compiled for that core.
HEADERS = sorted(path for path in (INCLUDE / "ep").glob("*.h") if path.name != "xpulp.h")
XPULP = sorted([*KERNELS.glob("*/xpulp.c"), *KERNELS.glob("*/corev.c")])
XCV = "xcvmac_xcvmem_xcvalu_xcvsimd_xcvbi_xcvbitmanip_xcvelw"
CORE_V = ("--target=riscv32-unknown-elf", f"-march=rv32imc_zfinx_{XCV}", "-mabi=ilp32", "-ffreestanding")


def compiler(name: str) -> str:
    """The newest clang there is, or gcc."""
    names = [name] if name != "clang" else [*(f"clang-{version}" for version in range(22, 18, -1)), "clang"]
    return next(filter(None, map(shutil.which, names)))


def compile_with(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["gcc", "clang"])
@pytest.mark.parametrize("level", ["-O0", "-O3"])
def test_no_warnings(name: str, level: str, tmp_path: Path) -> None:
    for source in REFERENCES:
        flags = [level, *WARNINGS, "-Wpedantic", "-Wstrict-prototypes", "-Wmissing-prototypes", *ARITHMETIC]
        compile_with([compiler(name), *flags, "-c", str(source), "-o", str(tmp_path / "kernel.o")])


@pytest.mark.parametrize("header", HEADERS, ids=lambda path: path.name)
@pytest.mark.parametrize("language", [("c", "-std=c11"), ("c++", "-std=c++17")], ids=lambda value: value[0])
def test_each_header_stands_alone(header: Path, language: tuple[str, str], tmp_path: Path) -> None:
    program = tmp_path / "include.txt"
    program.write_text(
        f"#include <ep/{header.name}>\n#include <ep/{header.name}>\nint main(void) {{ return 0; }}\n"
    )
    flags = [language[1], *WARNINGS, f"-I{INCLUDE}", "-x", language[0]]
    compile_with([compiler("clang"), *flags, "-fsyntax-only", str(program)])


def test_sanitizers_find_nothing(tmp_path: Path) -> None:
    """All samples, every operand in a heap block of its own; and the answers are those of an optimised build."""
    sources = [str(PROBE / "kernel_probe.c"), str(PROBE / "kernel_probe_heap.c"), *variant_sources("ref")]
    builds = {
        "checked": ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
        "fast": ["-O3"],
    }
    answers = {}
    for name, flags in builds.items():
        program = str(tmp_path / name)
        compile_with(
            ["gcc", *flags, *WARNINGS, *ARITHMETIC, *variant_defines("ref"), *sources, "-lm", "-o", program]
        )
        done = subprocess.run([program], input=sample_words().tobytes(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        answers[name] = np.frombuffer(done.stdout, np.float32)
    assert len(answers["fast"]) == ANSWER_WORDS * len(sample_words())
    assert_same_bits(answers["checked"], answers["fast"])


def test_the_sanitizers_are_awake(tmp_path: Path) -> None:
    """A node table with a link to nowhere: the probe must end with the sanitizer's report."""
    sources = [str(PROBE / "kernel_probe.c"), str(PROBE / "kernel_probe_heap.c"), *variant_sources("ref")]
    program = str(tmp_path / "checked")
    compile_with(
        [
            "gcc",
            "-g",
            "-fsanitize=address",
            *ARITHMETIC,
            *variant_defines("ref"),
            *sources,
            "-lm",
            "-o",
            program,
        ]
    )
    sample = sample_words()[:1].copy()
    # A tree of one node, not a leaf, whose right child would stand 200 nodes further on; the feature is above the
    # threshold.
    sample[0, :16] = [
        OPERATIONS.index("trees"),
        1,
        1,
        1,
        1,
        1,
        0,
        1,
        0,
        0x3F800000,
        200 << 16,
        0,
        5,
        0x40000000,
        0,
        0,
    ]
    done = subprocess.run([program], input=sample.tobytes(), capture_output=True, check=False)
    assert done.returncode != 0
    assert b"heap-buffer-overflow" in done.stderr


def assembly(source: Path, tmp_path: Path) -> str:
    target = tmp_path / "kernel.s"
    flags = [*CORE_V, "-O3", *WARNINGS, *ARITHMETIC, "-S", str(source), "-o", str(target)]
    compile_with([compiler("clang"), *flags])
    return target.read_text()


@pytest.mark.parametrize("source", XPULP, ids=lambda path: path.parent.name)
def test_xpulp_variants_compile_for_the_core(source: Path, tmp_path: Path) -> None:
    text = assembly(source, tmp_path)
    assert "cv.lw" in text
    assert all(f"\n{name}:" in text for name in re.findall(r"\bcall\s+(\S+)", text)), "calls out of the file"
    fused = re.search(r"\bf(n?madd|n?msub)\.s", text)
    assert bool(fused) == bool(re.search(r"\bep_\w+_fma_f32__xpulp:", text)), "fused where the name says so"
    for body in re.findall(r"\n1: \.4byte 0x472b.*?\n(.*?)\n2:", text, flags=re.S):
        lines = [
            line.strip() for line in body.splitlines() if line.strip() and not line.strip().startswith("#")
        ]
        assert len(lines) >= 3
        assert not any(re.match(r"(b\w+|j\w*|ret|fence)\b", line) for line in lines)


@pytest.mark.parametrize("source", XPULP, ids=lambda path: path.parent.name)
def test_hardware_loops_are_encoded_right(source: Path, tmp_path: Path) -> None:
    """cv.setup 0, t0, length: aligned once linked, and no compressed instruction up to the end."""
    linked, raw = tmp_path / "kernel.elf", tmp_path / "text.bin"
    flags = [*CORE_V, "-O3", *WARNINGS, *ARITHMETIC, "-nostdlib", "-static", "-fuse-ld=lld", "-Wl,-e,0"]
    compile_with(
        [
            compiler("clang"),
            *flags,
            "-Wl,--no-gc-sections,--unresolved-symbols=ignore-all",
            str(source),
            "-o",
            str(linked),
        ]
    )
    objcopy = next(
        filter(None, (shutil.which(f"llvm-objcopy{end}") for end in ("-22", "-21", "-20", "-19", "")))
    )
    compile_with([objcopy, "-O", "binary", "--only-section=.text", str(linked), str(raw)])
    code = raw.read_bytes()

    def word(at: int) -> int:
        return int.from_bytes(code[at : at + 4], "little")

    loops = [at for at in range(0, len(code) - 3, 2) if word(at) & 0xFFFFF == 0x2C72B]
    assert len(loops) >= source.read_text().count("EP_XPULP_LOOP_T0(")
    for at in loops:
        assert at % 4 == 0
        body = [word(inner) for inner in range(at + 4, at + 4 * (word(at) >> 20), 4)]
        assert len(body) >= 3
        assert all(instruction & 3 == 3 for instruction in body), "compressed instruction in a hardware loop"


@pytest.mark.parametrize("kernel", sorted(TABLE.values(), key=lambda row: row.name), ids=lambda row: row.name)
def test_the_kernel_table_names_what_exists(kernel: Kernel) -> None:
    declared = (INCLUDE / kernel.header).read_text()
    assert "ref" in kernel.variants
    for variant in kernel.variants:
        definition = f"{kernel.name}__{variant}("
        assert definition in declared
        assert definition in (KERNELS / kernel.folder / f"{variant}.c").read_text()


#: An assembly statement of one instruction, or of none, with its operands.
ONE_INSTRUCTION = re.compile(r'__asm__\s*(?:volatile)?\s*\((?:"[^"\\]*"|EP_EVENT_LOAD|\s)*:[^;]*;')
#: Operands that are written, and may share the register of an input of equal value.
SHARING = re.compile(r'"[+=][^&"]*"\s*\(')
SOURCES = sorted(path for path in INCLUDE.parent.rglob("*.[ch]") if "__asm__" in path.read_text())


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: "/".join(path.parts[-2:]))
def test_assembly_of_several_instructions_writes_no_register_that_it_still_reads(source: Path) -> None:
    """One optimiser sees model and kernels: sizes are literals, and equal ones come in one register."""
    assert not SHARING.findall(ONE_INSTRUCTION.sub("", source.read_text()))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('__asm__("fsqrt.s %0, %1" : "=r"(y) : "r"(x));', 0),
        ('__asm__ volatile(EP_EVENT_LOAD " %0, %1(tp)" : "=r"(event) : "i"(4) : "memory");', 0),
        ('__asm__("lw %0, (%1)\\n" "addi %1, %1, 4\\n" : "=r"(y), "+&r"(p));', 1),
        ('__asm__(LOOP(BODY) : [p] "+r"(p) : "r"(n));', 1),
        ('__asm__(LOOP(BODY) : [p] "+&r"(p) : "r"(n));', 0),
        ('#define SUM(i) [s##i] "+r"(sums[i])', 1),
    ],
)
def test_such_assembly_would_be_found(text: str, found: int) -> None:
    assert len(SHARING.findall(ONE_INSTRUCTION.sub("", text))) == found
