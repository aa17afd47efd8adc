# SPDX-License-Identifier: Apache-2.0
"""Figures beside a peer or a limit: ``python -m benchmarks.NAME``."""
