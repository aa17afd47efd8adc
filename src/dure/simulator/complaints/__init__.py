# SPDX-License-Identifier: Apache-2.0
"""Citizens of the made city who complain, and the departments and texts of its complaint desk. All words are ours."""
