# SPDX-License-Identifier: Apache-2.0
"""model.h, model.c and model_glue.c of a fit: Lloyd's loop with every barrier and copy in sight."""

from __future__ import annotations

from edgepar.codegen import literals
from edgepar.codegen.names import Names
from edgepar.codegen.opening import opening
from edgepar.codegen.writer import Writer
from edgepar.fit_plan import BLOCKS, FitPlan

_PLACE = {"l1": "EP_L1", "l2": "EP_L2", "ram": "EP_L1"}


def _macros(fit: FitPlan) -> dict[str, int]:
    return {
        "N_SAMPLES": fit.samples,
        "N_FEATURES": fit.features,
        "N_CLUSTERS": fit.clusters,
        "MAX_ITER": fit.max_iter,
        "CORES": fit.plan.cores,
    }


def _prototype(names: Names) -> str:
    m = names.macro
    return (
        f"void {names.model}_fit(const float samples[{m}_N_SAMPLES * {m}_N_FEATURES],\n"
        f"    const float start[{m}_N_CLUSTERS * {m}_N_FEATURES], float tol, {names.result} *result)"
    )


def fit_header(fit: FitPlan) -> str:
    """Text of model.h."""
    names = Names(fit.plan)
    writer = Writer()
    opening(writer, fit.plan)
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
    for name, value in _macros(fit).items():
        writer.line(f"#define {names.macro}_{name} {value}")
    writer.line()
    writer.line("// What a fit finds; elements of 4 bytes without gaps.")
    writer.line("typedef struct {")
    writer.line(f"    float centroids[{fit.clusters * fit.features}]; // row by row")
    writer.line(
        f"    int32_t labels[{fit.samples}]; // the nearest centroid of each sample, 0 .. {fit.clusters - 1}"
    )
    writer.line("    float inertia; // sum of squared distances of samples to their centroids")
    writer.line("    int32_t n_iter; // iterations that were run")
    writer.line(f"}} {names.result};")
    writer.line()
    memory = "L2" if fit.tile_rows else "any memory"
    writer.line(
        "// Lloyd's algorithm from the centroids `start`: it ends when no label changes, when the centroids move by"
    )
    writer.line(
        f"// tol times the mean variance of the features or less (squared, all together), or after {fit.max_iter}"
    )
    writer.line(
        "// iterations. A cluster without samples takes the sample that is farthest from its centroid."
    )
    writer.line(
        f"// samples, start and result lie in {memory}, 4-byte aligned; finite numbers whose squared distances stay"
    )
    writer.line("// below 2^127. Called by core 0, not reentrant.")
    writer.line(f"{_prototype(names)};")
    writer.line()
    writer.line("#ifdef __cplusplus")
    writer.line("}")
    writer.line("#endif")
    writer.line()
    writer.line("#endif")
    return writer.text()


