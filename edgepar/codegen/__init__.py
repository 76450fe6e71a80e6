# SPDX-License-Identifier: Apache-2.0
"""Plan -> text of a C project."""
