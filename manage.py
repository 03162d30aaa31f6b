#!/usr/bin/env python
"""Command line entry point of Sundial."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_ui.settings")
    execute_from_command_line(sys.argv)
