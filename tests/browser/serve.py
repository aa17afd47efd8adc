# SPDX-License-Identifier: Apache-2.0
"""``python -m tests.browser.serve …``: ``dure …`` with cheap passwords, for there are many sign-ins."""

import sys

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from dure.cli import main

PBKDF2PasswordHasher.iterations = 1

if __name__ == "__main__":
    sys.exit(main())
