# SPDX-License-Identifier: Apache-2.0
"""Verbs that change the complaint desk's record; each is one transaction and leaves an audit entry."""
