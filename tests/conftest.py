# SPDX-License-Identifier: Apache-2.0
"""What all tests share: two workers on two cores, so no library may start threads of its own."""

from __future__ import annotations

import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

from hypothesis import settings

# A first example may compile C; the time limit of an example says nothing here. The same examples on every run.
settings.register_profile("edgepar", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("edgepar")
