# SPDX-License-Identifier: Apache-2.0
"""A made city that speaks the platform's own protocols, and keeps the truth for scoring (ADR 0010).

Nothing here imports the record, a service, a gateway or the web: the simulator knows the platform only by
its doors. Every made value is a pure function of (seed, home, day), so any interval of any home can be made
again at any time without keeping it.
"""
