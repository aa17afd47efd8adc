# SPDX-License-Identifier: Apache-2.0
"""The HTTP door: ``POST /api/v1/readings``."""
