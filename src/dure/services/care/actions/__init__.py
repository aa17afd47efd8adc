# SPDX-License-Identifier: Apache-2.0
"""Verbs that change what care keeps; each is one transaction and leaves an audit entry."""