class _Fit:
    """Writes the step that every core runs."""

    def __init__(self, writer: Writer, fit: FitPlan) -> None:
        self.writer = writer
        self.fit = fit
        self.names = Names(fit.plan)
        self.clusters, self.features, self.stride, self.samples = (
            literals.u32(value) for value in (fit.clusters, fit.features, fit.stride, fit.samples)
        )

    def kernel(self, name: str, *arguments: str) -> str:
        """A call as an expression."""
        return f"{self.fit.kernels[f'ep_kmeans_{name}_f32']}({', '.join(arguments)})"

    def barrier(self) -> None:
        """The visible line, where there is more than one core."""
        if self.fit.plan.cores > 1:
            self.writer.line("ep_team_barrier(team);")

    def blocks(self, summed: bool) -> None:
        """Labels of this core's blocks of samples, and with ``summed`` the sums of their clusters."""
        w, fit = self.writer, self.fit
        per_block = fit.clusters * fit.features
        with w.block("for (uint32_t block = blocks.begin; block < blocks.end; ++block)"):
            w.line(f"const ep_range_t part = ep_split({self.samples}, {BLOCKS}u, block);")
            sums, counts = f"sums + block * {per_block}u", f"counts + block * {self.clusters}"
            w.line(
                self.kernel(
                    "clear", sums, counts, "inertia + block", "changed + block", self.clusters, self.features
                )
                + ";"
            )
            rows = f"{fit.tile_rows}u" if fit.tile_rows else "part.end - part.begin"
            if fit.tile_rows:
                head = f"for (uint32_t s = part.begin; s < part.end; s += {rows})"
            else:
                head = "for (uint32_t s = part.begin; s < part.end; s = part.end)"
            with w.block(head):
                x = "tile"
                if fit.tile_rows:
                    w.line(f"const uint32_t rows = part.end - s < {rows} ? part.end - s : {rows};")
                    w.line(
                        f"ep_dma_copy_in(tile, samples + s * {self.features}, rows * {4 * fit.features}u);"
                    )
                else:
                    w.line("const uint32_t rows = part.end - s;")
                    x = f"samples + s * {self.features}"
                labels = "result->labels + s"
                w.line(
                    self.kernel("assign", x, "centroids", labels, "nearest + s", "inertia + block", "changed + block",
                                self.clusters, self.features, self.stride, "0u", "rows") + ";"
                )  # fmt: skip
                if summed:
                    w.line(
                        self.kernel("add", x, labels, "centroids", sums, counts, self.features, self.stride, "0u",
                                    "rows") + ";"
                    )  # fmt: skip

    def start(self) -> None:
        """Centroids into place, labels that no sample can have."""
        w = self.writer
        w.line("// the start: centroids from where they lie, no labels yet")
        with w.block("if (core == 0u)"), w.block(f"for (uint32_t k = 0; k < {self.clusters}; ++k)"):
            w.line(
                f"ep_dma_copy_in(first + k * {self.stride}, call->start + k * {self.features}, "
                f"{4 * self.fit.features}u);"
            )
        with w.block("for (uint32_t block = blocks.begin; block < blocks.end; ++block)"):
            w.line(f"const ep_range_t part = ep_split({self.samples}, {BLOCKS}u, block);")
            with w.block("for (uint32_t s = part.begin; s < part.end; ++s)"):
                w.line("result->labels[s] = -1;")
        self.barrier()

    def iteration(self) -> None:
        """One iteration of Lloyd: assignment and sums, empty clusters, new centroids."""
        w, fit = self.writer, self.fit
        w.line("// labels and sums: unit is the block of samples")
        self.blocks(summed=True)
        self.barrier()
        w.line("// the variance of the data, once: unit is the feature")
        with w.block("if (n_iter == 0u)"):
            w.line(
                self.kernel("spread", "centroids", "sums", "counts", "spread", f"{BLOCKS}u", self.clusters,
                            self.features, self.stride, "columns.begin", "columns.end") + ";"
            )  # fmt: skip
            self.barrier()
        w.line("// counts, clusters without samples")
        with w.block("if (core == 0u)"):
            with w.block("if (n_iter == 0u)"):
                tolerance = self.kernel(
                    "tolerance", "inertia", "spread", "call->tol", f"{BLOCKS}u", self.features, self.samples
                )
                w.line(f"state.tolerance = {tolerance};")
            relocate = self.kernel(
                "relocate", "samples", "result->labels", "nearest", "centroids", "sums", "counts", "changed", "totals",
                "source", f"{BLOCKS}u", self.samples, self.clusters, self.features, self.stride,
            )  # fmt: skip
            w.line(f"state.changed = {relocate};")
        self.barrier()
        w.line("// new centroids: unit is the feature")
        w.line(
            self.kernel("update", "samples", "centroids", "sums", "totals", "source", "next", "shift", f"{BLOCKS}u",
                        self.clusters, self.features, self.stride, "columns.begin", "columns.end") + ";"
        )  # fmt: skip
        self.barrier()
        w.line("float *const old = centroids;")
        w.line("centroids = next;")
        w.line("next = old;")
        w.line("n_iter += 1u;")
        w.line("// every core asks for itself and hears the same")
        w.line("strict = state.changed == 0u;")
        moved = self.kernel("total", "shift", self.features)
        limit = literals.u32(fit.max_iter)
        w.line(f"done = strict || {moved} <= state.tolerance || n_iter == {limit};")

    def finish(self) -> None:
        """Labels that belong to the last centroids, and the answer."""
        w = self.writer
        w.line("// labels of the last centroids, unless they are those")
        with w.block("if (!strict)"):
            self.blocks(summed=False)
            self.barrier()
        w.line("// the answer")
        with w.block("if (core == 0u)"):
            w.line(f"result->inertia = {self.kernel('total', 'inertia', f'{BLOCKS}u')};")
            w.line("result->n_iter = (int32_t)n_iter;")
            with w.block(f"for (uint32_t k = 0; k < {self.clusters}; ++k)"):
                w.line(
                    f"ep_dma_copy_out(result->centroids + k * {self.features}, centroids + k * {self.stride}, "
                    f"{4 * self.fit.features}u);"
                )

    def step(self) -> None:
        """The function that is forked."""
        w, model = self.writer, self.names.model
        with w.block(f"static EP_STEP void {model}_step(ep_team_t *team, uint32_t core, void *arg)"):
            w.line(f"const {model}_call_t *const call = (const {model}_call_t *)arg;")
            w.line("const float *const samples = call->samples;")
            w.line(f"{self.names.result} *const result = call->result;")
            cores = f"{self.names.macro}_CORES"
            w.line(f"const ep_range_t blocks = ep_split({BLOCKS}u, {cores}, core); // unit: block of samples")
            w.line(f"const ep_range_t columns = ep_split({self.features}, {cores}, core); // unit: feature")
            if self.fit.tile_rows:
                w.line(f"float *const tile = tiles + core * {self.fit.tile_rows * self.fit.features}u;")
            w.line("float *centroids = first;")
            w.line("float *next = second;")
            w.line("uint32_t n_iter = 0u;")
            w.line("uint32_t strict = 0u;")
            w.line("uint32_t done = 0u;")
            if self.fit.plan.cores == 1:
                w.line("(void)team;")
            w.line()
            self.start()
            with w.block("while (done == 0u)"):
                self.iteration()
            self.finish()


