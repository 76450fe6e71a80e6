# SPDX-License-Identifier: Apache-2.0
"""Passes, one file each, named by their verb."""
