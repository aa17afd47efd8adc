# SPDX-License-Identifier: Apache-2.0
"""The desk's mailbox: letters come in by IMAP, answers go out by SMTP."""