def fit_source(fit: FitPlan) -> str:
    """Text of model.c."""
    names = Names(fit.plan)
    writer = Writer()
    opening(writer, fit.plan)
    writer.line('#include "model.h"')
    writer.line()
    for header in ("kmeans_f32", "pal", "place", "split"):
        writer.line(f'#include "ep/{header}.h"')
    writer.line()
    for buffer in fit.plan.buffers:
        writer.line(f"// {literals.comment(buffer.origin)}")
        writer.line(f"static {buffer.ctype} {buffer.name}[{buffer.len}] {_PLACE[buffer.level]};")
    writer.line("// what core 0 tells the others")
    writer.line("static struct {")
    writer.line("    float tolerance;")
    writer.line("    uint32_t changed;")
    writer.line(f"}} state {_PLACE[fit.plan.target.scratch_in]};")
    writer.line()
    writer.line("typedef struct {")
    writer.line("    const float *samples;")
    writer.line("    const float *start;")
    writer.line("    float tol;")
    writer.line(f"    {names.result} *result;")
    writer.line(f"}} {names.model}_call_t;")
    writer.line()
    _Fit(writer, fit).step()
    writer.line()
    with writer.block(_prototype(names)):
        writer.line(f"{names.model}_call_t call = {{samples, start, tol, result}};")
        writer.line(f"ep_team_fork({names.macro}_CORES, {names.model}_step, &call);")
    return writer.text()


def fit_glue(fit: FitPlan) -> str:
    """Text of model_glue.c: what the measuring harness calls."""
    names = Names(fit.plan)
    writer = Writer()
    opening(writer, fit.plan)
    writer.line('#include "harness.h"')
    writer.line('#include "model.h"')
    writer.line()
    data, start = fit.samples * fit.features, fit.clusters * fit.features
    writer.line(f"const uint32_t ep_model_input_bytes = {4 * (data + start + 1)}u;")
    writer.line(f"const uint32_t ep_model_output_bytes = (uint32_t)sizeof({names.result});")
    writer.line()
    writer.line("// The input is the samples, the start and tol, one after another.")
    with writer.block("void ep_model_infer(const void *input, void *output)"):
        writer.line("const float *const x = (const float *)input;")
        writer.line(f"{names.model}_fit(x, x + {data}u, x[{data + start}u], ({names.result} *)output);")
    return writer.text()


def fit_readme(fit: FitPlan) -> str:
    """Text of README.md: how to build and how to call."""
    names = Names(fit.plan)
    host = fit.plan.build.platform == "host"
    where = " EP_L2" if fit.tile_rows else ""
    measuring = "runtime/pal/host/run.c" if host else "runtime/harness/main.c"
    lines = [
        f"# K-means `{names.model}` for {fit.plan.target.name}",
        "",
        f"Made by {fit.plan.command}.",
        "",
        "Build:",
        "",
        "    cmake -S . -B build -DCMAKE_TOOLCHAIN_FILE=toolchain.cmake",
        "    cmake --build build",
        "",
        f"In your own program put your sources in place of `model_glue.c` and `{measuring}` in CMakeLists.txt, include",
        "`model.h` and call",
        "",
        *(f"    {line.strip()}" for line in _prototype(names).splitlines()),
        "",
        "for example",
        "",
        f"    static {names.result} result{where};",
        f"    {names.model}_fit(samples, start, 1e-4f, &result);",
        "",
        "Decisions of the plan:",
        "",
        *(f"- {literals.comment(note)}" for note in fit.plan.notes),
        "",
        "Memory of buffers:",
        "",
        *(f"- {level}: {size} bytes" for level, size in sorted(fit.plan.bytes_by_level().items())),
        "",
    ]
    return "\n".join(lines)
