# SPDX-License-Identifier: Apache-2.0
"""Sizes, Target -> FitPlan: where sums, centroids and tiles of samples lie, and what does not fit."""

from __future__ import annotations

import hashlib

from edgepar.errors import DoesNotFitError
from edgepar.fit_plan import BLOCKS, FitPlan
from edgepar.graph import Graph
from edgepar.identifier import identifier
from edgepar.kernels import KERNELS
from edgepar.manifest import Field
from edgepar.ops import Value
from edgepar.plan import Buffer, Level, Plan
from edgepar.target import Build, Target

#: Kernels of the fit, in the order in which they run.
FIT_KERNELS = (
    "ep_kmeans_clear_f32",
    "ep_kmeans_assign_f32",
    "ep_kmeans_add_f32",
    "ep_kmeans_spread_f32",
    "ep_kmeans_tolerance_f32",
    "ep_kmeans_relocate_f32",
    "ep_kmeans_update_f32",
    "ep_kmeans_total_f32",
)
#: More samples in a tile save nothing: the start of a copy is a hundredth of the work on 16 of them.
_MOST_TILE_ROWS = 16
#: The code of a fit is small, and known; data may have the rest of L2.
_L2_RESERVED_BYTES = 32 * 1024


def plan_k_means_fit(
    name: str, shape: tuple[int, int], clusters: int, max_iter: int, target: Target, build: Build, cores: int
) -> FitPlan:
    """The plan of a fit to ``shape`` = (samples, features); DoesNotFitError when a memory is too small."""
    samples, features = shape
    stride = features | 1
    scratch: Level = target.scratch_in
    bulk: Level = "l2" if "l2" in target.memories else scratch
    buffers = [
        Buffer("first", "float", clusters * stride, scratch, "centroids"),
        Buffer("second", "float", clusters * stride, scratch, "centroids of the next iteration"),
        Buffer(
            "sums", "float", BLOCKS * clusters * features, scratch, "differences to the centroids, by block"
        ),
        Buffer("counts", "uint32_t", BLOCKS * clusters, scratch, "samples of each cluster, by block"),
        Buffer("totals", "uint32_t", clusters, scratch, "samples of each cluster"),
        Buffer("source", "int32_t", clusters, scratch, "where clusters without samples go"),
        Buffer("inertia", "float", BLOCKS, scratch, "sums of squared distances, by block"),
        Buffer("changed", "uint32_t", BLOCKS, scratch, "labels that changed, by block"),
        Buffer("spread", "float", features, scratch, "variance of the data, by feature"),
        Buffer("shift", "float", features, scratch, "squared moves of the centroids, by feature"),
        Buffer("nearest", "float", samples, bulk, "squared distance of each sample to its centroid"),
    ]
    tile_rows = 0
    if scratch == "l1" and "l1" in target.memories:
        used = sum(buffer.bytes for buffer in buffers if buffer.level == "l1")
        left = target.data_bytes("l1") - used
        rows = max(1, min(_MOST_TILE_ROWS, -(-samples // BLOCKS), left // (4 * features * cores)))
        tile_rows = rows if rows == 1 else rows - rows % 2  # pairs of samples share the loads of centroids
        buffers.append(
            Buffer("tiles", "float", cores * tile_rows * features, "l1", "samples, copied from L2")
        )
    record = (
        Field(name="centroids", role="value", dtype="float32", len=clusters * features, flat=False),
        Field(name="labels", role="value", dtype="int32", len=samples, flat=samples == 1),
        Field(name="inertia", role="value", dtype="float32", len=1, flat=True),
        Field(name="n_iter", role="value", dtype="int32", len=1, flat=True),
    )
    kernels, sources = {}, set()
    for kernel in FIT_KERNELS:
        fused = kernel.replace("_f32", "_fma_f32")
        row = KERNELS[fused if build.fused and fused in KERNELS else kernel]
        variant = row.choose(build.kernels)
        kernels[kernel] = f"{row.name}__{variant}"
        sources.add(f"{row.folder}/{variant}.c")
    settings = f"k-means fit of {clusters} clusters to {samples} samples of {features} features, {max_iter} iterations"
    graph = Graph(
        name=identifier(name),
        input=Value("input", (samples * features + clusters * features + 1,), "float32"),
        values={},
        ops=(),
        outputs=(),
        labels=(),
        accepts_nan=False,
        sha256=hashlib.sha256(settings.encode()).hexdigest(),
    )
    plan = Plan(
        graph=graph,
        target=target,
        build=build,
        cores=cores,
        tables=(),
        buffers=tuple(buffers),
        phases=(),
        record=record,
        sources=tuple(sorted(sources)),
        staged=False,
        notes=(
            f"{samples} samples in {BLOCKS} blocks, split over cores; sums of the blocks are added in order",
            f"each core copies {tile_rows} samples at a time to L1"
            if tile_rows
            else "samples stay where they lie",
        ),
        command=f"edgepar.fit_kmeans: {settings}",
    )
    _check(plan, clusters)
    return FitPlan(plan, samples, features, clusters, max_iter, stride, tile_rows, kernels)


def _check(plan: Plan, clusters: int) -> None:
    target = plan.target
    data = 4 * (plan.graph.input.len + sum(field.len for field in plan.record)) + 32
    for level, needed in plan.bytes_by_level().items():
        if level not in target.memories:
            continue
        holds_data = level == ("l2" if "l2" in target.memories else "ram")
        total = needed + (data if holds_data else 0)
        available = target.data_bytes(level)
        if level == "l2":
            available = target.memories[level].bytes - _L2_RESERVED_BYTES
        if total <= available:
            continue
        sizes = {item.name: item.bytes for item in plan.items if item.level == level}
        if holds_data:
            sizes["samples with their answer"] = data
        largest = sorted(sizes.items(), key=lambda item: -item[1])[:3]
        named = ", ".join(f"{name} of {size} bytes" for name, size in largest)
        raise DoesNotFitError(
            f"fit of {clusters} clusters on {target.name}: {level} needs {total} bytes of data and has {available} for "
            f"it; largest: {named}; use fewer samples, features or clusters, or a target with more memory."
        )
