# SPDX-License-Identifier: Apache-2.0
"""edgepar: trained models as multi-core C for parallel ultra-low-power RISC-V and Cortex-M, measured on emulators."""

from edgepar.api import compare, compile, export, fit_kmeans, load  # noqa: A004  the name users expect
from edgepar.fit import KMeansFit
from edgepar.image import Image
from edgepar.model import Model
from edgepar.run import Run
from edgepar.version import VERSION as __version__

__all__ = [
    "Image",
    "KMeansFit",
    "Model",
    "Run",
    "__version__",
    "compare",
    "compile",
    "export",
    "fit_kmeans",
    "load",
]
