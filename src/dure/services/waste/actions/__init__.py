# SPDX-License-Identifier: Apache-2.0
"""Verbs that change waste collection's record; each is one transaction and leaves an audit entry."""
