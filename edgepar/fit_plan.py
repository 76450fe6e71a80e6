# SPDX-License-Identifier: Apache-2.0
"""The Plan of K-means on the device: what a Plan says of memories and kernels, and the sizes of the loops."""

from __future__ import annotations

from dataclasses import dataclass

from edgepar.plan import Plan

#: Blocks of samples with sums of their own, whatever number of cores runs: results must not depend on it.
BLOCKS = 8


@dataclass(frozen=True, eq=False)
class FitPlan:
    """All decisions about one fit on one Target.

    Attributes
    ----------
    plan : Plan
        Target, build, buffers, result record; it has no phases, since the steps stand in loops whose ends the data
        decide.
    samples, features, clusters, max_iter : int
        Sizes that the generated code knows.
    stride : int
        Words from one centroid to the next.
    tile_rows : int
        Samples that a core copies to L1 at once; 0 where it reads them where they lie.
    kernels : dict[str, str]
        Kernel -> the function of this build, which may be that of its fused form.
    """

    plan: Plan
    samples: int
    features: int
    clusters: int
    max_iter: int
    stride: int
    tile_rows: int
    kernels: dict[str, str]
