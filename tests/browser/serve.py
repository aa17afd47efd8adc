# SPDX-License-Identifier: Apache-2.0
"""``python -m tests.browser.serve …``: ``dure …`` with passwords hashed once over; many sign-ins, none worth protecting."""

import sys

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from dure.cli import main

PBKDF2PasswordHasher.iterations = 1

if __name__ == "__main__":
    sys.exit(main())
