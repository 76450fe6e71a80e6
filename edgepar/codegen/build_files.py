# SPDX-License-Identifier: Apache-2.0
"""CMakeLists.txt, toolchain.cmake and README.md of a Project."""

from __future__ import annotations

from edgepar.codegen.literals import comment
from edgepar.codegen.model_header import functions
from edgepar.codegen.names import Names
from edgepar.codegen.opening import command, opening
from edgepar.codegen.writer import Writer
from edgepar.plan import Plan
from edgepar.toolchain import toolchains

WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Wdouble-promotion", "-Wshadow", "-Werror")

#: Floats are rounded after every operation of the C text, so that every target computes the same bits of one plan.
OPTIONS = (
    "-std=c11", "-O2", "-ffp-contract=off", "-fno-math-errno", "-ffunction-sections", "-fdata-sections",
)  # fmt: skip


def artefact_name(plan: Plan) -> str:
    """File name of what the build makes."""
    return "model.so" if plan.build.platform == "host" else "model.elf"


def cmake_lists(plan: Plan, runtime: list[str]) -> str:
    """Text of CMakeLists.txt."""
    writer = Writer()
    opening(writer, plan, "#")
    names = Names(plan)
    toolchain = toolchains()[plan.build.toolchain]
    host = plan.build.platform == "host"
    sources = ["model.c", "model_glue.c", *(path for path in runtime if path.endswith((".c", ".S")))]
    writer.line("cmake_minimum_required(VERSION 3.20)")
    writer.line(f"project({names.model} LANGUAGES C{'' if host else ' ASM'})")
    writer.line()
    writer.line(f"set(EP_CPU_FLAGS {' '.join(plan.build.cpu_flags)})")
    writer.line("set(EP_SOURCES")
    for source in sources:
        writer.line(f"    {source}")
    writer.line(")")
    writer.line()
    if host:
        writer.line("add_library(image SHARED ${EP_SOURCES})")
    else:
        writer.line("add_executable(image ${EP_SOURCES})")
    writer.line(
        f'set_target_properties(image PROPERTIES PREFIX "" OUTPUT_NAME model SUFFIX .{"so" if host else "elf"})'
    )
    folders = ["runtime/include", "runtime/harness", f"runtime/pal/{plan.build.platform}"]
    if plan.build.float_routines is not None:
        folders += ["runtime/softfp", f"runtime/softfp/{plan.build.float_routines}"]
    writer.line(
        f"target_include_directories(image PRIVATE ${{CMAKE_CURRENT_SOURCE_DIR}} {' '.join(folders)})"
    )
    defines = " ".join(plan.build.defines)
    if defines:
        writer.line(f"target_compile_definitions(image PRIVATE {defines})")
    stack = "-fstack-size-section" if toolchain.stack_sizes == "section" else "-fstack-usage"
    writer.line("# Folders of this computer do not enter the image.")
    writer.line(
        "target_compile_options(image PRIVATE ${EP_CPU_FLAGS} -ffile-prefix-map=${CMAKE_CURRENT_SOURCE_DIR}=. "
        f"{' '.join(toolchain.c_flags)}"
    )
    options = (
        *OPTIONS,
        *WARNINGS,
        stack,
        *(toolchain.whole_program_c_flags if plan.build.whole_program else ()),
    )
    writer.line(f"    $<$<COMPILE_LANGUAGE:C>:{';'.join(options)}>)")
    routines = [source for source in sources if source.startswith("runtime/softfp/")]
    if routines:
        writer.line(
            "# The linker's own calls of these are made after it has optimised; compressed instructions bring jump"
        )
        writer.line("# targets to half-word addresses, which cost a cycle each.")
        writer.line(
            f"set_source_files_properties({' '.join(routines)} PROPERTIES COMPILE_OPTIONS "
            f'"{";".join((*plan.build.float_flags, *_parts_alone(plan)))}")'
        )
    links = [
        *toolchain.link_flags,
        *(toolchain.whole_program_link_flags if plan.build.whole_program else ()),
        "-Wl,--gc-sections",
        "-Wl,--build-id=none",
    ]
    if not host:
        links += [
            f"-T${{CMAKE_CURRENT_SOURCE_DIR}}/runtime/pal/{plan.build.platform}/link.ld",
            "-Wl,--emit-relocs",
        ]
        links += [f"-Wl,--defsym={name}={value}" for name, value in sorted(plan.build.link_symbols.items())]
    # Options of the compiler, the target among them, are needed at the link as well.
    extra = " ".join(f for f in toolchain.c_flags if f.startswith("--target"))
    writer.line("target_link_options(image PRIVATE ${EP_CPU_FLAGS} " + f"{extra} {' '.join(links)})".lstrip())
    if toolchain.helper is not None:
        writer.line("target_link_libraries(image PRIVATE ${EP_LIBGCC})")
    if host:
        writer.line("target_link_libraries(image PRIVATE m)")
    if not host:
        writer.line(f"set_property(TARGET image APPEND PROPERTY LINK_DEPENDS "
                    f"${{CMAKE_CURRENT_SOURCE_DIR}}/runtime/pal/{plan.build.platform}/link.ld)")  # fmt: skip
    return writer.text()


