# SPDX-License-Identifier: Apache-2.0
"""``python -m edgepar``."""

from edgepar.cli import main

main()
