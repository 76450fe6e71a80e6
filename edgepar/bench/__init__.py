# SPDX-License-Identifier: Apache-2.0
"""The two tables of models/: every kernel of the seed paper, and the same models in the C of other tools."""

from edgepar.bench.peers import bench_peers
from edgepar.bench.seed import bench_seed

__all__ = ["bench_peers", "bench_seed"]