def _parts_alone(plan: Plan) -> tuple[str, ...]:
    """What has a file compiled to machine code at once."""
    return ("-fno-lto",) if plan.build.whole_program else ()


def library_arguments(plan: Plan) -> tuple[str, ...]:
    """What the helper compiler is asked, in the calling convention of the build."""
    helper = toolchains()[plan.build.toolchain].helper
    if helper is None:
        return ()
    if "-mabi=ilp32f" in plan.build.cpu_flags:
        return ("-march=rv32imafc", "-mabi=ilp32f", *helper.library_arguments[2:])
    return helper.library_arguments


def toolchain_file(plan: Plan) -> str:
    """Text of toolchain.cmake."""
    writer = Writer()
    opening(writer, plan, "#")
    toolchain = toolchains()[plan.build.toolchain]
    if toolchain.cmake_system:
        writer.line(f"set(CMAKE_SYSTEM_NAME {toolchain.cmake_system})")
        writer.line(f"set(CMAKE_SYSTEM_PROCESSOR {toolchain.cmake_processor})")
        writer.line("set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)")
    writer.line(f"find_program(EP_CC NAMES {' '.join(toolchain.commands)} REQUIRED)")
    writer.line("set(CMAKE_C_COMPILER ${EP_CC})")
    if toolchain.cmake_system:
        writer.line("set(CMAKE_ASM_COMPILER ${EP_CC})")
        writer.line("set(CMAKE_C_COMPILER_WORKS TRUE)")
        writer.line("set(CMAKE_ASM_COMPILER_WORKS TRUE)")
    target = [flag for flag in toolchain.c_flags if flag.startswith("--target")]
    if target:
        name = target[0].removeprefix("--target=")
        writer.line(f"set(CMAKE_C_COMPILER_TARGET {name})")
        writer.line(f"set(CMAKE_ASM_COMPILER_TARGET {name})")
    if toolchain.helper is not None:
        writer.line(f"find_program(EP_GCC NAMES {' '.join(toolchain.helper.commands)} REQUIRED)")
        writer.line(
            "execute_process(COMMAND ${EP_GCC} " + " ".join(library_arguments(plan))
            + " OUTPUT_VARIABLE EP_LIBGCC OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)"
        )  # fmt: skip
    return writer.text()


def readme(plan: Plan) -> str:
    """Text of README.md: how to build and how to call."""
    names = Names(plan)
    signatures = [f"{signature};" for signature, _, _ in functions(plan)]
    first = functions(plan)[0][2]
    # DMA reaches L2 alone, so neither sample nor result may lie on a stack.
    where, x_place = (" EP_L2", ", which lies in L2 too") if plan.staged else ("", "")
    host = plan.build.platform == "host"
    so = " and make it an executable" if host else ""
    measuring = "runtime/pal/host/run.c" if host else "runtime/harness/main.c"
    lines = [
        f"# {names.model} for {plan.target.name}",
        "",
        f"Made by `{command(plan)}`.",
        "",
        "Build:",
        "",
        "    cmake -S . -B build -DCMAKE_TOOLCHAIN_FILE=toolchain.cmake",
        "    cmake --build build",
        "",
        f"This gives `build/{artefact_name(plan)}`, which measures the model on samples that an emulator provides.",
        f"In your own program put your sources in place of `model_glue.c` and `{measuring}` in CMakeLists.txt{so},",
        "include `model.h` and call",
        "",
        *(f"    {signature}" for signature in signatures),
        "",
        f"for example, with the {plan.graph.input.len} features in `x`{x_place}:",
        "",
        f"    static {names.result} result{where};",
        f"    {names.model}_infer(x, &result); // result.{names.field(first.name)} and the others",
        "",
        "Decisions of the plan:",
        "",
        *(f"- {comment(note)}" for note in plan.notes),
        "",
        "Memory of tables and buffers:",
        "",
        *(f"- {level}: {size} bytes" for level, size in sorted(plan.bytes_by_level().items())),
        "",
    ]
    return "\n".join(lines)
