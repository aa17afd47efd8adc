#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Django's own commands (makemigrations, makemessages); everything else is ``dure``."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.web.settings")
    execute_from_command_line(sys.argv)
